"""Reading: kg from text to Turtle beside plain Stanza with all processors, by stage, with workers, from a cold start.

    make bench                  some minutes of one core; writes its part of docs/benchmarks.md
    python benchmarks/bench_read.py --articles 6 --rounds 2

CPU seconds of the processes themselves are counted, not the clock, so that other work on the machine matters less; only
the ratios of one run say something. Both read the same articles with the same pack, opened before and warmed by one
article; they take turns, and who begins changes from round to round.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from kg import claims, coreference, gold, pipeline, statements, turtle, view, workers
from kg.learned.network import has_half
from kg.model import Article, Extraction
from kg.pipeline import Reader
from kg.stanza_pack import SHIPPED

HERE = Path(__file__).resolve().parent.parent
PAGE = HERE / "docs" / "benchmarks.md"
PLAIN = "plain Stanza, all processors"
BEGIN, END = "<!-- reading: written by make bench -->", "<!-- end of reading -->"


def chosen(count: int) -> list[Article]:
    """So many articles of the annotated ones, always the same."""
    found = [one.article for one in gold.read([HERE / "tests" / "gold" / "train"])]
    return found[:: max(1, len(found) // count)][:count]


def words_in(articles: list[Article]) -> int:
    """Words between blanks, the same count for all contenders."""
    return sum(len(article.text.split()) for article in articles)


def cpu(work: Callable[[], object]) -> float:
    """The CPU seconds that something takes in this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


# kg beside plain Stanza ----------------------------------------------------------------------------------


def plain_stanza(*, remembering: bool = False) -> Callable[[str], Any]:
    """What anybody has who opens the same pack with Stanza: tokens, tags, lemmas, trees and names of a text.

    Stanza's tagger, parser and name tagger each ask the encoder anew, in batches filled up to the longest sentence;
    with `remembering` they are given kg's, which packs sentences and answers the same words a second time from memory.
    Trees are found by Stanza's own search in both.
    """
    import stanza
    from stanza.models.common.chuliu_edmonds import chuliu_edmonds_one_root
    from stanza.models.depparse import model

    from kg.encoder import NAME, foundation

    cache = foundation(SHIPPED / "it" / "encoder")
    encoder = cache.bert[NAME].model
    if not remembering:
        cache.bert[NAME] = cache.bert[NAME]._replace(model=encoder.bert)
    read = stanza.Pipeline(
        "it", dir=str(SHIPPED), package="kg-context", processors="tokenize,mwt,pos,lemma,depparse,ner",
        foundation_cache=cache, download_method=None, use_gpu=False, verbose=False,
    )  # fmt: skip

    def of(text: str) -> Any:
        encoder.forget()  # what it knows from the round before
        with mock.patch.object(model, "chuliu_edmonds_one_root", chuliu_edmonds_one_root):
            return read(text)

    return of


