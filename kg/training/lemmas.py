"""Material for Stanza's lemmatizer, whose dictionary takes what it has seen and whose network guesses the rest.

The network learns nothing more from the hundredth «della»: it gets each word a few times only, and names, which are
their own lemmas. The dictionary gets all words, also in the case that the start of a sentence or a headline gives them,
and the frequent words that no treebank has, with the lemma of words that end alike («fibre» as «vetture»).

Of the nouns, adjectives and verbs of ISDT dev that were not trained on, 92 in 100 are right by such guesses, 79 by the
first pack's network.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from math import log2
from pathlib import Path
from typing import NamedTuple

from kg.training.corpora import NamedSentence, Tree, write_trees

_NAME = "PROPN"
_AS_PRINTED = frozenset({_NAME, "PUNCT", "SYM", "NUM", "X"})
"""Parts of speech whose words have no other case, or are other words in it."""

_NO_WORD = ("@", "#", "http")
_WORDS_A_LINE = 25


_OPEN = ("ADJ", "NOUN", "VERB")
_LONGEST_ENDING = 8
_INFINITIVE = "re"
_IN_LIST, _UNKNOWN = 0.2, 0.1
"""How far a guessed lemma is believed that is only a frequent word, or none, beside one that a treebank has."""

_LEAST = 0.05


class Word(NamedTuple):
    """A word as printed, with its part of speech and lemma."""

    form: str
    upos: str
    lemma: str


Words = Mapping[Word, int]
"""How often each word is there."""


def words_of(trees: Iterable[Tree]) -> Counter[Word]:
    """The words that have one lemma (some of tweets have «conte|conto»), without addresses and hashtags."""
    return Counter(
        Word(row[1], row[3], row[2])
        for tree in trees
        for row in tree.words
        if row[2] != "_" and "|" not in row[2] and not row[1].startswith(_NO_WORD)
    )


def names_of(sentences: Iterable[NamedSentence]) -> tuple[Word, ...]:
    """The words of people's names, each once."""
    tokens = {
        token
        for sentence in sentences
        for start, end, kind in sentence.spans()
        if kind == "PER"
        for token in sentence.tokens[start:end]
        if token.istitle() and token.isalpha()
    }
    return tuple(Word(token, _NAME, token) for token in sorted(tokens))


def for_network(words: Words, names: Sequence[Word]) -> dict[Word, int]:
    """How often the network sees each word: once and once more for every fourfold; one word in ten is a name."""
    seen = {word: 1 + int(log2(count) / 2) for word, count in words.items()}
    for name in names[:: max(1, 10 * len(names) // max(1, len(seen)))]:
        seen.setdefault(name, 1)
    return seen


def for_dictionary(words: Words, further: Words, frequent: Iterable[str] = ()) -> dict[Word, int]:
    """What the dictionary counts: `words` before `further` ones, and all in lower case and with a first capital.

    A word with a capital may also be a name («Rossi»), which is its own lemma unless the treebanks say otherwise.
    `frequent` words that are in neither get the lemma of words that end alike.
    """
    counts: Counter[Word] = Counter()
    for source, weight in ((words, 4), (further, 1)):
        for word, count in source.items():
            counts[word] += weight * count
            if word.upos not in _AS_PRINTED:
                lower = word.form.lower()
                counts[word._replace(form=lower)] += weight * count * (lower != word.form)
                counts[word._replace(form=lower[:1].upper() + lower[1:])] += 1
    named = {word.form for word in counts if word.upos == _NAME}
    capitals = {word.form for word in counts if word.form[:1].isupper()}
    ranks = {word: 2 + int(2 * log2(count)) for word, count in counts.items() if count}
    names = {Word(form, _NAME, form): 1 for form in sorted(capitals - named)}
    return ranks | names | dict.fromkeys(_guessed(counts, frequent), 1)


def _guessed(words: Words, frequent: Iterable[str]) -> Iterator[Word]:
    """The frequent words as adjective, noun and verb, where they are unseen as such and some word ends alike."""
    listed = frozenset(word.lower() for word in frequent if word.isalpha())
    analogy = Analogy(words, listed)
    seen = {(word.form, word.upos) for word in words}
    for form in sorted(listed):
        for upos in _OPEN:
            if (form, upos) not in seen:
                lemma, belief = analogy.lemma(form, upos)
                if belief >= _LEAST:
                    yield Word(form, upos, lemma)


class Analogy:
    """Guesses the lemma of an unknown word from known ones that end alike and have the same part of speech.

    As in guessers of tags (Mikheev, Computational Linguistics 1997): longer endings count for more, and a lemma that
    is itself a word for more than one that is none.
    """

    def __init__(self, words: Iterable[Word], listed: Container[str] = frozenset()) -> None:
        self._listed = listed
        self._lemmas: dict[str, set[str]] = defaultdict(set)
        self._changes: dict[str, dict[str, Counter[tuple[int, str]]]] = {upos: defaultdict(Counter) for upos in _OPEN}
        for form, upos, lemma in {word._replace(form=word.form.lower(), lemma=word.lemma.lower()) for word in words}:
            if upos in _OPEN and form.isalpha() and lemma.isalpha() and _may_be(lemma, upos):
                self._lemmas[upos].add(lemma)
                self._learn(form, upos, lemma)

    def _learn(self, form: str, upos: str, lemma: str) -> None:
        differing = (place for place, (one, other) in enumerate(zip(form, lemma, strict=False)) if one != other)
        same = next(differing, min(len(form), len(lemma)))
        if same < 2:
            return  # «è» and «essere»: nothing to learn by
        for start in range(max(1, same - 4), same + 1):
            self._changes[upos][form[start:]][len(form) - same, lemma[same:]] += 1

    def lemma(self, form: str, upos: str) -> tuple[str, float]:
        """The lemma of a word in lower case, and how far it is believed in [0, 1]; 0 where no word ends alike."""
        found: dict[str, float] = {}
        for length in range(1, min(len(form) - 1, _LONGEST_ENDING) + 1):
            changes = self._changes[upos].get(form[-length:])
            if changes is None:
                continue
            times = sum(changes.values()) + 1
            for (cut, added), count in changes.items():
                lemma = form[: len(form) - cut] + added
                belief = count / times * (1 - 0.5**length) * self._weight(lemma, upos)
                found[lemma] = max(found.get(lemma, 0.0), belief)
        return max(found.items(), key=lambda row: (row[1], row[0]), default=(form, 0.0))

    def _weight(self, lemma: str, upos: str) -> float:
        if lemma in self._lemmas[upos]:
            return 1.0
        return _IN_LIST if lemma in self._listed else _UNKNOWN


def _may_be(lemma: str, upos: str) -> bool:
    return upos != "VERB" or lemma.endswith(_INFINITIVE)


def write(file: Path, words: Words) -> None:
    """Writes words as the CoNLL-U that Stanza's lemmatizer reads, the most frequent first."""
    rows = [word for word, count in sorted(words.items(), key=lambda row: (-row[1], row[0])) for _ in range(count)]
    lines = (rows[at : at + _WORDS_A_LINE] for at in range(0, len(rows), _WORDS_A_LINE))
    write_trees(file, [Tree(" ".join(word.form for word in line), tuple(_lines(line))) for line in lines])


def _lines(words: Sequence[Word]) -> list[str]:
    rest = ("_", "_", "0\troot", "_", "_"), ("_", "_", "1\tdep", "_", "_")
    return [
        "\t".join((str(place), word.form, word.lemma, word.upos, *rest[place > 1]))
        for place, word in enumerate(words, start=1)
    ]
