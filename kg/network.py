"""A graph of claims as a networkx multigraph. With `analysis`, the only place that knows networkx.

Nodes are the entities, by IRI; edges are the statements between two of them, keyed by the statement's IRI.

Node attributes: `label` (str), `entity_class` (str, a value of `EntityClass`, or `Thing`), `aliases`, `roles`
(tuples of str), `qid` (str, may be empty), `claims` (tuple of `Statement`: those whose object is no entity,
such as an injury or the end of a contract).
Edge attributes: `predicate`, `tense`, `modality` (str, the term's name without namespace), `confidence` (float in
[0, 1]), `articles` (int, distinct articles it was read in), `sources` (int, how many of these are independent of each
other) and `statement` (the whole `Statement`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import PROV, RDF, RDFS, SDO, SKOS
from rdflib.term import Node

from kg.errors import GraphError
from kg.model import EntityClass, Modality, Tense

FB = Namespace("https://w3id.org/football-kg/ontology#")

THING = "Thing"
"""The class of an entity whose type is not one of kg's."""

_QUALIFIERS = ("forTeam", "score", "shootout", "inCompetition", "onLoan")
_CLASSES = frozenset(str(each) for each in EntityClass)
_NO_ENTITIES = frozenset({"Evidence", "Injury"})
_QID = re.compile(r"Q[1-9][0-9]*$")

_SMALL = 80
"""A connected part of up to so many entities is drawn as one; a larger one by its communities."""
_MOST = 300
"""More than so many at once are placed on a tree alone: the work of the better way grows with their square."""


