"""Windows and candidates → tensors for the network."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from kg import attribution
from kg.learned.candidates import CLASSES, Candidates, Spot
from kg.learned.company import COMPANY, NOBODY, Company, Stand
from kg.learned.moods import MOODS, UNSAID, Moods
from kg.learned.network import PLACES, ROW, Inputs
from kg.learned.pieces import Window
from kg.model import Reading, Sentence

_HELPERS = ("aux", "advmod", "case", "mark", "cop", "expl", "fixed", "compound", "cc")
"""Dependents that colour a word of a path: negation, auxiliaries, prepositions."""
_CLOSEST = 3
"""So many pairs of mentions of the same or neighbouring sentences are looked at for each pair of nodes."""
_ALONE = 2
"""So many mentions of either are looked at where the other is left to be understood."""
_POSITION = ROW - COMPANY - MOODS
"""Features of a row that are its own, before those of its company and its mood."""
_GROUPS = {"NationalTeam": "Club"}
"""Classes that stand for each other when it comes to what was last spoken of."""
_IN_SUBJECT, _IN_OBJECT, _SUBJECT, _OBJECT, _ABOVE_SUBJECT, _ABOVE_OBJECT, _ON_PATH, _BETWEEN, _HEADLINE = (
    1 << bit for bit in range(len(PLACES))
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One window with the nodes and pairs that lie in it: `pairs` are positions in `Candidates.pairs`.

    `sentences` has the sentence of each piece, -1 for the marks at both ends.
    """

    window: Window
    ids: Tensor
    inputs: Inputs
    pairs: tuple[int, ...]
    sentences: Tensor


def frames(reading: Reading, found: Candidates, windows: tuple[Window, ...]) -> Iterator[Frame]:
    """The windows of an article that hold at least one pair."""
    trees = [_Tree(sentence) for sentence in reading.document.sentences]
    moods = Moods(reading.document.sentences)
    for window in windows:
        pieces = _Pieces(window)
        spots = [
            _Place(number, spot, *pieces.range(spot.start, spot.end), _head(reading, trees, spot))
            for number, node in enumerate(found.nodes)
            for spot in node.spots
            if pieces.holds(spot.start, spot.end)
        ]
        present = {spot.node for spot in spots} | {n for n, node in enumerate(found.nodes) if not node.spots}
        kept = tuple(
            position for position, pair in enumerate(found.pairs) if pair.subject in present and pair.object in present
        )
        if not kept:
            continue
        types = torch.zeros(len(window.ids), dtype=torch.long)
        for start, end, kind in found.marks:
            if pieces.holds(start, end):
                first, last = pieces.range(start, end)
                types[first:last] = kind
        pairs = [(found.pairs[position].subject, found.pairs[position].object) for position in kept]
        sentences = torch.tensor(pieces.sentences(reading))
        rows = list(_Looks(reading, found, trees, moods, spots).rows(pairs))
        yield Frame(
            window=window,
            ids=torch.tensor(window.ids),
            inputs=Inputs(
                types=types,
                spots=torch.tensor([(s.node, s.first, s.last) for s in spots], dtype=torch.long).view(-1, 3),
                classes=torch.tensor([CLASSES.index(node.label) for node in found.nodes]),
                pairs=torch.tensor(pairs),
                features=_floats([found.pairs[position].features for position in kept]),
                rows=torch.tensor([(row.pair, row.subject, row.object) for row in rows]),
                near=_floats([row.near for row in rows]),
                places=_Map(reading, trees, pieces, sentences, spots, len(found.nodes)).codes(rows),
            ),
            pairs=kept,
            sentences=sentences,
        )


