"""The W3C's own tests of SPARQL 1.1, put to both engines as kg asks them (tests/w3c/README.md says which)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, XSD, Graph, Namespace
from rdflib.collection import Collection
from rdflib.compare import isomorphic

from kg import engines, formats, rdf, sparql
from kg.engines import Cell, Engine, Oxigraph, Rdflib
from kg.errors import QueryError
from kg.query import Answer, Limits, answer

ARCHIVE = zipfile.ZipFile(Path(__file__).parent / "w3c" / "sparql11-query.zip")
BASE = "http://example.org/tests/"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
FORMS = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML}
RESULTS = {"srx": ox.QueryResultsFormat.XML, "srj": ox.QueryResultsFormat.JSON, "tsv": ox.QueryResultsFormat.TSV}


@dataclass(frozen=True)
class Case:
    """One test: a query, its data, and the file with its result; `kind` is the W3C's."""

    name: str
    kind: str
    query: str
    data: str
    result: str

    @property
    def text(self) -> str:
        """The query; kg has no base for relative IRIs, so that theirs is written out."""
        return f"BASE <{BASE}{self.query}> {read(self.query)}"


def read(name: str) -> str:
    return ARCHIVE.read(name).decode("utf-8")


def cases() -> Iterator[Case]:
    for name in ARCHIVE.namelist():
        if not name.endswith("/manifest.ttl"):
            continue
        graph = Graph().parse(data=read(name), format="turtle", publicID=f"{BASE}{name}")
        for entries in graph.objects(None, MF.entries):
            for test in Collection(graph, entries):
                action, result = graph.value(test, MF.action), graph.value(test, MF.result)
                assert action is not None
                if (action, QT.graphData, None) in graph:
                    continue  # kg's graph is one graph
                files = (graph.value(action, QT.query, default=action), graph.value(action, QT.data), result)
                query, data, shown = (str(file or "").removeprefix(BASE) for file in files)
                folder, _, fragment = f"{name.split('/')[0]}/{str(test).partition('#')[2]}".rpartition("/")
                yield Case(
                    f"{folder}/{fragment}", str(graph.value(test, RDF.type)).partition("#")[2], query, data, shown
                )


CASES = list(cases())


def engine(kind: str, data: str) -> Engine:
    if kind == "rdflib":
        graph = Graph()
        if data:
            form = "xml" if data.endswith(".rdf") else "turtle"
            graph.parse(data=read(data), format=form, publicID=f"{BASE}{data}")
        return Rdflib(graph)
    store = ox.Store()
    if data:
        store.load(ARCHIVE.read(data), format=FORMS[data.rpartition(".")[2]], base_iri=f"{BASE}{data}")
    return Oxigraph(store)


# Comparing answers -------------------------------------------------------------------------------------


def by_value(cell: Cell) -> Cell:
    """The same cell for the same value: 2.0 and 2.00, 1e6 and 1.0E6."""
    kind = cell.datatype.removeprefix(str(XSD))
    try:
        if kind in ("integer", "decimal"):
            return cell._replace(text=format(Decimal(cell.text).normalize(), "f"))
        if kind in ("double", "float"):
            return cell._replace(text=repr(float(cell.text)))
    except (InvalidOperation, ValueError):
        return cell
    return cell


def as_graph(found: Answer) -> Graph:
    """An answer as a graph, so that blank nodes may be called anything: a node for each row, a property a column."""
    rows = [tuple(cell and by_value(cell) for cell in row) for row in found.rows]
    if found.is_graph:
        return rdf.graph_of(rows)
    columns = [Cell(engines.IRI, f"urn:column:{name}") for name in found.columns]
    nodes = [Cell(engines.BLANK, f"row{number}") for number in range(len(rows))]
    listed = ((node, Cell(engines.IRI, "urn:row"), Cell(engines.LITERAL, "")) for node in nodes)
    cells = (
        (node, column, cell)
        for node, row in zip(nodes, rows, strict=True)
        for column, cell in zip(columns, row, strict=True)
    )
    return rdf.graph_of([*listed, *cells])


def expected(case: Case) -> Answer:
    form = case.result.rpartition(".")[2]
    if form == "ttl":
        triples = ox.parse(ARCHIVE.read(case.result), format=FORMS["ttl"], base_iri=f"{BASE}{case.result}")
        rows = tuple(engines.from_triple(quad.triple) for quad in triples)
        return Answer("CONSTRUCT", ("subject", "predicate", "object"), rows, False, False)
    read_ = ox.parse_query_results(ARCHIVE.read(case.result), format=RESULTS[form])
    if isinstance(read_, ox.QueryBoolean):
        return Answer("ASK", (), (), bool(read_), False)
    columns = tuple(variable.value for variable in read_.variables)
    return Answer("SELECT", columns, tuple(map(engines._from_solution, read_)), False, False)


