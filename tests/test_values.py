"""Dates and scores as the press spells them."""

from __future__ import annotations

import pytest

from kg.model import Sentence, Word
from kg.values import values


def spelt(text: str, kind: str) -> list[str]:
    words, start = [], 0
    for index, token in enumerate(text.split()):
        start = text.index(token, start)
        words.append(Word(index, token, token, "X", "", -1, "dep", start, start + len(token)))
        start += len(token)
    sentence = Sentence(0, 0, len(text), tuple(words))
    return [value.text for value in values(sentence, text) if value.kind == kind]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("legato ai Blancos fino a giugno 2026", "2026-06"),
        ("fino al 30 giugno 2027", "2027-06-30"),
        ("dal primo luglio 2024", "2024-07-01"),
        ("scadenza 2027", "2027"),
        ("il contratto scade il 30/06/2025", "2025-06-30"),
    ],
)
def test_a_date_keeps_the_precision_of_the_text(text: str, date: str) -> None:
    assert spelt(text, "Date") == [date]


def test_a_season_is_no_date() -> None:
    assert spelt("nella stagione 2010-11", "Date") == []


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("una vittoria per 3-2 contro il Leganés", "3-2"),
        ("INTER – MILAN 2 – 1", "2-1"),
        ("a Bari finisce 3 a 2", "3-2"),
        ("travolta per tre a zero dal Bayern", "3-0"),
        ("pari per uno a uno", "1-1"),
    ],
)
def test_a_score_in_figures_or_words(text: str, score: str) -> None:
    assert spelt(text, "Score") == [score]


@pytest.mark.parametrize(
    "text", ["il 4-3-3 di Zeman", "nel 2010-11", "sconto del 3-4%", "da 10 a 12 milioni", "il 12-05-2020"]
)
def test_what_only_looks_like_a_score(text: str) -> None:
    assert spelt(text, "Score") == []