def _floats(rows: list[tuple[float, ...]]) -> Tensor:
    """Rows of numbers as a tensor; by way of numpy, which reads them faster."""
    return torch.from_numpy(np.array(rows, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class _Place:
    """A spot of a node in a window: its pieces (half-open), and its head word in the sentence."""

    node: int
    spot: Spot
    first: int
    last: int
    head: int


def _head(reading: Reading, trees: Sequence[_Tree], spot: Spot) -> int:
    if spot.mention >= 0:
        return reading.mentions[spot.mention].head
    words = trees[spot.sentence].words
    return next((word.index for word in words if word.end >= spot.end), len(words) - 1)


@dataclass(frozen=True, slots=True)
class _Row:
    """One look at a pair: subject and object as positions in nodes and then spots, and the features of ROW."""

    pair: int
    subject: int
    object: int
    near: tuple[float, ...]


class _Looks:
    """The rows of a window's pairs.

    Each pair is looked at as a whole, and at its closest mentions. Where the text leaves one of the two to be
    understood («Torreira saluta»), it is looked at from the mentions of the other, if the one is what the text is about
    there: the last of its group that was spoken of, one of the most spoken of, in the headline, or the one whose words
    these are.
    """

    def __init__(
        self, reading: Reading, found: Candidates, trees: Sequence[_Tree], moods: Moods, spots: Sequence[_Place]
    ) -> None:
        self._spots = spots
        self._nodes = len(found.nodes)
        self._of: dict[int, list[int]] = defaultdict(list)
        for position, spot in enumerate(spots):
            self._of[spot.node].append(position)
        self._at = [spot.spot.sentence for spot in spots]
        self._there = {node: {self._at[position] for position in of} for node, of in self._of.items()}
        self._group = [_GROUPS.get(node.label, node.label) for node in found.nodes]
        stands = [Stand(s.node, self._group[s.node], s.spot.sentence, s.first, s.head) for s in spots]
        self._company = Company(stands, lambda sentence, low, high: trees[sentence].steps(low, high))
        self._trees = trees
        self._moods = moods
        self._topics = self._most_spoken_of(reading)
        self._recency = [self._recent(spot) for spot in spots]
        said = attribution.speakers(reading)
        number = {node.key: position for position, node in enumerate(found.nodes)}
        self._speaker = [number.get(said.at(spot.spot.start)[0], -1) for spot in spots]

    def rows(self, pairs: Sequence[tuple[int, int]]) -> Iterator[_Row]:
        """All rows, ordered by pair."""
        for number, (subject, target) in enumerate(pairs):
            yield _Row(number, subject, target, (1.0, *(0.0,) * (_POSITION - 1), *NOBODY, *UNSAID))
            close = sorted(
                (abs(self._at[a] - self._at[b]), abs(self._spots[a].first - self._spots[b].first), a, b)
                for a in self._of[subject]
                for b in self._of[target]
                if abs(self._at[a] - self._at[b]) <= 1
            )
            for apart, pieces, a, b in close[:_CLOSEST]:
                first = float(self._spots[a].first < self._spots[b].first)
                closeness = 1 / (1 + math.log1p(pieces))
                speaks = float(self._speaker[b] == subject)
                near = (0.0, float(apart == 0), float(apart == 1), 0.0, 0.0, first, closeness, 0.0, speaks)
                beside = (*self._company.features(a, b), *self._mood(a, b))
                yield _Row(number, self._nodes + a, self._nodes + b, (*near, *beside))
            yield from self._from_one_end(number, subject, target)

    def _from_one_end(self, number: int, subject: int, target: int) -> Iterator[_Row]:
        alone = self._alone(subject, target)
        for a, recency in alone[:_ALONE]:
            near = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, recency, 0.0, *NOBODY, *self._mood(a, a))
            yield _Row(number, self._nodes + a, target, near)
        alone = self._alone(target, subject)
        for b, recency in alone[:_ALONE]:
            speaks = float(self._speaker[b] == subject)
            near = (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, recency, speaks, *NOBODY, *self._mood(b, b))
            yield _Row(number, subject, self._nodes + b, near)

    def _mood(self, a: int, b: int) -> tuple[float, ...]:
        """MOODS of the word that joins two spots of a sentence; of one spot alone, of the word above it."""
        if self._at[a] != self._at[b]:
            return UNSAID
        tree = self._trees[self._at[a]]
        joint = tree.common(self._spots[a].head, self._spots[b].head)
        if a == b and tree.words[joint].head >= 0:
            joint = tree.words[joint].head
        return self._moods.of(self._at[a], joint)

    def _alone(self, node: int, other: int) -> list[tuple[int, float]]:
        """The mentions of a node that have none of another near, while the other is spoken of; and how recently."""
        there = self._there.get(other, set())
        rows = []
        for a in self._of[node]:
            sentence = self._at[a]
            recency = self._recency[a].get(other, 0.0)
            if there & {sentence - 1, sentence, sentence + 1}:
                continue
            if recency == 1.0 or other in self._topics or self._speaker[a] == other:
                rows.append((a, recency))
        # a stable sort: in the order of the text, but what the other one says himself first
        return sorted(rows, key=lambda row: self._speaker[row[0]] != other)

    def _most_spoken_of(self, reading: Reading) -> set[int]:
        headlines = {sentence.index for sentence in reading.document.sentences if sentence.headline}
        topics = {node for node, spots in self._of.items() if any(self._at[a] in headlines for a in spots)}
        for group in set(self._group):
            inside = [node for node in self._of if self._group[node] == group]
            topics |= set(sorted(inside, key=lambda node: (-len(self._of[node]), node))[:2])
        return topics

    def _recent(self, spot: _Place) -> dict[int, float]:
        """How recently each node was spoken of before a sentence: 1 for the last of its group, 1/2 for the next."""
        last: dict[int, int] = {}
        for other in self._spots:
            if other.spot.sentence < spot.spot.sentence:
                last[other.node] = max(last.get(other.node, -1), other.first)
        ranks: dict[str, int] = defaultdict(int)
        recency = {}
        for node in sorted(last, key=lambda node: -last[node]):
            ranks[self._group[node]] += 1
            recency[node] = 1 / ranks[self._group[node]]
        return recency


class _Pieces:
    """Which pieces of a window cover which characters."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._offsets = window.offsets
        self._start, self._end = window.offsets[1][0], window.offsets[-2][1]

    def __len__(self) -> int:
        return len(self._offsets)

    def holds(self, start: int, end: int) -> bool:
        return self._start <= start and end <= self._end

    def range(self, start: int, end: int) -> tuple[int, int]:
        """The pieces (half-open) that touch a stretch of characters; at least one."""
        touched = self._window.touched(start, end)
        return (touched.start, touched.stop) if touched else (0, 1)

    def sentences(self, reading: Reading) -> list[int]:
        rows = []
        index = 0
        sentences = reading.document.sentences
        for start, end in self._offsets:
            if start == end:
                rows.append(-1)
                continue
            while index + 1 < len(sentences) and sentences[index + 1].start <= start:
                index += 1
            rows.append(index)
        return rows


class _Tree:
    """A sentence's tree with what paths need."""

    def __init__(self, sentence: Sentence) -> None:
        self.words = sentence.words
        self.helpers: dict[int, list[int]] = defaultdict(list)
        for word in sentence.words:
            if word.deprel.startswith(_HELPERS):
                self.helpers[word.head].append(word.index)

    def above(self, index: int) -> list[int]:
        """The governors of a word up to the root, nearest first, without itself."""
        found: list[int] = []
        head = self.words[index].head
        while head >= 0 and head not in found:
            found.append(head)
            head = self.words[head].head
        return found

    def common(self, first: int, second: int) -> int:
        """The lowest word that is, or governs, both of two words; -1 where the tree does not join them."""
        stretches = self._stretches(first, second)
        return stretches[0][-1] if stretches else -1

    def path(self, first: int, second: int) -> list[int]:
        """The words between two words in the tree, without them unless one governs the other."""
        stretches = self._stretches(first, second)
        if not stretches:
            return []
        left, right = stretches
        return [*left[1:-1], left[-1], *right[1:-1]]

    def steps(self, first: int, second: int) -> int:
        """How many edges lie between two words in the tree; all its words if it does not join them."""
        stretches = self._stretches(first, second)
        return sum(len(stretch) - 1 for stretch in stretches) if stretches else len(self.words)

    def _stretches(self, first: int, second: int) -> tuple[list[int], list[int]] | None:
        """The ways from two words up to the lowest word that is, or governs, both; None where there is none."""
        left, right = [first, *self.above(first)], [second, *self.above(second)]
        common = next((word for word in left if word in right), -1)
        return (left[: left.index(common) + 1], right[: right.index(common) + 1]) if common >= 0 else None

    def with_helpers(self, words: list[int]) -> list[int]:
        return [*words, *(helper for word in words for helper in self.helpers[word])]


class _Map:
    """Where the pieces of a window stand with regard to its nodes and spots."""

    def __init__(
        self,
        reading: Reading,
        trees: Sequence[_Tree],
        pieces: _Pieces,
        sentences: Tensor,
        spots: Sequence[_Place],
        nodes: int,
    ) -> None:
        self._trees = trees
        self._pieces = pieces
        self._spots = spots
        self._nodes = nodes
        self._words: dict[tuple[int, int], tuple[int, int]] = {}
        self._headlines = torch.zeros(len(pieces), dtype=torch.int16)
        for sentence in reading.document.sentences:
            if sentence.headline:
                self._headlines[sentences == sentence.index] = _HEADLINE
        self._as_subject = self._ends(sentences, _IN_SUBJECT, _SUBJECT, _ABOVE_SUBJECT)
        self._as_object = self._ends(sentences, _IN_OBJECT, _OBJECT, _ABOVE_OBJECT)

    def codes(self, rows: Sequence[_Row]) -> Tensor:
        """Codes of PLACES, (rows, pieces); of a row with one mention only its own surroundings are marked."""
        whole = torch.tensor([row.subject < self._nodes and row.object < self._nodes for row in rows])
        subjects, objects = torch.tensor([row.subject for row in rows]), torch.tensor([row.object for row in rows])
        left, right = self._as_subject[subjects], self._as_object[objects]
        left[~whole & (subjects < self._nodes)] = 0
        right[~whole & (objects < self._nodes)] = 0
        codes = left | right | self._headlines
        for number, row in enumerate(rows):
            if row.subject >= self._nodes and row.object >= self._nodes:
                self._join(codes[number], self._spots[row.subject - self._nodes], self._spots[row.object - self._nodes])
        return codes

    def _ends(self, sentences: Tensor, inside: int, itself: int, above: int) -> Tensor:
        """The codes of nodes, then of spots, as one end of a row."""
        table = torch.zeros(self._nodes + len(self._spots), len(self._pieces), dtype=torch.int16)
        for position, place in enumerate(self._spots, start=self._nodes):
            row = table[position]
            row[sentences == place.spot.sentence] = inside
            tree = self._trees[place.spot.sentence]
            self._mark(row, place.spot.sentence, tree.with_helpers([place.head, *tree.above(place.head)[:3]]), above)
            row[place.first : place.last] |= itself
            table[place.node] |= row
        return table

    def _join(self, row: Tensor, left: _Place, right: _Place) -> None:
        """Marks what lies between two spots of one sentence."""
        if left.spot.sentence != right.spot.sentence:
            return
        tree = self._trees[left.spot.sentence]
        self._mark(row, left.spot.sentence, tree.with_helpers(tree.path(left.head, right.head)), _ON_PATH)
        low, high = sorted((left, right), key=lambda place: place.first)
        row[low.last : high.first] |= _BETWEEN

    def _mark(self, row: Tensor, sentence: int, words: Sequence[int], code: int) -> None:
        for index in words:
            first, last = self._word(sentence, index)
            row[first:last] |= code

    def _word(self, sentence: int, index: int) -> tuple[int, int]:
        key = (sentence, index)
        if key not in self._words:
            word = self._trees[sentence].words[index]
            inside = self._pieces.holds(word.start, word.end)
            self._words[key] = self._pieces.range(word.start, word.end) if inside else (0, 0)
        return self._words[key]
