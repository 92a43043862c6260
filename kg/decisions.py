"""What a person has decided about who is who: read from a reviewed TSV, kept with the build, applied on reading.

What articles yield stays as it was read; sameness is decided apart (as nomenklatura's resolver does) and applied when
the graph is written, so that a decision outlives every rebuild and can be taken back. A row of `kg review` counts once
its first cell is filled in:

    same       the two nodes are one (of a node that may be two: it is one)
    different  they are two, and not asked about again (of a node that may be two: another one in these articles)
    an id      who it is (`person/roberto-mancini`): of the gazetteer, or a new one, with an underscore before its name

Decisions join what they name and nothing else; two that contradict each other are refused.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kg import exclusions, journal
from kg.errors import InputError
from kg.gazetteer import Gazetteer, entity_path
from kg.linking import known_entity
from kg.model import Claim, Entity, EntityClass, Evidence, Extraction

COLUMNS = ("decision", "doubt", "kind", "id", "other", "label", "other_label", "articles", "why")
"""The columns of a review file; only `decision`, `kind`, `id`, `other` and `articles` are read back."""
SETTING = "decisions"
"""Where the journal keeps them."""
SAME, DIFFERENT = "same", "different"
_ID = re.compile(r"(?P<path>[a-z-]+)/_?[a-z0-9]+(?:-[a-z0-9]+)*")
_PATHS = {entity_path(kind, "")[:-1]: kind for kind in EntityClass}


class Kind(StrEnum):
    """What is doubtful: two nodes that may be one, one that may be two, a name that is nobody's in the gazetteer."""

    PAIR = "one?"
    SPLIT = "two?"
    UNLINKED = "who?"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row that was filled in; `verdict` is `same`, `different` or an id, `known` the gazetteer's entity for it."""

    kind: Kind
    id: str
    other: str
    articles: tuple[str, ...]
    verdict: str
    line: int
    known: Entity | None = None


# Reading -----------------------------------------------------------------------------------------------


def read(path: Path, gazetteer: Gazetteer) -> tuple[Decision, ...]:
    """The rows of a review file that were filled in; InputError names file and line."""
    try:
        rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = {"decision", "kind", "id", "other", "articles"} - set(rows.fieldnames or ())
        filled = [(rows.line_num, row) for row in rows if (row.get("decision") or "").strip()] if not missing else []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: the decisions cannot be read ({why}); write them with kg review") from error
    if missing:
        raise InputError(f"{path}, line 1: the header lacks {', '.join(sorted(missing))}; write it with kg review")
    decisions = []
    for line, row in filled:
        try:
            decisions.append(_decision(row, line, gazetteer))
        except ValueError as error:
            raise InputError(f"{path}, line {line}: {error}") from error
    try:
        _joined(decisions)
    except ValueError as error:
        raise InputError(f"{path}, {error}") from error
    return tuple(decisions)


def _decision(row: Mapping[str, str | None], line: int, gazetteer: Gazetteer) -> Decision:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    kind = next((kind for kind in Kind if kind.value == cells["kind"]), None)
    if kind is None:
        raise ValueError(f"kind {cells['kind']!r} is none of {', '.join(kind.value for kind in Kind)}")
    home = _class_of(cells["id"])
    if kind is Kind.PAIR and _class_of(cells["other"]) is not home:
        raise ValueError(f"{cells['id']} and {cells['other']} are not of one kind")
    verdict = cells["decision"].lower()
    known = None
    if verdict not in (SAME, DIFFERENT):
        if _class_of(verdict) is not home:
            raise ValueError(f"{cells['id']} cannot be {verdict}, which is of another kind")
        if "/_" not in verdict:
            known = _known(verdict, gazetteer)
    articles = tuple(unquote(part) for part in cells["articles"].split("|") if part)
    return Decision(kind, cells["id"], cells["other"], articles, verdict, line, known)


