"""Who is meant: sentences in, chains of mentions out, through the real pack and gazetteer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg import coreference, gazetteer
from kg.gazetteer import Gazetteer
from kg.model import Document, MentionKind, Reading


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    return gazetteer.load()


@pytest.fixture
def read(reader: Callable[..., Document], known: Gazetteer) -> Callable[..., Reading]:
    return lambda text, title="": coreference.read(reader(text, title), known)


def called(reading: Reading, identifier: str) -> list[str]:
    """How an article calls an entity, zero subjects left out."""
    return [
        reading.mentions[position].text
        for chain in reading.chains
        if chain.entity.id == identifier
        for position in chain.mentions
        if reading.mentions[position].kind is not MentionKind.ZERO
    ]


def reasons(reading: Reading, identifier: str) -> set[str]:
    return {reason for chain in reading.chains if chain.entity.id == identifier for reason in chain.reasons}


def test_surname_goes_with_the_full_name(read: Callable[..., Reading]) -> None:
    reading = read("Carlo Ancelotti resta al Real Madrid. Ancelotti ha parlato ieri.")
    assert called(reading, "person/carlo-ancelotti") == ["Carlo Ancelotti", "Ancelotti"]
    assert "surname" in reasons(reading, "person/carlo-ancelotti")


def test_two_namesakes_stay_two(read: Callable[..., Reading]) -> None:
    reading = read("Simone Inzaghi allena l'Inter. Filippo Inzaghi ha firmato con il Palermo.")
    assert {"person/simone-inzaghi", "person/filippo-inzaghi"} <= {c.entity.id for c in reading.chains}


def test_a_letter_too_few_is_the_same_person(read: Callable[..., Reading]) -> None:
    reading = read("Per Amantino Mancini è l'uomo giusto. Lo ha detto l'ex giallorosso Amatino Mancini a Roma.")
    assert called(reading, "person/amantino-mancini")[0] == "Amantino Mancini"
    assert "Amatino Mancini" in called(reading, "person/amantino-mancini")


def test_an_unknown_person_gets_a_node_from_the_name(read: Callable[..., Reading]) -> None:
    reading = read("Il presidente Gervaso Pellicciari ha presentato il nuovo stadio.")
    assert "person/_gervaso-pellicciari" in {chain.entity.id for chain in reading.chains}


def test_a_ground_stands_for_the_side_at_home_there_where_nothing_names_it(read: Callable[..., Reading]) -> None:
    assert called(read("Da Trigoria non arrivano segnali. Monchi pensa ad altro."), "club/roma") == ["Trigoria"]
    assert called(read("La Roma perde. Da Trigoria filtra nervosismo."), "club/roma") == ["Roma"]


def test_a_nickname_stands_for_its_side(read: Callable[..., Reading]) -> None:
    reading = read("Il Real Madrid ha perso. I Blancos sono secondi.")
    assert called(reading, "club/real-madrid") == ["Real Madrid", "Blancos"]


@pytest.mark.parametrize(("side", "club"), [("Udinese", "club/udinese"), ("Juventus", "club/juventus")])
def test_a_colour_stands_for_the_side_that_the_article_names(
    side: str, club: str, read: Callable[..., Reading]
) -> None:
    reading = read(f"L'{side} ha vinto ancora. I bianconeri salgono in classifica.".replace("L'J", "La J"))
    assert "bianconeri" in called(reading, club)


def test_the_name_beside_an_epithet_says_who_it_is(read: Callable[..., Reading]) -> None:
    reading = read("Ha parlato il tecnico del Milan, Paulo Fonseca.")
    assert "apposition" in reasons(reading, "person/paulo-fonseca")


def test_an_epithet_of_role_and_country_finds_its_person(read: Callable[..., Reading]) -> None:
    reading = read("Lautaro Martinez segna sempre. Carlo Ancelotti osserva. Il tecnico italiano è soddisfatto.")
    assert "il tecnico italiano" in [text.lower() for text in called(reading, "person/carlo-ancelotti")]


def test_nobody_is_the_new_coach(read: Callable[..., Reading]) -> None:
    reading = read("Carlo Ancelotti aspetta. La Roma cerca il nuovo allenatore.")
    assert called(reading, "person/carlo-ancelotti") == ["Carlo Ancelotti"]


def test_an_unspoken_subject_goes_on(read: Callable[..., Reading]) -> None:
    reading = read("Romelu Lukaku ha lasciato Roma. Ha firmato con il Napoli.")
    zero = [
        reading.mentions[position].text
        for chain in reading.chains
        if chain.entity.id == "person/romelu-lukaku"
        for position in chain.mentions
        if reading.mentions[position].kind is MentionKind.ZERO
    ]
    assert zero == ["firmato"]


def test_who_follows_a_name(read: Callable[..., Reading]) -> None:
    reading = read("Antonio Conte, che ha allenato la Juventus, sorride.")
    assert "che" in called(reading, "person/antonio-conte")


def test_the_town_is_no_side_and_the_side_no_town(read: Callable[..., Reading]) -> None:
    reading = read("Il Napoli gioca domani a Napoli contro l'Empoli.")
    assert called(reading, "city/napoli") == ["Napoli"]
    assert "Napoli" in called(reading, "club/napoli")


def test_a_hyphen_parts_two_sides(read: Callable[..., Reading]) -> None:
    reading = read("Roma-Lazio finisce in parità.")
    assert called(reading, "club/roma") == ["Roma"]
    assert called(reading, "club/lazio") == ["Lazio"]


def test_offsets_speak_of_the_text(read: Callable[..., Reading]) -> None:
    text = "Il tecnico dell'Inter, Simone Inzaghi, ha elogiato l'attaccante argentino Lautaro Martinez."
    for mention in read(text).mentions:
        if mention.kind is MentionKind.NAME:
            assert text[mention.start : mention.end] == mention.text


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Il ct Donadoni sorride.", "national-team/nazionale-italia"),
        ("Roberto Mancini si è dimesso ieri da commissario tecnico.", "national-team/nazionale-italia"),
        (
            "Il Brasile cambia. Il Brasile vuole Ancelotti, e il ct se ne va.",
            "national-team/nazionale-brasile",
        ),
    ],
)
def test_a_national_coach_tells_of_his_side(read: Callable[..., Reading], text: str, side: str) -> None:
    assert {"ct", "commissario tecnico"} & set(called(read(text), side))


def test_the_coach_of_a_country_that_is_named_tells_of_no_other(read: Callable[..., Reading]) -> None:
    assert not called(read("Il ct della Croazia, Dalic, ha scelto."), "national-team/nazionale-italia")
