"""The block list: who is on it is in no graph, page, headline or sentence of a build."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Story
from rdflib import Graph

from kg import cli, decisions, exclusions, journal, pipeline, shapes
from kg.errors import InputError
from kg.journal import Versions
from kg.model import Document

VERSIONS = Versions(pack="p", rules="r", gazetteer="g")
ANCELOTTI, MANCINI = "person/carlo-ancelotti", "person/roberto-mancini"


def monday() -> Story:
    """Ancelotti coaches, is praised, and praises; the headline and the address name him."""
    story = Story("monday", title="Ancelotti, la Roma aspetta", url="https://example.org/carlo-ancelotti-roma")
    story.knows("Carlo Ancelotti", aliases=("Ancelotti", "Carletto"))
    story.says("Carlo Ancelotti allena il Real Madrid.", "Carlo Ancelotti", "coaches", "Real Madrid")
    story.says("Mancini allena l'Italia di Carletto.", "Roberto Mancini", "coaches", "Italia")
    story.says("«Mancini è perfetto».", "Roberto Mancini", "candidateFor", "Roma", by="Carlo Ancelotti")
    story.says("Mancini piace al Milan.", "Roberto Mancini", "candidateFor", "Milan", by="Francesco Totti")
    return story


def tuesday() -> Story:
    """Another article, which knows him by his full name only."""
    story = Story("tuesday", title="CARLO ANCELOTTI e gli altri")
    return story.says("Mancini, come Carlo Ancelotti, lascia l'Italia.", "Roberto Mancini", "leaves", "Italia")


def build(folder: Path, *stories: Story) -> Path:
    with journal.opened(folder) as kept:
        for story in stories:
            kept.put(Document(story.article, (), ()), story.extraction, VERSIONS)
    return folder


def rewritten(folder: Path) -> str:
    pipeline.remove(["nothing"], folder)  # writes graph and page anew
    return (folder / pipeline.GRAPH).read_text(encoding="utf-8")


def blocked(tmp_path: Path, text: str) -> tuple[str, ...]:
    file = tmp_path / "blocked.txt"
    file.write_text(text, encoding="utf-8")
    return exclusions.read(file)


@pytest.mark.parametrize("line", ["Carlo Ancelotti", "ANCELOTTI  # on his wish", ANCELOTTI])
def test_nothing_in_graph_or_page_names_who_is_on_the_list(tmp_path: Path, line: str) -> None:
    folder = build(tmp_path / "build", monday(), tuesday())
    assert "Ancelotti" in rewritten(folder)
    exclusions.keep(blocked(tmp_path, f"# blocked\n\n{line}\n"), folder)
    turtle, page = rewritten(folder), (folder / pipeline.PAGE).read_text(encoding="utf-8")
    for text in (turtle, page):
        assert "ancelotti" not in text.casefold()
        assert "carletto" not in text.casefold()
    assert "Roberto Mancini" in turtle


def test_what_others_say_of_others_stays(tmp_path: Path) -> None:
    folder = build(tmp_path / "build", monday())
    exclusions.keep((ANCELOTTI,), folder)
    with journal.seen(folder) as kept:
        (extraction,) = decisions.decided(kept)
    said = {(claim.subject, claim.predicate, claim.object) for claim in extraction.claims}
    assert said == {(MANCINI, "coaches", "national-team/italia"), (MANCINI, "candidateFor", "club/milan")}
    assert extraction.article.title == "█████████, la Roma aspetta"
    assert extraction.article.url == ""


def test_offsets_hold_and_the_graph_stays_sound(tmp_path: Path) -> None:
    folder = build(tmp_path / "build", monday(), tuesday())
    exclusions.keep((ANCELOTTI, "Ancelotti"), folder)
    graph = Graph().parse(data=rewritten(folder), format="turtle")
    with journal.seen(folder) as kept:
        articles = [extraction.article for extraction in decisions.decided(kept)]
    assert shapes.check(graph, articles).faults == ()
    assert "Mancini allena l'Italia di ████████." in {str(text) for text in graph.objects()}


def test_an_id_takes_out_one_of_two_namesakes(tmp_path: Path) -> None:
    story = Story("inter").knows("Simone Inzaghi", aliases=("Inzaghi",)).knows("Filippo Inzaghi", aliases=("Inzaghi",))
    story.says("Simone Inzaghi allena l'Inter.", "Simone Inzaghi", "coaches", "Inter")
    story.says("Filippo Inzaghi allena il Milan.", "Filippo Inzaghi", "coaches", "Milan")
    folder = build(tmp_path / "build", story)
    exclusions.keep(("person/simone-inzaghi",), folder)
    graph = rewritten(folder)
    assert "Filippo Inzaghi" in graph
    assert "Simone" not in graph
    exclusions.keep(("Inzaghi",), folder)
    assert "Inzaghi" not in rewritten(folder)


def test_an_accent_more_or_less_hides_nobody(tmp_path: Path) -> None:
    story = Story("inter", title="Džeko va via").knows("Edin Džeko", aliases=("Dzeko", "Džeko"))
    story.says("Edin Džeko lascia l'Inter.", "Edin Džeko", "leaves", "Inter")
    story.says("Totti allena la Roma, DŽEKO ride.", "Francesco Totti", "coaches", "Roma")
    folder = build(tmp_path / "build", story)
    exclusions.keep(("Edin Dzeko",), folder)
    assert "eko" not in rewritten(folder).casefold().replace("eko ride", "")
    assert "█████ ride" in rewritten(folder)


def test_clubs_and_others_of_the_same_words_stay_whole(tmp_path: Path) -> None:
    """«Roma» on the list is no person here, and «Ancelottiano» is another word."""
    story = Story("roma", title="Lo stile ancelottiano").says(
        "Totti allena la Roma.", "Francesco Totti", "coaches", "Roma"
    )
    folder = build(tmp_path / "build", story)
    before = rewritten(folder)
    exclusions.keep(("Roma", "Ancelotti"), folder)
    assert rewritten(folder) == before


def test_the_list_outlives_what_is_added_and_merged_and_an_empty_one_lifts_it(tmp_path: Path) -> None:
    one, two = build(tmp_path / "one", monday()), build(tmp_path / "two", tuesday())
    exclusions.keep((ANCELOTTI,), one)
    exclusions.keep(("Roberto Mancini",), two)
    with journal.seen(one) as kept:
        assert exclusions.parsed(kept.setting(exclusions.SETTING)) == (ANCELOTTI,)
    reader = pipeline.Reader(method="rules")
    reader.versions = VERSIONS
    summary = pipeline.merge([one, two], tmp_path / "all", reader)
    assert summary.excluded == "2 of the 2 on the block list"
    text = (tmp_path / "all" / pipeline.GRAPH).read_text(encoding="utf-8")
    assert "Ancelotti" not in text
    assert "Mancini" not in text
    exclusions.keep(blocked(tmp_path, "# nobody any more\n"), tmp_path / "all")
    assert "Carlo Ancelotti" in rewritten(tmp_path / "all")


def test_a_slip_of_the_pen_is_told(tmp_path: Path) -> None:
    build(tmp_path / "one", monday())
    exclusions.keep(("Carlo Ancelotti", "Carlo Anceloti"), tmp_path / "one")
    reader = pipeline.Reader(method="rules")
    reader.versions = VERSIONS
    summary = pipeline.build((), tmp_path / "one", reader)
    assert summary.excluded == "1 of the 2 on the block list; nobody here is called Carlo Anceloti"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"club/roma\n", "line 1: club/roma is no person"),
        (b"Carlo Ancelotti\n---\n", "line 2: neither a name nor an id"),
        (b"x" * 500, "line 1: neither a name nor an id"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_what_is_no_block_list_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "blocked.txt"
    file.write_bytes(content)
    with pytest.raises(InputError, match=why):
        exclusions.read(file)


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = build(tmp_path / "build", monday())
    file = tmp_path / "nowhere.txt"
    assert cli.main(["rebuild", str(folder), "--exclude", str(file)]) == 2
    assert f"{file}: the block list cannot be read" in capsys.readouterr().err
    exclusions.keep((ANCELOTTI,), folder)
    rewritten(folder)
    assert cli.main(["status", str(folder)]) == 0
    assert capsys.readouterr().out == "monday\t2025-03-31\t2 claims\t█████████, la Roma aspetta\n"
