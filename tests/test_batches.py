"""Windows side by side, as a graphics card judges them: each says what it says alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from kg import claims, coreference, gazetteer, patterns
from kg.gold import GoldArticle, GoldClaim, GoldEntity
from kg.learned.network import SHARED, Network, load
from kg.learned.pieces import Tokenizer
from kg.learned.reader import FOLDER
from kg.model import Document, EntityClass, Modality, Tense
from kg.training import batches
from kg.training.batches import Lesson
from kg.training.claims_reader import example
from kg.training.targets import Targets, loss

SHORT = "Dybala gioca nella Roma."
LONG = (
    "Il Parma ha esonerato Pecchia. «Chivu mi piace», dice il presidente Krause, che lo vorrebbe anche domani: "
    "il Parma ha battuto il Venezia per 3-1, ma a Parma nessuno sorride."
)


@pytest.fixture(scope="module")
def network() -> Network:
    return load(FOLDER).eval()


@pytest.fixture(scope="module")
def windows(reader: Callable[[str], Document]) -> list[Lesson]:
    known, grammar, tokenizer = gazetteer.load(), patterns.load(), Tokenizer(SHARED / "tokenizer.json")

    def taught(text: str, claim: GoldClaim, *classes: EntityClass) -> list[Lesson]:
        document = reader(text)
        reading = coreference.read(document, known)
        entities = [GoldEntity(n, c, ()) for n, c in zip((claim.subject, claim.object), classes, strict=True)]
        article = GoldArticle(document.article, "", tuple(entities), (claim,), ())
        one = example(article, reading, claims.trace(reading, known, grammar), known, tokenizer)
        return [Lesson(f.ids, f.inputs, t) for f, t in zip(one.frames, one.targets, strict=True)]

    asserted, present = Modality.ASSERTED, Tense.PRESENT
    plays = GoldClaim("Paulo Dybala", "playsFor", "Roma", asserted, present, evidence="Dybala gioca nella Roma")
    won = GoldClaim("Parma", "playedMatch", "Venezia", asserted, Tense.PAST, evidence="battuto", score="3-1")
    person, club = EntityClass.PERSON, EntityClass.CLUB
    return taught(SHORT, plays, person, club) + taught(LONG, won, club, club)


def test_a_batch_says_what_its_windows_say_alone(network: Network, windows: list[Lesson]) -> None:
    batch, _ = batches.collate(windows, network.padding)
    with torch.no_grad():
        together = batches.judge_together(network, batch)
        alone = [network(network.beneath(one.ids), one.inputs) for one in windows]
    for name in ("labels", "modality", "tense", "ahead", "shares"):
        parts = torch.cat([getattr(one, name) for one in alone])
        torch.testing.assert_close(getattr(together, name), parts, atol=1e-4, rtol=1e-4)
    start = 0
    for one in alone:
        rows, pieces = one.weights.shape
        mine = together.weights[start : start + rows]
        torch.testing.assert_close(mine[:, :pieces], one.weights, atol=1e-5, rtol=1e-4)
        assert not mine[:, pieces:].any()  # nobody looks at what only fills up
        start += rows


def test_a_batch_teaches_what_its_windows_teach_one_after_the_other(network: Network, windows: list[Lesson]) -> None:
    def gradients(cost: torch.Tensor) -> dict[str, torch.Tensor]:
        network.zero_grad()
        cost.backward()
        return {n: p.grad.clone() for n, p in network.named_parameters() if p.grad is not None}

    batch, targets = batches.collate(windows, network.padding)
    together = loss(batches.judge_together(network, batch), targets, batch.rows[:, 0])
    costs = [loss(network(network.beneath(w.ids), w.inputs), w.targets, w.inputs.rows[:, 0]) for w in windows]
    torch.testing.assert_close(together, torch.stack(costs).sum(), atol=1e-3, rtol=1e-4)
    expected, mine = gradients(torch.stack(costs).sum()), gradients(together)
    assert mine.keys() == expected.keys()
    for name, gradient in mine.items():
        torch.testing.assert_close(
            gradient, expected[name], atol=1e-4, rtol=1e-3, msg=lambda text, n=name: f"{n}: {text}"
        )


def test_what_is_wanted_of_a_batch_is_what_is_wanted_of_its_windows(windows: list[Lesson]) -> None:
    _, targets = batches.collate(windows, 1)

    def wanted(some: Targets) -> int:
        return int((some.labels.sum() + some.evidence.sum()).item())

    assert wanted(targets) == sum(wanted(one.targets) for one in windows) > 0
    marked = {(pair, label) for pair, label in targets.labels.nonzero().tolist()}
    assert {tuple(one) for one in targets.spoken.tolist()} == marked


def test_what_does_not_fit_together_goes_one_after_the_other(
    windows: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(batches.parted(windows)) == [windows]
    monkeypatch.setattr(batches, "_ROOM", 1)
    assert list(batches.parted(windows)) == [[one] for one in windows]
    assert list(batches.parted([])) == []
