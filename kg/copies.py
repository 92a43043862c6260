"""The same story told twice: near-duplicate articles, found by MinHash.

An agency's text runs in ten papers with another headline and a sentence more or less. All are kept as articles; for
the question how many say so independently they are one source. Two articles are copies where they share so many
runs of words that they cannot have been written apart; copies of copies are one story. What comes out depends on
the set of articles alone, not on their order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.model import Article

_Runs = NDArray[np.uint64]
"""The runs of words of an article, each as a number (a hash of 64 bits), ascending."""

_WORD = re.compile(r"\w+")
_RUN = 4
"""Words in a run."""
_FEW = 12
"""Runs below which only the very same words make a copy: two short notes are alike by chance."""
_ALIKE, _INSIDE = 0.5, 0.8
"""Shares from which articles are copies: of the runs of both (Jaccard), or of the shorter one's inside the longer."""
_TIMES_LONGER = 3
"""A copy may stand in an article of so many times its runs; in a longer one it is a quotation."""
_CANDIDATES = 0.25
"""The Jaccard share that the hashing looks for; 0.8 of one inside another three times as long has 0.25."""
_PERMUTATIONS = 128


def stories(articles: Iterable[Article]) -> dict[str, str]:
    """The story of each article, by id: the id of the article that had it first (see `first`) among its copies.

    Articles are looked at one by one, and their words forgotten: some tens of kilobytes are kept of each.
    """
    known: dict[str, Article] = {}
    parents: dict[str, str] = {}
    finder = _Finder()
    for article in articles:
        known[article.id] = replace(article, text="")
        parents.setdefault(article.id, article.id)
        for other in finder.copies(article):
            parents[_root(parents, article.id)] = _root(parents, other)
    groups: dict[str, list[str]] = defaultdict(list)
    for identifier in known:
        groups[_root(parents, identifier)].append(identifier)
    return {identifier: min(first(known[each] for each in group)) for group in groups.values() for identifier in group}


def first(articles: Iterable[Article]) -> tuple[str, ...]:
    """Ids of the articles before which none of the others was published, sorted; several where dates do not tell.

    A date without a time is neither before nor after another moment of its day. Articles without a date come first
    only where none has one.
    """
    known = tuple(articles)
    dated = [article for article in known if _moment(article.date)] or known
    dates = {article.date for article in dated}
    earliest = {date for date in dates if not any(_is_before(other, date) for other in dates)}
    return tuple(sorted(article.id for article in dated if article.date in earliest))


def _is_before(one: str, other: str) -> bool:
    left, right = _moment(one), _moment(other)
    if left is None or right is None:
        return False
    if "T" not in one or "T" not in other or (left.tzinfo is None) != (right.tzinfo is None):
        return left.date() < right.date()
    return left < right


@lru_cache(maxsize=4096)
def _moment(date: str) -> datetime | None:
    try:
        return datetime.fromisoformat(date)
    except ValueError:
        return None


def _root(parents: dict[str, str], identifier: str) -> str:
    while parents[identifier] != identifier:
        parents[identifier] = parents[parents[identifier]]
        identifier = parents[identifier]
    return identifier


# Likeness ----------------------------------------------------------------------------------------------


class _Finder:
    """Tells of each article which of those before it are its copies: not all pairs, but enough to join a story."""

    def __init__(self) -> None:
        self._same: dict[bytes, str] = {}
        self._runs: dict[str, _Runs] = {}
        self._empty: Any = None
        self._index: Any = None

    def copies(self, article: Article) -> list[str]:
        """Ids of articles before this one that are copies of it."""
        words = _words(article)
        twin = self._same.setdefault(sha256("\0".join(words).encode()).digest(), article.id)
        if twin != article.id:
            return [twin]
        runs = {" ".join(words[start : start + _RUN]).encode() for start in range(len(words) - _RUN + 1)}
        if len(runs) < _FEW:
            return []
        mine = np.unique(np.array([int.from_bytes(blake2b(run, digest_size=8).digest()) for run in runs], np.uint64))
        found = [other for other in self._candidates(article.id, runs) if _are_copies(mine, self._runs[other])]
        self._runs[article.id] = mine
        return found

    def _candidates(self, identifier: str, runs: set[bytes]) -> list[str]:
        """Articles that may be copies, since they meet in a band of their MinHash; from now on it is one of them."""
        if self._index is None:
            # here, as it takes half a second that other commands need not wait
            from datasketch import MinHash, MinHashLSH

            # many narrow bands: a pair that is missed cannot be found again, one too many is only compared in vain
            self._index = MinHashLSH(threshold=_CANDIDATES, num_perm=_PERMUTATIONS, weights=(0.2, 0.8))
            self._empty = MinHash(num_perm=_PERMUTATIONS)
        sketch = self._empty.copy()
        sketch.update_batch(sorted(runs))
        found = sorted(self._index.query(sketch))
        self._index.insert(identifier, sketch)
        return found


def _words(article: Article) -> tuple[str, ...]:
    """The words of the body: headlines are each paper's own."""
    body = article.text.removeprefix(article.title) if article.title else article.text
    return tuple(_WORD.findall(body.casefold()))


def _are_copies(one: _Runs, other: _Runs) -> bool:
    common = len(np.intersect1d(one, other, assume_unique=True))
    less, more = sorted((len(one), len(other)))
    return common >= _ALIKE * (less + more - common) or (common >= _INSIDE * less and more <= _TIMES_LONGER * less)
