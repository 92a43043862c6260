"""The best tree of a sentence, without a search where none is needed.

Stanza looks for the best tree with one root (Chu and Liu, Edmonds; Stanojević and Cohen, EMNLP 2021) in a loop of
Python that takes a tenth of the time of a parse. Where each word's best head by itself makes such a tree, no other can
be better; in the press this is so nearly always.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def take_best_heads() -> None:
    """Makes Stanza's parser look at the best heads first; its search is left for the sentences that need it."""
    from stanza.models.depparse import model

    search = model.chuliu_edmonds_one_root
    if search.__module__ == __name__:
        return

    def best_tree(scores: Any) -> Any:
        heads = tree_of_best_heads(scores)
        return search(scores) if heads is None else heads

    model.chuliu_edmonds_one_root = best_tree


def tree_of_best_heads(scores: Any) -> Any | None:
    """The best head of each word, if these are a tree with one root.

    `scores` (N, N) has how well word y governs word x in row x, column y; 0 is the root. The heads are (N), 0 for the
    root itself.
    """
    likely = np.array(scores, dtype=np.float64)
    np.fill_diagonal(likely, -np.inf)
    heads = likely.argmax(axis=1)
    heads[0] = 0
    if np.count_nonzero(heads[1:] == 0) != 1:
        return None
    above = heads
    for _ in range(len(heads).bit_length()):  # each round looks twice as far up
        above = above[above]
    return None if above.any() else heads
