"""The ontology says every term once, in two languages, and the code, the shapes and the questions keep to it."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import gold_graph
import pyoxigraph
import pytest
from desk import Story, extractions
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, Namespace
from rdflib.collection import Collection

from kg import inference, query, resources, turtle, vocab
from kg.claims import SIGNATURES
from kg.engines import Oxigraph
from kg.model import EntityClass, Modality, Tense
from kg.statements import graph_of
from kg.vocab import FB

FOLDER = resources.folder("ontology")
SH = Namespace("http://www.w3.org/ns/shacl#")


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return turtle.read(FOLDER / "football.ttl")


@pytest.fixture(scope="module")
def terms(ontology: Graph) -> list[str]:
    return sorted(str(term) for term in set(ontology.subjects()) if str(term).startswith(str(FB)))


def test_every_term_has_a_label_and_a_comment_in_both_languages(ontology: Graph, terms: list[str]) -> None:
    for term in terms:
        for kind in (RDFS.label, RDFS.comment):
            texts = list(ontology.objects(FB[term[len(str(FB)) :]], kind))
            assert sorted(str(text.language) for text in texts if isinstance(text, Literal)) == ["en", "it"], term


def test_every_property_has_a_domain_and_a_range(ontology: Graph) -> None:
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        for term in ontology.subjects(RDF.type, kind):
            if str(term).startswith(str(FB)):
                assert (term, RDFS.domain, None) in ontology, term
                assert (term, RDFS.range, None) in ontology, term


def test_the_model_and_the_ontology_have_the_same_words(ontology: Graph) -> None:
    for predicate in SIGNATURES:
        assert (FB[predicate], RDFS.domain, None) in ontology
    for each in EntityClass:
        assert (FB[each.value], RDF.type, OWL.Class) in ontology
    assert {str(term)[len(str(FB)) :] for term in ontology.subjects(RDF.type, FB.Modality)} == set(Modality)
    assert {str(term)[len(str(FB)) :] for term in ontology.subjects(RDF.type, FB.Tense)} == set(Tense)


def test_the_shapes_know_all_predicates_and_no_other_term() -> None:
    shapes = turtle.read(FOLDER / "shapes.ttl")
    constraint = next(iter(shapes.subjects(SH.path, RDF.predicate)))
    allowed = shapes.value(constraint, SH["in"])
    assert allowed is not None
    assert {str(term) for term in Collection(shapes, allowed)} == {str(FB[name]) for name in SIGNATURES}
    for name in re.findall(r"\bfb:(\w+)", (FOLDER / "shapes.ttl").read_text(encoding="utf-8")):
        assert FB[name]


@pytest.mark.parametrize("path", sorted((FOLDER / "queries").glob("*.rq")), ids=lambda path: path.stem)
def test_a_saved_question_uses_terms_of_the_ontology(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    for name in re.findall(r"\bfb:(\w+)", text):
        assert FB[name]


def test_inverses_are_said_once_and_turn_domain_and_range(ontology: Graph) -> None:
    pairs = list(ontology.subject_objects(OWL.inverseOf))
    assert len(pairs) >= 15
    assert (FB.coaches, OWL.inverseOf, FB.coachedBy) in ontology
    for left, right in pairs:
        assert (right, OWL.inverseOf, left) not in ontology
        for one, other in ((RDFS.domain, RDFS.range), (RDFS.range, RDFS.domain)):
            ours, theirs = ontology.value(left, one), ontology.value(right, other)
            assert ours == theirs or (isinstance(ours, BNode) and isinstance(theirs, BNode))


def test_the_version_is_in_the_change_log(ontology: Graph) -> None:
    itself = next(ontology.subjects(RDF.type, OWL.Ontology))
    version, iri = (str(ontology.value(itself, term)) for term in (OWL.versionInfo, OWL.versionIRI))
    assert iri == f"{vocab.ONTOLOGY}/{version}"
    log = (FOLDER / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", log, re.MULTILINE)[1] == version  # type: ignore[index]


def test_it_loads_everywhere_without_a_warning(ontology: Graph) -> None:
    store = pyoxigraph.Store()
    store.load(path=str(FOLDER / "football.ttl"), format=pyoxigraph.RdfFormat.TURTLE)
    assert len(store) == len(ontology)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        import owlrl

        closure = Graph()
        closure += ontology
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    assert not [triple for triple in closure if "ErrorMessage" in str(triple)]


# Inference ----------------------------------------------------------------------------------------------


def test_what_follows_from_facts_and_nothing_from_rumours() -> None:
    read = graph_of(
        extractions(
            [
                Story("a")
                .says("Ancelotti allena il Real Madrid.", "Carlo Ancelotti", "coaches", "Real Madrid")
                .says("Ancelotti alla Roma?", "Carlo Ancelotti", "candidateFor", "Roma", "Possible")
                .says("Real Madrid batte Roma.", "Real Madrid", "playedMatch", "Roma", score="3-2")
            ]
        )
    )
    before = set(read)
    result = inference.inferred(read)
    carlo, real, roma = (vocab.entity(p) for p in ("person/carlo-ancelotti", "club/real-madrid", "club/roma"))
    assert (real, FB.coachedBy, carlo) in result
    assert (roma, FB.playedMatch, real) in result
    assert (real, RDF.type, FB.Side) in result
    assert (roma, FB.hasCandidate, None) not in result
    assert set(read) == before
    assert not set(result) & before
    assert not [term for triple in result for term in triple if "statement/" in str(term) or "evidence/" in str(term)]


def test_what_was_inferred_is_written_to_a_graph_of_its_own(tmp_path: Path) -> None:
    read = graph_of(extractions([Story("a").says("Ranieri allena la Roma.", "Claudio Ranieri", "coaches", "Roma")]))
    path = tmp_path / "inferred.trig"
    result = inference.inferred(read)
    turtle.write(result, path, name=inference.NAME)
    store = pyoxigraph.Store()
    store.load(path=str(path), format=pyoxigraph.RdfFormat.TRIG)
    assert len(store) == len(result) > 0
    assert {str(quad.graph_name.value) for quad in store} == {str(inference.NAME)}


# Questions ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gold() -> Oxigraph:
    return Oxigraph.of_graph(gold_graph.graph())


ANSWERS: list[tuple[str, dict[str, str], tuple[str | None, ...]]] = [
    ("about", {"name": "Roma"}, ("Laurent Blanc", "fb:candidateFor", "Roma", "fb:Possible", "fb:Future")),
    ("agents", {}, ("Antonio Caliendo", "David Trezeguet", "fb:Asserted", "fb:Present")),
    ("arrivals-and-departures", {}, ("Antonio Conte", "fb:leaves", "Arezzo", "fb:Asserted", "fb:Past")),
    ("at-both", {"first": "Roma", "second": "inter"}, ("Radja Nainggolan", "fb:playsFor", "fb:playsFor")),
    (
        "backed-by",
        {"person": "Arturo Baldasano"},
        ("Arsène Wenger", "Real Madrid", "fb:Asserted", "fb:candidateFor", "fb:Possible"),
    ),
    ("candidates", {"club": "Roma"}, ("Laurent Blanc", "fb:Possible", "Per giugno vedrete che chiameranno Blanc")),
    (
        "candidates-since",
        {"club": "roma"},
        ("Laurent Blanc", "fb:Possible", "2013-02-04", "Odoacre Chierico, Radio Radio"),
    ),
    ("claims-by-predicate", {}, ("fb:playsFor", None)),
    ("coach-of", {"club": "milan"}, ("Leonardo", "Milan", "fb:Asserted", "fb:Past")),
    ("contracts", {}, ("Attilio Tesser", "2019", "fb:Asserted")),
    ("denied", {}, ("Alessandro Deiola", "fb:joins", "Frosinone", "", "Sfumato, al contrario, Alessandro Deiola")),
    ("endorsements", {}, ("Celeste Pin", "Delio Rossi", "Fiorentina", "fb:Asserted")),
    ("former-sides-of-candidates", {}, ("Patrick Vieira", "Inter", "fb:playsFor")),
    ("honours", {}, ("Gianluigi Buffon", "Campionato mondiale di calcio")),
    ("injured", {}, ("Alexandre Pato", "fb:Asserted", "Distorsione alla caviglia per Alexandre Pato")),
    ("results", {}, ("Ajax", "2-0", "Milan", "Champions League")),
    (
        "rumours-come-true",
        {},
        ("Andrea Camplone", "fb:candidateFor", "fb:coaches", "Cesena", "2016-10-04", "2017-06-14"),
    ),
    ("rumours-denied", {}, ("Benevento", "fb:targets", "Federico Dionisi", "k01", "k01", "Tullio Tinti")),
    ("said-by", {"person": "celeste pin"}, ("Adrian Mutu", "fb:nationality", "Romania", "fb:Asserted", "")),
    (
        "said-otherwise",
        {},
        ("Christophe Galtier", "fb:candidateFor", "Napoli", "fb:Present", "wa37", "", "wa37", "Christophe Galtier"),
    ),
    ("single-source", {"name": "Roma"}, ("CFR Cluj", "fb:playedMatch", "Roma", "fb:Asserted", "fb:Past", "k19")),
    ("squad", {"club": "Roma"}, ("Adem Ljajić", None)),
    ("wanted", {"club": "Roma"}, ("Andrea Belotti", "fb:Asserted", "In attacco piace Andrea Belotti")),
    ("who-coaches-whom", {}, ("Frank de Boer", "Ajax")),
]
"""A row that the answer must hold; None is any text."""


@pytest.mark.parametrize(("name", "arguments", "row"), ANSWERS, ids=[name for name, _, _ in ANSWERS])
def test_a_question_has_its_answer_in_gold(
    name: str, arguments: dict[str, str], row: tuple[str | None, ...], gold: Oxigraph
) -> None:
    found = query.answer_saved(gold, query.saved_query(name), arguments).rows
    said = [tuple(query.plain(cell) for cell in cells) for cells in found]
    assert any(all(want in (None, have) for want, have in zip(row, cells, strict=True)) for cells in said), said[:10]


def test_whom_a_pundit_backs_and_whether_the_club_agrees() -> None:
    story = (
        Story("a")
        .says("Mancini candida Ancelotti.", "Amantino Mancini", "endorses", "Carlo Ancelotti", team="Roma")
        .says(
            "La Roma non ha pensato ad Ancelotti.",
            "Carlo Ancelotti",
            "candidateFor",
            "Roma",
            "Denied",
            by="Carlo Ancelotti",
        )
    )
    engine = Oxigraph.of_graph(graph_of(extractions([story])))
    (row,) = query.answer_saved(engine, query.saved_query("backed-by"), {"person": "amantino mancini"}).rows
    assert [query.plain(cell) for cell in row] == [
        "Carlo Ancelotti",
        "Roma",
        "fb:Asserted",
        "fb:candidateFor",
        "fb:Denied",
    ]
    (said,) = query.answer_saved(engine, query.saved_query("said-by"), {"person": "Carlo Ancelotti"}).rows
    assert [query.plain(cell) for cell in said][:4] == ["Carlo Ancelotti", "fb:candidateFor", "Roma", "fb:Denied"]


def test_every_question_has_its_answer_here() -> None:
    assert {name for name, _, _ in ANSWERS} == {saved.name for saved in query.saved_queries()}
    assert len(ANSWERS) >= 15
