"""How the command line explains itself: help with examples, a welcome, and errors that name the next step."""

from __future__ import annotations

import argparse
import difflib
import re
from pathlib import Path
from typing import Any, NoReturn

from kg import terminal

USAGE_ERROR = 2

_CHOICE = re.compile(r"argument (?P<name>[^:]+): invalid choice: '(?P<said>.*?)' \(choose from (?P<choices>.*)\)", re.S)

_FOLDERS, _FILES = ("BUILD", "DIR"), ("FILE", "INPUT", "GOLD", "PACK")
"""How arguments that name folders and files are called in the help."""

WELCOME = """\
kg reads Italian football news and turns it into a knowledge graph.

First steps
  kg build articles/                    read .txt, .html, .json, .jsonl and folders into build/
  kg ask build "chi allena la Roma?"    ask it in Italian or English
  kg query --list                       the saved questions: kg query build --named NAME
  kg view build                         write build/graph.html, and open it in a browser

More
  kg --help                             all commands
  kg COMMAND --help                     one command, with examples
  kg doctor                             what is installed, and what is missing"""


def welcome(folder: Path) -> str:
    """What somebody sees who types `kg` and nothing else in a folder."""
    if (folder / "build" / "graph.ttl").is_file():
        return f"{WELCOME}\n\nThere is a build here: kg status build lists its articles."
    return WELCOME


def examples(*lines: str) -> str:
    """The examples of a command, as they stand below its help."""
    return "\n".join(("examples:" if len(lines) > 1 else "example:", *(f"  {line}" for line in lines)))


class Help(argparse.HelpFormatter):
    """Wraps what is told in sentences, and leaves examples (indented by two blanks) as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" not in text:
            return super()._fill_text(text, width, indent)
        return "\n".join(indent + line for line in text.splitlines())


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line: what is wrong, and what to do."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.setdefault("formatter_class", Help)
        super().__init__(*arguments, **options)

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and ends the program."""
        terminal.complain(f"{_plainer(message)}; {self.prog} --help shows how")
        raise SystemExit(USAGE_ERROR)


def with_paths(parser: argparse.ArgumentParser, file: object, folder: object) -> argparse.ArgumentParser:
    """A parser whose arguments that name files and folders say so to shtab, also those of its commands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                with_paths(each, file, folder)
        kind = folder if action.metavar in _FOLDERS else file if str(action.metavar).startswith(_FILES) else None
        if kind is not None:
            action.complete = kind  # type: ignore[attr-defined]
    return parser


def _plainer(message: str) -> str:
    """The message of argparse, with what was probably meant in place of all that there is."""
    wrong = _CHOICE.match(message)
    if wrong is None:
        return message
    choices = [choice.strip(" '") for choice in wrong["choices"].split(",")]
    near = difflib.get_close_matches(wrong["said"], choices, 1)
    what = "command" if wrong["name"] == "COMMAND" else f"value of {wrong['name']}"
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(choices)}"
    return f"{wrong['said']}: no {what}, {hint}"
