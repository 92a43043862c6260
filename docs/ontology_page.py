"""Renders an ontology as one readable page with pyLODE: `python docs/ontology_page.py ontology/football.ttl PAGE`.

pyLODE runs the labels of several languages together («personpersona»), so each term is given one label of both here.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pylode import OntPub
from rdflib import OWL, RDF, RDFS, Graph, Literal
from rdflib.namespace import DCTERMS


def in_one(graph: Graph) -> Graph:
    """The graph with one label for each term, English first, and the ontology under its title alone."""
    for ontology in list(graph.subjects(RDF.type, OWL.Ontology)):
        graph.remove((ontology, RDFS.label, None))
    for kind in (RDFS.label, DCTERMS.title):
        for term in set(graph.subjects(kind, None)):
            labels = sorted(graph.objects(term, kind), key=lambda label: (label.language != "en", str(label)))
            graph.set((term, kind, Literal(" · ".join(dict.fromkeys(map(str, labels))))))
    return graph


if __name__ == "__main__":
    source, page = map(Path, sys.argv[1:])
    OntPub(in_one(Graph().parse(source))).make_html(page)
