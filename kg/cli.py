"""The command line: arguments → one call → one print.

Exit codes: 0 all done, 1 some input refused, 2 nothing done.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg import __version__
from kg.errors import GraphError, InputError, KgError

if TYPE_CHECKING:
    from rdflib import Graph

    from kg.model import Article
    from kg.pipeline import Summary

OK, SOME_REFUSED, NOTHING_DONE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; what goes wrong is one line on standard error."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help()
        return OK
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except KgError as error:
        if options.debug:
            raise
        _complain(str(error))
        return NOTHING_DONE
    except KeyboardInterrupt:
        _complain("stopped; what was read so far is kept")
        return 130
    except BrokenPipeError:
        # the reader of our output has gone («kg query … | head»): nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def _complain(message: str) -> None:
    from kg.cleaning import visible

    print(f"kg: {visible(message)}", file=sys.stderr)


# Commands ----------------------------------------------------------------------------------------------


def _build(options: argparse.Namespace) -> int:
    from kg import articles, pipeline

    reader = pipeline.Reader(options.models, options.gazetteer)
    _ = reader.gazetteer, reader.grammar, reader.parser  # a broken one is said before anything is read
    with _progress(options.quiet) as advance:
        summary = pipeline.build(
            articles.read(options.inputs, stdin=sys.stdin.buffer),
            Path(options.output),
            reader,
            refuse=lambda refused: _complain(f"{refused.source}: {refused.reason}"),
            progress=advance,
        )
    if not summary.articles:
        raise InputError("no article could be read; nothing was built")
    _print_summary(summary)
    if not summary.read and not summary.kept:
        return NOTHING_DONE
    return SOME_REFUSED if summary.refused else OK


class _progress:  # noqa: N801 - used as a function
    """A progress bar over articles on a terminal, and nothing in a pipe."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet or not sys.stderr.isatty()

    def __enter__(self) -> Callable[[Article], None]:
        if self._quiet:
            return lambda article: None
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.completed} articles"),
            BarColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            transient=True,
        )
        task = self._bar.add_task("", total=None)
        self._bar.start()
        return lambda article: self._bar.update(task, advance=1, description=escape(article.id[:60]))

    def __exit__(self, *_: object) -> None:
        if not self._quiet:
            self._bar.stop()


def _print_summary(summary: Summary) -> None:
    from kg import pipeline

    speed = f", {summary.words / summary.seconds:.0f} words per second" if summary.words else ""
    counts = f"{summary.read} read now, {summary.kept} known, {len(summary.refused)} refused"
    print(f"articles    {summary.articles} ({counts})")
    print(f"entities    {summary.entities}")
    print(f"claims      {summary.statements}")
    for predicate, count in summary.by_predicate:
        print(f"  {predicate:<14} {count}")
    print(f"read        {summary.words} words in {summary.seconds:.1f} s{speed}")
    print(f"graph       {summary.folder / pipeline.GRAPH}")
    print(f"page        {summary.folder / pipeline.PAGE}")


def _remove(options: argparse.Namespace) -> int:
    from kg import journal, pipeline

    folder = _existing(options.build)
    with journal.opened(folder) as kept:
        missing = [identifier for identifier in options.ids if not kept.remove(identifier)]
        extractions = tuple(kept.extractions())
    pipeline.write(extractions, folder)
    for identifier in missing:
        _complain(f"{identifier}: no article of {folder} has this id; see kg status {folder}")
    if len(missing) == len(options.ids):
        return NOTHING_DONE
    return SOME_REFUSED if missing else OK


def _status(options: argparse.Namespace) -> int:
    from kg import journal
    from kg.cleaning import visible

    with journal.opened(_existing(options.build)) as kept:
        for extraction in kept.extractions():
            title = visible(extraction.article.title)
            print(f"{visible(extraction.article.id)}\t{len(extraction.claims)} claims\t{title}")
    return OK


