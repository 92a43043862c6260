"""The arrow of kg as a chain of small steps: article → document → reading → extraction → graph → files."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path

from rdflib import Graph
from rdflib.namespace import PROV, RDF, RDFS

from kg import (
    assembly,
    claims,
    coreference,
    decisions,
    exclusions,
    gazetteer,
    journal,
    patterns,
    shapes,
    stanza_pack,
    statements,
    turtle,
    view,
)
from kg.articles import Refused
from kg.assembly import Tally
from kg.claims import Finding
from kg.decisions import Decision
from kg.gazetteer import Gazetteer
from kg.journal import Versions
from kg.language import ITALIAN, language
from kg.learned.reader import FOLDER, LearnedReader, open_reader
from kg.model import Article, Document, Extraction, Reading
from kg.parse import Parser
from kg.patterns import Grammar
from kg.sport import is_about_football
from kg.stanza_pack import OFFICIAL, open_pack
from kg.workers import Done, Engine, Task

GRAPH, PAGE, INFERRED = "graph.ttl", "graph.html", "inferred.trig"
"""Names of the outputs in a build folder."""
MANY = 50_000
"""Claims of all articles together from which on a graph goes to its file by way of the disk (`assembly`).

Such a graph gets a page, which hardly a browser would open, and a check only when asked for.
"""


METHODS = ("both", "rules", "model")
"""Who makes the claims: the learned reader with what the rules found, the rules alone, the learned reader alone."""


class Reader:
    """Reads articles with one pack, one gazetteer, one grammar and one learned reader, each opened when first needed.

    `models` and `half` are as in `open_pack`; `extra` is a folder with the user's own gazetteer rows; `method` one of
    METHODS.
    """

    def __init__(
        self,
        models: str | None = None,
        extra: Path | None = None,
        method: str = METHODS[0],
        *,
        half: bool = False,
    ) -> None:
        self._models = models
        self._extra = extra
        self._method = method
        self._half = half

    @cached_property
    def parser(self) -> Parser:
        """The opened Stanza pack; PackError if there is none."""
        return Parser(open_pack(self._models, half=self._half))

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Who is who; GazetteerError if a table is broken."""
        return gazetteer.load(extra=self._extra)

    @cached_property
    def grammar(self) -> Grammar:
        """The rules; RuleError if one is broken."""
        return patterns.load()

    @cached_property
    def learned(self) -> LearnedReader:
        """The learned reader; PackError if it is missing or damaged."""
        return open_reader()

    @cached_property
    def versions(self) -> Versions:
        """What the result depends on beside the article; PackError if there is no pack. Does not load it."""
        fingerprint = stanza_pack.fingerprint(self._models)
        return Versions(
            pack=_digest(_PARSING, f"{fingerprint} stanza {metadata.version('stanza')}{' half' if self._half else ''}"),
            rules=_digest(_rules(learned=self._method != "rules"), self._method),
            gazetteer=_digest(_tables(self._extra)),
        )

    @property
    def settings(self) -> dict[str, str]:
        """What this reader was made with, as texts that `made_with` takes up again, also from another folder."""
        models = self._models or ""
        if models and models != OFFICIAL:
            models = str(Path(models).resolve())
        extra = str(self._extra.resolve()) if self._extra else ""
        return {"models": models, "gazetteer": extra, "reader": self._method, "half": "yes" if self._half else ""}

    @classmethod
    def made_with(cls, settings: Mapping[str, str]) -> Reader:
        """A reader that was made with these `settings`."""
        extra = settings["gazetteer"]
        return cls(
            settings["models"] or None, Path(extra) if extra else None, settings["reader"], half=bool(settings["half"])
        )

    def reading(self, document: Document) -> Reading:
        """Mentions and chains of a parsed article."""
        return coreference.read(document, self.gazetteer)

    def extraction(self, article: Article) -> Extraction:
        """All that an article yields."""
        return self.claims(self.reading(self.parser.parse(article)))

    def claims(self, reading: Reading) -> Extraction:
        """What a reading yields: claims of rules, learned reader, or both; none unless it is Italian, of football."""
        text = reading.document.article.text
        if language(text) != ITALIAN or not is_about_football(text):
            return claims.assembled(reading, (), self.gazetteer)
        if self._method == "rules":
            return claims.extract(reading, self.gazetteer, self.grammar)
        found = claims.trace(reading, self.gazetteer, self.grammar) if self._method == "both" else ()
        return claims.assembled(reading, self.learned.claims(reading, found, self.gazetteer), self.gazetteer)

    def row(self, task: Task) -> tuple[journal.Row, int]:
        """What the journal keeps of an article, and the number of its words."""
        document = task.document or self.parser.parse(task.article)
        extraction = self.claims(self.reading(document))
        return journal.row_of(document, extraction, self.versions), extraction.words

    def read(self, tasks: Iterable[Task]) -> Generator[Done, None, None]:
        """Reads tasks in this process, one after the other: the simplest `Engine`."""
        return (Done(task, *self.row(task)) for task in tasks)

    def findings(self, article: Article) -> tuple[Reading, tuple[Finding, ...]]:
        """What every rule found in an article, and the reading it was found in: for `kg explain`."""
        reading = self.reading(self.parser.parse(article))
        return reading, claims.trace(reading, self.gazetteer, self.grammar)


