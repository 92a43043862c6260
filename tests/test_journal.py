"""A build that is never lost: whatever happens between the first article and the last, the graph comes out the same."""

from __future__ import annotations

import ast
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from desk import Story
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newsroom import Nobody, Remembered, articles, in_a_process, rules_reader

import kg
from kg import journal, lock, pipeline, statements, turtle
from kg.cli import main
from kg.errors import GraphError
from kg.journal import Journal, Versions
from kg.model import Article, Document, Extraction
from kg.pipeline import Reader

V1 = Versions("pack 1", "rules 1", "gazetteer 1")


@pytest.fixture(scope="session")
def desk_reader(reader: Callable[[str, str], Document]) -> Reader:
    """The shipped rules, with the session's Stanza pack."""
    return rules_reader(Remembered(reader))


def keep(folder: Path, extractions: Iterable[Extraction], versions: Versions = V1) -> None:
    with journal.opened(folder) as kept:
        for extraction in extractions:
            kept.put(Document(extraction.article, (), ()), extraction, versions)


def graph_in(folder: Path) -> str:
    with journal.seen(folder) as kept:
        return turtle.dumps(statements.graph_of(kept.extractions()))


def outputs(folder: Path) -> tuple[bytes, bytes]:
    return (folder / pipeline.GRAPH).read_bytes(), (folder / pipeline.PAGE).read_bytes()


STORIES = [
    Story("a").says("Ancelotti allena il Real Madrid.", "Carlo Ancelotti", "coaches", "Real Madrid", to="Marca"),
    Story("b", "2025-04-01").says("Ancelotti non allena più.", "Carlo Ancelotti", "coaches", "Real Madrid", "Denied"),
    Story("c").says("Mancini ha giocato nella Roma.", "Amantino Mancini", "playsFor", "Roma", tense="Past"),
    Story("d").says("La Roma vuole Ancelotti.", "Carlo Ancelotti", "candidateFor", "Roma", by="Luca Toni"),
    Story("e", "").says("Mancini gioca nella Roma.", "Amantino Mancini", "playsFor", "Roma"),
]
WIRE = " ".join(f"La notizia numero {n} dice che la trattativa va avanti da giorni senza esito." for n in range(20))
STORIES += [
    Story(name, day, f"Titolo {name}").says(f"Toni lascia la Roma. {WIRE}", "Luca Toni", "leaves", "Roma")
    for name, day in (("wire-1", "2025-04-02"), ("wire-2", "2025-04-03"))
]
EXTRACTIONS = [story.extraction for story in STORIES]


# The graph is a function of the journal ------------------------------------------------------------------


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path, desk_reader: Reader) -> None:
    article = replace(articles(2)[1], source="carta\ud800.txt")
    document = desk_reader.parser.parse(article)
    extraction = desk_reader.claims(desk_reader.reading(document))
    assert extraction.claims
    with journal.opened(tmp_path) as kept:
        kept.put(document, extraction, V1)
        assert kept.document(article, V1.pack) == document
        assert list(kept.extractions()) == [extraction]
        assert kept.article(article.id) == article
        assert kept.document(replace(article, text="altro"), V1.pack) is None
        assert kept.document(article, "pack 2") is None


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_and_any_number_of_runs_give_the_same_bytes(tmp_path: Path, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(range(len(EXTRACTIONS))), min_size=1))
    folders = []
    for name in ("one", "other"):
        folder = tmp_path / name
        shutil.rmtree(folder, ignore_errors=True)
        folders.append(folder)
        order = data.draw(st.permutations(sorted(chosen)))
        cuts = data.draw(st.sets(st.integers(1, len(order))))
        for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(order)], strict=True):
            keep(folder, [EXTRACTIONS[number] for number in order[start:end]])
    assert graph_in(folders[0]) == graph_in(folders[1])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_taken_out_was_never_there_and_parts_add_up(tmp_path: Path, data: st.DataObject) -> None:
    whole = range(len(EXTRACTIONS))
    some = data.draw(st.sets(st.sampled_from(whole), min_size=1))
    rest = set(whole) - some
    for name, numbers in (("some", some), ("rest", rest), ("whole", whole), ("merged", ())):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
        keep(tmp_path / name, [EXTRACTIONS[number] for number in numbers])
    with journal.opened(tmp_path / "merged") as kept:
        for name in data.draw(st.permutations(["some", "rest"])):
            with journal.seen(tmp_path / name) as other:
                assert list(kept.take(other)) == []
    assert graph_in(tmp_path / "merged") == graph_in(tmp_path / "whole")
    with journal.opened(tmp_path / "whole") as kept:
        assert all(kept.remove(EXTRACTIONS[number].article.id) for number in rest)
    assert graph_in(tmp_path / "whole") == graph_in(tmp_path / "some")


