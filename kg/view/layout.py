"""Places for boxes on paper, in CSS pixels, so that no two of them overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from typing import Any

import numpy as np

from kg.network import Part

EDGE = 95.0
"""How long an edge is before boxes are pushed apart, in a part that is drawn as one."""
EDGE_IN_GROUPS = 46.0
"""The same in a drawing of many groups, where not every label is shown."""

_STRETCH = 1.25  # labels are wider than high
_GAP = 12.0
_BETWEEN_GROUPS = 34.0
_BETWEEN_PARTS = 40.0
_ROUNDS = 300
_DIRECTIONS = 12

Array = np.ndarray[Any, Any]
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """The place that a node takes with its label: half its width, how far it reaches up and down from its middle."""

    half_width: float
    up: float
    down: float


@dataclass(frozen=True, slots=True)
class _Block:
    """Places of some nodes, and the rectangle from (0, 0) that holds their boxes."""

    places: Mapping[str, Place]
    width: float
    height: float


def arrange(
    parts: Sequence[Part], boxes: Mapping[str, Box], links: Sequence[tuple[str, str]] = ()
) -> dict[str, tuple[int, int]]:
    """Whole-pixel middles of all nodes; each part keeps its own shape, and parts lie beside and below each other.

    Groups of one part are turned so that the `links` between them are short.
    """
    crowded = any(len(part.groups) > 1 for part in parts)
    return _packed([_part(part, boxes, links, crowded=crowded) for part in parts])


def _part(part: Part, boxes: Mapping[str, Box], links: Sequence[tuple[str, str]], *, crowded: bool) -> _Block:
    if len(part.groups) == 1:
        if crowded:
            return _spread(part.groups[0], boxes, EDGE_IN_GROUPS)
        # a small part has room to spare, which names on its edges need
        return _spread(part.groups[0], boxes, EDGE * max(1.0, 1.7 - len(part.groups[0]) / 50))
    reach = sqrt(sum(map(len, part.groups)) / len(part.groups)) * EDGE_IN_GROUPS
    middles = [(x * reach * 1.2 * _STRETCH, y * reach * 1.2) for x, y in part.middles]
    across, down = zip(*middles, strict=True)
    if max(down) - min(down) > max(across) - min(across):
        middles = [(y, x) for x, y in middles]  # screens are wider than high
    raw = [{node: (a * EDGE_IN_GROUPS, b * EDGE_IN_GROUPS) for node, (a, b) in group.items()} for group in part.groups]
    turned = _moved(raw, middles, _outwards(raw, links), _TURNS)
    blocks = [_spread(group, boxes, 1.0) for group in turned]
    frames = [Box((one.width + _BETWEEN_GROUPS) / 2, (one.height + _BETWEEN_GROUPS) / 2, 0) for one in blocks]
    frames = [Box(frame.half_width, frame.up, frame.up) for frame in frames]
    x, y = _apart(
        np.array([place[0] for place in middles]),
        np.array([place[1] for place in middles]),
        np.array([frame.half_width for frame in frames]),
        np.array([frame.up for frame in frames]),
    )
    inside = [
        {node: (left - block.width / 2, top - block.height / 2) for node, (left, top) in block.places.items()}
        for block in blocks
    ]
    middles = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    inside = _moved(inside, middles, _outwards(inside, links), _FLIPS)
    places = {
        node: (middles[i][0] + across, middles[i][1] + down)
        for i, group in enumerate(inside)
        for node, (across, down) in group.items()
    }
    return _framed(places, boxes)


_Links = list[tuple[str, int, str]]
"""Links of one group: a node of it, and the number of another group with the node there."""


def _outwards(groups: Sequence[Mapping[str, Place]], links: Sequence[tuple[str, str]]) -> list[_Links]:
    home = {node: number for number, group in enumerate(groups) for node in group}
    result: list[_Links] = [[] for _ in groups]
    for one, other in links:
        if one in home and other in home and home[one] != home[other]:
            result[home[one]].append((one, home[other], other))
            result[home[other]].append((other, home[one], one))
    return result


def _moved(
    groups: Sequence[Mapping[str, Place]],
    middles: Sequence[Place],
    outwards: Sequence[_Links],
    ways: Sequence[Array],
) -> list[dict[str, Place]]:
    """Each group turned or mirrored, largest first, in the way that makes its links to other groups shortest."""
    now: list[dict[str, Place]] = [dict(group) for group in groups]
    for number, links in enumerate(outwards):
        if not links or len(now[number]) == 1:
            continue
        here = np.array([now[number][node] for node, _, _ in links])
        there = np.array(
            [
                [now[other][node][axis] + middles[other][axis] - middles[number][axis] for axis in (0, 1)]
                for _, other, node in links
            ]
        )
        best = min(range(len(ways)), key=lambda way: _length(here @ ways[way] - there))
        turned = np.array(list(now[number].values())) @ ways[best]
        now[number] = {node: (float(a), float(b)) for node, (a, b) in zip(now[number], turned.tolist(), strict=True)}
    return now


def _length(gaps: Array) -> float:
    return float(np.hypot(gaps[:, 0], gaps[:, 1]).sum())


def _matrix(angle: float, mirror: int) -> Array:
    return np.array([[cos(angle), sin(angle)], [-mirror * sin(angle), mirror * cos(angle)]])


_TURNS = [_matrix(2 * pi * step / 12, mirror) for step in range(12) for mirror in (1, -1)]
_FLIPS = [np.diag([across, down]) for across in (1.0, -1.0) for down in (1.0, -1.0)]
"""Ways that leave a group inside its frame."""


def _spread(group: Mapping[str, Place], boxes: Mapping[str, Box], edge: float) -> _Block:
    nodes = list(group)
    x = np.array([group[node][0] for node in nodes]) * edge * _STRETCH
    y = np.array([group[node][1] for node in nodes]) * edge
    half = np.array([boxes[node].half_width for node in nodes])
    up = np.array([boxes[node].up for node in nodes])
    down = np.array([boxes[node].down for node in nodes])
    shift = (down - up) / 2
    x, y = _apart(x, y + shift, half, (up + down) / 2)
    return _framed({node: (float(x[i]), float(y[i] - shift[i])) for i, node in enumerate(nodes)}, boxes)


def _framed(places: Mapping[str, Place], boxes: Mapping[str, Box]) -> _Block:
    left = min(x - boxes[node].half_width for node, (x, _) in places.items())
    right = max(x + boxes[node].half_width for node, (x, _) in places.items())
    top = min(y - boxes[node].up for node, (_, y) in places.items())
    bottom = max(y + boxes[node].down for node, (_, y) in places.items())
    return _Block({node: (x - left, y - top) for node, (x, y) in places.items()}, right - left, bottom - top)


def _apart(x: Array, y: Array, half: Array, tall: Array) -> tuple[Array, Array]:
    """Pushes boxes apart, each pair along the axis on which it overlaps less; what is still hit then moves outwards."""
    size = len(x)
    # Which of two boxes in one place yields to the left or upwards: the earlier one.
    order = np.sign(np.arange(size)[:, None] - np.arange(size)[None, :]).astype(float)
    wide = half[:, None] + half[None, :] + _GAP
    high = tall[:, None] + tall[None, :] + _GAP
    for _ in range(_rounds(size)):
        dx, dy = x[:, None] - x[None, :], y[:, None] - y[None, :]
        over_x, over_y = wide - np.abs(dx), high - np.abs(dy)
        hit = (over_x > 0) & (over_y > 0)
        np.fill_diagonal(hit, val=False)
        if not hit.any():
            return x, y
        sideways = hit & (over_x <= over_y)
        upwards = hit & ~sideways
        x = x + 0.55 * _mean(np.where(sideways, over_x * np.where(dx == 0, order, np.sign(dx)), 0.0), sideways)
        y = y + 0.55 * _mean(np.where(upwards, over_y * np.where(dy == 0, order, np.sign(dy)), 0.0), upwards)
    return _settled(x, y, half, tall)


def _rounds(size: int) -> int:
    # a round costs the square of the number of boxes
    return min(_ROUNDS, 20 + 4_000_000 // (size * size + 1))


def _mean(push: Array, hit: Array) -> Array:
    # The mean and not the sum: a box amid many would else be thrown far out.
    return np.asarray(push.sum(axis=1) / np.maximum(hit.sum(axis=1), 1))


def _settled(x: Array, y: Array, half: Array, tall: Array) -> tuple[Array, Array]:
    """Box after box from the middle outwards, each at the free place next to where it was: none overlap."""
    done = np.zeros(len(x), dtype=bool)
    x, y = x.copy(), y.copy()
    middle_x, middle_y = x.mean(), y.mean()
    for i in np.lexsort((np.arange(len(x)), np.hypot(x - middle_x, y - middle_y))):
        others = np.flatnonzero(done)
        wide, high = half[others] + half[i] + _GAP / 2, tall[others] + tall[i] + _GAP / 2
        for across, down in _rings(float(x[i]), float(y[i])):
            if not ((np.abs(x[others] - across) < wide) & (np.abs(y[others] - down) < high)).any():
                x[i], y[i] = across, down
                break
        done[i] = True
    return x, y


def _rings(x: float, y: float) -> Iterator[Place]:
    yield x, y
    step = 0
    while True:
        step += 1
        radius = 9.0 * step
        for turn in range(_DIRECTIONS):
            angle = 2 * pi * (turn + step / 2) / _DIRECTIONS
            yield x + _STRETCH * radius * cos(angle), y + radius * sin(angle)


def _packed(blocks: Sequence[_Block]) -> dict[str, tuple[int, int]]:
    """Rows of parts, the highest first, about as wide as high."""
    area = sum((block.width + _BETWEEN_PARTS) * (block.height + _BETWEEN_PARTS) for block in blocks)
    limit = max([block.width for block in blocks] + [sqrt(area * 1.35)])
    result: dict[str, tuple[int, int]] = {}
    left = top = row = 0.0
    for block in sorted(blocks, key=lambda one: -one.height):
        if left and left + block.width > limit:
            left, top, row = 0.0, top + row + _BETWEEN_PARTS, 0.0
        for node, (x, y) in block.places.items():
            result[node] = (round(left + x), round(top + y))
        left += block.width + _BETWEEN_PARTS
        row = max(row, block.height)
    return result
