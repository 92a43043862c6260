"""Learns the weights of `kg.linking.FEATURES` from annotated articles.

    python -m kg.training.linking WORK GOLD [GOLD …]

reads gold files or folders, parses their articles (kept in WORK, parsed once), fits the weights on four fifths of
them and prints the table to paste into `kg/linking.py`, with what linking gets right and wrong on the last fifth
before and after. Deterministic: the split is by the digest of an article's id, the fit begins at zero.

A chain of names is a sample where the gold names somebody so, by more than a surname. Right are the candidates whose
names fit that person; where none does, the new entity is. The loss is that of a softmax over candidates and the new
entity, with a quadratic penalty.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from kg import coreference, gold, linking
from kg.evaluate import bare, names_of
from kg.gazetteer import Entry, Gazetteer
from kg.gold import GoldArticle
from kg.linking import FEATURES, SURE, Candidate, Feature
from kg.mentions import find_mentions
from kg.model import Document
from kg.pipeline import Reader
from kg.training.claims_recipe import parsed

logger = logging.getLogger("kg.training")
_PENALTY = 1.0
"""How strongly the fit holds weights back, in samples."""
_WRONG = 1.5
"""How many right links a wrong one costs."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A chain to link: what the article says, who may be meant, and the ids of those who are (none: a new entity)."""

    article: str
    case: linking.Case
    candidates: tuple[Candidate, ...]
    right: frozenset[str]
    meant: str

    @property
    def held_out(self) -> bool:
        """Whether it belongs to the fifth of the articles that nothing is fitted on."""
        return int(hashlib.sha256(self.article.encode()).hexdigest(), 16) % 5 == 0


# Samples -------------------------------------------------------------------------------------------------


def samples(article: GoldArticle, document: Document, gazetteer: Gazetteer) -> Iterator[Sample]:
    """The chains of people in an annotated article of which the gold says who they are."""
    case = coreference.Case(document, gazetteer, find_mentions(document, gazetteer))
    for sieve in coreference.SIEVES[: coreference.SIEVES.index(coreference.link_names)]:
        sieve(case)
    coreference.link_sides(case)
    people = [(names_of(article, one.name), one.name) for one in article.entities if one.entity_class == "Person"]
    for draft, asked in coreference.people_to_link(case):
        candidates = tuple(linking.standing(asked, draft.candidates, gazetteer))
        printed = set(map(bare, asked.names))
        meant = [names for names, _ in people if printed & set(names)]
        meant = [names for names in meant if " " in names[0]] or [
            names for names in meant if any(names[0] == bare(one.entry.label) for one in candidates)
        ]
        if candidates and meant:
            right = frozenset(one.entry.id for one in _bearers(candidates, meant))
            yield Sample(article.article.id, asked, candidates, right, meant[0][0])


def _bearers(candidates: Sequence[Candidate], meant: Sequence[tuple[str, ...]]) -> list[Candidate]:
    """The candidates who have the gold name, else those whose label the article gives to the person."""
    exact = [one for one in candidates if any(names[0] in _names(one.entry) for names in meant)]
    return exact or [one for one in candidates if any(bare(one.entry.label) in names for names in meant)]


def _names(entry: Entry) -> set[str]:
    return {bare(entry.label), *map(bare, entry.aliases)}


# Fitting -------------------------------------------------------------------------------------------------