SCRIPT = """
import sys
from pathlib import Path
from kg import journal, pipeline
class Nobody:
    def parse(self, article): raise AssertionError(article.id)
reader = pipeline.Reader(method="rules")
reader.parser = Nobody()
pipeline.build((), Path(sys.argv[1]), reader)
"""


def rebuilt_under(seed: str, folder: Path) -> tuple[bytes, bytes]:
    with journal.opened(folder) as kept, kept._connection:
        kept._connection.execute("UPDATE article SET rules = 'older'")
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    subprocess.run([sys.executable, "-c", SCRIPT, str(folder)], check=True, env=environment)
    return outputs(folder)


def test_another_hash_seed_gives_the_same_bytes(tmp_path: Path, desk_reader: Reader) -> None:
    pipeline.build(articles(5), tmp_path, desk_reader)
    assert rebuilt_under("42", tmp_path) == outputs(tmp_path)


@pytest.mark.slow
def test_six_hash_seeds_give_the_same_bytes(tmp_path: Path, desk_reader: Reader) -> None:
    pipeline.build(articles(20), tmp_path, desk_reader)
    before = outputs(tmp_path)
    assert {rebuilt_under(seed, tmp_path) for seed in ("0", "1", "2", "3", "1000", "4294967295")} == {before}


# Conflicts, spells, now ----------------------------------------------------------------------------------


def test_two_articles_that_disagree_give_two_statements_whichever_is_newer(tmp_path: Path) -> None:
    keep(tmp_path, EXTRACTIONS[:2])
    text = graph_in(tmp_path)
    assert text.count("rdf:predicate fb:coaches") == 2
    assert "fb:modality fb:Asserted" in text
    assert "fb:modality fb:Denied" in text


def test_two_spells_at_one_club_stay_two(tmp_path: Path) -> None:
    keep(tmp_path, [EXTRACTIONS[2], EXTRACTIONS[4]])
    assert graph_in(tmp_path).count("rdf:predicate fb:playsFor") == 2


