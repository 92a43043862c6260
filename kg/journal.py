"""What was extracted from which article, durable: an SQLite file in the build folder.

The graph is a pure function of the journal: in whatever order and in however many runs articles were
read, the same rows give the same bytes. For each article it holds the cleaned text, the parse, what was
extracted, and by which versions of pack, rules and gazetteer. Keeping an article is one transaction;
what was kept before is never lost by what goes wrong later.

    article(id, digest, record, pack, parse, rules, gazetteer, extraction)    one row an article
    setting(name, value)                                                      how the folder was built

`record`, `parse` and `extraction` are JSON, compressed by zlib, whose checksum tells a torn one. A journal
that is damaged all the same is put aside, and the articles that can still be read go into a new one.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg import lock
from kg.errors import GraphError
from kg.model import (
    Article,
    Claim,
    Document,
    Entity,
    EntityClass,
    Evidence,
    Extraction,
    Modality,
    Name,
    Sentence,
    Span,
    Tense,
    Word,
)

FILE = "journal.sqlite"
"""Name of the journal in a build folder."""
_FORMAT = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    record BLOB NOT NULL,
    pack TEXT NOT NULL,
    parse BLOB NOT NULL,
    rules TEXT NOT NULL,
    gazetteer TEXT NOT NULL,
    extraction BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
"""
Row = tuple[str, str, bytes, str, bytes, str, str, bytes]
"""An article as the journal keeps it: its columns in the order of the table."""
_COLUMNS = "id, digest, record, pack, parse, rules, gazetteer, extraction"
_PUT = f"INSERT OR REPLACE INTO article ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
_CHANGED, _WRITTEN = "changed", "written"
_WORD = ("text", "lemma", "upos", "feats", "head", "deprel", "start", "end")
_SUFFIXES = ("-wal", "-shm")
"""What SQLite keeps beside a journal that is open, or whose owner was killed."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What an extraction depends on beside the article: digests of pack (with what adapts it), rules and gazetteer."""

    pack: str
    rules: str
    gazetteer: str


