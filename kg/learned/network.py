"""The network that judges pairs of nodes: a small encoder, and a classifier of pairs that looks at the text.

The encoder is a BERT; its lower layers are frozen. A pair is looked at in several rows: once as a whole, its nodes
being all that is said of them (log-sum-exp over their mentions, as in ATLOP: Zhou et al., AAAI 2021), and once for each
of the closest pairs of their mentions; the best rows speak for the pair (log-sum-exp again, as in multi-instance
learning), which is then weighed among its rivals (`rivals`). A row is described by its two ends, by what it attends to
in the text, and by the features of `candidates`, `company` and `moods`. The attention knows where each piece stands: in
the sentence of subject or object, on the path between them in the tree, above one of them; gold evidence supervises it
(as in DREEAM: Ma et al., EACL 2023). Labels are independent; modality and tense are asked of each label.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from kg import encoder
from kg.learned.candidates import CLASSES, LABELS, MENTION_TYPES, MODALITIES, WIDTH
from kg.learned.company import COMPANY
from kg.learned.moods import MOODS
from kg.learned.pooling import logsumexp, sums
from kg.learned.rivals import Rivals, places
from kg.stanza_pack import SHIPPED

TENSES = 3
PLACES = (
    "in the subject's sentence",
    "in the object's sentence",
    "the subject",
    "the object",
    "above the subject",
    "above the object",
    "on the path",
    "between",
    "headline",
)
"""What is known of the place of a word piece with regard to a row: bits of a code, the first the lowest."""
_BITS = (torch.arange(2 ** len(PLACES))[:, None] >> torch.arange(len(PLACES)) & 1).float()
"""All codes of PLACES, spelt out as zeros and ones."""
ROW = 9 + COMPANY + MOODS
"""Features of a row: whole pair, same sentence, neighbouring sentences, subject's mention alone, object's alone,
subject first, closeness, recency of the one that is understood, whether the subject says it; then COMPANY
and MOODS."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes: layers of the encoder in all and how many of them are frozen, width of the row's vector, heads."""

    layers: int = 8
    frozen: int = 2
    pair: int = 256
    heads: int = 4
    dropout: float = 0.2


@dataclass(frozen=True, slots=True)
class Inputs:
    """One window of one article as tensors.

    `types`: mention type of each piece (T); `spots`: for each mention of a node (node, first piece, last piece),
    ordered by node (S, 3); `classes`: class of each node (N); `pairs`: positions of nodes (P, 2); `features`: those of
    the pairs (P, WIDTH); `rows`: pair, subject and object, these two as positions in nodes and then spots (below N: a
    node), ordered by pair (R, 3); `near`: features of the rows (R, ROW); `places`: codes of PLACES (R, T).
    """

    types: Tensor
    spots: Tensor
    classes: Tensor
    pairs: Tensor
    features: Tensor
    rows: Tensor
    near: Tensor
    places: Tensor


@dataclass(frozen=True, slots=True)
class Judged:
    """What the network makes of each pair, as logits, and where it looked.

    `labels` (P, L), `modality` (P, L, 3), `tense` (P, L, 3); `ahead` (P): whether the subject has more goals than the
    object, where they played; `shares` (R, L): how much each row speaks for its pair, label by label; `weights` (R, T):
    how much each piece weighs in a row.
    """

    labels: Tensor
    modality: Tensor
    tense: Tensor
    ahead: Tensor
    shares: Tensor
    weights: Tensor


@dataclass(frozen=True, slots=True)
class Ground:
    """What all rows of a window share.

    Nodes and spots as subjects and as objects (N + S, pair), pieces as the attention's keys and values (T, pair).
    """

    subjects: Tensor
    objects: Tensor
    keys: Tensor
    values: Tensor


