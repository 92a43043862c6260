"""SPARQL cells in notebooks.

    %load_ext kg

    %%sparql -g build candidates
    SELECT ?who ?how WHERE { ?c rdf:predicate fb:candidateFor ; rdf:subject/rdfs:label ?who ; fb:modality ?how }

`-g` names a build folder, a Turtle file or a variable that holds a graph; later cells keep it (at first: `build`).
`-a club=Roma` binds a variable. The answer is shown and lands in the variable named at the end: as a table (things by
label, linked), as a drawing with `--view`, and with the sentences behind it with `--evidence`. The tab key completes
prefixes, terms, names of things (`person:`, or inside quotes) and variables. An error names line and column.
"""

from __future__ import annotations

import argparse
import html
import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class

from kg import api, sparql
from kg.engines import IRI, LITERAL, Cell
from kg.errors import GraphError, KgError, QueryError
from kg.namespaces import OTHER_TERMS, PREFIXES, shortened, terms
from kg.query import Answer

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

_MOST_ROWS = 100
"""Rows that a table shows; the answer itself has them all."""
_MOST_NAMES = 200
"""Completions offered at once."""
_STYLE = 'style="text-align: left; vertical-align: top"'


def load(shell: InteractiveShell) -> None:
    """Registers `%%sparql` and its completions with a shell."""
    magics = SparqlMagics(shell)
    shell.register_magics(magics)
    completer = shell.Completer
    if completer is not None:
        completer.custom_matchers.append(_matcher(magics))


@magics_class
class SparqlMagics(Magics):
    """The magic of this module; see its head."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._place = "build"
        self._opened: dict[tuple[str, int], api.KnowledgeGraph] = {}

    @cell_magic
    def sparql(self, line: str, cell: str) -> object:
        """Asks a graph: %%sparql [-g GRAPH] [-a NAME=VALUE] [--view] [--evidence] [--timeout S] [--limit N] [name]."""
        options = _options(line)
        try:
            if options.graph:
                self._place = options.graph
            arguments = dict(_pair(each) for each in options.arg)
            result = self.graph.query(cell, timeout=options.timeout, limit=options.limit, **arguments)
            shown = _Shown(result, _extras(result, options))
        except QueryError as error:
            raise UsageError(_pointed(error, cell)) from None
        except KgError as error:
            raise UsageError(str(error)) from None
        if options.variable:
            assert self.shell is not None
            self.shell.user_ns[options.variable] = result
        return shown if options.view or options.evidence else result

    @property
    def graph(self) -> api.KnowledgeGraph:
        """The graph that cells ask now, opened again when its file has changed; GraphError where there is none."""
        assert self.shell is not None
        held = self.shell.user_ns.get(self._place)
        if isinstance(held, api.KnowledgeGraph):
            return held
        path = Path(self._place)
        file = path / "graph.ttl" if path.is_dir() else path
        changed = file.stat().st_mtime_ns if file.is_file() else 0
        key = (str(file.resolve()), changed)
        if key not in self._opened:
            self._opened = {key: api.open(self._place)}
        return self._opened[key]

    def known_graph(self) -> api.KnowledgeGraph | None:
        """The same, or None where there is none: for completions, which must not fail."""
        try:
            return self.graph
        except GraphError:
            return None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%sparql: {message}\n{self.format_usage()}")


def _options(line: str) -> argparse.Namespace:
    parser = _Parser(prog="%%sparql", add_help=False)
    parser.add_argument("-g", "--graph", metavar="GRAPH")
    parser.add_argument("-a", "--arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--view", action="store_true")
    parser.add_argument("--evidence", action="store_true")
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--limit", type=int, default=100_000, metavar="ROWS")
    parser.add_argument("variable", nargs="?")
    try:
        options = parser.parse_args(shlex.split(line))
    except ValueError as error:  # an open quote
        raise UsageError(f"%%sparql: {error}") from None
    if options.variable is not None and not options.variable.isidentifier():
        raise UsageError(f"%%sparql: {options.variable!r} is no name of a variable")
    return options


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"%%sparql: -a {text}: write it as name=value, for example -a club=Roma")
    return name, value


def _pointed(error: QueryError, cell: str) -> str:
    """The message of an error, with the line of the query and a mark under the column."""
    lines = cell.split("\n")
    if not 0 < error.line <= len(lines):
        return str(error)
    return f"{error}\n{lines[error.line - 1]}\n{' ' * (error.column - 1)}^"


# What is shown -----------------------------------------------------------------------------------------


def _extras(result: api.Result, options: argparse.Namespace) -> str:
    parts = []
    if options.evidence:
        parts.append(_evidence(result))
    if options.view:
        view = result.view() if result.claims() else None
        parts.append(view._repr_html_() if view else _note("No claim stands behind these rows: nothing to draw."))
    return "".join(parts)


class _Shown:
    """An answer with what was asked for beside it."""

    def __init__(self, result: api.Result, extras: str) -> None:
        self._result = result
        self._extras = extras

    def __repr__(self) -> str:
        return repr(self._result)

    def _repr_html_(self) -> str:
        return self._result._repr_html_() + self._extras


def html_of(answer: Answer, graph: api.KnowledgeGraph) -> str:
    """An answer as an HTML table: things by label, linked to where a reader learns more; all text escaped."""
    if answer.form == "ASK":
        return _note("yes" if answer.yes else "no")
    head = "".join(f"<th {_STYLE}>{html.escape(name)}</th>" for name in answer.columns)
    body = "".join(
        "<tr>" + "".join(f"<td {_STYLE}>{_in_html(cell, graph)}</td>" for cell in row) + "</tr>"
        for row in answer.rows[:_MOST_ROWS]
    )
    count = len(answer.rows)
    noun = "triple" if answer.is_graph else "row"
    note = f"{count:,}{' or more' if answer.cut else ''} {noun}{'' if count == 1 else 's'}"
    if count > _MOST_ROWS:
        note += f", the first {_MOST_ROWS} shown"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{_note(note)}"


def _in_html(cell: Cell | None, graph: api.KnowledgeGraph) -> str:
    if cell is None:
        return ""
    if cell.kind == LITERAL:
        return html.escape(cell.text)
    if cell.kind != IRI:
        return html.escape(f"_:{cell.text}")
    label = html.escape(graph.thing(cell.text).label)
    link = graph.links().get(cell.text)
    if link is None:
        return f'<span title="{html.escape(cell.text)}">{label}</span>'
    return f'<a href="{html.escape(link)}" title="{html.escape(cell.text)}" target="_blank" rel="noopener">{label}</a>'


def _evidence(result: api.Result) -> str:
    items = []
    for claim, quotes in result.evidence():
        said = f" — {html.escape(', '.join(map(str, claim.said_by)))}" if claim.said_by else ""
        sentences = "".join(f"<li>{_marked(quote)}</li>" for quote in quotes)
        items.append(f"<li><b>{html.escape(str(claim))}</b>{said}<ul>{sentences}</ul></li>")
    return f"<ul>{''.join(items)}</ul>" if items else _note("No claim stands behind these rows: no sentences.")


def _marked(quote: api.Quote) -> str:
    """A sentence with the claim's arguments marked, and its article."""
    text, at = quote.sentence, quote.place.start
    spans = sorted({(s.start - at, s.end - at) for s in (quote.subject, quote.object) if s is not None})
    parts, end = [], 0
    for start, stop in spans:
        if end <= start < stop <= len(text):
            parts += [html.escape(text[end:start]), f"<mark>{html.escape(text[start:stop])}</mark>"]
            end = stop
    sentence = "".join(parts) + html.escape(text[end:])
    where = html.escape(", ".join(filter(None, (quote.headline or quote.article, quote.date))))
    if quote.url.startswith(("https://", "http://")):
        where = f'<a href="{html.escape(quote.url)}" target="_blank" rel="noopener">{where}</a>'
    return f"«{sentence}» ({where})"