@dataclass(frozen=True, slots=True)
class Source:
    """An article as the graph describes it: `iri`, and headline, URL, ISO 8601 date, outlet or the empty string."""

    iri: str
    headline: str
    url: str
    date: str
    outlet: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """A sentence that a statement rests on.

    `start` is where it begins in its article, in code points of the cleaned text; `subject` and `object` are half-open
    ranges of code points in `sentence` (not in the article), or None where there is no such argument or its offsets do
    not lie inside the sentence. `read_by` names the rules and readers that read it, `reason` is what the learned one
    says of it.
    """

    iri: str
    source: Source
    sentence: str
    start: int
    subject: tuple[int, int] | None
    object: tuple[int, int] | None
    read_by: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim. `subject` is an entity's IRI; so is `object` if `literal` is False, and else plain text.

    `qualifiers` are pairs of the term's name and an entity's IRI or plain text. `speakers` and `outlets` are IRIs,
    sorted. `evidence` is sorted by date, article and offset. `independent` is how many of its articles are
    independent of each other, 0 where the graph does not say; `first` the IRIs of the articles that had it first, and
    `contradicts` those of the statements that say the opposite in one of its articles.
    """

    iri: str
    subject: str
    predicate: str
    object: str
    literal: bool
    tense: str
    modality: str
    confidence: float
    qualifiers: tuple[tuple[str, str], ...]
    speakers: tuple[str, ...]
    outlets: tuple[str, ...]
    evidence: tuple[Quotation, ...]
    independent: int = 0
    first: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()

    @property
    def articles(self) -> int:
        """In how many different articles it was read."""
        return len({piece.source.iri for piece in self.evidence})

    @property
    def sources(self) -> int:
        """How many independent sources it has; the number of articles where the graph does not say."""
        return self.independent or self.articles


def network(graph: Graph) -> nx.MultiDiGraph[str]:
    """All entities and statements of a graph; raises GraphError for a statement that is not whole."""
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for iri in sorted(_entities(graph)):
        _add_entity(result, graph, URIRef(iri))
    for statement in statements(graph):
        if statement.subject not in result:
            _add_entity(result, graph, URIRef(statement.subject))
        if statement.literal:
            result.nodes[statement.subject]["claims"] += (statement,)
            continue
        if statement.object not in result:
            _add_entity(result, graph, URIRef(statement.object))
        result.add_edge(
            statement.subject,
            statement.object,
            key=statement.iri,
            predicate=statement.predicate,
            tense=statement.tense,
            modality=statement.modality,
            confidence=statement.confidence,
            articles=statement.articles,
            sources=statement.sources,
            statement=statement,
        )
    return result


def statements(graph: Graph) -> Iterator[Statement]:
    """The claims of a graph, sorted by IRI; raises GraphError for one without subject, predicate or object."""
    for node in sorted(graph.subjects(RDF.type, RDF.Statement, unique=True), key=str):
        yield _statement(graph, node)


# Reading -----------------------------------------------------------------------------------------------


def _statement(graph: Graph, node: Node) -> Statement:
    subject, predicate, value = (_only(graph, node, term) for term in (RDF.subject, RDF.predicate, RDF.object))
    literal = not isinstance(value, URIRef) or value == FB.Injury
    evidence = [_quotation(graph, piece) for piece in graph.objects(node, PROV.wasDerivedFrom, unique=True)]
    return Statement(
        iri=str(node),
        subject=str(subject),
        predicate=_name(predicate),
        object=_name(value) if value == FB.Injury else str(value),
        literal=literal,
        tense=_name(_first(graph, node, FB.tense)) or str(Tense.PRESENT),
        modality=_name(_first(graph, node, FB.modality)) or str(Modality.ASSERTED),
        confidence=_number(graph, node, FB.confidence),
        qualifiers=tuple(_qualifiers(graph, node)),
        speakers=tuple(sorted({str(each) for each in graph.objects(node, FB.attributedTo)})),
        outlets=tuple(sorted({str(each) for each in graph.objects(node, FB.reportedIn)})),
        evidence=tuple(sorted(evidence, key=lambda one: (one.source.date, one.source.iri, one.start, one.iri))),
        independent=max(0, _integer(graph, node, FB.independentSources) or 0),
        first=tuple(sorted({str(each) for each in graph.objects(node, FB.firstReportedBy)})),
        contradicts=tuple(sorted({str(each) for each in graph.objects(node, FB.contradicts)})),
    )


def _quotation(graph: Graph, piece: Node) -> Quotation:
    article = _first(graph, piece, FB.article)
    sentence = str(_first(graph, piece, FB.sentence) or "")
    start = _integer(graph, piece, FB.sentenceStart) or 0
    source = Source("", "", "", "", "")
    if article is not None:
        headline, url, date, outlet = (
            str(_first(graph, article, term) or "")
            for term in (SDO.headline, SDO.url, SDO.datePublished, SDO.publisher)
        )
        source = Source(str(article), headline, url, date, outlet)
    return Quotation(
        str(piece),
        source,
        sentence,
        start,
        _range(graph, piece, (FB.subjectStart, FB.subjectEnd), start, len(sentence)),
        _range(graph, piece, (FB.objectStart, FB.objectEnd), start, len(sentence)),
        tuple(sorted({str(each) for each in graph.objects(piece, FB.readBy)})),
        "; ".join(sorted({str(each) for each in graph.objects(piece, FB.reason)})),
    )


def _range(graph: Graph, piece: Node, terms: tuple[URIRef, URIRef], base: int, size: int) -> tuple[int, int] | None:
    """Offsets in the article made relative to the sentence, or None if they are missing or lie outside it."""
    first, last = (_integer(graph, piece, term) for term in terms)
    if first is None or last is None or not 0 <= first - base < last - base <= size:
        return None
    return first - base, last - base


def _qualifiers(graph: Graph, node: Node) -> Iterator[tuple[str, str]]:
    for name in _QUALIFIERS:
        for value in sorted({str(each) for each in graph.objects(node, FB[name])}):
            yield name, value


def _entities(graph: Graph) -> set[str]:
    """The IRIs of everything that has a class of kg's ontology and is neither statement nor evidence."""
    return {
        str(subject)
        for subject, _, kind in graph.triples((None, RDF.type, None))
        if isinstance(subject, URIRef) and str(kind).startswith(FB) and _name(kind) not in _NO_ENTITIES
    }


def _add_entity(result: nx.MultiDiGraph[str], graph: Graph, iri: URIRef) -> None:
    types = sorted({_name(kind) for kind in graph.objects(iri, RDF.type) if str(kind).startswith(FB)})
    known = [kind for kind in types if kind in _CLASSES]
    roles = tuple(kind for kind in types if kind not in _CLASSES)
    matches = (_QID.search(str(each)) for each in graph.objects(iri, SKOS.exactMatch))
    label = min((str(each) for each in graph.objects(iri, RDFS.label) if str(each).strip()), default=_name(iri))
    result.add_node(
        str(iri),
        label=label,
        entity_class=known[0] if known else str(EntityClass.PERSON) if roles else THING,
        aliases=tuple(sorted({str(each) for each in graph.objects(iri, SKOS.altLabel)} - {label})),
        qid=min((match.group() for match in matches if match), default=""),
        roles=roles,
        claims=(),
    )


