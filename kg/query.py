"""SPARQL over a built graph: preset prefixes, saved questions with bound arguments, rows out.

A query sees the graph and nothing else: what would fetch from elsewhere (SERVICE, FROM) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdflib import Graph, Literal
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.query import Result

from kg import resources
from kg.errors import GraphError
from kg.vocab import PREFIXES

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


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


def answer(graph: Graph, text: str, arguments: Mapping[str, str] | None = None) -> Result:
    """The result of a query on a graph.

    `arguments` bind variables (`?club`) to strings. Raises GraphError, with the place where the parser
    knows it, for a query that is not well formed or that asks for data from elsewhere.
    """
    try:
        query = prepareQuery(text, initNs=PREFIXES)
    except Exception as error:  # rdflib raises pyparsing's and its own errors, with no common parent
        raise GraphError(f"the query is not well formed: {_one_line(error)}") from error
    if _reaches_out(query.algebra):
        raise GraphError("the query asks for data from elsewhere (SERVICE or FROM); kg answers from the graph alone")
    bound = {name: Literal(value) for name, value in (arguments or {}).items()}
    return graph.query(query, initBindings=bound)


def ask(graph: Graph, query: SavedQuery, arguments: Mapping[str, str]) -> Result:
    """The answer to a saved question; GraphError where an argument is missing or unknown."""
    missing = [name for name in query.arguments if name not in arguments]
    unknown = [name for name in arguments if name not in query.arguments]
    if missing:
        raise GraphError(f"{query.name}: needs --arg {missing[0]}=…")
    if unknown:
        raise GraphError(f"{query.name}: knows no argument {unknown[0]!r}")
    return answer(graph, query.text, arguments)


def rows(result: Result) -> Iterator[tuple[str, ...]]:
    """The rows of a SELECT result as strings; unbound values are empty."""
    for row in result:
        values: tuple[Any, ...] = tuple(row)  # type: ignore[arg-type]
        yield tuple("" if value is None else str(value) for value in values)


def columns(result: Result) -> tuple[str, ...]:
    """The names of a SELECT result's columns."""
    return tuple(str(variable) for variable in result.vars or ())


def _reaches_out(part: Any) -> bool:
    if isinstance(part, CompValue):
        if part.name in ("ServiceGraphPattern", "DatasetClause"):
            return True
        return any(_reaches_out(value) for key, value in part.items() if key != "_vars")
    if isinstance(part, list | tuple):
        return any(_reaches_out(value) for value in part)
    return False


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
