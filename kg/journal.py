"""What was extracted from which article, durable: an SQLite file in the build folder.

The graph is a pure function of the journal: in whatever order and in however many runs articles were
read, the same rows give the same bytes. Reading an article is one transaction; what was read before is
never lost by what goes wrong later.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kg.errors import GraphError
from kg.model import (
    Article,
    Claim,
    Entity,
    EntityClass,
    Evidence,
    Extraction,
    Modality,
    Span,
    Tense,
)

FILE = "journal.sqlite"
"""Name of the journal in a build folder."""
_FORMAT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS article (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    version TEXT NOT NULL,
    record TEXT NOT NULL
) WITHOUT ROWID;
"""


class Journal:
    """An opened journal; use `opened` to get one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def holds(self, article: Article, version: str) -> bool:
        """Whether this very article (same id, text and data) was read by this version of everything."""
        row = self._connection.execute(
            "SELECT 1 FROM article WHERE id = ? AND digest = ? AND version = ?",
            (article.id, _digest(article), version),
        ).fetchone()
        return row is not None

    def put(self, extraction: Extraction, version: str) -> None:
        """Keeps what an article yields, in place of what it yielded before; one transaction."""
        record = json.dumps(asdict(extraction), ensure_ascii=False, sort_keys=True)
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO article VALUES (?, ?, ?, ?)",
                (extraction.article.id, _digest(extraction.article), version, record),
            )

    def remove(self, article: str) -> bool:
        """Forgets an article; False if the journal does not know it."""
        with self._connection:
            return self._connection.execute("DELETE FROM article WHERE id = ?", (article,)).rowcount > 0

    def ids(self) -> tuple[str, ...]:
        """Ids of all articles, sorted."""
        return tuple(row[0] for row in self._connection.execute("SELECT id FROM article ORDER BY id"))

    def extractions(self) -> Iterator[Extraction]:
        """What all articles yield, in the order of their ids."""
        for (record,) in self._connection.execute("SELECT record FROM article ORDER BY id"):
            yield _extraction(json.loads(record))


@contextmanager
def opened(folder: Path) -> Iterator[Journal]:
    """The journal of a build folder, made where there is none; GraphError where it cannot be opened."""
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=60)
    except (OSError, sqlite3.Error) as error:
        raise GraphError(f"{path}: the build folder cannot be written ({error}); choose another with -o") from error
    try:
        with connection:
            connection.execute("PRAGMA journal_mode = WAL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, _FORMAT):
                raise GraphError(f"{path}: made by another version of kg; build into another folder with -o")
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        yield Journal(connection)
    except sqlite3.DatabaseError as error:
        raise GraphError(f"{path}: no journal of kg, or damaged ({error}); move it away and build again") from error
    finally:
        connection.close()


def _digest(article: Article) -> str:
    """Of the text and of what else the graph says of the article (its source path is not part of it)."""
    return "|".join((article.digest, article.title, article.url, article.outlet, article.date))


def _extraction(record: dict[str, Any]) -> Extraction:
    return Extraction(
        article=Article(**record["article"]),
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
