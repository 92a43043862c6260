"""Every piece of evidence is true: at its offsets the article says what the graph says that it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import gold
from kg.gazetteer import load
from kg.model import Article, Extraction, Span
from kg.parse import Parser
from kg.pipeline import Reader
from kg.shapes import check
from kg.statements import graph_of

DEV = Path(__file__).parent / "gold" / "dev"
PIECES = (
    "Carlo Ancelotti è l'allenatore del Real Madrid.",
    "Il tecnico dell'Inter, Simone Inzaghi, ha detto: «Lautaro resta con noi fino al 2027».",
    "Dybala, ai box per una lesione, salterà la gara con la Lazio.",
    "«Ancelotti alla Roma? Non ci credo», ha spiegato Mancini a Tuttomercatoweb.",
    "La Juventus ha battuto il Napoli 2-1 all'Allianz Stadium.",
    "Secondo Sky, il Milan avrebbe messo nel mirino Ederson dell'Atalanta…",
    "É̱ un dì qualunque — n°7, 100€, ½ ora 🏟️👨‍👩‍👧 — per la Serie A.",
    "ROMA-LAZIO 3-2!!!",
    "L’ex giallorosso José Mourinho (62 anni) lascerà il Fenerbahçe?",
    "\u201cLukaku\u00a0è\u00adtornato\u201d: così l'agente del belga\tdel Napoli.",
    "È fatta: Buongiorno dal Torino al Napoli, dell’operazione parlano tutti.",
)


@pytest.fixture(scope="module")
def desk(parser: Parser) -> Callable[[Article], Extraction]:
    reader = Reader()
    reader.parser, reader.gazetteer = parser, load()
    return reader.extraction


def is_whole(text: str, span: Span) -> bool:
    """Whether a span is some words of a text: neither empty nor cut out of the middle of one, without blanks around."""
    said = text[span.start : span.end]
    starts_in_a_word = text[span.start - 1 : span.start].isalnum() and said[:1].isalnum()
    ends_in_a_word = text[span.end : span.end + 1].isalnum() and said[-1:].isalnum()
    return bool(said) and said == said.strip() and not starts_in_a_word and not ends_in_a_word


def assert_true(extraction: Extraction) -> None:
    text = extraction.article.text
    for claim in extraction.claims:
        for piece in claim.evidence:
            assert piece.article == extraction.article.id
            assert text[piece.sentence.start : piece.sentence.end] == piece.text
            for span in (piece.sentence, piece.subject, piece.object):
                assert span is None or is_whole(text, span), (claim.predicate, text[span.start : span.end])
    assert check(graph_of([extraction]), [extraction.article]).errors == 0


def test_of_all_pieces_at_once(desk: Callable[[Article], Extraction]) -> None:
    found = desk(Article("all", "\n".join(PIECES)))
    assert len(found.claims) > 5
    assert_true(found)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=12), min_size=1, max_size=6),
    between=st.sampled_from((" ", "\n", "\n\n", "  ", " \u2028 ")),
    title=st.sampled_from(("", "Ancelotti, è l'ora della Roma", "Roma-Lazio 3-2")),
)
def test_of_any_article(pieces: list[str], between: str, title: str, desk: Callable[[Article], Extraction]) -> None:
    body = between.join(piece.encode("utf-8", "replace").decode("utf-8") for piece in pieces)
    assert_true(desk(Article("any", f"{title}\n\n{body}" if title else body, title)))


@pytest.mark.slow
def test_of_every_annotated_article(desk: Callable[[Article], Extraction]) -> None:
    found = [desk(one.article) for one in gold.read([DEV])]
    assert sum(len(extraction.claims) for extraction in found) > 200
    for extraction in found:
        assert_true(extraction)
