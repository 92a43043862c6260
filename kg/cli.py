"""The command line: arguments → one call → one print.

Exit codes: 0 all done, 1 some input refused, 2 nothing done.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kg import __version__, models_cli, terminal, usage, workers_cli
from kg.errors import GraphError, InputError, KgError
from kg.terminal import complain as _complain
from kg.usage import examples

if TYPE_CHECKING:
    from rdflib import Graph

    from kg.doctor import Finding
    from kg.engines import Engine
    from kg.gold import GoldArticle
    from kg.model import Extraction
    from kg.pipeline import Reader, Summary
    from kg.query import Answer

OK, SOME_REFUSED, NOTHING_DONE = 0, 1, 2
SHELLS = ("bash", "zsh", "tcsh")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; what goes wrong is one line on standard error."""
    options = parser().parse_args(arguments)
    if not hasattr(options, "run"):
        print(usage.welcome(Path()))
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
        _complain("stopped; what was done so far is kept")
        return 130
    except BrokenPipeError:
        # the reader of our output has gone («kg query … | head»): nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


# Commands ----------------------------------------------------------------------------------------------


def _build(options: argparse.Namespace) -> int:
    from kg import articles, pipeline, progress

    folder = Path(options.output)
    if options.run is _build:
        method = options.reader or pipeline.METHODS[0]
        reader = pipeline.Reader(options.models, options.gazetteer, method, half=bool(options.half))
    else:  # kg add
        reader = pipeline.reader_of(folder, options.models, options.gazetteer, options.reader, half=options.half)
    given = articles.read(options.inputs, stdin=sys.stdin.buffer if sys.stdin else None)
    found, total = progress.counted(given)
    return _built(options, reader, lambda **callbacks: pipeline.build(found, folder, reader, **callbacks), total)


def _add(options: argparse.Namespace) -> int:
    return _build(options)


def _rebuild(options: argparse.Namespace) -> int:
    from kg import pipeline

    folder = Path(options.build)
    reader = pipeline.reader_of(folder, options.models, options.gazetteer, options.reader, half=options.half)
    return _built(options, reader, lambda **callbacks: pipeline.build((), folder, reader, **callbacks))


def _merge(options: argparse.Namespace) -> int:
    from kg import pipeline

    folders = [Path(build) for build in options.builds]
    reader = pipeline.reader_of(folders[0], options.models, options.gazetteer, options.reader, half=options.half)
    return _built(
        options, reader, lambda **callbacks: pipeline.merge(folders, Path(options.output), reader, **callbacks)
    )


def _built(options: argparse.Namespace, reader: Reader, build: Callable[..., Summary], total: int | None = None) -> int:
    """Runs a build and prints what it did; the graph goes into a store, too, where one is named."""
    from kg import pipeline, progress

    _ = reader.gazetteer, reader.grammar, reader.versions  # a broken one is said before anything is read
    if options.decisions:
        from kg import decisions

        folder = Path(getattr(options, "output", "") or options.build)
        decisions.keep(decisions.read(options.decisions, reader.gazetteer), folder)
    if options.exclude:
        from kg import exclusions

        exclusions.keep(exclusions.read(options.exclude), Path(getattr(options, "output", "") or options.build))
    with (
        workers_cli.engine(options, reader) as read,
        progress.bar(total, quiet=options.quiet, log_json=options.log_json) as shown,
    ):
        say = shown.say if options.log_json else _complain
        summary = build(
            read=read,
            refuse=lambda refused: say(f"{refused.source}: {refused.reason}"),
            progress=lambda article: shown.advance(article.id),
        )
    if summary.recovered:
        _complain(summary.recovered)
    if not summary.articles:
        raise InputError("no article could be read; nothing was built")
    _put(summary.folder / pipeline.GRAPH, options.store)
    if getattr(options, "infer", False):
        if summary.is_large:
            _complain(f"nothing was inferred: {summary.statements:,} claims are more than the rules of OWL get through")
        else:
            pipeline.infer(summary.folder)
    _print_summary(summary)
    if not summary.read and not summary.kept and summary.refused:
        return NOTHING_DONE
    return SOME_REFUSED if summary.refused else OK


