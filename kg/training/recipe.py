"""From open data to a pack: which parts are trained, on what, in which order and with which options.

Everything is Stanza's own but the tuning of the encoder (`encoder.py`) and the loop (`loop.py`). Each step leaves its
result in the working folder and is passed over when it is there, so a run that was cut off goes on.
"""

from __future__ import annotations

import hashlib
import logging
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from kg import encoder as stored_encoder
from kg import gold
from kg.training import football, jobs, lemmas, pack
from kg.training.annotated import named, on_words
from kg.training.corpora import (
    NamedSentence,
    Tree,
    numbered,
    raw_text,
    read_names,
    read_trees,
    read_written_names,
    without,
    without_names,
    write_names,
    write_trees,
)
from kg.training.encoder import Tuning, tune
from kg.training.errors import TrainingError
from kg.training.jobs import SHORTHAND, Material
from kg.training.loop import Job, Schedule, run, scaled
from kg.training.work import digest_of, held

logger = logging.getLogger("kg.training")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files to learn from.

    `treebanks` and `names` are trained on, without any sentence of `dev`, `held_out`, `dev_names` and
    `held_out_names`; `dev` and `dev_names` choose the checkpoints: where none is given, one sentence in ten is taken
    for it. `silver_names` are names marked by machine, of which `silver_share` is taken. `gazetteer` is a folder of
    tables from which football sentences are made; `encoder` a folder of transformers, or one of a pack;
    `lemma_treebanks` give further words with their lemmas, and no trees; `annotated` are files or folders of annotated
    articles, whose names are learned, too.
    """

    treebanks: Sequence[Path]
    dev: Sequence[Path]
    names: Sequence[Path]
    dev_names: Sequence[Path]
    held_out: Sequence[Path] = ()
    held_out_names: Sequence[Path] = ()
    silver_names: Sequence[Path] = ()
    silver_share: float = 1 / 3
    gazetteer: Path | None = None
    encoder: Path | None = None
    lemma_treebanks: Sequence[Path] = ()
    annotated: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """How one part is trained: Stanza's options for it, and how long."""

    schedule: Schedule
    options: Mapping[str, Any]

    def scaled(self, effort: float) -> Step:
        """The step, `effort` times as long."""
        return replace(self, schedule=self.schedule.scaled(effort))


def _step(steps: int, rate: float, every: int, **options: Any) -> Step:
    return Step(Schedule(steps, rate, warmup=min(50, steps), every=min(every, steps)), options | {"lr": rate})


_LENGTHS = ("steps", "eval_steps", "num_epoch")
"""Stanza's options that say how long to train."""

_NO_WORDS: Mapping[str, Any] = {"word_emb_dim": 0, "word_cutoff": 7, "no_char": True}

CONTEXT: Mapping[str, Step] = {
    "depparse": _step(
        1600, 2e-3, 200, optim="adam", batch_size=1500, hidden_dim=200, num_layers=1, deep_biaff_hidden_dim=200,
        tag_emb_dim=0, dropout=0.33, word_dropout=0.1, beta2=0.95, augment_nopunct=0.1, **_NO_WORDS,
    ),
    "pos": _step(
        1200, 3e-3, 200, batch_size=32, hidden_dim=150, num_layers=1, deep_biaff_hidden_dim=150, share_hid=True,
        dropout=0.33, word_dropout=0.1, augment_nopunct=0.1, **_NO_WORDS,
    ),
    "ner": _step(
        4000, 2e-3, 500, optim="adam", batch_size=32, hidden_dim=150, num_layers=1, char_hidden_dim=50,
        char_emb_dim=30, word_emb_dim=0, dropout=0.33, word_dropout=0.0, locked_dropout=0.1,
    ),
}  # fmt: skip
"""The parts that read the encoder: small networks, since it has done the work."""

PLAIN: Mapping[str, Step] = {
    "depparse": _step(
        800, 3e-3, 200, optim="adam", batch_size=1500, hidden_dim=200, num_layers=2, deep_biaff_hidden_dim=150,
        char_hidden_dim=80, char_emb_dim=50, dropout=0.33, beta2=0.95, augment_nopunct=0.1,
    ),
    "pos": _step(
        1200, 3e-3, 200, batch_size=48, hidden_dim=160, char_hidden_dim=120, char_emb_dim=60,
        deep_biaff_hidden_dim=120, composite_deep_biaff_hidden_dim=60, augment_nopunct=0.1,
    ),
    "ner": _step(
        4000, 2e-3, 500, optim="adam", batch_size=32, hidden_dim=200, char_hidden_dim=60, char_emb_dim=50,
        no_emb_finetune=True, word_emb_dim=100, dropout=0.5,
    ),
}  # fmt: skip
"""The same parts for plain Stanza, on word vectors."""


