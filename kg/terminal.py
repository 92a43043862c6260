"""What a person at a terminal sees and a pipe does not: colours and framed tables, of the same words.

rich draws them; it keeps to NO_COLOR and to terminals that know no colours. Text from outside is taken as text, never
as rich's markup, and what a terminal would obey is made visible beforehand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from kg.cleaning import visible

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 1000
"""Rows above which a table is not framed: its widths would take longer to find than anybody looks."""


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether a stream, standard output by default, is a terminal."""
    return bool((stream or sys.stdout).isatty())


def complain(message: str) -> None:
    """One line on standard error, with the name of the program before it."""
    text = visible(message)
    if not is_terminal(sys.stderr):
        print(f"kg: {text}", file=sys.stderr)
        return
    from rich.text import Text

    _console(sys.stderr).print(Text.assemble(("kg: ", "bold red"), text), soft_wrap=True)


def fact(name: str, value: str, width: int = 12) -> None:
    """A line of a report: what is told of, and what there is to tell."""
    line = f"{name:<{width}}{visible(value)}".rstrip()
    if not is_terminal():
        print(line)
        return
    from rich.text import Text

    _console(sys.stdout).print(Text.assemble((line[:width], "bold"), line[width:]), soft_wrap=True)


def rows(columns: Sequence[str], found: Iterable[Sequence[str]]) -> None:
    """Rows under a heading on a terminal; in a pipe the same cells, tab-separated, for `cut` and `awk`."""
    cells = [[visible(cell) for cell in row] for row in found]
    if not is_terminal() or len(cells) > MOST_ROWS:
        for row in cells:
            print("\t".join(row).rstrip())
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold cyan")
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    _console(sys.stdout).print(table)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False)
