"""The graph of claims as networkx sees it."""

from __future__ import annotations

import pytest
from rdflib import Graph

from kg.errors import GraphError
from kg.network import communities, core, network, positions, statements

PREFIXES = """
@prefix fb: <https://w3id.org/football-kg/ontology#> .
@prefix id: <https://w3id.org/football-kg/id/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix wd: <http://www.wikidata.org/entity/> .
"""

ANCELOTTI = (
    PREFIXES
    + """
<https://w3id.org/football-kg/id/person/carlo-ancelotti> a fb:Person, fb:Coach ; rdfs:label "Carlo Ancelotti" ;
    skos:altLabel "Carletto", "Ancelotti" ; skos:exactMatch wd:Q174113 .
<https://w3id.org/football-kg/id/club/real-madrid> a fb:Club ; rdfs:label "Real Madrid" .
<https://w3id.org/football-kg/id/club/roma> a fb:Club ; rdfs:label "Roma" .
<https://w3id.org/football-kg/id/outlet/marca> a fb:Outlet ; rdfs:label "Marca" .
<https://w3id.org/football-kg/id/statement/1> a rdf:Statement ;
    rdf:subject <https://w3id.org/football-kg/id/person/carlo-ancelotti> ; rdf:predicate fb:coaches ;
    rdf:object <https://w3id.org/football-kg/id/club/real-madrid> ;
    fb:tense fb:Present ; fb:modality fb:Asserted ; fb:confidence 0.93 ;
    fb:reportedIn <https://w3id.org/football-kg/id/outlet/marca> ; fb:independentSources 1 ;
    fb:firstReportedBy <https://w3id.org/football-kg/id/article/b> ;
    fb:contradicts <https://w3id.org/football-kg/id/statement/3> ;
    prov:wasDerivedFrom <https://w3id.org/football-kg/id/evidence/1>, <https://w3id.org/football-kg/id/evidence/2> .
<https://w3id.org/football-kg/id/evidence/1> a fb:Evidence ; fb:article <https://w3id.org/football-kg/id/article/a> ;
    fb:sentence "Ancelotti allena il Real." ; fb:sentenceStart 100 ; fb:sentenceEnd 125 ;
    fb:subjectStart 100 ; fb:subjectEnd 109 ; fb:objectStart 120 ; fb:objectEnd 124 .
<https://w3id.org/football-kg/id/evidence/2> a fb:Evidence ; fb:article <https://w3id.org/football-kg/id/article/b> ;
    fb:sentence "Il Real è suo." ; fb:sentenceStart 7 ; fb:sentenceEnd 21 ;
    fb:subjectStart 300 ; fb:subjectEnd 303 ; fb:objectStart 10 ; fb:objectEnd 14 .
<https://w3id.org/football-kg/id/article/a> a schema:NewsArticle ; schema:headline "Il Real vola" ;
    schema:url <https://example.org/a> ; schema:datePublished "2025-03-31" .
<https://w3id.org/football-kg/id/article/b> a schema:NewsArticle ; schema:headline "Panchine" ;
    schema:datePublished "2025-01-05" .
<https://w3id.org/football-kg/id/statement/2> a rdf:Statement ;
    rdf:subject <https://w3id.org/football-kg/id/person/carlo-ancelotti> ; rdf:predicate fb:contractUntil ;
    rdf:object "2026-06"^^xsd:gYearMonth ; fb:tense fb:Present ; fb:modality fb:Asserted ; fb:confidence 0.8 .
<https://w3id.org/football-kg/id/statement/3> a rdf:Statement ;
    rdf:subject <https://w3id.org/football-kg/id/person/carlo-ancelotti> ; rdf:predicate fb:candidateFor ;
    rdf:object <https://w3id.org/football-kg/id/club/roma> ; fb:tense fb:Present ; fb:modality fb:Denied ;
    fb:confidence 0.7 .
<https://w3id.org/football-kg/id/statement/4> a rdf:Statement ;
    rdf:subject <https://w3id.org/football-kg/id/person/carlo-ancelotti> ; rdf:predicate fb:injured ;
    rdf:object fb:Injury ; fb:tense fb:Past ; fb:modality fb:Asserted ; fb:confidence 0.5 .
"""
)
ID = "https://w3id.org/football-kg/id/"


def graph(turtle: str) -> Graph:
    return Graph().parse(data=turtle, format="turtle")


def star(leaves: int) -> str:
    clubs = "\n".join(f'<{ID}club/{n}> a fb:Club ; rdfs:label "Club {n}" .' for n in range(leaves))
    claims = "\n".join(
        f"<{ID}statement/{n}> a rdf:Statement ; rdf:subject <{ID}person/mister> ; rdf:predicate fb:coaches ;"
        f" rdf:object <{ID}club/{n}> ; fb:tense fb:Past ; fb:modality fb:Asserted ; fb:confidence 0.9 ."
        for n in range(leaves)
    )
    return f'{PREFIXES}<{ID}person/mister> a fb:Person ; rdfs:label "Mister" .\n{clubs}\n{claims}'


def test_who_somebody_is_stands_on_the_node() -> None:
    ancelotti = network(graph(ANCELOTTI)).nodes[f"{ID}person/carlo-ancelotti"]
    assert ancelotti["label"] == "Carlo Ancelotti"
    assert ancelotti["entity_class"] == "Person"
    assert ancelotti["roles"] == ("Coach",)
    assert ancelotti["aliases"] == ("Ancelotti", "Carletto")
    assert ancelotti["qid"] == "Q174113"


