"""Who holds the network together: measures of a graph of claims, and a report on them that people can read.

Works on the network of `kg.network`, where a link is any claim between two entities, whoever makes it and however
sure it is; denials are links too, for the page shows them, but the report on benches tells them apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np

from kg.cleaning import visible
from kg.errors import GraphError
from kg.model import EntityClass, Modality, Tense
from kg.names import folded
from kg.network import Statement, communities, simple

LISTED = 10
"""How many rows a table of the report has."""

_QUICK, _THOROUGH = 400_000, 6_000_000  # steps of the search for shortest paths: about a second, about ten
_DAMPING, _TOLERANCE, _ROUNDS = 0.85, 1e-9, 100
_SIDES = frozenset({str(EntityClass.CLUB), str(EntityClass.NATIONAL_TEAM)})
_BENCH = ("coaches", "candidateFor")
_LARGE = 1500  # above so many entities, chains are looked for between the best connected ones only


@dataclass(frozen=True, slots=True)
class Measures:
    """What can be said of each entity by its place in the network, by IRI.

    `connections` counts other entities with a claim in common; `bridges` (betweenness) and `standing` (PageRank) are
    shares of the highest value, in [0, 1]; `community` counts from 0, the largest, and lacks unlinked entities.
    `communities` are its members. Betweenness is estimated from a fixed sample where the network is large.
    """

    connections: Mapping[str, int]
    bridges: Mapping[str, float]
    standing: Mapping[str, float]
    community: Mapping[str, int]
    communities: tuple[tuple[str, ...], ...]


def measures(network: nx.MultiDiGraph[str], effort: int = _QUICK) -> Measures:
    """The measures of all entities; `effort` bounds the steps spent on betweenness."""
    plain = simple(network, network.nodes)
    groups = tuple(communities(network, network.nodes))
    return Measures(
        connections={node: plain.degree(node) for node in plain},
        bridges=_shares(_betweenness(plain, effort)),
        standing=_shares(_pagerank(plain)),
        community={node: number for number, group in enumerate(groups) for node in group},
        communities=groups,
    )


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    most = max(values.values(), default=0.0)
    return {node: value / most if most else 0.0 for node, value in values.items()}


def _betweenness(plain: nx.Graph[str], effort: int) -> dict[str, float]:
    size = plain.number_of_nodes() + plain.number_of_edges()
    sample = max(10, effort // max(size, 1))
    linked = [node for node in plain if plain.degree(node)]
    if sample >= len(linked):
        return dict(nx.betweenness_centrality(plain))
    # every n-th of the entities: the same on each run, and no random numbers
    starts = linked[:: max(1, len(linked) // sample)][:sample]
    return dict(nx.betweenness_centrality_subset(plain, starts, linked))


def _pagerank(plain: nx.Graph[str]) -> dict[str, float]:
    """PageRank weighted by numbers of claims; networkx' own would need scipy."""
    nodes = list(plain)
    if not nodes:
        return {}
    at = {node: position for position, node in enumerate(nodes)}
    edges = [(at[a], at[b], float(data["weight"])) for a, b, data in plain.edges(data=True)]
    start = np.array([a for a, _, _ in edges] + [b for _, b, _ in edges], dtype=int)
    end = np.array([b for _, b, _ in edges] + [a for a, _, _ in edges], dtype=int)
    weight: np.ndarray[Any, Any] = np.array([w for _, _, w in edges] * 2, dtype=float)
    total = np.bincount(start, weight, minlength=len(nodes))
    share = weight / total[start] if edges else weight
    rank = np.full(len(nodes), 1 / len(nodes))
    for _ in range(_ROUNDS):
        lost = rank[total == 0].sum() / len(nodes)
        after = (1 - _DAMPING) / len(nodes) + _DAMPING * (
            np.bincount(end, rank[start] * share, minlength=len(nodes)) + lost
        )
        if np.abs(after - rank).sum() < _TOLERANCE:
            break
        rank = after
    return {node: float(rank[position]) for node, position in at.items()}


# Report ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """An entity in a table of the report: `iri`, `label`, a measure, and words on what it rests on."""

    iri: str
    label: str
    value: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the report: what it tells, what `value` is, and its rows, highest first."""

    title: str
    unit: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that `kg analyse` says of a network. `chains` are lists of steps in words, each from one end to the other."""

    entities: int
    claims: int
    parts: int
    tables: tuple[Table, ...]
    chains: tuple[tuple[str, ...], ...]


