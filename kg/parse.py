"""Adapts Stanza's documents to ours; with `stanza_pack.py`, `encoder.py` and `trees.py` all of kg that knows Stanza."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from kg.model import Article, Document, Name, Sentence, Word
from kg.stanza_pack import WITHOUT_NAMES, Pack

_LINE = re.compile(r"\S[^\n]*")
_JOINED_TAGS = frozenset(("VERB", "AUX"))
_JOINED_WORDS = frozenset(["di", "da", "a", "in", "su", "con", "gli", "glie", "me", "te", "se", "ce", "ve", "ecco"])
"""What contractions begin with: Italian joins prepositions, verbs and a few clitics to what follows, nothing else."""


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
        parsed = self.pack.pipeline.bulk_process(
            [stanza.Document([], text=line) for _, line in lines], processors=WITHOUT_NAMES
        )
        found = named_in(self.pack, parsed)
        sentences: list[Sentence] = []
        names: list[Name] = []
        for (offset, _), document, named in zip(lines, parsed, found, strict=True):
            headline = bool(article.title) and offset < len(article.title)
            for sentence in document.sentences:
                words = tuple(_words(sentence, offset))
                sentences.append(Sentence(len(sentences), words[0].start, words[-1].end, words, headline=headline))
            names += (Name(name.start + offset, name.end + offset, name.label) for name in named)
        return Document(article, tuple(sentences), tuple(names))

    def parse_all(self, articles: Iterable[Article]) -> Iterator[Document]:
        """The articles, one by one, in their order."""
        return (self.parse(article) for article in articles)


def named_in(pack: Pack, documents: list[Any]) -> list[list[Name]]:
    """The names in each of some documents of Stanza that have all but names; offsets count in each document's text.

    Where the pack's tagger of names reads words, as its tagger and parser do («di il Milan» and not «del Milan»), the
    encoder that all three share has been asked before and answers from memory.
    """
    tagger = pack.pipeline.processors["ner"]
    if not pack.names_on_words:
        tagged = tagger.bulk_process(documents)
        return [[Name(entity.start_char, entity.end_char, entity.type) for entity in one.ents] for one in tagged]
    read = [[_as_read(sentence) for sentence in one.sentences] for one in documents]
    tagged = tagger.bulk_process([untagged([text for text, _ in words] for words in sentences) for sentences in read])
    return [
        [
            name
            for words, sentence in zip(sentences, one.sentences, strict=True)
            for entity in sentence.ents
            for name in _name([token for _, token in words], entity)
        ]
        for one, sentences in zip(tagged, read, strict=True)
    ]


def untagged(sentences: Iterable[Iterable[str]]) -> Any:
    """A document of Stanza of nothing but words."""
    from stanza.models.common.doc import Document as StanzaDocument

    return StanzaDocument(
        [[{"id": number, "text": text} for number, text in enumerate(words, start=1)] for words in sentences]
    )


def _name(tokens: Sequence[Any], entity: Any) -> Iterator[Name]:
    """The name that an entity of words is, given the token of each word; it begins with no half of a contraction."""
    first, last = entity.words[0].id - 1, entity.words[-1].id - 1
    while 0 < first <= last and tokens[first] is tokens[first - 1]:
        first += 1
    if first <= last:
        yield Name(tokens[first].start_char, tokens[last].end_char, entity.type)


def _as_read(sentence: Any) -> list[tuple[str, Any]]:
    """The words of a sentence, as the tagger of names is given them, with their tokens."""
    return [
        (text, token)
        for token in sentence.tokens
        for text in ([token.text] if _is_split_by_mistake(token.words) else [word.text for word in token.words])
    ]


def _words(sentence: Any, offset: int) -> Iterator[Word]:
    """The words of a sentence, with those that the pack took for contractions («Car-lo», «nu-la») made whole."""
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


def _is_split_by_mistake(words: Sequence[Any]) -> bool:
    """Whether the parts of a token are no contraction («Car-lo», «nu-la»)."""
    return len(words) > 1 and words[0].upos not in _JOINED_TAGS and words[0].text.lower() not in _JOINED_WORDS


def _joined(words: list[Word], text: str, sentence_start: int, offset: int) -> Word:
    """One word for a token that was split: its form as printed, governed as the outermost part was."""
    inside = {word.index for word in words}
    outer = next((word for word in words if word.head not in inside), words[0])
    start = words[0].start - offset - sentence_start
    form = text[start : start + words[0].end - words[0].start]
    if form[:1].isupper():
        return replace(outer, text=form, lemma=form, upos="PROPN", feats="")
    return replace(outer, text=form, lemma=form)
