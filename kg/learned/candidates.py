"""A reading → nodes, the pairs of them that a claim could join, and features of each pair.

Nodes are the resolved entities of an article, the dates it spells out, and `Injury`, the object of
`injured`. A pair is kept where domain and range of some predicate admit it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.claims import INJURY, SIGNATURES, Finding
from kg.gazetteer import Entry, Gazetteer
from kg.learned.hints import hints
from kg.model import SIDES, Entity, EntityClass, Mention, MentionKind, Modality, Reading
from kg.values import Value, values

PREDICATES = tuple(SIGNATURES)
ENDORSED_FOR = "endorsedFor"
"""Not a claim: ties the one who is endorsed to the side he is endorsed for (`forTeam`)."""
LABELS = (*PREDICATES, ENDORSED_FOR)
MODALITIES = tuple(Modality)
CLASSES = ("Person", "Club", "NationalTeam", "Competition", "Country", "Federation", "Date", "Injury")
MENTION_TYPES = (
    "none",
    *(f"{c}" for c in EntityClass),
    "Person:nominal",
    "Person:pronoun",
    "Person:zero",
    "side:nominal",
    "Date",
    "Score",
)
"""What a word piece may belong to, as the network is told."""
ROLES = ("coach", "player", "pundit", "president", "owner", "executive", "agent", "journalist")

_RANGES: Mapping[str, frozenset[str]] = {
    label: frozenset(str(c) for c in SIGNATURES[label][1])
    if label in SIGNATURES and SIGNATURES[label][1]
    else frozenset({"Injury"} if label == "injured" else {"Date"} if label == "contractUntil" else map(str, SIDES))
    for label in LABELS
}
_DOMAINS: Mapping[str, frozenset[str]] = {
    label: frozenset(map(str, SIGNATURES[label][0])) if label in SIGNATURES else frozenset({"Person"})
    for label in LABELS
}


@dataclass(frozen=True, slots=True)
class Spot:
    """One place where a node stands: character offsets in the article, the sentence, the mention (or -1)."""

    start: int
    end: int
    sentence: int
    mention: int = -1


@dataclass(frozen=True, slots=True)
class Node:
    """Something that a claim can speak of. `key` is an entity's id, a date as written in the graph, or `Injury`."""

    key: str
    label: str
    spots: tuple[Spot, ...]
    entity: Entity | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A subject and an object (positions in the nodes), the labels they admit, and their features."""

    subject: int
    object: int
    labels: tuple[int, ...]
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be claimed in an article: nodes, pairs, and what stretches of the text are what (for the network)."""

    nodes: tuple[Node, ...]
    pairs: tuple[Pair, ...]
    marks: tuple[tuple[int, int, int], ...]


def candidates(reading: Reading, findings: Iterable[Finding], gazetteer: Gazetteer) -> Candidates:
    """The candidates of an article; `findings` are what the rules found in it."""
    spelt = _values(reading)
    hinted = hints(reading, gazetteer)
    nodes = (*_entities(reading, hinted), *_dates(spelt), Node(INJURY, "Injury", ()))
    fired = _fired(findings)
    headline = {sentence.index for sentence in reading.document.sentences if sentence.headline}
    portraits = [_portrait(reading, node, nodes, gazetteer, headline) for node in nodes]
    pairs = []
    for first, subject in enumerate(nodes):
        for second, target in enumerate(nodes):
            labels = _admitted(subject.label, target.label)
            if labels and first != second:
                rules = fired.get((subject.key, target.key), {})
                features = _features(portraits[first], portraits[second], rules, headline)
                pairs.append(Pair(first, second, labels, features))
    return Candidates(nodes, tuple(pairs), tuple(_marks(reading, spelt, nodes)))


@functools.cache
def _admitted(subject: str, target: str) -> tuple[int, ...]:
    """The labels (positions in LABELS) that can join nodes of two classes."""
    return tuple(number for number, label in enumerate(LABELS) if admits(label, subject, target))


def admits(label: str, subject: str, target: str) -> bool:
    """Whether a label can join a node of one class to a node of another."""
    return subject in _DOMAINS[label] and target in _RANGES[label]


def _values(reading: Reading) -> list[tuple[int, Value]]:
    text = reading.document.article.text
    return [(s.index, value) for s in reading.document.sentences for value in values(s, text)]


def _entities(reading: Reading, hinted: Mapping[str, list[tuple[int, int, int]]]) -> Iterable[Node]:
    kept = set(CLASSES)
    for chain in reading.chains:
        if chain.entity.entity_class in kept:
            spots = [
                Spot(mention.start, mention.end, mention.sentence, position)
                for position in chain.mentions
                for mention in [reading.mentions[position]]
            ]
            spots += [Spot(start, end, sentence) for sentence, start, end in hinted.get(chain.entity.id, ())]
            yield Node(
                chain.entity.id,
                str(chain.entity.entity_class),
                tuple(sorted(spots, key=lambda spot: (spot.start, spot.end))),
                chain.entity,
            )