def _put(graph: Path, place: str | None) -> None:
    from kg import store

    if place:
        store.opened(place).load(graph)


def _print_summary(summary: Summary) -> None:
    from kg import pipeline

    speed = f", {summary.words / summary.seconds:.0f} words per second" if summary.words else ""
    renewed = f", {summary.renewed} brought up to date" if summary.renewed else ""
    counts = f"{summary.read} read now, {summary.kept} known{renewed}, {len(summary.refused)} refused"
    terminal.fact("articles", f"{summary.articles} ({counts})")
    terminal.fact("entities", str(summary.entities))
    terminal.fact("claims", str(summary.statements))
    for predicate, count in summary.by_predicate:
        print(f"  {predicate:<14} {count}")
    terminal.fact("read", f"{summary.words} words in {summary.seconds:.1f} s{speed}")
    terminal.fact("checked", summary.checked)
    if summary.excluded:
        terminal.fact("kept out", summary.excluded)
    terminal.fact("graph", str(summary.folder / pipeline.GRAPH))
    terminal.fact("page", summary.page)


def _remove(options: argparse.Namespace) -> int:
    from kg import pipeline

    folder = _existing(options.build)
    missing = pipeline.remove(options.ids, folder)
    _put(folder / pipeline.GRAPH, options.store)
    for identifier in missing:
        _complain(f"{identifier}: no article of {folder} has this id; see kg status {folder}")
    if len(missing) == len(options.ids):
        return NOTHING_DONE
    return SOME_REFUSED if missing else OK


def _status(options: argparse.Namespace) -> int:
    from kg import copies, decisions, journal

    with journal.seen(_existing(options.build)) as kept:
        known = [(extraction.article, len(extraction.claims)) for extraction in decisions.decided(kept)]
        versions, is_written = kept.versions(), kept.is_written
    stories = copies.stories(article for article, _ in known)
    rows = []
    for article, count in known:
        copy = f"copy of {stories[article.id]}" if stories[article.id] != article.id else ""
        rows.append((article.id, article.date, f"{count} claims", article.title, copy))
    terminal.rows(("id", "date", "claims", "headline", "copy of"), rows)
    if len(versions) > 1:
        _complain("read by different versions of pack, rules or gazetteer; kg rebuild brings all to one")
    if not is_written:
        _complain("the graph is older than what was read, as a run was stopped; kg rebuild writes it")
    return OK


def _who(options: argparse.Namespace) -> int:
    from kg import decisions, gazetteer, journal, who
    from kg.cleaning import visible

    known = gazetteer.load(extra=options.gazetteer)
    folder = Path(options.build or "build")
    if options.build or (folder / journal.FILE).is_file():
        with journal.seen(_existing(str(folder))) as kept:
            found = who.who(options.name, known, decisions.decided(kept))
    else:
        found = who.who(options.name, known)
    if not found:
        raise InputError(
            f"nobody and nothing is called «{options.name}», in the gazetteer or in {folder}; "
            "a surname will do, and --gazetteer takes rows of your own"
        )
    for line in who.lines(found):
        print(visible(line))
    return OK


def _review(options: argparse.Namespace) -> int:
    from kg import decisions, gazetteer, journal, review

    known = gazetteer.load(extra=options.gazetteer)
    with journal.seen(_existing(options.build)) as kept:
        made = decisions.parsed(kept.setting(decisions.SETTING))
        questions = review.doubts(decisions.decided(kept), known, made)
    for line in review.lines(questions):
        print(line)
    return OK


