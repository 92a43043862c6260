"""Trains the learned reader of claims on annotated articles: seeded, resumable, on one CPU core or more.

What the frozen lower layers make of the articles to choose by is computed once; of those to train on each time, since
other names are hidden each time. Optional claims are left out of the loss; gold evidence supervises where the
classifier looks; the best state on the development articles is kept.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from kg import evaluate
from kg.claims import Finding
from kg.evaluate import fits, names_of
from kg.gazetteer import Gazetteer
from kg.gold import GoldArticle, GoldClaim
from kg.learned.candidates import ENDORSED_FOR, LABELS, MENTION_TYPES, MODALITIES, RULED, Candidates, candidates
from kg.learned.inputs import Frame, frames
from kg.learned.network import Inputs, Judged, Network
from kg.learned.pieces import Tokenizer
from kg.learned.reader import Thresholds, decode
from kg.model import EntityClass, Extraction, Modality, Reading, Tense

logger = logging.getLogger("kg.training")
_TENSES = (Tense.PAST, Tense.PRESENT, Tense.FUTURE)
_NAMES = frozenset(MENTION_TYPES.index(str(one)) for one in EntityClass)
_MODALITY = torch.tensor(
    [{Modality.ASSERTED: 0.8, Modality.POSSIBLE: 1.4, Modality.DENIED: 2.0}[one] for one in MODALITIES]
)
"""Weights of modalities in the loss: what is asserted outnumbers what is not by eight to one."""
_EVIDENCE = 0.15
"""Weight of the loss of evidence beside that of labels."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What the network should say of a frame's pairs: shapes as in `Judged`; `counts` masks what does not count.

    `spoken` lists the gold as rows of (pair, label) (G, 2); `evidence` marks the pieces of their gold evidence (G, T).
    """

    labels: Tensor
    counts: Tensor
    modality: Tensor
    tense: Tensor
    ahead: Tensor
    spoken: Tensor
    evidence: Tensor


@dataclass(frozen=True, slots=True)
class Example:
    """One article made ready: its reading, what rules found, candidates, frames, targets and frozen layers' output."""

    gold: GoldArticle
    reading: Reading
    findings: tuple[Finding, ...]
    found: Candidates
    frames: tuple[Frame, ...]
    targets: tuple[Targets, ...]
    beneath: list[Tensor] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast: epochs, rates of encoder and classifier, articles a step, seed.

    What is kept from the network each time keeps it from remembering the articles: `hidden` is the share of nodes
    whose names it does not see, `unread` that of other pieces, `unruled` that of windows whose rules it does not hear.
    """

    epochs: int = 14
    encoder_rate: float = 1e-4
    rate: float = 5e-4
    articles: int = 4
    hidden: float = 0.2
    unread: float = 0.05
    unruled: float = 0.15
    seed: int = 7
    evaluate_every: int = 1


def example(
    article: GoldArticle, reading: Reading, findings: tuple[Finding, ...], gazetteer: Gazetteer, tokenizer: Tokenizer
) -> Example:
    """An annotated article with candidates and targets."""
    found = candidates(reading, findings, gazetteer)
    windows = tokenizer.windows(reading.document.article.text, [s.start for s in reading.document.sentences])
    framed = tuple(frames(reading, found, windows))
    marker = _Marker(article, reading, found)
    return Example(article, reading, findings, found, framed, tuple(map(marker.targets, framed)))


class _Marker:
    """Marks which pairs of an article's candidates are gold."""

    def __init__(self, article: GoldArticle, reading: Reading, found: Candidates) -> None:
        self.article = article
        self.text = reading.document.article.text
        self.found = found
        self.names = {
            number: tuple(map(evaluate.bare, (node.entity.label, *node.entity.aliases)))
            if node.entity
            else (evaluate.bare(node.key),)
            for number, node in enumerate(found.nodes)
        }
        self.taken = {
            number
            for number, names in self.names.items()
            if any(fits(names_of(article, one.name), names) for one in article.entities)
        }
        self.gold: dict[tuple[int, int, str], list[GoldClaim]] = {}
        self.optional: set[tuple[int, int, str]] = set()
        for claim in article.claims:
            for key in self._keys(claim):
                self.gold.setdefault(key, []).append(claim)
            if claim.predicate == "endorses" and claim.for_team:
                for one in self._nodes(claim.object):
                    for team in self._nodes(claim.for_team):
                        self.gold.setdefault((one, team, ENDORSED_FOR), []).append(claim)
        for claim in article.optional:
            self.optional.update(self._keys(claim))

    def _keys(self, claim: GoldClaim) -> list[tuple[int, int, str]]:
        pairs = [(s, o, claim.predicate) for s in self._nodes(claim.subject) for o in self._nodes(claim.object)]
        if claim.predicate == "playedMatch":
            pairs += [(o, s, label) for s, o, label in pairs]
        return pairs

    def _nodes(self, name: str) -> list[int]:
        """The nodes of an annotated entity, also where the article's name for it was linked to a namesake.

        What is said of «Mancini» is said of him, whoever he was taken for; were it marked as wrong, the network would
        learn to doubt what it reads.
        """
        gold = names_of(self.article, name)
        exact = [number for number, names in self.names.items() if fits(gold, names)]
        if exact:
            return exact
        others = {
            alias for one in self.article.entities if one.name != name for alias in names_of(self.article, one.name)
        }
        surfaces = set(gold) - others
        return [n for n, names in self.names.items() if n not in self.taken and surfaces & set(names)]

    def targets(self, frame: Frame) -> Targets:
        """The targets of one frame."""
        count, length = len(frame.pairs), len(frame.window.ids)
        labels = torch.zeros(count, len(LABELS))
        counts = torch.zeros(count, len(LABELS))
        modality = torch.zeros(count, len(LABELS), len(MODALITIES))
        tense = torch.full((count, len(LABELS)), -100)
        ahead = torch.full((count,), -1.0)
        spoken: list[tuple[int, int]] = []
        evidence: list[Tensor] = []
        for row, position in enumerate(frame.pairs):
            pair = self.found.pairs[position]
            for number in pair.labels:
                key = (pair.subject, pair.object, LABELS[number])
                claims = self.gold.get(key, [])
                counts[row, number] = float(bool(claims) or key not in self.optional)
                if not claims:
                    continue
                labels[row, number] = 1
                for claim in claims:
                    modality[row, number, MODALITIES.index(claim.modality)] = 1
                    if claim.tense:
                        tense[row, number] = _TENSES.index(claim.tense)
                spoken.append((row, number))
                evidence.append(self._evidence(frame, claims))
                if LABELS[number] == "playedMatch":
                    ahead[row] = self._ahead(claims[0], pair.subject)
        modality /= modality.sum(-1, keepdim=True).clamp(min=1)
        return Targets(
            labels,
            counts,
            modality,
            tense,
            ahead,
            torch.tensor(spoken, dtype=torch.long).view(-1, 2),
            torch.stack(evidence) if evidence else torch.zeros(0, length),
        )

    def _evidence(self, frame: Frame, claims: Sequence[GoldClaim]) -> Tensor:
        row = torch.zeros(len(frame.window.ids))
        for claim in claims:
            at = self.text.find(claim.evidence) if claim.evidence else -1
            if at >= 0:
                for piece, (start, end) in enumerate(frame.window.offsets):
                    if start < at + len(claim.evidence) and end > at:
                        row[piece] = 1
        return row

    def _ahead(self, claim: GoldClaim, subject: int) -> float:
        """1 where the subject has more goals, 0 where the object has, -1 where neither has or no score is given."""
        left, dash, right = claim.score.partition("-")
        if not dash or not left.isdigit() or not right.isdigit() or int(left) == int(right):
            return -1
        return float((int(left) > int(right)) is (subject in self._nodes(claim.subject)))