def _existing(folder: str) -> Path:
    from kg import journal

    path = Path(folder)
    if not (path / journal.FILE).is_file():
        raise GraphError(f"{path}: no build of kg; make one with kg build INPUT -o {path}")
    return path


def _eval(options: argparse.Namespace) -> int:
    from kg import evaluate, gold

    articles = gold.read([Path(path) for path in options.gold])
    if options.graph:
        said = evaluate.from_graph(_graph(options.graph))
    else:
        said = evaluate.from_extractions(_extractions_of(articles, options))
    report = evaluate.score(articles, said)
    print(evaluate.as_json(report) if options.json else evaluate.render(report, verbose=options.verbose))
    return OK


def _extractions_of(gold_articles: Iterable[object], options: argparse.Namespace) -> Iterator[object]:
    from kg import pipeline

    reader = pipeline.Reader(options.models, options.gazetteer)
    return (reader.extraction(article.article) for article in gold_articles)  # type: ignore[attr-defined]


def _explain(options: argparse.Namespace) -> int:
    from kg import articles, explain, pipeline

    reader = pipeline.Reader(options.models, options.gazetteer)
    code = OK
    for article in articles.read([options.file], stdin=sys.stdin.buffer):
        if isinstance(article, articles.Refused):
            _complain(f"{article.source}: {article.reason}")
            code = SOME_REFUSED
            continue
        reading, findings = reader.findings(article)
        for line in explain.explain(reading, findings):
            print(line)
    return code


def _query(options: argparse.Namespace) -> int:
    from kg import query

    if options.list:
        for saved in query.saved_queries():
            needs = "".join(f" --arg {name}=…" for name in saved.arguments)
            print(f"{saved.name:<28} {saved.asks}{needs}")
        return OK
    if not options.build:
        raise GraphError("name a build folder, or ask for the saved questions with --list")
    graph = _graph(options.build)
    if options.named:
        result = query.ask(graph, query.saved_query(options.named), dict(map(_pair, options.arg)))
    else:
        result = query.answer(graph, _query_text(options))
    _print_result(result, options.format)
    return OK


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise GraphError(f"--arg {text}: write it as name=value, for example --arg club=Roma")
    return name, value


