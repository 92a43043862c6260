"""People who are kept out of a graph: the block list of a build (`kg build --exclude FILE`).

A line of the file is a name or an id (`person/carlo-ancelotti`, see `kg who`); `#` opens a comment. A name takes out
everybody who bears it, an id one person. The list is kept with the build and applied whenever its graph is written,
so that articles added later bring nobody back; an empty file lifts it.

Of a person on the list the graph has no node, no claim and nothing that rests on their word alone. Where sentences and
headlines that stay name them, the letters of the name become `█`, one for one, so that all offsets hold; an address
that spells the name is left out. The journal keeps the articles as they were read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kg import journal
from kg.errors import InputError
from kg.model import Article, Claim, Entity, EntityClass, Evidence, Extraction
from kg.names import folded, slug, tails

SETTING = "excluded"
"""Where the journal keeps the list, a line for each entry."""
_ID = re.compile(r"[a-z-]+/_?[a-z0-9]+(?:-[a-z0-9]+)*")
_PERSON = "person/"
_MOST_LINES, _LONGEST = 100_000, 200
_BLOCK = "█"
_SHORTEST = 3
"""Letters of a name below which it is blotted out only as part of a longer one."""


def read(path: Path) -> tuple[str, ...]:
    """The entries of a block list, sorted; InputError, with file and line, for what cannot be one."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise InputError(f"{path}: the block list cannot be read ({why}); give a text file, a name a line") from error
    if len(lines) > _MOST_LINES:
        raise InputError(f"{path}: more than {_MOST_LINES:,} lines; is it a list of names?")
    entries = set()
    for number, line in enumerate(lines, 1):
        entry = " ".join(line.partition("#")[0].split())
        if not entry:
            continue
        if len(entry) > _LONGEST or not any(map(str.isalpha, entry)):
            raise InputError(f"{path}, line {number}: neither a name nor an id such as person/carlo-ancelotti")
        if _ID.fullmatch(entry) and not entry.startswith(_PERSON):
            raise InputError(f"{path}, line {number}: {entry} is no person; only people are kept out of a graph")
        entries.add(entry)
    return tuple(sorted(entries))


def keep(entries: Iterable[str], folder: Path) -> None:
    """Keeps a block list with a build, in place of the one before."""
    with journal.opened(folder) as kept:
        kept.set(**{SETTING: written(entries)})


def parsed(text: str) -> tuple[str, ...]:
    """Entries as the journal keeps them."""
    return tuple(text.splitlines())


def written(entries: Iterable[str]) -> str:
    """Entries as the journal keeps them."""
    return "\n".join(sorted(set(entries)))


def unused(entries: Iterable[str], extractions: Iterable[Extraction]) -> tuple[str, ...]:
    """The entries that name nobody in what was read, before they are applied."""
    left = set(entries)
    for extraction in extractions:
        for entity in extraction.entities:
            left -= {entry for entry in left if _is_named(entity, frozenset((_key(entry),)))}
    return tuple(sorted(left))


def applied(extractions: journal.Again | Sequence[Extraction], entries: Iterable[str]) -> Iterator[Extraction]:
    """Extractions without the people on the list; they are read twice."""
    keys = frozenset(map(_key, entries))
    if not keys:
        yield from extractions
        return
    excluded = {e.id: e for extraction in extractions for e in extraction.entities if _is_named(e, keys)}
    full = {name for name in keys if " " in name} | {folded(e.label) for e in excluded.values() if " " in e.label}
    for extraction in extractions:
        here = [entity for entity in extraction.entities if entity.id in excluded]
        yield _without(extraction, frozenset(entity.id for entity in here), full.union(*map(_names, here)))


def _key(entry: str) -> str:
    return entry if _ID.fullmatch(entry) else folded(entry)


def _is_named(entity: Entity, keys: frozenset[str]) -> bool:
    if entity.entity_class is not EntityClass.PERSON:
        return False
    return entity.id in keys or any(folded(name) in keys for name in (entity.label, *entity.aliases))


def _names(entity: Entity) -> set[str]:
    """The folded forms under which an article may name a person."""
    return {folded(form) for form in (entity.label, *tails(entity.label), *entity.aliases)}


def _without(extraction: Extraction, excluded: frozenset[str], names: set[str]) -> Extraction:
    article = extraction.article
    spelt = _pattern(names)
    if spelt is None or not (excluded or spelt.search(_plain(article.text)) or _in_address(article, names)):
        return extraction
    claims = (_claim(claim, excluded, spelt) for claim in extraction.claims)
    return replace(
        extraction,
        article=replace(
            article,
            text=_blotted(article.text, spelt),
            title=_blotted(article.title, spelt),
            url="" if _in_address(article, names) else article.url,
        ),
        entities=tuple(_other(e, spelt) for e in extraction.entities if e.id not in excluded),
        claims=tuple(claim for claim in claims if claim is not None),
    )


def _claim(claim: Claim, excluded: frozenset[str], spelt: re.Pattern[str]) -> Claim | None:
    """A claim without what an excluded person said; None where it is about one or nothing is left of it."""
    if {claim.subject, claim.object} & excluded:
        return None
    pieces = tuple(_piece(piece, spelt) for piece in claim.evidence if piece.speaker not in excluded)
    return replace(claim, evidence=pieces) if pieces else None


def _piece(piece: Evidence, spelt: re.Pattern[str]) -> Evidence:
    return replace(piece, text=_blotted(piece.text, spelt))


def _other(entity: Entity, spelt: re.Pattern[str]) -> Entity:
    """Somebody else, without the aliases that spell an excluded name."""
    kept = tuple(alias for alias in entity.aliases if not spelt.search(_plain(alias)))
    return replace(entity, aliases=kept)


# Blotting ----------------------------------------------------------------------------------------------


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of some folded names as whole words, longest first; None for no names."""
    forms = sorted({name for name in names if len(name) >= _SHORTEST}, key=lambda name: (-len(name), name))
    if not forms:
        return None
    spelt = "|".join(r"[\s.-]+".join(map(re.escape, name.split())) for name in forms)
    return re.compile(rf"(?<!\w)(?:{spelt})(?!\w)")


def _blotted(text: str, spelt: re.Pattern[str]) -> str:
    """A text of the same length in which blocks stand for the letters of what a pattern finds."""
    letters = list(text)
    for found in spelt.finditer(_plain(text)):
        letters[found.start() : found.end()] = (_BLOCK if c.isalnum() else c for c in letters[slice(*found.span())])
    return "".join(letters)


def _plain(text: str) -> str:
    """A text without case and accents, character for character."""
    return text.lower() if text.isascii() else "".join(map(_letter, text))


def _letter(character: str) -> str:
    if character in "’‘`´":
        return "'"
    base = folded(unicodedata.normalize("NFKD", character)[:1]) or character
    return base if len(base) == 1 else character


def _in_address(article: Article, names: Iterable[str]) -> bool:
    words = f"-{slug(article.url)}-"
    return bool(article.url) and any(f"-{slug(name)}-" in words for name in names if len(name) >= _SHORTEST)
