"""Annotated articles: reads and checks gold JSON (format of `shared/gold`), one object a file.

A gold file has `id`, `title`, `text`, `entities` (`name`, `class`, `aliases`), `claims` (`s`, `p`, `o`,
`modality`, `tense`, `evidence` and qualifiers) and `optional` claims, which count neither way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import GoldError
from kg.model import Article, Modality, Tense


@dataclass(frozen=True, slots=True)
class GoldClaim:
    """A claim as annotated; arguments are names. `tense` and `evidence` may be empty in optional ones."""

    subject: str
    predicate: str
    object: str
    modality: Modality
    tense: Tense | None = None
    evidence: str = ""
    for_team: str = ""
    score: str = ""
    attributed_to: str = ""
    reported_in: str = ""
    competition: str = ""
    on_loan: bool = False
    implied: bool = False


@dataclass(frozen=True, slots=True)
class GoldEntity:
    """An entity as annotated: its name, its class, and its surface forms in the article."""

    name: str
    entity_class: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article with what a careful reader takes from it."""

    article: Article
    kind: str
    entities: tuple[GoldEntity, ...]
    claims: tuple[GoldClaim, ...]
    optional: tuple[GoldClaim, ...]

    def names(self, name: str) -> tuple[str, ...]:
        """All names of an entity, the given one first; the name alone where it is not listed."""
        for entity in self.entities:
            if entity.name == name:
                return (name, *entity.aliases)
        return (name,)


def read(paths: Iterable[Path]) -> list[GoldArticle]:
    """The articles of gold files and folders (recursively), by path; GoldError with file and place."""
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise GoldError("no gold files (*.json, *.jsonl) there; give files or folders of annotated articles")
    return [article for file in files for article in _articles(file)]


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix in (".json", ".jsonl"))
    elif path.is_file():
        yield path
    else:
        raise GoldError(f"{path}: no such file or folder")


def _articles(file: Path) -> Iterator[GoldArticle]:
    try:
        text = file.read_text(encoding="utf-8")
        records = (
            [json.loads(line) for line in text.splitlines() if line] if file.suffix == ".jsonl" else [json.loads(text)]
        )
    except (OSError, ValueError) as error:
        raise GoldError(f"{file}: not readable as gold JSON ({error})") from error
    for record in records:
        try:
            yield _article(record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GoldError(f"{file}: not in the gold format ({type(error).__name__}: {error})") from error


def _article(record: Mapping[str, Any]) -> GoldArticle:
    title, body = str(record.get("title", "")), str(record["text"])
    article = Article(
        id=str(record["id"]),
        text=f"{title}\n\n{body}" if title else body,
        title=title,
        date=str(record.get("date") or ""),
    )
    return GoldArticle(
        article=article,
        kind=str(record.get("kind", "")),
        entities=tuple(
            GoldEntity(str(row["name"]), str(row["class"]), tuple(map(str, row.get("aliases", ()))))
            for row in record["entities"]
        ),
        claims=tuple(map(_claim, record["claims"])),
        optional=tuple(map(_claim, record.get("optional", ()))),
    )


def _claim(row: Mapping[str, Any]) -> GoldClaim:
    return GoldClaim(
        subject=str(row["s"]),
        predicate=str(row["p"]),
        object=str(row.get("o") or "Injury"),
        modality=Modality(row.get("modality", "Asserted")),
        tense=Tense(row["tense"]) if row.get("tense") else None,
        evidence=str(row.get("evidence", "")),
        for_team=str(row.get("forTeam", "")),
        score=str(row.get("score", "")),
        attributed_to=str(row.get("attributedTo", "")),
        reported_in=str(row.get("reportedIn", "")),
        competition=str(row.get("inCompetition", "")),
        on_loan=bool(row.get("onLoan", False)),
        implied=bool(row.get("implied", False)),
    )