def _dates(spelt: list[tuple[int, Value]]) -> Iterable[Node]:
    dates: dict[str, list[Spot]] = {}
    for sentence, value in spelt:
        if value.kind == "Date":
            dates.setdefault(value.text, []).append(Spot(value.start, value.end, sentence))
    return [Node(text, "Date", tuple(spots)) for text, spots in dates.items()]


def _marks(reading: Reading, spelt: list[tuple[int, Value]], nodes: Iterable[Node]) -> Iterable[tuple[int, int, int]]:
    """Stretches with their mention type, those of names last, so that they win over what lies around them."""
    rows = [
        (spot.start, spot.end, MENTION_TYPES.index("side:nominal" if node.label in SIDES else "Person:nominal"))
        for node in nodes
        if node.entity
        for spot in node.spots
        if spot.mention < 0
    ]
    rows += [(m.start, m.end, _mention_type(m)) for m in reading.mentions]
    rows += [(v.start, v.end, MENTION_TYPES.index(v.kind)) for _, v in spelt if v.kind in MENTION_TYPES]
    return sorted(rows, key=lambda row: (row[0] - row[1], row))


def _mention_type(mention: Mention) -> int:
    person = mention.entity_class is EntityClass.PERSON
    if mention.kind is MentionKind.NAME:
        name = str(mention.entity_class)
    elif person:
        name = f"Person:{mention.kind}"
    else:
        name = "side:nominal" if mention.entity_class in SIDES else str(mention.entity_class)
    return MENTION_TYPES.index(name)


_Fired = Mapping[tuple[str, str], Mapping[tuple[str, str], float]]


def _fired(findings: Iterable[Finding]) -> _Fired:
    """The confidence of the rules for each subject and object, by predicate and modality."""
    found: dict[tuple[str, str], dict[tuple[str, str], float]] = {}
    for finding in findings:
        for claim in finding.claims:
            row = found.setdefault((claim.subject, claim.object), {})
            key = (claim.predicate, str(claim.modality))
            row[key] = max(row.get(key, 0.0), claim.confidence)
            if claim.for_team:
                team = found.setdefault((claim.object, claim.for_team), {})
                team[ENDORSED_FOR, "Asserted"] = claim.confidence
            if claim.predicate == "playedMatch":
                found.setdefault((claim.object, claim.subject), {})[key] = row[key]
    return found


@dataclass(frozen=True, slots=True)
class _Portrait:
    """What features need to know of a node by itself: its key in the gazetteer, its entry there, and its sentences.

    `spots` counts them, up to six, in [0, 1]; `says` and `first` tell for each of ROLES whether a mention gives it that
    role, and whether it is the first of its entity.
    """

    key: str
    entry: Entry | None
    sentences: frozenset[int]
    spots: float
    salience: tuple[float, float, float]
    says: tuple[float, ...]
    first: tuple[float, ...]


def _portrait(
    reading: Reading, node: Node, nodes: Sequence[Node], gazetteer: Gazetteer, headline: set[int]
) -> _Portrait:
    key = node.key.rpartition("/")[2]
    says = {role for spot in node.spots if spot.mention >= 0 for role in reading.mentions[spot.mention].roles}
    first = node.entity.roles[:1] if node.entity else ()
    return _Portrait(
        key=key,
        entry=gazetteer.find(key) if node.entity else None,
        sentences=frozenset(spot.sentence for spot in node.spots),
        spots=min(len(node.spots), 6) / 6,
        salience=_salience(node, nodes, headline),
        says=tuple(float(role in says) for role in ROLES),
        first=tuple(float(role in first) for role in ROLES),
    )


def _features(
    subject: _Portrait, target: _Portrait, rules: Mapping[tuple[str, str], float], headline: set[int]
) -> tuple[float, ...]:
    here, there = subject.sentences, target.sentences
    both = here & there
    apart = 0 if both else min((abs(a - b) for a in here for b in there), default=9)
    known = subject.entry
    return (
        *(float(apart == distance) for distance in range(4)),
        min(len(both), 3) / 3,
        float(bool(both & headline)),
        subject.spots,
        target.spots,
        *subject.salience,
        *target.salience,
        float(known is not None and target.key in known.clubs),
        float(known is not None and known.nationality == target.key),
        *subject.says,
        *subject.first,
        *((rules.get(ruled, 0.0) for ruled in _RULED) if rules else _UNRULED),
    )


_RULED = (*((label, str(m)) for label in PREDICATES for m in MODALITIES), (ENDORSED_FOR, "Asserted"))
_UNRULED = (0.0,) * len(_RULED)


def _salience(node: Node, nodes: Sequence[Node], headline: set[int]) -> tuple[float, float, float]:
    """How much an article is about a node: in the headline, in its first lines, mentioned how much."""
    most = max((len(other.spots) for other in nodes if other.label == node.label), default=0)
    return (
        float(any(spot.sentence in headline for spot in node.spots)),
        float(any(spot.sentence <= 2 for spot in node.spots)),
        len(node.spots) / most if most else 0.0,
    )


RULED = len(_RULED)
"""How many features of a pair, the last ones, say what rules have found."""
WIDTH = 4 + 12 + 2 * len(ROLES) + RULED
"""How many features a pair has."""