OTHERS: Mapping[str, Mapping[str, Any]] = {
    "tokenize": {"steps": 6000, "eval_steps": 300, "max_seqlen": 100},
    "mwt": {"num_epoch": 10},
    "lemma": {"num_epoch": 10},
}
"""The parts that Stanza's own `main` functions train: they take minutes, and are trained anew if they are cut off."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train. A part not named is taken from the pack that the recipe starts from.

    `layers` of the encoder are kept and tuned by `tuning`; `context`, `plain` and `others` (tokenize, mwt, lemma:
    options of Stanza's own `main`) name the parts to train, `names` how to train those alone on the encoder of the
    pack that the recipe starts from; `made` is how many football sentences are made, `annotated` how many are taken
    from annotated articles; `named_share` of all sentences with names go into the name tagger (the encoder is tuned on
    all of them), `on_words` of them with contractions in two. `device` is torch's name of where to train: the same seed
    gives the same bytes on `cpu`.
    """

    layers: int = 8
    tuning: Schedule = field(default_factory=lambda: Schedule(2000, 2.2e-4, warmup=150, every=200))
    context: Mapping[str, Step] = field(default_factory=lambda: CONTEXT)
    plain: Mapping[str, Step] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    names: Step | None = None
    made: int = 12000
    annotated: int = 9000
    named_share: float = 0.7
    on_words: float = 0.6
    seed: int = 1234
    device: str = "cpu"

    def scaled(self, effort: float) -> Plan:
        """The plan with all trainings and made sentences `effort` times as long and as many."""
        return replace(
            self,
            tuning=self.tuning.scaled(effort),
            context={part: step.scaled(effort) for part, step in self.context.items()},
            plain={part: step.scaled(effort) for part, step in self.plain.items()},
            others={
                part: {name: scaled(value, effort) if name in _LENGTHS else value for name, value in options.items()}
                for part, options in self.others.items()
            },
            names=self.names and self.names.scaled(effort),
            made=scaled(self.made, effort),
            annotated=scaled(self.annotated, effort),
        )


_BUILDERS: Mapping[str, Callable[[Material], Job]] = {
    "pos": jobs.tagger,
    "depparse": jobs.parser,
    "ner": jobs.names,
}


@dataclass(frozen=True, slots=True)
class Data:
    """What was read, without any sentence that is held out (of names: `held_out_names`).

    `folder` is for the files that Stanza reads.
    """

    folder: Path
    trees: Sequence[Tree]
    dev_trees: Sequence[Tree]
    names: Sequence[NamedSentence]
    dev_names: Sequence[NamedSentence]
    held_out_names: Sequence[NamedSentence]
    lemma_trees: Sequence[Tree] = ()

    def write(self, named_share: float) -> None:
        """Writes the files for Stanza's trainers, with `named_share` of the names to train on."""
        write_trees(self.file("trees", "train"), self.trees)
        write_trees(self.file("trees", "dev"), self.dev_trees)
        write_names(self.file("ner", "train"), self.names[: max(1, round(len(self.names) * named_share))])
        write_names(self.file("ner", "dev"), self.dev_names)

    def file(self, part: str, split: str) -> Path:
        """The file of a part (`trees` or `names`) for Stanza's trainers."""
        return self.folder / (f"{split}.json" if part == "ner" else f"{split}.conllu")


def train(sources: Sources, plan: Plan, start: Path | None, work: Path, target: Path, card: str) -> None:
    """Trains the parts of `plan` in the folder `work` and writes the pack `target` with `card` as its README.

    `start` is the pack that gives the parts not trained, among them the word vectors; where no encoder is among the
    sources, also those that read one. Raises TrainingError on
    material that cannot be trained on and PackError where the pack would not be whole or too large.
    """
    import torch

    torch.set_num_threads(1)  # two threads gain nothing here, and one adds in the same order on every machine
    if start is not None and target.resolve() == start.resolve():
        raise TrainingError(f"{target}: the pack to write is the one to start from; name another folder")
    if start is not None:
        pack.check(start)
    if plan.names is not None and (sources.encoder is not None or start is None or not pack.has_context(start)):
        raise TrainingError(
            "names alone are trained on the encoder of a pack: give one that has it with --start, no other"
        )
    data = prepare(sources, plan, work / "data")
    with held(work, made_of(sources, plan, start)):
        data = with_annotated(data, sources, plan, start)
        data.write(plan.named_share)
        _train(data, sources.encoder, plan, start, work, target, card)


