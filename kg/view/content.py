"""What the page knows: entities, statements, articles and sentences as tables of JSON that point to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from kg.network import Quotation, Source, Statement
from kg.view import text, words
from kg.vocab import ID


@dataclass(slots=True)
class _Table:
    """Distinct rows in order of their first use, by position."""

    positions: dict[Any, int] = field(default_factory=dict)

    def position(self, row: Any) -> int:
        return self.positions.setdefault(row, len(self.positions))


@dataclass(frozen=True, slots=True)
class Entity:
    """A node of the network with its position in the page's table of entities.

    `community` counts from 0, the largest; -1 is none. `bridges` and `standing` are measures in [0, 1].
    """

    position: int
    iri: str
    label: str
    entity_class: str
    roles: tuple[str, ...]
    aliases: tuple[str, ...]
    qid: str
    community: int = -1
    bridges: float = 0.0
    standing: float = 0.0


@dataclass(slots=True)
class _Tables:
    entities: Mapping[str, int]
    statements: Mapping[str, int]
    sources: _Table = field(default_factory=_Table)
    sentences: _Table = field(default_factory=_Table)


def content(title: str, entities: Iterable[Entity], statements: Sequence[Statement]) -> dict[str, Any]:
    """The page's data; all text in it is tame, every range counts UTF-16 units, and what is empty is left out."""
    known = list(entities)
    tables = _Tables(
        {entity.iri: entity.position for entity in known},
        {statement.iri: position for position, statement in enumerate(statements)},
    )
    rows = [_statement(statement, tables) for statement in statements]
    return {
        "title": text.label(title),
        "base": ID,
        "entities": [_entity(entity) for entity in known],
        "statements": rows,
        "articles": [_source(source) for source in tables.sources.positions],
        "sentences": [text.tame(sentence) for sentence in tables.sentences.positions],
        "words": _words(rows),
    }


def _words(rows: list[dict[str, Any]]) -> dict[str, Any]:
    relations = {name: words.relation(name) for name in [*words.RELATIONS, *(row["p"] for row in rows)]}
    return {
        "languages": words.LANGUAGES,
        "relations": {name: asdict(one) for name, one in relations.items()},
        "relationOrder": list(relations),
        "families": list(words.FAMILIES.items()),
        "classes": list(words.CLASSES.items()),
        "roles": list(words.ROLES.items()),
        "shapes": words.SHAPES,
        "modalities": list(words.MODALITIES.items()),
        "tenses": list(words.TENSES.items()),
        "qualifiers": list(words.QUALIFIERS.items()),
        "measures": list(words.MEASURES.items()),
        "ui": words.UI,
        "counted": words.COUNTED,
    }


def _short(iri: str) -> str:
    """The IRI without the part that all of kg's own share."""
    return text.label(iri.removeprefix(ID) if iri != ID else iri)


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in ("", (), [], None)}


def _entity(entity: Entity) -> dict[str, Any]:
    return _filled({
        "iri": _short(entity.iri),
        "label": entity.label,
        "class": entity.entity_class,
        "roles": [text.label(role) for role in entity.roles],
        "aliases": [text.label(alias) for alias in entity.aliases],
        "qid": entity.qid,
        "community": entity.community,
        "bridges": round(entity.bridges, 4),
        "standing": round(entity.standing, 4),
    })  # fmt: skip


def _statement(statement: Statement, tables: _Tables) -> dict[str, Any]:
    def reference(value: str) -> int | str:
        return tables.entities[value] if value in tables.entities else text.label(value)

    articles = {piece.source.iri: tables.sources.position(piece.source) for piece in statement.evidence}
    return _filled({
        "iri": _short(statement.iri),
        "s": tables.entities[statement.subject],
        "p": text.label(statement.predicate),
        "o": text.label(statement.object) if statement.literal else tables.entities[statement.object],
        "tense": text.label(statement.tense),
        "modality": text.label(statement.modality),
        "confidence": round(statement.confidence, 3),
        "articles": statement.articles,
        "sources": statement.sources,
        "first": [articles[iri] for iri in statement.first if iri in articles],
        "contradicts": [tables.statements[iri] for iri in statement.contradicts if iri in tables.statements],
        "qualifiers": [[name, reference(value)] for name, value in statement.qualifiers],
        "speakers": [reference(iri) for iri in statement.speakers],
        "outlets": [reference(iri) for iri in statement.outlets],
        "evidence": [_quotation(piece, tables) for piece in statement.evidence],
    })  # fmt: skip


def _quotation(piece: Quotation, tables: _Tables) -> dict[str, Any]:
    def range_(span: tuple[int, int] | None) -> list[int]:
        return [text.utf16(piece.sentence, offset) for offset in span] if span else []

    return _filled({
        "iri": _short(piece.iri),
        "article": tables.sources.position(piece.source),
        "sentence": tables.sentences.position(piece.sentence),
        "start": piece.start,
        "subject": range_(piece.subject),
        "object": range_(piece.object),
        "by": [text.label(name) for name in piece.read_by],
        "why": text.label(piece.reason) if piece.reason else "",
    })  # fmt: skip


def _source(source: Source) -> dict[str, str]:
    return _filled({
        "iri": _short(source.iri),
        "headline": text.label(source.headline or source.iri.rsplit("/", 1)[-1]),
        "url": text.link(source.url),
        "outlet": text.label(source.outlet) if source.outlet else "",
        "date": text.label(source.date) if source.date else "",
    })  # fmt: skip
