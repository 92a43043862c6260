"""Article records as they come in JSON.

A record is an object with `text` and, where known, `id`, `url`, `title`, `date`, `outlet`; other keys are
left alone. What comes out is not cleaned yet; `articles.py` does that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from kg.errors import InputError

_LONGEST_FIELD = 1_000
"""Characters of an id, title, outlet or date."""
_LONGEST_URL = 2_000
_NOT_IN_IRI = frozenset('<>"{}|\\^`')


MOST_TEXT = 200_000
"""Characters of one article."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that was left out: where it came from, and why and what to do, in one line."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Raw:
    """An article before the clean-up. Fields that are not known are empty.

    `source` says where it was read (path, or path and line). In `text` the first line is the headline
    where `headline_first`; else the headline is in `title`.
    """

    source: str
    text: str
    title: str = ""
    id: str = ""
    url: str = ""
    outlet: str = ""
    date: str = ""
    headline_first: bool = False


def parsed(text: str) -> Any:
    """The value of a JSON text; InputError with line and column where it is none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if "\n" in text.strip() else f"column {error.colno}"
        raise InputError(f"no valid JSON ({error.msg} at {place}); correct it") from error
    except (RecursionError, ValueError) as error:  # nesting without end, numbers of thousands of digits
        raise InputError("JSON that is nested too deeply, or has a number too long; correct it") from error


def raw(record: object, source: str) -> Raw:
    """The article in a record; InputError says which field is wrong, and what it should be."""
    if not isinstance(record, dict):
        raise InputError(f"{_kind(record)} where a record is wanted; write an object with a text")
    if record.get("text") is None:
        raise InputError('a record without "text"; put the article there')
    return Raw(
        source=source,
        text=_string(record, "text"),
        title=_short(record, "title"),
        id=_short(record, "id"),
        url=web_address(_string(record, "url")),
        outlet=_short(record, "outlet"),
        date=iso_date(_short(record, "date")),
    )


def web_address(text: str) -> str:
    """The text if it is an http or https address that may stand in a graph, else the empty string."""
    text = text.strip()
    if len(text) > _LONGEST_URL or not text.isprintable() or " " in text or _NOT_IN_IRI & set(text):
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:  # «http://[»
        return ""
    return text if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else ""


def iso_date(text: str) -> str:
    """The date, or date and time, in ISO 8601's extended form; InputError if it is neither. Empty stays empty."""
    text = text.strip()
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text).isoformat() if text else ""
        except ValueError:
            continue
    raise InputError(f"the date «{text[:40]}» is not ISO 8601; write it as 2025-03-31 or 2025-03-31T18:30:00")


def _short(record: dict[str, Any], name: str) -> str:
    text = _string(record, name)
    if len(text) > _LONGEST_FIELD:
        raise InputError(f'"{name}" has more than {_LONGEST_FIELD:,} characters; shorten it')
    return text


def _string(record: dict[str, Any], name: str) -> str:
    """A field as text; a missing one and null are empty. Numbers are taken for ids only."""
    value = record.get(name)
    if value is None:
        return ""
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise InputError(f'"{name}" is {_kind(value)}; write it as text in quotes')
    return value


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