def report(network: nx.MultiDiGraph[str]) -> Report:
    """Analyses a network."""
    plain = simple(network, network.nodes)
    found = measures(network, _THOROUGH)
    linked = [node for node in plain if plain.degree(node)]
    tables = (
        _ranked(network, "Best connected", "entities", found.connections),
        _ranked(network, "Most often between two others", "share of the first", found.bridges),
        _ranked(network, "Of most standing (PageRank)", "share of the first", found.standing),
        _brokers(network, plain),
        _benches(network),
        _groups(network, found),
    )
    return Report(
        entities=network.number_of_nodes(),
        claims=network.number_of_edges() + sum(len(claims) for _, claims in network.nodes(data="claims")),
        parts=nx.number_connected_components(plain.subgraph(linked)) if linked else 0,
        tables=tuple(table for table in tables if table.rows),
        chains=_chains(network, plain, found),
    )


def _label(network: nx.MultiDiGraph[str], node: str) -> str:
    return str(network.nodes[node]["label"])


def _ranked(network: nx.MultiDiGraph[str], title: str, unit: str, values: Mapping[str, float]) -> Table:
    best = sorted((node for node in values if values[node] > 0), key=lambda node: (-values[node], node))[:LISTED]
    return Table(title, unit, tuple(Row(node, _label(network, node), values[node]) for node in best))


def _brokers(network: nx.MultiDiGraph[str], plain: nx.Graph[str]) -> Table:
    """Persons that connect clubs: the pairs of clubs with no claim in common that they link in two steps."""
    pairs: Counter[str] = Counter()
    sides: dict[str, list[str]] = {}
    for node, data in network.nodes(data=True):
        if data["entity_class"] != EntityClass.PERSON:
            continue
        linked = sorted(other for other in plain[node] if network.nodes[other]["entity_class"] == EntityClass.CLUB)
        sides[node] = linked
        pairs[node] = sum(1 for i, one in enumerate(linked) for other in linked[:i] if not plain.has_edge(one, other))
    best = sorted((node for node in pairs if pairs[node]), key=lambda node: (-pairs[node], node))[:LISTED]
    rows = (Row(node, _label(network, node), pairs[node], _names(network, sides[node])) for node in best)
    return Table("Brokers between clubs", "pairs of clubs with no claim in common that they link", tuple(rows))


def _benches(network: nx.MultiDiGraph[str]) -> Table:
    """Persons by the number of benches that they hold, held, or are linked with; denied ones do not count."""
    benches: defaultdict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for subject, side, data in network.edges(data=True):
        if data["predicate"] in _BENCH and network.nodes[side]["entity_class"] in _SIDES:
            benches[subject][_bench(data["statement"])].add(side)
        elif data["predicate"] == "endorses":
            # whoever is backed for a bench is linked with it
            for name, team in data["statement"].qualifiers:
                if name == "forTeam" and team in network and data["modality"] != Modality.DENIED:
                    benches[side]["backed for"].add(team)
    count = {
        person: len({side for kind, sides in kinds.items() if kind != "denied" for side in sides})
        for person, kinds in benches.items()
    }
    best = sorted((person for person in count if count[person]), key=lambda one: (-count[one], one))[:LISTED]
    order = ("now", "to come", "once", "linked", "rumoured", "backed for", "denied")
    rows = []
    for person in best:
        why = "; ".join(
            f"{kind} {_names(network, benches[person][kind])}" for kind in order if benches[person].get(kind)
        )
        rows.append(Row(person, _label(network, person), count[person], why))
    return Table("Linked with most benches", "benches", tuple(rows))


def _bench(statement: Statement) -> str:
    if statement.modality == Modality.DENIED:
        return "denied"
    if statement.predicate == "candidateFor" or statement.modality == Modality.POSSIBLE:
        return "linked" if statement.modality == Modality.ASSERTED else "rumoured"
    return {str(Tense.PAST): "once", str(Tense.FUTURE): "to come"}.get(statement.tense, "now")


def _groups(network: nx.MultiDiGraph[str], found: Measures) -> Table:
    rows = []
    for group in found.communities[:LISTED]:
        best = sorted(group, key=lambda node: (-found.connections[node], node))
        rows.append(Row(best[0], _label(network, best[0]), len(group), _names(network, best[1:7])))
    return Table("Communities", "entities", tuple(rows))


def _names(network: nx.MultiDiGraph[str], nodes: Iterable[str]) -> str:
    names = [_label(network, node) for node in nodes]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


# Chains ------------------------------------------------------------------------------------------------


