"""Typed values that a sentence spells out: dates, and scores of matches.

Both are found on the sentence's own characters, so that they do not depend on the tagger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.model import Sentence


@dataclass(frozen=True, slots=True)
class Value:
    """A typed stretch of a sentence.

    `kind` is `Date` or `Score`; `first` and `last` are word indexes, half-open; `start` and `end` are
    character offsets in the article; `text` is canonical (`2026-06-30`, `2026-06`, `2026`; `3-2`).
    """

    kind: str
    first: int
    last: int
    start: int
    end: int
    text: str


_MONTH_NAMES = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_NUMBER_NAMES = (
    "zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci",
)  # fmt: skip
_NUMBERS = {name: number for number, name in enumerate(_NUMBER_NAMES)} | {"un": 1}
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DATE = re.compile(
    rf"(?:(?P<day>\d{{1,2}}|primo)[°º]?\s+)?(?P<month>{'|'.join(_MONTHS)})\s+(?:del\s+)?{_YEAR}\b"
    rf"|(?P<day2>\d{{1,2}})[/.-](?P<month2>\d{{1,2}})[/.-](?P<year2>(?:19|20)\d\d)\b"
    rf"|\b(?P<year3>(?:19|20)\d\d)\b(?![-/–]\d)",
    re.IGNORECASE,
)
_NUMBER_WORD = "|".join(_NUMBERS)
_SCORE = re.compile(
    r"(?<![\d.,/:€-])(?P<a>\d{1,2})\s?[-–]\s?(?P<b>\d{1,2})(?![\d.,]\d|\s?[-–/]\s?\d|\d|%|º|°|\s*(?:milioni|mila|anni|euro))"
    r"|(?<![\d.,])(?P<c>\d{1,2})\s+a\s+(?P<d>\d{1,2})(?![\d.,]*\d|\s*(?:milioni|mila|anni|euro))"
    rf"|\b(?P<e>{_NUMBER_WORD})\s+a\s+(?P<f>{_NUMBER_WORD})\b",
    re.IGNORECASE,
)
_MOST_GOALS = 15


def values(sentence: Sentence, text: str) -> tuple[Value, ...]:
    """All dates and scores of a sentence, in text order; `text` is the article's text."""
    return tuple(sorted((*_dates(sentence, text), *_scores(sentence, text)), key=lambda value: value.start))


def _dates(sentence: Sentence, text: str) -> Iterator[Value]:
    for match in _DATE.finditer(text, sentence.start, sentence.end):
        year = match["year"] or match["year2"] or match["year3"]
        month = _MONTHS.get((match["month"] or "").lower()) or int(match["month2"] or 0)
        day = 1 if (match["day"] or "").lower() == "primo" else int(match["day"] or match["day2"] or 0)
        if month > 12 or day > 31:
            continue
        canonical = year + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")
        yield from _value("Date", sentence, match, canonical)


def _scores(sentence: Sentence, text: str) -> Iterator[Value]:
    for match in _SCORE.finditer(text, sentence.start, sentence.end):
        if match["e"]:
            home, away = _NUMBERS[match["e"].lower()], _NUMBERS[match["f"].lower()]
        else:
            home, away = int(match["a"] or match["c"]), int(match["b"] or match["d"])
        if max(home, away) <= _MOST_GOALS:
            yield from _value("Score", sentence, match, f"{home}-{away}")


def _value(kind: str, sentence: Sentence, match: re.Match[str], canonical: str) -> Iterator[Value]:
    covered = [word.index for word in sentence.words if word.start < match.end() and word.end > match.start()]
    if covered:
        yield Value(kind, covered[0], covered[-1] + 1, match.start(), match.end(), canonical)
