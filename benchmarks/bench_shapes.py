"""Seconds to check a graph against `ontology/shapes.ttl`, by number of claims: kg's check beside pySHACL.

    python benchmarks/bench_shapes.py [--claims 1000 3000 10000 30000] [--pyshacl 1000]

Processor time, so that a busy machine counts little. pySHACL looks at one node after the other and is asked only for
graphs of at most `--pyshacl` claims. The graphs are made up (tests/spring.py: ten claims an article) and full of
clashes of sense, since their claims are drawn by lot. kg counts a clash once, pySHACL from both its claims
(tests/test_shapes.py holds the two to the same faults).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import spring
from rdflib import RDF, Graph, Namespace

from kg import resources, shapes

SH = Namespace("http://www.w3.org/ns/shacl#")


def seconds(work: Callable[[], int]) -> tuple[float, int]:
    """Processor time of some work, and what it gives."""
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


def by_pyshacl(graph: Graph) -> int:
    """The number of results of pySHACL."""
    import pyshacl

    definitions = Graph().parse(resources.folder("ontology") / "shapes.ttl")
    _, results, _ = pyshacl.validate(graph, shacl_graph=definitions, allow_warnings=True, inference="none")
    return len(list(results.subjects(RDF.type, SH.ValidationResult)))


def report(sizes: Iterable[int], most: int) -> None:
    """Prints a line for each size as it is measured."""
    print(f"{'claims':>8}{'triples':>10}{'kg s':>9}{'faults':>8}{'pySHACL s':>11}{'results':>9}", flush=True)
    for claims in sizes:
        graph = spring.league(claims // 10)
        ours, faults = seconds(lambda graph=graph: len(shapes.check(graph).faults))
        line = f"{claims:>8,}{len(graph):>10,}{ours:>9.2f}{faults:>8}"
        if claims <= most:
            theirs, results = seconds(lambda graph=graph: by_pyshacl(graph))
            line += f"{theirs:>11.1f}{results:>9}"
        print(line, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--claims", type=int, nargs="+", default=[1_000, 3_000, 10_000, 30_000])
    parser.add_argument("--pyshacl", type=int, default=1_000)
    options = parser.parse_args()
    report(options.claims, options.pyshacl)
