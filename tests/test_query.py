"""Questions and answers: the same from both engines, bounded in time and rows, and never from elsewhere."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import spring
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph

from kg import formats, namespaces, query, sparql, vocab
from kg.cli import main
from kg.engines import Cell, Oxigraph, Rdflib
from kg.errors import GraphError, QueryError
from kg.query import Answer, Limits, answer, answer_saved, saved_queries, saved_query

COACHES = "SELECT ?who ?side WHERE { ?p fb:coaches ?t . ?p rdfs:label ?who . ?t rdfs:label ?side }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p FILTER(STR(?a) < STR(?p)) }"
SLIPS = {
    "SELECT ?p WHERE {\n ?p fb:coaches ?x\n}\nLIMT 3": (4, 1, "did you mean LIMIT?"),
    "SELECT ?p WHERE {\n ?p fb:coaches ?x .\n ?x ex:y ?z }": (3, 5, "unknown prefix ex:"),
    "SELECT ?p WHERE {\n ?p fb:coachs ?x }": (2, 5, "no term of the ontology; did you mean fb:coaches?"),
    "SELECT ?p WHERE {\n ?p fb:coaches ?x\n ?x rdfs:label ?n }": (3, 2, "?x rdfs:label ?n }"),
    "SELECT ?p WHERE { ?p fb:coaches ?x": (1, 35, "at its end"),
    "SELECT ?p WHERE { ?p rdfs:label 'Roma }": (1, 33, "a quote that is not closed"),
    "SELECT ?p (COUNT(?x) AS ?n) WHERE { ?p fb:coaches ?x }": (1, 1, "neither grouped by nor aggregated"),
    "SELECT ?p WHERE { ?p a <Club> }": (1, 24, "a relative IRI"),
    "DELETE WHERE { ?a ?b ?c }": (1, 1, "only reads"),
    "chi allena la Roma": (1, 1, "begins with SELECT"),
}  # fmt: skip
REACHING = (
    "SELECT ?x FROM <https://example.org/g> WHERE { ?x ?y ?z }",
    "SELECT ?x FROM NAMED <https://example.org/g> WHERE { GRAPH ?g { ?x ?y ?z } }",
    "SELECT ?x WHERE { SERVICE <http://127.0.0.1:1/> { ?x ?y ?z } }",
    "SELECT ?x WHERE { sErViCe<http://127.0.0.1:1/>{?x ?y ?z}}",
    "SELECT ?x WHERE { ?x ?y ?z FILTER EXISTS { SERVICE SILENT ?z { ?x ?y ?z } } }",
    "SELECT ?x WHERE { { SELECT ?x WHERE { SERVICE ?x { ?a ?b ?c } } } }",
    "SELECT ?x WHERE { ?x ?y '''it's''' . # SERVICE in a comment\n SERVICE ?x { ?a ?b ?c } }",
    "SELECT ?x WHERE { \\u0053ERVICE <http://127.0.0.1:1/> { ?x ?y ?z } }",
    "DESCRIBE <https://example.org/x> FROM <https://example.org/g>",
)
HARMLESS = (
    "SELECT ?service ?from WHERE { ?service ?from 'SERVICE' } # SERVICE <x>",
    'SELECT ?x WHERE { ?x ?y """FROM "here" to""", <https://example.org/SERVICE#FROM> }',
    "PREFIX fb: <https://example.org/mine#> SELECT ?x WHERE { ?x fb:whatever ?y }",
    "PREFIX from: <https://example.org/from#> SELECT ?x WHERE { ?x from:SERVICE _:FROM }",
    "SELECT ?x WHERE { ?x ?y 'it'@it, 1.5e10, 3E4, -2.0e-3, true FILTER(?y<?x) }",
)


@pytest.fixture(scope="module")
def desk() -> tuple[Oxigraph, Rdflib]:
    return both(spring.graph())


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spring.build_in(tmp_path_factory.mktemp("desk") / "build")


def both(graph: Graph) -> tuple[Oxigraph, Rdflib]:
    return Oxigraph.of_graph(graph), Rdflib(graph)


def table(found: Answer) -> list[tuple[str, ...]]:
    return [tuple("" if cell is None else query.plain(cell) for cell in row) for row in found.rows]


def comparable(found: Answer) -> object:
    """Rows as a bag, with blank nodes alike and the parts of a GROUP_CONCAT in order."""
    rows = [tuple(map(_alike, row)) for row in found.rows]
    return found.form, found.columns, found.yes, sorted(rows, key=repr)


def _alike(cell: Cell | None) -> object:
    if cell is None or cell.kind == "blank":
        return cell and "_"
    return (cell.kind, tuple(sorted(cell.text.split(", "))), cell.datatype, cell.language)


# Answers -----------------------------------------------------------------------------------------------


def test_prefixes_are_preset(desk: tuple[Oxigraph, Rdflib]) -> None:
    assert table(answer(desk[0], COACHES)) == [("Carlo Ancelotti", "Real Madrid")]


def test_the_prefixes_are_those_of_the_graph_s_own_names() -> None:
    assert {prefix: str(namespace) for prefix, namespace in vocab.PREFIXES.items()} == namespaces.PREFIXES
    assert list(namespaces.PREFIXES) == list(vocab.PREFIXES), "shortening takes the first that fits"
    assert {term.name for term in namespaces.terms()} >= {"coaches", "Possible", "forTeam", "Club"}
    assert all(f"{vocab.FB}{term.name}" for term in namespaces.terms())


def test_there_are_fifteen_saved_questions_and_each_says_what_it_asks() -> None:
    assert len(saved_queries()) >= 15
    assert all(len(saved.asks) > 15 and saved.asks.endswith(".") for saved in saved_queries())


@pytest.mark.parametrize("saved", saved_queries(), ids=lambda saved: saved.name)
@pytest.mark.parametrize("which", ["spring", "league"])
def test_both_engines_answer_every_saved_question_alike(saved: query.SavedQuery, which: str) -> None:
    fast, reference = ENGINES[which]()
    arguments = {"first": "Roma", "second": "Milan", "club": "Roma", "name": "Roma", "person": PERSON[which]}
    given_ = {name: arguments.get(name, "Roma") for name in saved.arguments}
    one, other = (answer_saved(engine, saved, given_, Limits(None)) for engine in (fast, reference))
    assert comparable(one) == comparable(other)


PERSON = {"spring": "amantino mancini", "league": "mario rossi 3"}
_made: dict[str, tuple[Oxigraph, Rdflib]] = {}
ENGINES = {
    "spring": lambda: _made.setdefault("spring", both(spring.graph())),
    "league": lambda: _made.setdefault("league", both(spring.league(8))),
}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.data())
def test_both_engines_answer_alike_on_any_graph(seed: int, articles: int, data: st.DataObject) -> None:
    fast, reference = both(spring.league(articles, seed))
    saved = data.draw(st.sampled_from(saved_queries()))
    names = data.draw(st.lists(st.sampled_from(["Roma", "Milan", "mario rossi 1", "nessuno"]), min_size=2, max_size=2))
    given_ = dict(zip(saved.arguments, names, strict=False))
    unbounded = Limits(None)
    assert comparable(answer_saved(fast, saved, given_, unbounded)) == comparable(
        answer_saved(reference, saved, given_, unbounded)
    )


@pytest.mark.parametrize("keys", ["", "GROUP BY ?p"])
def test_nothing_to_group_is_one_row_without_keys_and_none_with_them(keys: str, desk: tuple[Oxigraph, Rdflib]) -> None:
    text = f"SELECT (MIN(?t) AS ?first) WHERE {{ ?p fb:coaches club:nobody ; rdfs:label ?t }} {keys}"
    for engine in desk:
        assert len(answer(engine, text).rows) == (0 if keys else 1)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?p fb:coaches club:milan }",
        "CONSTRUCT { ?p fb:coaches ?t } WHERE { ?p fb:coaches ?t }",
        "SELECT ?m (COUNT(?c) AS ?n) WHERE { ?c fb:modality ?m } GROUP BY ?m HAVING(COUNT(?c) > 1)",
        "SELECT (AVG(?x) AS ?mean) (MAX(?x) AS ?most) WHERE { ?c fb:confidence ?x }",
        "SELECT DISTINCT ?who WHERE { ?c rdf:subject ?who FILTER NOT EXISTS { ?d rdf:object ?who } }",
        "SELECT ?s WHERE { ?e fb:sentence ?s FILTER(REGEX(?s, 'ANCELOTTI', 'i') && STRLEN(?s) > 30) }",
        "SELECT ?a ?b WHERE { ?a (fb:coaches|^fb:coaches)+ ?b }",
        "SELECT ?c ?y WHERE { ?c fb:article/schema:datePublished ?d BIND(SUBSTR(STR(?d), 1, 7) AS ?y) }",
    ],
)  # fmt: skip
def test_both_engines_answer_alike_whatever_is_asked(text: str, desk: tuple[Oxigraph, Rdflib]) -> None:
    one, other = (answer(engine, text, limits=Limits(None)) for engine in desk)
    assert comparable(one) == comparable(other)
    assert one.yes or one.rows or one.form == "ASK"


# Arguments ---------------------------------------------------------------------------------------------


def test_an_argument_is_bound_and_case_does_not_count(desk: tuple[Oxigraph, Rdflib]) -> None:
    found = answer_saved(desk[0], saved_query("candidates"), {"club": "ROMA"})
    assert {(row[0], row[1]) for row in table(found)} == {
        ("Carlo Ancelotti", "fb:Possible"),
        ("Carlo Ancelotti", "fb:Denied"),
    }


@pytest.mark.parametrize(
    "value",
    ['Roma") } #', "Roma' } UNION { ?x ?y ?z", 'Roma\\"', "Roma\n}", "\\u0022 ) } #",
     "\\\\u0022) } #", "\\U00000022 #", "\\", '"""', "<x>",
     "?who", "\ud800", ""],
)  # fmt: skip
def test_nothing_in_an_argument_becomes_query(value: str, desk: tuple[Oxigraph, Rdflib]) -> None:
    for engine in desk:
        assert not answer_saved(engine, saved_query("candidates"), {"club": value}).rows
        echoed = answer(engine, "SELECT (?x AS ?y) WHERE { }", {"x": value})
        assert table(echoed) == [(value.replace("\ud800", "\ufffd"),)]