class Network(nn.Module):
    """Encoder and classifier; `bert` is a transformers BertModel."""

    def __init__(self, bert: Any, shape: Shape) -> None:
        super().__init__()
        size = bert.config.hidden_size
        self.shape = replace(shape, layers=min(shape.layers, len(bert.encoder.layer)))
        self.embeddings = bert.embeddings
        self.lower = nn.ModuleList(bert.encoder.layer[: shape.frozen])
        self.upper = nn.ModuleList(bert.encoder.layer[shape.frozen : shape.layers])
        upper: Any = self.upper
        for layer in upper:
            layer.attention.self.dropout.p = 0.0  # the fast kernel takes none, and the classifier has its own
        for part in (self.embeddings, self.lower):
            for parameter in part.parameters():
                parameter.requires_grad = False
        self.types = nn.Embedding(len(MENTION_TYPES), size)
        self.no_spot = nn.Parameter(torch.zeros(size))
        self.classes = nn.Embedding(len(CLASSES), 32)
        self.subject = nn.Linear(size, shape.pair)
        self.object = nn.Linear(size, shape.pair)
        self.subject_node = nn.Linear(size, shape.pair)
        self.object_node = nn.Linear(size, shape.pair)
        self.known = nn.Linear(WIDTH + ROW + 64, shape.pair)
        self.query = nn.Linear(2 * shape.pair, shape.pair)
        self.key = nn.Linear(size, shape.pair)
        self.value = nn.Linear(size, shape.pair)
        self.places = nn.Linear(len(PLACES), shape.heads, bias=False)
        self.mix = nn.Linear(5 * shape.pair, 2 * shape.pair)
        self.dropout = nn.Dropout(shape.dropout)
        self.to_labels = nn.Linear(2 * shape.pair, len(LABELS))
        self.to_modality = nn.Linear(2 * shape.pair, len(LABELS) * len(MODALITIES))
        self.to_tense = nn.Linear(2 * shape.pair, len(LABELS) * TENSES)
        self.to_ahead = nn.Linear(2 * shape.pair, 1)
        self.rivals = Rivals(2 * shape.pair, len(LABELS))
        # rules speak for themselves: a direct way from each label's features to its logit
        self.shortcut = nn.Linear(WIDTH, len(LABELS))
        nn.init.normal_(self.types.weight, std=0.02)
        nn.init.zeros_(self.shortcut.weight)
        nn.init.constant_(self.to_labels.bias, -4.0)
        with torch.no_grad():  # to begin with, look at the path, then at the sentences of both
            start = (1.0, 1.0, 0.5, 0.5, 1.5, 1.5, 3.0, 1.5, 0.0)
            sharpness = [1.2 - 0.8 * head / max(1, shape.heads - 1) for head in range(shape.heads)]
            self.places.weight.copy_(torch.tensor([[sharp * value for value in start] for sharp in sharpness]))

    @property
    def padding(self) -> int:
        """The id of the piece that fills up where windows lie side by side."""
        return int(self.embeddings.word_embeddings.padding_idx or 0)

    @torch.no_grad()
    def beneath(self, ids: Tensor) -> Tensor:
        """What the frozen layers make of a window's pieces: (T) → (T, size)."""
        hidden = self.embeddings(input_ids=ids[None])
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and has_half()):
            for layer in self.lower:
                hidden = states_of(layer(hidden))
        states: Tensor = hidden[0].float()
        return states

    def forward(self, beneath: Tensor, inputs: Inputs) -> Judged:
        """Judges all pairs of a window, given the output of the frozen layers."""
        return self.judge(self.read(beneath, inputs), inputs)

    def read(self, beneath: Tensor, inputs: Inputs) -> Tensor:
        """The states of a window's pieces, (T, size), given the output of the frozen layers."""
        hidden = (beneath + self.types(inputs.types))[None]
        # training takes the processor's fast half precision; reading does not, so that all machines read the same
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and has_half()):
            for layer in self.upper:
                hidden = states_of(layer(hidden))
        states: Tensor = self.dropout(hidden[0].float())
        return states

    def judge(self, states: Tensor, inputs: Inputs) -> Judged:
        """Judges all pairs of a window, given the states of its pieces."""
        return self.judged(self.ground(states, inputs), inputs)

    def judged(self, ground: Ground, inputs: Inputs) -> Judged:
        """Judges all pairs of a window, given what its rows look at."""
        row, weights = self._rows(ground, inputs)
        of = inputs.rows[:, 0]
        cells = functional.pad(places(inputs.pairs), (1, 0))  # all of one window
        return self.verdict(row, weights, of, inputs.features, self.rivals(row, of, cells))

    def verdict(self, row: Tensor, weights: Tensor, of: Tensor, features: Tensor, rivals: Tensor) -> Judged:
        """What rows say of their pairs.

        `row` are their vectors (R, 2 * pair), `weights` where they look (R, T), `of` their pairs (R); `features` of
        the pairs (P, WIDTH), `rivals` what these make of each other (P, L).
        """
        count = len(features)
        logits = self.to_labels(row)
        labels = logsumexp(logits, of, count)
        shares = torch.exp(logits - labels[of])
        modality = self.to_modality(row).view(-1, len(LABELS), len(MODALITIES)) * shares[..., None]
        tense = self.to_tense(row).view(-1, len(LABELS), TENSES) * shares[..., None]
        ahead = self.to_ahead(row)[:, 0] * shares[:, LABELS.index("playedMatch")]
        return Judged(
            labels=labels + self.shortcut(features) + rivals,
            modality=sums(modality, of, count),
            tense=sums(tense, of, count),
            ahead=sums(ahead, of, count),
            shares=shares,
            weights=weights,
        )

    def ground(self, states: Tensor, inputs: Inputs) -> Ground:
        """What the rows of a window look at, given the states of its pieces."""
        nodes, spots = self._ends(states, inputs)
        return self.grounded(states, nodes, spots, inputs.spots[:, 0])

    def grounded(self, states: Tensor, nodes: Tensor, spots: Tensor, owner: Tensor) -> Ground:
        """What rows look at, given the vectors of nodes and spots and the node of each spot."""
        owners = torch.cat([torch.arange(len(nodes), device=owner.device), owner])
        ends = torch.cat([nodes, spots])
        return Ground(
            subjects=torch.tanh(self.subject(ends) + self.subject_node(nodes)[owners]),
            objects=torch.tanh(self.object(ends) + self.object_node(nodes)[owners]),
            keys=self.key(states),
            values=self.value(states),
        )

    def erased(self, ground: Ground, inputs: Inputs, row: int, hidden: Tensor) -> Tensor:
        """What a row says of each label when it may not look at some pieces: masks (K, T) → logits (K, L)."""
        alone = replace(
            inputs,
            rows=inputs.rows[row : row + 1],
            near=inputs.near[row : row + 1],
            places=inputs.places[row : row + 1],
        )
        logits: Tensor = self.to_labels(self._rows(ground, alone, hidden)[0])
        return logits

    def _rows(self, ground: Ground, inputs: Inputs, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Vectors of the rows, (R, 2 * pair), and where they look, (R, T); of one row for each mask of `hidden`."""
        of, first, second = inputs.rows.unbind(-1)
        left, right = ground.subjects[first], ground.objects[second]
        context, weights = self._context(ground, left, right, inputs.places, hidden)
        kinds = self.classes(inputs.classes)[inputs.pairs].flatten(1)
        features = torch.cat([inputs.features, kinds], -1)[of]
        return self.mixed(left, right, context, torch.cat([features, inputs.near], -1)), weights

    def mixed(self, left: Tensor, right: Tensor, context: Tensor, features: Tensor) -> Tensor:
        """Vectors of rows, (R, 2 * pair), from their two ends, what they see of the text, and their features."""
        known = torch.relu(self.known(features))
        parts = (part.expand(len(context), -1) for part in (left * right, left, right, known))
        vectors: Tensor = self.dropout(torch.relu(self.mix(torch.cat([context, *parts], -1))))
        return vectors

    def _context(
        self, ground: Ground, left: Tensor, right: Tensor, places: Tensor, hidden: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """What each row sees of the text, (R, pair), and of each piece, (R, T); `hidden` pieces it does not see."""
        heads, length = self.shape.heads, len(ground.keys)
        width = self.shape.pair // heads
        query = self.query(torch.cat([left, right], -1)).view(-1, heads, width).transpose(0, 1)
        key = ground.keys.view(length, heads, width).transpose(0, 1)
        value = ground.values.view(length, heads, width).transpose(0, 1)
        known: Tensor = self.places(_BITS)
        scores = query @ key.transpose(1, 2) / width**0.5 + known[places.int()].permute(2, 0, 1)
        if hidden is not None:
            scores = scores.masked_fill(hidden, float("-inf"))
        weights = torch.softmax(scores, -1)
        seen = (weights @ value).transpose(0, 1).reshape(weights.shape[1], -1)
        return torch.tanh(seen), weights.mean(0)

    def _ends(self, states: Tensor, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """Vectors of the nodes, (N, size), and of their spots, (S, size); a node without a spot gets `no_spot`."""
        owner, first, last = inputs.spots.unbind(-1)
        inside = torch.arange(len(states))
        chosen = ((inside >= first[:, None]) & (inside < last[:, None])).float()
        spots = chosen @ states / chosen.sum(-1, keepdim=True)
        count = len(inputs.classes)
        nodes = self.no_spot.expand(count, -1)
        named = torch.zeros(count, dtype=torch.bool)
        named[owner] = True
        if len(owner):
            nodes = torch.where(named[:, None], logsumexp(spots, owner, count), nodes)
        return nodes, spots


@cache
def has_half() -> bool:
    """Whether the processor has half precision in its wiring: without it, it is slower than single precision.

    Only training asks, so weights trained on two kinds of processor differ.
    """
    asked = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("amx_tile", "avx512_bf16"))
    return any(ask() for ask in asked if ask is not None)


def states_of(output: Any) -> Tensor:
    """The hidden states of a layer's output, which is a tuple in some versions of transformers."""
    states: Tensor = output[0] if isinstance(output, tuple) else output
    return states


# Files ---------------------------------------------------------------------------------------------------

WEIGHTS = "reader.pt"
"""Name of the file with shape, encoder's settings and weights."""
SHARED = SHIPPED / "it" / "encoder"
"""The encoder of kg's pack, whose embeddings and word pieces serve here, too."""
_EMBEDDINGS = "embeddings."


def save(network: Network, settings: dict[str, Any], file: Path) -> None:
    """Writes a network: matrices as 8-bit integers with a scale for each row, the rest in single precision.

    `settings` are those of the encoder's `config.json`. The embeddings are left out if they are those of the encoder in
    kg's own pack.
    """
    weights = network.state_dict()
    if _are(network.embeddings, encoder.embeddings(SHARED)):
        weights = {name: value for name, value in weights.items() if not name.startswith(_EMBEDDINGS)}
    packed = {name: _packed(value) for name, value in weights.items()}
    torch.save({"shape": asdict(network.shape), "encoder": settings, "weights": packed}, file)


def load(folder: Path) -> Network:
    """The network of a folder; OSError, ValueError, KeyError or RuntimeError where it is missing or damaged."""
    from transformers import BertConfig, BertModel

    kept = torch.load(folder / WEIGHTS, map_location="cpu", weights_only=True)
    shape = Shape(**kept["shape"])
    config = BertConfig(**kept["encoder"])
    config.num_hidden_layers = shape.layers
    with torch.device("meta"):  # no time is spent on numbers that are replaced at once
        network = Network(BertModel(config, add_pooling_layer=False), shape)
    weights = {name: _unpacked(value) for name, value in kept["weights"].items()}
    if not any(name.startswith(_EMBEDDINGS) for name in weights):
        weights |= {_EMBEDDINGS + name: value for name, value in encoder.embeddings(SHARED).items()}
    network.load_state_dict(weights, assign=True)
    for name, buffer in network.embeddings.named_buffers():
        if buffer.is_meta:  # positions are counted, not kept
            setattr(
                network.embeddings, name, torch.arange(buffer.shape[-1]).expand(buffer.shape) * int("type" not in name)
            )
    return network


def _are(module: nn.Module, known: dict[str, Tensor]) -> bool:
    """Whether a module's weights are those known, but for their rounding to 8 bits."""
    own = module.state_dict()
    return own.keys() == known.keys() and all(
        value.shape == known[name].shape
        and bool(((value - known[name]).abs() <= value.abs().amax(-1, keepdim=True) / 127).all())
        for name, value in own.items()
    )


def _packed(value: Tensor) -> Tensor | tuple[Tensor, Tensor]:
    if value.dim() != 2 or value.numel() < 4096:
        return value
    scale = value.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
    return (value / scale).round().to(torch.int8), scale.half()


def _unpacked(value: Tensor | tuple[Tensor, Tensor]) -> Tensor:
    if isinstance(value, Tensor):
        return value.float() if value.is_floating_point() else value
    numbers, scale = value
    return numbers.float() * scale.float()
