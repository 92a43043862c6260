"""Many windows judged at once, on a graphics card: the same arithmetic as in `kg.learned.network`, padded.

A reader reads one window at a time and pads nothing, which is fastest on a processor. A card is idle most of that time:
it waits to be told what comes next. Here windows of several articles lie side by side in one tensor, pieces, rows and
grids of pairs padded to the largest; nodes, spots, pairs and rows of all windows are numbered through. The tests hold
both to the same figures and gradients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from kg.learned import rivals
from kg.learned.network import PLACES, Ground, Inputs, Judged, Network, states_of
from kg.learned.pooling import logsumexp
from kg.training.targets import Targets

_ROOM = 3 * 10**7
"""Rows times pieces of a batch, padded: some 5 GB in training."""
_FAR = -1e4
"""Added to what is padded before a softmax: as good as minus infinity, also in half precision."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A window to learn from: ids of its pieces (T), the network's inputs, and what should come out."""

    ids: Tensor
    inputs: Inputs
    targets: Targets


@dataclass(frozen=True, slots=True)
class Batch:
    """B windows side by side.

    Padded: `ids` and `types` of the pieces and which are `there` (B, T), `places` (B, R, T). Numbered through, ends of
    rows being all nodes and then all spots: `spots` as window, node, first and last piece (S, 4); `classes` (N);
    `nodes` and `pairs` as window and positions inside it (N, 2) and (P, 3); `cells` of the pairs, as window and
    positions among its nodes that have a pair (P, 3); `features` (P, WIDTH); `rows` as pair, subject, object (R, 3);
    `seats` of the rows, as window and place in it (R, 2); `near` (R, ROW).
    """

    ids: Tensor
    types: Tensor
    there: Tensor
    places: Tensor
    spots: Tensor
    classes: Tensor
    nodes: Tensor
    pairs: Tensor
    cells: Tensor
    features: Tensor
    rows: Tensor
    seats: Tensor
    near: Tensor


def collate(lessons: Sequence[Lesson], padding: int) -> tuple[Batch, Targets]:
    """Lessons as one batch with its targets; `padding` is the id of the piece that fills up."""
    nodes = _starts([len(one.inputs.classes) for one in lessons])
    spots = _starts([len(one.inputs.spots) for one in lessons])
    pairs = _starts([len(one.inputs.pairs) for one in lessons])
    ids = pad_sequence([one.ids for one in lessons], batch_first=True, padding_value=padding)
    length, looks = ids.shape[1], max(len(one.inputs.rows) for one in lessons)
    places = torch.zeros(len(lessons), looks, length, dtype=torch.int16)
    for number, one in enumerate(lessons):
        rows, pieces = one.inputs.places.shape
        places[number, :rows, :pieces] = one.inputs.places
    batch = Batch(
        ids=ids,
        types=pad_sequence([one.inputs.types for one in lessons], batch_first=True),
        there=torch.arange(length) < torch.tensor([[len(one.ids)] for one in lessons]),
        places=places,
        spots=torch.cat([_of(n, one.inputs.spots + torch.tensor([nodes[n], 0, 0])) for n, one in enumerate(lessons)]),
        classes=torch.cat([one.inputs.classes for one in lessons]),
        nodes=torch.cat([_of(n, torch.arange(len(one.inputs.classes))[:, None]) for n, one in enumerate(lessons)]),
        pairs=torch.cat([_of(n, one.inputs.pairs) for n, one in enumerate(lessons)]),
        cells=torch.cat([_of(n, rivals.places(one.inputs.pairs)) for n, one in enumerate(lessons)]),
        features=torch.cat([one.inputs.features for one in lessons]),
        rows=torch.cat(
            [_renumbered(one.inputs, nodes[n], nodes[-1] + spots[n], pairs[n]) for n, one in enumerate(lessons)]
        ),
        seats=torch.cat([_of(n, torch.arange(len(one.inputs.rows))[:, None]) for n, one in enumerate(lessons)]),
        near=torch.cat([one.inputs.near for one in lessons]),
    )
    wanted = [one.targets for one in lessons]
    spoken = [one.spoken + torch.tensor([pairs[n], 0]) for n, one in enumerate(wanted)]
    evidence = [functional.pad(one.evidence, (0, length - one.evidence.shape[1])) for one in wanted]
    joined = {name: torch.cat([getattr(one, name) for one in wanted]) for name in _BY_PAIR}
    return batch, Targets(**joined, spoken=torch.cat(spoken), evidence=torch.cat(evidence))


_BY_PAIR = ("labels", "counts", "modality", "tense", "ahead")


