"""Who holds the network together."""

from __future__ import annotations

import random

import networkx as nx
import pytest
from rdflib import Graph
from test_network import ID, PREFIXES, two_dressing_rooms

from kg.analysis import chain, measures, render, report
from kg.errors import GraphError
from kg.network import network, simple


def claims(*rows: str) -> nx.MultiDiGraph[str]:
    """A network of lines such as `Ranieri coaches Roma [Denied] [Past]`; clubs are those in capitals' list below."""
    clubs = {"Roma", "Parma", "Nantes", "Milan", "Inter", "Como"}
    lines = [PREFIXES]
    names = set()
    for number, row in enumerate(rows):
        who, predicate, whom, *more = row.split()
        modality = next((word for word in more if word in ("Denied", "Possible")), "Asserted")
        tense = "Past" if "Past" in more else "Present"
        team = next((f"fb:forTeam <{ID}x/{word[4:]}> ;" for word in more if word.startswith("for=")), "")
        names |= {who, whom} | {word[4:] for word in more if word.startswith("for=")}
        lines.append(
            f"<{ID}statement/{number:03}> a rdf:Statement ; rdf:subject <{ID}x/{who}> ; rdf:predicate fb:{predicate} ;"
            f" rdf:object <{ID}x/{whom}> ; {team} fb:modality fb:{modality} ; fb:tense fb:{tense} ."
        )
    for name in names:
        kind = "Club" if name in clubs else "Person"
        lines.append(f'<{ID}x/{name}> a fb:{kind} ; rdfs:label "{name}" ; skos:altLabel "il {name}" .')
    return network(Graph().parse(data="\n".join(lines), format="turtle"))


BENCHES = (
    "Ranieri coaches Roma",
    "Ranieri coaches Parma Past",
    "Ranieri candidateFor Nantes Possible",
    "Ranieri candidateFor Milan Denied",
    "Pioli coaches Milan",
    "Totti endorses Pioli for=Inter",
    "Totti playsFor Roma Past",
    "Hernández playsFor Como",
)


def table(title: str, *rows: str) -> dict[str, tuple[float, str]]:
    found = next(one for one in report(claims(*rows)).tables if one.title == title)
    return {row.label: (row.value, row.why) for row in found.rows}


def test_a_denied_bench_is_named_and_not_counted() -> None:
    assert table("Linked with most benches", *BENCHES) == {
        "Ranieri": (3, "now Roma; once Parma; rumoured Nantes; denied Milan"),
        "Pioli": (2, "now Milan; backed for Inter"),
    }


def test_a_broker_links_clubs_that_nothing_else_links() -> None:
    brokers = table("Brokers between clubs", *BENCHES, "Roma playedMatch Parma")
    assert brokers["Ranieri"] == (5, "Milan, Nantes, Parma, Roma")  # of six pairs, Roma and Parma have met
    assert "Totti" not in brokers


def test_the_chain_from_one_to_another_is_told_in_words() -> None:
    links = claims(*BENCHES)
    steps = chain(links, "il totti", "PIOLI")
    assert steps == ("Totti endorses Pioli (fact, present, 0 sources)",)
    assert [step.split(" (")[0] for step in chain(links, "Totti", "Parma")] == [
        "Totti plays for Roma",
        "Ranieri coaches Roma",
        "Ranieri coaches Parma",
    ]


def test_accents_do_not_matter_in_a_name() -> None:
    assert len(chain(claims(*BENCHES), "hernandez", "como")) == 1


def test_a_chain_that_does_not_exist_and_a_name_that_nobody_has_are_said() -> None:
    with pytest.raises(GraphError, match="no chain of claims leads from Totti to Hernández"):
        chain(claims(*BENCHES), "Totti", "Hernández")
    with pytest.raises(GraphError, match="Zoff: nobody and nothing of that name is in the graph"):
        chain(claims(*BENCHES), "Zoff", "Roma")


def test_the_report_shows_no_control_characters_and_stands_for_an_empty_graph_too() -> None:
    assert render(report(network(Graph()))) == "0 entities, 0 claims, 0 connected parts"
    links = claims(*BENCHES)
    links.nodes[f"{ID}x/Roma"]["label"] = "Ro\x1b[31mma"
    assert "\x1b" not in render(report(links))


def test_pagerank_is_that_of_networkx() -> None:
    scipy = pytest.importorskip("scipy")
    assert scipy
    links = network(Graph().parse(data=two_dressing_rooms(12), format="turtle"))
    theirs = nx.pagerank(simple(links, links.nodes), weight="weight")
    most = max(theirs.values())
    for node, value in measures(links).standing.items():
        assert value == pytest.approx(theirs[node] / most, rel=1e-3)


def test_a_sample_finds_the_bridge_that_the_whole_search_finds() -> None:
    links = network(Graph().parse(data=two_dressing_rooms(), format="turtle"))
    for effort in (10**9, 3_000):
        bridges = measures(links, effort).bridges
        best = sorted(bridges, key=lambda node: -bridges[node])[:3]
        assert set(best) == {f"{ID}club/roma", f"{ID}club/milan", f"{ID}person/roma-0"}


def test_measures_do_not_depend_on_the_order_of_triples() -> None:
    graph = Graph().parse(data=two_dressing_rooms(15), format="turtle")
    triples = sorted(graph)
    random.Random(7).shuffle(triples)
    shuffled = Graph()
    for triple in triples:
        shuffled.add(triple)
    assert measures(network(graph)) == measures(network(shuffled))