def _export(options: argparse.Namespace) -> int:
    from kg import exports

    if not options.to and not options.store:
        raise GraphError(f"name a format (--to {'|'.join(exports.FORMATS)}) or a store (--store)")
    graph = _graph_file(options.build)
    if options.to:
        target = Path(options.output) if options.output else None
        for path in exports.export(graph, options.to, target):
            print(path)
    _put(graph, options.store)
    return OK


def _validate(options: argparse.Namespace) -> int:
    from kg import decisions, journal, shapes

    folder = _existing(options.build)
    with journal.seen(folder) as kept:
        articles = [extraction.article for extraction in decisions.decided(kept)]
    report = shapes.check(_graph(options.build), articles)
    for line in report.lines():
        print(line)
    return SOME_REFUSED if report.errors else OK


def _existing(folder: str) -> Path:
    from kg import journal

    path = Path(folder)
    if not (path / journal.FILE).is_file():
        raise GraphError(f"{path}: no build of kg; make one with kg build INPUT -o {path}")
    return path


def _eval(options: argparse.Namespace) -> int:
    from kg import evaluate, gold

    articles = gold.read([Path(path) for path in options.gold])
    if options.chains:
        return _eval_chains(articles, options)
    if options.graph:
        said = evaluate.from_graph(_graph(options.graph))
    else:
        said = evaluate.from_extractions(_extractions_of(articles, options))
    report = evaluate.score(articles, said)
    print(evaluate.as_json(report) if options.json else evaluate.render(report, verbose=options.verbose))
    return OK


def _eval_chains(gold_articles: list[GoldArticle], options: argparse.Namespace) -> int:
    from kg import chains_score, pipeline

    chains = chains_score.read_chains(options.chains, gold_articles)
    reader = pipeline.Reader(options.models, options.gazetteer, options.reader or pipeline.METHODS[0])
    annotated = (one.article for one in gold_articles if one.article.id in chains)
    report = chains_score.score(chains, (reader.reading(reader.parser.parse(article)) for article in annotated))
    print(chains_score.as_json(report) if options.json else chains_score.render(report, verbose=options.verbose))
    return OK


def _extractions_of(gold_articles: Iterable[GoldArticle], options: argparse.Namespace) -> Iterator[Extraction]:
    from kg import pipeline

    reader = pipeline.Reader(options.models, options.gazetteer, options.reader or pipeline.METHODS[0])
    return (reader.extraction(article.article) for article in gold_articles)


def _explain(options: argparse.Namespace) -> int:
    from kg import articles, explain, pipeline

    reader = pipeline.Reader(options.models, options.gazetteer, options.reader or pipeline.METHODS[0])
    code = OK
    for article in articles.read([options.file], stdin=sys.stdin.buffer if sys.stdin else None):
        if isinstance(article, articles.Refused):
            _complain(f"{article.source}: {article.reason}")
            code = SOME_REFUSED
            continue
        reading, findings = reader.findings(article)
        for line in chain(explain.explain(reading, findings), explain.claimed(reader.claims(reading).claims)):
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
    engine, limits = query.open_engine(options.build), query.Limits(options.timeout, options.limit)
    arguments = dict(map(_pair, options.arg))
    if options.named:
        answer = query.answer_saved(engine, query.saved_query(options.named), arguments, limits)
        if not answer.rows and arguments:
            _complain_of_names(arguments.values(), engine)
    else:
        answer = query.answer(engine, _query_text(options), arguments, limits)
    _print_answer(answer, options)
    return OK


def _complain_of_names(names: Iterable[str], engine: Engine) -> None:
    from kg import ask

    for line in ask.unknown_names(names, engine):
        _complain(line)


def _ask(options: argparse.Namespace) -> int:
    from kg import ask, query

    limits = query.Limits(options.timeout, options.limit)
    engine = query.open_engine(options.build)
    if not options.question:
        print(ask.what_can_be_asked())
        return OK
    try:
        asked = ask.understood(options.question, engine)
    except ask.NotUnderstoodError as error:
        _complain(f"{error}; what can be asked:")
        print(ask.what_can_be_asked())
        return NOTHING_DONE
    if not options.quiet:
        print(asked.shown(), end="\n\n")
    _print_answer(asked.answer(limits), options)
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
    from kg import turtle

    return turtle.read(_graph_file(place))


