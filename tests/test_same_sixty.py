"""200 articles about the same sixty people and clubs make sixty nodes: duplicates and mergers are counted."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from same_sixty import CLUBS, COACHES, OWNERS, PLAYERS, Told, articles, identifier

from kg import coreference, gazetteer
from kg.chains_score import SECOND_READINGS
from kg.model import MentionKind, Reading
from kg.parse import Parser

WRONG = 0.02
"""The share of nodes that may be duplicates or mergers."""


def nodes_of(told: Told, reading: Reading) -> list[tuple[str, str]]:
    """Whom each marked stretch stands for, and the node that it was given, where it was given one."""
    given = {}
    for chain in reading.chains:
        for position in chain.mentions:
            mention = reading.mentions[position]
            if mention.kind is MentionKind.NAME and mention.reason not in SECOND_READINGS:
                given[mention.start, mention.end] = chain.entity.id
    return [(true, given[start, end]) for start, end, true in told.means if (start, end) in given]


def counted(pairs: list[tuple[str, str]]) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """Duplicates (node → whom it stands for, who has a node of his own) and mergers (node → all whom it stands for)."""
    stands_for: dict[str, Counter[str]] = defaultdict(Counter)
    for true, node in pairs:
        stands_for[node][true] += 1
    duplicates = {node: trues for node, trues in stands_for.items() if node not in trues}
    mergers = {node: trues for node, trues in stands_for.items() if node in trues and len(trues) > 1}
    return duplicates, mergers


def test_the_articles_are_about_sixty() -> None:
    everyone = {identifier(name) for name in (*CLUBS, *COACHES, *PLAYERS, *OWNERS)}
    told = list(articles())
    assert len(everyone) == 60
    assert len({one.article.text for one in told}) == 200
    assert {true for one in told for _, _, true in one.means} == everyone


@pytest.mark.slow
def test_sixty_stay_sixty(parser: Parser) -> None:
    known = gazetteer.load()
    told = list(articles())
    pairs = [pair for one in told for pair in nodes_of(one, coreference.read(parser.parse(one.article), known))]
    duplicates, mergers = counted(pairs)
    assert len(pairs) >= 0.95 * sum(len(one.means) for one in told)
    nodes = len({node for _, node in pairs})
    for name, found in (("duplicate", duplicates), ("merged", mergers)):
        for node, trues in sorted(found.items()):
            print(name, node, dict(trues))
    wrong = len(duplicates) + len(mergers)
    assert wrong <= WRONG * nodes, f"{wrong} of {nodes} nodes are duplicates ({len(duplicates)}) or mergers"
