"""From annotated articles to a learned reader in a folder: reads, trains, sets thresholds, calibrates, writes.

Everything is seeded; an interrupted run goes on from the last epoch in `work`. Thresholds and calibration come from the
development articles, on which nothing is trained.
"""

from __future__ import annotations

import hashlib
import json
import logging
import pickle
import shutil
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from kg import claims, evaluate, gold
from kg.errors import PackError
from kg.gold import GoldArticle
from kg.learned.candidates import LABELS
from kg.learned.inputs import Frame
from kg.learned.network import SHARED, WEIGHTS, Judged, Network, Shape, load, save
from kg.learned.pieces import Tokenizer, same_pieces
from kg.learned.reader import SETTINGS, TOKENIZER, Thresholds
from kg.model import Article, Document
from kg.pipeline import Reader
from kg.training.claims_reader import Example, Judgements, Recipe, example, judge, prepare, report, train

logger = logging.getLogger("kg.training")
_GRID = tuple(step / 20 for step in range(1, 17))
_SUPPORTED = (0.0, 0.03, 0.1, 0.2)
_TRUSTED = (0.3, 0.45, 0.6, 0.75)
_OPEN = replace(Thresholds({}), labels=dict.fromkeys(LABELS, 0.02))
"""Says nearly everything: for calibration."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Folders or files: gold to train on, gold to choose on, and the encoder (in the format of transformers)."""

    train: tuple[Path, ...]
    dev: tuple[Path, ...]
    encoder: Path


def make(
    sources: Sources,
    target: Path,
    work: Path,
    reader: Reader,
    recipe: Recipe,
    shape: Shape,
    start: Path | None = None,
) -> evaluate.Report:
    """Trains a reader into `target` and returns its report on the development articles.

    `work` keeps parsed articles and the state of training; `start` is the folder of a reader to go on from.
    """
    from transformers import BertModel

    work.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(sources.encoder / TOKENIZER)
    examples = list(_examples(sources.train, work, reader, tokenizer))
    dev = list(_examples(sources.dev, work, reader, tokenizer))
    torch.manual_seed(recipe.seed)
    encoder = BertModel.from_pretrained(sources.encoder, local_files_only=True, add_pooling_layer=False)
    network = Network(encoder, shape).float().eval()
    if start is not None:
        try:
            network.load_state_dict(load(start).state_dict())
        except RuntimeError as error:
            raise PackError(f"{start}: a reader on another encoder; name its own with --encoder") from error
    prepare(network, dev)
    logger.info("%d articles to train on, %d to choose on", len(examples), len(dev))

    def check(trained: Network, epoch: int) -> float:
        judged = [judge(trained, one) for one in dev]
        best = max(
            (report(judged, dev, Thresholds(dict.fromkeys(LABELS, at))).total for at in (0.2, 0.3, 0.4, 0.5)),
            key=lambda tally: tally.f1,
        )
        logger.info("dev: precision %.3f, recall %.3f, F1 %.3f", best.precision, best.recall, best.f1)
        return best.f1

    state = work / "reader.state"
    train(network, examples, recipe, mask=tokenizer.mask, check=check, state=state)
    network.load_state_dict(torch.load(state.with_suffix(".best"), weights_only=True), strict=False)
    return finish(network.eval(), dev, sources.encoder, target)


def finish(network: Network, dev: Sequence[Example], encoder: Path, target: Path) -> evaluate.Report:
    """Sets thresholds and calibration of a trained network on the development articles, and writes its folder."""
    judged = [judge(network, one) for one in dev]
    thresholds = chosen(judged, dev)
    thresholds = replace(thresholds, calibration=calibrated(report(judged, dev, _OPEN)))
    target.mkdir(parents=True, exist_ok=True)
    settings = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
    save(network, settings, target / WEIGHTS)
    if not same_pieces(encoder / TOKENIZER, SHARED / TOKENIZER):
        shutil.copyfile(encoder / TOKENIZER, target / TOKENIZER)
    written = {"thresholds": thresholds.labels, **asdict(replace(thresholds, labels={}))}
    del written["labels"]
    (target / SETTINGS).write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return report(judged, dev, thresholds)


# Examples ------------------------------------------------------------------------------------------------


def _examples(paths: Sequence[Path], work: Path, reader: Reader, tokenizer: Tokenizer) -> Iterator[Example]:
    for article in gold.read(paths):
        yield _example(article, work, reader, tokenizer)


