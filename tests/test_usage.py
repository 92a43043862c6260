"""How the command line explains itself: welcome, help, errors with a next step, doctor, completion, terminals."""

from __future__ import annotations

import argparse
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import spring
from packaging.requirements import Requirement

from kg import cli, doctor, usage

RUN = (sys.executable, "-W", "error", "-m", "kg")


def commands(parser: argparse.ArgumentParser, name: str = "kg") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """All commands with their parsers, those of commands included."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                yield f"{name} {word}", inner
                yield from commands(inner, f"{name} {word}")


COMMANDS = dict(commands(cli.parser()))


# Words -------------------------------------------------------------------------------------------------


def test_kg_alone_says_what_to_do_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main([]) == 0
    said = capsys.readouterr().out
    for line in ("kg build articles/", "kg ask build", "kg --help", "kg doctor"):
        assert line in said
    assert "There is a build here" not in said
    spring.build_in(tmp_path / "build")
    assert cli.main([]) == 0
    assert "There is a build here: kg status build" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_that_its_parser_takes(name: str) -> None:
    """An example names the command itself, and every `kg …` in it is one that can be typed."""
    shown = COMMANDS[name].format_help().partition("example")[2]
    lines = [line.strip() for line in shown.splitlines()[1:] if line.startswith("  ")]
    assert any(name in line for line in lines), f"{name} --help has no example"
    parser = cli.parser()
    for line in lines:
        for command in re.split(r"[|>]| && |\$\(|\)\"", line):
            words = shlex.split(command) if command.count('"') % 2 == 0 else []
            if words[:1] == ["kg"] and "--help" not in words:
                assert parser.parse_args(words[1:]).run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_is_told(name: str) -> None:
    untold = [
        action.metavar or action.dest
        for action in COMMANDS[name]._actions
        if not action.help and not isinstance(action, argparse._SubParsersAction)
    ]
    assert untold == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["biuld", "x"], "kg: biuld: no command, did you mean build?; kg --help shows how"),
        (["build"], "kg: the following arguments are required: INPUT; kg build --help shows how"),
        (["build", "x", "--reader", "modle"], "kg: modle: no value of --reader, did you mean model?; kg build --help"),
        (["completion", "fish"], "kg: fish: no value of SHELL, there are bash, zsh, tcsh; kg completion --help"),
        (["query", "build", "--limit", "many"], "kg: argument --limit: invalid int value: 'many'; kg query --help"),
        (["view", "build", "--\x1b[31m"], "kg: unrecognized arguments: --\\x1b[31m; kg --help"),
    ],
)
def test_a_slip_is_answered_in_one_line_with_the_next_step(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(typed)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "next_step"),
    [
        ("view nowhere", "make one with kg build INPUT -o nowhere"),
        ("analyse nowhere", "make one with kg build INPUT -o nowhere"),
        ("export nowhere --to csv", "make one with kg build INPUT -o nowhere"),
        ("query nowhere 'ASK {}'", "make one with kg build INPUT -o nowhere"),
        ("status nowhere", "make one with kg build INPUT -o nowhere"),
        ("build nowhere", "check the path"),
        ("query", "ask for the saved questions with --list"),
        ("export graph.ttl", "name a format (--to"),
        ("build . --models nowhere", "leave --models out"),
        ("build . --gazetteer nowhere", "--gazetteer wants a folder with tables like clubs.tsv"),
        ("build . --exclude nowhere", "give a text file, a name a line"),
        ("who Sferracavalli", "--gazetteer takes rows of your own"),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(
    typed: str, next_step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(shlex.split(typed)) == 2
    said = capsys.readouterr()
    assert next_step in said.err
    assert all(line.startswith("kg: ") for line in said.err.splitlines())
    assert not (tmp_path / "nowhere").exists()


def test_the_page_of_a_turtle_file_lands_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spring.build_in(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "graph.ttl").rename("roma.ttl")
    assert cli.main(["view", "roma.ttl"]) == 0
    assert capsys.readouterr().out == "roma.html\n"
    assert "Carlo Ancelotti" in (tmp_path / "roma.html").read_text(encoding="utf-8")


# Doctor and completion -----------------------------------------------------------------------------------


def test_doctor_finds_all_that_kg_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "all that kg needs is here" in said
    for name in (
        "kg",
        "python",
        "packages",
        "[notebook]",
        "pack",
        "reader",
        "gazetteer",
        "rules",
        "ontology",
        "stores",
    ):
        assert re.search(rf"^{re.escape(name)} ", said, re.M), name
    assert re.search(r"^pack +\d+ MB in \S+, fingerprint [0-9a-f]{12}$", said, re.M)


def test_doctor_says_what_to_do_where_something_is_amiss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", str(tmp_path / "nowhere")]) == 1
    said = capsys.readouterr().out
    assert "something that kg needs is amiss" in said
    assert f"to do: build: {tmp_path / 'nowhere'}: no build of kg; make one with kg build INPUT -o" in said


def test_doctor_compares_versions() -> None:
    assert doctor.fault(Requirement("rdflib>=7")) == ""
    assert re.fullmatch(r"rdflib is 7\S*, wanted >=99", doctor.fault(Requirement("rdflib>=99")))
    assert doctor.fault(Requirement("no-such-thing")) == "no-such-thing is missing"


def test_bash_completes_commands_options_and_folders(tmp_path: Path) -> None:
    script = tmp_path / "kg.bash"
    script.write_text(subprocess.run([*RUN, "completion", "bash"], capture_output=True, check=True, text=True).stdout)
    (tmp_path / "articles").mkdir()
    for typed, expected in (("kg vali", "validate"), ("kg build --excl", "--exclude"), ("kg add art", "articles")):
        words = typed.split()
        ask = (
            f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; "
            f"_shtab_kg; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        got = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, cwd=tmp_path, check=False).stdout
        assert expected in got.split(), typed


# Terminals ---------------------------------------------------------------------------------------------


def at_a_terminal(arguments: list[str], **environment: str) -> str:
    """What a command writes to a terminal (a pseudo one, 100 columns wide)."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*RUN, *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
    )
    os.close(follower)
    said = bytearray()
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # Linux: the other side has closed
            break
        if not piece:
            break
        said += piece
    os.close(leader)
    process.wait()
    return said.decode()


def test_tables_and_colours_are_for_terminals_only(tmp_path: Path) -> None:
    build = str(spring.build_in(tmp_path))
    arguments = ["query", build, "--named", "who-coaches-whom"]
    shown = at_a_terminal(arguments)
    piped = subprocess.run([*RUN, *arguments], capture_output=True, text=True, check=True).stdout
    assert "\x1b[" in shown
    assert "───" in shown
    assert "\x1b" not in piped
    assert "───" not in piped
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    for line in piped.splitlines()[1:-1]:
        assert all(cell in plain for cell in re.split(r"\s{2,}", line))


def test_no_colour_where_it_is_not_wanted(tmp_path: Path) -> None:
    build = str(spring.build_in(tmp_path))
    shown = at_a_terminal(["query", build, "--named", "who-coaches-whom"], NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", shown)


def test_errors_at_a_terminal_are_text_not_markup(tmp_path: Path) -> None:
    shown = at_a_terminal(["status", f"{tmp_path}/[red]\x07nowhere[/red]"])
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "[red]\\x07nowhere[/red]: no build of kg" in plain


def test_the_welcome_fits_a_terminal() -> None:
    assert max(map(len, usage.WELCOME.splitlines())) <= 100
