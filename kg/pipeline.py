"""The arrow of kg as a chain of small steps: article → document → reading → extraction → graph → files."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import Graph

from kg import claims, coreference, gazetteer, journal, patterns, statements, turtle, view
from kg.articles import Refused
from kg.gazetteer import Gazetteer
from kg.model import Article, Document, Extraction, Reading
from kg.parse import Parser
from kg.patterns import Grammar
from kg.stanza_pack import open_pack

GRAPH, PAGE = "graph.ttl", "graph.html"
"""Names of the outputs in a build folder."""


class Reader:
    """Reads articles with one pack, one gazetteer and one grammar, each opened when first needed.

    `models` is as in `open_pack`; `extra` a folder with the user's own gazetteer rows.
    """

    def __init__(self, models: str | None = None, extra: Path | None = None) -> None:
        self._models = models
        self._extra = extra

    @cached_property
    def parser(self) -> Parser:
        """The opened Stanza pack; PackError if there is none."""
        return Parser(open_pack(self._models))

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Who is who; GazetteerError if a table is broken."""
        return gazetteer.load(extra=self._extra)

    @cached_property
    def grammar(self) -> Grammar:
        """The rules; RuleError if one is broken."""
        return patterns.load()

    @cached_property
    def version(self) -> str:
        """What the result depends on beside the article: a digest of pack, rules, code and gazetteer."""
        digest = hashlib.sha256(self.parser.pack.fingerprint.encode())
        for path in _sources(self._extra):
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:20]

    def reading(self, document: Document) -> Reading:
        """Mentions and chains of a parsed article."""
        return coreference.read(document, self.gazetteer)

    def extraction(self, article: Article) -> Extraction:
        """All that an article yields."""
        reading = self.reading(self.parser.parse(article))
        return claims.extract(reading, self.gazetteer, self.grammar)

    def findings(self, article: Article) -> tuple[Reading, tuple[claims.Finding, ...]]:
        """What every rule found in an article, and the reading it was found in: for `kg explain`."""
        reading = self.reading(self.parser.parse(article))
        return reading, claims.trace(reading, self.gazetteer, self.grammar)


def _sources(extra: Path | None) -> Iterator[Path]:
    package = Path(__file__).resolve().parent
    yield from sorted(package.glob("*.py"))
    yield from sorted((package / "rules").glob("*.yaml"))
    for folder in (gazetteer.default_folder(), extra):
        if folder is not None:
            yield from sorted(path for path in folder.rglob("*.tsv") if path.is_file())


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build did.

    `articles`, `entities`, `statements` count what the graph holds now; `read` the articles read in this
    run, with their `words` and `seconds`; `kept` those that were known already; `refused` the inputs left out.
    """

    folder: Path
    articles: int
    read: int
    kept: int
    entities: int
    statements: int
    by_predicate: tuple[tuple[str, int], ...]
    words: int
    seconds: float
    refused: tuple[Refused, ...]


def build(
    inputs: Iterable[Article | Refused],
    folder: Path,
    reader: Reader,
    *,
    refuse: Callable[[Refused], None] = lambda refused: None,
    progress: Callable[[Article], None] = lambda article: None,
) -> Summary:
    """Reads articles into a build folder and writes its graph and page.

    Articles that the folder already holds, read by the same version of everything, are not read again;
    others that it holds stay. `refuse` hears of each input left out, `progress` of each article dealt with.
    Nothing is written where the folder ends up without articles.
    """
    refused: list[Refused] = []
    read = kept = words = 0
    started = time.perf_counter()
    with journal.opened(folder) as kept_before:
        for article in inputs:
            if isinstance(article, Refused):
                refused.append(article)
                refuse(article)
                continue
            if kept_before.holds(article, reader.version):
                kept += 1
            else:
                extraction = reader.extraction(article)
                kept_before.put(extraction, reader.version)
                read, words = read + 1, words + extraction.words
            progress(article)
        seconds = time.perf_counter() - started
        extractions = tuple(kept_before.extractions())
    if extractions:
        write(extractions, folder)
    distinct = {
        (c.subject, c.predicate, c.object, c.modality, c.for_team, c.score) for e in extractions for c in e.claims
    }
    counts = Counter(predicate for _, predicate, *_ in distinct)
    return Summary(
        folder=folder,
        articles=len(extractions),
        read=read,
        kept=kept,
        entities=len({entity.id for extraction in extractions for entity in extraction.entities}),
        statements=len(distinct),
        by_predicate=tuple(sorted(counts.items(), key=lambda row: (-row[1], row[0]))),
        words=words,
        seconds=seconds,
        refused=tuple(refused),
    )


def write(extractions: Iterable[Extraction], folder: Path) -> Graph:
    """The graph of some extractions, written to a folder as Turtle and as a page."""
    graph = statements.graph_of(extractions)
    turtle.write(graph, folder / GRAPH)
    view.write(graph, folder / PAGE)
    return graph