def _train(
    data: Data, encoder: Path | None, plan: Plan, start: Path | None, work: Path, target: Path, card: str
) -> None:
    models = {} if start is None else {part: pack.part_file(start, part) for part in pack.PARTS}
    for part, options in plan.others.items():
        frequent = pack.words(models["pretrain"]) if part == "lemma" and "pretrain" in models else ()
        models[part] = train_other(part, options, data, work / "plain" / f"{part}.pt", plan, frequent)
    for part, step in plan.plain.items():
        vectors = models.get("pretrain")
        if vectors is None:
            raise TrainingError("the plain parts read word vectors: give a pack that has some with --start")
        models[part] = train_part(part, step, data, work / "plain" / f"{part}.pt", plan, vectors=vectors)
    context = None if start is None else pack.context_of(start)
    if plan.names is not None and context is not None:
        best = train_part(
            "ner", plan.names, data, work / "context" / "ner.pt", plan, encoder=unpacked_once(context.encoder, work)
        )
        context = replace(context, models={**context.models, "ner": best})
    if encoder is not None:
        stored, unpacked = tuned_encoder(encoder, data, plan, work)
        context = pack.Context(
            stored,
            {
                part: train_part(part, step, data, work / "context" / f"{part}.pt", plan, encoder=unpacked)
                for part, step in plan.context.items()
            },
        )
    pack.assemble(models, target, card, context)


def made_of(sources: Sources, plan: Plan, start: Path | None) -> dict[str, str]:
    """What a training is made of, by name: digests of the files, the seed and the rest of the plan."""
    files: dict[str, Iterable[Path]] = {
        "treebanks": [*sources.treebanks, *sources.dev, *sources.held_out, *sources.lemma_treebanks],
        "files of names": [*sources.names, *sources.dev_names, *sources.held_out_names, *sources.silver_names],
        "gazetteer": () if sources.gazetteer is None else [sources.gazetteer],
        "encoder": () if sources.encoder is None else [sources.encoder],
        "annotated articles": sources.annotated,
        "pack to start from": () if start is None else [start],
    }
    plain = replace(plan, seed=0, device="cpu")
    return {
        "seed": str(plan.seed),
        "plan": hashlib.sha256(f"{plain} {sources.silver_share} {football.patterns()}".encode()).hexdigest()[:16],
        **{name: digest_of(paths) for name, paths in files.items()},
    }


def prepare(sources: Sources, plan: Plan, folder: Path) -> Data:
    """Reads the sources but annotated articles and leaves out what is held out; writes nothing."""
    dice = random.Random(plan.seed)  # noqa: S311 - a choice of sentences, no secret
    trees, dev_trees, lemma_trees = _trees(sources, plan.seed)
    dev_names: Sequence[NamedSentence] = [sentence for file in sources.dev_names for sentence in read_names(file)]
    held_out = [*dev_names, *(sentence for file in sources.held_out_names for sentence in read_names(file))]
    given: Sequence[NamedSentence] = without_names(
        (sentence for file in sources.names for sentence in read_names(file)), held_out
    )
    if not dev_names:
        given, dev_names = _tenth(given, plan.seed)
    silver = without_names((sentence for file in sources.silver_names for sentence in read_names(file)), held_out)
    names = [*given, *dice.sample(silver, round(len(silver) * sources.silver_share))]
    if sources.gazetteer is not None:
        names += football.made(football.patterns(), football.fillers(sources.gazetteer), plan.made, plan.seed)
    names = [on_words(one) if dice.random() < plan.on_words else one for one in names]
    if plan.on_words:
        dev_names = [on_words(one) for one in dev_names]
    if not trees or not dev_trees or not names or not dev_names:
        raise TrainingError("no sentence left to train on or to choose by: trees and names, each with a dev part")
    dice.shuffle(names)
    return Data(folder, trees, dev_trees, names, dev_names, held_out, lemma_trees)


def with_annotated(data: Data, sources: Sources, plan: Plan, start: Path | None) -> Data:
    """The data with sentences of annotated articles, none held out, as the pack `start` (None: that of kg) parses them.

    They are parsed once and kept in the data's folder.
    """
    if not sources.annotated or not plan.annotated or not (plan.context or plan.names or plan.plain):
        return data
    kept = data.folder / "annotated.json"
    if not kept.exists():
        held_out = (*data.held_out_names, *map(on_words, data.held_out_names))
        write_names(kept, without_names(_taught(sources.annotated, start, plan), held_out))
    names = [*data.names, *read_written_names(kept)]
    random.Random(plan.seed).shuffle(names)  # noqa: S311 - an order of sentences, no secret
    return replace(data, names=names)


