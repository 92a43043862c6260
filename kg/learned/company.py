"""What stands beside two mentions of one sentence: others that may be meant instead, and who is nearer.

Where two people and two sides cross in a sentence («via Lodi e Marchese, finiti al Genoa»), a pair is told from the
others by who stands between, who is nearest in the line and in the tree, and by the order of two enumerations of the
same length («Palermo, Bari e Cosenza si affidano a Corini, Mignani e Caserta»).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

COMPANY = 10
"""Features of two mentions: another object between, another subject between, the nearest object to the subject, the
nearest subject to the object, the same rank in enumerations of the same length, the sentence's only object, its only
subject, closeness in the tree, the nearest object and the nearest subject there."""
NOBODY = (0.0,) * COMPANY
"""Of mentions that do not stand in one sentence."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A mention in its sentence: its node, what the node stands for (person, side, …), its first piece, its head."""

    node: int
    group: str
    sentence: int
    first: int
    head: int


class Company:
    """The mentions of a window, by sentence; `steps` counts the words between two heads in a sentence's tree."""

    def __init__(self, stands: Sequence[Stand], steps: Callable[[int, int, int], int]) -> None:
        self._stands = stands
        self._steps = steps
        self._beside: dict[tuple[int, str], list[Stand]] = defaultdict(list)
        for stand in stands:
            self._beside[stand.sentence, stand.group].append(stand)
        self._known: dict[tuple[int, int, int], int] = {}
        self._orders = {place: _order(beside) for place, beside in self._beside.items()}

    def features(self, subject: int, target: int) -> tuple[float, ...]:
        """COMPANY of two mentions, given as positions in the mentions of the window."""
        a, b = self._stands[subject], self._stands[target]
        if a.sentence != b.sentence:
            return NOBODY
        subjects, targets = self._others(a, b), self._others(b, a)
        low, high = sorted((a.first, b.first))
        apart, steps = high - low, self._between(a, b)
        return (
            float(any(low < other.first < high for other in targets)),
            float(any(low < other.first < high for other in subjects)),
            float(all(abs(other.first - a.first) >= apart for other in targets)),
            float(all(abs(other.first - b.first) >= apart for other in subjects)),
            float(self._same_rank(a, b)),
            float(not targets),
            float(not subjects),
            1 / (1 + math.log1p(steps)),
            float(all(self._between(a, other) >= steps for other in targets)),
            float(all(self._between(other, b) >= steps for other in subjects)),
        )

    def _others(self, one: Stand, other_end: Stand) -> list[Stand]:
        """Mentions of others of the same group in the sentence, those of the other end aside."""
        return [
            other for other in self._beside[one.sentence, one.group] if other.node not in (one.node, other_end.node)
        ]

    def _same_rank(self, a: Stand, b: Stand) -> bool:
        if a.group == b.group:
            return False
        mine, theirs = (self._orders[one.sentence, one.group] for one in (a, b))
        return len(mine) == len(theirs) > 1 and mine.index(a.node) == theirs.index(b.node)

    def _between(self, a: Stand, b: Stand) -> int:
        low, high = sorted((a.head, b.head))
        key = (a.sentence, low, high)
        if key not in self._known:
            self._known[key] = self._steps(*key)
        return self._known[key]


def _order(beside: Sequence[Stand]) -> list[int]:
    """The nodes of a group in a sentence, in the order in which it first names them."""
    return list(dict.fromkeys(stand.node for stand in sorted(beside, key=lambda stand: stand.first)))