def _example(article: GoldArticle, work: Path, reader: Reader, tokenizer: Tokenizer) -> Example:
    reading = reader.reading(parsed(article.article, work, reader))
    found = claims.trace(reading, reader.gazetteer, reader.grammar)
    return example(article, reading, found, reader.gazetteer, tokenizer)


def parsed(article: Article, work: Path, reader: Reader) -> Document:
    """The parsed article, from the folder of work where it is there."""
    key = hashlib.sha256(f"{reader.parser.pack.fingerprint} {article}".encode()).hexdigest()[:24]
    file = work / f"{key}.parsed"
    if file.exists():
        document: Document = pickle.loads(file.read_bytes())  # noqa: S301 - our own file
        return document
    document = reader.parser.parse(article)
    file.write_bytes(pickle.dumps(document))
    return document


# Thresholds and calibration ------------------------------------------------------------------------------


def chosen(judged: Judgements, dev: Sequence[Example]) -> Thresholds:
    """The thresholds with the best F1 in all: one for all labels, then what rules are worth, then each label's own."""
    scores = [_Score(result, one) for result, one in zip(judged, dev, strict=True)]

    def f1(thresholds: Thresholds) -> float:
        return sum((score(thresholds) for score in scores), evaluate.Tally()).f1

    def all_at(at: float) -> dict[str, float]:
        return dict.fromkeys(LABELS, at)

    common = max(_GRID, key=lambda at: f1(Thresholds(all_at(at))))
    worth = [(supported, trusted) for supported in _SUPPORTED for trusted in _TRUSTED]
    supported, trusted = max(worth, key=lambda pair: f1(Thresholds(all_at(common), supported=pair[0], trusted=pair[1])))
    best = Thresholds(all_at(common), supported=supported, trusted=trusted)
    for label in LABELS:
        # near the common one: a label has few development claims, and its own optimum is mostly luck
        near = [at for at in _GRID if abs(at - common) <= 0.2]
        tried = {at: replace(best, labels={**best.labels, label: at}) for at in near}
        best = max(tried.items(), key=lambda item: (round(f1(item[1]), 4), -abs(item[0] - common)))[1]
    return best


class _Score:
    """The tally of one article by thresholds; each choice of judgements that pass is decoded once."""

    def __init__(self, result: list[tuple[Frame, Judged]], one: Example) -> None:
        self._result, self._one = result, one
        self._known: dict[tuple[object, ...], evaluate.Tally] = {}
        chances: dict[int, list[float]] = {number: [] for number in range(len(LABELS))}
        for frame, judged in result:
            rows = judged.labels.sigmoid().tolist()
            for row, position in zip(rows, frame.pairs, strict=True):
                for number in one.found.pairs[position].labels:
                    chances[number].append(round(row[number], 4))
        self._chances = {LABELS[number]: sorted(values) for number, values in chances.items()}

    def __call__(self, limits: Thresholds) -> evaluate.Tally:
        passing = (bisect_left(values, limits.labels[label]) for label, values in self._chances.items())
        key = (*passing, limits.supported, limits.trusted)
        if key not in self._known:
            self._known[key] = report([self._result], [self._one], limits).total
        return self._known[key]


def calibrated(judged: evaluate.Report) -> tuple[tuple[float, float], ...]:
    """Points of an isotonic regression (pool adjacent violators) from probability to the share that is right."""
    rows = [(said.confidence, 1.0) for verdict in judged.verdicts for _, said in verdict.found]
    rows += [(said.confidence, 0.0) for verdict in judged.verdicts for said in verdict.wrong]
    pools: list[tuple[float, float, int]] = []  # sum of probabilities, sum of rights, rows
    size = max(20, len(rows) // 25)
    ordered = sorted(rows)
    for first in range(0, len(ordered), size):
        part = ordered[first : first + size]
        pools.append((sum(row[0] for row in part), sum(row[1] for row in part), len(part)))
        while len(pools) > 1 and pools[-2][1] / pools[-2][2] > pools[-1][1] / pools[-1][2]:
            last = pools.pop()
            pools[-1] = (pools[-1][0] + last[0], pools[-1][1] + last[1], pools[-1][2] + last[2])
    points = [(round(at / count, 4), round(right / count, 4)) for at, right, count in pools]
    return ((0.0, 0.0), *points, (1.0, points[-1][1] if points else 1.0))
