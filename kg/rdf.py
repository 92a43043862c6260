"""Answers and stores as rdflib's graphs; loaded only where somebody asks for one."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.engines import BLANK, IRI, Cell, Row
from kg.vocab import PREFIXES


def graph_of(triples: Iterable[Row]) -> Graph:
    """The rdflib graph of some triples; a cell that is unbound leaves its triple out, as SPARQL has it."""
    graph = Graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)
    for subject, predicate, value in triples:
        if subject is not None and predicate is not None and value is not None:
            graph.add((_term(subject), _term(predicate), _term(value)))
    return graph


def _term(cell: Cell) -> Node:
    if cell.kind == IRI:
        return URIRef(cell.text)
    if cell.kind == BLANK:
        return BNode(cell.text)
    if cell.language:
        return Literal(cell.text, lang=cell.language)
    return Literal(cell.text, datatype=URIRef(cell.datatype)) if cell.datatype else Literal(cell.text)
