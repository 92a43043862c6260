"""Trees of best heads are those that Stanza's own search finds."""

from __future__ import annotations

import numpy as np
import pytest
from stanza.models.common.chuliu_edmonds import chuliu_edmonds_one_root
from stanza.models.depparse import model

from kg.parse import Parser
from kg.trees import take_best_heads, tree_of_best_heads


def scores(*heads: int) -> np.ndarray:
    """Scores of a sentence whose words want these heads."""
    wanted = np.full((len(heads) + 1, len(heads) + 1), -5.0)
    for word, head in enumerate(heads, start=1):
        wanted[word, head] = -0.1
    return wanted


def test_where_best_heads_are_a_tree_nothing_is_searched() -> None:
    heads = tree_of_best_heads(scores(2, 0, 2, 3))  # «Dybala saluta la Roma», loosely
    assert heads is not None
    assert heads.tolist() == [0, 2, 0, 2, 3]


@pytest.mark.parametrize("heads", [(2, 1, 0), (0, 0, 1), (2, 3, 1)], ids=["a circle", "two roots", "no root"])
def test_what_is_no_tree_is_left_to_the_search(heads: tuple[int, ...]) -> None:
    assert tree_of_best_heads(scores(*heads)) is None


def test_an_opened_pack_looks_at_best_heads_first(parser: Parser) -> None:
    assert parser
    assert model.chuliu_edmonds_one_root.__module__ == "kg.trees"


def test_the_parser_gets_the_tree_that_the_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "chuliu_edmonds_one_root", chuliu_edmonds_one_root)
    take_best_heads()
    once = model.chuliu_edmonds_one_root
    take_best_heads()
    assert model.chuliu_edmonds_one_root is once is not chuliu_edmonds_one_root
    dice = np.random.default_rng(7)
    direct = 0
    for _ in range(300):
        size = int(dice.integers(2, 12))
        table = np.log(dice.dirichlet(np.full(size, 0.2), size=size) + 1e-9).astype(np.float32)
        direct += tree_of_best_heads(table) is not None
        assert model.chuliu_edmonds_one_root(table).tolist() == chuliu_edmonds_one_root(table).tolist()
    assert 20 < direct < 280, "both ways were taken"
