"""Names of one thing → an entity of the gazetteer, or a new one: a table of features and weights.

Each candidate's score is the sum of its features' weights; the reasons are the names of the features
that held. Nothing is learnt; the weights say which kind of evidence beats which.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kg.gazetteer import Entry, Gazetteer, entity_path
from kg.model import Entity, EntityClass
from kg.names import folded, slug


@dataclass(frozen=True, slots=True)
class Case:
    """What the article says of the thing to link.

    `names` are its names as printed, the longest first; `sides` ids of the sides that the article names,
    `countries` ids of the countries tied to this thing («l'attaccante argentino X»), `roles` what it is called,
    `year` when the article speaks (0 where nothing tells).
    """

    entity_class: EntityClass
    names: tuple[str, ...]
    sides: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    year: int = 0


@dataclass(frozen=True, slots=True)
class Feature:
    """One kind of evidence; `holds` is asked of a candidate, `weight` is added where it does."""

    name: str
    weight: float
    holds: Callable[[Case, Entry, int], bool]


def _is_full_name(case: Case, entry: Entry, rank: int) -> bool:
    full = {folded(entry.label), *(folded(alias) for alias in entry.aliases if " " in alias)}
    return folded(case.names[0]) in full


def _is_alias(case: Case, entry: Entry, rank: int) -> bool:
    known = {folded(entry.label), *map(folded, entry.aliases)}
    return all(folded(name) in known for name in case.names)


def _shares_side(case: Case, entry: Entry, rank: int) -> bool:
    return not case.sides.isdisjoint(entry.clubs)


def _shares_sides(case: Case, entry: Entry, rank: int) -> bool:
    return len(case.sides.intersection(entry.clubs)) > 1


def _is_compatriot(case: Case, entry: Entry, rank: int) -> bool:
    return bool(entry.nationality) and entry.nationality in case.countries


def _is_foreigner(case: Case, entry: Entry, rank: int) -> bool:
    return bool(case.countries and entry.nationality) and entry.nationality not in case.countries


def _has_role(case: Case, entry: Entry, rank: int) -> bool:
    return not case.roles.isdisjoint(entry.roles)


def _age(case: Case, entry: Entry) -> int:
    return case.year - entry.birth_year if case.year and entry.birth_year else 0


def _is_active(case: Case, entry: Entry, rank: int) -> bool:
    """Of an age at which players play and the others coach, own and run."""
    age = _age(case, entry)
    return (entry.roles[:1] == ("player",) and 16 <= age <= 40) or (entry.roles[:1] != ("player",) and 30 <= age <= 80)


def _is_of_another_era(case: Case, entry: Entry, rank: int) -> bool:
    age = _age(case, entry)
    return bool(age) and not 14 <= age <= 95


FEATURES: tuple[Feature, ...] = (
    Feature("full name", 4.0, _is_full_name),
    Feature("alias", 1.0, _is_alias),
    Feature("shared side", 1.5, _shares_side),
    Feature("several shared sides", 0.7, _shares_sides),
    Feature("nationality", 2.0, _is_compatriot),
    Feature("other nationality", -4.0, _is_foreigner),
    Feature("role", 0.8, _has_role),
    Feature("active then", 0.7, _is_active),
    Feature("another era", -4.0, _is_of_another_era),
    Feature("prominent", 1.0, lambda case, entry, rank: entry.prominence >= 2),
    Feature("very prominent", 1.0, lambda case, entry, rank: entry.prominence >= 3),
    Feature("first of its name", 0.6, lambda case, entry, rank: rank == 0),
    Feature(
        "a side, a competition, …",
        2.0,
        lambda case, entry, rank: entry.entity_class is not EntityClass.PERSON,
    ),
)
THRESHOLD = 1.9
"""Below it nothing but a surname speaks for a candidate, and the thing gets a node of its own."""


def link(case: Case, candidates: Sequence[str], gazetteer: Gazetteer) -> Entity:
    """The entity that a thing is: the best candidate of the gazetteer, or a new one named as printed.

    `candidates` are ids of the gazetteer, best known first.
    """
    scored: list[tuple[float, int, Entry]] = []
    for rank, key in enumerate(candidates):
        entry = gazetteer.find(key)
        if entry is not None and entry.entity_class is case.entity_class:
            score = sum(feature.weight for feature in FEATURES if feature.holds(case, entry, rank))
            scored.append((score, -rank, entry))
    if not scored:
        return new_entity(case)
    score, _, entry = max(scored, key=lambda row: row[:2])
    if score < THRESHOLD:
        return new_entity(case)
    return known_entity(entry, case.names, min(1.0, score / 8))


def known_entity(entry: Entry, names: Collection[str] = (), score: float = 1.0) -> Entity:
    """An entity of the gazetteer, with the names that an article adds to its aliases."""
    forms = dict.fromkeys((*entry.aliases, *names))
    return Entity(
        id=entry.path,
        entity_class=entry.entity_class,
        label=entry.label,
        aliases=tuple(sorted(form for form in forms if form != entry.label)),
        qid=entry.qid,
        roles=entry.roles,
        score=round(score, 3),
    )


def new_entity(case: Case) -> Entity:
    """An entity that the gazetteer does not know, named after its longest name."""
    label = case.names[0]
    return Entity(
        id=entity_path(case.entity_class, "_" + slug(label)),
        entity_class=case.entity_class,
        label=label,
        aliases=tuple(sorted(set(case.names) - {label})),
        roles=tuple(sorted(case.roles)),
        score=0.5,
    )
