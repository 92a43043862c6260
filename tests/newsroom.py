"""Articles of a few sentences and a reader that parses each text once, for tests of whole builds."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kg.model import Article, Document
from kg.pipeline import Reader

COACHES = ("Carlo Ancelotti", "Stefano Pioli", "Simone Inzaghi", "Antonio Conte", "Maurizio Sarri", "José Mourinho")
SIDES = ("Roma", "Milan", "Lazio", "Juventus", "Fiorentina", "Inter", "Atalanta", "Napoli", "Torino")
FORMS = (
    "{0} è l'allenatore della squadra: {1}, dunque, non cambia.",
    "{0} allena il {1}.",
    "{0} è il nuovo tecnico della {1}.",
    "{0} lascia la {1}.",
    "L'allenatore {0} non andrà alla {1}.",
)


def articles(count: int) -> list[Article]:
    """So many short articles of different days."""
    found = []
    for number in range(count):
        coach, side = COACHES[number % len(COACHES)], SIDES[number % len(SIDES)]
        text = FORMS[number % len(FORMS)].format(coach, side)
        title = f"La giornata numero {number}"
        found.append(
            Article(
                f"g{number:02}", f"{title}\n\n{text}", title, date=f"2025-03-{number % 28 + 1:02}", outlet="Il Foglio"
            )
        )
    return found


class Remembered:
    """What a parser gave for a text, once; the article itself is the one asked for."""

    def __init__(self, read: Callable[[str, str], Document]) -> None:
        self._read = read
        self._known: dict[tuple[str, str], Document] = {}

    def parse(self, article: Article) -> Document:
        key = article.text, article.title
        if key not in self._known:
            body = article.text.removeprefix(article.title).lstrip("\n")
            self._known[key] = self._read(body, article.title)
        return replace(self._known[key], article=article)


class Nobody:
    """A parser that must not be asked."""

    def parse(self, article: Article) -> Document:
        raise AssertionError(f"{article.id} was parsed again")


class Deadly(str):
    """A name that ends the process in which it arrives, as the system does for want of memory."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (9,)


def rules_reader(parser: Any, like: Reader | None = None) -> Reader:
    """The shipped rules with a parser that is there already; `like` lends what it has loaded."""
    reader = Reader(method="rules")
    reader.parser = parser
    if like is not None:
        reader.gazetteer, reader.grammar, reader.versions = like.gazetteer, like.grammar, like.versions
    return reader


def in_a_process(work: Callable[[], object], seconds: float | None = None) -> int:
    """Runs something in a process of its own and kills it (-9) after some seconds; its exit status, -9 if killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads: Python 3.12
        child = os.fork()
    if child == 0:
        status = 70
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