# Training ------------------------------------------------------------------------------------------------


def loss(judged: Judged, targets: Targets, rows: Tensor) -> Tensor:
    """The loss of one frame: labels, and for the gold ones modality, tense, turning, evidence; `rows`: their pairs."""
    gold = targets.labels > 0
    total = functional.binary_cross_entropy_with_logits(
        judged.labels, targets.labels, weight=targets.counts, reduction="sum"
    )
    if gold.any():
        chances = judged.modality.log_softmax(-1)
        total = total - (chances * targets.modality * _MODALITY)[gold].sum()
        tenses = functional.cross_entropy(judged.tense[gold], targets.tense[gold], ignore_index=-100, reduction="sum")
        total = total + 0.4 * torch.nan_to_num(tenses)
        marked = targets.evidence.sum(-1) > 0
        if marked.any():
            pair, label = targets.spoken[marked].unbind(-1)
            speaking = judged.shares[:, label].T * (rows[None] == pair[:, None])
            on_evidence = ((speaking @ judged.weights) * targets.evidence[marked]).sum(-1)
            total = total - _EVIDENCE * torch.log(on_evidence + 1e-6).sum()
        known = targets.ahead >= 0
        if known.any():
            total = total + functional.binary_cross_entropy_with_logits(
                judged.ahead[known], targets.ahead[known], reduction="sum"
            )
    return total


def prepare(network: Network, examples: Iterable[Example]) -> None:
    """Computes the frozen layers' output of each example, once."""
    for one in examples:
        if not one.beneath:
            one.beneath.extend(network.beneath(frame.ids) for frame in one.frames)


