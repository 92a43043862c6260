"""Names of one thing → an entity of the gazetteer, or a new one: a table of features and weights.

Each candidate's score is the sum of the weights of the features that hold; the new entity scores 0. The scores make
probabilities (softmax), and a person is linked only where its best candidate is likelier right than not by the margin
of `SURE` or `SURER`: a new node named as printed misleads nobody, the node of a namesake does. The weights of people
are learnt from annotated articles by `kg/training/linking.py`, which says how to learn them again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from kg.gazetteer import Entry, Gazetteer, entity_path
from kg.model import Entity, EntityClass
from kg.names import folded, slug


@dataclass(frozen=True, slots=True)
class Scene:
    """What an article says of everybody in it.

    `sides` counts how often it names each side (by id), `lands` are ids of the countries it names, `mates` counts for
    each side the people in the article who can be but one person and who served it; `year` is when the article speaks
    (0 where nothing tells); `words` are the capitalised words of its text, folded.
    """

    sides: Counter[str] = field(default_factory=Counter)
    lands: frozenset[str] = frozenset()
    mates: Counter[str] = field(default_factory=Counter)
    year: int = 0
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """What the article says of the thing to link.

    `names` are its names as printed, the longest first; `countries` ids of the countries tied to this thing
    («l'attaccante argentino X»), `roles` what it is called, `told` the roles that its sentences give it besides,
    `hints` those that the words around suggest, `own` ids of sides tied to it («il Bari di X»), `near` ids of sides
    in its sentences; `first_name` tells that its only name is a first name of many.
    """

    entity_class: EntityClass
    names: tuple[str, ...]
    countries: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    first_name: bool = False
    scene: Scene = field(default_factory=Scene)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may be meant: `rank` counts those better known who bear the name, `rivals` all others who bear it.

    `prominence` is the highest among the rivals.
    """

    entry: Entry
    rank: int = 0
    rivals: int = 0
    prominence: int = 0


@dataclass(frozen=True, slots=True)
class Feature:
    """One kind of evidence; `holds` is asked of a candidate, `weight` is added where it does."""

    name: str
    weight: float
    holds: Callable[[Case, Candidate], bool]


# Names ---------------------------------------------------------------------------------------------------


def _is_full_name(case: Case, one: Candidate) -> bool:
    """By first name and surname: not by «De Laurentiis», nor by «il Principe»."""
    name = folded(case.names[0])
    return " " in name and name in _forms(one) and not _is_tail(name, one) and not _is_byname(case, one)


def _is_byname(case: Case, one: Candidate) -> bool:
    """By a nickname, which has no word of the name."""
    name = folded(case.names[0])
    return name in _forms(one) and set(name.split()).isdisjoint(folded(one.entry.label).split())


def _is_tail(name: str, one: Candidate) -> bool:
    return folded(one.entry.label).endswith(f" {name}")


def _forms(one: Candidate) -> set[str]:
    return {folded(one.entry.label), *map(folded, one.entry.aliases)}


def _has_first_name(case: Case, one: Candidate) -> bool:
    """Whether the article has the first name somewhere, though not before the surname."""
    first, _, family = folded(one.entry.label).partition(" ")
    return bool(family) and first in case.scene.words and " " not in folded(case.names[0])


def _is_only_name(case: Case, one: Candidate) -> bool:
    """«Zico», «Kakà»: known by one name."""
    return folded(case.names[0]) == folded(one.entry.label) and " " not in folded(one.entry.label)


def _is_alias(case: Case, one: Candidate) -> bool:
    known = _forms(one)
    return all(folded(name) in known for name in case.names)


# Sides ---------------------------------------------------------------------------------------------------


def _has_own_side(case: Case, one: Candidate) -> bool:
    return not case.own.isdisjoint(one.entry.clubs)


def _has_other_side(case: Case, one: Candidate) -> bool:
    return bool(case.own) and case.own.isdisjoint(one.entry.clubs)


def _shares_near(case: Case, one: Candidate) -> bool:
    return not case.own and not case.near.isdisjoint(one.entry.clubs)


def _shared(case: Case, one: Candidate) -> int:
    return sum(club in case.scene.sides for club in one.entry.clubs)


_FEW = 4
"""Sides in an article that is about somebody, rather than about a whole round."""


def _shares_few(case: Case, one: Candidate) -> bool:
    return 0 < len(case.scene.sides) <= _FEW and _shared(case, one) > 0


def _has_main_side(case: Case, one: Candidate) -> bool:
    """The side that the article names most, or the second."""
    return any(side in one.entry.clubs for side, _ in case.scene.sides.most_common(2))


def _has_mates(case: Case, one: Candidate) -> bool:
    return any(case.scene.mates[club] >= 2 for club in one.entry.clubs)


# Countries -----------------------------------------------------------------------------------------------


def _is_foreigner(case: Case, one: Candidate) -> bool:
    return bool(case.countries and one.entry.nationality) and one.entry.nationality not in case.countries


def _is_of_land(case: Case, one: Candidate) -> bool:
    land = one.entry.nationality
    return (
        bool(land)
        and land != "italia"
        and (land in case.scene.lands | case.countries or f"nazionale-{land}" in case.scene.sides)
    )


# Roles ---------------------------------------------------------------------------------------------------


_OFFICES = {"owner": "office", "president": "office", "executive": "office", "pundit": "press", "journalist": "press"}


def _works(roles: Iterable[str]) -> set[str]:
    """Roles as kinds of work: who owns, presides or runs a club is called all three."""
    return {_OFFICES.get(role, role) for role in roles}


def _main(one: Candidate) -> str:
    return one.entry.roles[0] if one.entry.roles else ""


def _has_main(roles: Iterable[str], one: Candidate) -> bool:
    return not _works(roles).isdisjoint(_works(one.entry.roles[:1]))


def _has_second(roles: Iterable[str], one: Candidate) -> bool:
    return not _has_main(roles, one) and not _works(roles).isdisjoint(_works(one.entry.roles))


def _has_none(roles: Iterable[str], one: Candidate) -> bool:
    return bool(roles) and _works(roles).isdisjoint(_works(one.entry.roles))


def _told(case: Case) -> frozenset[str]:
    return case.roles | case.told


def _hints(case: Case) -> frozenset[str]:
    """What the words around suggest counts where nothing is told."""
    return frozenset() if _told(case) else case.hints


def _has_retired(case: Case, one: Candidate) -> bool:
    """A player of old who is called or seems something else now."""
    said = _told(case) or case.hints
    return bool(said) and "player" not in said and "player" in one.entry.roles and _age(case, one) >= 36


# Years ---------------------------------------------------------------------------------------------------


def _age(case: Case, one: Candidate) -> int:
    return case.scene.year - one.entry.birth_year if case.scene.year and one.entry.birth_year else 0


def _aged(low: int, high: int, role: str = "") -> Callable[[Case, Candidate], bool]:
    """Of this age, and with this main role; without one: neither player nor coach."""

    def holds(case: Case, one: Candidate) -> bool:
        main = _main(one) if _main(one) in ("player", "coach") else ""
        return main == role and low <= _age(case, one) <= high

    return holds


def _is_of_old(case: Case, one: Candidate) -> bool:
    return _age(case, one) > 95


def _is_unborn(case: Case, one: Candidate) -> bool:
    return bool(one.entry.birth_year and case.scene.year) and _age(case, one) < 15


# Standing ------------------------------------------------------------------------------------------------


def _is_well_known(level: int) -> Callable[[Case, Candidate], bool]:
    return lambda case, one: one.entry.prominence >= level


FEATURES: tuple[Feature, ...] = (
    Feature("bears the name", -0.44, lambda case, one: True),
    Feature("full name", 3.03, _is_full_name),
    Feature("only name", 2.94, _is_only_name),
    Feature("byname", -2.98, _is_byname),
    Feature("alias", 1.72, _is_alias),
    Feature("first name elsewhere", 0.6, _has_first_name),
    Feature("a first name", -2.76, lambda case, one: case.first_name),
    Feature("own side", 1.19, _has_own_side),
    Feature("another's side", -0.15, _has_other_side),
    Feature("side near by", 1.56, _shares_near),
    Feature("shared side", 1.68, lambda case, one: _shared(case, one) >= 1),
    Feature("several shared sides", 0.58, lambda case, one: _shared(case, one) >= 2),
    Feature("many shared sides", 0.28, lambda case, one: _shared(case, one) >= 3),
    Feature("main side", 1.03, _has_main_side),
    Feature("shared side among few", 0.44, _shares_few),
    Feature("sides unknown", -0.19, lambda case, one: not one.entry.clubs),
    Feature("with team-mates", 0.98, _has_mates),
    Feature("other nationality", -1.38, _is_foreigner),
    Feature("his country is named", 0.85, _is_of_land),
    Feature("role", 0.86, lambda case, one: _has_main(_told(case), one)),
    Feature("second role", -1.19, lambda case, one: _has_second(_told(case), one)),
    Feature("another role", -1.68, lambda case, one: _has_none(_told(case), one)),
    Feature("hinted second role", -0.48, lambda case, one: _has_second(_hints(case), one)),
    Feature("another role hinted", -0.93, lambda case, one: _has_none(_hints(case), one)),
    Feature("a player of old", 0.49, _has_retired),
    Feature("a player", 0.3, lambda case, one: _main(one) == "player"),
    Feature(
        "nothing but a player, over 42",
        -0.84,
        lambda case, one: set(one.entry.roles) == {"player"} and _age(case, one) > 42,
    ),
    Feature("a child then", -2.9, _is_unborn),
    Feature("of another era", -0.5, _is_of_old),
    Feature("a player of 15 to 18", -2.07, _aged(15, 18, "player")),
    Feature("a player of 19 to 34", 0.44, _aged(19, 34, "player")),
    Feature("a player of 35 to 38", -0.55, _aged(35, 38, "player")),
    Feature("a player of 39 to 42", -1.0, _aged(39, 42, "player")),
    Feature("a player over 42", -0.58, _aged(43, 130, "player")),
    Feature("a coach under 34", 0.21, _aged(15, 33, "coach")),
    Feature("a coach of 34 to 72", 1.33, _aged(34, 72, "coach")),
    Feature("a coach over 72", -0.45, _aged(73, 200, "coach")),
    Feature("in office, of 30 to 85", 0.26, _aged(30, 85)),
    Feature("in office, over 85", -1.64, _aged(86, 200)),
    Feature("prominent", 0.71, _is_well_known(2)),
    Feature("very prominent", -0.41, _is_well_known(3)),
    Feature("first of its name", 0.12, lambda case, one: one.rank == 0),
    Feature("better known than all others", 0.32, lambda case, one: one.entry.prominence > one.prominence),
    Feature("only one of its name", 0.97, lambda case, one: one.rivals == 0),
    Feature("one of many of its name", -1.18, lambda case, one: one.rivals >= 8),
)
SURE = 0.6
"""How likely the best candidate must be: right links less one and a half times the wrong ones is then the most."""
SURER = 0.75
"""The same for a surname alone, with whose namesakes most wrong links are made."""


def link(case: Case, candidates: Sequence[str], gazetteer: Gazetteer) -> Entity:
    """The entity that a thing is: the best candidate of the gazetteer, or a new one named as printed.

    `candidates` are ids of the gazetteer, best known first. A side, competition or place is its best known bearer.
    """
    bearers = standing(case, candidates, gazetteer)
    if not bearers:
        return new_entity(case)
    if case.entity_class is not EntityClass.PERSON:
        best = max(bearers, key=lambda one: (_is_named(case, one), -one.rank))
        return known_entity(best.entry, case.names)
    chances = probabilities([score(case, one) for one in bearers])
    chance, one = max(zip(chances, bearers, strict=True), key=lambda row: (row[0], -row[1].rank))
    if chance < (SURE if " " in folded(case.names[0]) else SURER):
        return new_entity(case)
    return known_entity(one.entry, case.names, chance)


def standing(case: Case, candidates: Sequence[str], gazetteer: Gazetteer) -> list[Candidate]:
    """The candidates of the thing's class, each among its rivals."""
    entries = [
        entry
        for key in dict.fromkeys(candidates)
        if (entry := gazetteer.find(key)) is not None and entry.entity_class is case.entity_class
    ]
    first, second = [*sorted((entry.prominence for entry in entries), reverse=True), 0, 0][:2]
    return [
        Candidate(entry, rank, len(entries) - 1, second if entry.prominence == first else first)
        for rank, entry in enumerate(entries)
    ]


def _is_named(case: Case, one: Candidate) -> tuple[bool, bool]:
    """Whether the longest name is the thing's label or an alias of several words, and whether all its names are its."""
    full = {folded(one.entry.label), *(folded(alias) for alias in one.entry.aliases if " " in alias)}
    return folded(case.names[0]) in full, _is_alias(case, one)


def reasons(case: Case, one: Candidate) -> tuple[str, ...]:
    """The names of the features that hold of a candidate."""
    return tuple(feature.name for feature in FEATURES if feature.holds(case, one))


def score(case: Case, one: Candidate) -> float:
    """The sum of the weights of the features that hold of a candidate; the new entity scores 0."""
    return sum(feature.weight for feature in FEATURES if feature.holds(case, one))


def probabilities(scores: Sequence[float]) -> list[float]:
    """How likely each candidate is the one meant, beside each other and the new entity."""
    top = max(0.0, *scores)
    powers = [math.exp(one - top) for one in scores]
    total = sum(powers) + math.exp(-top)
    return [power / total for power in powers]


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