def _only(graph: Graph, node: Node, term: URIRef) -> Node:
    value = _first(graph, node, term)
    if value is None:
        raise GraphError(f"{node}: the statement has no {term.fragment}; remove it or build the graph again")
    return value


def _first(graph: Graph, node: Node, term: URIRef) -> Node | None:
    # The least of several: rdflib gives them in no fixed order.
    return min(graph.objects(node, term), key=str, default=None)


def _number(graph: Graph, node: Node, term: URIRef) -> float:
    value = _first(graph, node, term)
    if value is None:
        return 1.0
    try:
        return min(1.0, max(0.0, float(str(value))))
    except ValueError:
        raise GraphError(f"{node}: {term.fragment} {str(value)!r} is no number") from None


def _integer(graph: Graph, node: Node, term: URIRef) -> int | None:
    value = _first(graph, node, term)
    if value is None:
        return None
    if not isinstance(value, Literal) or not isinstance(value.value, int):
        raise GraphError(f"{node}: {term.fragment} {str(value)!r} is no whole number")
    return int(value.value)


def _name(term: Node | None) -> str:
    """The last part of an IRI: `coaches` of `…ontology#coaches`."""
    return re.split(r"[#/]", str(term or "").rstrip("#/"))[-1]


# Layout ------------------------------------------------------------------------------------------------


def core(graph: nx.MultiDiGraph[str], size: int) -> frozenset[str]:
    """The `size` best connected entities (ties by IRI), without those that nothing is claimed of."""
    busy = [(-graph.degree(node), node) for node in graph if graph.degree(node) or graph.nodes[node]["claims"]]
    return frozenset(node for _, node in sorted(busy)[:size])


@dataclass(frozen=True, slots=True)
class Part:
    """A connected part of a drawing: groups of entities close to each other, each with places of its own.

    `groups` are tables of places with an edge about 1 long; `middles` says how the groups lie to each other, with
    groups that are linked about 1 apart.
    """

    groups: tuple[Mapping[str, tuple[float, float]], ...]
    middles: tuple[tuple[float, float], ...]


def positions(
    graph: nx.MultiDiGraph[str], nodes: Collection[str], groups: Sequence[Collection[str]] = ()
) -> list[Part]:
    """Where to draw these nodes: the connected parts, largest first; a large part falls into the given groups.

    Distances on paper approach distances in the graph (stress majorisation as Kamada and Kawai's, but without
    scipy), from a radial tree as start; nothing is random.
    """
    plain = simple(graph, nodes)
    parts = sorted((sorted(part) for part in nx.connected_components(plain)), key=lambda part: (-len(part), part))
    home = {node: number for number, group in enumerate(groups) for node in group}
    return [_part(plain.subgraph(part).copy(), part, home) for part in parts]


def communities(graph: nx.MultiDiGraph[str], nodes: Collection[str]) -> list[tuple[str, ...]]:
    """Groups of entities with more claims among themselves than with others (Louvain), largest first.

    The same for the same graph on every run and machine; entities without any link are left out.
    """
    plain = simple(graph, nodes)
    plain.remove_nodes_from(list(nx.isolates(plain)))
    if not plain.number_of_edges():
        return []
    # networkx walks through sets, whose order differs from run to run for strings and not for numbers
    names = list(plain)
    numbered = nx.relabel_nodes(plain, {name: number for number, name in enumerate(names)})
    found = nx.community.louvain_communities(numbered, weight="weight", seed=0)
    groups = [tuple(names[number] for number in sorted(group)) for group in found]
    return sorted(groups, key=lambda group: (-len(group), group))


def simple(graph: nx.MultiDiGraph[str], nodes: Collection[str]) -> nx.Graph[str]:
    """One undirected edge for each pair that has claims, weighted by their number; built in a fixed order."""
    result: nx.Graph[str] = nx.Graph()
    result.add_nodes_from(sorted(nodes))
    kept = result.nodes
    weights = Counter((min(a, b), max(a, b)) for a, b in graph.edges() if a != b and a in kept and b in kept)
    result.add_weighted_edges_from((a, b, weights[a, b]) for a, b in sorted(weights))
    return result


