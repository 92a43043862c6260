"""A graph file as rows: one for each node, one for each claim. What the exports to other tools are made of.

The file is read as a stream, block by block; no graph is held in memory. It must be one that `kg.turtle` wrote: what
is said of one subject stands together, and the evidence of a claim right behind it. Ids are IRIs below kg's own
namespace without it (`person/carlo-ancelotti`), and whole IRIs else.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import GraphError
from kg.namespaces import ID, ONTOLOGY, PREFIXES

_RDF, _RDFS, _SKOS = PREFIXES["rdf"], PREFIXES["rdfs"], PREFIXES["skos"]
_PROV, _SCHEMA, _DCTERMS = PREFIXES["prov"], PREFIXES["schema"], PREFIXES["dcterms"]
_ARTICLE, _EVIDENCE, _STATEMENT = f"{_SCHEMA}NewsArticle", f"{ONTOLOGY}Evidence", f"{_RDF}Statement"
ARTICLE, VALUE = "Article", "Value"
"""Classes of nodes that are none of football: an article, and what a claim says that is no entity (`2026-06`)."""


@dataclass(frozen=True, slots=True)
class Node:
    """An entity, an article or a value. Fields that do not apply are empty; `classes` are sorted."""

    id: str
    classes: tuple[str, ...]
    label: str
    aliases: tuple[str, ...] = ()
    qid: str = ""
    url: str = ""
    date: str = ""
    outlet: str = ""
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A claim between two nodes. `attributed_to`, `reported_in`, `first`, `contradicts` and `articles` are ids.

    `sentences` and `articles` go together: one for each piece of evidence.
    """

    id: str
    subject: str
    predicate: str
    object: str
    modality: str
    tense: str
    confidence: float
    sources: int
    on_loan: bool
    score: str
    shootout: str
    competition: str
    for_team: str
    attributed_to: tuple[str, ...]
    reported_in: tuple[str, ...]
    first: tuple[str, ...]
    contradicts: tuple[str, ...]
    articles: tuple[str, ...]
    sentences: tuple[str, ...]


class _Block:
    """What the file says of one subject."""

    def __init__(self, subject: str, quads: Iterator[Any]) -> None:
        self.subject = subject
        self.values: dict[str, list[Any]] = defaultdict(list)
        for quad in quads:
            self.values[quad.predicate.value].append(quad.object)
        self.types = {term.value for term in self.values.get(f"{_RDF}type", ())}

    def texts(self, predicate: str) -> tuple[str, ...]:
        return tuple(sorted(term.value for term in self.values.get(predicate, ())))

    def ids(self, predicate: str) -> tuple[str, ...]:
        return tuple(sorted(_id(term.value) for term in self.values.get(predicate, ())))

    def text(self, predicate: str) -> str:
        return next(iter(self.texts(predicate)), "")

    def id(self, predicate: str) -> str:
        return next(iter(self.ids(predicate)), "")


def nodes(path: Path) -> Iterator[Node]:
    """The nodes of a graph file, in its order, values last; GraphError for what is no graph file."""
    values: dict[str, str] = {}
    for block in _blocks(path):
        if _STATEMENT in block.types:
            target = _object(block)
            if target.startswith("value/"):
                values[target] = target.removeprefix("value/")
        elif _ARTICLE in block.types:
            yield Node(
                id=_id(block.subject),
                classes=(ARTICLE,),
                label=block.text(f"{_SCHEMA}headline") or block.text(f"{_DCTERMS}identifier"),
                url=block.text(f"{_SCHEMA}url"),
                date=block.text(f"{_SCHEMA}datePublished"),
                outlet=block.text(f"{_SCHEMA}publisher"),
                copy_of=block.id(f"{ONTOLOGY}copyOf"),
            )
        elif classes := tuple(sorted(_name(kind) for kind in block.types if kind.startswith(ONTOLOGY))):
            if _EVIDENCE in block.types:
                continue
            yield Node(
                id=_id(block.subject),
                classes=classes,
                label=block.text(f"{_RDFS}label"),
                aliases=block.texts(f"{_SKOS}altLabel"),
                qid=block.text(f"{_SKOS}exactMatch").rpartition("/")[2],
            )
    for identifier in sorted(values):
        yield Node(identifier, (VALUE,), values[identifier])


def edges(path: Path) -> Iterator[Edge]:
    """The claims of a graph file, in its order; GraphError for what is no graph file."""
    claim: _Block | None = None
    pieces: list[_Block] = []
    for block in _blocks(path):
        if _EVIDENCE in block.types:
            pieces.append(block)
            continue
        if claim is not None:
            yield _edge(claim, pieces)
        claim, pieces = (block if _STATEMENT in block.types else None), []
    if claim is not None:
        yield _edge(claim, pieces)


def _edge(claim: _Block, pieces: list[_Block]) -> Edge:
    if {piece.subject for piece in pieces} != set(claim.texts(f"{_PROV}wasDerivedFrom")):
        raise GraphError(
            f"{_id(claim.subject)}: its evidence does not follow it; write the graph again with kg rebuild"
        )
    said = sorted((piece.id(f"{ONTOLOGY}article"), piece.text(f"{ONTOLOGY}sentence")) for piece in pieces)
    return Edge(
        id=_id(claim.subject),
        subject=claim.id(f"{_RDF}subject"),
        predicate=_name(claim.text(f"{_RDF}predicate")),
        object=_object(claim),
        modality=_name(claim.text(f"{ONTOLOGY}modality")),
        tense=_name(claim.text(f"{ONTOLOGY}tense")),
        confidence=float(claim.text(f"{ONTOLOGY}confidence") or 0),
        sources=int(claim.text(f"{ONTOLOGY}independentSources") or 0),
        on_loan=claim.text(f"{ONTOLOGY}onLoan") == "true",
        score=claim.text(f"{ONTOLOGY}score"),
        shootout=claim.text(f"{ONTOLOGY}shootout"),
        competition=claim.id(f"{ONTOLOGY}inCompetition"),
        for_team=claim.id(f"{ONTOLOGY}forTeam"),
        attributed_to=claim.ids(f"{ONTOLOGY}attributedTo"),
        reported_in=claim.ids(f"{ONTOLOGY}reportedIn"),
        first=claim.ids(f"{ONTOLOGY}firstReportedBy"),
        contradicts=claim.ids(f"{ONTOLOGY}contradicts"),
        articles=tuple(article for article, _ in said),
        sentences=tuple(sentence for _, sentence in said),
    )


def _object(claim: _Block) -> str:
    target = next(iter(claim.values.get(f"{_RDF}object", ())), None)
    if isinstance(target, ox.NamedNode):
        name = target.value
        return f"value/{_name(name)}" if name.startswith(ONTOLOGY) else _id(name)
    return f"value/{target.value}" if target is not None else ""


def _blocks(path: Path) -> Iterator[_Block]:
    try:
        quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri="urn:kg:file")
        for subject, said in itertools.groupby(quads, key=lambda quad: quad.subject.value):
            yield _Block(subject, said)
    except SyntaxError as error:
        raise GraphError(f"{path}: no Turtle: {' '.join(str(error).split())[:200]}") from error
    except (OSError, ValueError) as error:
        raise GraphError(f"{path}: the graph cannot be read ({error})") from error


def _id(iri: str) -> str:
    return iri.removeprefix(ID)


def _name(iri: str) -> str:
    return iri.removeprefix(ONTOLOGY)
