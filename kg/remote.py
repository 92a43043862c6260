"""Files at addresses (`s3://`, `gs://`, `https://`, …); the only file that knows fsspec."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from kg.errors import InputError

_AT_ONCE = 1_048_576
_WILD = frozenset("*?[")


def is_address(name: str) -> bool:
    """Whether an argument names something that is not a path of this machine."""
    return "://" in name


@dataclass(frozen=True, slots=True)
class File:
    """A file at an address; `open` gives its bytes, to be closed by the caller, and raises InputError."""

    address: str
    path: PurePosixPath
    open: Callable[[], BinaryIO]


def files(address: str, may_be_read: Callable[[str], bool]) -> Iterator[File]:
    """The file at an address, or those in and below a folder there whose names `may_be_read`, by name.

    `*` and `?` stand for parts of names. Raises InputError where nothing can be found or reached.
    """
    try:
        import fsspec
    except ImportError as error:
        raise InputError("an address; pip install 'kg[remote]' to read from there") from error
    try:
        system, root = fsspec.url_to_fs(address)
        names = _names(system, root, may_be_read)
    except ImportError as error:
        raise InputError(f"what reads such addresses is not installed ({error})") from error
    except Exception as error:  # each store raises errors of its own kinds
        raise InputError(f"cannot be reached ({_said(error)}); check the address and your access") from error
    for name in names:
        yield File(str(system.unstrip_protocol(name)), PurePosixPath(name), functools.partial(_opened, system, name))


def _names(system: Any, root: str, may_be_read: Callable[[str], bool]) -> list[str]:
    if _WILD & set(root):
        found = system.glob(root)
    # a web server is not asked whether a file is a folder: it would send it
    elif may_be_read(root) or not system.isdir(root):
        return [root]
    else:
        found = system.find(root)
    depth = len(PurePosixPath(root).parts)
    return sorted(
        name
        for name in map(str, found)
        if may_be_read(name) and not any(part.startswith(".") for part in PurePosixPath(name).parts[depth:])
    )


def _opened(system: Any, name: str) -> BinaryIO:
    try:
        return cast("BinaryIO", io.BufferedReader(system.open(name, "rb"), _AT_ONCE))
    except FileNotFoundError:
        raise
    except Exception as error:  # as above
        raise InputError(f"cannot be read ({_said(error)})") from error


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__
