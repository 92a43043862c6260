"""How sure a sentence is, and when: one line of football each, with the word that carries the claim."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.modality import judge
from kg.model import Document, Modality, Tense

SAID = [
    # sentence, trigger, kind, modality, tense
    ("La Roma ha esonerato José Mourinho.", "esonerato", "event", "Asserted", "Present"),
    ("La Roma esonererà José Mourinho.", "esonererà", "event", "Asserted", "Future"),
    ("La Roma potrebbe esonerare José Mourinho.", "esonerare", "event", "Possible", "Future"),
    ("La Roma non ha esonerato José Mourinho.", "esonerato", "event", "Denied", "Present"),
    ("Nel 2015 Edin Dzeko firmò con la Roma.", "firmò", "event", "Asserted", "Past"),
    ("Edin Dzeko aveva firmato con la Roma.", "firmato", "event", "Asserted", "Past"),
    ("Se Edin Dzeko firma con la Roma, esulta la curva.", "firma", "event", "Possible", "Future"),
    ("Edin Dzeko se ne va dalla Roma.", "va", "event", "Asserted", "Present"),
    ("Edin Dzeko firmerebbe con la Roma.", "firmerebbe", "event", "Possible", "Future"),
    ("Il tecnico della Roma sorride.", "tecnico", "state", "Asserted", "Present"),
    ("L'ex tecnico della Roma sorride.", "tecnico", "state", "Asserted", "Past"),
    ("Claudio Ranieri era il tecnico della Roma.", "tecnico", "state", "Asserted", "Past"),
    ("Claudio Ranieri allena la Roma.", "allena", "state", "Asserted", "Present"),
    ("Claudio Ranieri allenerà la Roma.", "allenerà", "state", "Asserted", "Future"),
    ("Claudio Ranieri non allena la Roma.", "allena", "state", "Denied", "Present"),
    ("Claudio Ranieri sarebbe perfetto per la Roma.", "perfetto", "opinion", "Asserted", "Present"),
    ("Il Napoli potrebbe pensare a Federico Chiesa.", "pensare", "link", "Possible", "Present"),
    ("Il Napoli pensa a Federico Chiesa.", "pensa", "link", "Asserted", "Present"),
    ("Il Napoli ha esonerato Walter Mazzarri?", "esonerato", "event", "Possible", "Future"),
]


@pytest.mark.parametrize(("text", "trigger", "kind", "modality", "tense"), SAID, ids=[row[0] for row in SAID])
def test_a_sentence_is_as_sure_as_its_words(
    text: str, trigger: str, kind: str, modality: str, tense: str, reader: Callable[[str], Document]
) -> None:
    (sentence,) = reader(text).sentences
    position = next(word.index for word in sentence.words if word.text == trigger)
    judgement = judge(sentence, position, kind=kind)
    assert (judgement.modality, judgement.tense) == (Modality(modality), Tense(tense)), judgement.reasons


def test_a_judgement_names_the_word_that_decided_it(reader: Callable[[str], Document]) -> None:
    (sentence,) = reader("La Roma potrebbe esonerare José Mourinho.").sentences
    position = next(word.index for word in sentence.words if word.text == "esonerare")
    assert any("potrebbe" in reason for reason in judge(sentence, position, kind="event").reasons)
