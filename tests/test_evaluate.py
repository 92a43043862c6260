"""Scoring: what counts as found, what counts neither way, what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg import evaluate, gold
from kg.errors import GoldError
from kg.evaluate import Said, Tally
from kg.model import Modality, Tense

RECORD = {
    "id": "derby",
    "title": "",
    "text": "La Roma batte la Lazio 3-2. Capello: «Ancelotti per la Roma». Il tecnico italiano piace anche al Milan.",
    "kind": "match-report",
    "entities": [
        {"name": "Roma", "class": "Club", "aliases": ["i giallorossi"]},
        {"name": "Lazio", "class": "Club", "aliases": []},
        {"name": "Milan", "class": "Club", "aliases": []},
        {"name": "Carlo Ancelotti", "class": "Person", "aliases": ["Ancelotti"]},
        {"name": "Fabio Capello", "class": "Person", "aliases": ["Capello"]},
    ],
    "claims": [
        {"s": "Roma", "p": "playedMatch", "o": "Lazio", "modality": "Asserted", "tense": "Past", "score": "3-2"},
        {"s": "Fabio Capello", "p": "endorses", "o": "Carlo Ancelotti", "modality": "Asserted", "tense": "Present",
         "forTeam": "Roma"},
    ],
    "optional": [{"s": "Carlo Ancelotti", "p": "candidateFor", "o": "Milan", "modality": "Possible"}],
}  # fmt: skip


def said(subject: str, predicate: str, target: str, **more: object) -> Said:
    values: dict[str, object] = {"modality": Modality.ASSERTED, "tense": Tense.PAST, **more}
    return Said("derby", predicate, tuple(subject.split("|")), tuple(target.split("|")), **values)  # type: ignore[arg-type]


@pytest.fixture
def articles(tmp_path: Path) -> list[gold.GoldArticle]:
    (tmp_path / "derby.json").write_text(json.dumps(RECORD), encoding="utf-8")
    return gold.read([tmp_path])


def tally(articles: list[gold.GoldArticle], *claims: Said) -> Tally:
    return evaluate.score(articles, claims).total


MATCH = ("roma", "playedMatch", "lazio")


def test_a_match_counts_in_either_direction_if_the_score_turns_with_it(articles: list[gold.GoldArticle]) -> None:
    assert tally(articles, said(*MATCH, score="3-2")).found == 1
    assert tally(articles, said("lazio", "playedMatch", "roma", score="2-3")).found == 1
    assert tally(articles, said("lazio", "playedMatch", "roma", score="3-2")) == Tally(2, 1, 0)


def test_any_name_of_the_right_thing_will_do_and_no_other(articles: list[gold.GoldArticle]) -> None:
    assert tally(articles, said("as roma|roma", "playedMatch", "lazio", score="3-2")).found == 1
    assert tally(articles, said("i giallorossi", "playedMatch", "lazio", score="3-2")).found == 0  # not folded
    assert tally(articles, said("giallorossi", "playedMatch", "lazio", score="3-2")).found == 1
    assert tally(articles, said("roma femminile|giallorossi", "playedMatch", "lazio", score="3-2")).found == 0


def test_the_team_belongs_to_an_endorsement(articles: list[gold.GoldArticle]) -> None:
    backed = ("capello", "endorses", "ancelotti")
    assert tally(articles, said(*backed, for_team=("roma",))).found == 1
    assert tally(articles, said(*backed, for_team=("milan",))) == Tally(2, 1, 0)


def test_modality_is_part_of_a_claim_and_tense_is_not(articles: list[gold.GoldArticle]) -> None:
    report = evaluate.score(articles, [said(*MATCH, score="3-2", modality=Modality.DENIED)])
    assert (report.total.found, report.without_modality.found) == (0, 1)
    report = evaluate.score(articles, [said(*MATCH, score="3-2", tense=Tense.FUTURE)])
    assert report.total.found == 1
    assert report.tense() == (0, 1)


def test_optional_claims_count_neither_way(articles: list[gold.GoldArticle]) -> None:
    optional = said("ancelotti", "candidateFor", "milan", modality=Modality.POSSIBLE)
    assert tally(articles, optional) == Tally(2, 0, 0)
    assert tally(articles, said("ancelotti", "candidateFor", "roma")) == Tally(2, 1, 0)


def test_a_gold_claim_is_found_once(articles: list[gold.GoldArticle]) -> None:
    assert tally(articles, said(*MATCH, score="3-2"), said(*MATCH)) == Tally(2, 2, 1)


def test_precision_recall_and_f1_are_what_they_are_called() -> None:
    counts = Tally(gold=4, said=2, found=1)
    assert (counts.precision, counts.recall, counts.f1) == (0.5, 0.25, pytest.approx(1 / 3))
    assert Tally().f1 == 1


def test_the_report_lists_what_was_missed_and_what_was_wrong(articles: list[gold.GoldArticle]) -> None:
    wrong = said("lazio", "won", "coppa italia", rules=("wins-cup",))
    lines = evaluate.render(evaluate.score(articles, [wrong]), verbose=True)
    assert "missed  Fabio Capello endorses Carlo Ancelotti for Roma" in lines
    assert "wrong   lazio won coppa italia Asserted (wins-cup)" in lines


def test_broken_gold_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"id": "x"}', encoding="utf-8")
    with pytest.raises(GoldError, match=r"x\.json: not in the gold format"):
        gold.read([tmp_path])
    with pytest.raises(GoldError, match="no such file"):
        gold.read([tmp_path / "nowhere"])
