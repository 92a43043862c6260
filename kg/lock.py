"""One writer at a time in a folder: a lock that the system frees when its owner dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import GraphError

FILE = ".lock"
"""Name of the lock in a folder; it stays there between runs and says nothing by itself."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds a folder, made where there is none; GraphError if another process holds it or it cannot be written.

    The lock is one of the kernel's (flock), so a killed owner leaves none behind; the file names the owner
    for those who wait.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise GraphError(f"{folder}: cannot be written ({error.strerror}); choose another folder with -o") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise GraphError(f"{folder}: {_owner(path)} is at work here; run this again when it has ended") from error
        _sign(descriptor)
        yield
    finally:
        os.close(descriptor)


def _sign(descriptor: int) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    except OSError:
        return  # a full disk: the lock holds all the same, it only cannot say whose it is


def _owner(path: Path) -> str:
    try:
        return f"another kg (process {int(path.read_bytes()[:20])})"
    except (OSError, ValueError):
        return "another kg"
