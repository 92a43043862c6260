"""The one clean-up that every article goes through; all offsets in kg speak of the text it leaves.

What `clean` does, in this order:

1. Line ends: CR LF, CR, form feed, NEL and the Unicode line and paragraph separators become a line feed.
2. Characters that show nothing go: controls, zero-width and soft-hyphen characters, bidirectional marks,
   variation selectors, private use (icon fonts), lone surrogates, non-characters. More than eight
   accents on one letter are cut to eight.
3. NFC: one form for each accented letter. Nothing else is rewritten: quotes, dashes, apostrophes,
   accents and misprints stay as they were printed.
4. White space: tabs and all kinds of blanks (no-break, thin, …) become one blank; blanks at the ends of
   lines go; of several empty lines one stays. Lines are kept as lines: they are paragraphs and captions.
5. Boilerplate of news sites (`rules/boilerplate.yaml`): whole lines of it go («LEGGI ANCHE: …», signatures,
   photo credits, «RIPRODUZIONE RISERVATA», cookie, newsletter and share lines), and so do its remains
   at the end of a line («… in Italia. © RIPRODUZIONE RISERVATA»). A bare «LEGGI ANCHE» takes the line right
   below with it if that is short and ends without a full stop: the headline of another article.

Cleaning what is clean changes nothing. It takes time in proportion to the length of the text: patterns
are tried on lines of up to 400 characters, and at the last 240 of a line.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kg.errors import RuleError

_FILE = Path(__file__).resolve().parent / "rules" / "boilerplate.yaml"
_LONGEST_LINE, _LONGEST_TAIL, _LONGEST_HEADLINE = 400, 240, 160
"""Characters: of a line that may be boilerplate, of a tail, of another article's headline below a cue."""

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = re.compile("[\t \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000))
)
_DROPPED = re.compile(f"[{_UNSEEN}]")
_ESCAPED = re.compile(f"[\t\n\v\f\r\u2028\u2029{_UNSEEN}]")
_MOST_ACCENTS = 8


def clean(text: str) -> str:
    """The text after the clean-up that this module's docstring describes; empty if nothing is left."""
    lines = _without_boilerplate(_tidy(text).split("\n"))
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def one_line(text: str) -> str:
    """A headline, name or id on one line: characters and white space as in `clean`, no boilerplate taken out."""
    return " ".join(_tidy(text).split())


def visible(text: str) -> str:
    r"""One line for a terminal: characters that would move its cursor, colour or turn it are written as `\x1b`."""
    return _ESCAPED.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def _tidy(text: str) -> str:
    """Steps 1 to 4, but for empty lines."""
    text = _DROPPED.sub("", _LINE_ENDS.sub("\n", text))
    # long runs of accents would cost NFC the square of their length
    text = unicodedata.normalize("NFC", _many_accents().sub(r"\1", text))
    return "\n".join(line.strip(" ") for line in _BLANKS.sub(" ", text).split("\n"))


@functools.cache
def _many_accents() -> re.Pattern[str]:
    """What finds more accents in a row than any language puts there; group 1 holds those that stay."""
    accents = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
    return re.compile(f"([{accents}]{{{_MOST_ACCENTS}}})[{accents}]+")


# Boilerplate -------------------------------------------------------------------------------------------


def _without_boilerplate(lines: Iterable[str]) -> Iterator[str]:
    rows = boilerplate()
    after_cue = False
    for line in lines:
        kept = _without_tail(line, rows) if line else ""
        kind = _kind(line, rows) or _kind(kept, rows)
        announced = after_cue and 0 < len(kept) <= _LONGEST_HEADLINE and kept[-1] not in ".…;:,"
        after_cue = kind == "cue"
        if not kind and not announced and (kept or not line):
            yield kept


def _kind(line: str, rows: tuple[Boilerplate, ...]) -> str:
    """`line` or `cue` if the whole line is boilerplate, else the empty string."""
    if not line or len(line) > _LONGEST_LINE:
        return ""
    return next((row.kind for row in rows if row.kind != "tail" and row.pattern.fullmatch(line)), "")


def _without_tail(line: str, rows: tuple[Boilerplate, ...]) -> str:
    while True:
        start = max(0, len(line) - _LONGEST_TAIL)
        found = (row.pattern.search(line, start) for row in rows if row.kind == "tail")
        cuts = [match.start() for match in found if match]
        if not cuts:
            return line
        line = line[: min(cuts)].rstrip(" ")


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """One kind of boilerplate: `kind` says what its pattern covers.

    `line` a whole line, `cue` a whole line that announces another article's headline right below it,
    `tail` the end of a line. `examples` go, `kept` are real sentences close to it that stay.
    """

    name: str
    kind: str
    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    kept: tuple[str, ...]


@functools.cache
def boilerplate() -> tuple[Boilerplate, ...]:
    """The rows of `rules/boilerplate.yaml`; RuleError, with the row's name, if one is broken."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    fragments = {str(name): str(fragment) for name, fragment in content["fragments"].items()}
    return tuple(_row(row, fragments) for row in content["rows"])


def _row(row: Mapping[str, Any], fragments: Mapping[str, str]) -> Boilerplate:
    name = str(row.get("name", "?"))
    kinds = [kind for kind in ("line", "cue", "tail") if kind in row]
    if len(kinds) != 1 or not row.get("examples"):
        raise RuleError(f"{_FILE.name}: {name}: needs one of line, cue, tail, and examples")
    (kind,) = kinds
    source = re.sub(r"<(\w+)>", lambda match: f"(?:{fragments[match.group(1)]})", str(row[kind]))
    try:
        pattern = re.compile(rf"(?:{source})\Z" if kind == "tail" else source)
    except re.error as error:
        raise RuleError(f"{_FILE.name}: {name}: no regular expression ({error})") from error
    return Boilerplate(name, kind, pattern, tuple(row["examples"]), tuple(row.get("not", ())))
