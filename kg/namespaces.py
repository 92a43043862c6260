"""The prefixes of kg's queries and the terms of its ontology, as plain text.

`kg.vocab` has the same names as rdflib's terms; this module imports no rdflib, so that a query is answered before
rdflib would be loaded. A test holds the two together.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from kg import resources

ONTOLOGY = "https://w3id.org/football-kg/ontology#"
"""The namespace of the ontology's terms (`fb:`)."""
ID = "https://w3id.org/football-kg/id/"
"""Everything that an article speaks of, and what kg says of it, lies below this IRI."""
_KINDS = (
    *("person", "club", "national-team", "competition", "federation", "venue", "city", "country", "outlet"),
    *("article", "statement", "evidence", "run"),
)

PREFIXES: dict[str, str] = {
    "fb": ONTOLOGY,
    **{kind: f"{ID}{kind}/" for kind in _KINDS},
    "id": ID,
    "wd": "http://www.wikidata.org/entity/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "dcterms": "http://purl.org/dc/terms/",
}
"""Prefixes that need no PREFIX line; a longer namespace stands before the one that it lies in."""

OTHER_TERMS = (
    *("rdf:type", "rdf:Statement", "rdf:subject", "rdf:predicate", "rdf:object", "rdfs:label", "rdfs:comment"),
    *("skos:altLabel", "skos:exactMatch", "prov:wasDerivedFrom", "prov:wasGeneratedBy", "schema:NewsArticle"),
    *("schema:headline", "schema:url", "schema:datePublished", "dcterms:identifier"),
    *("xsd:date", "xsd:gYear", "xsd:gYearMonth", "xsd:decimal"),
)
"""What a graph of kg says beside the terms of its ontology."""


@dataclass(frozen=True, slots=True)
class Term:
    """A class, property or value of the ontology: its name without prefix, its English label and comment."""

    name: str
    label: str
    comment: str
    is_property: bool


@functools.cache
def terms() -> tuple[Term, ...]:
    """All terms of the ontology, by name."""
    import pyoxigraph as ox

    types: dict[str, set[str]] = {}
    texts: dict[tuple[str, str], str] = {}
    file = resources.folder("ontology") / "football.ttl"
    for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
        subject, predicate, value = quad.subject, quad.predicate.value, quad.object
        if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(ONTOLOGY):
            continue
        name = subject.value.removeprefix(ONTOLOGY)
        if predicate == f"{PREFIXES['rdf']}type" and isinstance(value, ox.NamedNode):
            types.setdefault(name, set()).add(value.value)
        elif isinstance(value, ox.Literal) and value.language == "en":
            texts[name, predicate] = value.value
    return tuple(
        Term(
            name,
            texts.get((name, f"{PREFIXES['rdfs']}label"), name),
            texts.get((name, f"{PREFIXES['rdfs']}comment"), ""),
            any(kind.endswith("Property") for kind in types[name]),
        )
        for name in sorted(types)
    )


def shortened(iri: str) -> str:
    """An IRI with a prefix where one fits (`fb:coaches`), else as it is."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
