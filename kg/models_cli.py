"""`kg models`: train, judge and show the models that kg reads with; arguments → one call → one print."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kg import stanza_pack
from kg.errors import PackError
from kg.usage import examples

if TYPE_CHECKING:
    from kg.training.pack import Part
    from kg.training.recipe import Plan, Sources

CONTEXT, PLAIN, NAMES, OTHERS = "context", "plain", "names", ("tokenize", "mwt", "lemma")
"""What `--parts` takes: the two packages of tags, trees and names, names alone, and the parts that both share."""

OK, DAMAGED = 0, 1


# Commands ----------------------------------------------------------------------------------------------


def _train(options: argparse.Namespace) -> int:
    from kg.training import recipe
    from kg.training.card import card

    start, target = Path(options.start or stanza_pack.SHIPPED), Path(options.output)
    _refuse_other_folder(target, "resources.json", "pack")
    _device(options.device)
    sources, plan = _sources(options, start), _plan(options)
    with _told(options.quiet):
        recipe.train(sources, plan, start, _work(options), target, card(sources, plan))
    _print_info(target)
    print(f"next: kg models eval {target} --treebank FILE.conllu --names FILE.tsv")
    return OK


def _sources(options: argparse.Namespace, start: Path) -> Sources:
    from kg import gazetteer
    from kg.training import pack
    from kg.training.recipe import Sources

    encoder = None
    if CONTEXT in options.parts:
        encoder = options.encoder or (pack.encoder_folder(start) if pack.has_context(start) else None)
        if encoder is None:
            raise PackError(f"{start}: has no encoder to begin with; name one with --encoder, or --parts {PLAIN}")
    return Sources(
        treebanks=options.treebank,
        dev=options.dev,
        held_out=options.held_out,
        names=options.ner,
        dev_names=options.dev_ner,
        held_out_names=options.held_out_ner,
        silver_names=options.silver_ner,
        gazetteer=(options.gazetteer or gazetteer.default_folder()) if options.made else None,
        encoder=encoder,
        lemma_treebanks=options.lemma_treebank,
        annotated=options.annotated,
    )


def _plan(options: argparse.Namespace) -> Plan:
    from kg.training import recipe

    plan = recipe.Plan(
        layers=options.layers,
        context=recipe.CONTEXT if CONTEXT in options.parts else {},
        plain=recipe.PLAIN if PLAIN in options.parts else {},
        names=recipe.CONTEXT["ner"] if NAMES in options.parts and CONTEXT not in options.parts else None,
        others={part: recipe.OTHERS[part] for part in OTHERS if part in options.parts},
        made=options.made,
        seed=options.seed,
        device=options.device,
    )
    return plan.scaled(options.effort)


def _eval(options: argparse.Namespace) -> int:
    from kg.training import evaluate
    from kg.training.errors import TrainingError

    if not options.treebank and not options.names:
        raise TrainingError("name what to judge the pack on: --treebank FILE.conllu, --names FILE.tsv, or both")
    with _told(quiet=True):
        print(evaluate.table(evaluate.evaluate(options.pack, options.treebank, options.names)))
    return OK


def _info(options: argparse.Namespace) -> int:
    return _print_info(Path(options.pack or stanza_pack.SHIPPED))


def _print_info(folder: Path) -> int:
    from kg.training import pack

    parts = pack.describe(folder)
    for part in parts:
        print(f"{part.name:<22}{part.size / 10**6:>7.1f} MB  {_settings(part) if part.intact else 'DAMAGED'}".rstrip())
    encoder = [file for file in pack.encoder_folder(folder).glob("*") if file.is_file()]
    if encoder:
        print(f"{'encoder':<22}{sum(file.stat().st_size for file in encoder) / 10**6:>7.1f} MB")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{'in all':<22}{size / 10**6:>7.1f} MB  {folder}")
    return OK if all(part.intact for part in parts) else DAMAGED


def _settings(part: Part) -> str:
    """Those of a part's settings that tell models apart."""
    shown = ("hidden_dim", "num_layers", "rnn_layers", "char_hidden_dim", "word_emb_dim", "bert_model", "seed")
    return ", ".join(f"{name} {part.settings[name]}" for name in shown if part.settings.get(name))


