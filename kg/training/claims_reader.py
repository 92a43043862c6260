"""Trains the learned reader of claims on annotated articles: seeded, resumable, on CPU cores or a graphics card.

What the frozen lower layers make of the articles to choose by is computed once; of those to train on each time, since
other names are hidden each time. The best state on the development articles is kept.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from kg import evaluate
from kg.claims import Finding
from kg.gazetteer import Gazetteer
from kg.gold import GoldArticle
from kg.learned.candidates import MENTION_TYPES, RULED, Candidates, candidates
from kg.learned.inputs import Frame, frames
from kg.learned.network import Judged, Network
from kg.learned.pieces import Tokenizer
from kg.learned.reader import Thresholds, decode
from kg.model import EntityClass, Extraction, Reading
from kg.training import batches
from kg.training.batches import Batch, Lesson
from kg.training.loop import random_states, restore_random
from kg.training.targets import Marker, Targets, loss

logger = logging.getLogger("kg.training")
Tensors = TypeVar("Tensors", Batch, Targets)
_NAMES = frozenset(MENTION_TYPES.index(str(one)) for one in EntityClass)


@dataclass(frozen=True, slots=True)
class Example:
    """One article made ready: its reading, what rules found, candidates, frames, targets and frozen layers' output."""

    gold: GoldArticle
    reading: Reading
    findings: tuple[Finding, ...]
    found: Candidates
    frames: tuple[Frame, ...]
    targets: tuple[Targets, ...]
    beneath: list[Tensor] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast: epochs, rates of encoder and classifier, articles a step, seed.

    What is kept from the network each time keeps it from remembering the articles: `hidden` is the share of nodes
    whose names it does not see, `unread` that of other pieces, `unruled` that of windows whose rules it does not hear.
    `device` is torch's name of where it is trained; a card adds in any order, so that its last digits differ each time.
    """

    epochs: int = 14
    encoder_rate: float = 1e-4
    rate: float = 5e-4
    articles: int = 4
    hidden: float = 0.2
    unread: float = 0.05
    unruled: float = 0.15
    seed: int = 7
    evaluate_every: int = 1
    device: str = "cpu"


def example(
    article: GoldArticle, reading: Reading, findings: tuple[Finding, ...], gazetteer: Gazetteer, tokenizer: Tokenizer
) -> Example:
    """An annotated article with candidates and targets."""
    found = candidates(reading, findings, gazetteer)
    windows = tokenizer.windows(reading.document.article.text, [s.start for s in reading.document.sentences])
    framed = tuple(frames(reading, found, windows))
    marker = Marker(article, reading, found)
    return Example(article, reading, findings, found, framed, tuple(map(marker.targets, framed)))


# Training ------------------------------------------------------------------------------------------------


def prepare(network: Network, examples: Iterable[Example]) -> None:
    """Computes the frozen layers' output of each example, once."""
    for one in examples:
        if not one.beneath:
            one.beneath.extend(network.beneath(frame.ids) for frame in one.frames)


