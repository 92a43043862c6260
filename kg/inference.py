"""What follows from the facts by the ontology (OWL 2 RL): inverses, symmetry, superclasses, domains and ranges.

Only entities and plain facts are reasoned about. What is rumoured, past or denied entails nothing, so statements and
evidence stay out; so do owlrl's tautologies. The result is a graph of its own, never mixed with what was read.
"""

from __future__ import annotations

from rdflib import Graph, URIRef
from rdflib.namespace import OWL, PROV, RDF, RDFS, SDO
from rdflib.term import Node

from kg import resources, turtle, vocab
from kg.vocab import FB

NAME = URIRef(f"{vocab.ID}graph/inferred")
"""The name of the graph of what was inferred, where it stands beside others."""

_READ = frozenset({RDF.Statement, FB.Evidence, FB.Claim, SDO.NewsArticle, PROV.Activity})
"""Classes whose members are no part of football."""
_EMPTY = frozenset({OWL.Thing, RDFS.Resource, RDFS.Class, OWL.Class, OWL.NamedIndividual, RDFS.Literal})


def inferred(graph: Graph) -> Graph:
    """The triples that follow from a graph's facts and are not in it; `turtle.write(…, name=NAME)` writes them."""
    import owlrl

    facts = _facts(graph)
    closure = Graph()
    for triple in facts:
        closure.add(triple)
    closure += turtle.read(resources.folder("ontology") / "football.ttl")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(closure)
    result = Graph(identifier=NAME)
    for prefix, namespace in vocab.PREFIXES.items():
        result.bind(prefix, namespace, replace=True)
    known = {subject for subject, _, _ in facts} | {value for _, _, value in facts if isinstance(value, URIRef)}
    for triple in closure:
        if triple not in graph and triple[0] in known and _says_something(triple):
            result.add(triple)
    return result


def _facts(graph: Graph) -> list[tuple[Node, Node, Node]]:
    apart = {subject for kind in _READ for subject in graph.subjects(RDF.type, kind)}
    return [
        (subject, predicate, value)
        for subject, predicate, value in graph
        if subject not in apart and (predicate == RDF.type or str(predicate).startswith(str(FB)))
    ]


def _says_something(triple: tuple[Node, Node, Node]) -> bool:
    subject, predicate, value = triple
    if not isinstance(subject, URIRef) or not str(subject).startswith(vocab.ID) or predicate == OWL.sameAs:
        return False
    return not (predicate == RDF.type and (value in _EMPTY or not isinstance(value, URIRef)))
