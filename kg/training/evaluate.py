"""Judges a pack from raw text: trees with the scorer of CoNLL 2018 as Stanza uses it, names by exact span and type."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kg.parse import named_in, untagged
from kg.stanza_pack import WITHOUT_NAMES, Pack, open_pack
from kg.training.annotated import on_words
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
    """The figures of a pack (None is the shipped one) on treebanks and files with names, as they are computed.

    All files are read first: raises TrainingError on one that is none of these or empty, before the pack is opened.
    """
    trees = {file: _some(file, read_trees(file)) for file in treebanks}
    sentences = {file: _some(file, read_names(file)) for file in names}
    clock = _Clock()
    pack = open_pack(models)
    yield from clock.figures("start", "to open the pack")
    for file, parsed in trees.items():
        yield from _tree_figures(pack.pipeline, file, parsed)
    for file, named in sentences.items():
        yield from _name_figures(pack, file, named)


class _Clock:
    """Seconds since it was made, on the wall and of the processor: on a busy machine only the second say something."""

    def __init__(self) -> None:
        self._wall, self._processor = time.monotonic(), time.process_time()

    def figures(self, on: str, what: str) -> Iterator[Figure]:
        """The two times that have passed."""
        wall, processor = time.monotonic() - self._wall, time.process_time() - self._processor
        yield Figure(on, f"{what}, by the clock", wall, "s")
        yield Figure(on, f"{what}, of the processor", processor, "s")


_Sentence = TypeVar("_Sentence")


def _some(file: Path, sentences: Iterable[_Sentence]) -> tuple[_Sentence, ...]:
    found = tuple(sentences)
    if not found:
        raise TrainingError(f"{file}: no sentence in it")
    return found


def table(figures: Iterable[Figure]) -> str:
    """The figures as lines of a Markdown table."""
    lines = ["| on | metric | value |", "|---|---|---:|"]
    lines += [f"| {figure.on} | {figure.metric} | {_cell(figure)} |" for figure in figures]
    return "\n".join(lines)


def _cell(figure: Figure) -> str:
    return f"{figure.value:.2f}" if figure.unit == "%" else f"{figure.value:.3g} {figure.unit}"


def _tree_figures(pipeline: Any, file: Path, trees: Sequence[Tree]) -> Iterator[Figure]:
    from stanza.models.common.utils import ud_scores

    text = raw_text(trees)
    clock = _Clock()
    document = pipeline(text)
    speed = [Figure(f.on, f.metric, document.num_words / f.value, "words/s") for f in clock.figures(file.stem, "speed")]
    gold = io.StringIO("".join("\n".join(tree.lines) + "\n\n" for tree in map(_plain, trees)))
    scores = ud_scores(gold, io.StringIO(f"{document:C}\n\n"))
    for metric in TREE_METRICS:
        yield Figure(file.stem, metric, 100 * scores[metric].f1)
    yield from speed


def _plain(tree: Tree) -> Tree:
    """The tree without comments: the scorer needs none and some treebanks have odd ones."""
    return Tree(tree.text, tuple(line for line in tree.lines if not line.startswith("#")))


def _name_figures(pack: Pack, file: Path, sentences: Sequence[NamedSentence]) -> Iterator[Figure]:
    counted = list(_found(pack, sentences))
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


def _found(pack: Pack, sentences: Sequence[NamedSentence]) -> Iterator[tuple[_Spans, _Spans]]:
    """For each sentence the gold names and the pack's: by characters of raw text, or by the tokens that are given."""
    given = [sentence for sentence in sentences if sentence.text is None]
    if given:
        yield from _found_on_tokens(pack, given)
    for sentence in sentences:
        if sentence.text is not None:
            pack.forget()
            document = pack.pipeline(sentence.text, processors=WITHOUT_NAMES)
            [found] = named_in(pack, [document])
            said = {(name.start, name.end, name.label) for name in found}
            places = _characters(sentence)
            gold = {(places[start][0], places[end - 1][1], kind) for start, end, kind in sentence.spans()}
            yield gold, said


def _found_on_tokens(pack: Pack, sentences: Sequence[NamedSentence]) -> Iterator[tuple[_Spans, _Spans]]:
    if pack.names_on_words:
        sentences = [on_words(sentence) for sentence in sentences]
    pack.forget()
    document = pack.pipeline.processors["ner"].process(untagged(sentence.tokens for sentence in sentences))
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
