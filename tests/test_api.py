"""kg from Python: quick to import, typed answers, claims with the sentences they rest on."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest
import spring
from desk import Story

import kg
from kg import api
from kg.api import Iri, KnowledgeGraph, Thing
from kg.errors import GraphError, QueryError
from kg.model import Modality, Tense

CONSTRUCT = "CONSTRUCT { ?p fb:coaches ?t } WHERE { ?p fb:coaches ?t }"


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spring.build_in(tmp_path_factory.mktemp("api") / "build")


@pytest.fixture(scope="module")
def graph(build: Path) -> KnowledgeGraph:
    return kg.open(build)


def test_importing_kg_loads_nothing_else() -> None:
    code = "import sys; import kg; print(sorted(m for m in sys.modules if m.partition('.')[0] in {names}))"
    names = {"kg", "rdflib", "torch", "stanza", "numpy", "networkx", "pandas", "IPython", "yaml", "pyoxigraph"}
    done = subprocess.run([sys.executable, "-c", code.format(names=names)], capture_output=True, text=True, check=True)
    assert done.stdout == "['kg']\n"
    assert {"open", "build", "KnowledgeGraph"} <= set(dir(kg))
    with pytest.raises(AttributeError):
        kg.opne  # noqa: B018


def test_asking_from_python_loads_neither_rdflib_nor_torch(build: Path) -> None:
    code = (
        "import sys, kg; g = kg.open(sys.argv[1]); g.claims('coaches'); g.ask('chi allena il Milan?'); print(g);"
        "print(sorted({'rdflib', 'torch', 'stanza', 'networkx', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(build)], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_the_examples_in_the_docstrings_run(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(build.parent)
    tried = doctest.testmod(api, extraglobs={"kg": kg}, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert tried.failed == 0
    assert tried.attempted > 15


def test_rows_are_python_s_own_values(graph: KnowledgeGraph) -> None:
    [row] = graph.query("SELECT ?t (1 + 1 AS ?n) (2.5 AS ?x) (1 > 2 AS ?no) ?none { ?p fb:coaches ?t }")
    assert row == (Iri("https://w3id.org/football-kg/id/club/real-madrid"), 2, 2.5, False, None)
    assert row.t.short == "club:real-madrid"
    assert list(graph.query("SELECT ?t { ?p fb:coaches ?t }").df["t"]) == ["club:real-madrid"]


def test_arguments_are_bound_as_what_they_are(graph: KnowledgeGraph) -> None:
    [real] = [thing for thing in graph.things("Club") if thing.label == "Real Madrid"]
    for side in (real, real.iri):
        [row] = graph.query("SELECT ?who { ?p fb:coaches ?side ; rdfs:label ?who }", side=side)
        assert row.who == "Carlo Ancelotti"
    assert not graph.query("ASK { ?p fb:coaches ?side }", side="https://w3id.org/football-kg/id/club/real-madrid")
    assert graph.query("SELECT ?c { ?c fb:confidence ?x FILTER(?x < ?most) }", most=0.95)
    with pytest.raises(GraphError, match="cannot be an argument"):
        graph.query("ASK { ?a ?b ?c }", a=["Roma"])


def test_claims_are_typed_and_filtered(graph: KnowledgeGraph) -> None:
    [claim] = graph.claims(predicate="candidateFor", club="roma", modality="Denied")
    assert (claim.subject.label, claim.object, claim.modality) == (
        "Carlo Ancelotti",
        graph.thing(ROMA),
        Modality.DENIED,
    )
    [endorsed] = graph.claims("endorses", club="Roma")
    assert (endorsed.for_team, endorsed.said_by[0].label) == (graph.thing(ROMA), "Amantino Mancini")
    assert [thing.label for thing in endorsed.reported_in] == ["Marca"]
    assert [claim.score for claim in graph.claims("playedMatch")] == ["3-2"]
    assert [claim.object for claim in graph.claims("contractUntil", person="Ancelotti")] == ["2026-06"]
    assert [claim.object for claim in graph.claims("injured")] == ["Injury"]
    assert {claim.tense for claim in graph.claims("coaches", subject="ANCELOTTI")} == {Tense.PAST, Tense.PRESENT}
    assert graph.claims(object="Ancelotti") == graph.claims(by="Amantino Mancini") == (endorsed,)
    assert graph.claims(club="Frosinone") == ()
    assert graph.claims(person="Roma") == (), "Roma is a club"
    assert len(graph.claims()) == 8


ROMA = "https://w3id.org/football-kg/id/club/roma"


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [({"predicate": "coachs"}, "coaches"), ({"modality": "Posible"}, "Possible"), ({"tense": "future"}, "Future")],
)
def test_a_misspelt_term_is_said_and_not_answered_with_nothing(
    wrong: dict[str, str], hint: str, graph: KnowledgeGraph
) -> None:
    with pytest.raises(GraphError, match=f"did you mean {hint}"):
        graph.claims(**wrong)


def test_a_name_is_data_and_never_query(graph: KnowledgeGraph) -> None:
    assert graph.claims(club='Roma")) } UNION { ?claim ?a ?b') == ()


def test_evidence_gives_the_sentence_and_where_it_stands(graph: KnowledgeGraph) -> None:
    [claim] = graph.claims("coaches", club="Milan")
    [quote] = graph.evidence(claim)
    assert quote.sentence == "Ancelotti ha allenato il Milan."
    assert (quote.article, quote.date, quote.url) == ("a", "2025-03-31", "https://example.org/a")
    assert quote.object is not None
    start = quote.object.start - quote.place.start
    assert quote.sentence[start : quote.object.end - quote.place.start] == "Milan"


def test_a_constructed_graph_can_be_asked_drawn_and_traced(graph: KnowledgeGraph) -> None:
    result = graph.query(CONSTRUCT)
    assert len(result.rdf) == 1
    assert result.graph.query("ASK { ?p fb:coaches club:real-madrid }")
    assert [str(claim) for claim in result.claims()] == ["Carlo Ancelotti coaches Real Madrid (Asserted, Present)"]
    page = result.view().html
    assert "Il tecnico del Real Madrid" in page
    assert "Courtois" not in page
    with pytest.raises(GraphError, match="only CONSTRUCT"):
        _ = graph.query("ASK {}").rdf


def test_rows_lead_to_their_claims_by_name_too(graph: KnowledgeGraph) -> None:
    result = graph.named("about", name="Milan")
    assert [claim.predicate for claim in result.claims()] == ["coaches", "playedMatch"]
    assert [len(quotes) for _, quotes in result.evidence()] == [1, 1]


def test_the_same_graph_in_rdflib_networkx_and_on_a_page(graph: KnowledgeGraph) -> None:
    assert len(graph.rdf) == len(kg.open(graph.rdf).rdf)
    assert graph.query(CONSTRUCT).text() == graph.query(CONSTRUCT, engine="rdflib").text()
    assert {data["label"] for _, data in graph.nx.nodes(data=True)} >= {"Carlo Ancelotti", "Roma"}
    assert "srcdoc" in graph.view()._repr_html_()
    with pytest.raises(GraphError, match="no engine"):
        graph.query("ASK {}", engine="fuseki")


def test_html_of_hostile_labels_is_harmless() -> None:
    story = Story("x").says("<b>x</b>", "Carlo Ancelotti", "coaches", "Roma")
    story.knows("Carlo Ancelotti", label="<script>alert(1)</script>")
    graph = kg.open(spring.graph_of([story.extraction]))
    result = graph.query("SELECT ?p ?n ?t { ?p fb:coaches ?t ; rdfs:label ?n }")
    assert "<script>" not in result._repr_html_()
    assert result._repr_html_().count("&lt;script&gt;") == 2


def test_errors_are_kg_s_own(graph: KnowledgeGraph, tmp_path: Path) -> None:
    with pytest.raises(kg.KgError, match="no graph of kg"):
        kg.open(tmp_path)
    with pytest.raises(QueryError, match="line 2, column 3"):
        graph.query("SELECT ?x {\n  ex:y ?z ?x }")
    with pytest.raises(GraphError, match="what can be asked"):
        graph.ask("quanti gol ha segnato Totti?")
    with pytest.raises(GraphError, match="no format"):
        graph.query("ASK {}").text("pdf")


def test_a_thing_without_a_label_is_called_by_its_prefixed_name(graph: KnowledgeGraph) -> None:
    assert str(graph.thing("https://w3id.org/football-kg/id/club/nessuno")) == "club:nessuno"
    assert repr(Thing(Iri(ROMA), "Roma")) == "<Roma: club:roma>"
