"""A sentence with the fillers that rules may bind, and the tables that matching needs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from kg.model import Sentence, Word
from kg.patterns import Step, WordTest

BARRIERS = frozenset(';:.?!«»“”()"–—…')
"""What no list and no gap of a sequence goes across."""
CONJUNCTIONS = frozenset(("e", "ed", "o", "oppure", "né", "nonché"))
_JOINS = CONJUNCTIONS | frozenset((",", "poi", "anche", "con", "a", "di", "da", "in", "per", "su", "tra", "fra"))


@dataclass(frozen=True, slots=True)
class Filler:
    """A stretch of a sentence that can fill a slot.

    `first`, `last` (half-open) and `head` are word indexes; `labels` is what it may stand for;
    `implicit` marks an unspoken subject, placed at its verb; `ref` is the caller's own key.
    """

    labels: frozenset[str]
    first: int
    last: int
    head: int
    ref: int
    implicit: bool = False


class Basis(IntEnum):
    """What a match rests on: words and tree as the rule names them, word order alone, or the context."""

    TREE = 0
    ORDER = 1
    CONTEXT = 2


Bindings = tuple[tuple[str, tuple[Filler, ...]], ...]
"""The fillers of each slot that is bound, by the slot's name."""

Context = Callable[[str, Bindings], Filler | None]
"""Gives the filler that a path such as `=speaker` stands for, seeing what is bound so far."""


_INFINITIVES = ("are", "ere", "ire")


@functools.lru_cache(maxsize=65536)
def _infinitives(lemma: str, form: str) -> frozenset[str]:
    """The infinitives that a verb may have: lemmatisers confuse conjugations («inseguere», «ripare» for «riparte»)."""
    endings = {"a": ("are",), "e": ("ere", "ire")}.get(form[-1:], ())
    from_lemma = (lemma[:-3] + ending for ending in _INFINITIVES if lemma.endswith(_INFINITIVES))
    return frozenset((*from_lemma, *(form[:-1] + ending for ending in endings)))


def _forms(word: Word) -> frozenset[str]:
    lemma, form = word.lemma.lower(), word.text.lower()
    return frozenset((lemma, form)) | (_infinitives(lemma, form) if word.upos == "VERB" else frozenset())


@dataclass(slots=True)
class Scene:
    """A sentence with the tables that matching needs."""

    sentence: Sentence
    fillers: tuple[Filler, ...]
    context: Context
    words: tuple[Word, ...] = ()
    children: list[list[Word]] = field(default_factory=list)
    forms: list[frozenset[str]] = field(default_factory=list)
    everything: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.words = self.sentence.words
        self.children = [[] for _ in self.words]
        for word in self.words:
            if 0 <= word.head < len(self.words):
                self.children[word.head].append(word)
        self.forms = [_forms(word) for word in self.words]
        self.everything = frozenset().union(*self.forms)

    # words -----------------------------------------------------------------------------------------

    def passes(self, test: WordTest, index: int) -> int:
        """How many words from `index` on pass the test: 0 for none."""
        word = self.words[index]
        for phrase in test.phrases:
            if self._phrase_at(phrase, index):
                return len(phrase)
        if test.labels:
            return int(any(f.labels & test.labels and f.head == index for f in self.fillers))
        if test.upos and word.upos not in test.upos:
            return 0
        if not test.lemmas:
            return 0 if test.phrases else 1
        return 1 if self.forms[index] & test.lemmas else 0

    def _phrase_at(self, phrase: tuple[str, ...], index: int) -> bool:
        if index + len(phrase) > len(self.words):
            return False
        return all(part in self.forms[index + offset] for offset, part in enumerate(phrase))

    def may_hold(self, test: WordTest) -> bool:
        """Whether some word of the sentence could pass; a quick way to say no."""
        if test.labels:
            return any(f.labels & test.labels for f in self.fillers)
        if test.phrases or not test.lemmas:
            return True
        return bool(test.lemmas & self.everything)

    def clause(self, index: int) -> range:
        """The words around `index` up to strong punctuation, quotes, dashes and brackets."""
        first, last = index, index + 1
        while first > 0 and self.words[first - 1].text not in BARRIERS:
            first -= 1
        while last < len(self.words) and self.words[last].text not in BARRIERS:
            last += 1
        return range(first, last)

    def clause_holds(self, test: WordTest, index: int) -> bool:
        """Whether a word of the clause around `index` passes a test."""
        return any(self.passes(test, position) for position in self.clause(index))

    # fillers ---------------------------------------------------------------------------------------

    def at(self, index: int, labels: frozenset[str]) -> tuple[Filler, ...]:
        """Spoken fillers headed by a word, else the shortest that covers it."""
        fitting = [f for f in self.fillers if not f.implicit and f.labels & labels]
        headed = [f for f in fitting if f.head == index]
        covering = sorted((f for f in fitting if f.first <= index < f.last), key=lambda f: f.last - f.first)
        return tuple(headed[:1] or covering[:1])

    def unspoken(self, index: int, labels: frozenset[str]) -> tuple[Filler, ...]:
        """The unspoken subject of the verb at `index`, if it may stand for one of the labels."""
        return tuple(f for f in self.fillers if f.implicit and f.head == index and f.labels & labels)[:1]

    def preposition(self, filler: Filler) -> str:
        """The preposition before a filler, or the empty string."""
        index = filler.first - 1
        while index >= 0 and self.words[index].upos in ("DET", "ADJ", "NUM"):
            index -= 1
        if index >= 0 and self.words[index].upos == "ADP":
            return self.words[index].lemma.lower()
        return ""

    def admits(self, step: Step, filler: Filler) -> bool:
        """Whether the preposition before a filler is one that a step asks for."""
        if step.prepositions is None:
            return True
        return self.preposition(filler) in step.prepositions

    def coordinated(self, filler: Filler, labels: frozenset[str]) -> tuple[Filler, ...]:
        """The filler and those that follow or precede it in an enumeration («Inter, Juve e Napoli»)."""
        group = [filler]
        named = sorted(
            (f for f in self.fillers if not f.implicit and f.labels & labels), key=lambda f: (f.first, f.last)
        )
        for other in named:
            if other.first >= group[-1].last and self._enumerates(group[-1].last, other.first):
                group.append(other)
        for other in reversed(named):
            if other.last <= group[0].first and self._enumerates(other.last, group[0].first):
                group.insert(0, other)
        return tuple(group)

    def _enumerates(self, first: int, last: int) -> bool:
        """Whether the words between two fillers only join them; a lone comma is apposition, not a list."""
        between = [word for word in self.words[first:last] if word.upos not in ("DET",)]
        joins = [word.text.lower() for word in between]
        if not joins or not all(join in _JOINS for join in joins):
            return False
        return any(join in CONJUNCTIONS for join in joins) or self._list_goes_on(last)

    def _list_goes_on(self, index: int) -> bool:
        """Whether a conjunction follows soon, as in «Inter, Juve e Napoli»."""
        for word in self.words[index : index + 7]:
            if word.text.lower() in CONJUNCTIONS:
                return True
            if word.upos in ("VERB", "AUX") or word.text in BARRIERS:
                return False
        return False
