"""The same story told twice: near-duplicate articles, found by MinHash.

An agency's text runs in ten papers with another headline and a sentence more or less. All are kept as articles; for
the question how many say so independently they are one source. Two articles are copies where they share so many
runs of words that they cannot have been written apart; copies of copies are one story. What comes out depends on
the set of articles alone, not on their order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from kg.model import Article

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
    """The story of each article, by id: the id of the article that had it first (see `first`) among its copies."""
    known = {article.id: article for article in articles}
    parents = {identifier: identifier for identifier in known}
    for one, other in _copies(known):
        parents[_root(parents, one)] = _root(parents, other)
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
    return tuple(sorted(a.id for a in dated if not any(_is_before(b.date, a.date) for b in dated)))


def _is_before(one: str, other: str) -> bool:
    left, right = _moment(one), _moment(other)
    if left is None or right is None:
        return False
    if "T" not in one or "T" not in other or (left.tzinfo is None) != (right.tzinfo is None):
        return left.date() < right.date()
    return left < right


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


def _copies(articles: Mapping[str, Article]) -> Iterator[tuple[str, str]]:
    """Pairs of copies; not all pairs of a story, but enough to join it."""
    runs: dict[str, frozenset[str]] = {}
    same: dict[tuple[str, ...], str] = {}
    for identifier, article in articles.items():
        words = _words(article)
        twin = same.setdefault(words, identifier)
        if twin != identifier:
            yield twin, identifier
        elif len(found := _runs(words)) >= _FEW:
            runs[identifier] = found
    for one, other in _candidates(runs):
        if _are_copies(runs[one], runs[other]):
            yield one, other


def _words(article: Article) -> tuple[str, ...]:
    """The words of the body: headlines are each paper's own."""
    body = article.text.removeprefix(article.title) if article.title else article.text
    return tuple(_WORD.findall(body.casefold()))


def _runs(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(" ".join(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))


def _are_copies(one: frozenset[str], other: frozenset[str]) -> bool:
    common, less, more = len(one & other), *sorted((len(one), len(other)))
    return common >= _ALIKE * (less + more - common) or (common >= _INSIDE * less and more <= _TIMES_LONGER * less)


def _candidates(runs: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Pairs that may be copies: those that meet in a band of their MinHash."""
    if len(runs) < 2:
        return
    from datasketch import MinHash, MinHashLSH  # here, since it takes half a second that other commands need not wait

    # many narrow bands: a pair that is missed cannot be found again, one too many is only compared in vain
    index = MinHashLSH(threshold=_CANDIDATES, num_perm=_PERMUTATIONS, weights=(0.2, 0.8))
    sketches = MinHash.bulk([[run.encode() for run in found] for found in runs.values()], num_perm=_PERMUTATIONS)
    known = dict(zip(runs, sketches, strict=True))
    with index.insertion_session() as session:
        for identifier, sketch in known.items():
            session.insert(identifier, sketch)
    for identifier, sketch in known.items():
        yield from ((identifier, other) for other in index.query(sketch) if identifier < other)