def build_with(reader: Reader, articles: list[Article]) -> None:
    """All that kg build does: journal, graph as Turtle, page, check of shapes."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline.build(articles, Path(folder) / "build", reader)


def beside_stanza(articles: list[Article], rounds: int) -> Iterator[str]:
    """A table of kg, as it is and with its switches, beside plain Stanza."""
    contenders: dict[str, Callable[[list[Article]], object]] = {}
    for name, rival in (
        (PLAIN, plain_stanza()),
        ("plain Stanza with kg's encoder", plain_stanza(remembering=True)),
    ):
        contenders[name] = lambda some, rival=rival: [rival(article.text) for article in some]
    readers = {"kg, text to Turtle and page": Reader(), "kg --reader rules": Reader(method="rules")}
    if has_half():
        readers["kg --half"] = Reader(half=True)
    else:
        print("kg --half left out: this processor has no half precision", flush=True)
    for name, reader in readers.items():
        contenders[name] = lambda some, reader=reader: build_with(reader, some)
    for work in contenders.values():
        work(articles[:1])
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        order = list(contenders)[:: 1 if number % 2 == 0 else -1]
        for name in order:
            times[name].append(cpu(lambda name=name: contenders[name](articles)))
    yield "| | CPU seconds a round | words a CPU second | times plain Stanza's speed |"
    yield "|---|---:|---:|---:|"
    base = times[PLAIN]
    for name, row in times.items():
        ratios = [one / other for one, other in zip(base, row, strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        speed = words_in(articles) / statistics.median(row)
        yield f"| {name} | {statistics.median(row):.1f} | {speed:.0f} | {spread} |"


# Stages --------------------------------------------------------------------------------------------------


@contextmanager
def counted(into: Counter[str], *places: tuple[Any, str, str]) -> Iterator[None]:
    """Adds the CPU seconds spent in some methods (object, name, label) while this is open."""
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    for owner, name, label in places:
        setattr(owner, name, _timed(getattr(owner, name), into, label))
    try:
        yield
    finally:
        for owner, name, work in kept:
            setattr(owner, name, work)


def _timed(work: Callable[..., Any], into: Counter[str], label: str) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        started = time.process_time()
        try:
            return work(*given, **named)
        finally:
            into[label] += time.process_time() - started

    return timed


def stages(articles: list[Article]) -> Iterator[str]:
    """A table of where the time goes from an article to the page."""
    reader = Reader()
    reader.extraction(articles[0])
    spent: Counter[str] = Counter()
    extractions: list[Extraction] = []
    inside = reader.parser.pack.pipeline
    encoder = inside.foundation_cache.bert["kg-encoder"].model
    places = [(part, "bulk_process", f"Stanza: {name}") for name, part in inside.processors.items()]
    places += [(encoder, "_encode", "(of Stanza's, the encoder)")]
    with counted(spent, *places):
        for article in articles:
            document = reader.parser.parse(article)
            started = time.process_time()
            reading = coreference.read(document, reader.gazetteer)
            spent["mentions and chains"] += (after := time.process_time()) - started
            found = claims.trace(reading, reader.gazetteer, reader.grammar)
            spent["rules"] += (then := time.process_time()) - after
            made = reader.learned.claims(reading, found, reader.gazetteer)
            extractions.append(claims.assembled(reading, made, reader.gazetteer))
            spent["learned reader"] += time.process_time() - then
    with tempfile.TemporaryDirectory() as name:
        started = time.process_time()
        graph = statements.graph_of(extractions)
        turtle.write(graph, Path(name) / "graph.ttl")
        spent["graph and Turtle"] += (after := time.process_time()) - started
        view.write(graph, Path(name) / "graph.html")
        spent["page"] += time.process_time() - after
    total = sum(seconds for stage, seconds in spent.items() if not stage.startswith("("))
    yield "| stage | CPU seconds | share |"
    yield "|---|---:|---:|"
    for stage, seconds in spent.most_common():
        yield f"| {stage} | {seconds:.2f} | {100 * seconds / total:.0f} % |"
    stanza = sum(seconds for stage, seconds in spent.items() if stage.startswith("Stanza"))
    yield ""
    yield f"Everything after Stanza: {100 * (1 - stanza / total):.0f} % of the time."


# Workers -------------------------------------------------------------------------------------------------


def with_workers(articles: list[Article], counts: tuple[int, ...]) -> Iterator[str]:
    """Clock and CPU seconds by number of workers; the clock says little where the machine has other work."""
    yield "| workers | seconds | times one worker | CPU seconds of the workers | memory of each, MB |"
    yield "|---:|---:|---:|---:|---:|"
    first = 0.0
    for count in counts:
        with workers.Pool(Reader(), count) as pool:
            list(pool(map(workers.Task, articles[:count])))  # opens the packs
            before = [_usage(process) for process in _processes(pool)]
            started = time.perf_counter()
            list(pool(map(workers.Task, articles)))
            seconds = time.perf_counter() - started
            after = [_usage(process) for process in _processes(pool)]
        first = first or seconds
        spent = sum(late[0] - early[0] for early, late in zip(before, after, strict=True))
        yield f"| {count} | {seconds:.1f} | {first / seconds:.2f} | {spent:.1f} | {max(row[1] for row in after):.0f} |"


def _processes(pool: workers.Pool) -> list[int]:
    assert pool._executor is not None
    return sorted(pool._executor._processes)


def _usage(process: int) -> tuple[float, float]:
    import psutil

    seen = psutil.Process(process)
    times = seen.cpu_times()
    return times.user + times.system, seen.memory_info().rss / 1e6


# Cold start ----------------------------------------------------------------------------------------------


def cold_start() -> Iterator[str]:
    """What commands take from nothing: imports, models, and one short article or question."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.txt").write_text("La Roma ha esonerato il tecnico.\nIl tecnico della Roma è Claudio Ranieri.\n")
        commands = {
            "kg build, one short article": ["build", str(folder / "a.txt"), "-o", str(folder / "build"), "-q"],
            "kg query --named": ["query", str(folder / "build"), "--named", "who-coaches-whom"],
            "kg --version": ["--version"],
        }
        yield "| | CPU seconds, median of 3 |"
        yield "|---|---:|"
        for label, arguments in commands.items():
            row = []
            for number in range(3):
                if arguments[0] == "build":
                    arguments[3] = str(folder / "build") + (f"-{number}" if number else "")  # a known one is not read
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run([sys.executable, "-m", "kg", *arguments], check=True, capture_output=True)  # noqa: S603
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                row.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            yield f"| {label} | {statistics.median(row):.2f} |"


# All of it -----------------------------------------------------------------------------------------------


def machine() -> str:
    """Processor, cores, load and Python in a line."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, load {load}; Python {platform.python_version()}"


def main() -> None:
    """Measures all of it, prints it, and writes it where it is asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    articles = chosen(options.articles)
    lines = [
        f"{datetime.date.today()}, {machine()}. {len(articles)} articles of `tests/gold/train` "
        f"({words_in(articles):,} words), {options.rounds} rounds, one thread a process.",
    ]
    for title, part in (
        ("kg beside plain Stanza with the same pack", beside_stanza(articles, options.rounds)),
        ("By stage", stages(articles)),
        ("Workers", with_workers(articles, (1, 2))),
        ("Cold start", cold_start()),
    ):
        lines += ["", f"### {title}", ""]
        print(f"\n### {title}\n", flush=True)
        for line in part:
            lines.append(line)
            print(line, flush=True)
    if options.write:
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text("\n".join([before + BEGIN, *lines, END]) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
