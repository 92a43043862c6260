"""Fixtures that all tests share: the Stanza pack is loaded once per run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from kg.model import Article, Document

if TYPE_CHECKING:
    from kg.parse import Parser


@pytest.fixture(scope="session")
def parser() -> Parser:
    """The shipped pack, opened once for all tests."""
    from kg.parse import Parser
    from kg.stanza_pack import open_pack

    return Parser(open_pack())


@pytest.fixture(scope="session")
def reader(parser: Parser) -> Callable[[str], Document]:
    """Parses a text (no headline) with the shipped pack: `reader("La Roma ha esonerato Mourinho.")`."""

    def read(text: str, title: str = "") -> Document:
        full = f"{title}\n\n{text}" if title else text
        return parser.parse(Article(id="test", text=full, title=title))

    return read
