"""The gate: the claims found in the test gold may not fall below the pinned floor, which moves only up.

`tests/gold/floor.json` pins F1 together with a digest of the gold: other articles, another floor.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from kg import evaluate, gold
from kg.gazetteer import load
from kg.parse import Parser
from kg.pipeline import Reader

TEST = Path(__file__).parent / "gold" / "test"
FLOOR = Path(__file__).parent / "gold" / "floor.json"
SLACK = 0.005


def digest() -> str:
    """Of all test articles with their annotation."""
    whole = hashlib.sha256()
    for file in sorted(TEST.glob("*.json")):
        whole.update(file.name.encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()


def test_claims_do_not_get_worse(parser: Parser) -> None:
    articles = gold.read([TEST])
    reader = Reader()
    reader.parser = parser
    reader.gazetteer = load()
    report = evaluate.score(articles, evaluate.from_extractions(reader.extraction(one.article) for one in articles))
    floor = json.loads(FLOOR.read_text(encoding="utf-8"))
    print(evaluate.render(report))
    assert digest() == floor["digest"], "the test gold is not the one that the floor was measured on"
    assert len(articles) == 40
    assert report.total.f1 >= floor["f1"] - SLACK, f"F1 {report.total.f1:.4f} is below the floor of {floor['f1']}"


def test_articles_without_football_or_in_another_language_claim_nothing(parser: Parser) -> None:
    reader = Reader()
    reader.parser = parser
    nothing = [one for one in gold.read([TEST, TEST.parent / "dev"]) if one.kind in ("nothing", "other-language")]
    assert len(nothing) > 4
    assert [claim for one in nothing for claim in reader.extraction(one.article).claims] == []
