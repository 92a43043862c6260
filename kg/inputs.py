"""Files, folders and standard input → articles as they lie there, before the clean-up.

`articles.py` says what may be given; here it is found, opened, measured, decoded and taken apart. What
cannot be read becomes one refusal, and what lies beside it is read all the same.
"""

from __future__ import annotations

import codecs
import gzip
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import BinaryIO, Protocol, cast

from kg import archives, columns, records, remote, webpage
from kg.cleaning import visible
from kg.errors import InputError
from kg.records import MOST_TEXT, Raw, Refused

MOST_PAGE, MOST_LINE, MOST_JSON = 2_000_000, 4_000_000, 50_000_000
"""Bytes of an HTML page, of one line of `.jsonl` (which may have any number of them), of a `.json` file."""
_MOST_BYTES = MOST_TEXT * 4  # of one article's text in UTF-8
STANDARD_INPUT = "standard input"

_LIKE_JSON = re.compile(rb'\s*(?:\{\s*(?:["}]|$)|\[\s*(?:\{|\]|$))')
_LIKE_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROLS = 0.05
"""The share of control characters above which a text is none."""

_Found = Iterator[Raw | Refused]


class _Readable(Protocol):
    """A stream of bytes as far as it is used here."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class _ReadAhead:
    """A stream whose first line was read already to see what it is."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first, self._rest = first, rest

    def read(self, size: int, /) -> bytes:
        first, self._first = self._first, b""
        return first + self._rest.read(max(0, size - len(first)))

    def readline(self, size: int, /) -> bytes:
        first, self._first = self._first, b""
        return first or self._rest.readline(size)


def found_in(name: str, stdin: BinaryIO | None) -> _Found:
    """What one argument of the command line holds: a file, a folder, an address, or standard input (`-`)."""
    if name == "-":
        return _guarded(_from_stream(stdin), STANDARD_INPUT)
    if remote.is_address(name):
        return _guarded(_from_address(name), visible(name))
    path = Path(name)
    return _from_folder(path) if _is_folder(path) else _from_file(path)


# Where it lies -------------------------------------------------------------------------------------------


def _from_stream(stdin: BinaryIO | None) -> _Found:
    if stdin is None or stdin.closed:
        raise InputError("closed; pipe an article in, or name files")
    first = stdin.readline(MOST_LINE + 1)
    while first and not first.strip():
        first = stdin.readline(MOST_LINE + 1)
    yield from _reader_for(first)(_ReadAhead(first, stdin), STANDARD_INPUT)


def _reader_for(first: bytes) -> Callable[[_Readable, str], _Found]:
    """What reads a stream that has no name, by its first line."""
    start = first.removeprefix(codecs.BOM_UTF8).strip()
    if _LIKE_JSON.match(start):
        return _lines if _is_record_line(start) else _json
    return _page if _LIKE_HTML.match(start) else _text


def _from_folder(folder: Path) -> _Found:
    empty = True
    for entry in _files(folder):
        empty = False
        if isinstance(entry, Refused):
            yield entry
        else:
            yield from _from_file(entry)
    if empty:
        yield Refused(_shown(folder), f"no article in this folder; kg reads {_SUFFIXES}")


def _files(folder: Path) -> Iterator[Path | Refused]:
    """What may be an article in a folder and below it, by name; each folder once, however it is reached."""
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if not _is_folder(path):
            yield path
            continue
        try:
            own = path.stat()
            if (own.st_dev, own.st_ino) in seen:
                continue
            seen.add((own.st_dev, own.st_ino))
            entries = sorted(path.iterdir(), key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            yield Refused(_shown(path), _trouble(error))
            continue
        waiting += (entry for entry in entries if _may_be_read(entry))


def _may_be_read(path: Path) -> bool:
    return not path.name.startswith(".") and (_suffix(path) in _READERS or _is_folder(path))


def _suffix(path: PurePath) -> str:
    """The end of a file's name that says what it is: `.jsonl`, `.jsonl.gz`."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return "".join(suffixes) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # opening it will say what is wrong


def _from_file(path: Path) -> _Found:
    return _guarded(_opened(path, _shown(path)), _shown(path))


def _opened(path: Path, source: str) -> _Found:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):  # a pipe could keep us waiting, a device never end
        raise InputError("neither a file nor a folder; pipe it in and name it as -")
    if _suffix(path) not in _READERS:
        raise InputError(f"not a kind of file that kg reads ({_SUFFIXES}); rename it, or pipe it in as -")
    with path.open("rb") as stream:
        yield from _read(stream, path, source)


def _read(stream: BinaryIO, path: PurePath, source: str) -> _Found:
    """What a file of a kind that is read holds."""
    suffix = _suffix(path)
    for item in _READERS[suffix](stream, source):
        # a record is called by its own id; other files hold one article each
        if isinstance(item, Raw) and not item.id and suffix.removesuffix(".gz") in _OF_ONE_ARTICLE:
            yield replace(item, id=_shown_name(path.name[: -len(suffix)]))
        else:
            yield item


def _from_address(address: str) -> _Found:
    empty = True
    for file in remote.files(address, lambda name: _suffix(PurePath(name)) in _READERS):
        empty = False
        source = visible(_shown_name(file.address))
        yield from _guarded(_at_address(file, source), source)
    if empty:
        raise InputError(f"no article there; kg reads {_SUFFIXES}")


def _at_address(file: remote.File, source: str) -> _Found:
    if _suffix(file.path) not in _READERS:
        raise InputError(f"not a kind of file that kg reads ({_SUFFIXES})")
    with file.open() as stream:
        yield from _read(stream, file.path, source)


def _guarded(items: _Found, source: str) -> _Found:
    """What a reader finds; where it gives up, one refusal."""
    try:
        yield from items
    except InputError as error:
        yield Refused(source, str(error))
    except OSError as error:
        yield Refused(source, _trouble(error))
    except (EOFError, zlib.error) as error:
        yield Refused(source, f"damaged in what is compressed ({error}); what comes before it was read")


def _trouble(error: OSError) -> str:
    if isinstance(error, gzip.BadGzipFile):
        return f"not compressed as its name says, or damaged ({error})"
    if isinstance(error, FileNotFoundError):
        return "no such file or folder; check the path"
    if isinstance(error, PermissionError):
        return "may not be read; change its permissions"
    return f"cannot be read ({error.strerror or 'input error'})"


def _shown(path: Path) -> str:
    return visible(_shown_name(str(path)))


def _shown_name(name: str) -> str:
    """A file's name with U+FFFD for bytes that are not UTF-8, which no text may hold."""
    return os.fsencode(name).decode("utf-8", "replace")


# What is in it -------------------------------------------------------------------------------------------


def _text(stream: _Readable, source: str) -> _Found:
    data = _measured(stream, _MOST_BYTES, f"more than {MOST_TEXT:,} characters; split it into articles")
    yield Raw(source, _decoded(data), headline_first=True)


def _page(stream: _Readable, source: str) -> _Found:
    data = _measured(stream, MOST_PAGE, f"a page of more than {MOST_PAGE:,} bytes; save its text as .txt")
    yield webpage.raw(webpage.decoded(data) or _decoded(data), source)


def _json(stream: _Readable, source: str) -> _Found:
    limit = f"more than {MOST_JSON:,} bytes of JSON; write one record a line, as .jsonl"
    data = _measured(stream, MOST_JSON, limit)
    lines = data.removeprefix(codecs.BOM_UTF8).strip().split(b"\n", 1)
    if len(lines) > 1 and _is_record_line(lines[0].strip()):
        return _each_line(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), source)
    value = records.parsed(_decoded(data))
    if isinstance(value, list) and not value:
        raise InputError("an empty list; put records there")
    if isinstance(value, list):
        return (_record(record, f"{source}[{position}]") for position, record in enumerate(value, 1))
    return iter([_record(value, source)])


