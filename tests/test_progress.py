"""How far a build is: rate and time left, for people and for programs."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest

from kg import cli, progress
from kg.progress import Pace


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_rate_and_the_time_left() -> None:
    an_hour_ago = time.monotonic() - 3600
    assert str(Pace(None, 36_000, an_hour_ago)) == "10.0 a second"
    assert str(Pace(54_000, 36_000, an_hour_ago)) == "10.0 a second, 30 min left"
    assert str(Pace(360, 90, an_hour_ago)) == "40.0 s each, 3 h 0 min left"
    assert str(Pace(90, 90, an_hour_ago)) == "40.0 s each"
    assert Pace(10).left is None


def test_few_articles_are_counted_and_many_are_not_held_in_memory() -> None:
    few, count = progress.counted(iter("abc"))
    assert (list(few), count) == (["a", "b", "c"], 3)
    many, count = progress.counted(itertools.count())
    assert count is None
    assert list(itertools.islice(many, 5_000)) == list(range(5_000))


def test_programs_are_told_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.bar(2, log_json=True) as shown:
        shown.advance("2025-03-31-roma")
        shown.say("b.txt: empty\x1b[2J")
    read, note = lines(capsys.readouterr().err)
    assert (read["event"], read["article"], read["done"], read["total"]) == ("read", "2025-03-31-roma", 1, 2)
    assert isinstance(read["seconds_left"], float)
    assert note == {"event": "note", "line": "b.txt: empty\x1b[2J"}


def test_what_is_left_out_is_told_in_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["build", str(tmp_path / "no.txt"), "-o", str(tmp_path / "build"), "--log-json"]) == 2
    note, *_ = capsys.readouterr().err.splitlines()
    assert json.loads(note)["line"].endswith("no.txt: no such file or folder; check the path")


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5"])
def test_workers_are_a_number(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["build", "a.txt", f"--workers={number}"])
    assert "number of processes" in capsys.readouterr().err
