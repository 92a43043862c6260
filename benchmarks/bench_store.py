"""Loading and asking a graph of many claims: rdflib in memory beside kg's stores, in one run.

    make bench-store            a million triples
    python benchmarks/bench_store.py --claims 8000

Only the ratios of one run say something; a query ratio below 2 on a busy machine is no difference.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kg import store
from kg.namespaces import PREFIXES

PER_CLAIM = 16
"""Triples of one claim in this graph, with its evidence and its share of people, clubs and articles."""
TIMES, LONG = 3, 2.0
"""How often each question is asked, and after how many seconds it is not asked again."""
QUESTIONS = {
    "who coaches a club": 'SELECT ?who WHERE { ?club rdfs:label "Club 7" . ?who fb:coaches ?club }',
    "candidates with evidence": "SELECT ?name ?said WHERE { ?c rdf:predicate fb:candidateFor ; "
    "rdf:object club:c7 ; rdf:subject ?who ; prov:wasDerivedFrom/fb:sentence ?said . ?who rdfs:label ?name } "
    "ORDER BY ?name ?said",
    "claims by predicate": "SELECT ?p (COUNT(*) AS ?n) WHERE { ?c rdf:predicate ?p } GROUP BY ?p",
    "all triples by predicate": "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p",
    "words in sentences": 'SELECT (COUNT(*) AS ?n) WHERE { ?e fb:sentence ?t FILTER(CONTAINS(?t, "numero 77")) }',
}


def lines(claims: int) -> Iterator[str]:
    """A graph of so many claims as N-Triples, which Turtle readers read, too."""
    people, clubs, articles = max(claims // 8, 10), max(claims // 400, 20), max(claims // 10, 10)
    fb, rdf = PREFIXES["fb"], PREFIXES["rdf"]
    number_of = f"^^<{PREFIXES['xsd']}integer>"
    for kind, count, name in (("person", people, "Person"), ("club", clubs, "Club")):
        for number in range(count):
            thing = f"<{PREFIXES[kind]}{name[0].lower()}{number}>"
            yield f"{thing} <{rdf}type> <{fb}{name}> ."
            yield f'{thing} <{PREFIXES["rdfs"]}label> "{name} {number}" .'
    for number in range(articles):
        yield f"<{PREFIXES['article']}a{number}> <{rdf}type> <{PREFIXES['schema']}NewsArticle> ."
    predicates = ("coaches", "playsFor", "candidateFor", "joins", "leaves")
    for number in range(claims):
        claim, piece = f"<{PREFIXES['statement']}s{number}>", f"<{PREFIXES['evidence']}e{number}>"
        who, club = f"<{PREFIXES['person']}p{number * 7 % people}>", f"<{PREFIXES['club']}c{number * 13 % clubs}>"
        predicate = predicates[number % len(predicates)]
        for name, value in (
            (f"{rdf}type", f"<{rdf}Statement>"),
            (f"{rdf}subject", who),
            (f"{rdf}predicate", f"<{fb}{predicate}>"),
            (f"{rdf}object", club),
            (f"{fb}modality", f"<{fb}Asserted>"),
            (f"{fb}tense", f"<{fb}Present>"),
            (f"{PREFIXES['prov']}wasDerivedFrom", piece),
        ):
            yield f"{claim} <{name}> {value} ."
        for name, value in (
            (f"{rdf}type", f"<{fb}Evidence>"),
            (f"{fb}article", f"<{PREFIXES['article']}a{number % articles}>"),
            (f"{fb}sentence", f'"La frase numero {number} dice chi va e chi resta."'),
            (f"{fb}sentenceStart", f'"{number % 900}"{number_of}'),
            (f"{fb}sentenceEnd", f'"{number % 900 + 46}"{number_of}'),
        ):
            yield f"{piece} <{name}> {value} ."
        if number % 3 == 0:
            yield f"{who} <{fb}{predicate}> {club} ."


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of some work."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


class Rdflib:
    """Plain rdflib, the measure of the others."""

    def load(self, path: Path) -> None:
        """Reads a graph file."""
        from rdflib import Graph

        self.graph = Graph().parse(path, format="nt")

    def ask(self, text: str) -> int:
        """The number of rows of the answer."""
        return len(list(self.graph.query(text, initNs=PREFIXES)))


class Kg:
    """One of kg's stores."""

    def __init__(self, place: str) -> None:
        self.store = store.opened(place)

    def load(self, path: Path) -> None:
        """Reads a graph file."""
        self.store.load(path)

    def ask(self, text: str) -> int:
        """The number of rows of the answer."""
        return len(self.store.find(text, 10**9).rows)


def in_a_process(name: str, place: str, path: Path) -> dict[str, tuple[float, float]]:
    """Loads and asks in a process of its own, so that memory is that of one store alone."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        one: Rdflib | Kg = Rdflib() if name == "rdflib" else Kg(place)
        found = {"load": measured(lambda: one.load(path))}
        for question, text in QUESTIONS.items():
            times = [measured(lambda text=text: one.ask(text))]
            while len(times) < TIMES and times[0][0] < LONG:
                times.append(measured(lambda text=text: one.ask(text)))
            found[question] = statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)
        found["MB at most"] = ((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 0.0)
        os.write(writing, repr(found).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit(f"{name} failed")
    import ast

    result: dict[str, tuple[float, float]] = ast.literal_eval(said.decode())
    return result


def main() -> None:
    """Prints a table: seconds of rdflib (wall), and how many times faster each store is (wall, CPU)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=77_000, help="(default: 77,000, about a million triples)")
    claims = parser.parse_args().claims
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.ttl"
        count = 0
        with path.open("w", encoding="utf-8") as file:
            for line in lines(claims):
                file.write(f"{line}\n")
                count += 1
        print(f"{count:,} triples, {claims:,} claims", flush=True)
        disk = str(Path(folder) / "store")
        results = {
            name: in_a_process(name, place, path)
            for name, place in (("rdflib", ""), ("memory", "memory"), ("disk", disk))
        }
        size = sum(file.stat().st_size for file in Path(disk).rglob("*") if file.is_file()) / 2**20
    print(f"{'':28}{'rdflib':>12}{'memory':>18}{'disk':>18}")
    for row, (wall, cpu) in results["rdflib"].items():
        if row == "MB at most":
            print(f"{row:28}{wall:12.0f}" + "".join(f"{results[n][row][0]:18.0f}" for n in ("memory", "disk")))
            continue
        ratios = ((wall / results[n][row][0], cpu / max(results[n][row][1], 1e-6)) for n in ("memory", "disk"))
        print(f"{row:28}{wall:10.3f} s" + "".join(f"{w:8.1f}x {c:6.1f}x " for w, c in ratios) + " (wall, CPU)")
    print(f"on disk: {size:.0f} MB")


if __name__ == "__main__":
    main()
