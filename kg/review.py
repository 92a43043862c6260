"""What kg is not sure of in a build: who may be whom, most doubtful first, as rows for a person to decide.

Names are compared, never joined: what looks alike is asked about, and stays as it is until it is decided
(`decisions`). Only nodes that the gazetteer does not know are held against others: its own are distinct.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kg.decisions import COLUMNS, Decision, Kind
from kg.gazetteer import Gazetteer
from kg.model import Entity, EntityClass, Extraction
from kg.names import folded, initials_fit, misspelt, same_full_name, surname

_SURE = 0.45
"""A link with a lower score rests on a surname and little else."""
_OFTEN = 2
"""In so many articles an unknown name is worth a row in the gazetteer."""
_ESCAPES = str.maketrans({"%": "%25", "\t": "%09", "\n": "%0A", "\r": "%0D", "|": "%7C"})
_FORMULAS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question: `doubt` in [0, 1] says how open it is; `why` says in words what raised it."""

    kind: Kind
    doubt: float
    id: str
    label: str
    articles: tuple[str, ...]
    why: str
    other: str = ""
    other_label: str = ""


@dataclass(slots=True)
class _Node:
    """An entity over all articles: its names there, and the score of its link in each."""

    entity: Entity
    names: set[str] = field(default_factory=set)
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        return "/_" not in self.entity.id

    @property
    def articles(self) -> tuple[str, ...]:
        return tuple(sorted(self.scores))


def doubts(
    extractions: Iterable[Extraction], gazetteer: Gazetteer, decisions: Iterable[Decision] = ()
) -> tuple[Doubt, ...]:
    """The open questions of a build, most doubtful first; what was decided is not asked again."""
    nodes = _nodes(extractions)
    settled = {frozenset((one.id, one.other)) for one in decisions if one.kind is Kind.PAIR}
    alone = {(one.kind, one.id) for one in decisions if one.kind is not Kind.PAIR}
    found = [
        *(one for one in _pairs(nodes) if frozenset((one.id, one.other)) not in settled),
        *(one for one in _splits(nodes, gazetteer) if (one.kind, one.id) not in alone),
        *(one for one in _unlinked(nodes) if (one.kind, one.id) not in alone),
    ]
    return tuple(sorted(found, key=lambda one: (-one.doubt, one.kind, one.id, one.other)))


def _nodes(extractions: Iterable[Extraction]) -> dict[str, _Node]:
    nodes: dict[str, _Node] = {}
    for extraction in extractions:
        for entity in extraction.entities:
            node = nodes.setdefault(entity.id, _Node(entity))
            node.names |= {folded(entity.label), *map(folded, entity.aliases)}
            node.scores[extraction.article.id] = entity.score
    return nodes


# Two that may be one -----------------------------------------------------------------------------------


def _pairs(nodes: dict[str, _Node]) -> Iterator[Doubt]:
    seen: set[frozenset[str]] = set()
    for group in _alike(nodes):
        for index, one in enumerate(group):
            for other in group[index + 1 :]:
                both = frozenset((one.entity.id, other.entity.id))
                if (one.known and other.known) or len(both) < 2 or both in seen:
                    continue
                seen.add(both)
                left, right = sorted((one, other), key=lambda node: (not node.known, -len(node.scores), node.entity.id))
                found = _likeness(left, right)
                if found is not None:
                    articles = tuple(sorted({*left.articles, *right.articles}))
                    yield Doubt(
                        kind=Kind.PAIR,
                        doubt=found[0],
                        id=left.entity.id,
                        label=left.entity.label,
                        articles=articles,
                        why=found[1],
                        other=right.entity.id,
                        other_label=right.entity.label,
                    )


def _alike(nodes: dict[str, _Node]) -> Iterator[list[_Node]]:
    """Groups in which likeness is looked for: a surname with the same first letter, or the same first name."""
    groups: dict[tuple[EntityClass, str, str], list[_Node]] = defaultdict(list)
    for _, node in sorted(nodes.items()):
        kind = node.entity.entity_class
        keys = set()
        for name in (node.entity.label, *node.entity.aliases) if not node.known else (node.entity.label,):
            words = folded(name).split()
            if words:
                keys |= {("last", words[-1][:4]), ("first", words[0])}
        for place, key in keys:
            groups[kind, place, key].append(node)
    return (group for group in groups.values() if len(group) > 1)


def _likeness(one: _Node, other: _Node) -> tuple[float, str] | None:
    """How open it is whether two nodes are one, and why; None where nothing speaks for it."""
    left, right = folded(one.entity.label), folded(other.entity.label)
    if left == right:
        return 0.95, "the same name"
    if right in one.names or left in other.names:
        return 0.85, f"«{other.entity.label}» is also a name of the first"
    if same_full_name(left, right) or (" " not in left + right and misspelt(left, right)):
        return 0.9, "one name but for a letter or two"
    if one.entity.entity_class is not EntityClass.PERSON:
        return None
    if initials_fit(other.entity.label, one.entity.label) or initials_fit(one.entity.label, other.entity.label):
        return 0.8, "an initial that fits"
    short, full = sorted((one, other), key=lambda node: len(node.entity.label.split()))
    if " " not in folded(short.entity.label) and folded(surname(full.entity.label)) == folded(short.entity.label):
        together = bool(set(one.scores) & set(other.scores))
        return (0.75, "a surname, in an article with its bearer") if together else (0.6, "a surname of the other")
    return None


# One that may be two, and names of nobody ----------------------------------------------------------------


def _splits(nodes: dict[str, _Node], gazetteer: Gazetteer) -> Iterator[Doubt]:
    for identifier, node in sorted(nodes.items()):
        weak = {article: score for article, score in node.scores.items() if score < _SURE}
        if not node.known or not weak or node.entity.entity_class is not EntityClass.PERSON:
            continue
        others = [entry for entry in gazetteer.candidates(surname(node.entity.label)) if entry.path != identifier]
        if others:
            names = ", ".join(f"{entry.label} ({entry.path})" for entry in others[:3])
            worst = min(weak.values())
            why = f"by surname alone (score {worst:.2f}); others of this name: {names}"
            yield Doubt(Kind.SPLIT, round(0.75 - worst / 2, 3), identifier, node.entity.label, tuple(sorted(weak)), why)


def _unlinked(nodes: dict[str, _Node]) -> Iterator[Doubt]:
    for identifier, node in sorted(nodes.items()):
        count = len(node.scores)
        if not node.known and count >= _OFTEN:
            why = f"in {count} articles, and not in the gazetteer"
            yield Doubt(Kind.UNLINKED, min(0.6, 0.2 + 0.05 * count), identifier, node.entity.label, node.articles, why)


# Writing -----------------------------------------------------------------------------------------------


def lines(questions: Iterable[Doubt]) -> Iterator[str]:
    """A review file, line by line: a header, then a row for each question, its first cell empty."""
    yield "\t".join(COLUMNS)
    for one in questions:
        articles = "|".join(article.translate(_ESCAPES) for article in one.articles)
        row = ("", f"{one.doubt:.3f}", one.kind.value, one.id, one.other, one.label, one.other_label, articles, one.why)
        yield "\t".join(map(_cell, row))


def _cell(text: str) -> str:
    """Text as one cell: no tabs, line ends or control characters, and nothing that a spreadsheet would run."""
    plain = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text)
    return f"'{plain}" if plain.startswith(_FORMULAS) else plain
