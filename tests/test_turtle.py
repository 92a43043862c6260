"""The graph's file: readable, the same bytes whatever the order, whole or not there."""

from __future__ import annotations

import difflib
import os
import random
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest
from desk import Story, extractions
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from kg import turtle, vocab
from kg.errors import GraphError
from kg.statements import graph_of
from kg.vocab import FB


def stories() -> list[Story]:
    return [
        Story("a", url="https://example.org/a")
        .says("Ancelotti allena il Real Madrid.", "Carlo Ancelotti", "coaches", "Real Madrid", to="Marca")
        .says("Ancelotti fino al 2026.", "Carlo Ancelotti", "contractUntil", "2026-06"),
        Story("b").says("Allegri piace alla Roma.", "Massimiliano Allegri", "candidateFor", "Roma", "Possible"),
    ]


def text(*more: Story) -> str:
    return turtle.dumps(graph_of(extractions([*stories(), *more])))


def test_a_claim_stands_below_its_subject_and_its_sentence_below_the_claim() -> None:
    lines = text().splitlines()
    name = next(i for i, line in enumerate(lines) if line.startswith("person:carlo-ancelotti a "))
    assert lines[name + 1] == '    rdfs:label "Carlo Ancelotti" ;'
    claim = next(i for i, line in enumerate(lines) if "rdf:predicate fb:coaches" in line)
    assert (
        lines[claim]
        == "    rdf:subject person:carlo-ancelotti ; rdf:predicate fb:coaches ; rdf:object club:real-madrid ;"
    )
    sentence = next(i for i, line in enumerate(lines) if "Ancelotti allena il Real Madrid." in line)
    assert name < claim < sentence < name + 20


def test_articles_come_first_and_only_prefixes_in_use_are_declared() -> None:
    result = text()
    assert result.index("article:a a schema:NewsArticle") < result.index("club:real-madrid a fb:Club")
    assert "@prefix fb: " in result
    assert "@prefix venue: " not in result


def test_the_same_triples_give_the_same_bytes() -> None:
    triples = list(graph_of(extractions(stories())))
    for seed in range(5):
        random.Random(seed).shuffle(triples)
        shuffled = Graph()
        for triple in triples:
            shuffled.add(triple)
        assert turtle.dumps(shuffled) == text()


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_the_same_bytes_in_another_process(seed: str) -> None:
    code = "import test_turtle; print(test_turtle.text(), end='')"
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, env=env, capture_output=True, check=True
    )
    assert done.stdout.decode("utf-8") == text()


def test_one_claim_more_touches_only_lines_of_what_it_names() -> None:
    more = Story("c").says("Allegri va al Milan.", "Massimiliano Allegri", "joins", "Milan", "Possible")
    changed = [line for line in difflib.ndiff(text().splitlines(), text(more).splitlines()) if line[0] in "+-"]
    assert not [line for line in changed if line[0] == "-"]
    assert not [line for line in changed if "ancelotti" in line.lower() or "roma" in line.lower()]


def test_a_file_read_again_is_the_same_graph(tmp_path: Path) -> None:
    path = tmp_path / "new" / "graph.ttl"
    graph = graph_of(extractions(stories()))
    turtle.write(graph, path)
    assert set(turtle.read(path)) == set(graph)
    assert [file.name for file in path.parent.iterdir()] == ["graph.ttl"]
    store = pyoxigraph.Store()
    store.load(path=str(path), format=pyoxigraph.RdfFormat.TURTLE)
    assert len(store) == len(graph)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "graph.ttl"
    turtle.write(graph_of(extractions(stories())), path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GraphError, match="No space left"):
        turtle.write(Graph(), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["graph.ttl"]


def test_blank_nodes_are_named_after_what_is_said_of_them() -> None:
    def once() -> str:
        graph = Graph()
        for label in ("uno", "due"):
            node = BNode()
            graph.add((node, RDFS.label, Literal(label)))
            graph.add((vocab.entity("club/roma"), RDFS.seeAlso, node))
        return turtle.dumps(graph)

    assert once() == once()


@given(
    st.lists(
        st.tuples(
            st.text(max_size=12),
            st.one_of(
                st.text(max_size=30).map(Literal),
                st.text(max_size=12).map(lambda name: URIRef(f"https://x.it/{name}")),
                st.integers().map(Literal),
                st.sampled_from(["1", "1.", "+1", ".5", "-0.5", "1e5", "true", "TRUE", "due"]).map(
                    lambda form: Literal(form, datatype=XSD.string)
                ),
            ),
        ),
        max_size=6,
    )
)
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_file(rows: list[tuple[str, Literal | URIRef]]) -> None:
    graph = Graph()
    for name, value in rows:
        graph.add((vocab.article(name), RDFS.comment, value))
    written = turtle.dumps(graph)
    literals = {str(value) for value in graph.objects() if isinstance(value, Literal)}
    assert {str(value) for value in Graph().parse(data=written).objects() if isinstance(value, Literal)} == literals
    store = pyoxigraph.Store()
    store.load(written.encode("utf-8"), format=pyoxigraph.RdfFormat.TURTLE)
    assert len(written.splitlines()) == written.count("\n")


def test_what_cannot_stand_in_a_file_is_replaced() -> None:
    graph = Graph()
    graph.add((vocab.article("a"), RDFS.comment, Literal("mezzo \ud83d carattere \u202e\x00")))
    assert '"mezzo \ufffd carattere \\u202E\\u0000"' in turtle.dumps(graph)


def test_dates_and_decimals_keep_their_form() -> None:
    graph = Graph()
    for form, kind in (("2026", XSD.gYear), ("2026-06", XSD.gYearMonth), ("0.9", XSD.decimal), ("1", XSD.decimal)):
        graph.add((vocab.entity("person/x"), FB.contractUntil, Literal(form, datatype=kind)))
    written = turtle.dumps(graph)
    assert '"2026"^^xsd:gYear' in written
    assert '"1"^^xsd:decimal' in written
    assert isomorphic(Graph().parse(data=written), graph)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"@prefix fb: <http://x/> .\nfb:a fb:b", r"graph.ttl: no Turtle"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"<html>no</html>", "no Turtle"),
        (b"@prefix : <http://x/> . :a :b " + b"[ :c " * 3000, "nested too deeply|no Turtle"),
        (b"x:a x:b x:c .", "no Turtle"),
    ],
)
def test_what_is_no_turtle_is_one_line(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "graph.ttl"
    path.write_bytes(content)
    with pytest.raises(GraphError, match=why) as error:
        turtle.read(path)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"none.ttl: the graph cannot be read"):
        turtle.read(tmp_path / "none.ttl")


def test_a_result_of_a_query_is_written_too() -> None:
    graph = Graph()
    graph.add((vocab.entity("club/roma"), RDF.type, FB.Club))
    assert turtle.dumps(graph).endswith("club:roma a fb:Club .\n")
    assert turtle.dumps(Graph()) == ""
