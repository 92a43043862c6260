"""`%%sparql` in a notebook, and the notebooks themselves: they run, without an error or a stray warning."""

from __future__ import annotations

import gc
import os
import re
import runpy
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import nbformat
import pytest
import spring
import zmq
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from nbclient.exceptions import CellExecutionError

import kg
from kg.notebook import completions

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
executed = runpy.run_path(str(ROOT / "notebooks" / "run_notebooks.py"))["executed"]
WHO = "SELECT ?p ?t WHERE { ?p fb:coaches ?t }"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    spring.build_in(tmp_path / "build")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance()
    made.run_line_magic("load_ext", "kg")
    yield made
    made.history_manager.end_session()
    InteractiveShell.clear_instance()


def run(shell: InteractiveShell, line: str, query: str) -> Any:
    done = shell.run_cell(f"%%sparql {line}\n{query}")
    done.raise_error()
    return done.result


def test_a_cell_shows_things_by_label_with_links_and_keeps_the_answer(shell: InteractiveShell) -> None:
    shown = run(shell, "coaches", WHO)._repr_html_()
    assert 'href="http://www.wikidata.org/entity/Q174113"' in shown
    assert ">Carlo Ancelotti</a>" in shown
    assert ">Real Madrid<" in shown
    assert "1 row" in shown
    assert [row.t.short for row in shell.user_ns["coaches"]] == ["club:real-madrid"]


def test_the_sentences_and_the_drawing_where_asked(shell: InteractiveShell) -> None:
    shown = run(shell, "--evidence", WHO)._repr_html_()
    assert "«Il tecnico del Real <mark>Madrid</mark> è Carlo <mark>Ancelotti</mark>.»" in shown
    assert "https://example.org/a" in shown
    shown = run(shell, "--view", "CONSTRUCT { ?p fb:coaches ?t } WHERE { ?p fb:coaches ?t }")._repr_html_()
    assert "<iframe " in shown
    assert "srcdoc=" in shown
    assert "sandbox=" in shown
    assert "nothing to draw" in run(shell, "--view", "SELECT ?n { BIND(1 AS ?n) }")._repr_html_()


def test_a_graph_by_folder_or_variable_stays_for_the_cells_after(shell: InteractiveShell) -> None:
    spring.build_in(Path("other"))
    run(shell, "-g other", WHO)
    Path("build/graph.ttl").unlink()
    assert len(run(shell, "", WHO)) == 1
    shell.user_ns["spring"] = kg.open("other")
    assert len(run(shell, "-g spring -a side='Real Madrid'", "SELECT ?p { ?p fb:coaches/rdfs:label ?side }")) == 1


def test_a_graph_that_was_built_again_is_read_again(shell: InteractiveShell) -> None:
    assert len(run(shell, "", WHO)) == 1
    file = Path("build/graph.ttl")
    file.write_text(
        file.read_text(encoding="utf-8").replace("    fb:coaches club:real-madrid", "    fb:leaves club:real-madrid")
    )
    os.utime(file, (1, 1))
    assert len(run(shell, "", WHO)) == 0


def test_an_error_points_at_line_and_column(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert not shell.run_cell("%%sparql\nSELECT ?p {\n  ?p ex:coaches ?t }").success
    said = capsys.readouterr().err + capsys.readouterr().out
    assert "query, line 2, column 6: unknown prefix ex:" in said
    assert "\n  ?p ex:coaches ?t }\n     ^" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("line", "why"),
    [("-g nowhere", "no graph of kg"), ("--veiw", "unrecognized"), ("1x", "no name of a variable"),
     ("-a x", "name=value"), ("--timeout 0", "limits"), ("-g 'a", "No closing quotation")],
)  # fmt: skip
def test_a_wrong_line_is_said_in_words(
    line: str, why: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not shell.run_cell(f"%%sparql {line}\n{WHO}").success
    heard = capsys.readouterr()
    assert why in heard.err + heard.out
    assert "Traceback" not in heard.err + heard.out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("?who fb:coa", "fb:coaches"),
        ("?who fb:Poss", "fb:Possible"),
        ("?who rdfs:", "rdfs:label"),
        ("?x rdf:subject person:carlo-", "person:carlo-ancelotti"),
        ("?x rdf:object clu", "club:"),
        ('?x rdfs:label "carlo a', '"Carlo Ancelotti'),
        ("?x rdf:subject ?w", "?who"),
        ("} ord", "ORDER"),
    ],
)
def test_completion_knows_prefixes_terms_names_and_variables(typed: str, offered: str) -> None:
    graph = kg.open(spring.graph())
    fragment, found = completions(typed, f"SELECT ?who {{ {typed}", graph)
    assert offered in found
    assert typed.endswith(fragment)
    assert completions("?x ", "", None) == ("", [])


def test_the_shell_offers_them_in_sparql_cells_only(shell: InteractiveShell) -> None:
    with provisionalcompleter(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = "%%sparql\nSELECT ?who { ?who fb:coa"
        assert {one.text for one in shell.Completer.completions(text, len(text))} >= {"fb:coaches"}
        assert "fb:coaches" not in {one.text for one in shell.Completer.completions("fb:coa", 6)}


def test_there_are_five_notebooks_with_their_output() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05"]
    for path in NOTEBOOKS:
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert sum(bool(cell.outputs) for cell in cells) > len(cells) / 2, path.name


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebooks run, one after the other: beside what `make run` leaves."""
    folder = tmp_path_factory.mktemp("nb")
    if not (ROOT / "build" / "graph.ttl").is_file():
        kg.build(ROOT / "seeds" / "articles", folder / "build", quiet=True)
    return folder


@pytest.mark.parametrize(("code", "ends"), [("'palla'", nullcontext()), ("1 / 0", pytest.raises(CellExecutionError))])
def test_a_notebook_leaves_neither_kernel_nor_sockets_behind(code: str, ends: Any, tmp_path: Path) -> None:
    path = tmp_path / "one.ipynb"
    code = f"import os, pathlib\n_ = pathlib.Path('pid').write_text(str(os.getpid()))\n{code}"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    with ends:
        executed(path, ROOT, tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "notebooks" / "pid").read_text()), 0)
    gc.collect()
    # by type(): isinstance would ask each object for its __class__, at which some of torch's warn
    assert not [
        thing for thing in gc.get_objects() if issubclass(type(thing), zmq.Context | zmq.Socket) and not thing.closed
    ]
    assert not list(tmp_path.glob("kernel-*"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_without_error_or_warning(path: Path, desk: Path) -> None:
    done = executed(path, ROOT, desk)
    for cell in done.cells:
        for output in cell.get("outputs", ()):
            assert output.get("name") != "stderr", output["text"]
            assert not re.search(r"Warning|Traceback", str(output.get("text", ""))), output["text"]
