"""Who answers a query: Oxigraph, which is fast, and rdflib, the reference that must give the same answers.

Both give the same plain records (`Found`), so that nothing above knows which of them it was. What an engine does is
bounded in time and memory by `bounded`; what a query may ask at all is decided in `kg.sparql`.
"""

from __future__ import annotations

import marshal
import os
import re
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol

from kg import sparql
from kg.errors import GraphError, QueryError
from kg.namespaces import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox
    from rdflib import Graph
    from rdflib.term import Node

IRI, LITERAL, BLANK = "iri", "literal", "blank"
_STRING = f"{PREFIXES['xsd']}string"
_INTEGERS = frozenset({"integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"})
_PLACE = re.compile(r"error at (?P<line>\d+):(?P<column>\d+): (?:expected (?:one of )?)?(?P<why>.*)", re.DOTALL)
_SAYINGS = {
    "variable that is unbound": "it selects a variable that is neither grouped by nor aggregated, or is nowhere bound",
    "IRI parsing failed": "a relative IRI; write it whole, or with a prefix",
}
_KEYWORD = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)?\b")
_CHARACTER = re.compile(r"""\[?["'].""")
_NOT_UNDERSTOOD = "this is not understood"


class Cell(NamedTuple):
    """One RDF term of an answer: an IRI, a literal with datatype or language (both may be empty), or a blank node."""

    kind: str
    text: str
    datatype: str = ""
    language: str = ""

    def __str__(self) -> str:
        """The term's own text, without datatype or language."""
        return self.text

    @property
    def value(self) -> str | int | float | bool:
        """A Python value: numbers and truth values as such, all else as text."""
        kind = self.datatype.removeprefix(PREFIXES["xsd"])
        try:
            if kind in _INTEGERS:
                return int(self.text)
            if kind in ("decimal", "double", "float"):
                return float(self.text)
        except ValueError:
            return self.text
        return self.text in ("true", "1") if kind == "boolean" else self.text


