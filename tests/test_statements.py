"""Claims become RDF: one statement for what several articles say alike, facts only for what is asserted."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from desk import Story, extractions
from rdflib import RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, PROV, SDO, SKOS

from kg import vocab
from kg.model import Article, Extraction
from kg.statements import graph_of
from kg.vocab import FB

CARLO, REAL, ROMA = (vocab.entity(path) for path in ("person/carlo-ancelotti", "club/real-madrid", "club/roma"))


def graph(*stories: Story) -> Graph:
    return graph_of(extractions(stories))


def said(result: Graph, **terms: URIRef) -> list[URIRef]:
    """The statements with these terms, for example `said(g, predicate=FB.coaches)`."""
    names = {"subject": RDF.subject, "predicate": RDF.predicate, "object": RDF.object}
    found = set(result.subjects(RDF.type, RDF.Statement))
    for name, term in terms.items():
        found &= set(result.subjects(names.get(name) or FB[name], term))
    return sorted(found)


def test_one_claim_of_two_articles_is_one_statement_with_two_pieces_of_evidence() -> None:
    result = graph(
        Story("a").says("Ancelotti allena il Real Madrid.", "Carlo Ancelotti", "coaches", "Real Madrid", to="Marca"),
        Story("b").says("Il tecnico del Madrid è Ancelotti.", "Carlo Ancelotti", "coaches", "Real Madrid", to="Sky"),
    )
    (statement,) = said(result, predicate=FB.coaches)
    pieces = list(result.objects(statement, PROV.wasDerivedFrom))
    assert {str(result.value(piece, FB.article)) for piece in pieces} == {
        vocab.ID + "article/a",
        vocab.ID + "article/b",
    }
    assert {str(each) for each in result.objects(statement, FB.reportedIn)} == {
        vocab.ID + "outlet/marca",
        vocab.ID + "outlet/sky",
    }


def test_two_spells_stay_two() -> None:
    result = graph(
        Story("a")
        .says("Mancini ha giocato nella Roma.", "Amantino Mancini", "playsFor", "Roma", tense="Past")
        .says("Mancini gioca nella Roma.", "Amantino Mancini", "playsFor", "Roma")
    )
    assert len(said(result, predicate=FB.playsFor)) == 2


def test_for_one_side_yes_and_for_another_no_are_two_endorsements() -> None:
    result = graph(
        Story("a")
        .says("Per Mancini va bene Ancelotti.", "Amantino Mancini", "endorses", "Carlo Ancelotti", team="Roma")
        .says("Per Mancini va bene Ancelotti.", "Amantino Mancini", "endorses", "Carlo Ancelotti", team="Lazio")
    )
    assert len(said(result, predicate=FB.endorses)) == 2
    assert len(said(result, predicate=FB.endorses, forTeam=ROMA)) == 1


def test_a_result_told_with_and_without_its_cup_is_one_match() -> None:
    result = graph(
        Story("a").says(
            "Roma batte Lazio 1-1.", "Roma", "playedMatch", "Lazio", score="1-1", competition="Coppa Italia"
        ),
        Story("b").says("Roma-Lazio 1-1, rigori 4-3.", "Roma", "playedMatch", "Lazio", score="1-1", shootout="4-3"),
    )
    (match,) = said(result, predicate=FB.playedMatch)
    assert result.value(match, FB.inCompetition) == vocab.entity("competition/coppa-italia")
    assert result.value(match, FB.shootout) == Literal("4-3")
    assert len(list(result.objects(match, PROV.wasDerivedFrom))) == 2


def test_the_same_result_in_league_and_cup_is_two_matches() -> None:
    result = graph(
        Story("a").says("Roma-Lazio 1-0.", "Roma", "playedMatch", "Lazio", score="1-0", competition="Coppa Italia"),
        Story("b").says("Roma-Lazio 1-0.", "Roma", "playedMatch", "Lazio", score="1-0", competition="Serie A"),
        Story("c").says("Roma-Lazio 1-0.", "Roma", "playedMatch", "Lazio", score="1-0"),
    )
    assert len(said(result, predicate=FB.playedMatch)) == 3  # of the third nobody knows which it was


def test_a_loan_said_once_is_a_loan() -> None:
    result = graph(
        Story("a").says("Abraham va al Milan.", "Tammy Abraham", "joins", "Milan"),
        Story("b").says("Abraham va al Milan in prestito.", "Tammy Abraham", "joins", "Milan", on_loan=True),
    )
    (statement,) = said(result, predicate=FB.joins)
    assert result.value(statement, FB.onLoan) == Literal(True)


@pytest.mark.parametrize(
    ("predicate", "value", "modality", "tense", "plain"),
    [
        ("coaches", "Real Madrid", "Asserted", "Present", True),
        ("coaches", "Real Madrid", "Possible", "Present", False),
        ("coaches", "Real Madrid", "Denied", "Present", False),
        ("coaches", "Real Madrid", "Asserted", "Past", False),
        ("coaches", "Real Madrid", "Asserted", "Future", False),
        ("won", "Champions League", "Asserted", "Past", True),
        ("won", "Champions League", "Possible", "Past", False),
    ],
)
def test_only_what_is_asserted_and_holds_is_a_fact(
    predicate: str, value: str, modality: str, tense: str, plain: bool
) -> None:
    result = graph(Story("a").says("Ancelotti ?", "Carlo Ancelotti", predicate, value, modality, tense))
    assert ((CARLO, FB[predicate], None) in result) is plain


def test_what_one_article_asserts_and_denies_points_at_each_other() -> None:
    yes = ("Ancelotti va alla Roma.", "Carlo Ancelotti", "joins", "Roma")
    result = graph(Story("a").says(*yes).says("Ancelotti non va alla Roma.", *yes[1:], "Denied"))
    (asserted,), (denied,) = said(result, modality=FB.Asserted), said(result, modality=FB.Denied)
    assert (asserted, FB.contradicts, denied) in result
    assert (denied, FB.contradicts, asserted) in result


def test_two_articles_may_disagree_without_a_contradiction_of_either() -> None:
    yes = ("Ancelotti va alla Roma.", "Carlo Ancelotti", "joins", "Roma")
    result = graph(Story("a").says(*yes), Story("b").says("Ancelotti non va alla Roma.", *yes[1:], "Denied"))
    assert not list(result.subject_objects(FB.contradicts))


def test_an_endorsement_for_one_side_contradicts_no_refusal_for_another() -> None:
    claim = ("Mancini su Ancelotti.", "Amantino Mancini", "endorses", "Carlo Ancelotti")
    result = graph(Story("a").says(*claim, team="Roma").says(*claim, "Denied", team="Lazio"))
    assert not list(result.subject_objects(FB.contradicts))


@pytest.mark.parametrize(
    ("text", "datatype"),
    [("2026", XSD.gYear), ("2026-06", XSD.gYearMonth), ("2026-06-30", XSD.date), ("2026-13", None), ("presto", None)],
)
def test_a_contract_keeps_the_precision_of_the_text(text: str, datatype: URIRef | None) -> None:
    result = graph(Story("a").says("Ancelotti, contratto.", "Carlo Ancelotti", "contractUntil", text))
    assert result.value(CARLO, FB.contractUntil) == Literal(text, datatype=datatype)


def test_an_injury_has_its_own_object() -> None:
    result = graph(Story("a").says("Courtois è fermo.", "Thibaut Courtois", "injured", "Injury"))
    (statement,) = said(result, object=FB.Injury)
    piece = result.value(statement, PROV.wasDerivedFrom)
    assert result.value(piece, FB.objectStart) is None
    assert result.value(piece, FB.subjectStart) is not None


def test_numbers_are_written_as_every_store_gives_them_back() -> None:
    story = Story("a").says("Ancelotti al Madrid.", "Carlo Ancelotti", "coaches", "Real Madrid")
    story.claims = [
        replace(claim, evidence=tuple(replace(piece, confidence=confidence) for piece in claim.evidence))
        for claim, confidence in zip(story.claims, [0.5000001], strict=True)
    ]
    assert str(next(graph(story).objects(None, FB.confidence))) == "0.5"


def test_who_somebody_is() -> None:
    story = Story("a").knows("Carlo Ancelotti", aliases=("Carletto",), roles=("coach", "journalist"), qid="Q174113")
    result = graph(story, Story("b").knows("Carlo Ancelotti", label="CARLO ANCELOTTI", qid="<script>"))
    assert set(result.objects(CARLO, RDF.type)) == {FB.Person, FB.Coach}
    assert str(result.value(CARLO, RDFS.label)) == "Carlo Ancelotti"
    assert {str(name) for name in result.objects(CARLO, SKOS.altLabel)} == {"Carletto", "CARLO ANCELOTTI"}
    assert list(result.objects(CARLO, SKOS.exactMatch)) == [vocab.WD.Q174113]


def test_an_article_says_what_it_is_and_where_it_comes_from() -> None:
    story = Story("2025 03/31", url="https://example.org/a?b=1", outlet="Marca", title="Il Real vola")
    result = graph(story)
    article = vocab.article("2025 03/31")
    assert result.value(article, DCTERMS.identifier) == Literal("2025 03/31")
    assert result.value(article, SDO.url) == URIRef("https://example.org/a?b=1")
    assert result.value(article, SDO.headline) == Literal("Il Real vola")
    assert (result.value(article, PROV.wasGeneratedBy), RDF.type, PROV.Activity) in result


@pytest.mark.parametrize(
    "url",
    [
        "https://x.it/a b",
        'https://x.it/">',
        "javascript:alert(1)",
        "http://[::1",
        "file:///etc/passwd",
        "http://x/\ud800",
    ],
)
def test_what_is_no_web_address_is_only_text(url: str) -> None:
    assert isinstance(graph(Story("a", url=url)).value(vocab.article("a"), SDO.url), Literal)


def test_the_graph_does_not_depend_on_the_order_of_articles() -> None:
    stories = [
        Story("a").says("Ancelotti al Madrid.", "Carlo Ancelotti", "coaches", "Real Madrid", by="Amantino Mancini"),
        Story("b").says("Ancelotti al Madrid!", "Carlo Ancelotti", "coaches", "Real Madrid"),
        Story("c").knows("Carlo Ancelotti", label="Carletto Ancelotti"),
    ]
    graphs = [graph(*order) for order in permutations(stories)]
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


def test_two_ids_never_share_an_iri() -> None:
    ids = ["a/b", "a%2Fb", "a b", "", ".", "..", "%00", "~", "x" * 200, "x" * 201, "é" * 60, "e\u0301", "\ud800"]
    assert len({vocab.article(each) for each in ids}) == len(ids)
    for each in ids:
        assert str(vocab.article(each)).rpartition("/")[2].isascii()


def test_a_misspelt_term_is_an_error_where_it_is_written() -> None:
    with pytest.raises(AttributeError):
        _ = FB.coachs


def test_nothing_gives_an_empty_graph() -> None:
    assert len(graph_of([])) == 0
    assert len(graph_of([Extraction(Article("a", "Nulla."), 1, (), ())])) > 0