class Again:
    """Extractions that are read anew each time they are iterated: to read them twice, they need not be in memory."""

    def __init__(self, read: Callable[[], Iterator[Extraction]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[Extraction]:
        return self._read()


class Journal:
    """An opened journal; use `opened` to write one and `seen` to look into one.

    What goes wrong in the file itself (a full disk, damage) is sqlite3.Error inside, and GraphError once it
    leaves `opened` or `seen`.
    """

    def __init__(self, connection: sqlite3.Connection, recovered: str = "") -> None:
        self._connection = connection
        self.recovered = recovered
        """One line on a damaged journal that this one was made from, or empty."""

    def holds(self, article: Article, versions: Versions) -> bool:
        """Whether this very article (same id, text and data) was read by these versions of everything."""
        row = self._connection.execute(
            "SELECT 1 FROM article WHERE id = ? AND digest = ? AND pack = ? AND rules = ? AND gazetteer = ?",
            (article.id, _digest(article), versions.pack, versions.rules, versions.gazetteer),
        ).fetchone()
        return row is not None

    def stale(self, versions: Versions) -> tuple[str, ...]:
        """Ids of the articles that other versions of anything have read, sorted."""
        rows = self._connection.execute(
            "SELECT id FROM article WHERE pack <> ? OR rules <> ? OR gazetteer <> ? ORDER BY id",
            (versions.pack, versions.rules, versions.gazetteer),
        )
        return tuple(row[0] for row in rows)

    def article(self, identifier: str) -> Article | None:
        """The article with this id, or None."""
        row = self._connection.execute("SELECT record FROM article WHERE id = ?", (identifier,)).fetchone()
        return Article(**_unpacked(row[0])) if row else None

    def document(self, article: Article, pack: str) -> Document | None:
        """The parse of this very text by this version of the pack, or None where there is none."""
        row = self._connection.execute(
            "SELECT record, parse FROM article WHERE id = ? AND pack = ?", (article.id, pack)
        ).fetchone()
        if row is None:
            return None
        known = Article(**_unpacked(row[0]))
        if (known.text, known.title) != (article.text, article.title):
            return None
        return _document(article, _unpacked(row[1]))

    def put(self, document: Document, extraction: Extraction, versions: Versions) -> None:
        """Keeps an article with its parse and yield, in place of what it yielded before; one transaction."""
        self.keep(row_of(document, extraction, versions))

    def keep(self, row: Row) -> None:
        """Keeps an article as `row_of` gives it, in place of what it yielded before; one transaction."""
        with self._connection:
            self._connection.execute(_PUT, row)
            self._change()

    def remove(self, article: str) -> bool:
        """Forgets an article; False if the journal does not know it."""
        with self._connection:
            self._change()
            return self._connection.execute("DELETE FROM article WHERE id = ?", (article,)).rowcount > 0

    def take(self, other: Journal) -> Iterator[str]:
        """Takes over the articles of another journal, one a transaction, in the order of their ids.

        An article that is here already stays as it is; yields the ids of those whose text is another one.
        """
        rows = other._connection.execute(f"SELECT {_COLUMNS} FROM article ORDER BY id")  # noqa: S608 - a constant
        for row in rows:
            known = self.article(row[0])
            if known is None:
                with self._connection:
                    self._connection.execute(_PUT, row)
                    self._change()
            elif known.text != Article(**_unpacked(row[2])).text:
                yield row[0]

    def ids(self) -> tuple[str, ...]:
        """Ids of all articles, sorted."""
        return tuple(row[0] for row in self._connection.execute("SELECT id FROM article ORDER BY id"))

    def versions(self) -> dict[Versions, int]:
        """How many articles each set of versions has read."""
        rows = self._connection.execute(
            "SELECT pack, rules, gazetteer, count(*) FROM article GROUP BY pack, rules, gazetteer"
        )
        return {Versions(*row[:3]): row[3] for row in rows}

    def extractions(self) -> Iterator[Extraction]:
        """What all articles yield, in the order of their ids."""
        for record, extraction in self._connection.execute("SELECT record, extraction FROM article ORDER BY id"):
            yield _extraction(Article(**_unpacked(record)), _unpacked(extraction))

    def setting(self, name: str) -> str:
        """A setting by its name, or the empty string."""
        row = self._connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set(self, **settings: str) -> None:
        """Keeps some settings; one transaction."""
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO setting VALUES (?, ?)", settings.items())

    @property
    def is_written(self) -> bool:
        """Whether the outputs of the folder were written after the last change of the journal."""
        return self.setting(_CHANGED) == self.setting(_WRITTEN)

    def written(self) -> None:
        """Keeps that the outputs were written from what the journal holds now."""
        self.set(**{_WRITTEN: self.setting(_CHANGED)})

    def _change(self) -> None:
        self._connection.execute(
            "INSERT INTO setting VALUES (?, '1') ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1",
            (_CHANGED,),
        )


def row_of(document: Document, extraction: Extraction, versions: Versions) -> Row:
    """An article with its parse and yield as a row of the journal; made wherever the article was read."""
    article = document.article
    return (
        article.id,
        _digest(article),
        _packed(asdict(article)),
        versions.pack,
        _packed(_parse(document)),
        versions.rules,
        versions.gazetteer,
        _packed(_yield(extraction)),
    )


@contextmanager
def opened(folder: Path) -> Iterator[Journal]:
    """The journal of a build folder for writing, made where there is none; nobody else writes there meanwhile.

    A damaged journal is put aside and what can be read of it is kept (`Journal.recovered` says so). Raises
    GraphError where the folder is in use, cannot be written, or was made by a newer kg, and for a full disk.
    """
    path = folder / FILE
    with lock.locked(folder), _explained(path):
        recovered = ""
        if path.exists() and not _is_sound(path):
            recovered = _recovered(path)
        with _connected(path) as connection:
            yield Journal(connection, recovered)


@contextmanager
def seen(folder: Path) -> Iterator[Journal]:
    """The journal of a build folder for reading, also while it is written; GraphError where there is none."""
    path = folder / FILE
    if not path.is_file():
        raise GraphError(f"{folder}: no build of kg; make one with kg build INPUT -o {folder}")
    with _explained(path):
        # SQLite keeps files of its own beside a journal that it reads, which a read-only folder does not let it
        mode = "rw" if os.access(folder, os.W_OK) else "ro&immutable=1"
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=60)
        try:
            if not _check_format(connection, path):
                raise GraphError(f"{folder}: nothing was read here yet; run kg build again")
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")  # what is read twice is the same twice, whoever writes meanwhile
            yield Journal(connection)
        finally:
            connection.close()


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=60)
    try:
        _check_format(connection, path)
        # readers are not kept waiting, and a transaction is on the disk when it ends, also if the plug is pulled
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT;")
        yield connection
    finally:
        connection.close()


def _check_format(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether there are tables already: a run may have been killed before it made them."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, _FORMAT):
        raise GraphError(f"{path}: made by another version of kg; build into another folder with -o")
    return bool(version)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns what SQLite says into one line for the person at the terminal."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            reason = f"the disk is full or fails ({error}); what was read so far is kept: make room and run this again"
        elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            reason = f"cannot be written ({error}); choose another folder with -o"
        elif name.startswith("SQLITE_BUSY"):
            reason = "another program holds the journal; run this again when it has ended"
        else:
            reason = f"no journal of kg, or damaged ({error}); kg build or kg rebuild keep what can be read of it"
        raise GraphError(f"{path}: {reason}") from error
    except zlib.error as error:
        raise GraphError(f"{path}: damaged ({error}); kg rebuild keeps what can be read of it") from error


# Damage ------------------------------------------------------------------------------------------------


def _is_sound(path: Path) -> bool:
    """Whether a journal can be read from end to end; one of another version of kg is left alone."""
    try:
        connection = sqlite3.connect(path, timeout=60)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, _FORMAT):
                return True
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)) and all(
                map(_is_whole, connection.execute("SELECT record, parse, extraction FROM article"))
            )
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # killed before the first transaction
            return True
        raise
    except sqlite3.DatabaseError:
        return False


