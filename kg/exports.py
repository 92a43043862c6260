"""A built graph in the formats of other tools; each file is written as a stream, and is there whole or not at all.

ttl, trig           kg's own Turtle (which is TriG too), as it lies in the build
nt, jsonld, rdfxml  the same triples
graphml, gexf       entities, articles and claims for networkx, Gephi, yEd, Cytoscape
csv                 nodes.csv and relationships.csv for Neo4j:
                    neo4j-admin database import full --nodes=nodes.csv --relationships=relationships.csv
parquet             nodes.parquet and relationships.parquet (needs pyarrow)
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, get_type_hints
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from kg import atomic
from kg.errors import GraphError
from kg.namespaces import PREFIXES
from kg.tables import Edge, Node, edges, nodes

Cell = str | float | int | bool | tuple[str, ...]

_BETWEEN = " | "
"""Between several values where a format has no lists."""
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROWS = 10_000
"""Rows of a group in Parquet."""
_NEO4J = {str: "string", float: "double", int: "int", bool: "boolean", tuple[str, ...]: "string[]"}
_XML = {str: "string", float: "double", int: "int", bool: "boolean", tuple[str, ...]: "string"}


def export(graph: Path, form: str, target: Path | None = None) -> tuple[Path, ...]:
    """Writes a graph file in one of FORMATS and returns the files written.

    `target` is a file, for csv and parquet a folder; None: beside the graph file, named after it. Raises GraphError
    where the graph cannot be read or the target not be written.
    """
    if form not in FORMATS:
        raise GraphError(f"--to {form}: no format that kg writes; there are: {', '.join(FORMATS)}")
    if not graph.is_file():
        raise GraphError(f"{graph}: no graph of kg; make one with kg build INPUT -o {graph.parent}")
    if form in _TABLES:
        return _tables(graph, form, target or graph.parent)
    path = target or graph.with_suffix(f".{_SUFFIXES.get(form, form)}")
    if path.exists() and path.samefile(graph):
        return (path,)
    with atomic.written(path) as file:
        _FILES[form](graph, file)
    return (path,)


# RDF ---------------------------------------------------------------------------------------------------


def _same(graph: Path, file: BinaryIO) -> None:
    with graph.open("rb") as source:
        shutil.copyfileobj(source, file)


def _rdf(form: ox.RdfFormat) -> Callable[[Path, BinaryIO], None]:
    def write(graph: Path, file: BinaryIO) -> None:
        try:
            triples: Iterable[Any] = (quad.triple for quad in ox.parse(path=str(graph), format=ox.RdfFormat.TURTLE))
            if form == ox.RdfFormat.RDF_XML:
                triples = map(_for_xml, triples)
            ox.serialize(triples, file, format=form, prefixes=None if form == ox.RdfFormat.N_TRIPLES else PREFIXES)
        except SyntaxError as error:
            raise GraphError(f"{graph}: no Turtle: {' '.join(str(error).split())[:200]}") from error

    return write


def _for_xml(triple: Any) -> Any:
    """The triple with U+FFFD for characters that no XML file can hold."""
    value = triple.object
    if not isinstance(value, ox.Literal) or not _NOT_IN_XML.search(value.value):
        return triple
    clean = _NOT_IN_XML.sub("\ufffd", value.value)
    literal = (
        ox.Literal(clean, language=value.language) if value.language else ox.Literal(clean, datatype=value.datatype)
    )
    return ox.Triple(triple.subject, triple.predicate, literal)


# Networks ----------------------------------------------------------------------------------------------


def _graphml(graph: Path, file: BinaryIO) -> None:
    with _text(file) as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        for kind, record in (("node", Node), ("edge", Edge)):
            for name, type_ in _columns(record):
                key = f'id="{kind}_{name}" for="{kind}" attr.name="{name}" attr.type="{_XML[type_]}"'
                out.write(f"  <key {key}/>\n")
        out.write('  <graph id="kg" edgedefault="directed">\n')
        for node in nodes(graph):
            out.write(f"    <node id={_attribute(node.id)}>{_data('node', node)}</node>\n")
        for edge in edges(graph):
            ends = f"source={_attribute(edge.subject)} target={_attribute(edge.object)}"
            out.write(f"    <edge id={_attribute(edge.id)} {ends}>{_data('edge', edge)}</edge>\n")
        out.write("  </graph>\n</graphml>\n")


def _data(kind: str, record: Node | Edge) -> str:
    return "".join(
        f'<data key="{kind}_{name}">{escape(_xml(value))}</data>' for name, value in _values(record) if value != ""
    )


def _gexf(graph: Path, file: BinaryIO) -> None:
    with _text(file) as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n')
        out.write('  <graph defaultedgetype="directed" mode="static">\n')
        for kind, record in (("node", Node), ("edge", Edge)):
            out.write(f'    <attributes class="{kind}" mode="static">\n')
            for name, type_ in _columns(record):
                form = "integer" if type_ is int else _XML[type_]
                out.write(f'      <attribute id="{kind}_{name}" title="{name}" type="{form}"/>\n')
            out.write("    </attributes>\n")
        out.write("    <nodes>\n")
        for node in nodes(graph):
            label = _attribute(node.label)
            out.write(f"      <node id={_attribute(node.id)} label={label}>{_attvalues('node', node)}</node>\n")
        out.write("    </nodes>\n    <edges>\n")
        for edge in edges(graph):
            ends = f"source={_attribute(edge.subject)} target={_attribute(edge.object)}"
            label = f"label={_attribute(edge.predicate)}"
            out.write(f"      <edge id={_attribute(edge.id)} {ends} {label}>{_attvalues('edge', edge)}</edge>\n")
        out.write("    </edges>\n  </graph>\n</gexf>\n")


def _attvalues(kind: str, record: Node | Edge) -> str:
    cells = "".join(
        f'<attvalue for="{kind}_{name}" value={_attribute(_xml(value))}/>'
        for name, value in _values(record)
        if value != ""
    )
    return f"<attvalues>{cells}</attvalues>"


def _attribute(text: str) -> str:
    return quoteattr(_xml(text))


def _xml(value: Cell) -> str:
    return _NOT_IN_XML.sub("\ufffd", _BETWEEN.join(value) if isinstance(value, tuple) else _scalar(value))


# Tables ------------------------------------------------------------------------------------------------


def _tables(graph: Path, form: str, folder: Path) -> tuple[Path, ...]:
    """Both tables, written whole before either takes its place."""
    paths = tuple(folder / f"{name}.{form}" for name in ("nodes", "relationships"))
    if form == "parquet":
        _pyarrow()
    with ExitStack() as stack:
        node_file, edge_file = (stack.enter_context(atomic.written(path)) for path in paths)
        _TABLES[form](node_file, Node, nodes(graph))
        _TABLES[form](edge_file, Edge, edges(graph))
    return paths


def _csv(file: BinaryIO, record: type, rows: Iterable[Node | Edge]) -> None:
    """As Neo4j's importer takes it: types in the header, `;` between the values of a list, one line a row."""
    heads = _HEADS[record]
    with _text(file) as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(heads.get(name, f"{name}:{_NEO4J[type_]}") for name, type_ in _columns(record))
        for row in rows:
            writer.writerow(_csv_cell(value) for _, value in _values(row))


