"""The article in a saved web page; the only file that knows trafilatura."""

from __future__ import annotations

import codecs
import logging
import re
from typing import Any

from kg.errors import InputError
from kg.records import Raw, iso_date, web_address

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,3}=\s{0,3}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HEAD = 4_096
"""Bytes of a page within which its character set must be declared."""
_WESTERN = frozenset(("iso8859-1", "iso8859-15", "cp1252"))
_BEYOND_METADATA = 1_000
"""Characters that no title or name of an outlet has."""
_MOST_TAGS, _MOST_ATTRIBUTES = 40_000, 1_000
"""Tags of a page, attributes of one tag: beyond, parsers of HTML need time that grows with the square."""
_TAG = re.compile(r"""<[a-z]((?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]++)?|[^\s>=]++|\s++)*+)""", re.IGNORECASE)
_VALUE = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]++)?""")


def decoded(page: bytes) -> str | None:
    """The page as text if it declares one of the older Western character sets, else None."""
    declared = _CHARSET.search(page[:_HEAD])
    try:
        name = codecs.lookup(declared.group(1).decode("ascii")).name if declared else ""
    except LookupError:
        return None
    # browsers read all that calls itself Latin-1 as Windows-1252
    return page.decode("iso8859-15" if name == "iso8859-15" else "cp1252", "replace") if name in _WESTERN else None


def raw(page: str, source: str) -> Raw:
    """Main text, title, date, outlet and address of a page; InputError if no main text is found in it."""
    import trafilatura

    if _is_monstrous(page):
        raise InputError("a page that takes too long to take apart; save its text as .txt")
    for library in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(library).setLevel(logging.CRITICAL)  # what is wrong is said in our one line
    try:
        found: Any = trafilatura.bare_extraction(
            page,
            include_comments=False,
            include_tables=False,
            with_metadata=True,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    except (RecursionError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise InputError("the page cannot be taken apart; save its text as .txt") from error
    if found is None or not (found.text or "").strip():
        raise InputError("no main text found in the page; save its text as .txt")
    return Raw(
        source=source,
        text=found.text,
        title=_metadata(found.title),
        url=web_address(found.url or ""),
        outlet=_metadata(found.sitename).removeprefix("www."),
        date=_date(found.date or ""),
    )


def _is_monstrous(page: str) -> bool:
    if page.count("<") > _MOST_TAGS:
        return True
    longest = (tag.group(1) for tag in _TAG.finditer(page) if len(tag.group(1)) > _MOST_ATTRIBUTES)
    return any(len(_VALUE.sub(" ", tag).split()) > _MOST_ATTRIBUTES for tag in longest)


def _metadata(text: str | None) -> str:
    return text if text and len(text) <= _BEYOND_METADATA else ""


def _date(text: str) -> str:
    try:
        return iso_date(text)
    except InputError:
        return ""  # a page's date was guessed by a library: nobody can be asked to correct it