def train(
    network: Network,
    examples: Sequence[Example],
    recipe: Recipe,
    *,
    mask: int,
    check: Callable[[Network, int], float],
    state: Path,
) -> None:
    """Trains a network; after each epoch `check` gives a score, and the best weights stay in `state` (`.best`).

    `mask` is the id of the piece that hides others.
    """
    torch.manual_seed(recipe.seed)
    encoder = list(network.upper.parameters())
    inside = {id(parameter) for parameter in encoder}
    others = [p for p in network.parameters() if p.requires_grad and id(p) not in inside]
    groups = [{"params": encoder, "lr": recipe.encoder_rate}, {"params": others, "lr": recipe.rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = recipe.epochs * (len(examples) // recipe.articles + 1)
    warmup = max(10, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, max(0.0, (steps - step) / (steps - warmup)))
    )
    first, best = 0, -1.0
    if state.exists():
        # our own file, with the states of optimizer and random generators beside tensors
        kept: dict[str, Any] = torch.load(state, weights_only=False)
        network.load_state_dict(kept["network"], strict=False)
        optimizer.load_state_dict(kept["optimizer"])
        schedule.load_state_dict(kept["schedule"])
        torch.set_rng_state(kept["random"])
        first, best = kept["epoch"], kept["best"]
    for epoch in range(first, recipe.epochs):
        started = time.monotonic()
        order = list(range(len(examples)))
        random.Random(recipe.seed + epoch).shuffle(order)  # noqa: S311 - an order, no secret
        network.train()
        total = 0.0
        for start in range(0, len(order), recipe.articles):
            batch = [examples[number] for number in order[start : start + recipe.articles]]
            optimizer.zero_grad()
            for one in batch:
                for frame, targets in zip(one.frames, one.targets, strict=True):
                    ids, inputs = _hidden(frame, recipe, mask)
                    cost = loss(network(network.beneath(ids), inputs), targets, inputs.rows[:, 0]) / (10 * len(batch))
                    cost.backward()  # type: ignore[no-untyped-call]
                    total += float(cost.detach())
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        network.eval()
        score = check(network, epoch) if (epoch + 1) % recipe.evaluate_every == 0 else 0.0
        if score > best:
            best = score
            torch.save(trained(network), state.with_suffix(".best"))
        logger.info(
            "epoch %d: loss %.2f, dev %.4f (best %.4f), %.0f s",
            epoch + 1,
            total,
            score,
            best,
            time.monotonic() - started,
        )
        torch.save(
            {
                "network": trained(network),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "random": torch.get_rng_state(),
                "epoch": epoch + 1,
                "best": best,
            },
            state,
        )


def _hidden(frame: Frame, recipe: Recipe, mask: int) -> tuple[Tensor, Inputs]:
    """The ids and inputs of a frame, some of it hidden as the recipe says."""
    inputs = frame.inputs
    ids = frame.ids.clone()
    unread = (torch.rand(len(ids)) < recipe.unread) & (inputs.types == 0)
    unread[[0, -1]] = False
    ids[unread] = mask
    nodes = torch.rand(len(inputs.classes)) < recipe.hidden
    for node, first, last in inputs.spots.tolist():
        if nodes[node] and int(inputs.types[first]) in _NAMES:
            ids[first:last] = mask
    if torch.rand(()) < recipe.unruled:
        features = inputs.features.clone()
        features[:, -RULED:] = 0
        inputs = replace(inputs, features=features)
    return ids, inputs


def trained(network: Network) -> dict[str, Tensor]:
    """The weights that training changes."""
    free = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    return {name: value for name, value in network.state_dict().items() if name in free}


# Checking ------------------------------------------------------------------------------------------------


def judge(network: Network, one: Example) -> list[tuple[Frame, Judged]]:
    """The network's judgement of an example."""
    with torch.inference_mode():
        return [(frame, network(beneath, frame.inputs)) for beneath, frame in zip(one.beneath, one.frames, strict=True)]


Judgements = list[list[tuple[Frame, Judged]]]


def report(judged: Judgements, examples: Sequence[Example], thresholds: Thresholds) -> evaluate.Report:
    """The claims of the examples, decoded from what the network made of each and scored against their gold."""
    extractions = []
    for one, result in zip(examples, judged, strict=True):
        claims = decode(one.reading, one.found, result, one.findings, thresholds)
        entities = {node.entity.id: node.entity for node in one.found.nodes if node.entity}
        extractions.append(Extraction(one.reading.document.article, 0, tuple(entities.values()), claims))
    return evaluate.score([one.gold for one in examples], evaluate.from_extractions(extractions))
