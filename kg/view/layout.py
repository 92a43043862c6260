"""Places for boxes on paper, in CSS pixels, so that no two of them overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

EDGE = 95.0
"""How long an edge is before boxes are pushed apart."""

_STRETCH = 1.25  # labels are wider than high
_GAP = 12.0
_BETWEEN_PARTS = 40.0
_ROUNDS = 400
_LARGE, _ROUNDS_LARGE = 300, 80  # a round costs the square of the number of boxes


@dataclass(frozen=True, slots=True)
class Box:
    """The place that a node takes with its label: half its width, how far it reaches up and down from its middle."""

    half_width: float
    up: float
    down: float


Place = tuple[float, float]


def arrange(parts: Sequence[Mapping[str, Place]], boxes: Mapping[str, Box]) -> dict[str, tuple[int, int]]:
    """Whole-pixel middles of all nodes; each part keeps its own shape, and parts lie beside and below each other."""
    shelves: list[tuple[dict[str, Place], float, float]] = []
    for part in parts:
        spread = _spread(part, boxes)
        left = min(x - boxes[node].half_width for node, (x, _) in spread.items())
        right = max(x + boxes[node].half_width for node, (x, _) in spread.items())
        top = min(y - boxes[node].up for node, (_, y) in spread.items())
        bottom = max(y + boxes[node].down for node, (_, y) in spread.items())
        moved = {node: (x - left, y - top) for node, (x, y) in spread.items()}
        shelves.append((moved, right - left, bottom - top))
    return _packed(shelves)


def _spread(part: Mapping[str, Place], boxes: Mapping[str, Box]) -> dict[str, Place]:
    nodes = list(part)
    x = np.array([part[node][0] for node in nodes]) * EDGE * _STRETCH
    y = np.array([part[node][1] for node in nodes]) * EDGE
    half = np.array([boxes[node].half_width for node in nodes])
    up = np.array([boxes[node].up for node in nodes])
    down = np.array([boxes[node].down for node in nodes])
    shift = (down - up) / 2
    x, y = _apart(x, y + shift, half, (up + down) / 2)
    return {node: (float(x[i]), float(y[i] - shift[i])) for i, node in enumerate(nodes)}


def _apart(
    x: np.ndarray[Any, Any], y: np.ndarray[Any, Any], half: np.ndarray[Any, Any], tall: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Pushes boxes apart, each pair along the axis on which it overlaps less, until none do or the rounds are over."""
    size = len(x)
    # Which of two boxes in one place yields to the left or upwards: the earlier one.
    order = np.sign(np.arange(size)[:, None] - np.arange(size)[None, :]).astype(float)
    wide = half[:, None] + half[None, :] + _GAP
    high = tall[:, None] + tall[None, :] + _GAP
    for _ in range(_ROUNDS if size <= _LARGE else _ROUNDS_LARGE):
        dx, dy = x[:, None] - x[None, :], y[:, None] - y[None, :]
        over_x, over_y = wide - np.abs(dx), high - np.abs(dy)
        hit = (over_x > 0) & (over_y > 0)
        np.fill_diagonal(hit, val=False)
        if not hit.any():
            break
        sideways = hit & (over_x <= over_y)
        upwards = hit & ~sideways
        x = x + 0.55 * _mean(np.where(sideways, over_x * np.where(dx == 0, order, np.sign(dx)), 0.0), sideways)
        y = y + 0.55 * _mean(np.where(upwards, over_y * np.where(dy == 0, order, np.sign(dy)), 0.0), upwards)
    return x, y


def _mean(push: np.ndarray[Any, Any], hit: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    # The mean and not the sum: a box amid many would else be thrown far out.
    return np.asarray(push.sum(axis=1) / np.maximum(hit.sum(axis=1), 1))


def _packed(shelves: Sequence[tuple[dict[str, Place], float, float]]) -> dict[str, tuple[int, int]]:
    """Rows of parts, the highest first, about as wide as high."""
    area = sum((width + _BETWEEN_PARTS) * (height + _BETWEEN_PARTS) for _, width, height in shelves)
    limit = max([width for _, width, _ in shelves] + [float(np.sqrt(area * 1.35))])
    result: dict[str, tuple[int, int]] = {}
    left = top = row = 0.0
    for part, width, height in sorted(shelves, key=lambda shelf: -shelf[2]):
        if left and left + width > limit:
            left, top, row = 0.0, top + row + _BETWEEN_PARTS, 0.0
        for node, (x, y) in part.items():
            result[node] = (round(left + x), round(top + y))
        left += width + _BETWEEN_PARTS
        row = max(row, height)
    return result