def _taught(paths: Sequence[Path], start: Path | None, plan: Plan) -> list[NamedSentence]:
    """As many sentences of annotated articles as the plan asks for, with their names."""
    from kg.parse import Parser
    from kg.stanza_pack import open_pack

    articles = gold.read(paths)
    random.Random(plan.seed).shuffle(articles)  # noqa: S311 - a choice of articles, no secret
    parser = Parser(open_pack(None if start is None else str(start.resolve())))
    found: list[NamedSentence] = []
    for article in articles:
        if len(found) >= plan.annotated:
            break
        found += named(article, parser.parse(article.article))
    return found[: plan.annotated]


def _trees(sources: Sources, seed: int) -> tuple[Sequence[Tree], Sequence[Tree], Sequence[Tree]]:
    """The trees to train on, each once and none that is held out, those to choose by, and those for lemmas only."""
    dev: Sequence[Tree] = [tree for file in sources.dev for tree in read_trees(file)]
    held_out = [tree for file in sources.held_out for tree in read_trees(file)]
    trees: Sequence[Tree] = without(
        (tree for file in sources.treebanks for tree in read_trees(file)), [*dev, *held_out]
    )
    if not dev:
        trees, dev = _tenth(trees, seed)
    further = (tree for file in sources.lemma_treebanks for tree in read_trees(file))
    return trees, dev, without(further, [*trees, *dev, *held_out])


_Sentence = TypeVar("_Sentence")