def _query_text(options: argparse.Namespace) -> str:
    if options.file:
        try:
            return Path(options.file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise GraphError(f"{options.file}: the query cannot be read ({error})") from error
    if not options.sparql:
        raise GraphError("give a query, a file of one (-f), or a saved question (--named); see kg query --list")
    return str(options.sparql)


def _graph(place: str) -> Graph:
    from kg import pipeline, turtle

    path = Path(place)
    return turtle.read(path / pipeline.GRAPH if path.is_dir() else path)


def _print_result(result: object, form: str) -> None:
    from rdflib.query import Result

    from kg import query, turtle

    assert isinstance(result, Result)
    if result.type in {"CONSTRUCT", "DESCRIBE"}:
        assert result.graph is not None
        print(turtle.dumps(result.graph), end="")
    elif result.type == "ASK" and form not in {"json", "xml"}:
        print("yes" if result.askAnswer else "no")
    elif form in ("csv", "json", "xml"):
        serialized = result.serialize(format=form)
        assert serialized is not None
        sys.stdout.write(serialized.decode("utf-8").replace("\r\n", "\n"))
    else:
        _print_table(query.columns(result), [tuple(map(_short, row)) for row in query.rows(result)])


def _short(value: str) -> str:
    from kg.cleaning import visible
    from kg.vocab import PREFIXES

    for prefix, namespace in PREFIXES.items():
        if value.startswith(str(namespace)) and len(value) > len(str(namespace)):
            return f"{prefix}:{value[len(str(namespace)) :]}"
    return visible(value)


def _print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(f"({len(rows)} rows)")


def _view(options: argparse.Namespace) -> int:
    from kg import view

    source = Path(options.build)
    target = Path(options.output) if options.output else source / "graph.html"
    view.write(_graph(options.build), target)
    print(target)
    return OK


# Arguments ---------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kg",
        description="Reads Italian football news into a knowledge graph: Turtle, an offline page, SPARQL.",
        epilog="First steps: kg build articles/ -o build; kg query --list; open build/graph.html in a browser.",
    )
    parser.add_argument("--version", action="version", version=f"kg {__version__}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--debug", action="store_true", help="show where an error comes from")
    reading = argparse.ArgumentParser(add_help=False, parents=[shared])
    reading.add_argument(
        "--models", metavar="PACK", help="a folder with a Stanza pack, or `stanza` for the official one"
    )
    reading.add_argument(
        "--gazetteer", type=Path, metavar="DIR", help="a folder with your own rows of who is who; they win"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    build = commands.add_parser(
        "build",
        parents=[reading],
        help="read articles into a graph",
        description="Reads articles (.txt, .html, .json, .jsonl, folders, - for standard input) into a graph.",
        epilog="example: kg build seeds/articles -o build",
    )
    build.add_argument("inputs", nargs="+", metavar="INPUT")
    build.add_argument("-o", "--output", default="build", metavar="DIR", help="the build folder (default: build)")
    build.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    build.set_defaults(run=_build)

    remove = commands.add_parser(
        "remove",
        parents=[shared],
        help="take articles out of a build",
        description="Takes articles out of a build: what is left is as if they had never been read.",
        epilog="example: kg remove build 2025-03-31-roma",
    )
    remove.add_argument("build", metavar="BUILD")
    remove.add_argument("ids", nargs="+", metavar="ID")
    remove.set_defaults(run=_remove)

    status = commands.add_parser(
        "status", parents=[shared], help="list the articles of a build", epilog="example: kg status build"
    )
    status.add_argument("build", metavar="BUILD")
    status.set_defaults(run=_status)

    query = commands.add_parser(
        "query",
        parents=[shared],
        help="ask a built graph in SPARQL",
        epilog="examples: kg query build --named candidates --arg club=Roma; "
        "kg query build 'SELECT ?who WHERE { ?who fb:coaches ?side }'; kg query --list",
    )
    query.add_argument("build", nargs="?", metavar="BUILD", help="a build folder or a Turtle file")
    query.add_argument("sparql", nargs="?", metavar="SPARQL")
    query.add_argument("-f", "--file", metavar="FILE.rq", help="a file with the query")
    query.add_argument("--named", metavar="NAME", help="a saved question")
    query.add_argument("--arg", action="append", default=[], metavar="NAME=VALUE", help="an argument of it")
    query.add_argument("--list", action="store_true", help="list the saved questions")
    query.add_argument("--format", choices=("table", "csv", "json", "xml"), default="table")
    query.set_defaults(run=_query)

    view = commands.add_parser(
        "view", parents=[shared], help="write the page of a build", epilog="example: kg view build"
    )
    view.add_argument("build", metavar="BUILD")
    view.add_argument("-o", "--output", metavar="FILE.html")
    view.set_defaults(run=_view)

    evaluate = commands.add_parser(
        "eval",
        parents=[reading],
        help="score claims against annotated articles",
        epilog="example: kg eval ../shared/gold --graph build/graph.ttl -v",
    )
    evaluate.add_argument("gold", nargs="+", metavar="GOLD", help="annotated articles (.json) or folders of them")
    evaluate.add_argument("--graph", metavar="FILE.ttl", help="score this graph instead of reading the articles")
    evaluate.add_argument("-v", "--verbose", action="store_true", help="list what was missed and wrongly said")
    evaluate.add_argument("--json", action="store_true", help="print the report as JSON")
    evaluate.set_defaults(run=_eval)

    explain = commands.add_parser(
        "explain",
        parents=[reading],
        help="show how an article is read",
        description="For each sentence: the tree, the mentions, the rules that fired and on which words.",
        epilog="example: kg explain article.txt | less",
    )
    explain.add_argument("file", metavar="FILE")
    explain.set_defaults(run=_explain)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