Row = tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine found: `rows` under `columns` (SELECT; a CONSTRUCT's are triples) or `yes` (ASK).

    `cut` says that there were more rows than the limit.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    yes: bool = False
    cut: bool = False


class Engine(Protocol):
    """What answers queries."""

    name: str

    def find(self, text: str, most: int) -> Found:
        """The answer to a query that `sparql.check` has passed, with at most `most` rows.

        Raises QueryError, with the place if it is known, for what is not well formed.
        """
        ...


# Oxigraph ----------------------------------------------------------------------------------------------


class Oxigraph:
    """A store of pyoxigraph."""

    name = "oxigraph"

    def __init__(self, store: ox.Store) -> None:
        self.store = store

    @classmethod
    def of_file(cls, path: Path) -> Oxigraph:
        """The graph in a Turtle file, in memory; GraphError, with the line where there is one, for what is none."""
        import pyoxigraph as ox

        store = ox.Store()
        try:
            store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri="urn:kg:file")
        except SyntaxError as error:
            place = f"line {error.lineno}: " if error.lineno else ""
            raise GraphError(f"{path}: no Turtle: {place}{' '.join(str(error.msg).split())[:200]}") from error
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else " ".join(str(error).split())
            raise GraphError(f"{path}: the graph cannot be read ({why[:200]})") from error
        return cls(store)

    @classmethod
    def of_graph(cls, graph: Graph) -> Oxigraph:
        """The triples of an rdflib graph, in memory."""
        import pyoxigraph as ox

        store = ox.Store()
        store.bulk_load(graph.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
        return cls(store)

    def find(self, text: str, most: int) -> Found:
        """See Engine."""
        import pyoxigraph as ox

        try:
            # the blanks let the parser compare whole keywords at the end, too: see _placed
            result = self.store.query(f"{text}\n{' ' * 20}", prefixes=PREFIXES)
            if isinstance(result, ox.QueryBoolean):
                return Found(yes=bool(result))
            if isinstance(result, ox.QueryTriples):
                return _limited(("subject", "predicate", "object"), map(from_triple, result), most)
            return _limited(tuple(variable.value for variable in result.variables), map(_from_solution, result), most)
        except SyntaxError as error:
            raise _placed(text, str(error)) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise GraphError(f"the query cannot be answered: {' '.join(str(error).split())[:300]}") from error


def _from_solution(solution: Any) -> Row:
    return tuple(map(_from_ox, solution))


def from_triple(triple: ox.Triple) -> Row:
    """A triple of pyoxigraph's as a row."""
    return _from_ox(triple.subject), _from_ox(triple.predicate), _from_ox(triple.object)


def _from_ox(term: Any) -> Cell | None:
    import pyoxigraph as ox

    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return Cell(IRI, term.value)
    if isinstance(term, ox.Literal):
        language = (term.language or "").lower()
        datatype = "" if language or term.datatype.value == _STRING else term.datatype.value
        return Cell(LITERAL, term.value, datatype, language)
    return Cell(BLANK, term.value if isinstance(term, ox.BlankNode) else str(term))


def _placed(text: str, message: str) -> QueryError:
    """Oxigraph's error with its place, and its reason where that is no list of all that may stand there."""
    parts = _PLACE.match(message)
    if not parts:
        return QueryError(f"the query is not well formed: {' '.join(message.split())[:200]}")
    offset = sparql.offset_of(text, int(parts["line"]), int(parts["column"]))
    why = parts["why"]
    said = next((reason for saying, reason in _SAYINGS.items() if saying in why), "")
    if said.startswith("it selects"):
        offset = next((word.start for word in sparql.words(text) if word.text.upper() == "SELECT"), 0)
    elif said:
        offset -= 1  # behind the IRI
    else:
        # The parser compares whole keywords, and says where the one that reaches farthest would have ended.
        keywords = [len(word) for word in _KEYWORD.findall(why)]
        if keywords and not _CHARACTER.search(why):
            offset -= min(keywords)
    offset = sparql.word_at(text, offset)
    line, column = sparql.place_of(text, offset)
    return QueryError(said or (_NOT_UNDERSTOOD if text[offset:].strip() else "something is missing"), line, column)


# rdflib ------------------------------------------------------------------------------------------------


class Rdflib:
    """A graph of rdflib, asked by rdflib's own engine."""

    name = "rdflib"

    def __init__(self, graph: Graph) -> None:
        import rdflib.plugins.sparql  # noqa: F401 - takes a second, which no query's time limit should pay

        self.graph = graph

    def find(self, text: str, most: int) -> Found:
        """See Engine."""
        from rdflib.plugins.sparql.algebra import translateQuery
        from rdflib.plugins.sparql.evaluate import evalQuery
        from rdflib.plugins.sparql.parser import Query

        try:
            # not prepareQuery, which reads «\\u0022» with its backslash escaped as the end of that string
            prepared = translateQuery(Query.parse_string(text, parse_all=True), initNs=PREFIXES)
        except Exception as error:  # rdflib raises pyparsing's errors and bare Exceptions, with no common parent
            line, column = getattr(error, "lineno", 0), getattr(error, "col", 0)
            if line and column:
                raise QueryError(_NOT_UNDERSTOOD, line, column) from error
            raise QueryError(f"the query is not well formed: {' '.join(str(error).split())[:200]}") from error
        # not Graph.query, whose rows leave out those in which nothing is bound
        result = evalQuery(self.graph, prepared)
        if result["type_"] == "ASK":
            return Found(yes=bool(result["askAnswer"]))
        if result["type_"] in ("CONSTRUCT", "DESCRIBE"):
            triples: Iterable[Any] = result["graph"]
            return _limited(("subject", "predicate", "object"), (tuple(map(_from_rdflib, t)) for t in triples), most)
        variables = result["vars_"]
        rows = (tuple(_from_rdflib(bound.get(variable)) for variable in variables) for bound in result["bindings"])
        if _is_grouped(prepared.algebra):
            # where nothing matches, rdflib makes one empty group of it; SPARQL has none if there are keys to group by
            rows = (row for row in rows if any(row))
        return _limited(tuple(map(str, variables)), rows, most)


def _is_grouped(part: Any) -> bool:
    """Whether the solutions of an algebra expression of rdflib are groups with keys."""
    while part is not None:
        if part.name == "Group":
            return part.expr is not None
        part = part.p
    return False


def _from_rdflib(term: Node | None) -> Cell | None:
    from rdflib import BNode, Literal

    if term is None:
        return None
    if isinstance(term, Literal):
        datatype = str(term.datatype or "")
        language = (term.language or "").lower()
        return Cell(LITERAL, str(term), "" if language or datatype == _STRING else datatype, language)
    return Cell(BLANK if isinstance(term, BNode) else IRI, str(term))


# Limits ------------------------------------------------------------------------------------------------


def _limited(columns: tuple[str, ...], rows: Iterable[Row], most: int) -> Found:
    kept: list[Row] = []
    for row in rows:
        if len(kept) == most:
            return Found(columns, tuple(kept), cut=True)
        kept.append(row)
    return Found(columns, tuple(kept))


_MOST_MEMORY = 4 << 30
"""Bytes that one query may take beside what the process holds already (Linux)."""
_CHUNK = 1 << 20
_FAILED, _NO_MEMORY = 1, 2
"""Exit codes of the child that a query runs in."""


def bounded(work: Callable[[], Found], seconds: float | None) -> Found:
    """What `work` gives, in at most so many seconds (None: however long it takes).

    Engines cannot be stopped while they count or sort, so the work is done by a forked child, which is ended when its
    time is up or Ctrl-C is pressed; nothing of it is left. Raises GraphError when time or memory is used up. Where
    there is no fork (Windows), the work is done in place and the limit does not hold.
    """
    if seconds is None or not hasattr(os, "fork"):
        return work()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of forks beside threads; the child calls the engine and writes a pipe, nothing else
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _be_the_child(work, reading, writing)
    os.close(writing)
    message: bytes | None = None
    try:
        message = _received(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        if message is None:
            os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if message is None:
        raise GraphError(f"the query was stopped after {seconds:g} s; ask for less, or give it more time (--timeout)")
    if status == _NO_MEMORY or status < 0:
        raise GraphError("the query took more memory than it may have; ask for less")
    if status:
        raise GraphError("the engine failed on this query; try the other one, or write it in another way")
    return _understood(message)


def _received(reading: int, deadline: float) -> bytes | None:
    """All that comes through a pipe; None when the time is up before its end."""
    parts: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return None
        part = os.read(reading, _CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _be_the_child(work: Callable[[], Found], reading: int, writing: int) -> NoReturn:
    status = _FAILED
    try:
        os.close(reading)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what Rust says when memory runs out
        _limit_memory()
        message = marshal.dumps(_told(work))
        while message:
            message = message[os.write(writing, message) :]
        status = 0
    except MemoryError:
        status = _NO_MEMORY
    finally:
        os._exit(status)  # never back into the caller's code, which belongs to the parent


def _limit_memory() -> None:
    try:
        import resource

        held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (held + _MOST_MEMORY, resource.RLIM_INFINITY))
    except (ImportError, OSError, ValueError):
        return  # no such thing here: the limit in time stays


def _told(work: Callable[[], Found]) -> tuple[Any, ...]:
    try:
        found = work()
    except QueryError as error:
        return "query", str(error), error.line, error.column
    except GraphError as error:
        return "graph", str(error)
    except RecursionError:
        return "graph", "the query is nested too deeply"
    rows = [tuple(None if cell is None else tuple(cell) for cell in row) for row in found.rows]
    return "found", found.columns, rows, found.yes, found.cut


def _understood(message: bytes) -> Found:
    kind, *rest = marshal.loads(message)  # noqa: S302 - written by our own child
    if kind == "query":
        raise QueryError(*rest)
    if kind == "graph":
        raise GraphError(*rest)
    columns, rows, yes, cut = rest
    return Found(columns, tuple(tuple(None if cell is None else Cell(*cell) for cell in row) for row in rows), yes, cut)
