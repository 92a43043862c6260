"""The flags by which other processes read (`--workers`, `--cluster`), and the engine that they stand for."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.pipeline import Reader
    from kg.workers import Engine


def take(parser: argparse.ArgumentParser) -> None:
    """Gives the flags to a command that reads articles."""
    parser.add_argument(
        "--half",
        action=argparse.BooleanOptionalAction,
        help="compute the models' vectors in half precision: quicker on processors with bfloat16 (AMX, AVX-512 BF16), "
        "slower on others; a graph is then the same only on machines of one kind",
    )
    parser.add_argument(
        "--log-json",
        action="store_true",
        help="say what is done as a JSON object a line on standard error, for programs",
    )
    readers = parser.add_mutually_exclusive_group()
    readers.add_argument(
        "--workers",
        type=_count,
        default=1,
        metavar="N",
        help="read in so many processes, one core and about 1 GB each (default: 1); the graph is the same",
    )
    readers.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="read on the workers of a Dask scheduler (tcp://host:8786); the graph is the same",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: write a number of processes, such as 4")
    return int(text)


def engine(options: argparse.Namespace, reader: Reader) -> AbstractContextManager[Engine | None]:
    """Who reads: None where it is this process."""
    if options.cluster:
        from kg.cluster import Cluster

        return Cluster(reader, options.cluster)
    from kg.workers import reading_with

    return reading_with(reader, options.workers)
