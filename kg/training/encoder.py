"""Tunes a small encoder on tags, trees and names at once, and stores it small.

Stanza can tune a `bert_model` only inside one part, which leaves every part with its own; tuned once for all
of them and then frozen, one encoder serves the tagger, the parser and the name tagger. The heads used here are the
plainest there are (linear, biaffine) and are thrown away: what stays is Stanza's own networks on the frozen encoder.
"""

from __future__ import annotations

import itertools
import logging
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from kg.training.corpora import NAME_TYPES, NamedSentence, Tree
from kg.training.errors import TrainingError
from kg.training.loop import Schedule, random_states, restore_random

logger = logging.getLogger("kg.training")

LONGEST = 120
"""Words: longer sentences are left out of tuning (a few of the treebanks' lists)."""

_NAME_TAGS = ("O", *(f"{place}-{kind}" for kind in NAME_TYPES for place in "BI"))
_IGNORED = -100
_HIDDEN = 0.05
"""Share of the word pieces that are kept from the encoder in training, so that it reads what stands around."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree as numbers: for each word its part of speech, features, head (0 is the root) and relation."""

    words: tuple[str, ...]
    upos: tuple[int, ...]
    feats: tuple[int, ...]
    heads: tuple[int, ...]
    relations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """The closed lists that the numbers of `Parsed` count in."""

    upos: tuple[str, ...]
    feats: tuple[str, ...]
    relations: tuple[str, ...]


def labels_of(trees: Sequence[Tree], rarest: int = 3) -> Labels:
    """The labels of a treebank; sets of features seen fewer than `rarest` times are left out."""
    rows = [row for tree in trees for row in tree.words]
    feats = Counter(row[5] for row in rows)
    return Labels(
        tuple(sorted({row[3] for row in rows})),
        tuple(sorted(name for name, times in feats.items() if times >= rarest)),
        tuple(sorted({row[7] for row in rows})),
    )


def parsed(tree: Tree, labels: Labels) -> Parsed:
    """A tree as numbers; a label that the list lacks becomes one that no loss counts."""
    rows = tree.words

    def numbers(column: int, known: tuple[str, ...]) -> tuple[int, ...]:
        place = {name: number for number, name in enumerate(known)}
        return tuple(place.get(row[column], _IGNORED) for row in rows)

    return Parsed(
        tuple(row[1] for row in rows),
        numbers(3, labels.upos),
        numbers(5, labels.feats),
        tuple(int(row[6]) for row in rows),
        numbers(7, labels.relations),
    )


class Encoder(nn.Module):
    """The first `layers` layers of a BERT folder with its tokenizer: words in, one vector a word out.

    A word's vector is that of its last piece, as Stanza takes it; the sentence's first vector stands for the root.
    """

    def __init__(self, folder: Path, layers: int | None = None) -> None:
        super().__init__()
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        known = (self.tokenizer.mask_token_id, self.tokenizer.unk_token_id)
        self.mask: int = next((number for number in known if number is not None), 0)
        # no dropout inside attention: with it torch leaves its fused kernel
        self.bert = AutoModel.from_pretrained(
            str(folder), local_files_only=True, attention_probs_dropout_prob=0.0
        ).float()
        if layers is not None:
            if layers > len(self.bert.encoder.layer):
                raise TrainingError(f"{folder}: has {len(self.bert.encoder.layer)} layers, not {layers}")
            self.bert.encoder.layer = self.bert.encoder.layer[:layers]
            self.bert.config.num_hidden_layers = layers
        self.bert.pooler = None
        for parameter in self.bert.embeddings.parameters():
            parameter.requires_grad = False

    def forward(self, sentences: Sequence[Sequence[str]]) -> torch.Tensor:
        """Vectors of shape sentences x (1 + words of the longest) x size; place 0 is the root.

        In training some pieces are hidden, never the one of the root.
        """
        device = self.bert.device
        pieces = self.tokenizer(
            [list(words) for words in sentences], is_split_into_words=True, padding="longest", return_tensors="pt"
        )
        numbers, real = pieces["input_ids"], pieces["attention_mask"]
        if self.training:
            numbers = some_hidden(numbers, real, self.mask)
        hidden = self.bert(input_ids=numbers.to(device), attention_mask=real.to(device))[0]
        last = torch.zeros(len(sentences), 1 + max(map(len, sentences)), dtype=torch.long)
        for row in range(len(sentences)):
            for piece, word in enumerate(pieces.word_ids(row)):
                if word is not None:
                    last[row, word + 1] = piece
        return torch.gather(hidden, 1, last.to(device).unsqueeze(-1).expand(-1, -1, hidden.size(-1)))

    def save(self, folder: Path) -> None:
        """Writes the folder that `transformers` and Stanza's `bert_model` read."""
        self.bert.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