def _part(part: nx.Graph[str], order: list[str], home: Mapping[str, int]) -> Part:
    if len(order) <= _SMALL:
        return Part((_placed(part, order),), ((0.0, 0.0),))
    members: defaultdict[int, list[str]] = defaultdict(list)
    for node in order:
        members[home.get(node, -1)].append(node)
    # a group need not hang together within itself
    groups = [sorted(piece) for group in members.values() for piece in nx.connected_components(part.subgraph(group))]
    groups.sort(key=lambda group: (-len(group), group))
    at = {node: number for number, group in enumerate(groups) for node in group}
    between: nx.Graph[str] = nx.Graph()
    between.add_nodes_from(_key(number) for number in range(len(groups)))
    between.add_edges_from(sorted({(_key(at[a]), _key(at[b])) for a, b in part.edges() if at[a] != at[b]}))
    middles = _placed(between, list(between))
    return Part(
        tuple(_placed(part.subgraph(group), group) for group in groups),
        tuple(middles[_key(number)] for number in range(len(groups))),
    )


def _key(number: int) -> str:
    return f"{number:06}"


def _placed(part: nx.Graph[str], order: list[str]) -> dict[str, tuple[float, float]]:
    if len(order) == 1:
        return {order[0]: (0.0, 0.0)}
    if len(order) > _MOST:
        busiest = min(order, key=lambda node: (-part.degree(node), node))
        return _radial(part, order, busiest)
    index = {node: position for position, node in enumerate(order)}
    distance = np.zeros((len(order), len(order)))
    for node, lengths in nx.all_pairs_shortest_path_length(part):
        for other, length in lengths.items():
            distance[index[node], index[other]] = length
    centre = order[int(np.lexsort((distance.sum(axis=1), distance.max(axis=1)))[0])]
    start = _radial(part, order, centre)
    found = _stress(distance, np.array([start[node] for node in order]))
    return {node: (float(found[i, 0]), float(found[i, 1])) for node, i in index.items()}


def _radial(part: nx.Graph[str], order: list[str], centre: str) -> dict[str, tuple[float, float]]:
    """A breadth-first tree from the node in the middle, each branch in a wedge as wide as it has leaves."""
    children: dict[str, list[str]] = {node: [] for node in order}
    depth = {centre: 0}
    queue = [centre]
    for node in queue:
        for other in sorted(part[node]):
            if other not in depth:
                depth[other] = depth[node] + 1
                children[node].append(other)
                queue.append(other)
    leaves = dict.fromkeys(order, 1)
    for node in reversed(queue):
        leaves[node] = max(1, sum(leaves[child] for child in children[node]))
    wedge = {centre: (0.0, 2 * np.pi)}
    result = {centre: (0.0, 0.0)}
    for node in queue:
        begin, width = wedge[node]
        # many children of one node stand in several rows, as they would else stand on each other
        rows = 1 + int(len(children[node]) / (14 * (depth[node] + 1)))
        for number, child in enumerate(children[node]):
            share = width * leaves[child] / leaves[node]
            wedge[child] = (begin, share)
            angle, radius = begin + share / 2, depth[child] + 0.6 * (number % rows)
            result[child] = (radius * float(np.cos(angle)), radius * float(np.sin(angle)))
            begin += share
    return result


def _stress(
    distance: np.ndarray[Any, Any], start: np.ndarray[Any, Any], rounds: int = 120, tolerance: float = 1e-4
) -> np.ndarray[Any, Any]:
    """SMACOF with weights distance⁻²: the stress falls in each round; ends when it falls by less than `tolerance`."""
    size = len(distance)
    off_diagonal = ~np.eye(size, dtype=bool)
    weight = np.zeros_like(distance)
    weight[off_diagonal] = distance[off_diagonal] ** -2.0
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.inv(laplacian + 1.0 / size)
    place, before = start, np.inf
    for _ in range(rounds):
        gap = place[:, None, :] - place[None, :, :]
        length = np.sqrt((gap**2).sum(axis=2))
        stress = float((weight * (length - distance) ** 2).sum())
        if before - stress < tolerance * before and before < np.inf:
            break
        before = stress
        pull = np.where(length > 1e-9, -weight * distance / np.maximum(length, 1e-9), 0.0)
        np.fill_diagonal(pull, 0.0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        place = inverse @ (pull @ place)
    return place