def _class_of(identifier: str) -> EntityClass:
    found = _ID.fullmatch(identifier)
    if found is None or found["path"] not in _PATHS:
        raise ValueError(f"{identifier!r} is neither same, different nor an id such as person/roberto-mancini")
    return _PATHS[found["path"]]


def _known(identifier: str, gazetteer: Gazetteer) -> Entity:
    for key in (identifier, identifier.partition("/")[2]):
        entry = gazetteer.find(key)
        if entry is not None and entry.path == identifier:
            return known_entity(entry)
    raise ValueError(
        f"{identifier} is not in the gazetteer; a new one has an underscore: {identifier.replace('/', '/_')}"
    )


def keep(decisions: Iterable[Decision], folder: Path) -> None:
    """Keeps decisions with a build; those kept before stay, unless these speak of the same nodes.

    InputError where they contradict those kept before.
    """
    with journal.opened(folder) as kept:
        merged = {_about(one): one for one in (*parsed(kept.setting(SETTING)), *decisions)}
        try:
            _joined(merged.values())
        except ValueError as error:
            raise InputError(f"{folder}: not as was decided there before: {error}") from error
        kept.set(**{SETTING: written(merged.values())})


def together(own: Iterable[Decision], others: Mapping[str, Iterable[Decision]]) -> tuple[Decision, ...]:
    """The decisions of several builds, by name, put into one that may have its `own`, which win.

    Of a node that may be two the articles add up. InputError, naming a build, where it was decided otherwise than in
    those before it.
    """
    mine = {_about(one): one for one in own}
    found: dict[tuple[str, ...], Decision] = {}
    for source, decided in others.items():
        for one in decided:
            about = (*_about(one), one.verdict if one.kind is Kind.SPLIT else "")
            before = found.get(about, one)
            if before.verdict != one.verdict:
                raise InputError(f"{source}: decided otherwise than the builds before it: {one.id}, {one.other}")
            found[about] = replace(one, articles=tuple(sorted({*before.articles, *one.articles})))
        try:
            _joined(found.values())
        except ValueError as error:
            raise InputError(f"{source}: decided otherwise than the builds before it: {error}") from error
    return (*(one for one in found.values() if _about(one) not in mine), *mine.values())


def _about(decision: Decision) -> tuple[str, ...]:
    return (decision.kind, *sorted((decision.id, decision.other)))


def written(decisions: Iterable[Decision]) -> str:
    """Decisions as the journal keeps them."""
    return json.dumps([asdict(one) for one in decisions], ensure_ascii=False)


def parsed(text: str) -> tuple[Decision, ...]:
    """What `written` wrote."""
    return tuple(_from_record(record) for record in json.loads(text or "[]"))


def _from_record(record: dict[str, Any]) -> Decision:
    known = record["known"]
    if known is not None:
        known = Entity(
            known["id"],
            EntityClass(known["entity_class"]),
            known["label"],
            tuple(known["aliases"]),
            known["qid"],
            tuple(known["roles"]),
            known["score"],
        )
    return Decision(
        Kind(record["kind"]),
        record["id"],
        record["other"],
        tuple(record["articles"]),
        record["verdict"],
        record["line"],
        known,
    )


# Applying ----------------------------------------------------------------------------------------------


def decided(kept: journal.Journal) -> Iterator[Extraction]:
    """What the articles of a build yield, under the names that were decided, without those who are kept out."""
    rulings = parsed(kept.setting(SETTING))
    named = journal.Again(lambda: applied(journal.Again(kept.extractions), rulings))
    return exclusions.applied(named, exclusions.parsed(kept.setting(exclusions.SETTING)))


