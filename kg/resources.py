"""Where kg's own data lies: in a checkout beside the package, in an installed wheel inside it."""

from __future__ import annotations

from pathlib import Path

from kg.errors import KgError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `ontology` or `seeds` (or any other that the wheel takes in); KgError where it is missing."""
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise KgError(f"{_PACKAGE / name}: kg's own data is missing; install kg again")
