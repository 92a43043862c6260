"""The training loop around Stanza's trainers for tags, trees and names: seeded, resumable, one rate schedule.

Stanza's own `main` functions each have another schedule and only the parser's can resume, so the loop is ours;
the networks, losses, updates, scorers and file formats are Stanza's.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

logger = logging.getLogger("kg.training")


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast: the rate climbs for `warmup` steps to `rate`, then falls in a line to `floor` of it.

    `steps` counts updates; every `every` steps the development part is scored and the state is saved.
    """

    steps: int
    rate: float
    warmup: int = 50
    every: int = 200
    floor: float = 0.02

    def rate_at(self, step: int) -> float:
        """The learning rate of update number `step` (from 1)."""
        if step <= self.warmup:
            return self.rate * step / self.warmup
        left = max(0.0, (self.steps - step) / max(1, self.steps - self.warmup))
        return self.rate * (self.floor + (1 - self.floor) * left)

    def scaled(self, effort: float) -> Schedule:
        """The schedule, `effort` times as long."""
        return replace(
            self,
            steps=scaled(self.steps, effort),
            warmup=scaled(self.warmup, effort),
            every=scaled(self.every, effort),
        )


def scaled(count: int, effort: float) -> int:
    """A count of steps or sentences, `effort` times as many; one at least."""
    return max(1, round(count * effort))


@dataclass(frozen=True, slots=True)
class Job:
    """One part in training.

    `trainer` is Stanza's; `optimizers` are its torch optimizers, built with the rate `rate` (parameter groups with
    another, such as a fine-tuned encoder's, keep their proportion to it); `epoch` yields one epoch's batches in a new
    order; `score` is the figure on the development part (in [0, 1], higher is better); `best` is the best model's file.
    """

    name: str
    trainer: Any
    optimizers: Sequence[Any]
    rate: float
    epoch: Callable[[], Iterable[Any]]
    score: Callable[[], float]
    best: Path


def run(job: Job, schedule: Schedule, seed: int) -> float:
    """Trains `job` to the end of `schedule` and returns the best score; resumes from `<best>.state` where it is.

    The same seed, data and torch build on one thread give the same model, resumed or not.
    """
    import torch

    state_file = job.best.with_suffix(".state")
    model = job.trainer.model
    step, epoch, position, best = 0, 0, 0, -1.0
    resumed: dict[str, Any] | None = None
    if state_file.exists():
        # our own file, and it holds the states of random generators beside tensors
        resumed = torch.load(state_file, map_location="cpu", weights_only=False)
        step, epoch, position, best = (resumed[key] for key in ("step", "epoch", "position", "best"))
        model.load_state_dict(resumed["model"], strict=False)
        for optimizer, state in zip(job.optimizers, resumed["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        logger.info("%s: goes on after step %d (best %.4f)", job.name, step, best)
        for past in range(epoch):
            _begin(job, seed + past)  # each order is a shuffling of the one before
    loss, since = 0.0, time.monotonic()
    while step < schedule.steps:
        for batch in _epoch(job, seed + epoch, position, resumed):
            resumed = None
            step += 1
            position += 1
            for optimizer in job.optimizers:
                for group in optimizer.param_groups:
                    scale = group.setdefault("kg_scale", group["lr"] / job.rate)
                    group["lr"] = schedule.rate_at(step) * scale
            updated = job.trainer.update(batch, eval=False)
            loss += updated[0] if isinstance(updated, tuple) else updated
            if step % schedule.every == 0 or step >= schedule.steps:
                score = job.score()
                if score > best:
                    best = score
                    job.trainer.save(str(job.best))
                logger.info(
                    "%s: step %d of %d, loss %.4f, dev %.4f (best %.4f), %.2f s a step",
                    job.name, step, schedule.steps, loss / schedule.every, score, best,
                    (time.monotonic() - since) / schedule.every,
                )  # fmt: skip
                loss, since = 0.0, time.monotonic()
                _save_state(job, state_file, step=step, epoch=epoch, position=position, best=best)
            if step >= schedule.steps:
                break
        else:
            epoch += 1
            position = 0
            resumed = None
    return best


def _epoch(job: Job, seed: int, skip: int, resumed: dict[str, Any] | None) -> Iterator[Any]:
    """An epoch's batches in the order that `seed` gives, without the first `skip`."""
    batches = iter(_begin(job, seed))
    for _ in range(skip):
        next(batches, None)
    if resumed is not None:
        random.setstate(resumed["random"])
        restore_random(resumed["torch"])
    yield from batches


def _begin(job: Job, seed: int) -> Iterable[Any]:
    import torch

    random.seed(seed)
    torch.manual_seed(seed)
    return job.epoch()


def random_states() -> list[Any]:
    """The states of torch's random generators: the processor's, then each GPU's."""
    import torch

    return [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else ())]


def restore_random(states: Sequence[Any]) -> None:
    """Sets torch's random generators to what `random_states` gave; the processor's alone where the GPUs are others."""
    import torch

    torch.set_rng_state(states[0])
    if torch.cuda.is_available() and len(states) == 1 + torch.cuda.device_count():
        torch.cuda.set_rng_state_all(list(states[1:]))


def _save_state(job: Job, file: Path, **counters: float) -> None:
    import torch

    model = job.trainer.model
    unsaved = set(getattr(model, "unsaved_modules", ()))
    weights = {key: value for key, value in model.state_dict().items() if key.split(".")[0] not in unsaved}
    partial = file.with_suffix(".partial")
    torch.save(
        {
            **counters,
            "model": weights,
            "optimizers": [optimizer.state_dict() for optimizer in job.optimizers],
            "random": random.getstate(),
            "torch": random_states(),
        },
        partial,
    )
    Path(partial).replace(file)