def test_a_claim_between_two_is_an_edge() -> None:
    edge = network(graph(ANCELOTTI)).edges[f"{ID}person/carlo-ancelotti", f"{ID}club/real-madrid", f"{ID}statement/1"]
    assert (edge["predicate"], edge["tense"], edge["modality"]) == ("coaches", "Present", "Asserted")
    assert edge["confidence"] == pytest.approx(0.93)
    assert edge["articles"] == 2
    assert edge["sources"] == 1  # one article copied the other
    assert edge["statement"].outlets == (f"{ID}outlet/marca",)


def test_contract_and_injury_stay_with_the_person() -> None:
    result = network(graph(ANCELOTTI))
    claims = result.nodes[f"{ID}person/carlo-ancelotti"]["claims"]
    assert [(claim.predicate, claim.object) for claim in claims] == [
        ("contractUntil", "2026-06"),
        ("injured", "Injury"),
    ]
    assert not any("Injury" in node for node in result)


def test_evidence_is_in_order_of_time_and_marks_count_from_the_sentence() -> None:
    earlier, later = next(statements(graph(ANCELOTTI))).evidence
    assert (earlier.source.date, later.source.date) == ("2025-01-05", "2025-03-31")
    assert later.subject is not None
    assert later.object is not None
    assert later.sentence[slice(*later.subject)] == "Ancelotti"
    assert later.sentence[slice(*later.object)] == "Real"


def test_a_mark_outside_its_sentence_is_left_out() -> None:
    earlier = next(statements(graph(ANCELOTTI))).evidence[0]
    assert earlier.subject is None
    assert earlier.object == (3, 7)


def test_a_statement_without_object_is_named() -> None:
    turtle = f"{PREFIXES}<{ID}statement/9> a rdf:Statement ; rdf:subject <{ID}person/x> ; rdf:predicate fb:coaches ."
    with pytest.raises(GraphError, match=r"statement/9: the statement has no object"):
        network(graph(turtle))


def test_an_offset_that_is_no_number_is_named() -> None:
    turtle = ANCELOTTI.replace("fb:sentenceStart 7 ", 'fb:sentenceStart "seven" ')
    with pytest.raises(GraphError, match=r"evidence/2: sentenceStart 'seven' is no whole number"):
        network(graph(turtle))


def test_the_core_keeps_the_best_connected_and_drops_bystanders() -> None:
    result = network(graph(ANCELOTTI))
    assert core(result, 1) == {f"{ID}person/carlo-ancelotti"}
    assert f"{ID}outlet/marca" not in core(result, 100)


def test_positions_are_the_same_each_time_and_set_neighbours_about_one_apart() -> None:
    result = network(graph(star(7)))
    (part,) = positions(result, list(result))
    (again,) = positions(result, list(reversed(list(result))))
    assert part == again
    (part,) = part.groups
    x, y = part[f"{ID}person/mister"]
    for node, (a, b) in part.items():
        if node != f"{ID}person/mister":
            assert 0.7 < ((a - x) ** 2 + (b - y) ** 2) ** 0.5 < 1.6


def test_unconnected_parts_come_apart() -> None:
    result = network(graph(ANCELOTTI))
    parts = positions(result, list(result))
    assert [len(part.groups[0]) for part in parts] == [3, 1]


def test_who_had_it_first_and_who_says_otherwise() -> None:
    first = next(statements(graph(ANCELOTTI)))
    assert first.first == (f"{ID}article/b",)
    assert first.contradicts == (f"{ID}statement/3",)


def test_without_a_count_of_independent_sources_every_article_is_one() -> None:
    first = next(statements(graph(ANCELOTTI.replace("fb:independentSources 1 ;", ""))))
    assert first.sources == first.articles == 2


def two_dressing_rooms(players: int = 45) -> str:
    """Two clubs of many players each, and one who played for both."""
    lines = []
    for number, (club, player) in enumerate(
        [(club, f"{club}-{n}") for club in ("roma", "milan") for n in range(players)] + [("milan", "roma-0")]
    ):
        lines.append(
            f"<{ID}person/{player}> a fb:Person . <{ID}club/{club}> a fb:Club .\n"
            f"<{ID}statement/{number:03}> a rdf:Statement ; rdf:subject <{ID}person/{player}> ;"
            f" rdf:predicate fb:playsFor ; rdf:object <{ID}club/{club}> ."
        )
    return PREFIXES + "\n".join(lines)


def test_a_dressing_room_is_a_community() -> None:
    result = network(graph(two_dressing_rooms()))
    groups = [set(group) for group in communities(result, result.nodes)]
    assert len(groups) == 2
    assert {f"{ID}person/milan-{n}" for n in range(45)} | {f"{ID}club/milan"} in [
        group - {f"{ID}person/roma-0"} for group in groups
    ]


def test_a_large_part_is_drawn_by_its_communities_and_loses_nobody() -> None:
    result = network(graph(two_dressing_rooms()))
    (part,) = positions(result, result.nodes, communities(result, result.nodes))
    assert len(part.groups) == len(part.middles) == 2
    assert sorted(node for group in part.groups for node in group) == sorted(result)
