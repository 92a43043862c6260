"""`kg models`: trainings of seconds, cut off and taken up again; figures of a pack; what is refused, in one line."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from little_models import GOAL, NAMES, OTHERS, bert

from kg.cli import main
from kg.learned.reader import FOLDER
from kg.stanza_pack import SHIPPED

pytestmark = pytest.mark.filterwarnings("ignore")  # Stanza's and torch's own


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with two trees and two names to learn from, two others to choose by, and a BERT of two layers."""
    for name, text in (
        ("goal.conllu", GOAL),
        ("dev.conllu", OTHERS),
        ("names.tsv", NAMES),
        ("dev.tsv", NAMES.replace("Dybala", "Soulé").replace("Torino", "Genoa")),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "bert").mkdir()
    bert(tmp_path / "bert")
    return tmp_path


def train(desk: Path, pack: str, *more: str) -> int:
    """Trains a pack on the desk's material, some two hundred times shorter than one would."""
    return main(
        [
            "models", "train", "--treebank", str(desk / "goal.conllu"), "--dev", str(desk / "dev.conllu"),
            "--ner", str(desk / "names.tsv"), "--dev-ner", str(desk / "dev.tsv"), "--made", "0",
            "--encoder", str(desk / "bert"), "--layers", "2", "--effort", "0.0015",
            "-o", str(desk / pack), *more,
        ]
    )  # fmt: skip


@contextmanager
def stopped_at(words: str, time: int = 1) -> Iterator[None]:
    """Ctrl-C at the moment when a training says `words` (for the time that is given)."""

    class Stop(logging.Handler):
        heard = 0

        def emit(self, record: logging.LogRecord) -> None:
            self.heard += words in record.getMessage()
            if self.heard == time:
                raise KeyboardInterrupt

    stop, logger = Stop(), logging.getLogger("kg.training")
    logger.addHandler(stop)
    try:
        yield
    finally:
        logger.removeHandler(stop)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


# ------------------------------------------------------------------------------------------------------ packs