def some_hidden(numbers: torch.Tensor, real: torch.Tensor, mask: int) -> torch.Tensor:
    """The numbers of pieces (sentences x pieces) with `mask` for some that are `real` and not the first of a row."""
    hide = (torch.rand(numbers.shape) < _HIDDEN) & real.bool()
    hide[:, 0] = False
    return numbers.masked_fill(hide, mask)


class Heads(nn.Module):
    """Linear tags and names, biaffine arcs, and a label for each gold arc."""

    def __init__(self, size: int, labels: Labels, arc: int = 256, label: int = 128) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.2)
        self.upos = nn.Linear(size, len(labels.upos))
        self.feats = nn.Linear(size, len(labels.feats))
        self.names = nn.Linear(size, len(_NAME_TAGS))
        self.child, self.parent = nn.Linear(size, arc), nn.Linear(size, arc)
        self.arc = nn.Parameter(torch.zeros(arc + 1, arc))
        self.child_label, self.parent_label = nn.Linear(size, label), nn.Linear(size, label)
        self.label = nn.Linear(label, label * len(labels.relations))

    def tree_loss(self, vectors: torch.Tensor, batch: Sequence[Parsed]) -> torch.Tensor:
        """The loss of one batch of trees, a word."""
        vectors = self.dropout(vectors)
        words = vectors[:, 1:]
        device = vectors.device
        upos = _padded([tree.upos for tree in batch]).to(device)
        feats = _padded([tree.feats for tree in batch]).to(device)
        heads = _padded([tree.heads for tree in batch]).to(device)
        loss = _loss(self.upos(words), upos) + 0.5 * _loss(self.feats(words), feats)
        loss = loss + _loss(self.arcs(vectors, [len(tree.words) for tree in batch]), heads)
        real = heads >= 0
        parent = torch.gather(
            vectors, 1, heads.clamp(min=0).unsqueeze(-1).expand(-1, -1, vectors.size(-1))
        )  # fmt: skip
        # torch's own Bilinear does the same, ten times slower backwards
        wanted = self.label(functional.gelu(self.child_label(words[real])))
        above = functional.gelu(self.parent_label(parent[real]))
        scores = (wanted.view(len(above), -1, above.size(-1)) @ above.unsqueeze(-1)).squeeze(-1)
        return loss + _loss(scores, _padded([tree.relations for tree in batch]).to(device)[real])

    def arcs(self, vectors: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
        """Scores of each word's heads: sentences x words x (1 + words)."""
        child = functional.gelu(self.child(vectors[:, 1:]))
        parent = functional.gelu(self.parent(vectors))
        child = torch.cat([child, torch.ones_like(child[..., :1])], -1)
        scores = child @ self.arc @ parent.transpose(1, 2)
        places = torch.arange(scores.size(-1), device=scores.device)
        beyond = places[None, :] > torch.tensor(lengths, device=scores.device)[:, None]
        return scores.masked_fill(beyond[:, None, :], -1e4)

    def name_loss(self, vectors: torch.Tensor, batch: Sequence[NamedSentence]) -> torch.Tensor:
        """The loss of one batch of sentences with names, a token."""
        tags = _padded([tuple(_NAME_TAGS.index(tag) for tag in sentence.tags) for sentence in batch])
        return _loss(self.names(self.dropout(vectors[:, 1:])), tags.to(vectors.device))


def _padded(rows: Sequence[tuple[int, ...]]) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([(*row, *(_IGNORED,) * (longest - len(row))) for row in rows])


def _loss(scores: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(scores.flatten(0, -2), gold.flatten(), ignore_index=_IGNORED)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What an encoder is tuned on, and how: each step takes a batch of trees and one of names.

    `words` and `name_words` are their sizes, with what fills up the shorter sentences; `heads_rate` is the learning
    rate of the heads beside the schedule's; `device` is torch's name of where the numbers are worked out.
    """

    trees: Sequence[Tree]
    dev_trees: Sequence[Tree]
    names: Sequence[NamedSentence]
    schedule: Schedule
    words: int = 720
    name_words: int = 560
    heads_rate: float = 9e-4
    seed: int = 1234
    device: str = "cpu"


def tune(source: Path, layers: int, plan: Tuning, folder: Path) -> tuple[float, float]:
    """Tunes the first `layers` layers of the encoder in `source` into `folder`; returns UPOS accuracy and UAS on dev.

    Resumes from `<folder>/tuning.state` where that is, and ends as if it had not been cut off (on a processor to the
    byte; a GPU adds in no fixed order). Raises TrainingError where there is nothing to learn from.
    """
    if not plan.trees or not plan.names:
        raise TrainingError("an encoder is tuned on trees and names: one of the two is missing")
    torch.manual_seed(plan.seed)
    encoder = Encoder(source, layers).to(plan.device)
    labels = labels_of(plan.trees)
    heads = Heads(encoder.bert.config.hidden_size, labels).to(plan.device)
    trees = [tree for tree in (parsed(tree, labels) for tree in plan.trees) if len(tree.words) <= LONGEST]
    names = [sentence for sentence in plan.names if len(sentence.tokens) <= LONGEST]
    free = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": free, "scale": 1.0}, {"params": heads.parameters(), "scale": plan.heads_rate / plan.schedule.rate}],
        lr=plan.schedule.rate, weight_decay=0.01,
    )  # fmt: skip
    state_file = folder / "tuning.state"
    folder.mkdir(parents=True, exist_ok=True)
    first = 1
    if state_file.exists():
        state = torch.load(state_file, map_location="cpu", weights_only=True)
        encoder.bert.encoder.load_state_dict(state["encoder"])
        heads.load_state_dict(state["heads"])
        optimizer.load_state_dict(state["optimizer"])
        restore_random(state["random"])
        first = state["step"] + 1
        logger.info("encoder: goes on after step %d", state["step"])
    tree_batches = itertools.islice(
        _endless([(len(tree.words), tree) for tree in trees], plan.words, plan.seed), first - 1, None
    )
    name_batches = itertools.islice(
        _endless([(len(sentence.tokens), sentence) for sentence in names], plan.name_words, plan.seed), first - 1, None
    )
    loss, since, score = [0.0, 0.0], time.monotonic(), (0.0, 0.0)
    for step in range(first, plan.schedule.steps + 1):
        encoder.train()
        heads.train()
        for group in optimizer.param_groups:
            group["lr"] = plan.schedule.rate_at(step) * group["scale"]
        optimizer.zero_grad()
        of_trees, of_names = next(tree_batches), next(name_batches)
        # backwards after each, so that memory holds one of the two
        on_trees = heads.tree_loss(encoder([tree.words for tree in of_trees]), of_trees)
        torch.autograd.backward(on_trees)
        on_names = heads.name_loss(encoder([sentence.tokens for sentence in of_names]), of_names)
        torch.autograd.backward(on_names)
        nn.utils.clip_grad_norm_([*free, *heads.parameters()], 1.0)
        optimizer.step()
        loss = [0.98 * old + 0.02 * new.item() for old, new in zip(loss, (on_trees, on_names), strict=True)]
        if step % plan.schedule.every == 0 or step == plan.schedule.steps:
            taken = (time.monotonic() - since) / plan.schedule.every
            score = _check(encoder, heads, [parsed(tree, labels) for tree in plan.dev_trees])
            logger.info(
                "encoder: step %d of %d, loss %.3f trees %.3f names, dev UPOS %.4f UAS %.4f, %.2f s a step",
                step, plan.schedule.steps, *loss, *score, taken,
            )  # fmt: skip
            encoder.save(folder)
            unfinished = state_file.with_suffix(".partial")
            torch.save(
                {
                    "step": step,
                    "encoder": encoder.bert.encoder.state_dict(),
                    "heads": heads.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "random": random_states(),
                },
                unfinished,
            )
            unfinished.replace(state_file)
            since = time.monotonic()
    return score


def _check(encoder: Encoder, heads: Heads, trees: Sequence[Parsed]) -> tuple[float, float]:
    """UPOS accuracy and UAS of the heads, greedily."""
    encoder.eval()
    heads.eval()
    right, attached, words = 0, 0, 0
    with torch.no_grad():
        ordered = sorted(trees, key=lambda tree: len(tree.words))
        for at in range(0, len(ordered), 32):
            batch = ordered[at : at + 32]
            vectors = encoder([tree.words for tree in batch])
            upos = _padded([tree.upos for tree in batch]).to(vectors.device)
            gold = _padded([tree.heads for tree in batch]).to(vectors.device)
            right += int((heads.upos(vectors[:, 1:]).argmax(-1) == upos).sum())
            attached += int((heads.arcs(vectors, [len(tree.words) for tree in batch]).argmax(-1) == gold).sum())
            words += int((gold >= 0).sum())
    return right / words, attached / words


def _endless(sized: Sequence[tuple[int, Any]], words: int, seed: int) -> Iterator[list[Any]]:
    """Batches of about `words` words of sentences of like length, in a new order each round."""
    shuffle = random.Random(seed)  # noqa: S311 - an order, no secret
    while True:
        rows = list(sized)
        shuffle.shuffle(rows)
        batches: list[list[Any]] = []
        # sorted within stretches only: batches of like length, and yet others each round
        for at in range(0, len(rows), 800):
            batch: list[Any] = []
            for length, item in sorted(rows[at : at + 800], key=lambda row: row[0]):
                if batch and (len(batch) + 1) * length > words:
                    batches.append(batch)
                    batch = []
                batch.append(item)
            if batch:
                batches.append(batch)
        shuffle.shuffle(batches)
        yield from batches
