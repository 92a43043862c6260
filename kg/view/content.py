"""What the page knows: entities, statements, articles and sentences as tables of JSON that point to each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kg.network import Quotation, Source, Statement
from kg.view import text, words


@dataclass(slots=True)
class _Table:
    """Distinct rows in order of their first use, by position."""

    positions: dict[Any, int] = field(default_factory=dict)

    def position(self, row: Any) -> int:
        return self.positions.setdefault(row, len(self.positions))


@dataclass(frozen=True, slots=True)
class Entity:
    """A node of the network with its position in the page's table of entities."""

    position: int
    iri: str
    label: str
    entity_class: str
    roles: tuple[str, ...]
    aliases: tuple[str, ...]
    qid: str


def content(title: str, entities: Iterable[Entity], statements: Iterable[Statement]) -> dict[str, Any]:
    """The page's data; all text in it is tame, and every range counts UTF-16 units."""
    known = list(entities)
    positions = {entity.iri: entity.position for entity in known}
    sources, sentences = _Table(), _Table()
    rows = [_statement(statement, positions, sources, sentences) for statement in statements]
    return {
        "title": text.label(title),
        "entities": [_entity(entity) for entity in known],
        "statements": rows,
        "articles": [_source(source) for source in sources.positions],
        "sentences": [text.tame(sentence) for sentence in sentences.positions],
        "words": _words(rows),
    }


def _words(rows: list[dict[str, Any]]) -> dict[str, Any]:
    relations = {name: words.relation(name) for name in [*words.RELATIONS, *(row["p"] for row in rows)]}
    return {
        "relations": {
            name: {"active": text.label(one.active), "passive": text.label(one.passive), "family": one.family}
            for name, one in relations.items()
        },
        "relationOrder": list(relations),
        "families": list(words.FAMILIES.items()),
        "classes": list(words.CLASSES.items()),
        "shapes": words.SHAPES,
        "modalities": list(words.MODALITIES.items()),
        "tenses": list(words.TENSES.items()),
        "qualifiers": words.QUALIFIERS,
    }


def _entity(entity: Entity) -> dict[str, Any]:
    return {
        "iri": text.label(entity.iri),
        "label": entity.label,
        "class": entity.entity_class,
        "roles": [text.label(role) for role in entity.roles],
        "aliases": [text.label(alias) for alias in entity.aliases],
        "qid": entity.qid,
    }


def _statement(statement: Statement, positions: dict[str, int], sources: _Table, sentences: _Table) -> dict[str, Any]:
    def reference(value: str) -> int | str:
        return positions[value] if value in positions else text.label(value)

    return {
        "iri": text.label(statement.iri),
        "s": positions[statement.subject],
        "p": text.label(statement.predicate),
        "o": text.label(statement.object) if statement.literal else positions[statement.object],
        "tense": text.label(statement.tense),
        "modality": text.label(statement.modality),
        "confidence": round(statement.confidence, 3),
        "articles": statement.articles,
        "qualifiers": [[name, reference(value)] for name, value in statement.qualifiers],
        "speakers": [reference(iri) for iri in statement.speakers],
        "outlets": [reference(iri) for iri in statement.outlets],
        "evidence": [_quotation(piece, sources, sentences) for piece in statement.evidence],
    }


def _quotation(piece: Quotation, sources: _Table, sentences: _Table) -> dict[str, Any]:
    def range_(span: tuple[int, int] | None) -> list[int]:
        return [text.utf16(piece.sentence, offset) for offset in span] if span else []

    return {
        "article": sources.position(piece.source),
        "sentence": sentences.position(piece.sentence),
        "subject": range_(piece.subject),
        "object": range_(piece.object),
    }


def _source(source: Source) -> dict[str, str]:
    return {
        "headline": text.label(source.headline or source.iri),
        "url": text.link(source.url),
        "date": text.label(source.date) if source.date else "",
    }