_HEADS: dict[type, dict[str, str]] = {
    Node: {"id": "id:ID", "classes": ":LABEL"},
    Edge: {"subject": ":START_ID", "object": ":END_ID", "predicate": ":TYPE"},
}
"""Columns that Neo4j gives a meaning."""


def _csv_cell(value: Cell) -> str:
    if isinstance(value, tuple):
        return ";".join(_one_line(part).replace(";", ",") for part in value)
    return _one_line(_scalar(value))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _parquet(file: BinaryIO, record: type, rows: Iterable[Node | Edge]) -> None:
    arrow, parquet = _pyarrow()
    kinds = {
        str: arrow.string(),
        float: arrow.float64(),
        int: arrow.int64(),
        bool: arrow.bool_(),
        tuple[str, ...]: arrow.list_(arrow.string()),
    }
    schema = arrow.schema([(name, kinds[type_]) for name, type_ in _columns(record)])
    iterator = iter(rows)
    with parquet.ParquetWriter(file, schema) as writer:
        while group := [dict(_values(row)) for row in islice(iterator, _ROWS)]:
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise GraphError("Parquet needs pyarrow; install it with pip install 'kg[parquet]'") from error
    return arrow, parquet


# Rows --------------------------------------------------------------------------------------------------


def _columns(record: type) -> list[tuple[str, Any]]:
    types = get_type_hints(record)
    return [(field.name, types[field.name]) for field in fields(record)]


def _values(record: Node | Edge) -> Iterator[tuple[str, Cell]]:
    return ((field.name, getattr(record, field.name)) for field in fields(record))


def _scalar(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _text(file: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """Text over a binary file that stays open when the text is finished."""
    out = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield out
    finally:
        out.detach()


_FILES: dict[str, Callable[[Path, BinaryIO], None]] = {
    "ttl": _same,
    "nt": _rdf(ox.RdfFormat.N_TRIPLES),
    "trig": _same,
    "jsonld": _rdf(ox.RdfFormat.JSON_LD),
    "rdfxml": _rdf(ox.RdfFormat.RDF_XML),
    "graphml": _graphml,
    "gexf": _gexf,
}
_TABLES: dict[str, Callable[[BinaryIO, type, Iterable[Node | Edge]], None]] = {"csv": _csv, "parquet": _parquet}
_SUFFIXES = {"rdfxml": "rdf"}
FORMATS = (*_FILES, *_TABLES)
"""What `export` can write."""
