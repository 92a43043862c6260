"""Every export gives back what the graph says, to the tool that it is for."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import networkx as nx
import pytest
from desk import Story, extractions
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic
from rdflib.namespace import RDF

from kg import exports, tables, turtle
from kg.cli import main
from kg.errors import GraphError
from kg.statements import graph_of

STORIES = [
    Story("ünö", url="https://example.org/a?b=1&c=2", outlet="Il <Foglio>")
    .says('"Ancelotti" allena <il> Real & basta;\tpunto.', "Carlo Ancelotti", "coaches", "Real Madrid", to="Marca")
    .says("Ancelotti non va alla Roma.", "Carlo Ancelotti", "candidateFor", "Roma", "Denied", by="Luca Toni")
    .says("Ancelotti piace alla Roma.", "Carlo Ancelotti", "candidateFor", "Roma")
    .says("Dybala è ai box.", "Paulo Dybala", "injured", "Injury")
    .says("Dybala è legato alla Roma fino al 2026.", "Paulo Dybala", "contractUntil", "2026-06")
    .knows("Carlo Ancelotti", aliases=("Carletto; il mister", "Ancelotti\x01"), qid="Q174113", roles=("coach",)),
    Story("due").says(
        "Il Milan batte la Roma 3-2.", "Milan", "playedMatch", "Roma", score="3-2", competition="Serie A"
    ),
]


@pytest.fixture
def build(tmp_path: Path) -> Path:
    turtle.write(graph_of(extractions(STORIES)), tmp_path / "graph.ttl")
    return tmp_path


@pytest.mark.filterwarnings("ignore:.*deprecated, use Dataset:DeprecationWarning")  # rdflib's parsers, of rdflib
@pytest.mark.parametrize("form", ["ttl", "nt", "trig", "jsonld", "rdfxml"])
def test_rdf_comes_back_the_same(form: str, build: Path) -> None:
    (path,) = exports.export(build / "graph.ttl", form)
    original = turtle.read(build / "graph.ttl")
    names = {"ttl": "turtle", "jsonld": "json-ld", "rdfxml": "xml"}
    if form == "trig":
        found = Dataset(default_union=True).parse(path, format="trig")
        again = Graph()
        for triple in found.triples((None, None, None)):
            again.add(triple)
    else:
        again = Graph().parse(path, format=names.get(form, form))
    if form == "rdfxml":  # which no control character can stand in
        original = Graph().parse(data=original.serialize(format="nt").replace("\x01", "\ufffd"), format="nt")
    assert isomorphic(again, original)


def test_exports_are_the_same_bytes_each_time(build: Path) -> None:
    for form in exports.FORMATS:
        first = {path: path.read_bytes() for path in exports.export(build / "graph.ttl", form)}
        again = {path: path.read_bytes() for path in exports.export(build / "graph.ttl", form)}
        assert first == again, form


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_networks_open_in_networkx(form: str, build: Path) -> None:
    (path,) = exports.export(build / "graph.ttl", form)
    found = nx.read_graphml(path, force_multigraph=True) if form == "graphml" else nx.read_gexf(path)
    assert found.is_directed()
    assert found.number_of_edges() == 6
    assert found.nodes["person/carlo-ancelotti"]["label"] == "Carlo Ancelotti"
    assert found.nodes["person/carlo-ancelotti"]["classes"] == "Coach | Person"
    data = list(found.get_edge_data("person/carlo-ancelotti", "club/roma").values())
    assert {row["modality"] for row in data} == {"Denied", "Asserted"}
    (coaches,) = found.get_edge_data("person/carlo-ancelotti", "club/real-madrid").values()
    assert coaches["sentences"] == '"Ancelotti" allena <il> Real & basta;\tpunto.'
    assert coaches["confidence"] == pytest.approx(0.9)
    assert found.has_edge("person/paulo-dybala", "value/2026-06")
    assert found.nodes["value/Injury"]["classes"] == "Value"
    assert found.nodes["article/%C3%BCn%C3%B6"]["outlet"] == "Il <Foglio>"


def test_csv_is_what_neo4j_imports(build: Path, tmp_path: Path) -> None:
    """The checks that `neo4j-admin database import` makes before it reads: heads, widths, types, ids at both ends."""
    nodes, relationships = exports.export(build / "graph.ttl", "csv", tmp_path / "neo4j")
    assert (nodes.name, relationships.name) == ("nodes.csv", "relationships.csv")
    with nodes.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head[:3] == ["id:ID", ":LABEL", "label:string"]
    assert {len(row) for row in rows} == {len(head)}
    ids = [row[0] for row in rows]
    assert len(ids) == len(set(ids))
    assert all(row[1] for row in rows)
    with relationships.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert {":START_ID", ":END_ID", ":TYPE"} <= set(head)
    assert {column.rpartition(":")[2] for column in head} <= {
        *("START_ID", "END_ID", "TYPE", "string", "string[]", "double", "int", "boolean")
    }
    assert len(rows) == 6
    for row in (dict(zip(head, values, strict=True)) for values in rows):
        assert row[":START_ID"] in ids
        assert row[":END_ID"] in ids
        assert row[":TYPE"].isidentifier()
        float(row["confidence:double"])
        int(row["sources:int"])
        assert row["on_loan:boolean"] in ("true", "false")
    assert all("\n" not in cell for row in rows for cell in row)


def test_a_list_in_csv_has_as_many_parts_as_values(build: Path) -> None:
    nodes, _ = exports.export(build / "graph.ttl", "csv")
    with nodes.open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["id:ID"] == "person/carlo-ancelotti")
    assert row["aliases:string[]"].split(";") == ["Ancelotti\x01", "Carletto, il mister"]


def test_parquet_holds_every_claim(build: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pip install 'kg[parquet]'")
    _, path = exports.export(build / "graph.ttl", "parquet")
    rows = parquet.read_table(path).to_pylist()
    assert len(rows) == 6
    assert {row["predicate"] for row in rows} == {
        *("coaches", "candidateFor", "injured", "contractUntil", "playedMatch")
    }
    (match,) = (row for row in rows if row["predicate"] == "playedMatch")
    assert (match["score"], match["competition"]) == ("3-2", "competition/serie-a")


def test_without_pyarrow_parquet_says_what_to_install(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(GraphError, match=r"pip install 'kg\[parquet\]'"):
        exports.export(build / "graph.ttl", "parquet")
    assert not list(build.glob("*.parquet"))


def test_rows_say_all_that_the_graph_says(build: Path) -> None:
    graph = turtle.read(build / "graph.ttl")
    assert len(list(tables.edges(build / "graph.ttl"))) == len(set(graph.subjects(RDF.type, RDF.Statement)))
    (candidate, denied) = (e for e in tables.edges(build / "graph.ttl") if e.predicate == "candidateFor")
    assert candidate.contradicts == (denied.id,)
    assert denied.attributed_to == ("person/luca-toni",)
    assert denied.sources == 1
    assert denied.first == ("article/%C3%BCn%C3%B6",)


def test_an_export_that_fails_leaves_the_old_file(build: Path) -> None:
    (path,) = exports.export(build / "graph.ttl", "graphml")
    before = path.read_bytes()
    (build / "graph.ttl").write_text("@prefix fb: <htt", encoding="utf-8")
    with pytest.raises(GraphError, match="no Turtle"):
        exports.export(build / "graph.ttl", "graphml")
    assert path.read_bytes() == before
    assert not list(build.glob(".*"))


def test_export_on_the_command_line(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(build), "--to", "gexf", "-o", str(build / "calcio.gexf")]) == 0
    assert capsys.readouterr().out.strip() == str(build / "calcio.gexf")
    assert main(["export", str(build), "--to", "docx"]) == 2
    assert "no format that kg writes" in capsys.readouterr().err
    assert main(["export", str(build)]) == 2
    assert main(["export", str(build / "nowhere"), "--to", "nt"]) == 2
    assert capsys.readouterr().err.count(os.linesep) == 2
