"""Every rule's examples and counterexamples, through the whole reading: sentences in, claims out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg import claims, coreference, gazetteer, patterns
from kg.model import Document, Extraction, Modality, Tense
from kg.names import folded as fold

GRAMMAR = patterns.load()
EXAMPLES = [(rule.name, example) for rule in GRAMMAR.patterns for example in rule.examples]
COUNTEREXAMPLES = [(rule, text) for rule in GRAMMAR.patterns for text in rule.counterexamples]


@pytest.fixture(scope="session")
def extract(reader: Callable[[str], Document]) -> Callable[[str], Extraction]:
    known = gazetteer.load()

    def read(text: str) -> Extraction:
        return claims.extract(coreference.read(reader(text), known), known, GRAMMAR)

    return read


def said(extraction: Extraction) -> list[tuple[set[str], str, set[str], Modality, Tense]]:
    """The claims of an extraction with all names of subject and object, folded."""
    entities = {entity.id: entity for entity in extraction.entities}

    def names(identifier: str) -> set[str]:
        if identifier not in entities:
            return {fold(identifier)}
        entity = entities[identifier]
        return {fold(name) for name in (entity.label, *entity.aliases)}

    return [(names(c.subject), c.predicate, names(c.object), c.modality, c.tense) for c in extraction.claims]


def expected(claim: str) -> tuple[str, str, str, Modality, Tense]:
    words = claim.split()
    at = next(i for i, word in enumerate(words) if word in claims.SIGNATURES)
    return (
        fold(" ".join(words[:at])),
        words[at],
        fold(" ".join(words[at + 1 : -2])),
        Modality(words[-2]),
        Tense(words[-1]),
    )


def found(claim: str, extraction: Extraction) -> bool:
    subject, predicate, target, modality, tense = expected(claim)
    for subjects, name, objects, how, when in said(extraction):
        if (name, how, when) != (predicate, modality, tense):
            continue
        turned = predicate == "playedMatch" and subject in objects and target in subjects
        if turned or (subject in subjects and target in objects):
            return True
    return False


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{r}-{i}" for i, (r, _) in enumerate(EXAMPLES)])
def test_example_gives_its_claims(rule: str, example: patterns.Example, extract: Callable[[str], Extraction]) -> None:
    extraction = extract(example.text)
    missing = [claim for claim in example.claims if not found(claim, extraction)]
    assert not missing, f"{rule}: {said(extraction)}"


@pytest.mark.parametrize(("rule", "text"), COUNTEREXAMPLES)
def test_counterexample_does_not_fire(rule: patterns.Pattern, text: str, extract: Callable[[str], Extraction]) -> None:
    fired = {piece.rule for claim in extract(text).claims for piece in claim.evidence}
    assert rule.name not in fired


def test_every_predicate_has_a_rule() -> None:
    assert {rule.predicate for rule in GRAMMAR.patterns} == set(claims.SIGNATURES)


def test_a_side_that_is_not_named_takes_no_claim_from_the_one_that_is(extract: Callable[[str], Extraction]) -> None:
    told = extract("La Roma soffre. Un cuore doriano batte. Resta orfana di Dybala.")
    assert {(c.subject, c.predicate, c.object) for c in told.claims} == {("person/paulo-dybala", "leaves", "club/roma")}
    assert "club/sampdoria" not in {entity.id for entity in told.entities}  # no claim speaks of it
