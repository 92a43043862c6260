"""Namesakes told apart: what an article says of a «Mancini» in, who he is out, with the features that held."""

from __future__ import annotations

from collections import Counter

import pytest

from kg import gazetteer, linking
from kg.gazetteer import Gazetteer
from kg.linking import Case, Scene
from kg.model import Entity, EntityClass

PERSON = EntityClass.PERSON


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    return gazetteer.load()


def linked(case: Case, known: Gazetteer) -> Entity:
    return linking.link(case, [entry.id for entry in known.candidates(case.names[0])], known)


def of_year(year: int, *sides: str) -> Scene:
    return Scene(Counter(sides), year=year)


def test_a_coach_of_city_is_not_the_winger_of_roma(known: Gazetteer) -> None:
    case = Case(
        PERSON,
        ("Mancini",),
        told=frozenset({"coach"}),
        own=frozenset({"manchester-city"}),
        scene=of_year(2012, "manchester-city", "chelsea"),
    )
    assert linked(case, known).id == "person/roberto-mancini"


def test_the_winger_of_roma_is_not_the_coach(known: Gazetteer) -> None:
    case = Case(
        PERSON,
        ("Mancini",),
        hints=frozenset({"player"}),
        near=frozenset({"roma"}),
        scene=of_year(2005, "roma", "roma", "chievo"),
    )
    assert linked(case, known).id == "person/amantino-mancini"


def test_who_played_before_he_was_born_is_somebody_else(known: Gazetteer) -> None:
    case = Case(PERSON, ("Mancini",), near=frozenset({"roma"}), scene=of_year(2002, "roma"))
    assert linked(case, known).id != "person/gianluca-mancini"


def test_a_first_name_alone_is_nobody_in_particular(known: Gazetteer) -> None:
    case = Case(PERSON, ("Stefano",), first_name=True, scene=of_year(2021, "milan", "inter"))
    assert linked(case, known).id == "person/_stefano"


def test_a_surname_with_no_sign_of_whose_it_is_gets_a_node_of_its_own(known: Gazetteer) -> None:
    assert linked(Case(PERSON, ("Bianchi",)), known).id == "person/_bianchi"


def test_how_sure_a_link_is_grows_with_what_speaks_for_it(known: Gazetteer) -> None:
    little = Case(PERSON, ("Ancelotti",), scene=of_year(2024))
    more = Case(PERSON, ("Carlo Ancelotti",), told=frozenset({"coach"}), scene=of_year(2024, "real-madrid"))
    assert linked(little, known).score < linked(more, known).score <= 1.0


def test_the_reasons_are_the_names_of_the_features_that_hold(known: Gazetteer) -> None:
    case = Case(PERSON, ("Ancelotti",), told=frozenset({"coach"}), scene=of_year(2024, "real-madrid"))
    (one,) = linking.standing(case, ["carlo-ancelotti"], known)
    held = linking.reasons(case, one)
    assert {"role", "shared side", "main side", "a coach of 34 to 72"} <= set(held)
    assert not {"full name", "another role", "a child then"} & set(held)


def test_a_side_is_its_best_known_bearer(known: Gazetteer) -> None:
    case = Case(EntityClass.CLUB, ("Roma",))
    assert linking.link(case, ["roma"], known).id == "club/roma"
