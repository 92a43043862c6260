"""From a journal to Turtle and store: seconds, memory and their growth with the number of claims.

    make bench-assembly
    python benchmarks/bench_assembly.py --claims 10000 100000 1000000 --rdflib 100000

The journals hold the annotated articles of tests/gold/train over and over, each season with other people, other words
and other articles, so that claims and evidence grow as an archive's do. Processor time; each size in a process of its
own, so that memory is its alone. rdflib does the same work with the whole graph in memory, up to `--rdflib` claims.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from gold_graph import TRAIN, extractions

from kg import assembly, decisions, journal, statements, store
from kg.journal import Versions
from kg.model import Document, Extraction

Result = TypeVar("Result")
VERSIONS = Versions("bench", "bench", "bench")
_WORD = re.compile(r"\w+")


def archive(claims: int) -> Iterator[Extraction]:
    """Articles of season after season, until they hold so many claims."""
    known = extractions(sorted(TRAIN.glob("*.jsonl"))[:8])
    season = 0
    while claims > 0:
        for one in known:
            if claims > 0:
                yield _of_season(one, season)
                claims -= len(one.claims)
        season += 1


def _of_season(one: Extraction, season: int) -> Extraction:
    def renamed(entity: str) -> str:
        return f"{entity}-{season}" if entity.startswith("person/") else entity

    identifier = f"{one.article.id}-{season}"
    return Extraction(
        replace(one.article, id=identifier, text=_WORD.sub(lambda word: f"{word[0]}{season}", one.article.text)),
        one.words,
        tuple(replace(entity, id=renamed(entity.id)) for entity in one.entities),
        tuple(
            replace(
                claim,
                subject=renamed(claim.subject),
                object=renamed(claim.object),
                evidence=tuple(replace(piece, article=identifier) for piece in claim.evidence),
            )
            for claim in one.claims
        ),
    )


def by_kg(folder: Path) -> dict[str, float]:
    """Journal → Turtle → store on disk, as kg does it."""
    with journal.seen(folder) as kept:
        assembled, tally = _seconds(lambda: assembly.write(decisions.decided(kept), folder / "graph.ttl"))
    highest = _megabytes()
    loaded, _ = _seconds(lambda: store.opened(str(folder / "store")).load(folder / "graph.ttl"))
    return {
        "statements": sum(tally.by_predicate.values()),
        "assembly s": assembled,
        "assembly MB": highest,
        "load s": loaded,
        "Turtle MB": (folder / "graph.ttl").stat().st_size / 1e6,
    }


def by_rdflib(folder: Path) -> dict[str, float]:
    """Journal → graph in rdflib's memory → Turtle by rdflib's own serializer."""
    with journal.seen(folder) as kept:
        seconds, _ = _seconds(
            lambda: statements.graph_of(decisions.decided(kept)).serialize(folder / "rdflib.ttl", format="turtle")
        )
    return {"rdflib s": seconds, "rdflib MB": _megabytes()}


def _seconds(work: Callable[[], Result]) -> tuple[float, Result]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(work: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What some work gives in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(writing, repr(work()).encode())
            code = 0
        finally:  # not back into the parent's own clean-up
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit("a measurement failed")
    result: dict[str, float] = ast.literal_eval(said.decode())
    return result


def filled(folder: Path, claims: int) -> dict[str, float]:
    """Makes the journal of a folder."""
    with journal.opened(folder) as kept:
        for one in archive(claims):
            kept.put(Document(one.article, (), ()), one, VERSIONS)
    return {}


def report(sizes: list[int], most: int) -> None:
    """Prints a line for each size as it is measured."""
    print("claims  statements  Turtle MB  assembly s  ms a claim  MB at most  load s  rdflib s  rdflib MB", flush=True)
    for claims in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            apart(lambda folder=folder, claims=claims: filled(folder, claims))
            row = apart(lambda folder=folder: by_kg(folder))
            if claims <= most:
                row |= apart(lambda folder=folder: by_rdflib(folder))
        figures = [
            f"{claims:,}",
            f"{row['statements']:,.0f}",
            f"{row['Turtle MB']:,.1f}",
            f"{row['assembly s']:.1f}",
            f"{row['assembly s'] / claims * 1e3:.2f}",
            f"{row['assembly MB']:,.0f}",
            f"{row['load s']:.1f}",
            *(f"{row[name]:,.0f}" for name in ("rdflib s", "rdflib MB") if name in row),
        ]
        print("  ".join(figures), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--claims", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rdflib", type=int, default=100_000, help="the most claims that rdflib is asked for")
    options = parser.parse_args()
    report(options.claims, options.rdflib)