def _tenth(sentences: Sequence[_Sentence], seed: int) -> tuple[Sequence[_Sentence], Sequence[_Sentence]]:
    """The sentences without one in ten, and that one, which the seed chooses."""
    places = range(len(sentences))
    chosen = set(random.Random(seed).sample(places, max(1, len(places) // 10)) if sentences else ())  # noqa: S311
    return [sentences[place] for place in places if place not in chosen], [sentences[place] for place in sorted(chosen)]


def tuned_encoder(source: Path, data: Data, plan: Plan, work: Path) -> tuple[Path, Path]:
    """Tunes and stores the encoder; returns it as a pack has it, and as Stanza's trainers read it."""
    tuned, stored = work / "encoder", work / "stored"
    with _once(stored) as folder:
        if folder is not None:
            task = Tuning(data.trees, data.dev_trees, data.names, plan.tuning, seed=plan.seed, device=plan.device)
            with readable_encoder(source, work) as readable:
                tune(readable, plan.layers, task, tuned)
            stored_encoder.store(tuned, folder)
    return stored, unpacked_once(stored, work)


def unpacked_once(stored: Path, work: Path) -> Path:
    """A stored encoder as Stanza's trainers read it: they learn on what its bytes say, not on what was rounded off."""
    unpacked = work / stored_encoder.NAME
    with _once(unpacked) as folder:
        if folder is not None:
            stored_encoder.unpack(stored, folder)
    return unpacked


@contextmanager
def readable_encoder(source: Path, work: Path) -> Iterator[Path]:
    """An encoder as transformers reads it: `source` itself, or what is unpacked from it where it is one of a pack.

    Raises TrainingError where it is neither.
    """
    if stored_encoder.is_stored(source):
        with tempfile.TemporaryDirectory(dir=work) as folder:
            stored_encoder.unpack(source, Path(folder))
            yield Path(folder)
    elif all((source / name).is_file() for name in ("config.json", "model.safetensors", "tokenizer.json")):
        yield source
    else:
        raise TrainingError(
            f"{source}: no encoder; wanted is a folder with config.json, model.safetensors and tokenizer.json, "
            "or the it/encoder of a pack"
        )


@contextmanager
def _once(place: Path) -> Iterator[Path | None]:
    """Where to put the files of a folder that is then moved to `place` in one piece; None where it is already there."""
    if place.exists():
        yield None
        return
    unfinished = place.with_name(f"{place.name}.partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    yield unfinished
    unfinished.replace(place)


def train_part(
    part: str, step: Step, data: Data, best: Path, plan: Plan, vectors: Path | None = None, encoder: Path | None = None
) -> Path:
    """Trains tags (`pos`), trees (`depparse`) or names (`ner`) and returns the best model's file."""
    best.parent.mkdir(parents=True, exist_ok=True)
    kind = "ner" if part == "ner" else "trees"
    options = dict(step.options) | {"seed": plan.seed, "device": plan.device}
    material = Material(
        data.file(kind, "train"), data.file(kind, "dev"), vectors, best, options, encoder=encoder,
        on_words=part == "ner" and encoder is not None and plan.on_words > 0,
    )  # fmt: skip
    score = run(_BUILDERS[part](material), step.schedule, plan.seed)
    logger.info("%s: best on dev %.4f", part, score)
    return best


def train_other(
    part: str, options: Mapping[str, Any], data: Data, best: Path, plan: Plan, frequent: Sequence[str] = ()
) -> Path:
    """Trains `tokenize`, `mwt` or `lemma` with Stanza's own `main` and returns the model's file.

    `frequent` are words of the language whose lemmas are guessed where no treebank has them.
    """
    if best.exists():
        return best
    # Stanza saves on the way: only what was trained to the end gets the name that is looked for above
    folder = best.parent / f"{part}.partial"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    line = ["--shorthand", SHORTHAND, "--seed", str(plan.seed), "--device", plan.device]
    line += ["--save_dir", str(folder), "--save_name", best.name]
    for name, value in options.items():
        line += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    logger.info("%s: in training by Stanza's own recipe", part)
    if part == "lemma":
        from stanza.models import lemmatizer

        lemmatizer.main([*line, *_lemma_files(data, frequent)])
    elif part == "mwt":
        from stanza.models import mwt_expander

        gold = data.file("trees", "dev")
        mwt_expander.main([*line, "--gold_file", str(gold), *_files(data.file("trees", "train"), gold)])
    elif part == "tokenize":
        from stanza.models import tokenizer

        tokenizer.main([*line, "--lang", "it", *_tokenizer_files(data)])
    else:
        raise TrainingError(f"no part called {part}: tokenize, mwt or lemma")
    trained = folder / best.name
    if not trained.exists():
        raise TrainingError(f"{part}: nothing in the treebanks to learn it from")
    trained.replace(best)
    shutil.rmtree(folder)
    return best


def _files(train_file: Path, dev_file: Path) -> list[str]:
    return ["--train_file", str(train_file), "--eval_file", str(dev_file)]


def _lemma_files(data: Data, frequent: Sequence[str]) -> list[str]:
    words, further = lemmas.words_of(data.trees), lemmas.words_of(data.lemma_trees)
    network, dictionary = data.folder / "lemmas-network.conllu", data.folder / "lemmas-dictionary.conllu"
    lemmas.write(network, lemmas.for_network(words + further, lemmas.names_of(data.names)))
    lemmas.write(dictionary, lemmas.for_dictionary(words, further, frequent))
    return [*_files(network, data.file("trees", "dev")), "--secondary_file", str(dictionary)]


def _tokenizer_files(data: Data) -> list[str]:
    """Writes running text and its labels with Stanza's own script; returns the tokenizer's options for them."""
    from stanza.utils.datasets import prepare_tokenizer_data

    folder = data.folder
    items, learned = folder / "train-items.conllu", _with_numbers(data.trees)
    write_trees(items, learned)
    for split, trees, words in (("train", learned, items), ("dev", data.dev_trees, data.file("trees", "dev"))):
        text = folder / f"{split}.txt"
        text.write_text(raw_text(trees), encoding="utf-8")
        labels = [str(text), str(words), "-o", str(folder / f"{split}.toklabels")]
        prepare_tokenizer_data.main([*labels, "-m", str(folder / f"{split}-mwt.json")])
    return [
        "--txt_file", str(folder / "train.txt"), "--label_file", str(folder / "train.toklabels"),
        "--dev_txt_file", str(folder / "dev.txt"), "--dev_label_file", str(folder / "dev.toklabels"),
        "--dev_conll_gold", str(data.file("trees", "dev")), "--mwt_json_file", str(folder / "dev-mwt.json"),
    ]  # fmt: skip


def _with_numbers(trees: Sequence[Tree], every: int = 20) -> list[Tree]:
    """The trees, and one in `every` of those that open with a capital once more, as an item with its number.

    A stop after a number ends a sentence in «nel 2006.», not in «907. Distanza …», which most treebanks lack.
    """
    dice = random.Random(every)  # noqa: S311 - a choice of sentences, no secret
    opening = [tree for tree in trees if tree.text[:1].isupper()]
    return [*trees, *(numbered(tree, dice.randint(1, 2500)) for tree in dice.sample(opening, len(opening) // every))]
