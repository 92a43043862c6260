"""Articles read on a cluster of Dask that is running already; the only file that knows Dask.

Dask was chosen among the engines that are in use (measured in `docs/benchmarks.md`): a sixth of Ray's size and a tenth
of Spark's, and it starts in two seconds. Each of its worker processes opens pack, gazetteer, rules and learned reader
once and keeps them. Articles go out as tasks, not to actors of Dask: what an actor was doing is lost with its process,
whereas a task is given to another worker. Results go into the journal of the driver as they come.

Workers need the same kg, and the same models and gazetteer at the same paths. Whoever can reach the scheduler can run
code on all machines of a cluster: keep it inside a network that is trusted, or set up Dask's TLS (its configuration
files hold for kg, too).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from kg.errors import WorkerError
from kg.workers import AHEAD, Done, Job, Task, read, stream

if TYPE_CHECKING:
    from kg.pipeline import Reader

_PATIENCE = 10
"""Seconds to wait for the scheduler, and for a first worker of it."""


class Cluster:
    """The workers of a Dask scheduler at `address` (`tcp://host:8786`), who read as `reader` would.

    An article whose worker dies is read by another one; one that is fatal to four workers is given back as a failure.
    Raises WorkerError where nobody answers, no worker is there, or what they have installed is not what is here.
    """

    def __init__(self, reader: Reader, address: str) -> None:
        self._reader = reader
        self._address = address
        self._client: Any = None

    def __enter__(self) -> Cluster:
        try:
            from distributed import Client
        except ImportError as error:
            raise WorkerError("Dask is not installed; pip install 'kg[cluster]'") from error
        try:
            self._client = Client(self._address, timeout=_PATIENCE, name="kg", set_as_default=False)
        except (OSError, ValueError) as error:
            raise WorkerError(f"{self._address}: no scheduler of Dask answers there; check the address") from error
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            self._client.close()
            raise WorkerError(f"{self._address}: no worker has joined; start some with dask worker") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def __call__(self, tasks: Iterable[Task]) -> Generator[Done, None, None]:
        """Reads tasks; see `kg.workers.Engine`."""
        job = Job.of(self._reader)
        executor = self._client.get_executor(pure=False)
        try:
            yield from stream(lambda task: executor.submit(read, job, task), iter(tasks), self._most, _failure)
        except CancelledError as error:
            raise WorkerError(
                f"{self._address}: the scheduler has gone; what was read is kept: run this again"
            ) from error
        except ImportError as error:
            raise WorkerError(f"{self._address}: a worker cannot load kg ({error}); install it there") from error

    def _most(self) -> int:
        """Workers come and go: asked each time."""
        return AHEAD * max(1, int(sum(self._client.nthreads().values())))


def _failure(error: BaseException) -> str:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return "all workers that read it died; have they enough memory?"
    return ""
