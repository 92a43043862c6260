"""Extractions → Turtle by way of the disk: for archives whose graph does not fit in memory.

Claims and entities are sorted in a temporary database, which then gives them group by group: all claims about one
matter, all that articles know of one entity. Each group becomes blocks of Turtle, which are sorted once more and
written. The file has the same bytes as the graph of `statements` in the hand of `turtle`. In memory are the articles
without their words, one group, and what finds copies (some tens of kilobytes an article). SQLite sorts in a temporary
folder of its own (`SQLITE_TMPDIR` or `TMPDIR`, else /var/tmp).
"""

from __future__ import annotations

import itertools
import pickle
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
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
_AT_ONCE = 1_000
"""Rows put into the database in one go."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a graph holds: entities, and statements by predicate."""

    entities: int
    by_predicate: Mapping[str, int]


def write(extractions: Iterable[Extraction], path: Path) -> Tally:
    """Writes the graph of some extractions, each of an article of its own, as a Turtle file: all of it or nothing.

    GraphError where the file, or what is sorted on the way, cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=FOLDER, dir=path.parent) as folder, _sorter(Path(folder)) as sorter:
            assembly = _Assembly(sorter, extractions)
            sorter.put("block", assembly.blocks())
            sorter.drop("entity")
            texts = (text for _, block in sorter.groups("block") for text in block)
            turtle.write_parts(itertools.chain([assembly.header()], _with_blank_lines(texts)), path)
            return Tally(assembly.entities, assembly.by_predicate)
    except OSError as error:
        raise GraphError(f"{path}: the graph cannot be written ({error.strerror or error})") from error


def _with_blank_lines(texts: Iterable[str]) -> Iterator[str]:
    """Blocks with a blank line between each two."""
    between = ""
    for text in texts:
        yield between + text
        between = "\n"


class _Assembly:
    """The blocks of one graph in the making; counts what it writes."""

    def __init__(self, sorter: _Sorter, extractions: Iterable[Extraction]) -> None:
        self._sorter = sorter
        self._writer = turtle.Writer()
        self._articles: dict[str, Article] = {}
        self._stories = copies.stories(self._taken_apart(extractions))
        self.entities = 0
        self.by_predicate: Counter[str] = Counter()

    def header(self) -> str:
        """The prefixes of the blocks given so far."""
        return self._writer.header()

    def _taken_apart(self, extractions: Iterable[Extraction]) -> Iterator[Article]:
        """The articles of the extractions; claims and entities go to the sorter, and the words are forgotten."""
        known = iter(extractions)
        while some := list(itertools.islice(known, _AT_ONCE)):
            self._sorter.put("claim", ((_key(statements.matter(c)), _packed(c)) for e in some for c in e.claims))
            # the score of a link, which differs from article to article, is not written
            records = (replace(entity, score=1.0) for extraction in some for entity in extraction.entities)
            self._sorter.put("entity", ((_key([vocab.entity(one.id)]), _packed(one)) for one in records))
            for extraction in some:
                self._articles[extraction.article.id] = replace(extraction.article, text="")
                yield extraction.article

    def blocks(self) -> Iterator[tuple[bytes, bytes]]:
        """All blocks of the graph, each with the place that it is sorted by."""
        for article in self._articles.values():
            yield from self._written(statements.of_article(article, self._stories[article.id]))
        if self._articles:
            yield from self._written(statements.of_run())
        yield from self._of_claims()
        self._sorter.drop("claim")
        for _, items in self._sorter.groups("entity"):
            known = list(items)
            records = [item for item in known if isinstance(item, Entity)]
            facts = [item for item in known if not isinstance(item, Entity)]
            self.entities += bool(records)
            yield from self._written([*(statements.of_entity(records[0].id, records) if records else ()), *facts])

    def _of_claims(self) -> Iterator[tuple[bytes, bytes]]:
        """The blocks of statements and evidence; facts go to the entities that they are said of."""
        facts: list[tuple[bytes, bytes]] = []
        for _, claims in self._sorter.groups("claim"):
            group = list(claims)
            subject = vocab.entity(group[0].subject)
            said: list[Triple] = []
            for triple in statements.of_matter(group, self._articles, self._stories):
                if triple[0] == subject:
                    facts.append((_key([subject]), _packed(triple)))
                else:
                    said.append(triple)
            self.by_predicate[group[0].predicate] += sum(predicate == RDF.subject for _, predicate, _ in said)
            yield from self._written(said)
            if len(facts) >= _AT_ONCE:
                self._sorter.put("entity", facts)
                facts.clear()
        self._sorter.put("entity", facts)

    def _written(self, triples: Iterable[Triple]) -> Iterator[tuple[bytes, bytes]]:
        blocks = turtle.blocks_of(dict.fromkeys(triples))
        places = turtle.places(blocks)
        for subject, block in blocks.items():
            yield _key(places[subject]), _packed(self._writer.block(subject, block))


def _key(parts: Iterable[str]) -> bytes:
    """Parts as bytes that sort as the parts do: no IRI holds a zero, and UTF-8 keeps the order of characters."""
    return b"\0".join(part.encode("utf-8", errors="surrogatepass") for part in parts)


# Sorting -----------------------------------------------------------------------------------------------


class _Sorter:
    """Tables of items with keys, on disk; what goes wrong there is OSError."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def put(self, table: str, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Adds items, packed, with their keys."""
        waiting = iter(rows)
        while some := list(itertools.islice(waiting, _AT_ONCE)):
            with _as_os_error():
                self._database.execute("BEGIN")
                self._database.executemany(f"INSERT INTO {table} VALUES (?, ?)", some)  # noqa: S608 - a name of ours
                self._database.execute("COMMIT")

    def groups(self, table: str) -> Iterator[tuple[bytes, Iterator[Any]]]:
        """The items of a table by key, in the order of the keys; of equal items of a key only one is kept in memory."""
        rows = self._rows(f"SELECT key, item, count(*) FROM {table} GROUP BY key, item ORDER BY key")  # noqa: S608
        for key, group in itertools.groupby(rows, key=lambda row: row[0]):
            # our own, and nobody else's to write
            items = ((pickle.loads(item), times) for _, item, times in group)  # noqa: S301
            yield key, itertools.chain.from_iterable(itertools.repeat(item, times) for item, times in items)

    def drop(self, table: str) -> None:
        """Forgets a table, so that its room serves the next."""
        with _as_os_error():
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours

    def _rows(self, query: str) -> Iterator[Any]:
        with _as_os_error():
            found = self._database.execute(query)
        while True:
            with _as_os_error():
                row = found.fetchone()
            if row is None:
                return
            yield row


@contextmanager
def _sorter(folder: Path) -> Iterator[_Sorter]:
    with _as_os_error():
        database = sqlite3.connect(folder / "sorted.sqlite", isolation_level=None)
    try:
        with _as_os_error():
            # nothing is kept: a run that is killed begins anew
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
            for table in ("claim", "entity", "block"):
                database.execute(f"CREATE TABLE {table} (key BLOB, item BLOB)")
        yield _Sorter(database)
    finally:
        database.close()


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(f"sorting on disk failed: {error}") from error


def _packed(item: object) -> bytes:
    return pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
