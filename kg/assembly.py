"""Extractions → Turtle by way of the disk: for archives whose graph does not fit in memory.

Claims and entities are sorted in a temporary database, which then gives them group by group: all claims about one
matter, all that articles know of one entity. Each group becomes blocks of Turtle, which are sorted once more and
written. The file has the same bytes as the graph of `statements` in the hand of `turtle`; in memory are the
articles without their words, one group, and what finds copies (some kilobytes an article).
"""

from __future__ import annotations

import itertools
import pickle
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rdflib.namespace import RDF

from kg import copies, statements, turtle, vocab
from kg.errors import GraphError
from kg.model import Article, Entity, Extraction
from kg.statements import Triple

FOLDER = ".assembly."
"""How the name of the temporary folder begins, in the folder of the Turtle file."""
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE claim (matter BLOB, claim BLOB);
CREATE TABLE entity (iri BLOB, item BLOB);
CREATE TABLE block (place BLOB, text TEXT);
"""
_AT_ONCE = 1_000
"""Rows put into the database in one go."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a graph holds: entities, and statements by predicate."""

    entities: int
    by_predicate: Mapping[str, int]


def write(extractions: Iterable[Extraction], path: Path) -> Tally:
    """Writes the graph of some extractions as a Turtle file, all of it or nothing.

    GraphError where the file, or the temporary one beside it, cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(prefix=FOLDER, dir=path.parent) as folder,
            closing(sqlite3.connect(Path(folder) / "sorted.sqlite", isolation_level=None)) as database,
        ):
            database.executescript(_TABLES)
            assembly = _Assembly(database, extractions)
            tally = assembly.sorted()
            turtle.write_parts(assembly.parts(), path)
            return tally
    except (OSError, sqlite3.Error) as error:
        raise GraphError(f"{path}: the graph cannot be written ({error})") from error


class _Assembly:
    """The blocks of one file in the making."""

    def __init__(self, database: sqlite3.Connection, extractions: Iterable[Extraction]) -> None:
        self._database = database
        self._writer = turtle.Writer()
        articles = self._taken_apart(extractions)
        self._stories = copies.stories(articles)
        self._articles = {article.id: replace(article, text="") for article in articles}

    def sorted(self) -> Tally:
        """Turns all that was taken apart into blocks; counts it."""
        counts: Counter[str] = Counter()
        self._put("block", self._blocks(counts))
        entities = counts.pop("", 0)
        return Tally(entities, counts)

    def parts(self) -> Iterator[str]:
        """The file, part by part."""
        yield self._writer.header()
        blank = ""
        for (text,) in self._database.execute("SELECT text FROM block ORDER BY place"):
            yield f"{blank}{text}"
            blank = "\n"

    def _put(self, table: str, rows: Iterable[tuple[object, object]]) -> None:
        waiting = iter(rows)
        while some := list(itertools.islice(waiting, _AT_ONCE)):
            self._database.execute("BEGIN")
            self._database.executemany(f"INSERT INTO {table} VALUES (?, ?)", some)  # noqa: S608 - a name of ours
            self._database.execute("COMMIT")

    def _taken_apart(self, extractions: Iterable[Extraction]) -> list[Article]:
        """The articles of the extractions, whose claims and entities go into the database."""
        articles: dict[str, Article] = {}
        known = iter(extractions)
        while some := list(itertools.islice(known, _AT_ONCE)):
            self._put("claim", ((_key(statements.matter(c)), _packed(c)) for e in some for c in e.claims))
            self._put("entity", ((_key([vocab.entity(one.id)]), _packed(one)) for e in some for one in e.entities))
            articles |= {extraction.article.id: extraction.article for extraction in some}
        return list(articles.values())

    def _blocks(self, counts: Counter[str]) -> Iterator[tuple[bytes, str]]:
        """All blocks of the graph, each with its place; `counts` gets the predicates, and under "" the entities."""
        for article in self._articles.values():
            yield from self._written(statements.of_article(article, self._stories[article.id]))
        if self._articles:
            yield from self._written(statements.of_run())
        facts: list[tuple[bytes, bytes]] = []
        for claims in self._groups("claim", "matter"):
            subject = vocab.entity(claims[0].subject)
            said = []
            for triple in statements.of_matter(claims, self._articles, self._stories):
                if triple[0] == subject:
                    facts.append((_key([subject]), _packed(triple)))
                else:
                    said.append(triple)
            counts[claims[0].predicate] += sum(predicate == RDF.subject for _, predicate, _ in said)
            yield from self._written(said)
            if len(facts) >= _AT_ONCE:
                self._put("entity", facts)
                facts.clear()
        self._put("entity", facts)
        for items in self._groups("entity", "iri"):
            records = [item for item in items if isinstance(item, Entity)]
            counts[""] += bool(records)
            known = statements.of_entity(records[0].id, records) if records else ()
            yield from self._written([*known, *(item for item in items if not isinstance(item, Entity))])

    def _groups(self, table: str, key: str) -> Iterator[list[Any]]:
        """What a table holds, in groups of one key."""
        rows = self._database.execute(f"SELECT * FROM {table} ORDER BY {key}")  # noqa: S608 - names of ours
        for _, group in itertools.groupby(rows, key=lambda row: row[0]):
            yield [pickle.loads(item) for _, item in group]  # noqa: S301 - our own, and nobody else's to write

    def _written(self, triples: Iterable[Triple]) -> Iterator[tuple[bytes, str]]:
        blocks = turtle.blocks_of(dict.fromkeys(triples))
        places = turtle.places(blocks)
        for subject, block in blocks.items():
            yield _key(places[subject]), self._writer.block(subject, block)


def _key(parts: Iterable[str]) -> bytes:
    """Parts as bytes that sort as the parts do: no IRI holds a zero, and UTF-8 keeps the order of characters."""
    return b"\0".join(part.encode("utf-8", errors="surrogatepass") for part in parts)


def _packed(item: object) -> bytes:
    return pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
