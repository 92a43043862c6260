"""Adapts Stanza's documents to ours; the only file, with `stanza_pack.py`, that knows Stanza."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from kg.model import Article, Document, Name, Sentence, Word
from kg.stanza_pack import Pack

_LINE = re.compile(r"\S[^\n]*")
_SPLIT_BY_MISTAKE = frozenset(("PROPN", "NOUN", "NUM", "X"))
"""No contraction begins with one of these: Italian joins only prepositions, verbs and clitics."""


class Parser:
    """Reads articles with one opened pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def parse(self, article: Article) -> Document:
        """The article with tokens, tags, lemmas, trees and named entities.

        Each line of the text is read by itself: headlines and captions end without a full stop, and a
        sentence never goes on across a line of its own.
        """
        import stanza

        self.pack.forget()
        lines = [(match.start(), match.group()) for match in _LINE.finditer(article.text)]
        parsed = self.pack.pipeline.bulk_process([stanza.Document([], text=line) for _, line in lines])
        sentences: list[Sentence] = []
        names: list[Name] = []
        for (offset, _), document in zip(lines, parsed, strict=True):
            headline = bool(article.title) and offset < len(article.title)
            for sentence in document.sentences:
                words = tuple(_words(sentence, offset))
                sentences.append(Sentence(len(sentences), words[0].start, words[-1].end, words, headline=headline))
            names += (
                Name(entity.start_char + offset, entity.end_char + offset, entity.type) for entity in document.ents
            )
        return Document(article, tuple(sentences), tuple(names))

    def parse_all(self, articles: Iterable[Article]) -> Iterator[Document]:
        """The articles, one by one, in their order."""
        return (self.parse(article) for article in articles)


def _words(sentence: Any, offset: int) -> Iterator[Word]:
    """The words of a sentence, with names that the pack took for contractions («Car-lo») made whole."""
    tokens = [list(_token_words(token, offset)) for token in sentence.tokens]
    renumbered: dict[int, int] = {-1: -1}
    kept: list[Word] = []
    for words in tokens:
        whole = _is_split_by_mistake(words)
        for word in words:
            renumbered[word.index] = len(kept) if whole else len(kept) + words.index(word)
        kept += [_joined(words, sentence.text, sentence.tokens[0].start_char, offset)] if whole else words
    return (
        replace(word, index=index, head=renumbered[word.head] if renumbered[word.head] != index else -1)
        for index, word in enumerate(kept)
    )


def _token_words(token: Any, offset: int) -> Iterator[Word]:
    for word in token.words:
        tag = word.upos or "X"
        lemma = word.lemma or word.text
        yield Word(
            index=word.id - 1,
            text=word.text,
            lemma=lemma if tag == "PROPN" else lemma.lower(),
            upos=tag,
            feats=word.feats or "",
            head=word.head - 1,
            deprel=word.deprel or "dep",
            start=token.start_char + offset,
            end=token.end_char + offset,
        )


def _is_split_by_mistake(words: list[Word]) -> bool:
    return len(words) > 1 and words[0].upos in _SPLIT_BY_MISTAKE


def _joined(words: list[Word], text: str, sentence_start: int, offset: int) -> Word:
    """One word for a token that was split: its form as printed, governed as the outermost part was."""
    inside = {word.index for word in words}
    outer = next((word for word in words if word.head not in inside), words[0])
    start = words[0].start - offset - sentence_start
    form = text[start : start + words[0].end - words[0].start]
    return replace(outer, text=form, lemma=form, upos="PROPN", feats="")