def _train_claims(options: argparse.Namespace) -> int:
    from kg import evaluate, gold, pipeline
    from kg.learned.network import Shape
    from kg.learned.reader import open_reader
    from kg.training import claims_recipe, work
    from kg.training.claims_reader import Recipe
    from kg.training.recipe import readable_encoder

    target, folder = Path(options.output), _work(options)
    _refuse_other_folder(target, "reader.json", "reader")
    _device(options.device)
    gold.read(options.train)  # a broken one is said before an hour of parsing
    gold.read(options.dev)
    encoder = options.encoder or Path(options.models or stanza_pack.SHIPPED) / "it" / "encoder"
    if options.start is not None:
        open_reader(options.start)  # so is a folder that holds no reader
    recipe = replace(Recipe(), epochs=options.epochs or Recipe().epochs, seed=options.seed, device=options.device)
    reader = pipeline.Reader(options.models, options.gazetteer, "rules")
    made_of = {
        "seed": str(recipe.seed),
        "recipe": str(replace(recipe, seed=0, device="cpu")),
        "articles to train on": work.digest_of(options.train),
        "articles to choose by": work.digest_of(options.dev),
        "encoder": work.digest_of([encoder]),
        "reader to start from": work.digest_of([options.start]) if options.start else "",
        "pack, rules or gazetteer": str(reader.versions),
    }
    with _told(options.quiet), work.held(folder, made_of), readable_encoder(encoder, folder) as readable:
        sources = claims_recipe.Sources(tuple(options.train), tuple(options.dev), readable)
        report = claims_recipe.make(sources, target, folder, reader, recipe, Shape(), options.start)
    print(evaluate.render(report))
    print(f"reader      {target}")
    return OK


# Shared ------------------------------------------------------------------------------------------------


def _work(options: argparse.Namespace) -> Path:
    """The folder of work: as named, or beside what is made."""
    target = Path(options.output)
    return Path(options.work) if options.work else target.with_name(f"{target.name}.work")


def _refuse_other_folder(target: Path, mark: str, what: str) -> None:
    """Raises PackError where a folder (or file) is in the way that is no older one of what is to be made."""
    is_free = not target.exists() or (target.is_dir() and ((target / mark).is_file() or not any(target.iterdir())))
    if not is_free:
        raise PackError(f"{target}: holds something other than a {what}; name another folder with -o")


def _device(name: str) -> None:
    import torch

    from kg.training.errors import TrainingError

    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise TrainingError(
            f"--device {name}: torch has no such device here ({reason}); leave --device out to train on the processor"
        ) from error


@contextmanager
def _told(quiet: bool) -> Iterator[None]:
    """Shows on standard error how a training goes, and keeps Stanza and transformers from talking over it."""
    from stanza.models import _training_logging  # sets Stanza's level, which is set again below
    from transformers.utils import logging as transformers_logging

    ours, theirs = logging.getLogger("kg.training"), _training_logging.logger
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    levels = ours.level, theirs.level
    ours.setLevel(logging.WARNING if quiet else logging.INFO)
    ours.addHandler(shown)
    theirs.setLevel(logging.ERROR)
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        ours.removeHandler(shown)
        ours.setLevel(levels[0])
        theirs.setLevel(levels[1])