_PACKAGE = Path(__file__).resolve().parent
_PARSING = tuple(_PACKAGE / name for name in ("encoder.py", "model.py", "parse.py", "stanza_pack.py", "trees.py"))
"""The code that a parse depends on."""
_AFTER_READING = frozenset(
    (
        *("analysis", "api", "ask", "atomic", "cli", "copies", "engines", "evaluate", "explain", "exports", "formats"),
        *("cluster", "doctor", "exclusions", "terminal", "usage", "workers", "workers_cli"),
        *("archives", "articles", "columns", "inputs", "records", "remote", "webpage"),  # before reading
        *("gold", "inference", "journal", "lock", "namespaces", "network", "notebook", "progress", "query", "rdf"),
        *("assembly", "shapes", "sparql", "statements", "store", "tables", "turtle", "vocab"),
        *("chains_score", "decisions", "review", "who"),
    )
)
"""Modules that no extraction depends on, but through the article's text: a change in them asks for no new one."""


def _rules(learned: bool) -> Iterator[Path]:
    """The code, rules and learned reader that an extraction depends on."""
    for path in sorted(_PACKAGE.glob("*.py")):
        if path.stem not in _AFTER_READING and path not in _PARSING:
            yield path
    yield from sorted((_PACKAGE / "rules").glob("*.yaml"))
    if learned:
        yield from sorted((_PACKAGE / "learned").glob("*.py"))
        yield from sorted(path for path in FOLDER.glob("*") if path.is_file())


def _tables(extra: Path | None) -> Iterator[Path]:
    for folder in (gazetteer.default_folder(), extra):
        if folder is not None:
            yield from sorted(path for path in folder.rglob("*.tsv") if path.is_file())


def _digest(paths: Iterable[Path], more: str = "") -> str:
    """A digest of the names and contents of some files, and of a text."""
    digest = hashlib.sha256(more.encode())
    for path in paths:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build did.

    `articles`, `entities`, `statements` count what the graph holds now; `read` the articles read in this
    run, with their `words` and `seconds`; `kept` those that were known already; `renewed` those among the
    rest of the folder that other versions of pack, rules or gazetteer had read; `refused` the inputs left out.
    `recovered` is a line on a damaged journal, or empty; `checked` one on the form and sense of the graph; `excluded`
    one on the block list of the build, or empty; `page` is the page's path, or says why there is none;
    `is_large` tells that the graph has MANY claims or more, and was written by way of the disk.
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
    renewed: int = 0
    recovered: str = ""
    checked: str = ""
    excluded: str = ""
    page: str = ""
    is_large: bool = False


def reader_of(
    folder: Path,
    models: str | None = None,
    extra: Path | None = None,
    method: str | None = None,
    *,
    half: bool | None = None,
) -> Reader:
    """A reader for a folder: what is not given is as the folder was last built; GraphError where there is no build."""
    with journal.seen(folder) as kept:
        models = models or kept.setting("models") or None
        extra = extra or (Path(known) if (known := kept.setting("gazetteer")) else None)
        half = bool(kept.setting("half")) if half is None else half
        return Reader(models, extra, method or kept.setting("reader") or METHODS[0], half=half)


