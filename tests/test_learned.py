"""The learned reader: candidates, windows, and claims from sentences that no rule reaches."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from kg import claims, coreference, gazetteer, patterns
from kg.claims import SIGNATURES
from kg.errors import PackError
from kg.learned.candidates import LABELS, WIDTH, Candidates, Node, admits, candidates
from kg.learned.hints import hints
from kg.learned.network import SHARED, WEIGHTS, load, save
from kg.learned.pieces import LONGEST, Tokenizer
from kg.learned.reader import FOLDER, RULE, Judgement, LearnedReader, Thresholds, open_reader, sensible
from kg.model import JOINT, Claim, Document, Modality, Reading, Tense


@pytest.fixture(scope="session")
def learned() -> LearnedReader:
    return open_reader()


@pytest.fixture(scope="session")
def read(reader: Callable[[str], Document]) -> Callable[[str], Reading]:
    known = gazetteer.load()
    return lambda text: coreference.read(reader(text), known)


@pytest.fixture(scope="session")
def said(read: Callable[[str], Reading], learned: LearnedReader) -> Callable[[str], tuple[Claim, ...]]:
    known, grammar = gazetteer.load(), patterns.load()

    def claims_of(text: str) -> tuple[Claim, ...]:
        reading = read(text)
        return learned.claims(reading, claims.trace(reading, known, grammar), known)

    return claims_of


def found(reading: Reading) -> Candidates:
    known = gazetteer.load()
    return candidates(reading, claims.trace(reading, known, patterns.load()), known)


# Candidates ----------------------------------------------------------------------------------------------


def test_pairs_are_those_that_the_ontology_admits(read: Callable[[str], Reading]) -> None:
    some = found(read("Carlo Ancelotti allena il Real Madrid, secondo in Liga, fino al 2026."))
    labels = {
        (some.nodes[pair.subject].key, some.nodes[pair.object].key): {LABELS[number] for number in pair.labels}
        for pair in some.pairs
    }
    assert "coaches" in labels["person/carlo-ancelotti", "club/real-madrid"]
    assert labels["club/real-madrid", "person/carlo-ancelotti"] == {"targets"}
    assert labels["club/real-madrid", "competition/liga"] == {"competesIn", "won"}
    assert labels["person/carlo-ancelotti", "2026"] == {"contractUntil"}
    assert labels["person/carlo-ancelotti", "Injury"] == {"injured"}
    assert all(pair.subject != pair.object for pair in some.pairs)
    assert all(len(pair.features) == WIDTH for pair in some.pairs)


@pytest.mark.parametrize("label", SIGNATURES)
def test_no_label_joins_two_countries(label: str) -> None:
    assert not admits(label, "Country", "Country")


def test_what_a_rule_found_is_a_feature_of_its_pair(read: Callable[[str], Reading]) -> None:
    def strongest(text: str) -> float:
        some = found(read(text))
        pair = next(p for p in some.pairs if some.nodes[p.subject].key == "person/nicolo-barella" and 0 in p.labels)
        return max(pair.features[-len(SIGNATURES) * 3 :])

    assert strongest("Nicolò Barella ha rinnovato con l'Inter fino al 2029.") > 0.5
    assert strongest("Nicolò Barella saluta i tifosi dell'Inter con la mano.") <= strongest(
        "Nicolò Barella ha rinnovato con l'Inter fino al 2029."
    )


# Windows -------------------------------------------------------------------------------------------------


def test_a_long_article_is_read_in_windows_that_cover_all_of_it() -> None:
    sentence = "La Roma ha battuto la Lazio per 3-2 all'Olimpico. "
    text = sentence * 120
    breaks = list(range(0, len(text), len(sentence)))
    windows = Tokenizer(SHARED / "tokenizer.json").windows(text, breaks)
    assert len(windows) > 2
    assert all(len(window.ids) <= LONGEST + 2 for window in windows)
    covered = {at for window in windows for start, end in window.offsets for at in range(start, end)}
    assert covered >= {at for at, letter in enumerate(text) if letter != " "}
    assert all(text[window.offsets[1][0] : window.offsets[1][1]].strip() == "La" for window in windows)


def test_an_empty_text_has_one_empty_window() -> None:
    (window,) = Tokenizer(SHARED / "tokenizer.json").windows("")
    assert len(window.ids) == 2


# Claims --------------------------------------------------------------------------------------------------

TEXTS = [
    ("Sotto la guida di Carlo Ancelotti il Real Madrid ha ripreso a correre.", "person/carlo-ancelotti", "coaches"),
    ("La Roma ha esonerato José Mourinho dopo la sconfitta di Milano.", "person/jose-mourinho", "leaves"),
    ("Lesione al ginocchio per Nicolò Barella, che salterà il derby con il Milan.", "person/nicolo-barella", "injured"),
]


@pytest.mark.parametrize(("text", "subject", "predicate"), TEXTS, ids=[row[0] for row in TEXTS])
def test_a_claim_is_read_with_its_sentence(
    text: str, subject: str, predicate: str, said: Callable[[str], tuple[Claim, ...]]
) -> None:
    mine = [claim for claim in said(text) if (claim.subject, claim.predicate) == (subject, predicate)]
    assert mine, said(text)
    assert mine[0].modality is Modality.ASSERTED
    for piece in mine[0].evidence:
        assert text[piece.sentence.start : piece.sentence.end] == piece.text
        assert piece.sentence.start <= piece.subject.start < piece.subject.end <= piece.sentence.end


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("La Roma di Ranieri batte 3-2 il Siena di Malesani.", "3-2"),
        ("Il Siena di Malesani, battuto 3-2 dalla Roma di Ranieri, resta ultimo in Serie A.", "3-2"),
        ("Roma-Siena 3-2: decide Totti.", "3-2"),
        ("Siena-Roma 3-2: decide Totti.", "2-3"),
    ],
)
def test_the_goals_of_a_match_go_to_who_scored_them(
    text: str, score: str, said: Callable[[str], tuple[Claim, ...]]
) -> None:
    """Scores as those of Roma against Siena, whichever of them is named first or won."""
    (match,) = (claim for claim in said(text) if claim.predicate == "playedMatch")
    first = match.score if match.subject == "club/roma" else "-".join(reversed(match.score.split("-")))
    assert {match.subject, match.object} == {"club/roma", "club/siena"}
    assert first == score


def test_a_claim_names_the_reader_as_its_reason(said: Callable[[str], tuple[Claim, ...]]) -> None:
    reasons = {piece.rule for text, *_ in TEXTS for claim in said(text) for piece in claim.evidence}
    assert RULE in reasons


def test_the_same_claims_on_one_thread_and_on_two(said: Callable[[str], tuple[Claim, ...]]) -> None:
    text = "\n".join(row[0] for row in TEXTS)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = said(text)
        torch.set_num_threads(2)
        assert said(text) == one
    finally:
        torch.set_num_threads(before)


def test_every_claim_keeps_to_domain_and_range(said: Callable[[str], tuple[Claim, ...]]) -> None:
    for claim in said("\n".join(row[0] for row in TEXTS)):
        domain = {str(one) for one in SIGNATURES[claim.predicate][0]}
        assert claim.subject.partition("/")[0] in {"person", "club", "national-team"}
        assert ("Person" in domain) or not claim.subject.startswith("person/")


def test_confidence_follows_the_calibration() -> None:
    thresholds = Thresholds({}, calibration=((0.0, 0.0), (0.5, 0.8), (1.0, 0.9)))
    assert [thresholds.confidence(at) for at in (0.0, 0.25, 0.5, 0.75, 1.0)] == [0.0, 0.4, 0.8, 0.85, 0.9]


def test_a_missing_reader_is_said_in_one_line(tmp_path: object) -> None:
    with pytest.raises(PackError, match="no learned reader"):
        open_reader(FOLDER / "nowhere")


# What is only hinted at ----------------------------------------------------------------------------------


def hinted(reading: Reading) -> dict[str, list[str]]:
    text = reading.document.article.text
    return {
        key: [text[start:end] for _, start, end in rows]
        for key, rows in hints(reading, gazetteer.load()).items()
        if rows
    }


def test_colours_and_homes_hint_at_the_sides_that_the_article_names(read: Callable[[str], Reading]) -> None:
    reading = read("Il Milan tratta Ronaldinho. Il brasiliano è rossonero da stasera, domani sarà a Milanello.")
    assert hinted(reading)["club/milan"] == ["rossonero", "Milanello"]
    assert hinted(read("Il Lecce cambia. Il ds salentino tratta con Corvino."))["club/lecce"] == ["salentino"]


def test_colours_of_sides_that_nobody_names_hint_at_nobody(read: Callable[[str], Reading]) -> None:
    assert "club/milan" not in hinted(read("La Lazio tratta Aubameyang. Domani sarà a Milanello."))


def test_an_origin_hints_at_the_last_one_from_there(read: Callable[[str], Reading]) -> None:
    reading = read("Stevan Jovetic parte, Ronaldinho resta. Sul montenegrino c'è la Juventus.")
    assert hinted(reading) == {"person/stevan-jovetic": ["montenegrino"]}


# Why -----------------------------------------------------------------------------------------------------


def test_a_claim_says_its_score_the_runner_up_and_the_words_that_carried_it(
    said: Callable[[str], tuple[Claim, ...]],
) -> None:
    text = "La Roma ha esonerato José Mourinho dopo la sconfitta di Milano."
    (claim,) = (c for c in said(text) if c.predicate == "leaves")
    why = next(piece.why for piece in claim.evidence if piece.why)
    assert re.fullmatch(r"score [01]\.\d\d, runner-up \w+ [01]\.\d\d(, words .+)?", why)
    assert "esonerato" in why


def test_rules_and_reader_that_read_the_same_words_are_both_named(said: Callable[[str], tuple[Claim, ...]]) -> None:
    text = "La Roma ha esonerato José Mourinho dopo la sconfitta di Milano."
    (claim,) = (c for c in said(text) if c.predicate == "leaves")
    names = {name for piece in claim.evidence for name in piece.rule.split(JOINT)}
    assert RULE in names
    assert names > {RULE}


# Files ---------------------------------------------------------------------------------------------------


def test_the_embeddings_are_those_of_the_pack_and_kept_once(tmp_path: Path) -> None:
    shipped = load(FOLDER)
    settings = torch.load(FOLDER / WEIGHTS, weights_only=True)["encoder"]
    save(shipped, settings, tmp_path / WEIGHTS)
    assert not any("embeddings" in name for name in torch.load(tmp_path / WEIGHTS, weights_only=True)["weights"])
    with torch.no_grad():
        shipped.embeddings.word_embeddings.weight[7] += 1
    save(shipped, settings, tmp_path / WEIGHTS)
    again = load(tmp_path)
    assert torch.allclose(
        again.embeddings.word_embeddings.weight[7], shipped.embeddings.word_embeddings.weight[7], atol=0.02
    )


def judgement(who: str, label: str, side: str, probability: float, tense: Tense = Tense.PRESENT) -> Judgement:
    """A judgement of the network, as it would be made of one window."""
    subject, target = Node(f"person/{who}", "Person", ()), Node(f"club/{side}", "Club", ())
    nowhere: Any = (None, None)
    return Judgement(subject, target, label, probability, Modality.ASSERTED, 1.0, tense, 0, 0.0, nowhere, 0)


def test_nobody_coaches_two_clubs_and_no_club_has_two_coaches() -> None:
    real = judgement("ancelotti", "coaches", "real-madrid", 0.9)
    milan = judgement("ancelotti", "coaches", "milan", 0.5)
    once = judgement("ancelotti", "coaches", "milan", 0.5, Tense.PAST)
    other = judgement("mancini", "coaches", "real-madrid", 0.4)
    assert sensible([milan, real, once, other]) == [real, once]


def test_two_that_are_about_as_likely_both_stay() -> None:
    both = [judgement("lodi", "joins", "genoa", 0.5), judgement("lodi", "joins", "metalist", 0.45)]
    assert sensible(both) == both
