"""Judges a pack from raw text: trees with the scorer of CoNLL 2018 as Stanza uses it, names by exact span and type."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.stanza_pack import open_pack
from kg.training.corpora import NamedSentence, Tree, raw_text, read_names, read_trees
from kg.training.errors import TrainingError

TREE_METRICS = ("Tokens", "Words", "Sentences", "UPOS", "UFeats", "Lemmas", "UAS", "LAS")


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of the table: `value` is in percent (F1) unless `unit` says otherwise."""

    on: str
    metric: str
    value: float
    unit: str = "%"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many names were found rightly, said, and are there."""

    right: int
    said: int
    there: int

    @property
    def f1(self) -> float:
        """F1 in percent; 100 where nothing is there and nothing was said."""
        return 200 * self.right / (self.said + self.there) if self.said + self.there else 100.0


def evaluate(models: str | None, treebanks: Sequence[Path], names: Sequence[Path]) -> Iterator[Figure]:
    """The figures of a pack (None is the shipped one) on treebanks and files with names, as they are computed."""
    started = time.monotonic()
    pipeline = open_pack(models).pipeline
    yield Figure("start", "seconds to open the pack", time.monotonic() - started, "s")
    for file in treebanks:
        yield from _tree_figures(pipeline, file)
    for file in names:
        yield from _name_figures(pipeline, file)


def table(figures: Iterable[Figure]) -> str:
    """The figures as lines of a Markdown table."""
    lines = ["| on | metric | value |", "|---|---|---:|"]
    lines += [f"| {figure.on} | {figure.metric} | {_cell(figure)} |" for figure in figures]
    return "\n".join(lines)


def _cell(figure: Figure) -> str:
    return f"{figure.value:.2f}" if figure.unit == "%" else f"{figure.value:.3g} {figure.unit}"


def _tree_figures(pipeline: Any, file: Path) -> Iterator[Figure]:
    from stanza.models.common.utils import ud_scores

    trees = tuple(read_trees(file))
    if not trees:
        raise TrainingError(f"{file}: no sentence in it")
    text = raw_text(trees)
    started = time.monotonic()
    document = pipeline(text)
    seconds = time.monotonic() - started
    gold = io.StringIO("".join("\n".join(tree.lines) + "\n\n" for tree in map(_plain, trees)))
    scores = ud_scores(gold, io.StringIO(f"{document:C}\n\n"))
    for metric in TREE_METRICS:
        yield Figure(file.stem, metric, 100 * scores[metric].f1)
    yield Figure(file.stem, "words per second, all processors", document.num_words / seconds, "words/s")


def _plain(tree: Tree) -> Tree:
    """The tree without comments: the scorer needs none and some treebanks have odd ones."""
    return Tree(tree.text, tuple(line for line in tree.lines if not line.startswith("#")))


def _name_figures(pipeline: Any, file: Path) -> Iterator[Figure]:
    sentences = tuple(read_names(file))
    if not sentences:
        raise TrainingError(f"{file}: no sentence in it")
    counted = list(_found(pipeline, sentences))
    for kind in ("all", *sorted({kind for gold, said in counted for *_, kind in gold | said})):
        keep = _of_type(kind)
        counts = Counts(
            right=sum(len(keep(gold & said)) for gold, said in counted),
            said=sum(len(keep(said)) for _, said in counted),
            there=sum(len(keep(gold)) for gold, _ in counted),
        )
        yield Figure(file.stem, "names F1" if kind == "all" else f"names F1, {kind}", counts.f1)


_Spans = set[tuple[int, int, str]]


def _of_type(kind: str) -> Callable[[_Spans], _Spans]:
    return lambda spans: {span for span in spans if kind in ("all", span[2])}


def _found(pipeline: Any, sentences: Sequence[NamedSentence]) -> Iterator[tuple[_Spans, _Spans]]:
    """For each sentence the gold names and the pack's: by characters of raw text, or by the tokens that are given."""
    given = [sentence for sentence in sentences if sentence.text is None]
    if given:
        yield from _found_on_tokens(pipeline, given)
    tokens = pipeline.processors["tokenize"]
    tagger = pipeline.processors["ner"]
    for sentence in sentences:
        if sentence.text is not None:
            document = tagger.process(tokens.process(sentence.text))
            said = {(entity.start_char, entity.end_char, entity.type) for entity in document.ents}
            places = _characters(sentence)
            gold = {(places[start][0], places[end - 1][1], kind) for start, end, kind in sentence.spans()}
            yield gold, said


def _found_on_tokens(pipeline: Any, sentences: Sequence[NamedSentence]) -> Iterator[tuple[_Spans, _Spans]]:
    from stanza.models.common.doc import Document

    rows = [
        [{"id": place, "text": token} for place, token in enumerate(sentence.tokens, start=1)] for sentence in sentences
    ]
    document = pipeline.processors["ner"].process(Document(rows))
    for sentence, tagged in zip(sentences, document.sentences, strict=True):
        said = {(entity.tokens[0].id[0] - 1, entity.tokens[-1].id[0], entity.type) for entity in tagged.ents}
        yield set(sentence.spans()), said


def _characters(sentence: NamedSentence) -> list[tuple[int, int]]:
    """Where each token stands in the raw sentence; raises TrainingError where the two do not agree."""
    text = sentence.text or ""
    places: list[tuple[int, int]] = []
    at = 0
    for token in sentence.tokens:
        at = text.find(token, at)
        if at < 0:
            raise TrainingError(f"«{text}»: its tokens are not its text (at «{token}»)")
        places.append((at, at + len(token)))
        at += len(token)
    return places