def asked(case: Case, kind: str) -> Answer:
    return answer(engine(kind, case.data), case.text, limits=Limits(None))


# The tests ---------------------------------------------------------------------------------------------

_DISTINCT = "rdflib fails on an aggregate of distinct values where none is bound"
_OLD_LITERALS = "the test is of RDF 1.0, where a plain literal is no xsd:string"
_BLANKS = "BNODE(text) is one and the same node in all rows"
KNOWN = {
    ("aggregates/agg-empty-group", "oxigraph"): "the algebra has no group where there is no solution",
    ("aggregates/agg-empty-group", "rdflib"): "the algebra has no group where there is no solution",
    ("aggregates/agg-err-01", "rdflib"): "AVG leaves out what is no number, rather than failing",
    ("csv-tsv-res/tsv03", "oxigraph"): "-3 of type xsd:negativeInteger is read as xsd:integer",
    ("functions/bnode01", "oxigraph"): _BLANKS,
    ("functions/bnode01", "rdflib"): _BLANKS,
    ("functions/strdt01", "rdflib"): "STRDT takes a literal with a language",
    ("functions/strdt03", "oxigraph"): _OLD_LITERALS,
    ("functions/strdt03", "rdflib"): "STRDT takes a literal with a datatype",
    ("functions/strlang03", "oxigraph"): _OLD_LITERALS,
    ("project-expression/projexp03", "rdflib"): "2 * 3 is an xsd:decimal",
    ("property-path/pp37", "rdflib"): "(:P*)* finds one node twice",
    ("syntax-query/test_4", "oxigraph"): "kg offers no functions beyond SPARQL's",
    ("syntax-query/test_11", "rdflib"): _DISTINCT,
    ("syntax-query/test_17", "rdflib"): _DISTINCT,
    ("syntax-query/test_19", "rdflib"): _DISTINCT,
    ("syntax-query/test_36a", "rdflib"): "rdflib fails on VALUES without variables",
}  # fmt: skip
"""Where an engine is known to give something else."""


def each(*kinds: str, engines_: Iterable[str] = ("oxigraph", "rdflib")) -> pytest.MarkDecorator:
    rows = []
    for case in CASES:
        for kind in engines_ if case.kind in kinds and not reaches(case.text) else ():
            why = KNOWN.get((case.name, kind))
            marks = [pytest.mark.xfail(reason=why, strict=True)] if why else []
            rows.append(pytest.param(case, kind, marks=marks, id=f"{case.name}-{kind}"))
    return pytest.mark.parametrize(("case", "kind"), rows)


def reaches(text: str) -> bool:
    return any(word.kind == "word" and word.text.upper() in ("FROM", "SERVICE") for word in sparql.words(text))


def test_the_suite_is_whole() -> None:
    assert Counter(case.kind for case in CASES) == {
        "QueryEvaluationTest": 169,
        "CSVResultFormatTest": 3,
        "PositiveSyntaxTest11": 60,
        "NegativeSyntaxTest11": 35,
    }
    assert len({case.name for case in CASES}) == len(CASES)


@each("QueryEvaluationTest")
def test_the_answer_is_that_of_the_w3c(case: Case, kind: str) -> None:
    found, right = asked(case, kind), expected(case)
    assert (found.form, found.yes) == (right.form, right.yes)
    assert found.is_graph or set(found.columns) == set(right.columns)
    assert isomorphic(as_graph(found), as_graph(right))


@each("CSVResultFormatTest")
def test_csv_is_that_of_the_w3c(case: Case, kind: str) -> None:
    written = formats.text_of(asked(case, kind), "csv")
    found, right = (list(csv.DictReader(io.StringIO(text))) for text in (written, read(case.result)))
    assert sorted(map(plain, found), key=repr) == sorted(map(plain, right), key=repr)


def plain(row: dict[str, str]) -> list[tuple[str, str | float]]:
    """Numbers by value, blank nodes alike, columns in any order."""
    return sorted((name, "_:" if text.startswith("_:") else number_or(text)) for name, text in row.items())


def number_or(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


@each("PositiveSyntaxTest11")
def test_what_is_well_formed_is_understood(case: Case, kind: str) -> None:
    asked(case, kind)


@each("NegativeSyntaxTest11", engines_=("oxigraph",))
def test_what_is_not_well_formed_is_refused(case: Case, kind: str) -> None:
    """By Oxigraph, to which people's queries go; rdflib, the reference for answers, lets 14 of these pass."""
    with pytest.raises(QueryError):
        asked(case, kind)


@pytest.mark.parametrize("case", [case for case in CASES if reaches(case.text)], ids=lambda case: case.name)
def test_what_asks_for_data_from_elsewhere_is_refused(case: Case) -> None:
    with pytest.raises(QueryError, match="from elsewhere"):
        asked(case, "oxigraph")