def test_a_training_that_was_stopped_makes_the_same_pack_to_the_byte(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(desk, "whole") == 0
    assert f"next: kg models eval {desk / 'whole'}" in capsys.readouterr().out
    for words in ("encoder: step 2 of", "depparse: step 2 of", "ner: step 5 of"):
        with stopped_at(words):
            assert train(desk, "stopped") == 130
    assert train(desk, "stopped") == 0
    whole, stopped = contents(desk / "whole"), contents(desk / "stopped")
    assert [name for name in whole if whole[name] != stopped.get(name)] == []
    assert whole.keys() == stopped.keys()


def test_another_training_does_not_go_on_in_the_same_folder(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with stopped_at("encoder: step 1 of"):
        assert train(desk, "pack") == 130
    assert train(desk, "pack", "--seed", "7") == 2
    assert "pack.work: holds another training (other seed); delete it to begin anew" in capsys.readouterr().err
    goal = desk / "goal.conllu"
    goal.write_text(goal.read_text(encoding="utf-8").replace("esulta", "gioisce"), encoding="utf-8")
    assert train(desk, "pack") == 2
    assert "(other treebanks)" in capsys.readouterr().err


@pytest.mark.slow
def test_all_parts_are_trained_and_plain_stanza_opens_them(desk: Path) -> None:
    import stanza

    assert train(desk, "pack", "--parts", "tokenize", "mwt", "lemma", "plain") == 0
    shutil.rmtree(desk / "pack.work")  # a pack stands alone
    pipeline = stanza.Pipeline("it", dir=str(desk / "pack"), download_method=None, use_gpu=False, verbose=False)
    assert set(pipeline.processors) == {"tokenize", "mwt", "pos", "lemma", "depparse", "ner"}
    assert pipeline("Dybala segna nella Roma.").num_words >= 1
    settings = {part: configured(desk / "pack", part) for part in ("tokenize", "mwt", "lemma", "pos", "depparse")}
    assert all("little" not in str(value) and str(desk) not in str(value) for value in settings.values())
    assert settings["pos"]["hidden_dim"] == 160
    assert settings["lemma"]["num_epoch"] == 1
    old = contents(SHIPPED)
    assert contents(desk / "pack")["it/encoder/encoder.safetensors"] == old["it/encoder/encoder.safetensors"]


def configured(pack: Path, part: str) -> dict[str, Any]:
    import torch

    config: dict[str, Any] = torch.load(pack / "it" / part / "kg.pt", map_location="cpu", weights_only=True)["config"]
    return config


@pytest.mark.slow
def test_without_a_dev_part_one_sentence_in_ten_chooses(desk: Path) -> None:
    arguments = ["--treebank", str(desk / "goal.conllu"), "--ner", str(desk / "names.tsv"), "--made", "0"]
    short = ["--encoder", str(desk / "bert"), "--layers", "1", "--effort", "0.001", "-q", "-o", str(desk / "pack")]
    assert main(["models", "train", *arguments, *short]) == 0
    assert (desk / "pack.work" / "data" / "dev.conllu").read_text(encoding="utf-8").count("# text = ") == 1
    assert (desk / "pack.work" / "data" / "train.conllu").read_text(encoding="utf-8").count("# text = ") == 1


def test_plain_stanza_opens_the_pack_of_kg() -> None:
    import stanza

    pipeline = stanza.Pipeline("it", dir=str(SHIPPED), download_method=None, use_gpu=False, verbose=False)
    document = pipeline("Silvio Berlusconi vive a Milano.")
    lemmas = [word.lemma.lower() for word in document.sentences[0].words]
    assert lemmas == ["silvio", "berlusconi", "vivere", "a", "milano", "."]
    assert document.sentences[0].words[2].deprel == "root"
    assert [(entity.text, entity.type) for entity in document.ents] == [("Silvio Berlusconi", "PER"), ("Milano", "LOC")]


def test_a_pack_is_judged_from_raw_text(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--treebank", str(desk / "goal.conllu"), "--names", str(desk / "names.tsv")]
    assert main(["models", "eval", str(SHIPPED), *files]) == 0
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()]
    figures = {(on, metric): value for on, metric, value in rows[2:]}
    assert figures["goal", "Words"] == "100.00"
    assert figures["goal", "Sentences"] == "100.00"
    assert 0 < float(figures["goal", "LAS"]) <= 100
    assert figures["names", "names F1, PER"] == "100.00"
    assert figures["goal", "speed, of the processor"].endswith(" words/s")
    assert figures["start", "to open the pack, by the clock"].endswith(" s")


def test_a_damaged_part_of_a_pack_is_said(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = desk / "pack"
    shutil.copytree(SHIPPED, pack)
    assert main(["models", "info", str(pack)]) == 0
    said = capsys.readouterr().out
    assert "depparse (kg-context)" in said
    assert "hidden_dim 200" in said
    (pack / "it" / "lemma" / "kg.pt").write_bytes(b"half a download")
    assert main(["models", "info", str(pack)]) == 1
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "DAMAGED" in line)
    assert line.startswith("lemma")


# ----------------------------------------------------------------------------------------------------- reader


ARTICLES = [
    ("Carlo Ancelotti è il nuovo allenatore del Napoli.", "Carlo Ancelotti", "coaches", "Napoli"),
    ("José Mourinho allena la Roma.", "José Mourinho", "coaches", "Roma"),
    ("Paulo Dybala gioca nella Juventus.", "Paulo Dybala", "playsFor", "Juventus"),
]


def annotated(folder: Path, number: int) -> None:
    text, subject, predicate, team = ARTICLES[number]
    claim = {"s": subject, "p": predicate, "o": team, "modality": "Asserted", "tense": "Present", "evidence": text}
    entities = [{"name": subject, "class": "Person"}, {"name": team, "class": "Club"}]
    gold = {"id": f"a{number}", "title": "", "text": text, "entities": entities, "claims": [claim]}
    folder.mkdir(exist_ok=True)
    (folder / f"a{number}.json").write_text(json.dumps(gold), encoding="utf-8")


@pytest.mark.slow
def test_a_reader_whose_training_was_stopped_is_the_same_to_the_byte(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (0, 2):
        annotated(tmp_path / "train", number)
    annotated(tmp_path / "dev", 1)
    folders = ["--train", str(tmp_path / "train"), "--dev", str(tmp_path / "dev")]
    command = ["models", "train-claims", *folders, "--epochs", "2", "-o"]
    assert main([*command, str(tmp_path / "whole")]) == 0
    assert "coaches" in capsys.readouterr().out
    with stopped_at("dev: precision", time=2):
        assert main([*command, str(tmp_path / "stopped")]) == 130
    assert main([*command, str(tmp_path / "stopped")]) == 0
    assert contents(tmp_path / "whole") == contents(tmp_path / "stopped")
    # in a process of its own, as it is read in later
    opens = "import sys, pathlib, kg.learned.reader as r; r.open_reader(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", opens, str(tmp_path / "whole")], check=True)
    on = [*command, str(tmp_path / "on"), "--start", str(FOLDER)]
    assert main(on) == 2
    assert "a reader on another encoder; name its own with --encoder" in capsys.readouterr().err
    assert main([*on[:-1], str(tmp_path / "nowhere")]) == 2
    assert "nowhere: no learned reader of kg" in capsys.readouterr().err
    assert main([*command, str(tmp_path / "stopped"), "--seed", "3"]) == 2
    assert "holds another training (other seed)" in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (("2\tsegna", "due\tsegna"), "goal.conllu, line 4: not a word of CoNLL-U"),
        (("\t2\tnsubj\t_\t_\n2\tsegna", "\t2\tnsubj\n2\tsegna"), "goal.conllu, line 3: not a word of CoNLL-U"),
        (("\tDybala\tPROPN", "\t\tPROPN"), "goal.conllu, line 3: an empty column"),
        (("\t5\tdet", "\t9\tdet"), "goal.conllu, line 1: the head of word 4 («9») is no word of this sentence"),
        (("\t0\troot", "\t1\troot"), "goal.conllu, line 1: no word of this sentence is its root"),
        (("6\t.\t.", "7\t.\t."), "goal.conllu, line 1: the words of this sentence are not numbered 1, 2, 3, …"),
    ],
)
def test_a_damaged_tree_is_named_by_file_and_line(
    desk: Path, capsys: pytest.CaptureFixture[str], damage: tuple[str, str], said: str
) -> None:
    goal = desk / "goal.conllu"
    goal.write_text(GOAL.replace(*damage, 1), encoding="utf-8")
    assert train(desk, "pack") == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (desk / "pack").exists()


