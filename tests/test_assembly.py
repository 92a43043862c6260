"""The graph by way of the disk: the same file as the graph in memory, whatever the articles say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import newsroom
import pytest
from gold_graph import SOME
from gold_graph import extractions as extractions_of_gold
from rdflib.namespace import RDF

from kg import assembly, pipeline, statements, turtle
from kg.errors import GraphError
from kg.model import Extraction
from kg.parse import Parser
from kg.vocab import FB


@pytest.fixture(scope="module")
def season() -> list[Extraction]:
    """Annotated articles, one of them printed twice, and the denial of what another one says."""
    some = extractions_of_gold(SOME)
    first = some[0]
    copied = replace(first, article=replace(first.article, id="ripreso", date="2031-01-01"))
    claims = next(e for e in some if any(c.modality == "Asserted" for c in e.claims))
    asserted = next(c for c in claims.claims if c.modality == "Asserted")
    denied = replace(asserted, modality=type(asserted.modality)("Denied"))
    some[some.index(claims)] = replace(claims, claims=(*claims.claims, denied))
    return [*some, copied]


def test_the_file_is_the_one_that_the_graph_in_memory_gives(season: list[Extraction], tmp_path: Path) -> None:
    graph = statements.graph_of(season)
    assert set(graph.predicates()) >= {FB.copyOf, FB.contradicts, FB.forTeam, FB.score}
    tally = assembly.write(season, tmp_path / "graph.ttl")
    assert (tmp_path / "graph.ttl").read_text(encoding="utf-8") == turtle.dumps(graph)
    assert tally.by_predicate == Counter(str(p).rpartition("#")[2] for p in graph.objects(None, RDF.predicate))
    assert tally.entities == len({entity.id for extraction in season for entity in extraction.entities})


def test_the_order_of_articles_is_none_of_its_business(season: list[Extraction], tmp_path: Path) -> None:
    files = [tmp_path / "there.ttl", tmp_path / "back.ttl"]
    assembly.write(season, files[0])
    assembly.write(reversed(season), files[1])
    assert files[0].read_bytes() == files[1].read_bytes()


def test_an_archive_of_nothing_is_an_empty_file(tmp_path: Path) -> None:
    assert assembly.write([], tmp_path / "graph.ttl") == assembly.Tally(0, {})
    assert (tmp_path / "graph.ttl").read_text(encoding="utf-8") == turtle.dumps(statements.graph_of([]))


def test_what_fails_on_the_way_leaves_the_graph_before_and_nothing_else(
    season: list[Extraction], tmp_path: Path
) -> None:
    file = tmp_path / "graph.ttl"
    assembly.write(season[:3], file)
    before = file.read_bytes()

    def torn() -> Iterator[Extraction]:
        yield from season[:2]
        raise OSError(28, "No space left on device")

    with pytest.raises(GraphError, match=r"graph\.ttl: the graph cannot be written .*No space left"):
        assembly.write(torn(), file)
    assert file.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["graph.ttl"]


def test_a_build_of_many_claims_has_the_same_graph_and_says_what_it_leaves_out(
    parser: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = pipeline.build(newsroom.articles(6), tmp_path / "small", newsroom.rules_reader(parser))
    monkeypatch.setattr(pipeline, "MANY", 1)
    large = pipeline.build(newsroom.articles(6), tmp_path / "large", newsroom.rules_reader(parser))
    assert small.statements > 0
    assert (large.statements, large.entities, large.by_predicate) == (
        small.statements,
        small.entities,
        small.by_predicate,
    )
    graphs = [(summary.folder / pipeline.GRAPH).read_bytes() for summary in (small, large)]
    assert graphs[0] == graphs[1]
    assert (small.folder / pipeline.PAGE).is_file()
    assert not (large.folder / pipeline.PAGE).exists()
    assert (small.is_large, large.is_large) == (False, True)
    assert f"kg export {large.folder} --store DIR" in large.page
    assert f"kg validate {large.folder}" in large.checked
