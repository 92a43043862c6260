"""Who is who: reads the gazetteer's tables and answers which entities a name may stand for.

The tables (`seeds/gazetteer`, described there) are compiled once into an SQLite file in the user's
cache folder, named after the digest of their content; a changed file gives a new index. Where the
cache cannot be written, the index is built in memory. Names are compared without case and accents.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kg import resources
from kg.errors import GazetteerError
from kg.gazetteer_tables import TABLES, Row, read_tables
from kg.model import EntityClass
from kg.names import folded, slug, surname, tails

_FORMAT = "4"
"""Changes whenever the index is laid out anew, so that old caches are left alone."""
_PREFIXES = {
    EntityClass.PERSON: "person",
    EntityClass.CLUB: "club",
    EntityClass.NATIONAL_TEAM: "national-team",
    EntityClass.COMPETITION: "competition",
    EntityClass.VENUE: "venue",
    EntityClass.COUNTRY: "country",
    EntityClass.CITY: "city",
    EntityClass.OUTLET: "outlet",
    EntityClass.FEDERATION: "federation",
}


def entity_path(entity_class: EntityClass, key: str) -> str:
    """The path of an entity's IRI below the id namespace: `person/carlo-ancelotti`."""
    return f"{_PREFIXES[entity_class]}/{key}"


class FormKind(StrEnum):
    """How a form names its entity."""

    LABEL = "label"
    ALIAS = "alias"
    SURNAME = "surname"  # derived: the last part of a person's name
    ADJECTIVE = "adjective"  # of a country
    NICKNAME = "nickname"
    COLOUR = "colour"
    DEMONYM = "demonym"
    TOWN = "city"  # of a club that is not named after it