def parted(lessons: Sequence[Lesson]) -> Iterator[Sequence[Lesson]]:
    """Lessons in groups that fit on a card together, in their order."""
    group: list[Lesson] = []
    for lesson in lessons:
        shapes = [one.inputs.places.shape for one in (*group, lesson)]
        if group and len(shapes) * max(rows for rows, _ in shapes) * max(pieces for _, pieces in shapes) > _ROOM:
            yield group
            group = []
        group.append(lesson)
    if group:
        yield group


def _starts(counts: Sequence[int]) -> list[int]:
    """Where each window's numbers start; last, how many there are in all."""
    starts = [0]
    for count in counts:
        starts.append(starts[-1] + count)
    return starts


def _of(window: int, values: Tensor) -> Tensor:
    """Rows with the window's number before them."""
    return functional.pad(values, (1, 0), value=window)


def _renumbered(inputs: Inputs, nodes: int, spots: int, pairs: int) -> Tensor:
    """Rows with the numbers of the batch, given where nodes, spots and pairs of their window start there."""
    own = len(inputs.classes)
    ends = inputs.rows[:, 1:]
    return torch.cat([inputs.rows[:, :1] + pairs, torch.where(ends < own, ends + nodes, ends - own + spots)], -1)


def judge_together(network: Network, batch: Batch) -> Judged:
    """What a network makes of the pairs of a batch, numbered through; in training on a card in half precision."""
    states = _states(network, batch)
    ground = network.grounded(states, *_ends(network, states, batch), batch.spots[:, 1])
    of, first, second = batch.rows.unbind(-1)
    left, right = ground.subjects[first], ground.objects[second]
    context, weights = _context(network, ground, batch, left, right)
    first_of = functional.pad(batch.nodes[:, 0].bincount(minlength=len(batch.ids)).cumsum(0), (1, 0))
    ends = batch.pairs[:, 1:] + first_of[batch.pairs[:, :1]]
    features = torch.cat([batch.features, network.classes(batch.classes)[ends].flatten(1)], -1)[of]
    row = network.mixed(left, right, context, torch.cat([features, batch.near], -1))
    return network.verdict(row, weights, of, batch.features, network.rivals(row, of, batch.cells))


def _states(network: Network, batch: Batch) -> Tensor:
    """The states of all pieces, (B, T, size)."""
    is_fast = batch.ids.is_cuda and network.training
    half = torch.autocast(batch.ids.device.type, torch.bfloat16, enabled=is_fast)
    unseen = torch.zeros_like(batch.there, dtype=torch.bfloat16 if is_fast else torch.float32)
    unseen = unseen.masked_fill(~batch.there, _FAR)[:, None, None]
    with torch.no_grad(), half:
        hidden = network.embeddings(input_ids=batch.ids)
        for layer in network.lower:
            hidden = states_of(layer(hidden, attention_mask=unseen))
    hidden = hidden.float() + network.types(batch.types)
    with half:
        for layer in network.upper:
            hidden = states_of(layer(hidden, attention_mask=unseen))
    states: Tensor = network.dropout(hidden.float())
    return states


def _ends(network: Network, states: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """Vectors of the nodes, (N, size), and of their spots, (S, size)."""
    window, owner, first, last = batch.spots.unbind(-1)
    summed = functional.pad(states.cumsum(1), (0, 0, 1, 0))
    spots = (summed[window, last] - summed[window, first]) / (last - first)[:, None]
    count = len(batch.classes)
    named = torch.zeros(count, dtype=torch.bool, device=states.device)
    named[owner] = True
    nodes = torch.where(named[:, None], logsumexp(spots, owner, count), network.no_spot.expand(count, -1))
    return nodes, spots


def _context(network: Network, ground: Ground, batch: Batch, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """What each row sees of its window, (R, pair), and of each of its pieces, (R, T)."""
    count, looks, length = batch.places.shape
    heads, pair = network.shape.heads, network.shape.pair
    width = pair // heads
    seats = batch.seats.unbind(-1)
    asked = left.new_zeros(count, looks, pair).index_put(seats, network.query(torch.cat([left, right], -1)))
    query = asked.view(count, looks, heads, width).transpose(1, 2)
    key = ground.keys.view(count, length, heads, width).transpose(1, 2)
    value = ground.values.view(count, length, heads, width).transpose(1, 2)
    # spelt out, since the gradient of a look-up adds millions of pieces to the same few rows, one after the other
    bits = batch.places[..., None] >> torch.arange(len(PLACES), device=left.device, dtype=torch.int16) & 1
    known = network.places(bits.to(left.dtype)).permute(0, 3, 1, 2)
    scores = (query @ key.transpose(-1, -2) / width**0.5 + known).masked_fill(~batch.there[:, None, None], _FAR)
    weights = torch.softmax(scores, -1)
    seen = (weights @ value).transpose(1, 2).reshape(count, looks, pair)
    return torch.tanh(seen[seats]), weights.mean(1)[seats]
