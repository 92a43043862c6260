"""Articles read in processes of their own, one core each.

Each process opens pack, gazetteer, rules and learned reader once, and is then given one article at a time. What it
makes of an article depends on that article alone and comes back as the row that the journal keeps: the graph has the
same bytes however many read, and in whatever order they come to an end. This module is imported in every worker and
loads nothing that takes time.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from typing import TYPE_CHECKING

from kg.errors import WorkerError
from kg.model import Article, Document

if TYPE_CHECKING:
    from kg.journal import Row, Versions
    from kg.pipeline import Reader

AHEAD = 4
"""How many articles a worker has waiting or in hand: enough not to idle, few enough to hold in memory."""
_TRIES = 2
"""How often an article is tried by itself after it was in hand where a process died."""


@dataclass(frozen=True, slots=True)
class Task:
    """An article to read; `document` is its parse where a stored one is as good as a new one."""

    article: Article
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A task with what the journal keeps of it and its words; `row` is None where `failure` says why, in one line."""

    task: Task
    row: Row | None
    words: int = 0
    failure: str = ""


Engine = Callable[[Iterable[Task]], Generator[Done, None, None]]
"""Whoever reads: takes tasks as it needs them and gives them back done, in any order."""
Yield = tuple["Row", int]
"""What a worker gives back: the row that the journal keeps, and the number of words."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker must know to read as the driver would: how its reader is made, and the versions it must have."""

    settings: tuple[tuple[str, str], ...]
    versions: Versions

    @staticmethod
    def of(reader: Reader) -> Job:
        """The job of reading as this reader does."""
        return Job(tuple(sorted(reader.settings.items())), reader.versions)


# In a worker -------------------------------------------------------------------------------------------

_one_at_a_time = threading.Lock()
"""Neither torch's networks nor the memory of the encoder are made for two threads."""


def read(job: Job, task: Task) -> Yield:
    """Reads one article, in a worker; WorkerError where pack, rules or gazetteer are not those of the driver."""
    with _one_at_a_time:
        reader = _reader(job.settings)
        if reader.versions != job.versions:
            raise WorkerError(
                "a worker has another version of kg, of its models or of the gazetteer; install the same there"
            )
        return reader.row(task)


@functools.lru_cache(maxsize=1)
def _reader(settings: tuple[tuple[str, str], ...]) -> Reader:
    from kg.pipeline import Reader

    return Reader.made_with(dict(settings))


def _begin() -> None:
    """What a new process of the pool does first: one thread, no word on Ctrl-C, and no life after its parent's."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for([parent.sentinel])
    os._exit(1)


# In the driver -----------------------------------------------------------------------------------------


class Pool:
    """So many processes on this machine. They start with the first task; `close` ends them.

    Where a process dies (the system may kill it for want of memory), those that were being read are read again one
    by one, and one that is fatal to its process twice is given back as a failure.
    """

    def __init__(self, reader: Reader, count: int) -> None:
        self._reader = reader
        self._count = count
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes; each finishes the article it is at."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def __call__(self, tasks: Iterable[Task]) -> Generator[Done, None, None]:
        """Reads tasks; see `Engine`."""
        job = Job.of(self._reader)
        rest = iter(tasks)
        while True:
            try:
                yield from stream(lambda task: self._started().submit(read, job, task), rest, self._most)
            except _LostError as lost:
                self.close()
                for task in lost.tasks:
                    yield self._alone(job, task)
            else:
                return

    def _most(self) -> int:
        return AHEAD * self._count

    def _alone(self, job: Job, task: Task) -> Done:
        """Reads an article while nothing else is being read: who dies now dies of it."""
        for _ in range(_TRIES):
            try:
                row, words = self._started().submit(read, job, task).result()
            except BrokenProcessPool:
                self.close()
            else:
                return Done(task, row, words)
        return Done(task, None, failure=f"the process that read it died {_TRIES} times; is there enough memory?")

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
            )
        return self._executor


def reading_with(reader: Reader, count: int) -> AbstractContextManager[Engine | None]:
    """Who reads where so many processes are asked for; None stands for this one."""
    return Pool(reader, count) if count > 1 else nullcontext()


class _LostError(Exception):
    """A process of the pool has died, and `tasks` were begun or about to be."""

    def __init__(self, tasks: list[Task]) -> None:
        super().__init__()
        self.tasks = tasks


def stream(
    submit: Callable[[Task], Future[Yield]],
    tasks: Iterator[Task],
    most: Callable[[], int],
    failure: Callable[[BaseException], str] = lambda error: "",
) -> Generator[Done, None, None]:
    """Tasks as they come to an end, with no more than `most()` of them begun and not yet given back.

    `failure` may turn what went wrong with a task into one line; where it says nothing, the error is raised.
    """
    waiting: dict[Future[Yield], Task] = {}
    following: Task | None = None
    try:
        for task in tasks:
            following = task
            # of one id only one at a time: the last one given is the one that stays
            while len(waiting) >= most() or any(task.article.id == other.article.id for other in waiting.values()):
                yield from _ended(waiting, failure)
            waiting[submit(task)] = task
            following = None
        while waiting:
            yield from _ended(waiting, failure)
    except BrokenProcessPool as error:
        raise _LostError([*waiting.values(), *([following] if following else [])]) from error


def _ended(waiting: dict[Future[Yield], Task], failure: Callable[[BaseException], str]) -> Iterator[Done]:
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        error = future.exception()
        reason = failure(error) if error is not None else ""
        if error is not None and not reason:
            raise error
        task = waiting.pop(future)
        row, words = (None, 0) if error is not None else future.result()
        yield Done(task, row, words, reason)
