"""The names of things in the graph: closed namespaces, and the only functions that mint IRIs.

`FB` knows the terms of `ontology/football.ttl` and no other, so a misspelt term is an AttributeError where it is
written and never a triple that no query finds. IRIs are made of what they name and of nothing else: the same
input gives the same IRI on every machine.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS, OWL, PROV, RDF, RDFS, SDO, SKOS, XSD, ClosedNamespace

from kg import resources

ONTOLOGY = "https://w3id.org/football-kg/ontology"
"""The IRI of the ontology; its terms lie below `#`."""
ID = "https://w3id.org/football-kg/id/"
"""Everything that an article speaks of, and what kg says of it, lies below this IRI."""
_LONGEST = 120
"""Characters of a percent-encoded article id that are kept as they are; the rest becomes a hash."""
_HASH = 20
"""Hexadecimal digits (80 bits) of the hashes in IRIs: a collision is unlikely below 10¹¹ statements."""
_QID = re.compile(r"Q[1-9][0-9]{0,11}")
_BROKEN_ESCAPE = re.compile(r"%[0-9A-F]?$")


def _terms() -> list[str]:
    """The local names of all terms of the ontology."""
    ontology = Graph().parse(resources.folder("ontology") / "football.ttl", format="turtle")
    base = f"{ONTOLOGY}#"
    return sorted({str(term)[len(base) :] for term in ontology.subjects() if str(term).startswith(base)})


FB = ClosedNamespace(f"{ONTOLOGY}#", _terms())
"""The terms of the ontology: `FB.coaches`, `FB["coaches"]`; AttributeError or KeyError for what is none."""
WD = Namespace("http://www.wikidata.org/entity/")

PREFIXES: dict[str, Namespace] = {
    "fb": FB,
    **{
        kind: Namespace(f"{ID}{kind}/")
        for kind in (
            "person",
            "club",
            "national-team",
            "competition",
            "federation",
            "venue",
            "city",
            "country",
            "outlet",
            "article",
            "statement",
            "evidence",
            "run",
        )
    },
    "id": Namespace(ID),
    "wd": WD,
    "rdf": Namespace(str(RDF)),
    "rdfs": Namespace(str(RDFS)),
    "owl": Namespace(str(OWL)),
    "xsd": Namespace(str(XSD)),
    "skos": Namespace(str(SKOS)),
    "prov": Namespace(str(PROV)),
    "schema": Namespace(str(SDO)),
    "dcterms": Namespace(str(DCTERMS)),
}
"""The prefixes of kg's files and queries; a longer namespace stands before the one that it lies in."""


def entity(path: str) -> URIRef:
    """The IRI of an entity from its id (`person/carlo-ancelotti`, `person/_luca-rossi`)."""
    return URIRef(ID + "/".join(_segment(part) for part in path.split("/")))


def article(identifier: str) -> URIRef:
    """The IRI of an article from its id, which may be any text; two ids never share one."""
    return URIRef(f"{ID}article/{_segment(identifier)}")


def statement(*identity: str) -> URIRef:
    """The IRI of a statement from all that makes it the statement it is (see `kg.statements`)."""
    return URIRef(f"{ID}statement/{_hashed(identity)}")


def evidence(*identity: str) -> URIRef:
    """The IRI of a piece of evidence from its statement, article and offsets."""
    return URIRef(f"{ID}evidence/{_hashed(identity)}")


def run(version: str) -> URIRef:
    """The IRI of the activity that read the articles: kg in one version."""
    return URIRef(f"{ID}run/{_segment(f'kg-{version}')}")


def wikidata(qid: str) -> URIRef | None:
    """The IRI of a Wikidata item (`Q174113`), or None if this is no id of one."""
    return WD[qid] if _QID.fullmatch(qid) else None


def _segment(text: str) -> str:
    """The text as one segment of a path: percent-encoded, no dot segment, not endless; never the same for two texts."""
    encoded = quote(text, safe="", errors="surrogatepass").replace("~", "%7E")
    if not encoded.strip("."):
        return encoded.replace(".", "%2E") or "~"
    if len(encoded) > _LONGEST:
        return f"{_BROKEN_ESCAPE.sub('', encoded[:_LONGEST])}~{_hashed((text,))}"
    return encoded


def _hashed(parts: tuple[str, ...]) -> str:
    """A hash of the parts and of where each of them ends."""
    digest = hashlib.sha256()
    for part in parts:
        coded = part.encode("utf-8", errors="surrogatepass")
        digest.update(len(coded).to_bytes(8, "big") + coded)
    return digest.hexdigest()[:_HASH]
