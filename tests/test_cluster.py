"""A cluster of Dask reads what one process reads: the same bytes, also where a worker is killed in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import newsroom
import psutil
import pytest
from newsroom import rules_reader

from kg import pipeline
from kg.cluster import Cluster
from kg.errors import WorkerError
from kg.model import Article
from kg.parse import Parser
from kg.pipeline import GRAPH, PAGE, Reader

pytestmark = [
    # Dask warns that it is asked to run beside others on few cores, and leaves sockets to the collector
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster of two processes on this machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from distributed import LocalCluster

        with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
            yield cluster.scheduler_address


@pytest.mark.slow
def test_a_cluster_gives_the_bytes_of_one_process_though_a_worker_is_killed(
    scheduler: str, parser: Parser, tmp_path: Path
) -> None:
    found = newsroom.articles(12)
    pipeline.build(found, tmp_path / "alone", rules_reader(parser))
    reader = Reader(method="rules")
    killed: list[int] = []
    seen: list[str] = []
    with Cluster(reader, scheduler) as cluster:

        def kill_one(article: Article) -> None:
            seen.append(article.id)
            if len(seen) == 3:
                killed.append(next(iter(cluster._client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)

        summary = pipeline.build(found, tmp_path / "cluster", reader, read=cluster, progress=kill_one)
    assert killed
    assert sorted(seen) == [article.id for article in found]
    assert (summary.read, summary.refused) == (12, ())
    for name in (GRAPH, PAGE):
        assert (tmp_path / "cluster" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


@pytest.mark.slow
def test_workers_that_have_another_gazetteer_are_not_believed(scheduler: str, tmp_path: Path) -> None:
    """They would read otherwise, and nobody could tell who read what."""
    reader = Reader(method="rules")
    versions = reader.versions
    reader.versions = type(versions)(versions.pack, versions.rules, "another")
    with Cluster(reader, scheduler) as cluster, pytest.raises(WorkerError, match="install the same"):
        pipeline.build(newsroom.articles(1), tmp_path, reader, read=cluster)


def test_an_address_where_nobody_answers_is_one_line() -> None:
    with pytest.raises(WorkerError, match="no scheduler of Dask answers"), Cluster(Reader(), "tcp://127.0.0.1:9"):
        pass
    with pytest.raises(WorkerError, match="no scheduler of Dask answers"), Cluster(Reader(), "nonsense"):
        pass


@pytest.mark.slow
def test_an_article_whose_workers_all_die_is_left_out(scheduler: str, tmp_path: Path) -> None:
    """As the system does with processes that need too much memory: whoever starts on it is killed."""
    reader = Reader(method="rules")
    over = threading.Event()

    def kill_workers(cluster: Cluster) -> None:
        while not over.wait(0.2):
            if not any(cluster._client.processing().values()):
                continue
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "multiprocessing.spawn" in " ".join(process.cmdline()):
                        process.kill()

    with Cluster(reader, scheduler) as cluster:
        killer = threading.Thread(target=kill_workers, args=(cluster,))
        killer.start()
        summary = pipeline.build(newsroom.articles(1), tmp_path, reader, read=cluster)
        over.set()
        killer.join()
    assert [(refused.source, "died" in refused.reason) for refused in summary.refused] == [("g00", True)]
    assert summary.articles == 0