def test_what_is_selected_can_be_bound_too(desk: tuple[Oxigraph, Rdflib]) -> None:
    text = "SELECT ?side ?who WHERE { ?p fb:coaches ?t ; rdfs:label ?who . ?t rdfs:label ?side }"
    for engine in desk:
        assert table(answer(engine, text, {"side": "Real Madrid"})) == [("Real Madrid", "Carlo Ancelotti")]
        assert table(answer(engine, text, {"side": "Milan"})) == []


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        (COACHES, "club", "has no variable ?club"),
        ("SELECT ?x WHERE { BIND(1 AS ?x) }", "x", "gets its value here"),
    ],
)
def test_an_argument_without_a_place_is_refused(text: str, name: str, why: str, desk: tuple[Oxigraph, Rdflib]) -> None:
    with pytest.raises(QueryError, match=re.escape(why)):
        answer(desk[0], text, {name: "Roma"})


def test_a_saved_question_says_which_argument_it_needs(desk: tuple[Oxigraph, Rdflib]) -> None:
    with pytest.raises(GraphError, match="needs --arg club="):
        answer_saved(desk[0], saved_query("candidates"), {})
    with pytest.raises(GraphError, match="knows no argument 'team'"):
        answer_saved(desk[0], saved_query("candidates"), {"club": "Roma", "team": "Roma"})
    with pytest.raises(GraphError, match=r"no saved question has this name; there are: about, "):
        saved_query("../../etc/passwd")