def chain(network: nx.MultiDiGraph[str], start: str, end: str) -> tuple[str, ...]:
    """The shortest chain of claims from one entity to another, a sentence of words for each step.

    The ends are labels, aliases or IRIs; raises GraphError if one is unknown or ambiguous, or if there is no chain.
    """
    first, last = (_named(network, name) for name in (start, end))
    try:
        path = nx.shortest_path(simple(network, network.nodes), first, last)
    except nx.NetworkXNoPath:
        raise GraphError(f"no chain of claims leads from {_label(network, first)} to {_label(network, last)}") from None
    return _steps(network, path)


def _named(network: nx.MultiDiGraph[str], name: str) -> str:
    if name in network:
        return name
    wanted = folded(name)
    labelled = [node for node, data in network.nodes(data=True) if folded(data["label"]) == wanted]
    also = [
        node for node, data in network.nodes(data=True) if any(folded(alias) == wanted for alias in data["aliases"])
    ]
    fitting = sorted(labelled) or sorted(also)
    if not fitting:
        raise GraphError(
            f"{name}: nobody and nothing of that name is in the graph; kg who {name} shows who may be meant"
        )
    if len(fitting) > 1:
        raise GraphError(f"{name}: this may be any of {', '.join(fitting[:5])}; name one of these")
    return fitting[0]


def _steps(network: nx.MultiDiGraph[str], path: Sequence[str]) -> tuple[str, ...]:
    from kg.view import words  # not at the top: the page shows measures, so kg.view needs this module

    steps = []
    for one, other in pairwise(path):
        claims = [*network.get_edge_data(one, other, default={}).values()]
        claims += [*network.get_edge_data(other, one, default={}).values()]
        best = min((data["statement"] for data in claims), key=_doubt)
        verb = words.relation(best.predicate).active[0]
        sure = words.MODALITIES.get(best.modality, (best.modality,))[0]
        ends = f"{_label(network, best.subject)} {verb} {_label(network, best.object)}"
        steps.append(f"{ends} ({sure}, {best.tense.lower()}, {_count(best.sources)})")
    return tuple(steps)


def _doubt(statement: Statement) -> tuple[int, int, float, str]:
    """The less of it, the better a claim speaks for a link."""
    order = [str(Modality.ASSERTED), str(Modality.POSSIBLE)]
    rank = order.index(statement.modality) if statement.modality in order else 2
    return rank, -statement.sources, -statement.confidence, statement.iri


def _count(sources: int) -> str:
    return "1 source" if sources == 1 else f"{sources} sources"


def _chains(network: nx.MultiDiGraph[str], plain: nx.Graph[str], found: Measures) -> tuple[tuple[str, ...], ...]:
    """Two chains worth reading: between the heads of the two largest communities, and between those farthest apart."""
    paths: list[list[str]] = []
    heads = [min(group, key=lambda node: (-found.connections[node], node)) for group in found.communities[:2]]
    if len(heads) == 2 and nx.has_path(plain, *heads):
        paths.append(nx.shortest_path(plain, *heads))
    if found.communities:
        part = sorted(nx.node_connected_component(plain, found.communities[0][0]))
        busiest = sorted(part, key=lambda node: (-plain.degree(node), node))[:_LARGE]
        people = [node for node in busiest if network.nodes[node]["entity_class"] == EntityClass.PERSON] or busiest
        # twice the farthest: the ends of a longest shortest path, or nearly so
        one = _farthest(plain, people[0], people)
        paths.append(nx.shortest_path(plain, one, _farthest(plain, one, people)))
    return tuple(_steps(network, path) for path in paths if len(path) > 1)


def _farthest(plain: nx.Graph[str], start: str, among: Sequence[str]) -> str:
    far = dict(nx.single_source_shortest_path_length(plain, start))
    return min(among, key=lambda node: (-far.get(node, -1), node))


# Text --------------------------------------------------------------------------------------------------


def render(found: Report) -> str:
    """The report as text for a terminal."""
    parts = "1 connected part" if found.parts == 1 else f"{found.parts} connected parts"
    lines = [f"{found.entities} entities, {found.claims} claims, {parts}"]
    for table in found.tables:
        lines += ["", f"{table.title} ({table.unit})"]
        width = max(len(visible(row.label)) for row in table.rows)
        for row in table.rows:
            value = f"{row.value:.2f}" if isinstance(row.value, float) else str(row.value)
            lines.append(f"  {value:>5}  {visible(row.label):<{width}}  {visible(row.why)}".rstrip())
    for steps in found.chains:
        lines += ["", render_chain(steps)]
    return "\n".join(lines)


def render_chain(steps: Sequence[str]) -> str:
    """A chain as text for a terminal, one step on each line."""
    numbered = (f"  {number}. {visible(step)}" for number, step in enumerate(steps, 1))
    return "\n".join([f"Chain of {len(steps)} {'step' if len(steps) == 1 else 'steps'}", *numbered])
