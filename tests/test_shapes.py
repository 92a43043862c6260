"""A sound graph passes; each way of breaking one is found, with the sentences at fault, as pySHACL finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import gold_graph
import pytest
from desk import Story, extractions
from rdflib import RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import PROV, SDO

from kg import gold, resources, shapes, turtle, vocab
from kg.claims import SIDES, SIGNATURES
from kg.shapes import Severity, check
from kg.statements import graph_of
from kg.vocab import FB

SH = Namespace("http://www.w3.org/ns/shacl#")
CARLO, REAL = vocab.entity("person/carlo-ancelotti"), vocab.entity("club/real-madrid")


def newsroom() -> list[Story]:
    return [
        Story("a", "2025-03-31", url="https://example.org/a")
        .says("Ancelotti allena il Real Madrid.", "Carlo Ancelotti", "coaches", "Real Madrid", to="Marca")
        .says("Ancelotti fino al 2026.", "Carlo Ancelotti", "contractUntil", "2026-06")
        .says("Mbappé gioca nel Real Madrid.", "Kylian Mbappé", "playsFor", "Real Madrid")
        .says("Mbappé non gioca nel Real Madrid.", "Kylian Mbappé", "playsFor", "Real Madrid", "Denied")
        .says("Real Madrid batte Roma 3-2.", "Real Madrid", "playedMatch", "Roma", score="3-2", competition="Serie A")
        .says("Courtois è fermo.", "Thibaut Courtois", "injured", "Injury")
        .says("Dybala è argentino.", "Paulo Dybala", "nationality", "Argentina"),
        Story("b", "2025-04-02")
        .says("Mancini vuole Ancelotti.", "Amantino Mancini", "endorses", "Carlo Ancelotti", team="Roma")
        .says("La Roma ha vinto la Coppa Italia.", "Roma", "won", "Coppa Italia", tense="Past"),
    ]


def graph(*stories: Story) -> Graph:
    return graph_of(extractions(stories or newsroom()))


def found(*stories: Story) -> set[str]:
    return {fault.message for fault in check(graph(*stories)).faults}


def test_what_kg_writes_is_sound() -> None:
    stories = newsroom()
    report = check(graph(*stories), [story.article for story in stories])
    assert report.summary == "sound (no errors, no warnings)"


# Sense --------------------------------------------------------------------------------------------------


def bench(day: str, coach: str, side: str = "Roma") -> Story:
    return Story(f"{day}-{coach}", day).says(f"{coach} allena la {side}.", coach, "coaches", side)


def test_two_coaches_of_one_side_on_one_day_are_shown_with_their_sentences() -> None:
    report = check(graph(bench("2025-03-31", "Claudio Ranieri"), bench("2025-03-31", "Ivan Juric")))
    assert (report.errors, report.warnings) == (0, 1)
    lines = list(report.lines())
    assert lines[0] == "warning: two head coaches of one side at a time (1 case)"
    assert any("Claudio Ranieri coaches Roma (Asserted, Present)" in line for line in lines)
    assert "      2025-03-31-Ivan Juric: «Ivan Juric allena la Roma.»" in lines


def test_a_coach_who_follows_another_is_no_clash() -> None:
    assert not found(bench("2024-10-01", "Ivan Juric"), bench("2025-03-31", "Claudio Ranieri"))


def test_a_coach_named_before_and_after_his_rival_is_a_clash() -> None:
    stories = (
        bench("2024-10-01", "Ivan Juric"),
        bench("2024-12-01", "Claudio Ranieri"),
        bench("2025-01-01", "Ivan Juric"),
    )
    assert found(*stories) == {"two head coaches of one side at a time"}


def test_without_dates_two_coaches_are_a_clash() -> None:
    assert found(bench("", "Ivan Juric"), bench("2025-03-31", "Claudio Ranieri"))


def test_a_club_and_a_national_side_are_no_two_clubs() -> None:
    story = Story("a").says("Barella all'Inter.", "Nicolò Barella", "playsFor", "Inter")
    assert not found(story.says("Barella con l'Italia.", "Nicolò Barella", "playsFor", "Italia"))
    assert found(story.says("Barella al Milan.", "Nicolò Barella", "playsFor", "Milan")) == {
        "a player of two clubs at a time"
    }


def test_nobody_is_on_the_way_to_where_he_is() -> None:
    plays = Story("a", "2025-01-01").says("Dybala gioca nella Roma.", "Paulo Dybala", "playsFor", "Roma")
    signs = ("Dybala alla Roma.", "Paulo Dybala", "joins", "Roma")
    assert not found(Story("b", "2024-12-31").says(*signs), plays)
    assert found(plays, Story("b", "2025-02-01").says(*signs)) == {"on the way to a side where he is already"}
    assert not found(plays, Story("b", "2025-02-01").says(*signs, "Asserted", "Past"))


def test_a_club_wants_nobody_whom_it_has() -> None:
    story = Story("a").says("Dybala gioca nella Roma.", "Paulo Dybala", "playsFor", "Roma")
    assert found(story.says("La Roma vuole Dybala.", "Roma", "targets", "Paulo Dybala")) == {
        "a club wants a player whom it has already"
    }


@pytest.mark.parametrize(
    ("score", "odd"), [("3-2", False), ("0-0", False), ("32", True), ("2026-06", True), ("3-2 dts", True)]
)
def test_scores_look_like_scores(score: str, odd: bool) -> None:
    story = Story("a").says("Roma-Lazio.", "Roma", "playedMatch", "Lazio", score=score)
    assert found(story) == ({"this is no score of a match"} if odd else set())


@pytest.mark.parametrize(("shootout", "odd"), [("4-3", False), ("11-10", False), ("4-4", True)])
def test_a_shootout_has_a_winner(shootout: str, odd: bool) -> None:
    story = Story("a").says("Roma-Lazio.", "Roma", "playedMatch", "Lazio", score="1-1", shootout=shootout)
    assert found(story) == ({"this is no score of a shoot-out"} if odd else set())


@pytest.mark.parametrize(
    ("until", "tense", "odd"),
    [
        ("2027", "Present", False),
        ("2025-06-30", "Present", False),
        ("2019", "Present", True),
        ("2019", "Past", False),
        ("2062", "Present", True),
        ("0026", "Past", True),
    ],
)
def test_contract_dates_are_not_absurd(until: str, tense: str, odd: bool) -> None:
    story = Story("a").says("Dybala, contratto.", "Paulo Dybala", "contractUntil", until, "Asserted", tense)
    assert found(story) == ({"a contract that ends at an absurd date"} if odd else set())


def test_an_address_that_is_none_is_a_warning() -> None:
    assert found(Story("a", url="javascript:alert(1)")) == {"the article's address is no web address"}
    assert found(Story("a", "31 marzo")) == {"the article's date is not ISO 8601"}


# Form ---------------------------------------------------------------------------------------------------


def _statement(result: Graph) -> URIRef:
    return next(iter(sorted(result.subjects(RDF.predicate, FB.coaches))))


def _evidence(result: Graph) -> URIRef:
    return next(iter(result.objects(_statement(result), PROV.wasDerivedFrom)))


BREAKS: dict[str, Callable[[Graph], object]] = {
    "no object": lambda g: g.remove((_statement(g), RDF.object, None)),
    "more than one tense": lambda g: g.add((_statement(g), FB.tense, FB.Past)),
    "modality is none of the terms that it may be": lambda g: g.set((_statement(g), FB.modality, FB.Past)),
    "predicate is none of the terms that it may be": lambda g: g.set((_statement(g), RDF.predicate, FB.coachedBy)),
    "confidence is no decimal": lambda g: g.set((_statement(g), FB.confidence, Literal("high"))),
    "confidence is too great": lambda g: g.set((_statement(g), FB.confidence, Literal("1.5", datatype=XSD.decimal))),
    "no wasDerivedFrom": lambda g: g.remove((_statement(g), PROV.wasDerivedFrom, None)),
    "reportedIn is no Outlet": lambda g: g.set((_statement(g), FB.reportedIn, CARLO)),
    "forTeam is no Club or NationalTeam": lambda g: g.set((_statement(g), FB.forTeam, CARLO)),
    "sentence is empty": lambda g: g.set((_evidence(g), FB.sentence, Literal(""))),
    "the sentence is not as long as its offsets say": lambda g: g.set((_evidence(g), FB.sentence, Literal("Corta."))),
    "sentenceStart does not lie before its end": lambda g: g.set((_evidence(g), FB.sentenceStart, Literal(10**6))),
    "article is no NewsArticle": lambda g: g.set((_evidence(g), FB.article, CARLO)),
    "no identifier": lambda g: g.remove((vocab.article("a"), None, Literal("a"))),
    "no label": lambda g: g.remove((CARLO, RDFS.label, None)),
    "exactMatch does not look like one": lambda g: g.add((CARLO, URIRef(str(turtle.SKOS.exactMatch)), SDO.Person)),
    "the subject is not of the kind that the predicate speaks of": lambda g: g.set((_statement(g), RDF.subject, REAL)),
    "the object is not of the kind that the predicate speaks of": lambda g: g.set((_statement(g), RDF.object, CARLO)),
    "asserted of the present, but not written as a fact": lambda g: g.remove((CARLO, FB.coaches, None)),
    "a fact that no asserted claim backs": lambda g: g.add((CARLO, FB.coaches, vocab.entity("club/roma"))),
    "one article asserts and denies this, but the claims do not point at each other": lambda g: g.remove(
        (None, FB.contradicts, None)
    ),
}


@pytest.mark.parametrize("message", BREAKS)
def test_a_broken_form_is_an_error(message: str) -> None:
    result = graph()
    BREAKS[message](result)
    report = check(result)
    assert message in {fault.message for fault in report.faults if fault.severity is Severity.ERROR}
    assert report.errors
    assert report.summary.startswith(f"{report.errors} error")


def test_evidence_is_held_against_the_text() -> None:
    stories = newsroom()
    articles = [story.article for story in stories]
    moved = [replace(articles[0], text="x" + articles[0].text), replace(articles[1], text="Nulla.")]
    messages = {fault.message for fault in check(graph(*stories), moved).faults}
    assert messages == {"the article does not say this sentence there", "an offset lies behind the article's end"}


def test_what_a_report_shows_is_tame() -> None:
    story = Story("a\x1b[31m").says("Ranieri \x1b[2J alla Roma.", "Claudio Ranieri", "coaches", "Roma")
    lines = list(check(graph(story, bench("2025-03-31", "Ivan Juric"))).lines())
    assert not [line for line in lines if "\x1b" in line]
    assert any("\\u001b" in line for line in lines)


# Gold ---------------------------------------------------------------------------------------------------


def test_the_graph_of_annotated_articles_is_sound() -> None:
    annotated = gold_graph.extractions(gold_graph.SOME)
    report = check(graph_of(annotated), [extraction.article for extraction in annotated])
    assert [fault for fault in report.faults if fault.severity is Severity.ERROR] == []


def test_nothing_annotated_is_of_a_kind_that_the_vocabulary_does_not_speak_of() -> None:
    odd = []
    for article in gold.read((gold_graph.DEV, gold_graph.TRAIN)):
        classes = {entity.name: entity.entity_class for entity in article.entities}
        for claim in article.claims:
            subjects, objects = SIGNATURES[claim.predicate]
            named = ((claim.subject, subjects), (claim.object, objects), (claim.for_team, SIDES))
            if any(kinds and name and classes[name] not in kinds for name, kinds in named):
                odd.append((article.article.id, claim))
    assert odd == []


# pySHACL ------------------------------------------------------------------------------------------------


def by_pyshacl(data: Graph) -> set[tuple[str, str]]:
    """Severity and node of each fault as pySHACL finds it."""
    import pyshacl

    definitions = Graph().parse(resources.folder("ontology") / "shapes.ttl")
    _, results, _ = pyshacl.validate(data, shacl_graph=definitions, allow_warnings=True, inference="none")
    assert isinstance(results, Graph)
    whole = {str(node) for node in definitions.objects(None, SH.targetNode)}
    faults = set()
    for result in results.subjects(RDF.type, SH.ValidationResult):
        node = results.value(result, SH.focusNode)
        if str(node) in whole:
            node = results.value(result, SH.value)
        severity = "warning" if results.value(result, SH.resultSeverity) == SH.Warning else "error"
        faults.add((severity, str(node)))
    return faults


def by_kg(data: Graph) -> set[tuple[str, str]]:
    return {(fault.severity.value, fault.node) for fault in shapes._found(data)}


def odd() -> list[Story]:
    return [
        bench("2025-03-31", "Claudio Ranieri"),
        bench("2025-03-31", "Ivan Juric").says("Juric alla Roma?", "Ivan Juric", "candidateFor", "Roma", "Possible"),
        bench("2020-01-01", "Paulo Fonseca"),
        Story("x", "31 marzo", url="no")
        .says("Roma-Lazio.", "Roma", "playedMatch", "Lazio", score="33-2", shootout="4-4")
        .says("Dybala alla Roma.", "Paulo Dybala", "playsFor", "Roma")
        .says("Dybala alla Lazio.", "Paulo Dybala", "playsFor", "Lazio")
        .says("La Roma vuole Dybala.", "Roma", "targets", "Paulo Dybala"),
        Story("y", "2025-05-01")
        .says("Dybala alla Roma.", "Paulo Dybala", "joins", "Roma")
        .says("Dybala fino al 2019.", "Paulo Dybala", "contractUntil", "2019"),
    ]


def test_pyshacl_finds_the_same_clashes() -> None:
    data = graph(*odd())
    assert len(by_kg(data)) > 8
    assert by_kg(data) == by_pyshacl(data)


def test_pyshacl_finds_the_same_broken_forms() -> None:
    data = graph()
    for message in (
        "more than one tense",
        "confidence is no decimal",
        "reportedIn is no Outlet",
        "forTeam is no Club or NationalTeam",
        "the sentence is not as long as its offsets say",
        "sentenceStart does not lie before its end",
        "article is no NewsArticle",
        "no identifier",
        "no label",
        "exactMatch does not look like one",
        "a fact that no asserted claim backs",
        "one article asserts and denies this, but the claims do not point at each other",
    ):
        BREAKS[message](data)
    assert len(by_kg(data)) == 5  # nodes: several of the breaks meet in one
    assert by_kg(data) == by_pyshacl(data)


def test_a_part_of_shacl_that_kg_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    definitions = turtle.read(resources.folder("ontology") / "shapes.ttl")
    constraint = next(iter(definitions.subjects(SH.path, FB.score)))
    definitions.add((constraint, SH.uniqueLang, Literal(True)))
    monkeypatch.setattr(shapes, "_shapes", lambda: definitions)
    with pytest.raises(shapes.GraphError, match="does not know"):
        check(graph())
