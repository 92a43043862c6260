"""Adapts Stanza's documents to ours; the only file, with `stanza_pack.py`, that knows Stanza."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kg.model import Article, Document, Name, Sentence, Word
from kg.stanza_pack import Pack


class Parser:
    """Reads articles with one opened pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def parse(self, article: Article) -> Document:
        """The article with tokens, tags, lemmas, trees and named entities."""
        return _document(article, self.pack.pipeline(article.text))

    def parse_all(self, articles: Iterable[Article]) -> Iterator[Document]:
        """The articles, one by one, in their order."""
        return (self.parse(article) for article in articles)


def _document(article: Article, parsed: Any) -> Document:
    body_start = len(article.title) if article.title else 0
    sentences = []
    for index, sentence in enumerate(parsed.sentences):
        words = tuple(_words(sentence))
        start, end = words[0].start, words[-1].end
        sentences.append(Sentence(index, start, end, words, headline=end <= body_start))
    names = tuple(Name(entity.start_char, entity.end_char, entity.type) for entity in parsed.ents)
    return Document(article, tuple(sentences), names)


def _words(sentence: Any) -> Iterator[Word]:
    for token in sentence.tokens:
        for word in token.words:
            yield Word(
                index=word.id - 1,
                text=word.text,
                lemma=(word.lemma or word.text).lower() if word.upos != "PROPN" else word.lemma or word.text,
                upos=word.upos or "X",
                feats=word.feats or "",
                head=word.head - 1,
                deprel=word.deprel or "dep",
                start=token.start_char,
                end=token.end_char,
            )
