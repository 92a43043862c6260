"""Builds the jobs for tags, trees and names from files, with Stanza's data loaders, networks and scorers.

With `start`, a job goes on from a finished model: its network, vocabulary and weights, with a fresh optimizer; of the
options then only those count that do not shape the network.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.encoder import in_training
from kg.stanza_pack import ON_WORDS
from kg.training.loop import Job

SHORTHAND = "it_kg"


@dataclass(frozen=True, slots=True)
class Material:
    """What a job is made from: the files `train` and `dev` in Stanza's format, word vectors, and where the best goes.

    `options` are Stanza's own command-line options for the part (`True` stands for a flag without a value).
    `encoder` is a folder of transformers whose last layer the part reads, frozen and asked once for each sentence;
    `on_words` says of names that they are learned on words, not on tokens.
    """

    train: Path
    dev: Path
    vectors: Path | None
    best: Path
    options: Mapping[str, Any]
    start: Path | None = None
    encoder: Path | None = None
    on_words: bool = False

    def arguments(self) -> list[str]:
        """Stanza's command line for this material."""
        line = ["--shorthand", SHORTHAND, "--train_file", str(self.train), "--eval_file", str(self.dev)]
        line += ["--save_dir", str(self.best.parent), "--save_name", self.best.name]
        line += [] if self.vectors is not None else ["--no_pretrain"]
        line += [] if self.encoder is None else ["--bert_model", str(self.encoder), "--bert_hidden_layers", "1"]
        for name, value in self.options.items():
            line += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        return line

    def kept(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The parsed arguments that may replace those of the model that a job starts from."""
        free = {"device", "seed", "lr", "dropout", "word_dropout", "batch_size", "max_batch_words", "optim", "beta2"}
        free |= {"weight_decay", "max_grad_norm", "augment_nopunct", "save_dir", "save_name", "second_optim"}
        return {name: value for name, value in args.items() if name in free}

    def pretrain(self, most: int | None = None) -> Any:
        """Stanza's word vectors of this material, or None."""
        from stanza.models.common.pretrain import Pretrain

        return None if self.vectors is None else Pretrain(str(self.vectors), None, most or -1, save_to_file=False)

    def share_encoder(self, trainer: Any) -> None:
        """Lets the trainer's network remember what the frozen encoder says of a sentence, over all epochs."""
        if self.encoder is not None:
            trainer.model.bert_model = in_training(self.encoder, str(self.options.get("device", "cpu")))


def tagger(material: Material) -> Job:
    """A job that trains UPOS, XPOS and features; files are CoNLL-U; the score is UPOS accuracy."""
    from stanza.models import tagger as main
    from stanza.models.common import utils
    from stanza.models.pos.data import Dataset, ShuffledDataset
    from stanza.models.pos.trainer import Trainer
    from stanza.utils.conll import CoNLL

    args = main.parse_args(material.arguments())
    pretrain = material.pretrain()
    utils.set_random_seed(args["seed"])
    documents = [CoNLL.conll2doc(input_file=str(material.train))]
    if material.start is None:
        if pretrain is not None:
            args["word_cutoff"] = utils.update_word_cutoff(pretrain, args["word_cutoff"])
        vocab = Dataset.init_vocab(documents, args)
        trainer = Trainer(args=args, vocab=vocab, pretrain=pretrain, device=args["device"])
    else:
        trainer = Trainer(
            args=material.kept(args), pretrain=pretrain, model_file=str(material.start), device=args["device"]
        )
        args, vocab = trainer.args, trainer.vocab
    material.share_encoder(trainer)
    batches = ShuffledDataset(
        [Dataset(document, args, pretrain, vocab=vocab, evaluation=False) for document in documents], args["batch_size"]
    )
    check = CoNLL.conll2doc(input_file=str(material.dev))
    gold = [word.upos for sentence in check.sentences for word in sentence.words]
    data = Dataset(check, args, pretrain, vocab=vocab, evaluation=True, sort_during_eval=True)

    def score() -> float:
        predicted: list[Any] = []
        places: list[int] = []
        for batch in data.to_loader(batch_size=args["batch_size"]):
            predicted += trainer.predict(batch)
            places.extend(batch.idx)
        tags = [tag[0] for sentence in utils.unsort(predicted, places) for tag in sentence]
        return sum(map(str.__eq__, tags, gold)) / len(gold)

    return Job("pos", trainer, list(trainer.optimizers.values()), args["lr"], lambda: batches, score, material.best)


def parser(material: Material) -> Job:
    """A job that trains trees; files are CoNLL-U; the score is LAS on the words and tags of the development file."""
    from stanza.models import parser as main
    from stanza.models.common import utils
    from stanza.models.common.doc import DEPREL, HEAD
    from stanza.models.depparse import scorer
    from stanza.models.depparse.data import DataLoader
    from stanza.models.depparse.trainer import GraphTrainer, Trainer
    from stanza.models.depparse.utils import predict_dataset
    from stanza.utils.conll import CoNLL

    args = main.parse_args(material.arguments())
    args.setdefault("enable_gradient_checkpointing", False)
    pretrain = material.pretrain()
    utils.set_random_seed(args["seed"])
    document = CoNLL.conll2doc(input_file=str(material.train))
    if material.start is None:
        if pretrain is not None:
            args["word_cutoff"] = utils.update_word_cutoff(pretrain, args["word_cutoff"])
        loader = DataLoader(document, args["batch_size"], args, pretrain, evaluation=False)
        trainer = GraphTrainer(args=args, vocab=loader.vocab, pretrain=pretrain, device=args["device"])
    else:
        trainer = Trainer.load(
            filename=str(material.start), pretrain=pretrain, args=material.kept(args), device=args["device"],
            reset_history=True,
        )  # fmt: skip
        args = trainer.args
        loader = DataLoader(document, args["batch_size"], args, pretrain, vocab=trainer.vocab, evaluation=False)
    material.share_encoder(trainer)
    check = DataLoader(
        CoNLL.conll2doc(input_file=str(material.dev)), args["batch_size"], args, pretrain,
        vocab=trainer.vocab, evaluation=True, sort_during_eval=True,
    )  # fmt: skip

    def epoch() -> Iterable[Any]:
        loader.reshuffle()
        batches: Iterable[Any] = loader
        return batches

    def score() -> float:
        predicted = predict_dataset(trainer, check)
        check.doc.set([HEAD, DEPREL], [arc for sentence in predicted for arc in sentence])
        _, _, las = scorer.score(io.StringIO(f"{check.doc:C}\n\n"), str(material.dev))
        return float(las)

    return Job("depparse", trainer, list(trainer.optimizer.values()), args["lr"], epoch, score, material.best)


def names(material: Material) -> Job:
    """A job that trains names; files are Stanza's JSON; the score is entity F1."""
    from stanza.models import ner_tagger as main
    from stanza.models.common import utils
    from stanza.models.common.doc import Document
    from stanza.models.ner import scorer
    from stanza.models.ner.data import DataLoader
    from stanza.models.ner.trainer import Trainer

    args = main.parse_args(material.arguments())
    args[ON_WORDS] = material.on_words
    pretrain = material.pretrain(args["pretrain_max_vocab"])
    utils.set_random_seed(args["seed"])

    def load(file: Path, vocab: Any, evaluation: bool) -> Any:
        document = Document(json.loads(file.read_text(encoding="utf-8")))
        return DataLoader(
            document, args["batch_size"], args, pretrain,
            vocab=vocab, evaluation=evaluation, max_batch_words=args["max_batch_words"],
        )  # fmt: skip

    if material.start is None:
        args["word_emb_dim"] = 0 if pretrain is None else pretrain.emb.shape[1]
        loader = load(material.train, None, False)
        trainer = Trainer(args=args, vocab=loader.vocab, pretrain=pretrain, device=args["device"])
    else:
        trainer = Trainer(
            args=material.kept(args), pretrain=pretrain, model_file=str(material.start), device=args["device"]
        )
        args = trainer.args
        loader = load(material.train, trainer.vocab, False)
    material.share_encoder(trainer)
    check = load(material.dev, trainer.vocab, True)
    gold = [[tags[0] for tags in sentence] for sentence in check.tags]

    def epoch() -> Iterable[Any]:
        loader.reshuffle()
        batches: Iterable[Any] = loader
        return batches

    def score() -> float:
        predicted = [tags for batch in check for tags in trainer.predict(batch)]
        return float(scorer.score_by_entity(predicted, gold, verbose=False)[2])

    return Job("ner", trainer, [trainer.optimizer], args["lr"], epoch, score, material.best)
