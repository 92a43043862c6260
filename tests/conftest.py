"""Fixtures that all tests share: the Stanza pack is loaded once per run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.model import Article, Document


@pytest.fixture(scope="session")
def reader() -> Callable[[str], Document]:
    """Parses a text (no headline) with the shipped pack: `reader("La Roma ha esonerato Mourinho.")`."""
    from kg.parse import Parser
    from kg.stanza_pack import open_pack

    parser = Parser(open_pack())

    def read(text: str, title: str = "") -> Document:
        full = f"{title}\n\n{text}" if title else text
        return parser.parse(Article(id="test", text=full, title=title))

    return read
