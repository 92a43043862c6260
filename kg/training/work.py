"""The folder of work of a training: one process at a time, and never two different trainings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kg import atomic, lock
from kg.training.errors import TrainingError

FILE = "made-of.json"
"""What the training in a folder is made of: a digest for each thing that shapes it."""


@contextmanager
def held(folder: Path, made_of: Mapping[str, str]) -> Iterator[None]:
    """Holds a folder of work for the training that is made of `made_of` (names of things with their digests).

    Raises TrainingError where the folder holds another training, naming what differs: to go on in it would mix two.
    Raises GraphError where another process holds it or it cannot be written.
    """
    with lock.locked(folder):
        file = folder / FILE
        if file.exists():
            _compare(folder, _read(file), made_of)
        else:
            with atomic.written(file) as stream:
                stream.write(json.dumps(dict(made_of), indent=1).encode() + b"\n")
        yield


def _compare(folder: Path, there: Mapping[str, str], made_of: Mapping[str, str]) -> None:
    differing = [name for name in (*made_of, *there) if made_of.get(name) != there.get(name)]
    if differing:
        raise TrainingError(
            f"{folder}: holds another training (other {', '.join(dict.fromkeys(differing))}); "
            "delete it to begin anew, or name another folder with --work"
        )


def _read(file: Path) -> dict[str, str]:
    try:
        return {str(name): str(digest) for name, digest in json.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError) as error:
        raise TrainingError(f"{file}: damaged; delete {file.parent} and train anew") from error


def digest_of(paths: Iterable[Path]) -> str:
    """A digest of the contents of files and of all files in folders; TrainingError if one is missing."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                digest.update(hashlib.sha256(file.read_bytes()).digest())
            except FileNotFoundError as error:
                raise TrainingError(f"{file}: no such file") from error
            except OSError as error:
                raise TrainingError(f"{file}: cannot be read ({error.strerror})") from error
    return digest.hexdigest()[:16]