NAMING = frozenset({FormKind.LABEL, FormKind.ALIAS, FormKind.SURNAME})
"""Forms that are names; the others are epithets."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entity of the gazetteer.

    `id` is its key there, `path` that of its IRI. `roles` (main one first), `nationality` (a country's
    id), `clubs` (ids of sides at some time), `prominence` (1 to 3) and `birth_year` (0 if unknown) speak of
    people; `country` is the id of the country of a side or venue, `level` of a club is A, B, C, D in
    Italy and 1 or 2 abroad; `detail` is the table's cell.
    """

    id: str
    entity_class: EntityClass
    label: str
    aliases: tuple[str, ...] = ()
    qid: str = ""
    roles: tuple[str, ...] = ()
    nationality: str = ""
    clubs: tuple[str, ...] = ()
    prominence: int = 0
    birth_year: int = 0
    detail: str = ""
    city: str = ""
    level: str = ""

    @property
    def path(self) -> str:
        """The path of the entity's IRI below the id namespace."""
        return entity_path(self.entity_class, self.id.partition("/")[2] or self.id)

    @property
    def country(self) -> str:
        """Id of the country of a club, national side, competition, venue or outlet; empty if unknown."""
        if self.entity_class is EntityClass.PERSON:
            return self.nationality
        parts = self.detail.split(";")
        if self.entity_class in (EntityClass.CLUB, EntityClass.NATIONAL_TEAM):
            return parts[0]
        return parts[1] if len(parts) > 1 else ""

    @property
    def senior_men(self) -> bool:
        """Whether a national side is a country's first men's side."""
        return self.entity_class is EntityClass.NATIONAL_TEAM and self.detail.endswith(";men")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to name an entity: `text` as the table prints it, without its article (`article` keeps it)."""

    key: str
    kind: FormKind
    text: str
    article: bool
    entity: str


class Gazetteer:
    """An opened index; safe to share between readers of one thread."""

    def __init__(self, index: sqlite3.Connection) -> None:
        self._index = index
        self._entries: dict[str, Entry | None] = {}
        self._forms: dict[str, tuple[Form, ...]] = {}
        self._openings: dict[str, int] = dict(index.execute("SELECT word, longest FROM opening"))
        self._given: dict[str, int] = dict(index.execute("SELECT word, people FROM given"))

    def entry(self, key: str) -> Entry:
        """The entity with this id of the gazetteer; KeyError if there is none."""
        found = self.find(key)
        if found is None:
            raise KeyError(key)
        return found

    def find(self, key: str) -> Entry | None:
        """The entity with this id, or None."""
        if key not in self._entries:
            row = self._index.execute("SELECT * FROM entry WHERE id = ?", (key,)).fetchone()
            self._entries[key] = _entry(row) if row else None
        return self._entries[key]

    def forms(self, name: str) -> tuple[Form, ...]:
        """All ways in which a text may name an entity, best first; accents and case do not count."""
        key = folded(name)
        if key not in self._forms:
            rows = self._index.execute(
                "SELECT key, kind, text, article, entity FROM form WHERE key = ? ORDER BY rank DESC, entity",
                (key,),
            )
            self._forms[key] = tuple(Form(k, FormKind(kind), t, bool(a), e) for k, kind, t, a, e in rows)
        return self._forms[key]

    def candidates(self, name: str) -> tuple[Entry, ...]:
        """The entities that bear this name (full, alias or surname), best known first."""
        return self._entities(form for form in self.forms(name) if form.kind in NAMING)

    def like(self, name: str) -> tuple[Entry, ...]:
        """People whose full name has the same words but the last, which begins alike, in order of their ranks."""
        before, blank, last = folded(name).rpartition(" ")
        if not blank:
            return ()
        stem = before + blank + last[:1]
        rows = self._index.execute(
            "SELECT DISTINCT entity FROM form WHERE key >= ? AND key < ? AND kind IN (?, ?) ORDER BY rank LIMIT 200",
            (stem, stem + chr(0x10FFFF), FormKind.LABEL.value, FormKind.ALIAS.value),
        )
        entries = [self.entry(key) for (key,) in rows.fetchall()]
        return tuple(entry for entry in entries if entry.entity_class is EntityClass.PERSON)

    def epithets(self, phrase: str, *kinds: FormKind) -> tuple[Entry, ...]:
        """The sides (or others) that a nickname, colour or demonym stands for, best known first."""
        wanted = set(kinds) or {FormKind.NICKNAME, FormKind.COLOUR, FormKind.DEMONYM, FormKind.TOWN}
        return self._entities(form for form in self.forms(phrase) if form.kind in wanted)

    def country_of_adjective(self, word: str) -> Entry | None:
        """The country of «italiano», «argentine», …; None if the word is no such adjective."""
        found = self.epithets(word, FormKind.ADJECTIVE)
        return found[0] if found else None

    def league(self, country: str) -> Entry | None:
        """The first league of a country (its id), or None: what its champions have won."""
        row = self._index.execute(
            "SELECT id FROM entry WHERE class = ? AND detail = ? ORDER BY rowid LIMIT 1",
            (EntityClass.COMPETITION.value, f"league;{country}"),
        ).fetchone()
        return self.find(row[0]) if row else None

    def longest(self, word: str) -> int:
        """How many words the longest form has that opens with this folded word; 0 if none does."""
        return self._openings.get(word, 0)

    def given_name(self, word: str) -> int:
        """How many people of the gazetteer have this first name."""
        return self._given.get(folded(word), 0)

    def _entities(self, forms: object) -> tuple[Entry, ...]:
        found: dict[str, Entry] = {}
        for form in forms:  # type: ignore[attr-defined]
            entry = self.find(form.entity)
            if entry is not None:
                found.setdefault(entry.id, entry)
        return tuple(found.values())


def default_folder() -> Path:
    """The gazetteer that comes with kg."""
    return resources.folder("seeds") / "gazetteer"


def load(folder: Path | None = None, extra: Path | None = None) -> Gazetteer:
    """The gazetteer of a folder (default: the one that comes with kg) with the user's own rows, which win.

    Raises GazetteerError, naming file and line, if a table is missing or not well formed.
    """
    folders = [folder or default_folder()] + ([extra] if extra else [])
    for one in folders:
        if not one.is_dir():
            raise GazetteerError(f"{one}: no such folder; --gazetteer wants a folder with tables like {TABLES[0]}")
    name = f"gazetteer-{_digest(folders)}.sqlite"
    cached = _cache_folder() / name
    opened = _opened(cached)
    if opened is not None:
        return Gazetteer(opened)
    rows = read_tables(folders)
    with contextlib.suppress(OSError, sqlite3.Error):
        _compile_to(cached, rows)
        opened = _opened(cached)
    if opened is None:
        opened = sqlite3.connect(":memory:")
        _compile(opened, rows)
    return Gazetteer(opened)


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "kg"


def _digest(folders: list[Path]) -> str:
    digest = hashlib.sha256(_FORMAT.encode())
    for folder in folders:
        for table in TABLES:
            path = folder / table
            try:
                content = path.read_bytes() if path.exists() else b""
            except OSError as error:
                raise GazetteerError(f"{path}: cannot be read ({error.strerror})") from error
            digest.update(f"{table}:{len(content)}:".encode() + content)
    return digest.hexdigest()[:20]


def _opened(path: Path) -> sqlite3.Connection | None:
    """The compiled index, or None if it is missing or damaged."""
    if not path.is_file():
        return None
    try:
        index = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        if index.execute("SELECT value FROM meta WHERE key = 'format'").fetchone() == (_FORMAT,):
            return index
    except sqlite3.Error:
        return None
    return None


def _compile_to(path: Path, rows: tuple[Row, ...]) -> None:
    """Writes the index beside its place and moves it there whole, so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".draft")
    os.close(handle)
    try:
        index = sqlite3.connect(draft)
        _compile(index, rows)
        index.close()
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _compile(index: sqlite3.Connection, rows: tuple[Row, ...]) -> None:
    index.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
        "CREATE TABLE meta (key TEXT, value TEXT);"
        "CREATE TABLE entry (id TEXT PRIMARY KEY, class TEXT, label TEXT, aliases TEXT, qid TEXT, roles TEXT,"
        " nationality TEXT, clubs TEXT, prominence INT, birth_year INT, detail TEXT, city TEXT, level TEXT);"
        "CREATE TABLE form (key TEXT, kind TEXT, text TEXT, article INT, entity TEXT, rank INT);"
        "CREATE TABLE opening (word TEXT PRIMARY KEY, longest INT);"
        "CREATE TABLE given (word TEXT PRIMARY KEY, people INT);"
    )
    entries = {row.id: _from_row(row) for row in rows if not row.epithet}
    persons = (entry for entry in entries.values() if entry.entity_class is EntityClass.PERSON)
    people = Counter(club for person in persons for club in person.clubs)
    forms = dict.fromkeys(form for row in rows for form in _forms(row, entries, people))
    openings: dict[str, int] = {}
    for form, _ in forms:
        words = form.key.split()
        openings[words[0]] = max(openings.get(words[0], 0), len(words))
    given: dict[str, int] = {}
    for entry in entries.values():
        if entry.entity_class is EntityClass.PERSON and " " in entry.label:
            first = folded(entry.label).split()[0]
            given[first] = given.get(first, 0) + 1
    index.executemany("INSERT INTO entry VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", map(_cells, entries.values()))
    index.executemany(
        "INSERT INTO form VALUES (?,?,?,?,?,?)",
        ((form.key, form.kind, form.text, form.article, form.entity, rank) for form, rank in forms),
    )
    index.executemany("INSERT INTO opening VALUES (?,?)", openings.items())
    index.executemany("INSERT INTO given VALUES (?,?)", given.items())
    index.execute("CREATE INDEX by_key ON form (key)")
    index.execute("INSERT INTO meta VALUES ('format', ?)", (_FORMAT,))
    index.commit()


