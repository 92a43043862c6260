"""What the learned reader is taught: annotated sentences in, marks on pairs out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg import claims, coreference, gazetteer, patterns
from kg.gold import GoldArticle, GoldClaim, GoldEntity
from kg.learned.candidates import LABELS
from kg.learned.network import SHARED
from kg.learned.pieces import Tokenizer
from kg.model import Document, Modality, Tense
from kg.training.claims_reader import Example, example

Teach = Callable[..., Example]


@pytest.fixture(scope="module")
def teach(reader: Callable[[str], Document]) -> Teach:
    known, grammar, tokenizer = gazetteer.load(), patterns.load(), Tokenizer(SHARED / "tokenizer.json")

    def taught(text: str, claim: GoldClaim, *entities: GoldEntity) -> Example:
        document = reader(text)
        reading = coreference.read(document, known)
        article = GoldArticle(document.article, "", entities, (claim,), ())
        return example(article, reading, claims.trace(reading, known, grammar), known, tokenizer)

    return taught


def said(subject: str, predicate: str, target: str, evidence: str, score: str = "") -> GoldClaim:
    return GoldClaim(subject, predicate, target, Modality.ASSERTED, Tense.PRESENT, evidence=evidence, score=score)


def marked(one: Example, label: str) -> set[tuple[str, str]]:
    """Keys of the pairs that are marked with a label."""
    number = LABELS.index(label)
    pairs = [one.found.pairs[position] for position in one.frames[0].pairs]
    return {
        (one.found.nodes[pair.subject].key, one.found.nodes[pair.object].key)
        for pair, row in zip(pairs, one.targets[0].labels.tolist(), strict=True)
        if row[number]
    }


def ahead(one: Example) -> dict[tuple[str, str], float]:
    """For each marked match whether its first side has more goals; -1 where nothing is to be learnt."""
    pairs = [one.found.pairs[position] for position in one.frames[0].pairs]
    keys = [(one.found.nodes[pair.subject].key, one.found.nodes[pair.object].key) for pair in pairs]
    row = dict(zip(keys, one.targets[0].ahead.tolist(), strict=True))
    return {key: row[key] for key in marked(one, "playedMatch")}


def test_a_date_is_marked_to_the_day(teach: Teach) -> None:
    text = "Nicolò Barella ha rinnovato con l'Inter fino al 30 giugno 2029."
    one = teach(text, said("Nicolò Barella", "contractUntil", "2029-06-30", "fino al 30 giugno 2029"))
    assert marked(one, "contractUntil") == {("person/nicolo-barella", "2029-06-30")}


@pytest.mark.parametrize(("score", "winner"), [("3-2", "club/roma"), ("1-2", "club/siena"), ("1-1", "")])
def test_the_side_with_more_goals_is_ahead_whichever_is_named_first(teach: Teach, score: str, winner: str) -> None:
    one = teach(f"Roma e Siena finisce {score}.", said("Roma", "playedMatch", "Siena", "Roma e Siena", score))
    assert set(ahead(one)) == {("club/roma", "club/siena"), ("club/siena", "club/roma")}
    for (first, _), value in ahead(one).items():
        assert value == (float(first == winner) if winner else -1)


def test_a_namesake_in_the_gazetteer_does_not_make_what_is_said_wrong(teach: Teach) -> None:
    text = "Il tecnico del Milan è Massimiliano Allegri. A Trapani c'è un altro Ancelotti, nuovo tecnico del Trapani."
    stranger = GoldEntity("Zebedeo Ancelotti", "Person", ("Ancelotti",))
    one = teach(text, said("Zebedeo Ancelotti", "coaches", "Trapani", "nuovo tecnico del Trapani"), stranger)
    assert len(marked(one, "coaches")) == 1
    assert {target for _, target in marked(one, "coaches")} == {"club/trapani"}