def _note(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


# Completion --------------------------------------------------------------------------------------------

_FRAGMENT = re.compile(
    r"""(?P<quoted>"[^"\n]*)$ | (?P<variable>[?$]\w*)$
      | (?P<name>[A-Za-z][\w-]*:[^\s(){};,"'<>|/^]*)$ | (?P<word>[A-Za-z]*)$""",
    re.VERBOSE,
)


def completions(before: str, query: str, graph: api.KnowledgeGraph | None) -> tuple[str, list[str]]:
    """What may come next in a query: the fragment before the cursor, and whole words that begin with it.

    `before` is the cursor's line up to the cursor, `query` all of the cell.
    """
    match = _FRAGMENT.search(before)
    if match is None:
        return "", []
    fragment = match.group()
    if match["quoted"]:
        found: Iterable[str] = (f'"{name}' for name in (graph.names() if graph else ()))
        start = fragment.casefold()
        return fragment, sorted(name for name in found if name.casefold().startswith(start))[:_MOST_NAMES]
    if match["variable"]:
        found = {word.text for word in sparql.words(query) if word.kind == "variable"} - {fragment}
    elif match["name"]:
        found = _named(fragment.partition(":")[0], graph)
    else:
        found = (*sparql.KEYWORDS, *(f"{prefix}:" for prefix in PREFIXES)) if fragment else ()
    start = fragment.lower()
    return fragment, sorted(one for one in found if one.lower().startswith(start))[:_MOST_NAMES]


def _named(prefix: str, graph: api.KnowledgeGraph | None) -> Iterable[str]:
    """All names with a prefix: terms of the ontology and of others that kg writes, and things of the graph."""
    if prefix == "fb":
        return (f"fb:{term.name}" for term in terms())
    things = graph.things() if graph and prefix in PREFIXES else ()
    short = {shortened(thing.iri) for thing in things} | set(OTHER_TERMS)
    return (name for name in short if name.startswith(f"{prefix}:"))


def _matcher(magics: SparqlMagics) -> Any:
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher(identifier="kg.sparql", priority=100)  # type: ignore[untyped-decorator]
    def match(context: CompletionContext) -> SimpleMatcherResult:
        if not context.full_text.startswith("%%sparql") or context.cursor_line == 0:
            return {"completions": [], "suppress": False}
        before = context.line_with_cursor[: context.cursor_position]
        query = context.full_text.partition("\n")[2]
        fragment, found = completions(before, query, magics.known_graph())
        return {
            "completions": [SimpleCompletion(text) for text in found],
            "matched_fragment": fragment,
            "suppress": True,
        }

    return match