def fit(rows: Sequence[Sample], features: Sequence[Feature] = FEATURES, penalty: float = _PENALTY) -> list[float]:
    """The weights of the features, rounded to two digits."""
    held, owner, right, new = _tensors(rows, features)
    weights = torch.zeros(len(features), dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe", tolerance_grad=1e-7)

    def loss() -> Tensor:
        search.zero_grad()
        scores = held @ weights
        everyone = _log_sum(scores, owner, len(rows), torch.zeros(len(rows), dtype=torch.float64))
        those = torch.where(right, scores, torch.full_like(scores, -1e9))
        meant = _log_sum(those, owner, len(rows), torch.where(new, 0.0, -1e9).double())
        total = (everyone - meant).sum() + 0.5 * penalty * (weights**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    search.step(loss)  # type: ignore[no-untyped-call]
    return [round(weight, 2) for weight in weights.tolist()]


def _tensors(rows: Sequence[Sample], features: Sequence[Feature]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What holds of each candidate (C, F), whose it is (C), whether it is right (C); which samples are new (S)."""
    pairs = [(number, row, one) for number, row in enumerate(rows) for one in row.candidates]
    held = torch.tensor([[feature.holds(row.case, one) for feature in features] for _, row, one in pairs]).double()
    owner = torch.tensor([number for number, _, _ in pairs])
    right = torch.tensor([one.entry.id in row.right for _, row, one in pairs])
    return held, owner, right, torch.tensor([not row.right for row in rows])


def _log_sum(scores: Tensor, owner: Tensor, count: int, new: Tensor) -> Tensor:
    """The logarithm of the sum of powers of each sample's scores and its new entity's."""
    top = new.detach().clone().scatter_reduce(0, owner, scores.detach(), "amax")
    total = torch.exp(new - top).scatter_add(0, owner, torch.exp(scores - top[owner]))
    return torch.log(total) + top


# Judging -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many chains got the right entity, a wrong one, a new one rightly, and a new one for want of certainty."""

    right: int = 0
    wrong: int = 0
    new: int = 0
    timid: int = 0

    @property
    def worth(self) -> float:
        """Right links less one and a half times the wrong ones."""
        return self.right - _WRONG * self.wrong


def judge(rows: Iterable[Sample], features: Sequence[Feature] = FEATURES, sure: float = SURE) -> Outcome:
    """What becomes of samples with these weights and this threshold."""
    counts: Counter[str] = Counter(_fate(row, features, sure) for row in rows)
    return Outcome(counts["right"], counts["wrong"], counts["new"], counts["timid"])


def _fate(row: Sample, features: Sequence[Feature], sure: float) -> str:
    scores = [sum(f.weight for f in features if f.holds(row.case, one)) for one in row.candidates]
    chances = linking.probabilities(scores)
    chance, one = max(zip(chances, row.candidates, strict=True), key=lambda pair: (pair[0], -pair[1].rank))
    if chance < sure:
        return "timid" if row.right else "new"
    return "right" if one.entry.id in row.right else "wrong"


def weighted(features: Sequence[Feature], weights: Sequence[float]) -> tuple[Feature, ...]:
    """The features with other weights."""
    return tuple(replace(one, weight=weight) for one, weight in zip(features, weights, strict=True))


def main() -> None:
    """Reads, fits, judges, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="folder that keeps parsed articles")
    parser.add_argument("gold", type=Path, nargs="+", help="gold files or folders")
    given = parser.parse_args()
    reader = Reader()
    rows = [
        row
        for article in gold.read(given.gold)
        for row in samples(article, parsed(article.article, given.work, reader), reader.gazetteer)
    ]
    print(summary(rows))


def summary(rows: Sequence[Sample]) -> str:
    """The table of learnt weights, and what linking gets right before and after."""
    fitted, kept = [row for row in rows if not row.held_out], [row for row in rows if row.held_out]
    learnt = weighted(FEATURES, fit(fitted))
    best = max((step / 20 for step in range(6, 19)), key=lambda sure: judge(fitted, learnt, sure).worth)
    table = [f"{one.weight:>7.2f}  {one.name}" for one in learnt]
    lines = [f"{len(fitted)} chains to fit, {len(kept)} held out; best threshold {best}", *table]
    for name, features, sure in (("before", FEATURES, SURE), ("after", learnt, best)):
        lines.append(f"{name}: fitted {judge(fitted, features, sure)}, held out {judge(kept, features, sure)}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