def _graph_file(place: str) -> Path:
    from kg import query

    file = query.graph_file(place)
    if file is None:
        raise GraphError(f"{place}: no graph of kg; make one with kg build INPUT -o {place}")
    return file


def _print_answer(answer: Answer, options: argparse.Namespace) -> None:
    from kg import formats

    few = len(answer.rows) <= terminal.MOST_ROWS
    if options.format == "table" and answer.form == "SELECT" and few and terminal.is_terminal():
        terminal.rows(answer.columns, formats.cells_of(answer))
        print(formats.count_of(answer))
    else:
        sys.stdout.write(formats.text_of(answer, options.format))
    if answer.cut:
        _complain(f"there are more than {options.limit:,} rows; --limit shows more")


def _view(options: argparse.Namespace) -> int:
    from kg import view

    source = Path(options.build)
    beside = source / "graph.html" if source.is_dir() else source.with_suffix(".html")
    target = Path(options.output) if options.output else beside
    view.write(_graph(options.build), target)
    print(target)
    return OK


def _analyse(options: argparse.Namespace) -> int:
    from kg import analysis
    from kg.network import network

    links = network(_graph(options.build))
    if options.chain:
        print(analysis.render_chain(analysis.chain(links, *options.chain)))
    else:
        print(analysis.render(analysis.report(links)))
    return OK


def _doctor(options: argparse.Namespace) -> int:
    from kg import doctor

    amiss = [finding for finding in _told(doctor.examine(options.build)) if finding.remedy]
    print()
    for finding in amiss:
        print(f"to do: {finding.name}: {finding.remedy}")
    print("something that kg needs is amiss" if amiss else "all that kg needs is here")
    return SOME_REFUSED if amiss else OK


