"""SPARQL over a built graph: preset prefixes, saved questions with bound arguments, limits.

A query sees the graph and nothing else: what would fetch from elsewhere (SERVICE, FROM) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg import resources, sparql
from kg.engines import IRI, LITERAL, Cell, Engine, Found, Oxigraph, Row, bounded
from kg.errors import GraphError, QueryError
from kg.namespaces import PREFIXES, shortened

__all__ = ["PREFIXES", "Answer", "Limits", "SavedQuery", "answer", "answer_saved", "open_engine", "saved_queries"]

GRAPH = "graph.ttl"
"""Name of the graph in a build folder."""
_STORE = "current"
"""A file that the folder of a store on disk has (see `kg.store`)."""
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a query may take (seconds; None: for ever) and how many rows or triples it may give."""

    seconds: float | None = 60.0
    rows: int = 100_000

    def __post_init__(self) -> None:
        if self.rows < 1 or (self.seconds is not None and not 0 < self.seconds < 10**9):
            raise GraphError("the limits of a query are a positive number of seconds and of rows")


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A question kept in `ontology/queries`: its first comment line says what it asks.

    `arguments` are the variables that `# argument: name` lines announce; each is bound to the
    label of an entity (case does not count), never pasted into the text.
    """

    name: str
    asks: str
    arguments: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query.

    `form` is SELECT, ASK, CONSTRUCT or DESCRIBE; `rows` stand under `columns` (triples for the last two), `yes` is
    the answer to an ASK, and `cut` says that the row limit left some out.
    """

    form: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    yes: bool
    cut: bool

    @property
    def is_graph(self) -> bool:
        """Whether the rows are the triples of a graph."""
        return self.form in ("CONSTRUCT", "DESCRIBE")


def open_engine(place: str | Path) -> Engine:
    """What answers for a place: a build folder, a Turtle file, a store's folder, or the address of a SPARQL server.

    Raises GraphError where there is no graph.
    """
    file = graph_file(place)
    if file is not None:
        return Oxigraph.of_file(file)
    if _ADDRESS.match(str(place)) or (Path(place) / _STORE).is_file():
        from kg import store

        return store.opened(str(place))
    raise GraphError(f"{place}: no graph of kg; make one with kg build INPUT -o {place}")


def graph_file(place: str | Path) -> Path | None:
    """The Turtle file of a place, or None where there is none."""
    path = Path(place)
    file = path / GRAPH if path.is_dir() else path
    return file if file.is_file() else None


def saved_queries() -> tuple[SavedQuery, ...]:
    """All saved questions, by name."""
    return tuple(_saved(path) for path in sorted((resources.folder("ontology") / "queries").glob("*.rq")))


def saved_query(name: str) -> SavedQuery:
    """The saved question with this name; GraphError if there is none."""
    known = {query.name: query for query in saved_queries()}
    if name not in known:
        raise GraphError(f"{name}: no saved question has this name; there are: {', '.join(known)}")
    return known[name]


def _saved(path: Path) -> SavedQuery:
    text = path.read_text(encoding="utf-8")
    comments = [line[1:].strip() for line in text.splitlines() if line.startswith("#")]
    arguments = tuple(c.partition(":")[2].strip() for c in comments if c.startswith("argument:"))
    return SavedQuery(path.stem, comments[0] if comments else path.stem, arguments, text)


def answer(
    engine: Engine,
    text: str,
    arguments: Mapping[str, str | Cell] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Answer:
    """The answer to a query.

    `arguments` bind variables (`?club`) to strings, or to whole terms. Raises QueryError, with line and column, for a
    query that is not well formed or that asks for data from elsewhere, and GraphError when a limit in time is reached.
    """
    form = sparql.check(text)
    asked = sparql.bound(text, {name: _term(value) for name, value in (arguments or {}).items()})
    try:
        found: Found = bounded(lambda: engine.find(asked.text, limits.rows), limits.seconds)
    except QueryError as error:
        if not error.line:
            raise
        offset = sparql.offset_of(asked.text, error.line, error.column)
        raise sparql.error_at(text, asked.original(offset), str(error)) from error
    return Answer(form, found.columns, found.rows, found.yes, found.cut)


def _term(value: str | Cell) -> str:
    if isinstance(value, Cell) and value.kind == IRI:
        return sparql.iri(value.text)
    return (
        sparql.literal(value.text, value.datatype, value.language) if isinstance(value, Cell) else sparql.literal(value)
    )


def answer_saved(
    engine: Engine, query: SavedQuery, arguments: Mapping[str, str], limits: Limits = DEFAULT_LIMITS
) -> Answer:
    """The answer to a saved question; GraphError where an argument is missing or unknown."""
    missing = [name for name in query.arguments if name not in arguments]
    unknown = [name for name in arguments if name not in query.arguments]
    if missing:
        raise GraphError(f"{query.name}: needs --arg {missing[0]}=…")
    if unknown:
        raise GraphError(f"{query.name}: knows no argument {unknown[0]!r}")
    return answer(engine, query.text, arguments, limits)


def plain(cell: Cell | None) -> str:
    """A term as people read it: an IRI with its prefix, a literal's text, nothing for nothing."""
    if cell is None:
        return ""
    return cell.text if cell.kind == LITERAL else shortened(cell.text)
