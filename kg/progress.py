"""How far a build is: a bar on a terminal, a bar in a notebook's cell, JSON for machines, nothing in a pipe."""

from __future__ import annotations

import html
import itertools
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

_SHOWN = 60
"""Characters of an article's id beside the bar."""
_FEW = 1_000
"""Articles up to which they are counted before they are read; more are not held in memory for that."""

_Item = TypeVar("_Item")


def counted(items: Iterator[_Item]) -> tuple[Iterator[_Item], int | None]:
    """The items again, and how many they are: None where they are more than a thousand."""
    first = list(itertools.islice(items, _FEW + 1))
    return itertools.chain(first, items), len(first) if len(first) <= _FEW else None


@dataclass(slots=True)
class Pace:
    """How many of `total` (None: nobody knows) are done, and how quickly; the clock starts when it is made."""

    total: int | None
    done: int = 0
    started: float = field(default_factory=time.monotonic)

    def advance(self) -> None:
        """One more is done."""
        self.done += 1

    @property
    def rate(self) -> float:
        """Articles a second so far."""
        return self.done / max(time.monotonic() - self.started, 1e-6)

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take at this rate; None where that cannot be told."""
        if self.total is None or not self.done:
            return None
        return max(0, self.total - self.done) / self.rate

    def __str__(self) -> str:
        per_second = f"{self.rate:.1f} a second" if self.rate >= 1 else f"{1 / max(self.rate, 1e-6):.1f} s each"
        left = self.left
        if left is None or not self.total or self.done >= self.total:
            return per_second
        return f"{per_second}, {_duration(left)} left"


def _duration(seconds: float) -> str:
    """Roughly: `40 s`, `5 min`, `3 h 20 min`."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Bar(Protocol):
    """What shows how far something is."""

    def advance(self, name: str) -> None:
        """One more is done, and this was its name."""
        ...

    def say(self, line: str) -> None:
        """Shows a line beside the bar."""
        ...


@contextmanager
def bar(total: int | None, *, quiet: bool = False, log_json: bool = False) -> Iterator[Bar]:
    """A bar for so many articles (None: nobody knows how many); with `log_json` a JSON object a line instead."""
    if log_json:
        yield _JsonLog(total)
    elif not quiet and _in_notebook():
        notebook = _NotebookBar(total)
        yield notebook
        notebook.end()
    elif not quiet and sys.stderr.isatty():
        with _terminal_bar(total) as shown:
            yield shown
    else:
        yield _NoBar()


class _NoBar:
    def advance(self, name: str) -> None:
        return

    def say(self, line: str) -> None:
        _say(line)


def _say(line: str) -> None:
    from kg.cleaning import visible

    print(visible(line), file=sys.stderr)


class _JsonLog:
    """One JSON object a line on standard error, each with an `event`: `read` or `note`."""

    def __init__(self, total: int | None) -> None:
        self._pace = Pace(total)

    def advance(self, name: str) -> None:
        self._pace.advance()
        left = self._pace.left
        self._write(
            event="read",
            article=name,
            done=self._pace.done,
            total=self._pace.total,
            per_second=round(self._pace.rate, 3),
            seconds_left=None if left is None else round(left, 1),
        )

    def say(self, line: str) -> None:
        self._write(event="note", line=line)

    def _write(self, **record: object) -> None:
        print(json.dumps(record), file=sys.stderr, flush=True)


@contextmanager
def _terminal_bar(total: int | None) -> Iterator[Bar]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} articles"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        pace = Pace(total)

        class Shown:
            def advance(self, name: str) -> None:
                pace.advance()
                progress.update(task, advance=1, description=f"{pace}  {escape(name[:_SHOWN])}")

            def say(self, line: str) -> None:
                _say(line)

        yield Shown()


# Notebooks ---------------------------------------------------------------------------------------------


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class _NotebookBar:
    """A bar drawn by the browser; rich's would need ipywidgets."""

    def __init__(self, total: int | None) -> None:
        from IPython.display import HTML, display

        html: Any = HTML
        self._html = html
        show: Any = display
        self._pace = Pace(total)
        self._handle = show(self._html(self._drawn("")), display_id=True)

    def advance(self, name: str) -> None:
        self._pace.advance()
        self._handle.update(self._html(self._drawn(name)))

    def say(self, line: str) -> None:
        print(line)

    def end(self) -> None:
        noun = "article" if self._pace.done == 1 else "articles"
        self._handle.update(self._html(f"{self._pace.done} {noun} read"))

    def _drawn(self, name: str) -> str:
        total, done = self._pace.total, self._pace.done
        known = f' max="{total}" value="{done}"' if total else ""
        pace = f" · {self._pace}" if done else ""
        return f"<progress{known}></progress> {done} of {total or '?'}{pace} {html.escape(name[:_SHOWN])}"
