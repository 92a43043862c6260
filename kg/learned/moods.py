"""What the grammar of modality and tense (`kg.modality`) says of the word that joins two mentions, for the network."""

from __future__ import annotations

from collections.abc import Sequence

from kg import modality
from kg.model import Modality, Sentence, Tense

MOODS = 6
"""Features of a word: possible, denied, past and future of an event that it tells of; past and future of a state."""
UNSAID = (0.0,) * MOODS
"""Where no word is known to join the two."""


class Moods:
    """The moods of an article's words, each judged once."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self._sentences = sentences
        self._known: dict[tuple[int, int], tuple[float, ...]] = {}

    def of(self, sentence: int, word: int) -> tuple[float, ...]:
        """MOODS of a word, given by its sentence and its position there; UNSAID for the position -1."""
        if word < 0:
            return UNSAID
        key = (sentence, word)
        if key not in self._known:
            event, state = modality.judgements(self._sentences[sentence], word, ("event", "state"))
            self._known[key] = (
                float(event.modality is Modality.POSSIBLE),
                float(event.modality is Modality.DENIED),
                float(event.tense is Tense.PAST),
                float(event.tense is Tense.FUTURE),
                float(state.tense is Tense.PAST),
                float(state.tense is Tense.FUTURE),
            )
        return self._known[key]