def _told(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Prints findings as they come."""
    for finding in findings:
        terminal.fact(finding.name, finding.found)
        yield finding


def _completion(options: argparse.Namespace) -> int:
    import shtab

    print(shtab.complete(usage.with_paths(parser(), shtab.FILE, shtab.DIRECTORY), shell=options.shell))
    return OK


# Arguments ---------------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; the reference in `docs/` is made from it."""
    parser: argparse.ArgumentParser = usage.Parser(
        prog="kg",
        description="Reads Italian football news into a knowledge graph: Turtle, an offline page, SPARQL.",
        epilog=examples(
            "kg build articles/ -o build", 'kg ask build "chi allena la Roma?"', "kg view build", "kg doctor"
        ),
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
    reading.add_argument(
        "--reader",
        choices=("both", "rules", "model"),
        help="who makes the claims: the learned reader with the rules (both, the default), or one of them alone",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    storing = argparse.ArgumentParser(add_help=False)
    storing.add_argument(
        "--store", metavar="PLACE", help="put the graph there, too: a folder (Oxigraph) or a SPARQL server's address"
    )
    build = commands.add_parser(
        "build",
        parents=[reading, storing],
        help="read articles into a graph",
        description="Reads articles into a graph: .txt, .html, .json, .jsonl, each also as .gz; .warc.gz, .parquet; "
        "folders, addresses (s3://…), - for standard input.",
        epilog=examples(
            "kg build seeds/articles",
            "kg build monday.html tuesday.jsonl -o week",
            "cat article.txt | kg build - -o one",
            "kg build seeds/articles --exclude blocked.txt",
        ),
    )
    build.add_argument("inputs", nargs="+", metavar="INPUT", help="files, folders, - for standard input")
    build.add_argument("-o", "--output", default="build", metavar="DIR", help="the build folder (default: build)")
    build.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    build.set_defaults(run=_build)
    _take_decisions(build)
    workers_cli.take(build)

    build.add_argument("--infer", action="store_true", help="write what follows from the facts to inferred.trig")

    validate = commands.add_parser(
        "validate",
        parents=[shared],
        help="check the form of a graph and its football sense",
        description="Violations with the sentences at fault: of form (errors, exit 1) and of sense (warnings).",
        epilog=examples("kg validate build"),
    )
    validate.add_argument("build", metavar="BUILD", help="a build folder")
    validate.set_defaults(run=_validate)

    _add_changes(commands, shared, reading, storing)
    _add_query_and_ask(commands, shared)
    _add_who_is_who(commands, shared)

    view = commands.add_parser(
        "view",
        parents=[shared],
        help="write the page of a build",
        epilog=examples("kg view build", "kg view build -o roma.html"),
    )
    view.add_argument("build", metavar="BUILD", help="a build folder or a Turtle file")
    view.add_argument(
        "-o", "--output", metavar="FILE.html", help="where to write it (default: graph.html in the build)"
    )
    view.set_defaults(run=_view)

    analyse = commands.add_parser(
        "analyse",
        parents=[shared],
        help="report on who holds the network together",
        description="Best connected, bridges, brokers between clubs, benches, communities, shortest chains.",
        epilog=examples("kg analyse build", "kg analyse build --chain Ancelotti Mancini"),
    )
    analyse.add_argument("build", metavar="BUILD", help="a build folder or a Turtle file")
    analyse.add_argument("--chain", nargs=2, metavar=("FROM", "TO"), help="the shortest chain of claims between two")
    analyse.set_defaults(run=_analyse)

    evaluate = commands.add_parser(
        "eval",
        parents=[reading],
        help="score claims against annotated articles",
        epilog=examples(
            "kg eval tests/gold/dev",
            "kg eval tests/gold/dev --reader rules -v",
            "kg eval gold/ --graph build/graph.ttl --json",
        ),
    )
    evaluate.add_argument("gold", nargs="+", metavar="GOLD", help="annotated articles (.json) or folders of them")
    evaluate.add_argument("--graph", metavar="FILE.ttl", help="score this graph instead of reading the articles")
    evaluate.add_argument(
        "--chains",
        type=Path,
        metavar="DIR",
        help="score who is meant by each mention, against the annotated chains in this folder, instead of claims",
    )
    evaluate.add_argument("-v", "--verbose", action="store_true", help="list what was missed and wrongly said")
    evaluate.add_argument("--json", action="store_true", help="print the report as JSON")
    evaluate.set_defaults(run=_eval)

    explain = commands.add_parser(
        "explain",
        parents=[reading],
        help="show how an article is read",
        description="For each sentence: the tree, the mentions, the rules that fired and on which words.",
        epilog=examples("kg explain article.txt", "cat article.txt | kg explain - | less"),
    )
    explain.add_argument("file", metavar="FILE", help="an article or a folder, - for standard input")
    explain.set_defaults(run=_explain)
    models_cli.add(commands, shared)
    _add_help(commands, shared)
    return parser


def _add_help(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """The commands on kg itself."""
    doctor = commands.add_parser(
        "doctor",
        parents=[shared],
        help="say what is installed, which models and stores, and what is missing",
        description="Packages, models, data, stores and a build; exit code 1 where something that kg needs is missing.",
        epilog=examples("kg doctor", "kg doctor build"),
    )
    doctor.add_argument(
        "build", nargs="?", type=Path, metavar="BUILD", help="a build to look into (default: build, if there)"
    )
    doctor.set_defaults(run=_doctor)

    completion = commands.add_parser(
        "completion",
        parents=[shared],
        help="print what makes a shell complete kg's commands and options",
        epilog=examples('eval "$(kg completion bash)"', "kg completion zsh > ~/.zfunc/_kg"),
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=" or ".join(SHELLS))
    completion.set_defaults(run=_completion)


def _take_decisions(parser: argparse.ArgumentParser) -> None:
    """What people have decided: who is whom, and who is kept out."""
    parser.add_argument(
        "--decisions",
        type=Path,
        metavar="FILE",
        help="a filled-in review file; kept with the build and applied ever after",
    )
    parser.add_argument(
        "--exclude",
        type=Path,
        metavar="FILE",
        help="people to keep out of the graph, a name or id a line; kept with the build, an empty file lifts it",
    )


def _add_who_is_who(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser
) -> None:
    who = commands.add_parser(
        "who",
        parents=[shared],
        help="show who may be meant by a name",
        description="Ids, roles and clubs of all that bear a name, and in which articles of a build each occurs.",
        epilog=examples("kg who Mancini", "kg who Ancelotti --build build"),
    )
    who.add_argument("name", metavar="NAME", help="a full name, a surname, an alias or a nickname")
    who.add_argument(
        "--build", metavar="BUILD", help="the build whose articles are searched (default: build, if there)"
    )
    who.set_defaults(run=_who)

    review = commands.add_parser(
        "review",
        parents=[shared],
        help="list who may be whom, for a person to decide",
        description="Tab-separated rows, most doubtful first: two nodes that may be one, one that may be two, unknown "
        "names met often. Write same, different or an id into a row's first cell, and pass the file to kg rebuild.",
        epilog=examples("kg review build > review.tsv", "kg rebuild build --decisions review.tsv"),
    )
    review.add_argument("build", metavar="BUILD", help="a build folder or a Turtle file")
    review.set_defaults(run=_review)
    for command in (who, review):
        command.add_argument(
            "--gazetteer", type=Path, metavar="DIR", help="a folder with your own rows of who is who; they win"
        )


def _add_changes(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    shared: argparse.ArgumentParser,
    reading: argparse.ArgumentParser,
    storing: argparse.ArgumentParser,
) -> None:
    """The commands on a build that is there."""
    again = "Models, gazetteer and reader are those of the last build where they are not named."
    add = commands.add_parser(
        "add",
        parents=[reading, storing],
        help="read more articles into a build",
        description=f"Reads articles into a build: the graph is that of all its articles read at once. {again}",
        epilog=examples("kg add build new.txt", "kg add build saved-pages/"),
    )
    add.add_argument("output", metavar="BUILD", help="a build folder")
    add.add_argument("inputs", nargs="+", metavar="INPUT", help="files, folders, - for standard input")
    add.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    add.set_defaults(run=_add)
    _take_decisions(add)
    workers_cli.take(add)

    remove = commands.add_parser(
        "remove",
        parents=[shared, storing],
        help="take articles out of a build",
        description="Takes articles out of a build: what is left is as if they had never been read.",
        epilog=examples("kg status build", "kg remove build 2025-03-31-roma"),
    )
    remove.add_argument("build", metavar="BUILD", help="a build folder")
    remove.add_argument("ids", nargs="+", metavar="ID", help="ids of articles, as kg status shows them")
    remove.set_defaults(run=_remove)

    merge = commands.add_parser(
        "merge",
        parents=[reading, storing],
        help="put several builds into one",
        description=f"Puts the articles of several builds into one, as if they had been built at once. {again}",
        epilog=examples("kg merge monday tuesday -o week"),
    )
    merge.add_argument("builds", nargs="+", metavar="BUILD", help="build folders")
    merge.add_argument("-o", "--output", required=True, metavar="DIR", help="the build folder to put them into")
    merge.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    merge.set_defaults(run=_merge)
    _take_decisions(merge)
    workers_cli.take(merge)

    rebuild = commands.add_parser(
        "rebuild",
        parents=[reading, storing],
        help="bring a build up to date with changed rules, gazetteer or pack",
        description="Extracts again what other versions have read, from the stored parses; Stanza runs only where "
        f"the pack has changed. Writes graph and page anew. {again}",
        epilog=examples("kg rebuild build", "kg rebuild build --exclude blocked.txt"),
    )
    rebuild.add_argument("build", metavar="BUILD", help="a build folder")
    rebuild.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    rebuild.set_defaults(run=_rebuild)
    _take_decisions(rebuild)
    workers_cli.take(rebuild)

    status = commands.add_parser(
        "status",
        parents=[shared],
        help="list the articles of a build",
        description="One line an article: id, date, claims, headline, and of which other it is a copy.",
        epilog=examples("kg status build", "kg status build | cut -f 1"),
    )
    status.add_argument("build", metavar="BUILD", help="a build folder")
    status.set_defaults(run=_status)

    export = commands.add_parser(
        "export",
        parents=[shared, storing],
        help="write a graph for other tools, or put it into a store",
        description="ttl, trig, nt, jsonld and rdfxml for RDF tools; graphml and gexf for networks; csv for Neo4j; "
        "parquet for data frames.",
        epilog=examples(
            "kg export build --to gexf -o calcio.gexf",
            "kg export build --to csv",
            "kg export build --store http://localhost:7878/query",
        ),
    )
    export.add_argument("build", metavar="BUILD", help="a build folder or a Turtle file")
    export.add_argument("--to", metavar="FORMAT", help="ttl, trig, nt, jsonld, rdfxml, graphml, gexf, csv or parquet")
    export.add_argument("-o", "--output", metavar="FILE", help="for csv and parquet a folder (default: in the build)")
    export.set_defaults(run=_export)


def _add_query_and_ask(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser
) -> None:
    answering = argparse.ArgumentParser(add_help=False, parents=[shared])
    answering.add_argument(
        "--format", choices=("table", "csv", "json", "xml", "ttl", "md"), default="table", help="(default: table)"
    )
    answering.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS", help="stop after so long (default: 60)"
    )
    answering.add_argument(
        "--limit", type=int, default=100_000, metavar="ROWS", help="show so many at most (default: 100,000)"
    )

    query = commands.add_parser(
        "query",
        parents=[answering],
        help="ask a built graph in SPARQL",
        description="Asks a graph in SPARQL, or a saved question. Prefixes are preset; no query leaves the graph.",
        epilog=examples(
            "kg query --list",
            "kg query build --named candidates --arg club=Roma",
            "kg query build 'SELECT ?who WHERE { ?who fb:coaches ?side }'",
            "kg query build -f mine.rq --format csv",
        ),
    )
    query.add_argument("build", nargs="?", metavar="BUILD", help="a build folder or a Turtle file")
    query.add_argument("sparql", nargs="?", metavar="SPARQL", help="the query, in quotes")
    query.add_argument("-f", "--file", metavar="FILE.rq", help="a file with the query")
    query.add_argument("--named", metavar="NAME", help="a saved question")
    query.add_argument(
        "--arg", action="append", default=[], metavar="NAME=VALUE", help="what a variable of the query stands for"
    )
    query.add_argument("--list", action="store_true", help="list the saved questions")
    query.set_defaults(run=_query)

    ask = commands.add_parser(
        "ask",
        parents=[answering],
        help="ask a built graph in Italian or English",
        description="Answers a handful of kinds of question, and shows the SPARQL that it ran.",
        epilog=examples(
            "kg ask build",
            'kg ask build "chi allena la Roma?"',
            'kg ask build "who coaches Real Madrid?" -q --format csv',
        ),
    )
    ask.add_argument("build", metavar="BUILD", help="a build folder or a Turtle file")
    ask.add_argument("question", nargs="?", metavar="QUESTION", help="the question, in quotes")
    ask.add_argument("-q", "--quiet", action="store_true", help="the answer alone, without the SPARQL")
    ask.set_defaults(run=_ask)


if __name__ == "__main__":
    raise SystemExit(main())