def applied(extractions: journal.Again | Sequence[Extraction], decisions: Iterable[Decision]) -> Iterator[Extraction]:
    """Extractions whose entities have the ids that were decided; an entity that takes another's id brings its names.

    Nothing that was read is lost: claims and evidence stay, under the node that was decided. The extractions are read
    twice, so that they need not all be in memory.
    """
    rulings = tuple(decisions)
    if not rulings:
        yield from extractions
        return
    joined = _joined(rulings)
    apart = {(one.id, article): _apart(one) for one in rulings if one.kind is Kind.SPLIT for article in one.articles}
    wanted = {*joined.values(), *apart.values()}
    known = {entity.id: entity for each in extractions for entity in each.entities if entity.id in wanted}
    known |= {one.known.id: one.known for one in rulings if one.known is not None}
    for extraction in extractions:
        names = {}
        for entity in extraction.entities:
            first = apart.get((entity.id, extraction.article.id), entity.id)
            names[entity.id] = joined.get(first, first)
        if all(old == new for old, new in names.items()):
            yield extraction
        else:
            yield _renamed(extraction, names, known)


def _apart(decision: Decision) -> str:
    """The id that a node has in the articles where it is another one."""
    if decision.verdict == SAME:
        return decision.id
    if decision.verdict != DIFFERENT:
        return decision.verdict
    path, _, name = decision.id.partition("/")
    return f"{path}/_{name.lstrip('_')}-2"


def _joined(decisions: Iterable[Decision]) -> dict[str, str]:
    """Each joined id → the one that stands for all: of the gazetteer if there is one. ValueError on contradictions."""
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while parents.get(name, name) != name:
            name = parents[name]
        return name

    rulings = tuple(decisions)
    for one in rulings:
        if one.kind is Kind.SPLIT or one.verdict == DIFFERENT:
            continue
        others = [one.other] if one.kind is Kind.PAIR else []
        if one.verdict != SAME:
            others.append(one.verdict)
        for other in others:
            left, right = root(one.id), root(other)
            first, second = sorted((left, right), key=lambda name: ("/_" in name, name != one.verdict))
            parents[second] = parents[first] = first
    for one in rulings:
        if one.kind is Kind.PAIR and one.verdict == DIFFERENT and root(one.id) == root(one.other):
            raise ValueError(f"line {one.line}: {one.id} and {one.other} are different here, and one by other lines")
    return {name: root(name) for name in parents}


def _renamed(extraction: Extraction, names: Mapping[str, str], known: Mapping[str, Entity]) -> Extraction:
    entities: dict[str, Entity] = {}
    for entity in extraction.entities:
        found = _as(entity, names[entity.id], known)
        before = entities.get(found.id)
        entities[found.id] = found if before is None else _together(before, found)
    claims = tuple(_claim(claim, names) for claim in extraction.claims)
    return replace(extraction, entities=tuple(entities[key] for key in sorted(entities)), claims=claims)


def _as(entity: Entity, identifier: str, known: Mapping[str, Entity]) -> Entity:
    if entity.id == identifier:
        return entity
    other = known.get(identifier)
    if other is None:  # one that stood for another here: what the gazetteer knows of that one does not hold
        ours = "/_" in entity.id
        return Entity(identifier, entity.entity_class, entity.label, entity.aliases if ours else (), score=entity.score)
    return _together(other, replace(entity, id=identifier))


def _together(one: Entity, other: Entity) -> Entity:
    names = {*one.aliases, other.label, *(other.aliases if "/_" in other.id or not other.qid else ())} - {one.label}
    return replace(one, aliases=tuple(sorted(names)), roles=tuple(dict.fromkeys((*one.roles, *other.roles))))


def _claim(claim: Claim, names: Mapping[str, str]) -> Claim:
    def new(identifier: str) -> str:
        return names.get(identifier, identifier)

    def piece(evidence: Evidence) -> Evidence:
        return replace(evidence, speaker=new(evidence.speaker), outlet=new(evidence.outlet))

    return replace(
        claim,
        subject=new(claim.subject),
        object=new(claim.object),
        for_team=new(claim.for_team),
        competition=new(claim.competition),
        evidence=tuple(map(piece, claim.evidence)),
    )
