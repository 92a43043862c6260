"""Questions in Italian and English: what is understood, and what is said of what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import spring
from desk import Story

from kg import ask
from kg.cli import main
from kg.engines import Oxigraph
from kg.errors import GraphError

EXAMPLES = [(kind.query.name, dict(example)) for kind in ask.kinds() for example in kind.examples]
NAMES = ("Roma", "Inter", "Real Madrid", "Milan", "Juventus", "Napoli", "Lazio")


@pytest.fixture(scope="module")
def everybody() -> Oxigraph:
    story = Story("z")
    for name in (*NAMES, "Amantino Mancini", "Carlo Ancelotti"):
        story.knows(name)
    story.knows("Amantino Mancini", aliases=("Mancini",)).knows("Carlo Ancelotti", aliases=("Ancelotti",))
    story.knows("Marca", label="La Stampa")
    return Oxigraph.of_graph(spring.graph_of([story.extraction]))


@pytest.fixture(scope="module")
def desk() -> Oxigraph:
    return Oxigraph.of_graph(spring.graph())


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example["question"] for _, example in EXAMPLES])
def test_each_example_is_understood(name: str, example: dict[str, str], everybody: Oxigraph) -> None:
    asked = ask.understood(example.pop("question"), everybody)
    assert (asked.query.name, dict(asked.arguments)) == (name, example)
    asked.answer()


@pytest.mark.parametrize("kind", ask.kinds(), ids=lambda kind: kind.query.name)
def test_each_kind_can_be_asked_as_it_is_listed(kind: ask.Kind, everybody: Oxigraph) -> None:
    assert len(kind.asks) == 2, "in Italian and in English"
    for question in kind.asks:
        for slot in ("club", "name", "person", "first", "second"):
            question = question.replace(f"{{{slot}}}", "Roma")  # noqa: PLW2901
        assert ask.understood(question, everybody).query.name == kind.query.name


def test_who_coaches_real_madrid(desk: Oxigraph) -> None:
    asked = ask.understood("CHI ALLENA IL REAL MADRID ?", desk)
    assert [str(cell) for cell in asked.answer().rows[0][:2]] == ["Carlo Ancelotti", "Real Madrid"]
    assert "--named coach-of --arg club='REAL MADRID'" in asked.shown()
    assert "SELECT DISTINCT ?coach" in asked.shown()


def test_an_article_that_is_part_of_a_name_stays(everybody: Oxigraph) -> None:
    assert ask.understood("che si dice della Stampa", everybody_with_stampa(everybody)).arguments["name"] == "Stampa"
    assert ask.understood("che si dice La Stampa", everybody).arguments["name"] == "La Stampa"


def everybody_with_stampa(_: Oxigraph) -> Oxigraph:
    story = Story("s").knows("Marca", label="La Stampa", aliases=("Stampa",))
    return Oxigraph.of_graph(spring.graph_of([story.extraction]))


def test_an_unknown_name_gets_the_nearest_one(desk: Oxigraph) -> None:
    with pytest.raises(GraphError, match="called «Romma»; did you mean Roma"):
        ask.understood("chi allena la Romma?", desk)


@pytest.mark.parametrize("question", ["", "?", "chi", "quanti gol ha segnato Totti?", "x" * 1000, "chi allena " * 30])
def test_anything_else_is_no_question_that_kg_understands(question: str, desk: Oxigraph) -> None:
    with pytest.raises(ask.NotUnderstoodError):
        ask.understood(question, desk)


def test_nothing_in_a_question_becomes_query_or_moves_the_cursor(
    desk: Oxigraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GraphError, match="nobody and nothing"):
        ask.understood('chi allena Roma") } UNION { ?x ?y ?z', desk)
    assert main(["ask", str(spring.build_in(tmp_path)), "chi allena \x1b[31mRoma?"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_the_command_line_shows_the_query_the_answer_and_what_can_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = str(spring.build_in(tmp_path))
    assert main(["ask", build, "chi allena il Milan?"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# kg query BUILD --named coach-of --arg club='Milan'\n")
    assert "Carlo Ancelotti  Milan  fb:Asserted  fb:Past\n(1 row)" in out
    assert main(["ask", "-q", build, "chi allena il Milan?", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("coach,side,")
    assert main(["ask", build]) == 0
    assert "who coaches {club}?" in capsys.readouterr().out
    assert main(["ask", build, "quanti gol?"]) == 2
    heard = capsys.readouterr()
    assert "is no question that kg understands" in heard.err
    assert "chi allena {club}?" in heard.out