# Arguments ---------------------------------------------------------------------------------------------


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Adds `kg models` with its own commands."""
    models = commands.add_parser(
        "models",
        parents=[shared],
        help="train, judge and show the models that kg reads with",
        description="The Stanza pack and the learned reader of claims; docs/models.md has the whole recipe.",
        epilog=examples("kg models info", "kg models train --help"),
    )
    models.set_defaults(run=lambda options: models.print_help())
    inner = models.add_subparsers(title="commands", metavar="COMMAND")
    training = argparse.ArgumentParser(add_help=False, parents=[shared])
    training.add_argument("-o", "--output", required=True, metavar="DIR", help="the folder to write")
    training.add_argument(
        "--work", metavar="DIR", help="where it goes on after being cut off (default: the output's name and .work)"
    )
    training.add_argument("--seed", type=int, default=1234, metavar="N", help="(default: 1234)")
    training.add_argument(
        "--device", default="cpu", metavar="NAME", help="torch's name of where: cpu (default), cuda, mps"
    )
    training.add_argument("-q", "--quiet", action="store_true", help="say nothing while it trains")
    _add_train(inner, training)
    _add_train_claims(inner, training)

    judge = inner.add_parser(
        "eval",
        parents=[shared],
        help="print the figures of a pack",
        description="F1 from raw text with the scorer of CoNLL 2018, names by exact span and type, speed and start.",
        epilog=examples("kg models eval pack --treebank it_isdt-ud-test.conllu --names kind_WN_test.tsv"),
    )
    judge.add_argument("pack", nargs="?", metavar="PACK", help="a folder, or `stanza` (default: the pack of kg)")
    _take_files(judge, "--treebank", "treebanks (CoNLL-U)")
    _take_files(judge, "--names", "files with a token and its tag a line; `# text = …` is read as raw text")
    judge.set_defaults(run=_eval)

    info = inner.add_parser(
        "info",
        parents=[shared],
        help="list the parts of a pack",
        description="Parts with sizes and settings; a part whose checksum is not the listed one is said, with exit 1.",
        epilog=examples("kg models info", "kg models info pack"),
    )
    info.add_argument("pack", nargs="?", metavar="PACK", help="a folder (default: the pack of kg)")
    info.set_defaults(run=_info)


def _add_train(inner: argparse._SubParsersAction[argparse.ArgumentParser], training: argparse.ArgumentParser) -> None:
    train = inner.add_parser(
        "train",
        parents=[training],
        help="train a Stanza pack from open data",
        description="Trains a pack from trees and names. Cut off, the same command goes on where it was; the same seed "
        "gives the same bytes on a processor. No sentence of what is held out or chosen by is trained on.",
        epilog=examples(
            "kg models train --treebank it_*.conllu --ner kind_WN_train.tsv -o pack",
            "kg models train --treebank it_*.conllu --dev it_isdt-ud-dev.conllu --held-out it_isdt-ud-test.conllu "
            "--ner kind_WN_train.tsv --dev-ner kind_WN_dev.tsv --held-out-ner kind_WN_test.tsv -o pack",
            "kg models train --treebank it_*.conllu --ner kind_WN_train.tsv --parts lemma --device cuda -o pack",
        ),
    )
    _take_files(train, "--treebank", "treebanks to learn from (CoNLL-U)", required=True)
    _take_files(train, "--ner", "files with names to learn from: a token, a tab and its BIO tag a line", required=True)
    _take_files(train, "--dev", "treebanks to choose by (default: a tenth of the sentences)")
    _take_files(train, "--dev-ner", "files with names to choose by (default: a tenth of the sentences)")
    _take_files(train, "--held-out", "treebanks of which no sentence may be learned: tests")
    _take_files(train, "--held-out-ner", "files with names of which no sentence may be learned: tests")
    _take_files(train, "--lemma-treebank", "more treebanks, such as of tweets, of which words and lemmas are learned")
    _take_files(train, "--silver-ner", "files with names marked by machine, of which a third is learned from")
    _take_files(train, "--annotated", "annotated articles, or folders of them, of which 9,000 sentences teach names")
    train.add_argument(
        "--gazetteer", type=Path, metavar="DIR",
        help="tables whose names fill the football sentences that are made (default: those of kg)",
    )  # fmt: skip
    train.add_argument(
        "--made", type=_count, default=12000, metavar="N", help="how many of them are made (default: 12,000; 0: none)"
    )
    train.add_argument(
        "--encoder", type=Path, metavar="DIR", help="a BERT to tune, as transformers has it (default: --start's own)"
    )
    train.add_argument("--layers", type=_positive, default=8, metavar="N", help="its layers that are kept (default: 8)")
    train.add_argument(
        "--start", type=Path, metavar="PACK", help="the pack that gives all that is not trained (default: that of kg)"
    )
    train.add_argument(
        "--parts", nargs="+", choices=(CONTEXT, PLAIN, NAMES, *OTHERS), default=[CONTEXT],
        help="what to train: encoder and the tags, trees and names that read it (context, the default), the same for "
        "plain Stanza on word vectors (plain), names alone on --start's encoder (names), sentences and words, "
        "contractions, lemmas",
    )  # fmt: skip
    train.add_argument(
        "--effort", type=_effort, default=1.0, metavar="X", help="how long to train, beside the recipe (1); 0.01 to try"
    )
    train.set_defaults(run=_train)


def _add_train_claims(
    inner: argparse._SubParsersAction[argparse.ArgumentParser], training: argparse.ArgumentParser
) -> None:
    claims = inner.add_parser(
        "train-claims",
        parents=[training],
        help="train the learned reader on annotated articles",
        description="Parses the articles, trains the reader, sets its thresholds on the articles to choose by and "
        "prints its figures on them. Cut off, the same command goes on where it was.",
        epilog=examples("kg models train-claims --train tests/gold/train --dev tests/gold/dev -o reader"),
    )
    _take_files(claims, "--train", "annotated articles to learn from (.json, .jsonl) or folders of them", required=True)
    _take_files(claims, "--dev", "annotated articles to choose by", required=True)
    claims.add_argument(
        "--encoder", type=Path, metavar="DIR", help="a BERT, or the it/encoder of a pack (default: that of the pack)"
    )
    claims.add_argument(
        "--start", type=Path, metavar="READER", help="a folder with a reader to go on from, of the same encoder's shape"
    )
    claims.add_argument(
        "--epochs", type=_positive, metavar="N", help="rounds over the articles (default: the recipe's)"
    )
    claims.add_argument("--models", metavar="PACK", help="the pack that parses the articles (default: that of kg)")
    claims.add_argument(
        "--gazetteer", type=Path, metavar="DIR", help="a folder with your own rows of who is who; they win"
    )
    claims.set_defaults(run=_train_claims)


def _take_files(parser: argparse.ArgumentParser, name: str, what: str, required: bool = False) -> None:
    parser.add_argument(name, nargs="+", type=Path, default=[], required=required, metavar="FILE", help=what)


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text}: a number from 0 on is wanted")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: a number from 1 on is wanted")
    return number


def _effort(text: str) -> float:
    number = float(text)
    if not 0 < number <= 100:
        raise argparse.ArgumentTypeError(f"{text}: a number above 0 and up to 100 is wanted")
    return number
