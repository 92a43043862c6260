"""Why the network claims something: its score, the runner-up, and the words that carried the decision.

A word carries a decision if the score falls when the classifier may not look at it (erasure, as in Li, Monroe and
Jurafsky, 2016, here on what the classifier attends to, so that a sentence costs one small batch).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from kg.learned.candidates import ENDORSED_FOR, LABELS, Candidates
from kg.learned.inputs import Frame
from kg.learned.network import Ground, Judged, Network
from kg.model import Reading

_TRIED = 12
"""So many words of the sentence, those with the most weight, are erased one by one."""
_NAMED = 3
"""So many of them are named at most."""
_LEAST = 0.1
"""From which fall of the logit on a word counts."""


@dataclass(frozen=True, slots=True)
class Look:
    """Where a judgement comes from: a window, what was made of it, what its rows see, and the pair and label in it."""

    frame: Frame
    judged: Judged
    ground: Ground
    pair: int
    label: int


def why(network: Network, reading: Reading, found: Candidates, look: Look, sentence: int) -> str:
    """The reason of a judgement in a line: `score 0.83, runner-up joins 0.12, words piace, panchina`."""
    chances = look.judged.labels[look.pair].sigmoid().tolist()
    admitted = found.pairs[look.frame.pairs[look.pair]].labels
    others = [number for number in admitted if number != look.label and LABELS[number] != ENDORSED_FOR]
    parts = [f"score {chances[look.label]:.2f}"]
    if others:
        second = max(others, key=lambda number: round(chances[number], 4))
        parts.append(f"runner-up {LABELS[second]} {chances[second]:.2f}")
    words = _words(network, reading, look, sentence)
    if words:
        parts.append("words " + ", ".join(words))
    return ", ".join(parts)


def _words(network: Network, reading: Reading, look: Look, sentence: int) -> list[str]:
    """The words of a sentence without which the judgement's best row would say less, the weightiest first."""
    inputs = look.frame.inputs
    rows = (inputs.rows[:, 0] == look.pair).nonzero()[:, 0]
    row = int(rows[look.judged.shares[rows, look.label].argmax()])
    ends = _ends(look.frame, row)
    weights = look.judged.weights[row].tolist()
    words = []
    for word in reading.document.sentences[sentence].words:
        pieces = look.frame.window.touched(word.start, word.end)
        if pieces and word.upos != "PUNCT" and ends.isdisjoint(pieces):
            words.append((-round(sum(weights[pieces.start : pieces.stop]), 5), word.index, pieces, word.text))
    tried = sorted(words)[:_TRIED]
    if not tried:
        return []
    hidden = torch.zeros(len(tried) + 1, len(look.frame.ids), dtype=torch.bool)
    for number, (_, _, pieces, _) in enumerate(tried, start=1):
        hidden[number, pieces.start : pieces.stop] = True
    logits = network.erased(look.ground, inputs, row, hidden)[:, look.label]
    falls = [
        (round(float(logits[0] - logit), 3), text) for logit, (_, _, _, text) in zip(logits[1:], tried, strict=True)
    ]
    weighty = sorted((fall for fall in falls if fall[0] >= _LEAST), key=lambda fall: -fall[0])
    return [text for _, text in weighty[:_NAMED]]


def _ends(frame: Frame, row: int) -> set[int]:
    """The pieces of a row's subject and object."""
    nodes = len(frame.inputs.classes)
    _, *ends = frame.inputs.rows[row].tolist()
    return {
        piece
        for position, (owner, first, last) in enumerate(frame.inputs.spots.tolist())
        if owner in ends or nodes + position in ends
        for piece in range(first, last)
    }
