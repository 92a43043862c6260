"""Many processes read what one reads: the same bytes, also where some of them die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import newsroom
import psutil
import pytest
from newsroom import Deadly, rules_reader

from kg import gold, journal, pipeline
from kg.model import Article
from kg.parse import Parser
from kg.pipeline import GRAPH, PAGE, Reader
from kg.workers import Pool, Task

TRAIN = Path(__file__).parent / "gold" / "train" / "wa.jsonl"


def outputs(folder: Path) -> tuple[bytes, bytes]:
    return (folder / GRAPH).read_bytes(), (folder / PAGE).read_bytes()


@pytest.fixture(scope="module")
def found() -> list[Article]:
    """Short articles of our own and long ones as printed: they come to an end in another order than they began."""
    printed = sorted((one.article for one in gold.read([TRAIN])), key=lambda article: len(article.text))
    return [printed[8], *newsroom.articles(4), printed[0]]


@pytest.fixture(scope="module")
def alone(found: list[Article], parser: Parser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build made by one process."""
    folder = tmp_path_factory.mktemp("alone")
    pipeline.build(found, folder, rules_reader(parser))
    return folder


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Reader(method="rules"), 2) as two:
        yield two


def test_the_encoder_remembers_no_sentence_of_the_article_before(parser: Parser) -> None:
    """Vectors differ in the last digits by what else was encoded with them: a parse must not depend on its past."""
    one, other = newsroom.articles(2)
    encoder = parser.pack.pipeline.foundation_cache.bert["kg-encoder"].model
    parser.parse(one)
    alone = set(encoder._known)
    parser.parse(other)
    parser.parse(one)
    assert alone
    assert set(encoder._known) == alone


def test_two_workers_give_the_bytes_of_one_and_bring_old_readings_up_to_date(
    found: list[Article], alone: Path, pool: Pool, tmp_path: Path
) -> None:
    seen: list[str] = []
    reader = Reader(method="rules")
    summary = pipeline.build(found, tmp_path, reader, read=pool, progress=lambda article: seen.append(article.id))
    assert outputs(tmp_path) == outputs(alone)
    assert sorted(seen) == sorted(article.id for article in found)
    assert (summary.read, summary.words > 0, summary.refused) == (len(found), True, ())
    with journal.opened(tmp_path) as kept, kept._connection:
        kept._connection.execute("UPDATE article SET rules = 'older' WHERE id LIKE 'g0%'")
    assert pipeline.build((), tmp_path, reader, read=pool).renewed == 4
    assert outputs(tmp_path) == outputs(alone)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(found: list[Article], alone: Path, pool: Pool, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_one(article: Article) -> None:
        if not killed:
            assert pool._executor is not None
            killed.extend(list(pool._executor._processes)[:1])
            os.kill(killed[0], signal.SIGKILL)

    summary = pipeline.build(found, tmp_path, Reader(method="rules"), read=pool, progress=kill_one)
    assert killed
    assert (summary.read, summary.refused) == (len(found), ())
    assert outputs(tmp_path) == outputs(alone)


def test_an_article_that_is_fatal_to_its_process_is_left_out_and_the_next_is_taken(parser: Parser) -> None:
    fatal = [replace(article, source=Deadly("a.txt")) for article in newsroom.articles(2)]
    with Pool(rules_reader(parser), 2) as pool:
        done = list(pool(map(Task, fatal)))
    assert sorted(each.task.article.id for each in done) == ["g00", "g01"]
    assert all(each.row is None and "died 2 times" in each.failure for each in done)


SCRIPT = """
import newsroom
from kg.pipeline import Reader
from kg.workers import Pool, Task

if __name__ == "__main__":
    with Pool(Reader(method="rules"), 1) as pool:
        for done in pool(map(Task, newsroom.articles(5000))):
            print(*pool._executor._processes, flush=True)
"""


@pytest.mark.slow
def test_workers_do_not_outlive_a_build_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment) as driver:
        assert driver.stdout is not None
        worker = psutil.Process(int(driver.stdout.readline()))
        driver.kill()
    # it has nothing left to wait for: should it live on, the run of tests says so by not coming to an end
    while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.1)
