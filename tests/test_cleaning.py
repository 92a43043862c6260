"""The one clean-up: what goes, what stays, and that it is harmless to do it twice."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cleaning import Boilerplate, boilerplate, clean, one_line, visible

ROWS = boilerplate()
PIECES = st.sampled_from(
    [example for row in ROWS for example in (*row.examples, *row.kept)]
    + [
        "La Roma ha esonerato Mourinho.",
        "e\u0301",
        "\u00a0",
        "\u200b",
        "\r\n",
        "\n",
        "\n\n",
        " ",
        "\ud800",
        "\u2028",
        "«",
        ".",
    ]
)


@pytest.mark.parametrize(
    ("row", "example"), [(row, text) for row in ROWS for text in row.examples], ids=lambda v: getattr(v, "name", v)
)
def test_boilerplate_goes(row: Boilerplate, example: str) -> None:
    before, after = "La Roma ha scelto Ranieri.", "Il Napoli aspetta Conte."
    if row.kind == "tail":
        assert row.pattern.search(example)
        assert example.startswith(clean(example))
        assert len(clean(example)) < len(example)
    else:
        assert row.pattern.fullmatch(example), "another row takes it"
        assert clean(f"{before}\n{example}\n{after}") == f"{before}\n{after}"


@pytest.mark.parametrize("sentence", [text for row in ROWS for text in row.kept])
def test_sentences_close_to_boilerplate_stay(sentence: str) -> None:
    assert clean(sentence) == sentence


def test_a_bare_cue_takes_the_headline_below_with_it() -> None:
    text = "Dzeko resta a Roma.\nLEGGI ANCHE\nLazio, Luis Alberto verso Siviglia\nIl Chelsea ha detto no."
    assert clean(text) == "Dzeko resta a Roma.\nIl Chelsea ha detto no."


def test_a_bare_cue_does_not_take_a_sentence_or_a_paragraph_further_down() -> None:
    sentence = "Il Chelsea ha detto no a Dzeko."
    assert clean(f"LEGGI ANCHE\n{sentence}") == sentence
    assert clean(f"LEGGI ANCHE\n\n{sentence[:-1]}") == sentence[:-1]


def test_several_remains_at_the_end_of_a_line_all_go() -> None:
    assert (
        clean("Gasperini a Trigoria (foto LaPresse). © RIPRODUZIONE RISERVATA")
        == "Gasperini a Trigoria (foto LaPresse)."
    )
    assert clean("Gasperini è arrivato. (foto LaPresse) © RIPRODUZIONE RISERVATA") == "Gasperini è arrivato."


def test_letters_are_composed_and_nothing_else_is_rewritten() -> None:
    printed = "«Perche\u0301 no?» – ha detto l’ex ‘giallorosso’, e' cosi: Amatino perla panchina"
    assert clean(printed) == printed.replace("e\u0301", "é")


def test_white_space() -> None:
    text = (
        "\ufeffRoma,\u00a0Dybala\u200b ko\t \r\n\r\n\r\n\r\n  Tre\u2009settimane\u00ad di stop.\rPoi\u2028il derby\x07."
    )
    assert clean(f"{text}\n") == "Roma, Dybala ko\n\nTre settimane di stop.\nPoi\nil derby."


def test_what_no_text_may_hold_goes() -> None:
    assert clean("Lau\ud83dtaro\ue000 \ufdd0se\U000e0041gna\uffff \u202eancora\u202c") == "Lautaro segna ancora"


def test_nothing_is_left_of_boilerplate_alone() -> None:
    assert clean("RIPRODUZIONE RISERVATA\n\n(foto LaPresse)\n") == ""


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES | st.text(max_size=12), max_size=12).map("".join) | st.lists(PIECES, max_size=8).map("\n".join))
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()


@pytest.mark.parametrize(
    "text",
    [
        "e" + "\u0301\u0323" * 100_000,
        "LEGGI ANCHE " * 16_000,
        " " * 200_000,
        "\n" * 200_000,
        ". © RIPRODUZIONE RISERVATA" * 7_700,
        ("Foto: " + "Rossi " * 60 + "\n") * 500,
        ("di " + "De Rossi, " * 38 + "\n") * 500,
        "(" * 200_000,
        ("Questo sito utilizza " + "cookie " * 50 + "\n") * 500,
    ],
    ids=range(9),
)
def test_hostile_text_is_cleaned_in_time(text: str) -> None:
    started = time.process_time()
    clean(text)
    assert time.process_time() - started < 5  # seconds; the square of the length would take minutes


def test_a_name_on_one_line_keeps_its_boilerplate() -> None:
    assert one_line(" Redazione\n\tsportiva\x1b ") == "Redazione sportiva"


def test_a_terminal_shows_what_would_move_its_cursor() -> None:
    assert visible("roma\x1b[2J\n.txt") == r"roma\x1b[2J\n.txt"
    assert visible("\u202egpj.txt \udce9 \u2066x\u2069\x9b") == r"\u202egpj.txt \udce9 \u2066x\u2069\x9b"
    assert visible("l’Atalanta è «in crisi»") == "l’Atalanta è «in crisi»"