def test_nobody_asks_what_day_it_is_today() -> None:
    """«Now» is the article's date: a graph built tomorrow is the one built today."""
    clocks = {"today", "now", "utcnow", "localtime", "gmtime", "ctime"}
    asked = [
        (path.name, node.lineno)
        for path in sorted(Path(kg.__file__).parent.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in clocks
    ]
    assert asked == []


# What is read again, and what is not ---------------------------------------------------------------------


def test_only_what_is_new_or_changed_is_read(tmp_path: Path, desk_reader: Reader) -> None:
    first, second, third = articles(3)
    assert pipeline.build([first, second], tmp_path, desk_reader).read == 2
    changed = replace(second, text=second.text.replace(second.title, second.title) + " Punto e basta.")
    summary = pipeline.build([first, changed, third], tmp_path, desk_reader)
    assert (summary.read, summary.kept, summary.articles) == (2, 1, 3)
    pipeline.build([third, changed, first], tmp_path / "at once", desk_reader)
    assert outputs(tmp_path) == outputs(tmp_path / "at once")


def test_changed_rules_extract_again_without_parsing_and_a_changed_pack_parses(
    tmp_path: Path, desk_reader: Reader
) -> None:
    pipeline.build(articles(3), tmp_path, desk_reader)
    before = outputs(tmp_path)
    with journal.opened(tmp_path) as kept, kept._connection:
        kept._connection.execute("UPDATE article SET rules = 'older', extraction = extraction")
    again = rules_reader(Nobody(), desk_reader)
    assert pipeline.build((), tmp_path, again).renewed == 3
    assert outputs(tmp_path) == before
    with journal.opened(tmp_path) as kept, kept._connection:
        kept._connection.execute("UPDATE article SET pack = 'older' WHERE id = 'g01'")
    with pytest.raises(AssertionError, match="g01 was parsed again"):
        pipeline.build((), tmp_path, again)
    assert pipeline.build((), tmp_path, desk_reader).renewed == 1
    assert outputs(tmp_path) == before


def test_an_article_added_brings_the_older_ones_up_to_date(tmp_path: Path, desk_reader: Reader) -> None:
    one, two = articles(2)
    pipeline.build([one], tmp_path / "grown", desk_reader)
    with journal.opened(tmp_path / "grown") as kept:
        empty = replace(next(kept.extractions()), claims=(), entities=())
        old = replace(desk_reader.versions, rules="older")
        kept.put(desk_reader.parser.parse(one), empty, old)
    pipeline.build([two], tmp_path / "grown", desk_reader)
    pipeline.build([two, one], tmp_path / "at once", desk_reader)
    assert outputs(tmp_path / "grown") == outputs(tmp_path / "at once")


def test_versions_follow_rules_tables_and_method(tmp_path: Path) -> None:
    base = Reader(method="rules").versions
    assert Reader(method="rules").versions == base
    (tmp_path / "people.tsv").write_text("id\tlabel\n", encoding="utf-8")
    mine = Reader(extra=tmp_path, method="rules").versions
    assert (mine.pack, mine.rules) == (base.pack, base.rules)
    assert mine.gazetteer != base.gazetteer
    assert Reader(method="both").versions.rules != base.rules


def test_merging_builds_is_building_at_once(tmp_path: Path, desk_reader: Reader) -> None:
    found = articles(6)
    for name, part in (("a", found[:3]), ("b", found[2:]), ("whole", found)):
        pipeline.build(part, tmp_path / name, desk_reader)
    summary = pipeline.merge([tmp_path / "b", tmp_path / "a"], tmp_path / "both", rules_reader(Nobody(), desk_reader))
    assert (summary.articles, summary.refused) == (6, ())
    assert outputs(tmp_path / "both") == outputs(tmp_path / "whole")
    pipeline.remove([article.id for article in found[3:]], tmp_path / "both")
    assert outputs(tmp_path / "both") == outputs(tmp_path / "a")


def test_another_text_under_one_id_is_refused_when_builds_are_merged(tmp_path: Path, desk_reader: Reader) -> None:
    other = Story("a").says("Ancelotti allena la Roma.", "Carlo Ancelotti", "coaches", "Roma")
    versions = desk_reader.versions
    keep(tmp_path / "one", EXTRACTIONS[:1], versions)
    keep(tmp_path / "two", [other.extraction], versions)
    summary = pipeline.merge(
        [tmp_path / "one", tmp_path / "two"], tmp_path / "both", rules_reader(Nobody(), desk_reader)
    )
    assert [refused.source for refused in summary.refused] == [str(tmp_path / "two")]
    assert graph_in(tmp_path / "both") == graph_in(tmp_path / "one")


# Two at once, and the dead -------------------------------------------------------------------------------


def test_a_second_build_in_the_folder_is_told_who_is_at_work(tmp_path: Path) -> None:
    with lock.locked(tmp_path):
        assert in_a_process(lambda: keep(tmp_path, EXTRACTIONS)) != 0
        with pytest.raises(GraphError, match=f"process {os.getpid()}.*is at work"), lock.locked(tmp_path):
            pass
    keep(tmp_path, EXTRACTIONS[:1])


def test_a_killed_owner_leaves_no_lock(tmp_path: Path) -> None:
    def hold() -> None:
        with lock.locked(tmp_path):
            (tmp_path / "held").touch()
            time.sleep(60)

    assert in_a_process(hold, 0.5) == -9
    assert (tmp_path / "held").exists()
    keep(tmp_path, EXTRACTIONS[:1])


def test_the_build_can_be_looked_at_while_it_is_written(tmp_path: Path) -> None:
    keep(tmp_path, EXTRACTIONS[:2])
    with journal.opened(tmp_path) as kept:
        kept.put(Document(EXTRACTIONS[2].article, (), ()), EXTRACTIONS[2], V1)
        with journal.seen(tmp_path) as other:
            assert other.ids() == ("a", "b", "c")


def killed_and_resumed(found: list[Article], kills: int, folder: Path, reader: Reader) -> set[tuple[bytes, bytes]]:
    """Kills so many builds at random moments; the outputs of all that were resumed, and of one left alone."""
    _ = reader.gazetteer, reader.grammar, reader.versions
    started = time.monotonic()
    pipeline.build(found, folder / "alone", reader)
    lasts = time.monotonic() - started
    seen = {outputs(folder / "alone")}
    chance = random.Random(kills)
    for number in range(kills):
        torn = folder / str(number)
        in_a_process(lambda torn=torn: pipeline.build(found, torn, reader), chance.uniform(0, lasts))
        for name in (pipeline.GRAPH, pipeline.PAGE):
            if (torn / name).exists():
                assert (torn / name).read_bytes() == (folder / "alone" / name).read_bytes()
        pipeline.build(found, torn, reader)
        seen.add(outputs(torn))
        assert not list(torn.glob(".graph*"))
        shutil.rmtree(torn)
    return seen


def test_a_build_killed_at_any_moment_goes_on_where_it_was(tmp_path: Path, desk_reader: Reader) -> None:
    assert len(killed_and_resumed(articles(6), 4, tmp_path, desk_reader)) == 1


@pytest.mark.slow
def test_a_hundred_kills_in_a_build_of_fifty_articles(tmp_path: Path, desk_reader: Reader) -> None:
    assert len(killed_and_resumed(articles(50), 100, tmp_path, desk_reader)) == 1


def test_what_was_read_before_the_kill_is_not_read_again(tmp_path: Path, desk_reader: Reader) -> None:
    found = articles(4)

    def stop_before_the_last() -> None:
        pipeline.build(found, tmp_path, desk_reader, progress=lambda article: article.id != "g02" or os._exit(9))

    assert in_a_process(stop_before_the_last) == 9
    summary = pipeline.build(found, tmp_path, desk_reader)
    assert (summary.read, summary.kept) == (1, 3)


# Full disks and torn files -------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [3_000, 40_000, 300_000])
def test_a_full_disk_is_said_in_one_line_and_loses_nothing(room: int, tmp_path: Path, desk_reader: Reader) -> None:
    """No file may grow beyond some size: first the journal, then the graph, then the page meets the limit."""
    found = articles(6)
    pipeline.build(found, tmp_path / "alone", desk_reader)

    def cramped() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        with pytest.raises(GraphError, match=r"written|full"):
            pipeline.build(found, tmp_path / "cramped", desk_reader)

    assert in_a_process(cramped) == 0
    with journal.opened(tmp_path / "cramped") as kept:
        before = len(kept.ids())
    summary = pipeline.build(found, tmp_path / "cramped", desk_reader)
    assert summary.kept == before
    assert outputs(tmp_path / "cramped") == outputs(tmp_path / "alone")


def damaged(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "half":
        del data[len(data) // 2 :]
    elif how == "no pages":
        del data[100:]
    elif how == "scribbled":
        data[len(data) // 2 : len(data) // 2 + 9_000] = os.urandom(9_000)
    else:
        data[:] = b"this is no database" * 100
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["half", "no pages", "scribbled", "foreign"])
def test_a_torn_journal_is_put_aside_and_what_is_left_of_it_kept(how: str, tmp_path: Path) -> None:
    many = [
        Story(f"n{number:03}", text_of_day).says("Toni lascia la Roma.", "Luca Toni", "leaves", "Roma").extraction
        for number in range(150)
        for text_of_day in [f"2025-04-{number % 28 + 1:02}"]
    ]
    keep(tmp_path, many)
    whole = graph_in(tmp_path)
    damaged(tmp_path / journal.FILE, how)
    with journal.opened(tmp_path) as kept:
        assert "damaged" in kept.recovered
        rescued = len(kept.ids())
    if how in ("half", "scribbled"):
        assert rescued > 30
    assert list(tmp_path.glob("journal.sqlite.damaged-1"))
    keep(tmp_path, many)
    assert graph_in(tmp_path) == whole
    with journal.opened(tmp_path) as kept:
        assert kept.recovered == ""


def test_one_row_that_rotted_is_left_out_and_the_others_kept(tmp_path: Path) -> None:
    keep(tmp_path, EXTRACTIONS)
    connection = sqlite3.connect(tmp_path / journal.FILE)
    with connection:
        connection.execute("UPDATE article SET extraction = x'00' WHERE id = 'b'")
    connection.close()
    with pytest.raises(GraphError, match="damaged"):
        graph_in(tmp_path)
    with journal.opened(tmp_path) as kept:
        assert "b" not in kept.ids()
        assert len(kept.ids()) == len(EXTRACTIONS) - 1


def test_a_torn_log_beside_the_journal_costs_the_last_article_at_most(tmp_path: Path) -> None:
    def killed_while_open() -> None:
        with journal.opened(tmp_path) as kept:
            for extraction in EXTRACTIONS:
                kept.put(Document(extraction.article, (), ()), extraction, V1)
            os._exit(0)

    in_a_process(killed_while_open)
    log = Path(f"{tmp_path / journal.FILE}-wal")
    data = log.read_bytes()
    log.write_bytes(data[: len(data) - 700])
    with journal.opened(tmp_path) as kept:
        assert kept.recovered == ""
        assert len(kept.ids()) >= len(EXTRACTIONS) - 1


def test_torn_outputs_are_written_again(tmp_path: Path, desk_reader: Reader) -> None:
    pipeline.build(articles(2), tmp_path, desk_reader)
    whole = outputs(tmp_path)
    for name in (pipeline.GRAPH, pipeline.PAGE):
        (tmp_path / name).write_bytes(b"@prefix fb: <htt")
        (tmp_path / f".{name}.half.part").touch()
    pipeline.build((), tmp_path, desk_reader)
    assert outputs(tmp_path) == whole
    assert not list(tmp_path.glob(".graph*"))


def test_a_journal_of_another_kg_is_left_alone(tmp_path: Path) -> None:
    keep(tmp_path, EXTRACTIONS[:1])
    connection = sqlite3.connect(tmp_path / journal.FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(GraphError, match="another version of kg"), journal.opened(tmp_path):
        pass


def test_a_read_only_folder_can_be_looked_at_and_not_built_in(tmp_path: Path) -> None:
    keep(tmp_path, EXTRACTIONS[:1])
    tmp_path.chmod(0o500)
    try:
        with journal.seen(tmp_path) as kept:
            assert kept.ids() == ("a",)
    finally:
        tmp_path.chmod(0o700)


# On the command line -------------------------------------------------------------------------------------


def test_status_remove_merge_and_rebuild(
    tmp_path: Path, desk_reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    found = articles(3)
    pipeline.build(found[:2], tmp_path / "one", desk_reader)
    pipeline.build(found[2:], tmp_path / "two", desk_reader)
    assert main(["merge", str(tmp_path / "one"), str(tmp_path / "two"), "-o", str(tmp_path / "all")]) == 0
    assert main(["status", str(tmp_path / "all")]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines() if line.startswith("g0")]
    assert [(row[0], row[1], row[3]) for row in rows] == [(a.id, a.date, a.title) for a in found]
    assert main(["remove", str(tmp_path / "all"), "g02", "g99"]) == 1
    assert "g99: no article" in capsys.readouterr().err
    assert outputs(tmp_path / "all") == outputs(tmp_path / "one")
    (tmp_path / "all" / pipeline.GRAPH).unlink()
    assert main(["rebuild", str(tmp_path / "all")]) == 0
    assert outputs(tmp_path / "all") == outputs(tmp_path / "one")
    assert main(["status", str(tmp_path / "none")]) == 2


def test_what_was_inferred_goes_with_the_graph_it_was_inferred_from(tmp_path: Path, desk_reader: Reader) -> None:
    pipeline.build(articles(2), tmp_path, desk_reader)
    inferred = pipeline.infer(tmp_path)
    assert "fb:coachedBy" in inferred.read_text(encoding="utf-8")
    pipeline.remove(["g00"], tmp_path)
    assert not inferred.exists()


def test_validate_prints_the_sentences_at_fault_and_build_a_line(
    tmp_path: Path, desk_reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    two = [
        replace(articles(2)[1], id=name, text=f"{name} allena il Milan.", title="") for name in ("Ancelotti", "Pioli")
    ]
    summary = pipeline.build(two, tmp_path, desk_reader)
    assert summary.checked.startswith("0 errors, 1 warning; most of them: two head coaches of one side at a time")
    assert main(["validate", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "two head coaches of one side at a time" in said
    assert "«Pioli allena il Milan.»" in said
    graph = tmp_path / pipeline.GRAPH
    graph.write_text(graph.read_text(encoding="utf-8").replace("Pioli allena", "Conte allena"), encoding="utf-8")
    assert main(["validate", str(tmp_path)]) == 1
    assert "the article does not say this sentence there" in capsys.readouterr().out


def test_add_reads_as_the_folder_was_built(tmp_path: Path, desk_reader: Reader) -> None:
    pipeline.build(articles(1), tmp_path, desk_reader)
    assert pipeline.reader_of(tmp_path).settings == desk_reader.settings
    assert pipeline.reader_of(tmp_path, method="model").settings["reader"] == "model"
    with pytest.raises(GraphError, match="no build of kg"):
        pipeline.reader_of(tmp_path / "none")


def test_a_folder_in_which_nothing_was_read_yet_says_so(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / journal.FILE).close()
    (tmp_path / journal.FILE).touch()
    with pytest.raises(GraphError, match="nothing was read here yet"), journal.seen(tmp_path):
        pass
    keep(tmp_path, EXTRACTIONS[:1])
    with journal.seen(tmp_path) as kept:
        assert kept.ids() == ("a",)


def test_a_stopped_run_shows_in_the_status(
    tmp_path: Path, desk_reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.build(articles(1), tmp_path, desk_reader)
    keep(tmp_path, EXTRACTIONS[:1])
    assert main(["status", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "older than what was read" in said
    assert "different versions" in said


def test_a_journal_knows_nothing_of_what_it_does_not_hold(tmp_path: Path) -> None:
    with journal.opened(tmp_path) as kept:
        assert isinstance(kept, Journal)
        assert not kept.remove("z")
        assert kept.article("z") is None
        assert kept.setting("reader") == ""