# Errors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", SLIPS)
def test_an_error_names_line_and_column(text: str, desk: tuple[Oxigraph, Rdflib]) -> None:
    line, column, why = SLIPS[text]
    with pytest.raises(QueryError) as caught:
        answer(desk[0], text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert f"line {line}, column {column}" in str(caught.value)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_place_is_that_in_the_query_as_it_was_written(desk: tuple[Oxigraph, Rdflib]) -> None:
    with pytest.raises(QueryError) as caught:
        answer(desk[0], "SELECT ?x WHERE { ?x rdfs:label ?n ?n }", {"n": "Associazione Sportiva Roma"})
    assert caught.value.column == 36


@pytest.mark.parametrize("text", REACHING)
def test_what_asks_for_data_from_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        sparql.check(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_and_what_only_looks_like_it_is_not(text: str, desk: tuple[Oxigraph, Rdflib]) -> None:
    sparql.check(text)
    answer(desk[0], text)


@pytest.mark.parametrize("text", ["SELECT * WHERE " + "{" * 5000 + "}" * 5000, "SELECT ?x " * 20_000, "((" * 40_000])
def test_a_query_made_to_break_a_parser_is_refused_at_once(text: str, desk: tuple[Oxigraph, Rdflib]) -> None:
    started = time.monotonic()
    with pytest.raises(QueryError):
        answer(desk[0], text)
    assert time.monotonic() - started < 5


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.sampled_from("SELECTWHRask{}()<>?$\"'\\#:;.,|&= \nfb0-9é@^_u"), max_size=60))
def test_any_text_is_an_answer_or_one_clear_line(text: str) -> None:
    try:
        answer(ENGINES["spring"]()[0], f"SELECT {text}", limits=Limits(None, 10))
    except GraphError as error:
        assert str(error)
        assert "\n" not in str(error)


# Limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [0, 1], ids=["oxigraph", "rdflib"])
def test_a_query_is_stopped_when_its_time_is_up(engine: int, desk: tuple[Oxigraph, Rdflib]) -> None:
    started = time.monotonic()
    with pytest.raises(GraphError, match=r"stopped after 0\.5 s"):
        answer(desk[engine], ENDLESS, limits=Limits(0.5))
    assert time.monotonic() - started < 10
    assert table(answer(desk[engine], COACHES)) == [("Carlo Ancelotti", "Real Madrid")], "and others go on"


def test_rows_beyond_the_limit_are_cut_and_that_is_said(desk: tuple[Oxigraph, Rdflib]) -> None:
    for engine in desk:
        found = answer(engine, "SELECT ?a ?d WHERE { ?a ?b ?c . ?d ?e ?f }", limits=Limits(rows=7))
        assert (len(found.rows), found.cut) == (7, True)
        found = answer(engine, "SELECT ?a WHERE { ?a a fb:Club }", limits=Limits(rows=3))
        assert (len(found.rows), found.cut) == (3, False)


@pytest.mark.parametrize("limits", [(0, 5), (-1, 5), (5, 0), (float("nan"), 5)])
def test_limits_are_positive(limits: tuple[float, int]) -> None:
    with pytest.raises(GraphError):
        Limits(*limits)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_ctrl_c_ends_a_query_cleanly(build: Path) -> None:
    code = "import sys; from kg.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "query", str(build), ENDLESS]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (child := children.read_text().split()):
            time.sleep(0.05)
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said.startswith("kg: stopped")
    assert "Traceback" not in said
    assert not Path(f"/proc/{child[0]}").exists(), "the child is gone, too"


# Formats -----------------------------------------------------------------------------------------------


def test_json_and_xml_are_the_w3c_s_and_csv_is_csv(desk: tuple[Oxigraph, Rdflib]) -> None:
    import pyoxigraph as ox

    text = "SELECT ?c ?x ?s ?no WHERE { ?c fb:confidence ?x . ?e fb:sentence ?s OPTIONAL { ?c fb:onLoan ?no } }"
    found = answer(desk[0], text)
    for form, reader in (("json", ox.QueryResultsFormat.JSON), ("xml", ox.QueryResultsFormat.XML)):
        read = list(ox.parse_query_results(formats.text_of(found, form), format=reader))
        assert [row["s"].value for row in read] == [str(row[2]) for row in found.rows]
        assert read[0]["x"].datatype.value.endswith("#decimal")
        assert read[0]["no"] is None
    rows = list(csv.reader(io.StringIO(formats.text_of(found, "csv"))))
    assert rows[0] == ["c", "x", "s", "no"]
    assert len(rows) == len(found.rows) + 1
    assert json.loads(formats.text_of(answer(desk[0], "ASK {}"), "json"))["boolean"] is True