def train(
    network: Network,
    examples: Sequence[Example],
    recipe: Recipe,
    *,
    mask: int,
    check: Callable[[Network, int], float],
    state: Path,
) -> None:
    """Trains a network; after each epoch `check` gives a score, and the best weights stay in `state` (`.best`).

    `mask` is the id of the piece that hides others.
    """
    device = torch.device(recipe.device)
    torch.manual_seed(recipe.seed)
    network.to(device)
    encoder = list(network.upper.parameters())
    inside = {id(parameter) for parameter in encoder}
    others = [p for p in network.parameters() if p.requires_grad and id(p) not in inside]
    groups = [{"params": encoder, "lr": recipe.encoder_rate}, {"params": others, "lr": recipe.rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = recipe.epochs * (len(examples) // recipe.articles + 1)
    warmup = max(10, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, max(0.0, (steps - step) / (steps - warmup)))
    )
    first, best = 0, -1.0
    if state.exists():
        # our own file, with the states of optimizer and random generators beside tensors
        kept: dict[str, Any] = torch.load(state, weights_only=False, map_location="cpu")
        network.load_state_dict(kept["network"], strict=False)
        optimizer.load_state_dict(kept["optimizer"])
        schedule.load_state_dict(kept["schedule"])
        restore_random(kept["random"])
        first, best = kept["epoch"], kept["best"]
    for epoch in range(first, recipe.epochs):
        started = time.monotonic()
        order = list(range(len(examples)))
        random.Random(recipe.seed + epoch).shuffle(order)  # noqa: S311 - an order, no secret
        network.train()
        total = 0.0
        for start in range(0, len(order), recipe.articles):
            batch = [examples[number] for number in order[start : start + recipe.articles]]
            optimizer.zero_grad()
            lessons = [
                _partly_hidden(frame, targets, recipe, mask)
                for one in batch
                for frame, targets in zip(one.frames, one.targets, strict=True)
            ]
            for cost in _costs(network, lessons, device):
                share = cost / (10 * len(batch))
                share.backward()  # type: ignore[no-untyped-call]
                total += float(share.detach())
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        network.eval().to("cpu")  # as it will read
        score = check(network, epoch) if (epoch + 1) % recipe.evaluate_every == 0 else 0.0
        network.to(device)
        if score > best:
            best = score
            torch.save(trained(network), state.with_suffix(".best"))
        logger.info(
            "epoch %d: loss %.2f, dev %.4f (best %.4f), %.0f s",
            epoch + 1,
            total,
            score,
            best,
            time.monotonic() - started,
        )
        torch.save(
            {
                "network": trained(network),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "random": random_states(),
                "epoch": epoch + 1,
                "best": best,
            },
            state,
        )
    network.to("cpu")


def _costs(network: Network, lessons: Sequence[Lesson], device: torch.device) -> Iterator[Tensor]:
    """The losses of lessons: of each alone on a processor, of as many as fit together on a card."""
    if device.type == "cpu":
        for one in lessons:
            judged = network(network.beneath(one.ids), one.inputs)
            yield loss(judged, one.targets, one.inputs.rows[:, 0])
    else:
        for group in batches.parted(lessons):
            batch, targets = batches.collate(group, network.padding)
            batch, targets = _moved(batch, device), _moved(targets, device)
            yield loss(batches.judge_together(network, batch), targets, batch.rows[:, 0])


def _moved(tensors: Tensors, device: torch.device) -> Tensors:
    """A dataclass of tensors on another device."""
    return type(tensors)(*(getattr(tensors, one.name).to(device) for one in fields(tensors)))


def _partly_hidden(frame: Frame, targets: Targets, recipe: Recipe, mask: int) -> Lesson:
    """A frame as the recipe lets the network see it."""
    inputs = frame.inputs
    ids = frame.ids.clone()
    unread = (torch.rand(len(ids)) < recipe.unread) & (inputs.types == 0)
    unread[[0, -1]] = False
    ids[unread] = mask
    nodes = torch.rand(len(inputs.classes)) < recipe.hidden
    for node, first, last in inputs.spots.tolist():
        if nodes[node] and int(inputs.types[first]) in _NAMES:
            ids[first:last] = mask
    if torch.rand(()) < recipe.unruled:
        features = inputs.features.clone()
        features[:, -RULED:] = 0
        inputs = replace(inputs, features=features)
    return Lesson(ids, inputs, targets)


def trained(network: Network) -> dict[str, Tensor]:
    """The weights that training changes."""
    free = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    return {name: value.cpu() for name, value in network.state_dict().items() if name in free}


# Checking ------------------------------------------------------------------------------------------------


def judge(network: Network, one: Example) -> list[tuple[Frame, Judged]]:
    """The network's judgement of an example."""
    with torch.inference_mode():
        return [(frame, network(beneath, frame.inputs)) for beneath, frame in zip(one.beneath, one.frames, strict=True)]


Judgements = list[list[tuple[Frame, Judged]]]


def report(judged: Judgements, examples: Sequence[Example], thresholds: Thresholds) -> evaluate.Report:
    """The claims of the examples, decoded from what the network made of each and scored against their gold."""
    extractions = []
    for one, result in zip(examples, judged, strict=True):
        claims = decode(one.reading, one.found, result, one.findings, thresholds)
        entities = {node.entity.id: node.entity for node in one.found.nodes if node.entity}
        extractions.append(Extraction(one.reading.document.article, 0, tuple(entities.values()), claims))
    return evaluate.score([one.gold for one in examples], evaluate.from_extractions(extractions))