def _lines(stream: _Readable, source: str) -> _Found:
    return _each_line(_bounded_lines(stream), source)


def _bounded_lines(stream: _Readable) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long only so much that it shows."""
    while line := stream.readline(MOST_LINE + 1):
        yield line
        while len(line) > MOST_LINE and line and not line.endswith(b"\n"):
            line = stream.readline(MOST_LINE + 1)


def _each_line(lines: Iterable[bytes], source: str) -> _Found:
    empty = True
    for number, line in enumerate(lines, 1):
        data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if not data.strip():
            continue
        if empty and b"\0" in data:
            raise InputError("a binary file; give text")
        empty = False
        yield _record_line(data, f"{source}:{number}")
    if empty:
        raise InputError("empty; there is nothing to read")


def _record_line(data: bytes, source: str) -> Raw | Refused:
    if len(data) > MOST_LINE:
        return Refused(source, f"a line of more than {MOST_LINE:,} bytes; one record has one article")
    try:
        record = records.parsed(_decoded(data).strip())
    except InputError as error:
        return Refused(source, str(error))
    return _record(record, source)


def _record(record: object, source: str) -> Raw | Refused:
    try:
        return records.raw(record, source)
    except InputError as error:
        return Refused(source, str(error))


def _is_record_line(line: bytes) -> bool:
    """Whether a line seems to be a record by itself, and so what follows it other records."""
    return line.startswith(b"{") and line.endswith(b"}")


def _measured(stream: _Readable, most: int, too_long: str) -> bytes:
    data = stream.read(most + 1)
    if not data:
        raise InputError("empty; there is nothing to read")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError("UTF-16; save it as UTF-8")
    if b"\0" in data:
        raise InputError("a binary file; give text")
    if len(data) > most:
        raise InputError(too_long)
    return data


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte {error.start + 1:,}, 0x{data[error.start]:02x}" + (f", in line {line:,}" if line > 1 else "")
        raise InputError(f"not UTF-8 ({byte}); save it as UTF-8") from error
    if len(_CONTROLS.findall(text)) > _MOST_CONTROLS * len(text):
        raise InputError("a binary file; give text")
    return text.removeprefix("\ufeff")


def _archive(stream: BinaryIO, source: str) -> _Found:
    return archives.pages(stream, source, MOST_PAGE, _decoded)


def _compressed(reader: Callable[[_Readable, str], _Found]) -> Callable[[BinaryIO, str], _Found]:
    """A reader of the same, packed by gzip; as little is unpacked as is read, and that is bounded."""

    def read(stream: BinaryIO, source: str) -> _Found:
        with gzip.open(stream) as unpacked:
            yield from reader(cast("_Readable", unpacked), source)

    return read


_PLAIN: dict[str, Callable[[_Readable, str], _Found]] = {
    ".txt": _text,
    ".html": _page,
    ".htm": _page,
    ".json": _json,
    ".jsonl": _lines,
}
_READERS: dict[str, Callable[[BinaryIO, str], _Found]] = {
    **_PLAIN,
    **{f"{suffix}.gz": _compressed(reader) for suffix, reader in _PLAIN.items()},
    ".warc": _archive,
    ".warc.gz": _archive,
    ".parquet": columns.rows,
}
_OF_ONE_ARTICLE = (".txt", ".html", ".htm")
_SUFFIXES = f"{', '.join(_PLAIN)}, each also as .gz, .warc, .warc.gz, .parquet"