def test_hostile_text_stays_text_in_every_format() -> None:
    nasty = Cell("literal", 'a|b <script>"x"</script> \x1b[31m\x00 & ]]> \n=1+1')
    found = Answer("SELECT", ("x",), ((nasty,),), False, False)
    assert "\x1b" not in formats.text_of(found, "table")
    assert "<script>" not in formats.text_of(found, "md")
    assert r"\|" in formats.text_of(found, "md")
    assert len(formats.text_of(found, "md").splitlines()) == 3
    ET.fromstring(formats.text_of(found, "xml"))
    assert json.loads(formats.text_of(found, "json"))["results"]["bindings"][0]["x"]["value"] == nasty.text


def test_a_graph_is_turtle_and_a_table_is_not(desk: tuple[Oxigraph, Rdflib]) -> None:
    found = answer(desk[0], "CONSTRUCT { ?p fb:coaches ?t } WHERE { ?p fb:coaches ?t }")
    assert "person:carlo-ancelotti\n    fb:coaches club:real-madrid ." in formats.text_of(found, "ttl")
    with pytest.raises(GraphError, match="ttl is for CONSTRUCT"):
        formats.text_of(answer(desk[0], COACHES), "ttl")


# Command line ------------------------------------------------------------------------------------------


def test_the_command_line_answers_in_a_table(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", str(build), COACHES]) == 0
    assert capsys.readouterr().out == "who              side\nCarlo Ancelotti  Real Madrid\n(1 row)\n"


def test_a_saved_question_a_file_and_the_list(build: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "coaches.rq"
    file.write_text(COACHES, encoding="utf-8")
    assert main(["query", str(build), "-f", str(file), "--format", "csv"]) == 0
    assert capsys.readouterr().out == "who,side\nCarlo Ancelotti,Real Madrid\n"
    assert main(["query", str(build), "--named", "coach-of", "--arg", "club=roma"]) == 0
    heard = capsys.readouterr()
    assert heard.out.endswith("(0 rows)\n")
    assert heard.err == ""
    assert main(["query", str(build), "--named", "coach-of", "--arg", "club=Real Madird"]) == 0
    said = capsys.readouterr().err
    assert "nobody and nothing in this graph is called «Real Madird»; did you mean Real Madrid?" in said
    assert main(["query", "--list"]) == 0
    assert "candidates " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-folder", "ASK {}"], "no graph of kg"),
        (["BUILD"], "give a query"),
        (["BUILD", "SELECT"], "line 1, column"),
        (["BUILD", "-f", "no-such.rq"], "cannot be read"),
        (["BUILD", "--named", "candidates"], "needs --arg club="),
        (["BUILD", "--named", "candidates", "--arg", "club"], "name=value"),
        (["BUILD", "ASK {}", "--timeout", "0"], "limits"),
        (["BUILD", ENDLESS, "--timeout", "0.3"], "stopped after 0.3 s"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(
    arguments: list[str], said: str, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", *(str(build) if each == "BUILD" else each for each in arguments)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("kg: ")
    assert error.count("\n") == 1


def test_a_file_that_is_no_turtle_is_named(tmp_path: Path) -> None:
    (tmp_path / "graph.ttl").write_text("<a> <b> .\n", encoding="utf-8")
    with pytest.raises(GraphError, match=r"graph\.ttl: no Turtle: line 1"):
        query.open_engine(tmp_path)


def test_a_query_starts_without_rdflib_stanza_or_torch(build: Path) -> None:
    code = (
        "import sys; from kg.cli import main; code = main(sys.argv[1:]);"
        "print(sorted({'rdflib', 'torch', 'stanza', 'numpy', 'networkx'} & set(sys.modules)), code)"
    )
    command = [sys.executable, "-c", code, "query", str(build), "--named", "who-coaches-whom"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.endswith("[] 0\n")
