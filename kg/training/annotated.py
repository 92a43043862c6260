"""Names from annotated articles, and sentences as the words that the tagger of names is given (`kg.parse`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kg.gold import GoldArticle
from kg.model import Document, Sentence, Word
from kg.training.corpora import NamedSentence

_TYPES: Mapping[str, str] = {
    "Person": "PER", "Club": "ORG", "NationalTeam": "ORG", "Federation": "ORG", "Outlet": "ORG", "Competition": "",
}  # fmt: skip
"""Type of a name by the class of its entity; a competition is no name of ours."""
_PLACE = frozenset(("a", "ad", "in", "di", "da"))
"""Bare before a side's name, these may mean its town."""
_ENDINGS: Mapping[str, str] = {
    "l": "il", "llo": "lo", "lla": "la", "ll'": "l'", "ll’": "l’", "i": "i", "gli": "gli", "lle": "le",
}  # fmt: skip
_ARTICULATED: Mapping[str, tuple[str, str]] = {
    joined + ending: (whole, article)
    for joined, whole in (("de", "di"), ("da", "da"), ("ne", "in"), ("su", "su"), ("a", "a"))
    for ending, article in _ENDINGS.items()
} | {"col": ("con", "il"), "coi": ("con", "i")}


def on_words(sentence: NamedSentence) -> NamedSentence:
    """The sentence with its articulated prepositions in two, about as the pack splits them («del» → «di», «il»).

    Not in capitals («DEL»), nor where one opens a name («Al Nassr»).
    """
    tokens: list[str] = []
    tags: list[str] = []
    for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
        whole = token.isupper() or (token[:1].isupper() and tag != "O")
        parts = (token,) if whole else _ARTICULATED.get(token.lower(), (token,))
        if token[:1].isupper() and len(parts) == 2:
            parts = (parts[0].title(), parts[1])
        tokens += parts
        tags += [tag] + [tag.replace("B-", "I-")] * (len(parts) - 1)
    return NamedSentence(tuple(tokens), tuple(tags), sentence.text)


def named(annotated: GoldArticle, document: Document) -> Iterator[NamedSentence]:
    """The sentences of an annotated article as words with their names.

    Names are those of its annotated entities; where it has none, those that the document's tagger found. A sentence is
    left out where a name may be a side or its town.
    """
    for sentence in document.sentences:
        spans = _spans(annotated, document, sentence)
        if spans is None:
            continue
        tags = ["O"] * len(sentence.words)
        for start, end, kind in spans:
            inside = [word.index for word in sentence.words if start <= word.start and word.end <= end]
            for place in inside:
                tags[place] = f"{'B' if place == inside[0] else 'I'}-{kind}"
        yield NamedSentence(tuple(word.text for word in sentence.words), tuple(tags))


_Span = tuple[int, int, str]


def _spans(annotated: GoldArticle, document: Document, sentence: Sentence) -> list[_Span] | None:
    """The names of a sentence by character offsets in the article, or None where one is of two minds."""
    found = [(name.start, name.end, name.label) for name in document.names if _inside(name.start, name.end, sentence)]
    known = _annotated(annotated, document.article.text, sentence)
    kept = []
    for start, end, kind in known:
        over = [span for span in found if span[0] < end and start < span[1]]
        wider = [span for span in over if span[0] <= start and end <= span[1] and span[:2] != (start, end)]
        if any(not kind or span[2] == kind for span in wider):
            continue  # «Serie A» in «Lega Serie A», «Esposito» in the name of his namesake
        if kind == "ORG" and any(span[2] == "LOC" for span in over) and _may_be_a_town(sentence.words, start):
            return None
        found = [span for span in found if span not in over]
        kept += [(start, end, kind)] if kind else []
    return sorted([*found, *kept])


def _annotated(annotated: GoldArticle, text: str, sentence: Sentence) -> list[_Span]:
    """Where the annotated entities of a class with a type are named with a capital, the longest name first."""
    aliases = {
        alias: _TYPES[entity.entity_class]
        for entity in annotated.entities
        if entity.entity_class in _TYPES
        for alias in (entity.name, *entity.aliases)
        if alias[:1].isupper() and alias.split()[-1][:1].isupper()
    }
    taken: list[_Span] = []
    for alias in sorted(aliases, key=lambda alias: (-len(alias), alias)):
        pattern = re.compile(rf"(?<!\w){re.escape(alias)}(?!\w)")
        for match in pattern.finditer(text, sentence.start, sentence.end):
            if not any(start < match.end() and match.start() < end for start, end, _ in taken):
                taken.append((match.start(), match.end(), aliases[alias]))
    return taken


def _inside(start: int, end: int, sentence: Sentence) -> bool:
    return sentence.start <= start and end <= sentence.end


def _may_be_a_town(words: tuple[Word, ...], start: int) -> bool:
    before = [word for word in words if word.start < start]
    return bool(before) and before[-1].text.lower() in _PLACE
