"""Who may be meant by a name: what the gazetteer knows, and in which articles of a build each occurs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.gazetteer import Gazetteer
from kg.model import SIDES, Entity, EntityClass, Extraction, Modality
from kg.names import folded, tails

_SERVES = frozenset({"coaches", "playsFor", "presidentOf", "ownerOf", "executiveOf", "joins"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that bears a name: `clubs` are labels of the sides that gazetteer and articles tie it to.

    `articles` are ids of the articles in which it occurs, sorted; `detail` is what tells namesakes apart (a birth
    year, a country), or empty.
    """

    id: str
    label: str
    roles: tuple[str, ...]
    clubs: tuple[str, ...]
    detail: str
    articles: tuple[str, ...]


def who(name: str, gazetteer: Gazetteer, extractions: Iterable[Extraction] = ()) -> tuple[Candidate, ...]:
    """All that a name may stand for: those met in most articles first, then in the gazetteer's order.

    A name is a full name, a surname, an alias or an epithet («Blancos»); case and accents do not count.
    """
    known = {entry.path: entry for entry in (*gazetteer.candidates(name), *gazetteer.epithets(name))}
    met, articles, clubs = _met(extractions)
    key = folded(name)
    found = []
    for identifier in dict.fromkeys((*known, *(e.id for e in met.values() if _bears(e, key)))):
        entry, entity = known.get(identifier), met.get(identifier)
        sides = [_label(gazetteer, side) for side in entry.clubs] if entry is not None else []
        roles = (*(entry.roles if entry is not None else ()), *(entity.roles if entity is not None else ()))
        detail = (str(entry.birth_year) if entry.birth_year else entry.country) if entry is not None else ""
        label = entry.label if entry is not None else met[identifier].label
        sides += [met[side].label for side in clubs[identifier] if side in met]
        found.append(
            Candidate(
                identifier,
                label,
                tuple(dict.fromkeys(roles)),
                tuple(dict.fromkeys(sides)),
                detail,
                tuple(sorted(articles[identifier])),
            )
        )
    return tuple(sorted(found, key=lambda one: -len(one.articles)))


def _met(
    extractions: Iterable[Extraction],
) -> tuple[dict[str, Entity], dict[str, set[str]], dict[str, dict[str, None]]]:
    """The entities of a build, the articles of each, and the sides that its claims tie each to."""
    entities: dict[str, Entity] = {}
    articles: dict[str, set[str]] = defaultdict(set)
    clubs: dict[str, dict[str, None]] = defaultdict(dict)
    for extraction in extractions:
        for entity in extraction.entities:
            entities.setdefault(entity.id, entity)
            articles[entity.id].add(extraction.article.id)
        for claim in extraction.claims:
            if claim.predicate in _SERVES and claim.modality is Modality.ASSERTED:
                clubs[claim.subject][claim.object] = None
    return entities, articles, clubs


def _bears(entity: Entity, key: str) -> bool:
    names = (entity.label, *entity.aliases)
    if any(folded(name) == key for name in names):
        return True
    return entity.entity_class is EntityClass.PERSON and any(folded(tail) == key for n in names for tail in tails(n))


def _label(gazetteer: Gazetteer, key: str) -> str:
    entry = gazetteer.find(key)
    return entry.label if entry is not None and entry.entity_class in SIDES else key


def lines(candidates: Iterable[Candidate]) -> Iterator[str]:
    """Candidates in words, two lines or more each: id and name, then what is known, then the articles."""
    for one in candidates:
        yield f"{one.id}  {one.label}"
        facts = [", ".join(one.roles), one.detail, ", ".join(one.clubs)]
        if any(facts):
            yield "  " + "; ".join(fact for fact in facts if fact)
        if one.articles:
            yield f"  in {len(one.articles)} articles: {', '.join(one.articles)}"
