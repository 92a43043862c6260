"""Whether an article is about football: where another sport is played, nothing is claimed (`claims.md`, reading 19).

Words decide, not names: Perugia plays volleyball, too. The lists are data (`rules/sports.yaml`).
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import yaml

from kg.errors import RuleError

_FILE = Path(__file__).resolve().parent / "rules" / "sports.yaml"
_WORD = re.compile(r"[\w-]+")
_FEW = 2
"""Fewer different words of other sports an article may hold and still be about football («un set perso»)."""


@functools.cache
def _lists() -> tuple[frozenset[str], frozenset[str]]:
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    try:
        return frozenset(map(str, content["football"])), frozenset(map(str, content["other"]))
    except (KeyError, TypeError) as error:
        raise RuleError(f"{_FILE}: the word list {error} is missing or no list") from error


def is_about_football(text: str) -> bool:
    """False where an article speaks of another sport in as many different words as of football, or more.

    >>> is_about_football("Trento vince al tie-break: venti punti dello schiacciatore, servizio e set perfetti.")
    False
    >>> is_about_football("La Roma vince con un gol del centravanti.")
    True
    """
    football, other = _lists()
    words = set(_WORD.findall(text.lower()))
    elsewhere = len(words & other)
    return elsewhere < _FEW or elsewhere < len(words & football)
