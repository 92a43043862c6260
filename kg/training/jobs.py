"""Builds the jobs for tags, trees and names from files, with Stanza's data loaders, networks and scorers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kg.training.loop import Job

SHORTHAND = "it_kg"


def tagger(train: Path, dev: Path, best: Path, vectors: Path, options: Mapping[str, Any]) -> Job:
    """A job that trains UPOS, XPOS and features on the CoNLL-U file `train`; the score is UPOS accuracy on `dev`."""
    from stanza.models import tagger as main
    from stanza.models.common import utils
    from stanza.models.common.pretrain import Pretrain
    from stanza.models.pos.data import Dataset
    from stanza.models.pos.trainer import Trainer
    from stanza.utils.conll import CoNLL

    args = main.parse_args(_arguments(train, dev, best, options))
    pretrain = Pretrain(str(vectors))
    utils.set_random_seed(args["seed"])
    vocab, _, batches = main.load_training_data(args, pretrain)
    trainer = Trainer(args=args, vocab=vocab, pretrain=pretrain, device=args["device"])
    data = Dataset(CoNLL.conll2doc(input_file=str(dev)), args, pretrain, vocab=vocab, evaluation=True, sort_during_eval=True)
    gold = [word.upos for sentence in CoNLL.conll2doc(input_file=str(dev)).sentences for word in sentence.words]

    def score() -> float:
        predicted: list[Any] = []
        places: list[int] = []
        for batch in data.to_loader(batch_size=args["batch_size"]):
            predicted += trainer.predict(batch)
            places.extend(batch.idx)
        tags = [tag[0] for sentence in utils.unsort(predicted, places) for tag in sentence]
        return sum(map(str.__eq__, tags, gold)) / len(gold)

    return Job("pos", trainer, list(trainer.optimizers.values()), args["lr"], lambda: batches, score, best)


def parser(train: Path, dev: Path, best: Path, vectors: Path, options: Mapping[str, Any]) -> Job:
    """A job that trains trees on the CoNLL-U file `train`; the score is LAS on the words and tags of `dev`."""
    from stanza.models import parser as main
    from stanza.models.common import utils
    from stanza.models.common.doc import DEPREL, HEAD
    from stanza.models.common.pretrain import Pretrain
    from stanza.models.depparse import scorer
    from stanza.models.depparse.data import DataLoader
    from stanza.models.depparse.trainer import GraphTrainer
    from stanza.models.depparse.utils import predict_dataset
    from stanza.utils.conll import CoNLL

    args = main.parse_args(_arguments(train, dev, best, options))
    args.setdefault("enable_gradient_checkpointing", False)
    pretrain = Pretrain(str(vectors))
    args["word_cutoff"] = utils.update_word_cutoff(pretrain, args["word_cutoff"])
    utils.set_random_seed(args["seed"])
    loader = DataLoader(CoNLL.conll2doc(input_file=str(train)), args["batch_size"], args, pretrain, evaluation=False)
    trainer = GraphTrainer(args=args, vocab=loader.vocab, pretrain=pretrain, device=args["device"])
    check = DataLoader(
        CoNLL.conll2doc(input_file=str(dev)), args["batch_size"], args, pretrain,
        vocab=loader.vocab, evaluation=True, sort_during_eval=True,
    )  # fmt: skip

    def epoch() -> Iterable[Any]:
        loader.reshuffle()
        return loader

    def score() -> float:
        predicted = predict_dataset(trainer, check)
        check.doc.set([HEAD, DEPREL], [arc for sentence in predicted for arc in sentence])
        _, _, las = scorer.score(io.StringIO("{:C}\n\n".format(check.doc)), str(dev))
        return float(las)

    return Job("depparse", trainer, list(trainer.optimizer.values()), args["lr"], epoch, score, best)


def names(train: Path, dev: Path, best: Path, vectors: Path, options: Mapping[str, Any]) -> Job:
    """A job that trains names on the JSON file `train` (Stanza's format); the score is entity F1 on `dev`."""
    from stanza.models import ner_tagger as main
    from stanza.models.common import utils
    from stanza.models.common.doc import Document
    from stanza.models.common.pretrain import Pretrain
    from stanza.models.ner import scorer
    from stanza.models.ner.data import DataLoader
    from stanza.models.ner.trainer import Trainer

    args = main.parse_args(_arguments(train, dev, best, options))
    pretrain = Pretrain(str(vectors), None, args["pretrain_max_vocab"], save_to_file=False)
    args["word_emb_dim"] = pretrain.emb.shape[1]
    utils.set_random_seed(args["seed"])

    def load(file: Path, vocab: Any = None) -> Any:
        document = Document(json.loads(file.read_text(encoding="utf-8")))
        return DataLoader(
            document, args["batch_size"], args, pretrain,
            vocab=vocab, evaluation=vocab is not None, max_batch_words=args["max_batch_words"],
        )  # fmt: skip

    loader = load(train)
    check = load(dev, loader.vocab)
    trainer = Trainer(args=args, vocab=loader.vocab, pretrain=pretrain, device=args["device"])
    gold = [[tags[0] for tags in sentence] for sentence in check.tags]

    def epoch() -> Iterable[Any]:
        loader.reshuffle()
        return loader

    def score() -> float:
        predicted = [tags for batch in check for tags in trainer.predict(batch)]
        return float(scorer.score_by_entity(predicted, gold, verbose=False)[2])

    return Job("ner", trainer, [trainer.optimizer], args["lr"], epoch, score, best)


def _arguments(train: Path, dev: Path, best: Path, options: Mapping[str, Any]) -> list[str]:
    """Stanza's command line: the files, then the options (`True` stands for a flag without value)."""
    line = ["--shorthand", SHORTHAND]
    line += ["--train_file", str(train), "--eval_file", str(dev)]
    line += ["--save_dir", str(best.parent), "--save_name", best.name]
    for name, value in options.items():
        line += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return line
