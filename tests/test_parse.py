"""Stanza's documents become ours: offsets of names beside contractions, and an encoder that is asked once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.model import Article
from kg.parse import Parser

TEXT = "La vittoria del Milan sull'Inter. L'addio di Walter Mazzarri al Torre del Greco."


def names(parser: Parser, text: str) -> list[str]:
    """The names of a text, as printed."""
    return [text[name.start : name.end] for name in parser.parse(Article("a", text)).names]


def test_names_lie_where_they_are_printed_though_the_tagger_reads_words(parser: Parser) -> None:
    assert parser.pack.names_on_words
    assert names(parser, TEXT) == ["Milan", "Inter", "Walter Mazzarri", "Torre del Greco"]


def test_a_tagger_that_reads_tokens_is_given_tokens(parser: Parser) -> None:
    on_tokens = Parser(replace(parser.pack, names_on_words=False))
    assert {"Milan", "Inter", "Walter Mazzarri"} <= set(names(on_tokens, TEXT))


def test_the_encoder_is_asked_once_for_a_sentence(parser: Parser) -> None:
    known = parser.pack.pipeline.foundation_cache.bert["kg-encoder"].model._known
    parser.parse(Article("a", TEXT))
    assert len(known) == 2
    Parser(replace(parser.pack, names_on_words=False)).parse(Article("a", TEXT))
    assert len(known) == 4, "«del Milan» and «di il Milan» are two sentences"


def test_what_the_pack_takes_apart_by_mistake_is_made_whole(parser: Parser) -> None:
    text = "Carlo Ancelotti resta al Real Madrid e non vuole averlo contro."
    words = [word.text for word in parser.parse(Article("a", text)).sentences[0].words]
    assert words[:6] == ["Carlo", "Ancelotti", "resta", "a", "il", "Real"]
    assert words[-4:-1] == ["aver", "lo", "contro"]
    assert names(parser, text) == ["Carlo Ancelotti", "Real Madrid"]


@pytest.mark.parametrize("text", ["", "  \n\n ", "…"])
def test_what_has_no_name_has_none(parser: Parser, text: str) -> None:
    assert names(parser, text) == []