def _from_row(row: Row) -> Entry:
    cells = row.cells
    return Entry(
        id=row.id,
        entity_class=row.entity_class,
        label=cells["label"],
        aliases=_split(cells.get("aliases", "")),
        qid=cells.get("qid", ""),
        roles=_split(cells["detail"]) if row.entity_class is EntityClass.PERSON else (),
        nationality=cells.get("nationality", ""),
        clubs=_split(cells.get("clubs", "")) or _split(cells.get("home_of", "")),
        prominence=int(cells.get("prominence") or 0),
        birth_year=int(cells.get("birth_year") or 0),
        detail=cells.get("detail", ""),
        city=cells.get("city", ""),
        level=cells.get("level", ""),
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _cells(entry: Entry) -> tuple[object, ...]:
    lists = ("|".join(part) for part in (entry.aliases, entry.roles, entry.clubs))
    aliases, roles, clubs = lists
    return (
        entry.id, entry.entity_class.value, entry.label, aliases, entry.qid, roles, entry.nationality, clubs,
        entry.prominence, entry.birth_year, entry.detail, entry.city, entry.level,
    )  # fmt: skip


def _entry(row: tuple[str, str, str, str, str, str, str, str, int, int, str, str, str]) -> Entry:
    key, kind, label, aliases, qid, roles, nationality, clubs, prominence, birth_year, detail, city, level = row
    return Entry(
        key, EntityClass(kind), label, _split(aliases), qid, _split(roles), nationality, _split(clubs),
        prominence, birth_year, detail, city, level,
    )  # fmt: skip


# Forms -------------------------------------------------------------------------------------------------

_ARTICLES = ("il ", "lo ", "la ", "i ", "gli ", "le ", "l'", "l’", "el ", "los ", "the ")
_BY_LEVEL = {"A": 9, "1": 8, "B": 7, "C": 5, "2": 5, "D": 3}
_CROWD = 10_000
"""More people than any side has in the gazetteer; more do not count."""
_WEIGHTS = {FormKind.LABEL: 3, FormKind.ALIAS: 2, FormKind.SURNAME: 1}


def _forms(row: Row, entries: dict[str, Entry], people: Mapping[str, int]) -> list[tuple[Form, int]]:
    """The forms of a row with their ranks; `people` counts those who are known to have been at a side."""
    entry = entries[row.id]

    def ranked(text: str, kind: FormKind) -> tuple[Form, int]:
        # A side's colours come by its level, a person's name by prominence; the user's own rows come first. Of equals
        # the side with more people comes first.
        fame = (entry.prominence * 4 or _BY_LEVEL.get(entry.level, 4)) + _WEIGHTS.get(kind, 0) + 100 * row.own
        return _form(text, kind, entry), fame * _CROWD + min(people.get(entry.id, 0), _CROWD - 1)

    if row.epithet:
        return [ranked(row.epithet, FormKind(row.cells["kind"]))]
    names = [(entry.label, FormKind.LABEL), *((alias, FormKind.ALIAS) for alias in entry.aliases)]
    found = [ranked(text, kind) for text, kind in names if folded(text)]
    if entry.entity_class is EntityClass.PERSON:
        full = [entry.label, *(alias for alias in entry.aliases if " " in alias)]
        known = {form.key for form, _ in found}
        shorter = dict.fromkeys(part for name in full for part in tails(name))
        found += [ranked(part, FormKind.SURNAME) for part in shorter if folded(part) not in known]
    adjectives = row.cells.get("adjectives", "").replace(";", ",").split(",")
    found += [ranked(word.strip(), FormKind.ADJECTIVE) for word in adjectives if word.strip()]
    return found


def _form(text: str, kind: FormKind, entry: Entry) -> Form:
    bare = text
    if kind is FormKind.NICKNAME:
        bare = next((text[len(a) :] for a in _ARTICLES if text.lower().startswith(a)), text)
    return Form(folded(bare), kind, bare, bare != text, entry.id)


__all__ = [
    "NAMING",
    "Entry",
    "Form",
    "FormKind",
    "Gazetteer",
    "default_folder",
    "entity_path",
    "load",
    "slug",
    "surname",
]
