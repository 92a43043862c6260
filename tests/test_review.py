"""Who may be whom, asked and decided: the review file, its decisions, and `kg who`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import newsroom
import pytest
from desk import Story
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDFS, SKOS

from kg import cli, decisions, gazetteer, journal, pipeline, review, vocab, who
from kg.decisions import Decision, Kind
from kg.errors import InputError
from kg.gazetteer import Gazetteer
from kg.journal import Versions
from kg.model import Document, Extraction
from kg.pipeline import Reader

VERSIONS = Versions(pack="p", rules="r", gazetteer="g")


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    return gazetteer.load()


def unknown(story: Story, name: str, new: str, **more: object) -> Story:
    """Makes somebody whom the story names a node that the gazetteer does not know."""
    identifier = f"person/{new}"
    old = f"person/{new.lstrip('_')}"
    story.entities[identifier] = replace(story.entities.pop(old), id=identifier, label=name, **more)  # type: ignore[arg-type]
    story.claims = [
        replace(claim, subject=identifier if claim.subject == old else claim.subject) for claim in story.claims
    ]
    return story


def monday() -> Story:
    """«Ubaldo Sferracavalli», whom no gazetteer knows."""
    story = Story("monday").says("Ubaldo Sferracavalli allena la Roma.", "Ubaldo Sferracavalli", "coaches", "Roma")
    return unknown(story, "Ubaldo Sferracavalli", "_ubaldo-sferracavalli")


def tuesday() -> Story:
    """The same man with a letter less."""
    story = Story("tuesday").says("Ubaldo Sferacavalli allena la Roma.", "Ubaldo Sferacavalli", "coaches", "Roma")
    return unknown(story, "Ubaldo Sferacavalli", "_ubaldo-sferacavalli")


def wednesday() -> Story:
    """A Mancini of whom the article gives the surname alone."""
    story = Story("wednesday").says("Mancini allena la Roma.", "Roberto Mancini", "coaches", "Roma")
    return story.knows("Roberto Mancini", score=0.3, qid="Q17457", aliases=("Mancini", "il Mancio"))


def week() -> list[Extraction]:
    return [monday().extraction, tuesday().extraction, wednesday().extraction]


def build(folder: Path, *extractions: Extraction) -> Path:
    with journal.opened(folder) as kept:
        for extraction in extractions:
            kept.put(Document(extraction.article, (), ()), extraction, VERSIONS)
    return folder


def graph(folder: Path) -> Graph:
    pipeline.remove(["nothing"], folder)  # writes the graph anew
    return Graph().parse(folder / pipeline.GRAPH)


def node(identifier: str) -> URIRef:
    return vocab.entity(identifier)


def filled_in(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "review.tsv"
    file.write_text("\n".join(("\t".join(decisions.COLUMNS), *rows)) + "\n", encoding="utf-8")
    return file


def row(decision: str, kind: str, one: str, other: str = "", articles: str = "") -> str:
    return "\t".join((decision, "0.9", kind, one, other, "", "", articles, ""))


SAME = row("same", "one?", "person/_ubaldo-sferacavalli", "person/_ubaldo-sferracavalli")


# What is asked -------------------------------------------------------------------------------------------


def test_a_letter_less_is_asked_about_first(known: Gazetteer) -> None:
    first = review.doubts(week(), known)[0]
    assert {first.id, first.other} == {"person/_ubaldo-sferracavalli", "person/_ubaldo-sferacavalli"}
    assert first.kind is Kind.PAIR
    assert first.articles == ("monday", "tuesday")


def test_a_surname_with_namesakes_is_asked_about(known: Gazetteer) -> None:
    (asked,) = [one for one in review.doubts(week(), known) if one.kind is Kind.SPLIT]
    assert asked.id == "person/roberto-mancini"
    assert asked.articles == ("wednesday",)
    assert "Gianluca Mancini" in asked.why


def test_an_unknown_name_of_two_articles_is_asked_about(known: Gazetteer) -> None:
    again = Story("thursday").says("Ubaldo Sferracavalli lascia la Roma.", "Ubaldo Sferracavalli", "leaves", "Roma")
    unknown(again, "Ubaldo Sferracavalli", "_ubaldo-sferracavalli")
    asked = review.doubts([monday().extraction, again.extraction], known)
    assert [(one.kind, one.id) for one in asked] == [(Kind.UNLINKED, "person/_ubaldo-sferracavalli")]


def test_namesakes_of_the_gazetteer_are_not_asked_about(known: Gazetteer) -> None:
    story = Story("derby").says("Simone Inzaghi batte la Roma.", "Simone Inzaghi", "criticises", "Roma")
    story.says("Filippo Inzaghi guarda la Roma.", "Filippo Inzaghi", "criticises", "Roma")
    assert review.doubts([story.extraction], known) == ()


def test_what_was_decided_is_not_asked_again(known: Gazetteer, tmp_path: Path) -> None:
    apart = decisions.read(filled_in(tmp_path, SAME.replace("same", "different", 1)), known)
    assert all(one.kind is not Kind.PAIR for one in review.doubts(week(), known, apart))


def test_a_review_is_one_line_a_question_however_wild_a_name(known: Gazetteer) -> None:
    wild = unknown(
        Story("a\tb|c").says("Gino Neri allena la Roma.", "Gino Neri", "coaches", "Roma"), "=1+1\n\tNeri", "_gino-neri"
    )
    again = unknown(
        Story("d").says("Gino Neri allena la Roma.", "Gino Neri", "coaches", "Roma"), "=1+1\n\tNeri", "_gino-neri"
    )
    lines = list(review.lines(review.doubts([wild.extraction, again.extraction], known)))
    assert [line.count("\t") for line in lines] == [len(decisions.COLUMNS) - 1] * 2
    assert "\t'=1+1" in lines[1]
    assert "a%09b%7Cc|d" in lines[1]


# What is decided -----------------------------------------------------------------------------------------


def test_same_makes_one_node_with_both_names_in_every_rebuild(known: Gazetteer, tmp_path: Path) -> None:
    folder = build(tmp_path / "build", *week())
    before = graph(folder)
    assert node("person/_ubaldo-sferacavalli") in before.all_nodes()
    decisions.keep(decisions.read(filled_in(tmp_path, SAME), known), folder)
    build(folder, replace(tuesday().extraction, article=replace(tuesday().article, id="friday")))
    after = graph(folder)
    stays, gone = node("person/_ubaldo-sferacavalli"), node("person/_ubaldo-sferracavalli")  # the first of the row
    assert gone not in after.all_nodes()
    names = {*after.objects(stays, RDFS.label), *after.objects(stays, SKOS.altLabel)}
    assert {Literal("Ubaldo Sferracavalli"), Literal("Ubaldo Sferacavalli")} <= names


def test_an_id_links_an_unknown_name_to_the_gazetteer(known: Gazetteer, tmp_path: Path) -> None:
    folder = build(tmp_path / "build", monday().extraction)
    ruling = row("person/claudio-ranieri", "who?", "person/_ubaldo-sferracavalli", "", "monday")
    decisions.keep(decisions.read(filled_in(tmp_path, ruling), known), folder)
    after = graph(folder)
    assert after.value(node("person/claudio-ranieri"), RDFS.label) == Literal("Claudio Ranieri")
    assert (node("person/claudio-ranieri"), vocab.FB.coaches, node("club/roma")) in after


def test_another_one_in_one_article_leaves_the_rest_alone(known: Gazetteer) -> None:
    other = Story("sunday").says("Roberto Mancini lascia la Roma.", "Roberto Mancini", "leaves", "Roma")
    other.knows("Roberto Mancini", qid="Q17457")
    ruling = Decision(Kind.SPLIT, "person/roberto-mancini", "", ("wednesday",), "different", 2)
    first, second = decisions.applied([wednesday().extraction, other.extraction], [ruling])
    assert first.claims[0].subject == "person/_roberto-mancini-2"
    (apart,) = [one for one in first.entities if one.id == "person/_roberto-mancini-2"]
    assert not apart.qid  # what is known of the one does not hold of the other
    assert not apart.aliases
    assert second.claims[0].subject == "person/roberto-mancini"


def test_decisions_touch_speakers_teams_and_outlets_too() -> None:
    story = Story("quote").says(
        "Roberto Mancini loda Marco Neri a Sky.",
        "Roberto Mancini",
        "endorses",
        "Marco Neri",
        to="Sky",
        team="Roma",
        by="Marco Neri",
    )
    ruling = Decision(Kind.PAIR, "person/marco-neri", "person/_marco-neri", (), "same", 2)
    assert list(decisions.applied([story.extraction], [ruling])) == [story.extraction]
    ruling = Decision(Kind.UNLINKED, "person/marco-neri", "", (), "person/_mario-neri", 2)
    (after,) = decisions.applied([story.extraction], [ruling])
    assert after.claims[0].object == after.claims[0].evidence[0].speaker == "person/marco-neri"


def test_no_decisions_no_change() -> None:
    assert list(decisions.applied(week(), [])) == week()


def test_later_decisions_add_to_those_kept_and_replace_those_on_the_same_nodes(
    known: Gazetteer, tmp_path: Path
) -> None:
    folder = build(tmp_path / "build", *week())
    decisions.keep(decisions.read(filled_in(tmp_path, SAME), known), folder)
    second = row("same", "two?", "person/roberto-mancini", "", "wednesday")
    decisions.keep(decisions.read(filled_in(tmp_path, second, SAME.replace("same", "different", 1)), known), folder)
    with journal.seen(folder) as kept:
        verdicts = {one.id: one.verdict for one in decisions.parsed(kept.setting(decisions.SETTING))}
    assert verdicts == {"person/roberto-mancini": "same", "person/_ubaldo-sferacavalli": "different"}


def test_what_was_decided_in_one_build_holds_where_it_is_merged(known: Gazetteer, tmp_path: Path) -> None:
    one, other = build(tmp_path / "one", monday().extraction), build(tmp_path / "other", tuesday().extraction)
    decisions.keep(decisions.read(filled_in(tmp_path, SAME), known), other)
    pipeline.merge([one, other], tmp_path / "both", nobody())
    stays, gone = node("person/_ubaldo-sferacavalli"), node("person/_ubaldo-sferracavalli")
    after = graph(tmp_path / "both")
    assert stays in after.all_nodes()
    assert gone not in after.all_nodes()


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ([SAME], SAME.replace("same", "different", 1)),
        (
            [row("same", "one?", "person/_uno", "person/_due"), row("same", "one?", "person/_due", "person/_tre")],
            row("different", "one?", "person/_uno", "person/_tre"),
        ),
    ],
)
def test_builds_that_were_decided_otherwise_are_not_merged(
    there: list[str], here: str, known: Gazetteer, tmp_path: Path
) -> None:
    one, other = build(tmp_path / "one", monday().extraction), build(tmp_path / "other", tuesday().extraction)
    decisions.keep(decisions.read(filled_in(tmp_path, *there), known), one)
    decisions.keep(decisions.read(filled_in(tmp_path, here), known), other)
    with pytest.raises(InputError, match="other: decided otherwise than the builds before it"):
        pipeline.merge([one, other], tmp_path / "both", nobody())
    with journal.seen(tmp_path / "both") as kept:
        assert not kept.ids()


def test_what_was_decided_for_the_merged_build_itself_wins(known: Gazetteer, tmp_path: Path) -> None:
    other = build(tmp_path / "other", tuesday().extraction)
    decisions.keep(decisions.read(filled_in(tmp_path, SAME), known), other)
    both = build(tmp_path / "both", monday().extraction)
    decisions.keep(decisions.read(filled_in(tmp_path, SAME.replace("same", "different", 1)), known), both)
    pipeline.merge([other], both, nobody())
    assert {node("person/_ubaldo-sferacavalli"), node("person/_ubaldo-sferracavalli")} <= graph(both).all_nodes()


def test_another_one_is_another_one_in_the_articles_of_both_builds(known: Gazetteer, tmp_path: Path) -> None:
    one = build(tmp_path / "one", wednesday().extraction)
    later = replace(wednesday().extraction, article=replace(wednesday().article, id="sunday"))
    claims = tuple(
        replace(claim, evidence=tuple(replace(piece, article="sunday") for piece in claim.evidence))
        for claim in later.claims
    )
    other = build(tmp_path / "other", replace(later, claims=claims))
    for folder, day in ((one, "wednesday"), (other, "sunday")):
        ruling = row("different", "two?", "person/roberto-mancini", "", day)
        decisions.keep(decisions.read(filled_in(tmp_path, ruling), known), folder)
    pipeline.merge([one, other], tmp_path / "both", nobody())
    nodes = graph(tmp_path / "both").all_nodes()
    assert node("person/_roberto-mancini-2") in nodes
    assert node("person/roberto-mancini") not in nodes


def test_a_file_that_contradicts_what_was_decided_before_is_refused(known: Gazetteer, tmp_path: Path) -> None:
    folder = build(tmp_path / "build", *week())
    first = (row("same", "one?", "person/_uno", "person/_due"), row("same", "one?", "person/_due", "person/_tre"))
    decisions.keep(decisions.read(filled_in(tmp_path, *first), known), folder)
    with pytest.raises(InputError, match="not as was decided there before"):
        second = row("different", "one?", "person/_uno", "person/_tre")
        decisions.keep(decisions.read(filled_in(tmp_path, second), known), folder)


def nobody() -> Reader:
    """A reader that is not asked to read: all that it is shown was read by its like."""
    reader = newsroom.rules_reader(newsroom.Nobody())
    reader.versions = VERSIONS
    return reader


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        ([row("perhaps", "who?", "person/_x")], "line 2: 'perhaps' is neither"),
        ([row("same", "one?", "person/_x", "club/_x")], "line 2: .* not of one kind"),
        ([row("club/roma", "who?", "person/_x")], "line 2: .* of another kind"),
        ([row("person/nobody-at-all", "who?", "person/_x")], "line 2: .* not in the gazetteer"),
        ([row("same", "why?", "person/_x", "person/_y")], "line 2: kind 'why\\?'"),
        ([SAME, SAME.replace("same", "different", 1)], "line 3: .* different here"),
        ([row("same", "one?", "person/../../x", "person/_y")], "line 2: 'person/../../x' is neither"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_with_its_line(
    rows: list[str], hint: str, known: Gazetteer, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=hint) as error:
        decisions.read(filled_in(tmp_path, *rows), known)
    assert "review.tsv" in str(error.value)


def test_rows_left_empty_decide_nothing(known: Gazetteer, tmp_path: Path) -> None:
    assert decisions.read(filled_in(tmp_path, SAME.replace("same", "", 1)), known) == ()


def test_a_file_that_is_no_review_is_refused(known: Gazetteer, tmp_path: Path) -> None:
    (tmp_path / "other.tsv").write_text("name\tclub\nTotti\tRoma\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1: the header lacks"):
        decisions.read(tmp_path / "other.tsv", known)
    (tmp_path / "broken.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        decisions.read(tmp_path / "broken.tsv", known)


# Who is it -----------------------------------------------------------------------------------------------


def test_who_tells_namesakes_apart_and_where_they_occur(known: Gazetteer) -> None:
    found = {one.id: one for one in who.who("Mancini", known, week())}
    assert {"person/roberto-mancini", "person/amantino-mancini", "person/gianluca-mancini"} <= set(found)
    assert found["person/roberto-mancini"].articles == ("wednesday",)
    assert "coach" in found["person/roberto-mancini"].roles
    assert "Sampdoria" in found["person/roberto-mancini"].clubs
    assert next(iter(found)) == "person/roberto-mancini"  # met in an article: before the rest


def test_who_knows_those_whom_the_gazetteer_does_not(known: Gazetteer) -> None:
    (found,) = who.who("Sferracavalli", known, week())
    assert (found.id, found.articles, found.clubs) == ("person/_ubaldo-sferracavalli", ("monday",), ("Roma",))


def test_who_understands_epithets(known: Gazetteer) -> None:
    assert "club/real-madrid" in {one.id for one in who.who("Blancos", known)}


def test_the_commands_from_doubt_to_decision(
    tmp_path: Path, known: Gazetteer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(build(tmp_path / "build", *week()))
    assert cli.main(["review", folder]) == 0
    asked = capsys.readouterr().out.splitlines()
    assert asked[0].split("\t") == list(decisions.COLUMNS)
    answered = [asked[0], "same" + asked[1]]
    file = tmp_path / "review.tsv"
    file.write_text("\n".join(answered), encoding="utf-8")
    decisions.keep(decisions.read(file, known), Path(folder))
    assert cli.main(["review", folder]) == 0
    assert "one?" not in capsys.readouterr().out
    assert cli.main(["who", "Sferracavalli", "--build", folder]) == 0
    assert "in 2 articles: monday, tuesday" in capsys.readouterr().out
    assert cli.main(["who", "Xyzzy", "--build", folder]) == 2
    assert "nobody and nothing" in capsys.readouterr().err
