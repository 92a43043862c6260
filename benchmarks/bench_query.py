"""Latency of every saved question on graphs of several sizes, for Oxigraph and rdflib in one run: `make bench-query`.

    python benchmarks/bench_query.py [--claims 1000 10000 100000] [--seconds 120]

Each question is asked once to warm up and then up to five times; the median is shown, in milliseconds of
processor time (on an idle machine: of the clock; both engines use one core).
What takes more than `--seconds` is given up (shown as `>`), and not asked of that engine on a larger graph. The graph
is made up (tests/spring.py: ten claims an article) and the same on every run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import spring

from kg.engines import Engine, Oxigraph, Rdflib
from kg.errors import GraphError
from kg.query import Limits, SavedQuery, answer_saved, saved_queries

ARGUMENTS = {"club": "Roma", "name": "Roma", "person": "Mario Rossi 3", "first": "Roma", "second": "Milan"}
_TIMES = 5


def milliseconds(engine: Engine, saved: SavedQuery, seconds: float) -> tuple[float, int] | None:
    """The median time of a question and its number of rows; None where it took too long."""
    arguments = {name: ARGUMENTS[name] for name in saved.arguments}
    try:
        # in a child first: what takes too long is ended there, and costs this run no more than that
        started = time.perf_counter()
        rows = len(answer_saved(engine, saved, arguments, Limits(seconds)).rows)
        first = time.perf_counter() - started
    except GraphError:
        return None
    times = []
    for _ in range(_TIMES if first < 1 else 1):
        started = time.process_time()
        answer_saved(engine, saved, arguments, Limits(None))
        times.append(time.process_time() - started)
    return statistics.median(times) * 1000, rows


def report(sizes: Iterable[int], seconds: float) -> None:
    """Prints a table for each size as it is measured."""
    given_up: set[tuple[str, str]] = set()
    for claims in sizes:
        graph = spring.league(claims // 10)
        engines: tuple[Engine, ...] = (Oxigraph.of_graph(graph), Rdflib(graph))
        print(f"\n{claims:,} claims, {len(graph):,} triples\n", flush=True)
        print(f"{'question':<28}{'rows':>8}{'oxigraph ms':>14}{'rdflib ms':>14}{'times':>8}")
        for saved in saved_queries():
            found = []
            for engine in engines:
                place = (engine.name, saved.name)
                measured = None if place in given_up else milliseconds(engine, saved, seconds)
                if measured is None:
                    given_up.add(place)
                found.append(measured)
            fast, slow = found
            rows = next((one[1] for one in found if one), None)
            ratio = f"{slow[0] / fast[0]:.0f}" if fast and slow else ""
            limit = f">{seconds * 1000:.0f}"
            cells = [f"{one[0]:.1f}" if one else limit for one in found]
            print(
                f"{saved.name:<28}{'' if rows is None else rows:>8}{cells[0]:>14}{cells[1]:>14}{ratio:>8}", flush=True
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--claims", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=120.0)
    options = parser.parse_args()
    report(options.claims, options.seconds)
