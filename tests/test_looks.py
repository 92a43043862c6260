"""What the network is told of two mentions beside their words: who else stands there, and how the sentence means it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from kg import claims, coreference, gazetteer, patterns
from kg.learned.candidates import LABELS, candidates
from kg.learned.company import COMPANY
from kg.learned.inputs import frames
from kg.learned.moods import MOODS
from kg.learned.network import SHARED
from kg.learned.pieces import Tokenizer
from kg.learned.rivals import Rivals
from kg.model import Document

BETWEEN, _, NEAREST, _, RANK, ONLY, _, _, NEAREST_IN_TREE, _ = range(COMPANY)
POSSIBLE, DENIED, PAST, FUTURE, _, _ = range(MOODS)
Look = Callable[[str, str, str], list[float]]


@pytest.fixture(scope="module")
def look(reader: Callable[[str], Document]) -> Look:
    """The features of the closest mentions of a subject and an object, both given by id: company and mood."""
    known, grammar, tokenizer = gazetteer.load(), patterns.load(), Tokenizer(SHARED / "tokenizer.json")

    def features(text: str, subject: str, target: str) -> list[float]:
        reading = coreference.read(reader(text), known)
        found = candidates(reading, claims.trace(reading, known, grammar), known)
        (frame,) = frames(reading, found, tokenizer.windows(text))
        number = {node.key: position for position, node in enumerate(found.nodes)}
        pair = frame.inputs.pairs.tolist().index([number[subject], number[target]])
        nodes = len(found.nodes)
        rows = zip(frame.inputs.rows.tolist(), frame.inputs.near.tolist(), strict=True)
        closest = next(near for (of, a, b), near in rows if of == pair and a >= nodes and b >= nodes)
        return list(closest[-COMPANY - MOODS :])

    return features


CROSSED = "Eugenio Corini allena il Palermo e Michele Mignani il Bari."
LISTED = "Palermo, Bari e Cosenza si affidano a Corini, Mignani e Dionisi."


def test_a_side_that_stands_between_is_seen(look: Look) -> None:
    own = look(CROSSED, "person/eugenio-corini", "club/palermo")
    other = look(CROSSED, "person/eugenio-corini", "club/bari")
    assert (own[BETWEEN], own[NEAREST]) == (0, 1)
    assert (other[BETWEEN], other[NEAREST]) == (1, 0)


def test_the_only_side_of_a_sentence_is_seen(look: Look) -> None:
    assert look("Eugenio Corini allena il Palermo.", "person/eugenio-corini", "club/palermo")[ONLY] == 1
    assert look(CROSSED, "person/eugenio-corini", "club/palermo")[ONLY] == 0


def test_two_lists_of_one_length_go_together_by_rank(look: Look) -> None:
    assert look(LISTED, "person/eugenio-corini", "club/palermo")[RANK] == 1
    assert look(LISTED, "person/michele-mignani", "club/bari")[RANK] == 1
    assert look(LISTED, "person/eugenio-corini", "club/bari")[RANK] == 0


def test_the_side_that_hangs_on_a_name_is_nearest_in_the_tree(look: Look) -> None:
    text = "Il tecnico del Bari Michele Mignani piace al Palermo."
    assert look(text, "person/michele-mignani", "club/bari")[NEAREST_IN_TREE] == 1
    assert look(text, "person/michele-mignani", "club/palermo")[NEAREST_IN_TREE] == 0


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Eugenio Corini potrebbe allenare il Palermo.", POSSIBLE),
        ("Eugenio Corini non allena il Palermo.", DENIED),
        ("Eugenio Corini ha allenato il Palermo nel 2016.", PAST),
        ("Eugenio Corini allenerà il Palermo.", FUTURE),
    ],
)
def test_the_word_that_joins_them_says_how_it_is_meant(text: str, mood: int, look: Look) -> None:
    moods = look(text, "person/eugenio-corini", "club/palermo")[COMPANY:]
    assert moods[mood] == 1
    assert moods[POSSIBLE] + moods[DENIED] == (mood in (POSSIBLE, DENIED))


def test_a_pair_hears_its_rivals_and_nobody_else() -> None:
    torch.manual_seed(1)
    rivals = Rivals(16, len(LABELS)).eval()
    # who with whom, in one window; the first shares an end with two others
    pairs = torch.tensor([[0, 0, 3], [0, 0, 4], [0, 1, 3], [0, 2, 5]])
    rows, of = torch.randn(4, 16), torch.arange(4)
    with torch.no_grad():
        assert not rivals(rows, of, pairs).any()  # before it is trained
        rivals.leave.weight.normal_()
        plain = rivals(rows, of, pairs)[0]
        for other, hears in ((1, True), (2, True), (3, False)):
            changed = rows.clone()
            changed[other] += 1
            assert torch.equal(plain, rivals(changed, of, pairs)[0]) is not hears