def test_files_with_names_of_another_format_are_named_by_file_and_line(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "names.tsv").write_text("Dybala\tB-PER\nsegna\n", encoding="utf-8")
    assert main(["models", "eval", "--names", str(desk / "names.tsv")]) == 2
    assert "names.tsv, line 2: not a token and its tag, parted by a tab" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--treebank", "serie-a.conllu"], "serie-a.conllu: no such file"),
        (["--encoder", "."], ".: no encoder; wanted is a folder with config.json"),
        (["--layers", "3"], "bert: has 2 layers, not 3"),
        (["--device", "stadium"], "--device stadium: torch has no such device here"),
        (["--start", "."], ".: not a complete pack (no tokenize, mwt, pos,"),
        (["-o", "."], ".: holds something other than a pack"),
    ],
)
def test_what_cannot_be_trained_on_is_one_line(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: list[str], said: str
) -> None:
    monkeypatch.chdir(desk)
    assert train(desk, "pack", *more) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_pack_is_judged_on_something(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "eval"]) == 2
    assert "name what to judge the pack on" in capsys.readouterr().err


def test_a_folder_that_is_no_pack_is_one_line(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "info", str(desk)]) == 2
    assert f"{desk}: not a complete pack" in capsys.readouterr().err
    assert main(["models", "eval", str(desk), "--treebank", str(desk / "goal.conllu")]) == 2
    assert f"{desk}: no Stanza pack here (resources.json is missing)" in capsys.readouterr().err


def test_articles_that_are_not_annotated_are_refused_before_parsing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    annotated(tmp_path / "train", 0)
    (tmp_path / "dev").mkdir()
    folders = ["--train", str(tmp_path / "train"), "--dev", str(tmp_path / "dev"), "-o", str(tmp_path / "reader")]
    assert main(["models", "train-claims", *folders]) == 2
    assert "no gold files" in capsys.readouterr().err
    assert not (tmp_path / "reader.work").exists()
