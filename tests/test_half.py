"""Half precision: nearly the same vectors, and a build knows that it was made so."""

from __future__ import annotations

from pathlib import Path

import torch

from kg import encoder, journal, pipeline
from kg.pipeline import Reader
from kg.stanza_pack import SHIPPED


def test_half_precision_moves_vectors_little_and_is_not_what_was_asked_for_without_it() -> None:
    folder = SHIPPED / "it" / "encoder"
    whole, half = (encoder.foundation(folder, half=half).bert[encoder.NAME].model for half in (False, True))
    pieces = torch.tensor([[0, 17, 250, 3_000, 41, 9_000, 2]])
    one, other = (model(pieces, torch.ones_like(pieces)).hidden_states[-1] for model in (whole, half))
    assert torch.nn.functional.cosine_similarity(one, other, dim=-1).min() > 0.999
    assert not torch.equal(one, other)


def test_a_build_keeps_to_the_precision_that_it_was_made_with(tmp_path: Path) -> None:
    half = Reader(method="rules", half=True)
    assert half.versions.pack != Reader(method="rules").versions.pack
    assert half.versions.rules == Reader(method="rules").versions.rules
    assert Reader.made_with(half.settings).versions == half.versions
    with journal.opened(tmp_path) as kept:
        kept.set(**half.settings)
    assert pipeline.reader_of(tmp_path).versions == half.versions
    assert pipeline.reader_of(tmp_path, half=False).versions == Reader(method="rules").versions
