"""Who is who, case by case: `cases/who_*.yaml`, one file a phenomenon, read through the real pack and gazetteer.

A case has a text and what must hold of it: `who` says whom words stand for (`Napoli#2`: their second occurrence),
`zero` the same of a verb's unspoken subject, `role` what a person is; `not` and `not zero` say whom they do not stand
for. Known failures are expected to fail: one that passes is moved up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kg import coreference, gazetteer
from kg.chains_score import SECOND_READINGS, bare_place
from kg.gazetteer import Gazetteer
from kg.model import Document, EntityClass, Mention, MentionKind, Reading

FILES = sorted((Path(__file__).parent / "cases").glob("who_*.yaml"))
CHECKS = {"who", "zero", "role", "not", "not zero"}


def cases() -> Iterator[Any]:
    for file in FILES:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert set(content) <= {"phenomenon", "wild", "negative", "known failures"}, file.name
        for section in ("wild", "negative", "known failures"):
            for case in content.get(section, ()):
                assert set(case) <= CHECKS | {"text"}, case
                marks = [pytest.mark.xfail(strict=True)] if section == "known failures" else []
                yield pytest.param(case, id=f"{file.stem}: {case['text'][:60]}", marks=marks)


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    return gazetteer.load()


def meant(reading: Reading, words: str, *, zero: bool = False) -> set[str]:
    """Ids of all that some words of the text stand for."""
    text = reading.document.article.text
    words, _, number = words.partition("#")
    places = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text)]
    return {
        entity
        for mention, entity in _mentions(reading, zero)
        if _covers(text, mention, places[int(number or 1) - 1], words)
    }


def _mentions(reading: Reading, zero: bool) -> Iterator[tuple[Mention, str]]:
    for chain in reading.chains:
        for mention in map(reading.mentions.__getitem__, chain.mentions):
            adjective = mention.entity_class is EntityClass.COUNTRY and mention.kind is MentionKind.NOMINAL
            if (mention.kind is MentionKind.ZERO) is zero and mention.reason not in SECOND_READINGS and not adjective:
                yield mention, chain.entity.id


def _covers(text: str, mention: Mention, at: int, words: str) -> bool:
    starts = at in (mention.start, bare_place(text, (mention.start, mention.end))[0])
    return starts and (mention.kind is MentionKind.NOMINAL or mention.end - at >= len(words))


@pytest.mark.parametrize("case", list(cases()))
def test_who_is_who(case: dict[str, Any], reader: Callable[..., Document], known: Gazetteer) -> None:
    reading = coreference.read(reader(case["text"]), known)
    for words, identifier in case.get("who", {}).items():
        assert meant(reading, words) == {identifier}, words
    for words, identifier in case.get("zero", {}).items():
        assert meant(reading, words, zero=True) == {identifier}, words
    for words, identifier in case.get("not", {}).items():
        assert identifier not in meant(reading, words), words
    for words, identifier in case.get("not zero", {}).items():
        assert identifier not in meant(reading, words, zero=True), words
    for identifier, role in case.get("role", {}).items():
        (found,) = [chain.entity for chain in reading.chains if chain.entity.id == identifier]
        assert role in found.roles