def _is_whole(blobs: Iterable[Any]) -> bool:
    try:
        return all(zlib.decompress(blob) for blob in blobs)
    except (zlib.error, TypeError):
        return False


def _recovered(path: Path) -> str:
    """Puts a damaged journal aside and a new one in its place with what can still be read; says so in one line."""
    aside = next(
        name for number in itertools.count(1) if not (name := path.with_name(f"{path.name}.damaged-{number}")).exists()
    )
    fresh = path.with_name(f"{path.name}.new")
    for suffix in ("", *_SUFFIXES):
        Path(f"{fresh}{suffix}").unlink(missing_ok=True)
    count = 0
    with _connected(fresh) as connection:
        for row in _readable(path):
            with connection:
                connection.execute(_PUT, row)
                Journal(connection)._change()
            count += 1
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in _SUFFIXES:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
    # the new one takes the name in one step: killed in between, the next run recovers the damaged one again
    try:
        aside.hardlink_to(path)
    except OSError:  # a file system without links
        path.replace(aside)
    fresh.replace(path)
    return f"{path}: damaged; {count} articles could be kept, the damaged file is {aside.name}: name all inputs again"


def _readable(path: Path) -> Iterator[tuple[Any, ...]]:
    """The rows of a damaged journal that are whole."""
    connection = sqlite3.connect(path, timeout=60)
    try:
        # without this, SQLite refuses any file that is shorter than it should be
        connection.execute("PRAGMA writable_schema = ON")
        for number in _numbers(connection):
            try:
                row = connection.execute(
                    f"SELECT {_COLUMNS} FROM article WHERE rowid = ?",  # noqa: S608 - a constant
                    (number,),
                ).fetchone()
            except sqlite3.DatabaseError:
                continue
            if row is not None and _is_whole((row[2], row[4], row[7])):
                yield tuple(row)
    except sqlite3.DatabaseError:
        return
    finally:
        connection.close()


def _numbers(connection: sqlite3.Connection) -> Iterator[int]:
    """Row numbers of a damaged table, as far as it can be walked from both ends."""
    known: set[int] = set()
    for order in ("ASC", "DESC"):
        try:
            for (number,) in connection.execute(f"SELECT rowid FROM article NOT INDEXED ORDER BY rowid {order}"):  # noqa: S608
                if number in known:
                    break
                known.add(number)
                yield number
        except sqlite3.DatabaseError:
            continue


# Records ↔ JSON ----------------------------------------------------------------------------------------


def _digest(article: Article) -> str:
    """Of the text and of what else the graph says of the article (its source path is not part of it)."""
    return "|".join((article.digest, article.title, article.url, article.outlet, article.date))


def _packed(value: object) -> bytes:
    # escapes keep half characters, which UTF-8 cannot
    return zlib.compress(json.dumps(value, separators=(",", ":"), sort_keys=True).encode("ascii"), 9)


def _unpacked(blob: bytes) -> Any:
    return json.loads(zlib.decompress(blob))


def _parse(document: Document) -> dict[str, Any]:
    """Sentences as columns, which compress better than rows."""
    return {
        "sentences": [
            {
                "span": [sentence.start, sentence.end],
                "headline": sentence.headline,
                **{name: [getattr(word, name) for word in sentence.words] for name in _WORD},
            }
            for sentence in document.sentences
        ],
        "names": [[name.start, name.end, name.label] for name in document.names],
    }


def _document(article: Article, parse: dict[str, Any]) -> Document:
    sentences = tuple(
        Sentence(
            index=index,
            start=columns["span"][0],
            end=columns["span"][1],
            words=tuple(
                Word(position, *cells)
                for position, cells in enumerate(zip(*(columns[name] for name in _WORD), strict=True))
            ),
            headline=columns["headline"],
        )
        for index, columns in enumerate(parse["sentences"])
    )
    return Document(article, sentences, tuple(Name(*name) for name in parse["names"]))


def _yield(extraction: Extraction) -> dict[str, Any]:
    record = asdict(extraction)
    del record["article"]  # has a column of its own
    return record


def _extraction(article: Article, record: dict[str, Any]) -> Extraction:
    return Extraction(
        article=article,
        words=record["words"],
        entities=tuple(_entity(entity) for entity in record["entities"]),
        claims=tuple(_claim(claim) for claim in record["claims"]),
    )


def _entity(record: dict[str, Any]) -> Entity:
    record["entity_class"] = EntityClass(record["entity_class"])
    record["aliases"], record["roles"] = tuple(record["aliases"]), tuple(record["roles"])
    return Entity(**record)


def _claim(record: dict[str, Any]) -> Claim:
    record["modality"], record["tense"] = Modality(record["modality"]), Tense(record["tense"])
    record["evidence"] = tuple(_evidence(piece) for piece in record["evidence"])
    return Claim(**record)


def _evidence(record: dict[str, Any]) -> Evidence:
    for name in ("sentence", "subject", "object"):
        record[name] = Span(**record[name]) if record[name] else None
    return Evidence(**record)
