"""How the page fares with 100 to 20,000 entities, plain pyvis beside it on the same machine in the same run.

Run: .venv/bin/python benchmarks/bench_view.py [SIZE …]   (needs Chromium; prints one table)

For each size: seconds to write the page, its size, seconds from opening the file until the drawing is on the screen,
and frames a second while it is moved. Plain pyvis draws the same nodes and edges twice: as it comes (physics on) and,
to be fair, with physics off on positions from a spiral; it is given up after a while. As the machine may be busy, the
CPU time of all of Chromium's processes is given beside the clock: seconds until the drawing stands, and frames for each
second of it, which is what one idle core would show (Chromium uses several).
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, sync_playwright
from rdflib import Graph, Literal
from rdflib.namespace import PROV, RDF, RDFS, SDO

from kg import view, vocab
from kg.vocab import FB

SIZES = (100, 1_000, 5_000, 20_000)
GIVE_UP = 90.0
"""Seconds after which a page that is not drawn counts as never drawn."""
EDGES_EACH = 2
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

# Moves the drawing for two seconds, a step each frame, and counts the frames that came.
PAN = """(network) => new Promise((done) => {
    let frames = 0; const begin = performance.now(); const start = network.getViewPosition();
    network.renderer.dragging = true; // as a drag does
    const step = (now) => {
        if (now - begin > 2000) {
            network.renderer.dragging = false;
            done([frames, frames / ((now - begin) / 1000)]);
            return;
        }
        frames += 1;
        network.moveTo({ position: { x: start.x + 3 * frames, y: start.y }, animation: false });
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
})"""


@dataclass(frozen=True)
class Shown:
    """What was seen of one page; -1 where it was given up."""

    seconds: float
    cpu: float
    frames: float
    frames_per_cpu: float


def claims(size: int) -> Graph:
    """A season of football: clubs that many are linked with and people that few are, one sentence for each claim."""
    chance = random.Random(size)  # noqa: S311 - no secret
    graph = Graph()
    clubs = [f"club/_c{number:05}" for number in range(max(5, size // 20))]
    people = [f"person/_p{number:05}" for number in range(size - len(clubs))]
    for key in (*clubs, *people):
        kind, name = (FB.Club, "Club") if key.startswith("club") else (FB.Person, "Mario Rossi")
        graph.add((vocab.entity(key), RDF.type, kind))
        graph.add((vocab.entity(key), RDFS.label, Literal(f"{name} {key[-5:]}")))
    crowd = list(clubs)
    for number, person in enumerate(people):
        article = vocab.article(f"a{number:05}")
        graph.add((article, SDO.headline, Literal(f"Titolo {number}")))
        graph.add((article, SDO.datePublished, Literal(f"2025-{1 + number % 12:02}-01")))
        for club in sorted({chance.choice(crowd) for _ in range(EDGES_EACH)}):
            crowd.append(club)  # who has many links gets more
            text = f"Mario Rossi {person[-5:]} gioca per il Club {club[-5:]} dalla stagione scorsa."
            claim, piece = vocab.statement(person, club), vocab.evidence(person, club)
            predicate = FB[chance.choice(("playsFor", "joins", "leaves"))]
            modality = FB[chance.choice(("Asserted", "Asserted", "Possible", "Denied"))]
            offsets = {"sentenceStart": 0, "sentenceEnd": len(text), "subjectStart": 0, "subjectEnd": 17}
            offsets |= {"objectStart": 31, "objectEnd": 41}
            for triple in (
                (claim, RDF.type, RDF.Statement),
                (claim, RDF.subject, vocab.entity(person)),
                (claim, RDF.predicate, predicate),
                (claim, RDF.object, vocab.entity(club)),
                (claim, FB.modality, modality),
                (claim, FB.tense, FB.Present),
                (claim, PROV.wasDerivedFrom, piece),
                (piece, FB.article, article),
                (piece, FB.sentence, Literal(text)),
                *((piece, FB[name], Literal(offset)) for name, offset in offsets.items()),
            ):
                graph.add(triple)
    return graph


def plain(path: Path, graph: Graph, *, physics: bool) -> None:
    """The same nodes and edges by pyvis alone."""
    from pyvis.network import Network

    net = Network(directed=True, cdn_resources="in_line", height="800px")
    for number, (key, label) in enumerate(graph.subject_objects(RDFS.label)):
        angle, radius = 2 * pi * number * 0.618, 30 * number**0.5
        place = {} if physics else {"x": radius * cos(angle), "y": radius * sin(angle)}
        # add_node and add_edge are quadratic
        net.nodes.append({"id": str(key), "label": str(label), "title": str(label), "shape": "dot", **place})
    for claim, club in graph.subject_objects(RDF.object):
        person, piece = graph.value(claim, RDF.subject), graph.value(claim, PROV.wasDerivedFrom)
        net.edges.append({"from": str(person), "to": str(club), "title": str(graph.value(piece, FB.sentence))})
    if not physics:
        net.set_options('{"physics": {"enabled": false}, "layout": {"improvedLayout": false}}')
    path.write_text(net.generate_html(), encoding="utf-8")


def look(context: BrowserContext, path: Path, network: str, ready: str) -> Shown:
    """Opens a page, waits until its drawing stands, and moves it."""
    page = context.new_page()
    page.set_default_timeout(GIVE_UP * 1000)
    try:
        begin, before = time.perf_counter(), chromium_cpu()
        page.goto(path.as_uri(), wait_until="load")
        while not page.evaluate(ready):
            if time.perf_counter() - begin > GIVE_UP:
                return Shown(-1, -1, -1, -1)
            page.wait_for_timeout(100)
        # two frames later the drawing is on the screen
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        seconds = time.perf_counter() - begin
        drawn = chromium_cpu()
        frames, rate = page.evaluate(f"({PAN})({network})")
        return Shown(seconds, drawn - before, rate, frames / max(chromium_cpu() - drawn, 0.01))
    except Error:
        return Shown(-1, -1, -1, -1)
    finally:
        with suppress(Error):
            page.close()


def chromium_cpu() -> float:
    """CPU seconds that all processes of Chromium which this one started have used so far."""
    ticks, parents, mine = os.sysconf("SC_CLK_TCK"), {}, {os.getpid()}
    used = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = path.read_text().rpartition(")")
            fields = rest.split()
            pid = int(path.parent.name)
            parents[pid] = int(fields[1])
            used[pid] = (int(fields[11]) + int(fields[12])) / ticks if "chrom" in name else 0.0
    for _ in range(6):  # python, playwright's driver, chromium, its zygotes, their children
        mine |= {pid for pid, parent in parents.items() if parent in mine}
    return sum(used.get(pid, 0.0) for pid in mine)


def row(name: str, size: int, made: float, path: Path, shown: Shown) -> str:
    """One line of the table."""
    kilobytes = path.stat().st_size / 1000
    if shown.seconds < 0:
        return f"| {size:,} | {name} | {made:.1f} | {kilobytes:,.0f} | > {GIVE_UP:.0f} | – | – | – |"
    return (
        f"| {size:,} | {name} | {made:.1f} | {kilobytes:,.0f} | {shown.seconds:.1f} | {shown.cpu:.1f} |"
        f" {shown.frames:.0f} | {shown.frames_per_cpu:.0f} |"
    )


STANDS = "() => true"  # of a drawing that was settled before it was opened
SETTLES = "() => network.physics.stabilized"


def main() -> None:
    """Measures all sizes and prints the table."""
    sizes = [int(each) for each in sys.argv[1:]] or SIZES
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("no Chromium here; apt-get install chromium")
    print(
        "| nodes | page | made, CPU s | kB | drawn after, s | CPU s | frames/s | frames a CPU s |\n"
        "|--:|:--|--:|--:|--:|--:|--:|--:|"
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        for size in sizes:
            graph = claims(size)
            path = Path(folder) / "graph.html"
            begin = time.process_time()
            view.write(graph, path)
            made = time.process_time() - begin
            print(row("kg", size, made, path, look(context, path, "kgView.network", STANDS)), flush=True)
            for name, physics in (("pyvis, physics off", False), ("pyvis as it comes", True)):
                begin = time.process_time()
                plain(path, graph, physics=physics)
                made = time.process_time() - begin
                shown = look(context, path, "network", SETTLES if physics else STANDS)
                print(row(name, size, made, path, shown), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
