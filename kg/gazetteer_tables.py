"""Reads and checks the gazetteer's tables: tab-separated, UTF-8, one header line, no quoting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.errors import GazetteerError
from kg.model import EntityClass
from kg.names import folded, slug

_NAMED = ("id", "label", "aliases", "detail", "qid")
_COLUMNS: dict[str, tuple[EntityClass | None, tuple[str, ...]]] = {
    "clubs.tsv": (EntityClass.CLUB, (*_NAMED, "city", "level")),
    "national_teams.tsv": (EntityClass.NATIONAL_TEAM, _NAMED),
    "competitions.tsv": (EntityClass.COMPETITION, _NAMED),
    "venues.tsv": (EntityClass.VENUE, (*_NAMED, "home_of")),
    "countries.tsv": (EntityClass.COUNTRY, (*_NAMED, "adjectives")),
    "outlets.tsv": (EntityClass.OUTLET, _NAMED),
    "federations.tsv": (EntityClass.FEDERATION, _NAMED),
    "people.tsv": (EntityClass.PERSON, (*_NAMED, "birth_year", "nationality", "clubs", "prominence")),
    "nicknames.tsv": (None, ("epithet", "kind", "entity")),
}
TABLES = tuple(_COLUMNS)
"""File names of all tables; none is obligatory, but a folder must hold at least one."""
_KINDS = frozenset({"nickname", "colour", "demonym", "city"})
_NUMBERS = ("birth_year", "prominence")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an entity, or (`epithet` not empty) an epithet of the entity `id`; `own` if the user's."""

    id: str
    entity_class: EntityClass
    cells: dict[str, str]
    epithet: str = ""
    own: bool = False


def read_tables(folders: list[Path]) -> tuple[Row, ...]:
    """The rows of all tables; a later folder replaces rows with the same id and adds to the rest.

    Cities are not in the tables: they are taken from those of the clubs. Raises GazetteerError.
    """
    entities: dict[str, Row] = {}
    epithets: list[tuple[str, dict[str, str], bool]] = []
    for number, folder in enumerate(folders):
        if not any((folder / table).is_file() for table in TABLES):
            raise GazetteerError(f"{folder}: holds none of the gazetteer's tables ({', '.join(TABLES)})")
        own = number > 0
        seen: dict[str, str] = {}
        for place, entity_class, cells in _folder_rows(folder):
            if entity_class is None:
                epithets.append((place, cells, own))
                continue
            if cells["id"] in seen:
                raise GazetteerError(f"{place}: id {cells['id']!r} is used before, in {seen[cells['id']]}")
            seen[cells["id"]] = place
            entities[cells["id"]] = Row(cells["id"], entity_class, cells, own=own)
    rows = list(entities.values()) + list(_cities(entities))
    for place, cells, own in epithets:
        target = entities.get(cells["entity"])
        if target is None:
            raise GazetteerError(f"{place}: epithet of {cells['entity']!r}, which no table lists")
        rows.append(Row(target.id, target.entity_class, cells, epithet=cells["epithet"], own=own))
    return tuple(rows)


def _folder_rows(folder: Path) -> Iterator[tuple[str, EntityClass | None, dict[str, str]]]:
    for table, (entity_class, needed) in _COLUMNS.items():
        path = folder / table
        if path.is_file():
            for place, cells in _file_rows(path, needed):
                _check(place, cells, entity_class)
                yield place, entity_class, cells


def _file_rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GazetteerError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        broken = content.count(b"\n", 0, error.start) + 1
        raise GazetteerError(f"{path}, line {broken}: not UTF-8; save the table as UTF-8") from error
    header = lines[0].rstrip("\r").split("\t")
    missing = [column for column in needed if column not in header]
    if missing:
        raise GazetteerError(f"{path}, line 1: the header lacks {', '.join(missing)}")
    for number, line in enumerate(lines[1:], start=2):
        cells = line.rstrip("\r").split("\t")
        if cells == [""]:
            continue
        if len(cells) != len(header):
            raise GazetteerError(f"{path}, line {number}: {len(cells)} cells, the header has {len(header)}")
        yield f"{path}, line {number}", dict(zip(header, cells, strict=True))


def _check(place: str, cells: dict[str, str], entity_class: EntityClass | None) -> None:
    if entity_class is None:
        if not folded(cells["epithet"]):
            raise GazetteerError(f"{place}: the epithet is empty")
        if cells["kind"] not in _KINDS:
            raise GazetteerError(f"{place}: kind {cells['kind']!r} is none of {', '.join(sorted(_KINDS))}")
        return
    if cells["id"] != slug(cells["id"]):
        raise GazetteerError(f"{place}: id {cells['id']!r} is no slug (a-z, 0-9 and hyphens)")
    if not folded(cells["label"]):
        raise GazetteerError(f"{place}: the label is empty")
    for column in _NUMBERS:
        if cells.get(column) and not (cells[column].isascii() and cells[column].isdigit()):
            raise GazetteerError(f"{place}: {column} {cells[column]!r} is no number")


def _cities(entities: dict[str, Row]) -> Iterator[Row]:
    """One city for each place where a club of the gazetteer is at home, named as its table names it."""
    towns = {row.cells["city"] for row in entities.values() if row.cells.get("city")}
    for town in sorted(towns):
        cells = {"id": f"city/{slug(town)}", "label": town, "detail": ""}
        yield Row(cells["id"], EntityClass.CITY, cells)
