"""The pages in the archives of web crawlers (WARC, as Common Crawl's news); the only file that knows warcio.

An archive holds pages of all languages and kinds. Those in Italian that have a main text are given; others are passed
over in silence, since nobody asked for them. A record that is broken is named by its place (bytes from the start of
the file) and address, and reading goes on with the next one.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from kg import webpage
from kg.errors import InputError
from kg.language import ITALIAN, language
from kg.records import Raw, Refused, web_address

_TO_UNSEEN = re.compile(r"<(?=/?(?:script|style)\b)", re.IGNORECASE)
_TAG = re.compile("<[^<>]*>")
_BEGINNINGS = (b"\x1f\x8b\x08", b"WARC/1.")
"""How a record begins, compressed by itself or not."""
_AT_ONCE = 1_048_576
_WITHOUT_TEXT = "no main text"


def pages(stream: BinaryIO, source: str, most: int, decoded: Callable[[bytes], str]) -> Iterator[Raw | Refused]:
    """The Italian pages of an archive, those of more than `most` bytes left out; InputError where it holds no record.

    `decoded` turns the bytes of a page that declares no older character set into text, or raises InputError.
    """
    try:
        import warcio.archiveiterator  # noqa: F401 - asked for here, to be said in one line
    except ImportError as error:
        raise InputError("an archive of web pages; pip install 'kg[warc]' to read it") from error
    size = stream.seek(0, io.SEEK_END)
    if not size:
        raise InputError("empty; there is nothing to read")
    start = seen = 0
    while 0 <= start < size:
        stream.seek(start)
        walk = _Walk(stream)
        reason = ""
        try:
            for record in walk:
                seen += 1
                found = _page(record, f"{source}:{walk.offset}", most, decoded)
                if found is not None:
                    yield found
        except walk.broken as error:
            reason = " ".join(str(error).split())[:120] or type(error).__name__
        if not reason and walk.offset >= size:
            return
        if not seen:
            raise InputError(f"no archive of web pages ({reason or 'it holds no record'})")
        yield Refused(f"{source}:{walk.offset}", f"a broken record ({reason or 'damaged'}); it was passed over")
        start = _next_beginning(stream, walk.offset + 1)


class _Walk:
    """The records of a stream from where it stands; `offset` is where the one at hand begins, in bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        from warcio.archiveiterator import WARCIterator
        from warcio.exceptions import ArchiveLoadFailed
        from warcio.statusandheaders import StatusAndHeadersParserException

        self.broken = (ArchiveLoadFailed, StatusAndHeadersParserException, ValueError, EOFError, zlib.error)
        self._records: Any = WARCIterator(stream)

    @property
    def offset(self) -> int:
        """Bytes from the start of the file; its size after the last record."""
        return int(self._records.offset)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._records)


def _page(record: Any, source: str, most: int, decoded: Callable[[bytes], str]) -> Raw | Refused | None:
    """The page in a record; None where there is none, or none for us."""
    headers = record.http_headers
    if record.rec_type != "response" or headers is None or headers.get_statuscode() != "200":
        return None
    if "html" not in (headers.get_header("Content-Type") or "").lower():
        return None
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    page = record.content_stream().read(most + 1)
    if not page or len(page) > most:
        return None
    try:
        text = webpage.decoded(page) or decoded(page)
        if language(_rough_text(text)) != ITALIAN:
            return None
        found = webpage.raw(text, source)
    except InputError as error:
        return None if _WITHOUT_TEXT in str(error) else Refused(f"{source} {address}".rstrip(), str(error))
    if language(found.text) != ITALIAN:
        return None
    return replace(found, url=found.url or web_address(address))


def _rough_text(page: str) -> str:
    """What stands between the tags of a page: enough to tell its language, and had much quicker than its main text."""
    parts = (part for part in _TO_UNSEEN.split(page) if not part[:6].lower().startswith(("script", "style")))
    return _TAG.sub(" ", " <".join(parts))


def _next_beginning(stream: BinaryIO, start: int) -> int:
    """Where the next record may begin, in bytes from the start of the file; -1 where there is none."""
    stream.seek(start)
    kept = b""
    place = start
    while block := stream.read(_AT_ONCE):
        data = kept + block
        found = [at for beginning in _BEGINNINGS if (at := data.find(beginning)) >= 0]
        if found:
            return place - len(kept) + min(found)
        place += len(block)
        kept = data[-8:]
    return -1