def build(
    inputs: Iterable[Article | Refused],
    folder: Path,
    reader: Reader,
    *,
    read: Engine | None = None,
    refuse: Callable[[Refused], None] = lambda refused: None,
    progress: Callable[[Article], None] = lambda article: None,
) -> Summary:
    """Reads articles into a build folder and writes its graph and page.

    Articles that the folder already holds, read by the same versions of everything, are not read again;
    others that it holds stay. Those that other versions read are brought up to date, from the stored parses
    where the pack is the same: so the graph is that of all its articles read at once. `read` is who reads where
    it is not this process (`workers`, `cluster`), the way `reader` would. `refuse` hears of each
    input left out, `progress` of each article dealt with. Nothing is written where the folder ends up
    without articles.
    """
    started = time.perf_counter()
    with journal.opened(folder) as kept:
        kept.set(**reader.settings)
        desk = _Desk(kept, reader, read or reader.read, refuse, progress)
        desk.take(inputs)
        first = desk.read
        desk.renew()
        seconds = time.perf_counter() - started
        renewed = desk.read - first
        return _written(kept, folder, first, desk.known, desk.words, seconds, tuple(desk.refused), renewed)


def remove(identifiers: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Takes articles out of a build, as if they had never been read; returns the ids that it does not know."""
    with journal.opened(folder) as kept:
        missing = tuple(identifier for identifier in identifiers if not kept.remove(identifier))
        _write_all(kept, folder)
    return missing


def merge(
    folders: Iterable[Path],
    folder: Path,
    reader: Reader,
    *,
    read: Engine | None = None,
    refuse: Callable[[Refused], None] = lambda refused: None,
    progress: Callable[[Article], None] = lambda article: None,
) -> Summary:
    """Puts the articles of several builds into one, as if they had been built at once.

    Another text under an id that is there already is refused, as it would be in one build. Who is kept out of one of
    the builds is kept out of all, and what was decided on who is who in one holds in all; InputError, and nothing is
    merged, where two of them decided otherwise.
    """
    refused: list[Refused] = []
    started = time.perf_counter()
    with journal.opened(folder) as kept:
        kept.set(**reader.settings)
        before = len(kept.ids())
        sources = [source for source in folders if source.resolve() != folder.resolve()]
        _settle(kept, sources)
        for source in sources:
            with journal.seen(source) as other:
                for identifier in kept.take(other):
                    reason = f"another text than in the builds before, under the same id «{identifier}»"
                    refused.append(Refused(str(source), reason))
                    refuse(refused[-1])
        taken = len(kept.ids()) - before
        desk = _Desk(kept, reader, read or reader.read, refuse, progress)
        desk.renew()
        seconds = time.perf_counter() - started
        refused += desk.refused
        return _written(kept, folder, 0, taken, desk.words, seconds, tuple(refused), desk.read)


def _settle(kept: journal.Journal, sources: Iterable[Path]) -> None:
    """Puts block lists and decisions of several builds into a journal, or nothing if they contradict each other."""
    lists = [kept.setting(exclusions.SETTING)]
    decided: dict[str, tuple[Decision, ...]] = {}
    for source in sources:
        with journal.seen(source) as other:
            lists.append(other.setting(exclusions.SETTING))
            decided[str(source)] = decisions.parsed(other.setting(decisions.SETTING))
    own = decisions.parsed(kept.setting(decisions.SETTING))
    kept.set(
        **{
            exclusions.SETTING: exclusions.written(name for one in lists for name in one.splitlines()),
            decisions.SETTING: decisions.written(decisions.together(own, decided)),
        }
    )


def write(extractions: Iterable[Extraction], folder: Path) -> Graph:
    """The graph of some extractions, written to a folder as Turtle and as a page.

    What was inferred from the graph before is taken away: it may hold what the articles no longer say.
    """
    graph = statements.graph_of(extractions)
    (folder / INFERRED).unlink(missing_ok=True)
    turtle.write(graph, folder / GRAPH)
    view.write(graph, folder / PAGE)
    return graph


def infer(folder: Path) -> Path:
    """Writes what follows from a build's facts as a graph of its own, and returns the file."""
    from kg import inference  # loads the rules of OWL, which nothing else needs

    target = folder / INFERRED
    turtle.write(inference.inferred(turtle.read(folder / GRAPH)), target, name=inference.NAME)
    return target


class _Desk:
    """Gives out what there is to read, and keeps what comes back."""

    def __init__(
        self,
        kept: journal.Journal,
        reader: Reader,
        engine: Engine,
        refuse: Callable[[Refused], None],
        progress: Callable[[Article], None],
    ) -> None:
        self._kept = kept
        self._reader = reader
        self._engine = engine
        self._refuse = refuse
        self._progress = progress
        self.refused: list[Refused] = []
        self.read = self.known = self.words = 0

    def take(self, inputs: Iterable[Article | Refused]) -> None:
        """Reads what is new among the inputs."""
        self._keep(self._new(inputs))

    def renew(self) -> None:
        """Brings up to date what other versions have read."""
        stale = self._kept.stale(self._reader.versions)
        self._keep(self._task(article) for article in map(self._kept.article, stale) if article is not None)

    def _new(self, inputs: Iterable[Article | Refused]) -> Generator[Task, None, None]:
        for article in inputs:
            if isinstance(article, Refused):
                self._leave_out(article)
            elif self._kept.holds(article, self._reader.versions):
                self.known += 1
                self._progress(article)
            else:
                yield self._task(article)

    def _task(self, article: Article) -> Task:
        return Task(article, self._kept.document(article, self._reader.versions.pack))

    def _keep(self, tasks: Generator[Task, None, None]) -> None:
        with closing(tasks), closing(self._engine(tasks)) as done:
            for each in done:
                article = each.task.article
                if each.row is None:
                    self._leave_out(Refused(article.source or article.id, each.failure))
                else:
                    self._kept.keep(each.row)
                    self.read, self.words = self.read + 1, self.words + each.words
                    self._progress(article)

    def _leave_out(self, refused: Refused) -> None:
        self.refused.append(refused)
        self._refuse(refused)


def _written(
    kept: journal.Journal,
    folder: Path,
    read: int,
    known: int,
    words: int,
    seconds: float,
    refused: tuple[Refused, ...],
    renewed: int,
) -> Summary:
    articles = len(kept.ids())
    made = _write_all(kept, folder) if articles else _Made(Tally(0, {}))
    counts = Counter(made.tally.by_predicate)
    return Summary(
        folder=folder,
        articles=articles,
        read=read,
        kept=known,
        entities=made.tally.entities,
        statements=counts.total(),
        by_predicate=tuple(sorted(counts.items(), key=lambda row: (-row[1], row[0]))),
        words=words,
        seconds=seconds,
        refused=refused,
        renewed=renewed,
        recovered=kept.recovered,
        checked=made.checked,
        excluded=_excluded(kept),
        page=made.page,
        is_large=made.is_large,
    )


def _excluded(kept: journal.Journal) -> str:
    """How much of the block list names somebody, and what does not: a slip of the pen there keeps nobody out."""
    entries = exclusions.parsed(kept.setting(exclusions.SETTING))
    if not entries:
        return ""
    named = decisions.applied(journal.Again(kept.extractions), decisions.parsed(kept.setting(decisions.SETTING)))
    unused = exclusions.unused(entries, named)
    left = f"; nobody here is called {', '.join(unused[:5])}{' …' if len(unused) > 5 else ''}" if unused else ""
    return f"{len(entries) - len(unused)} of the {len(entries)} on the block list{left}"


@dataclass(frozen=True, slots=True)
class _Made:
    """What was written: its counts, and the lines of a summary on its check and its page."""

    tally: Tally
    checked: str = ""
    page: str = ""
    is_large: bool = False


def _write_all(kept: journal.Journal, folder: Path) -> _Made:
    """Writes the outputs of a folder that is ours, and clears away what a killed run left half-written."""
    for name in (GRAPH, PAGE):
        for unfinished in folder.glob(f".{name}.*"):
            unfinished.unlink(missing_ok=True)
    for unfinished in folder.glob(f"{assembly.FOLDER}*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    claims = sum(len(extraction.claims) for extraction in kept.extractions())
    made = _at_once(kept, folder) if claims < MANY else _by_way_of_the_disk(kept, folder, claims)
    kept.written()
    return made


def _at_once(kept: journal.Journal, folder: Path) -> _Made:
    graph = write(decisions.decided(kept), folder)
    counts = Counter(str(name).rpartition("#")[2] for name in graph.objects(None, RDF.predicate))
    labelled = {subject for subject in graph.subjects(RDFS.label) if (subject, RDF.type, PROV.Activity) not in graph}
    return _Made(Tally(len(labelled), counts), shapes.check(graph).summary, str(folder / PAGE))


def _by_way_of_the_disk(kept: journal.Journal, folder: Path, claims: int) -> _Made:
    for name in (INFERRED, PAGE):  # they are of the graph before
        (folder / name).unlink(missing_ok=True)
    tally = assembly.write(decisions.decided(kept), folder / GRAPH)
    return _Made(
        tally,
        checked=f"no, as {claims:,} claims were read; kg validate {folder} does it, in memory",
        page=f"none, for the same reason; to ask: kg export {folder} --store DIR, then kg query DIR",
        is_large=True,
    )
