"""One interface to a graph in memory, on disk and on two real servers: the same questions, the same answers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import servers
from desk import Story, extractions
from newsroom import in_a_process
from rdflib import Graph, Literal, URIRef

from kg import query, store, turtle
from kg.engines import Oxigraph
from kg.errors import GraphError, QueryError
from kg.statements import graph_of
from kg.store import Store

TRICKY = 'Disse: «"basta" \\u0022 } } ; DROP ALL # \\" ?x»\tè così 🏟.'
STORIES = [
    Story("a", url="https://example.org/a?b=1&c=%C3%A8")
    .says(TRICKY, "Carlo Ancelotti", "coaches", "Real Madrid", to="Marca")
    .says("Ancelotti non va alla Roma.", "Carlo Ancelotti", "candidateFor", "Roma", "Denied", by="Luca Toni"),
    Story("b").says("Dybala è legato alla Roma fino al 2026.", "Paulo Dybala", "contractUntil", "2026-06"),
]
KINDS = ["memory", "disk", "oxigraph", "virtuoso"]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("build") / "graph.ttl"
    turtle.write(graph_of(extractions(STORIES)), path)
    return path


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        started: dict[str, str] = {}

        class Places(dict[str, str]):
            def __missing__(self, kind: str) -> str:
                if kind not in started:
                    start = servers.oxigraph if kind == "oxigraph" else servers.virtuoso
                    started[kind] = stack.enter_context(start(tmp_path_factory.mktemp(kind)))
                return started[kind]

        yield Places(memory="memory", disk=str(tmp_path_factory.mktemp("disk") / "store"))


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, places: dict[str, str], graph: Path) -> Store:
    found = store.opened(places[request.param])
    found.load(graph)
    return found


QUESTIONS = [
    "SELECT ?who ?label WHERE { ?who fb:coaches ?side . ?side rdfs:label ?label }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p",
    "SELECT ?text WHERE { ?piece fb:sentence ?text }",
    "SELECT ?until ?c WHERE { ?s rdf:predicate fb:contractUntil ; rdf:object ?until ; fb:confidence ?c }",
    "SELECT ?nobody WHERE { ?s rdf:predicate fb:won ; rdf:subject ?nobody }",
    "ASK { ?s fb:modality fb:Denied }",
    "ASK { ?s fb:modality fb:Possible }",
    "CONSTRUCT { ?a fb:candidateFor ?b } WHERE { ?s rdf:subject ?a ; rdf:predicate fb:candidateFor ; rdf:object ?b }",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_store_gives_the_same_answer(question: str, opened: Store, graph: Path) -> None:
    expected = query.answer(Oxigraph.of_file(graph), question)
    found = query.answer(opened, question)
    assert found.columns == expected.columns
    assert found.yes == expected.yes
    assert sorted(found.rows, key=repr) == sorted(expected.rows, key=repr)


def test_another_graph_takes_the_place_of_the_first(opened: Store, graph: Path, tmp_path: Path) -> None:
    count = len(opened)
    assert count == len(turtle.read(graph))
    turtle.write(graph_of(extractions(STORIES[1:])), tmp_path / "less.ttl")
    opened.load(tmp_path / "less.ttl")
    assert len(opened) == len(turtle.read(tmp_path / "less.ttl")) < count
    opened.load(graph)
    assert len(opened) == count


def test_what_is_no_graph_leaves_the_old_one(opened: Store, tmp_path: Path) -> None:
    count = len(opened)
    (tmp_path / "broken.ttl").write_text("<a:s> <a:p> <a:o> . <a:s> <a:p", encoding="utf-8")
    with pytest.raises(GraphError, match=r"broken\.ttl"):
        opened.load(tmp_path / "broken.ttl")
    with pytest.raises(GraphError, match=r"none\.ttl"):
        opened.load(tmp_path / "none.ttl")
    assert len(opened) == count


def test_rows_are_cut_at_the_limit(opened: Store) -> None:
    found = query.answer(opened, "SELECT ?s WHERE { ?s ?p ?o }", limits=query.Limits(rows=3))
    assert len(found.rows) == 3
    assert found.cut


def test_arguments_are_bound_not_pasted(opened: Store) -> None:
    text = "SELECT ?p WHERE { ?p fb:sentence ?said }"
    assert len(query.answer(opened, text, {"said": TRICKY}).rows) == 1
    assert not query.answer(opened, text, {"said": '" } # '}).rows


def test_a_question_may_not_reach_out(opened: Store) -> None:
    with pytest.raises(QueryError, match=r"SERVICE|elsewhere"):
        query.answer(opened, "SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")


def test_other_graphs_of_a_server_are_left_alone(places: dict[str, str], graph: Path) -> None:
    server = store.opened(places["oxigraph"])
    assert isinstance(server, store.Server)
    server._change("INSERT DATA { GRAPH <urn:other> { <urn:a> <urn:b> 'theirs' } <urn:a> <urn:b> 'default' }")
    server.load(graph)
    assert not query.answer(server, "ASK { <urn:a> ?p ?o }").yes
    assert len(server) == len(turtle.read(graph))
    everywhere = query.answer(server, "SELECT ?g ?o WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert not any("theirs" in str(row) for row in everywhere.rows)


# On disk -------------------------------------------------------------------------------------------------


def test_a_store_on_disk_is_there_when_it_is_opened_again(graph: Path, tmp_path: Path) -> None:
    store.opened(str(tmp_path / "s")).load(graph)
    one, other = store.opened(str(tmp_path / "s")), store.opened(str(tmp_path / "s"))
    assert len(one) == len(other) == len(turtle.read(graph))
    assert query.answer(query.open_engine(tmp_path / "s"), "ASK { ?who fb:coaches ?side }").yes


def test_a_load_that_is_killed_leaves_the_old_graph(graph: Path, tmp_path: Path) -> None:
    place = tmp_path / "s"
    store.opened(str(place)).load(graph)
    many = Graph()
    for number in range(20_000):
        many.add((URIRef(f"urn:s{number}"), URIRef("urn:p"), Literal(number)))
    (tmp_path / "many.ttl").write_text(many.serialize(format="nt"), encoding="utf-8")
    for moment in (0.05, 0.15, 0.3):
        in_a_process(lambda: store.opened(str(place)).load(tmp_path / "many.ttl"), moment)
        assert len(store.opened(str(place))) in (len(turtle.read(graph)), 20_000)
    store.opened(str(place)).load(graph)
    assert len(store.opened(str(place))) == len(turtle.read(graph))
    assert len(list(place.glob("graph-*"))) == 1


def test_a_folder_of_something_else_is_no_store(tmp_path: Path, graph: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(GraphError, match="not empty"):
        store.opened(str(tmp_path))
    with pytest.raises(GraphError, match="a file where"):
        store.opened(str(graph))
    with pytest.raises(GraphError, match="no graph in this store"):
        len(store.opened(str(tmp_path / "new")))


def test_a_name_that_leads_elsewhere_is_not_followed(tmp_path: Path, graph: Path) -> None:
    store.opened(str(tmp_path / "s")).load(graph)
    (tmp_path / "s" / "current").write_text("../../etc", encoding="ascii")
    with pytest.raises(GraphError, match="damaged"):
        len(store.opened(str(tmp_path / "s")))


# Servers that are none -----------------------------------------------------------------------------------


class Odd(BaseHTTPRequestHandler):
    """Answers by its path: nonsense, a redirect, a refusal."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        codes = {"/nonsense": 200, "/elsewhere": 302, "/closed": 401, "/broken": 500}
        self.send_response(codes[self.path])
        if self.path == "/elsewhere":
            self.send_header("Location", "http://127.0.0.1:1/secret")
        self.end_headers()
        self.wfile.write(b"<html>\x1b[31mno\nsparql</html>")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nonsense", "no answer of a SPARQL server"),
        ("elsewhere", "answers 302"),
        ("closed", "user and password"),
        ("broken", "answers 500"),
    ],
)
def test_a_server_that_is_none_is_said_in_one_line(path: str, said: str) -> None:
    with HTTPServer(("127.0.0.1", 0), Odd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            place = f"http://me:secret@127.0.0.1:{server.server_port}/{path}"
            with pytest.raises(GraphError, match=said) as error:
                store.opened(place).find("ASK { ?s ?p ?o }", 1)
        finally:
            server.shutdown()
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "place", ["http://", "ftp://example.org/x", "file:///etc/passwd", "http://[::1", "http://h:x/"]
)
def test_an_address_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(GraphError, match="--store"):
        store.opened(place)


def test_no_server_at_the_address() -> None:
    with pytest.raises(GraphError, match="no server answers"):
        len(store.opened(f"http://127.0.0.1:{servers.free_port()}/query"))


def test_the_command_line_puts_a_graph_into_a_store_and_asks_it(
    graph: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from kg.cli import main

    place = os.fspath(tmp_path / "s")
    assert main(["export", str(graph), "--store", place]) == 0
    assert main(["query", place, "SELECT ?label WHERE { ?p fb:coaches/rdfs:label ?label }", "--format", "csv"]) == 0
    assert capfd.readouterr().out.split() == ["label", "Real", "Madrid"]
