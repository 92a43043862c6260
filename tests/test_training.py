"""The recipe of the models: material, made sentences, the encoder's storage and memory, the loop, the pack."""

from __future__ import annotations

import json
import logging
import random
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from little_models import GOAL, NAMES, OTHERS, bert

from kg.encoder import RememberingEncoder, foundation, load, store
from kg.errors import PackError
from kg.training import football, lemmas, pack
from kg.training.corpora import NamedSentence, numbered, raw_text, read_names, read_trees, without, without_names
from kg.training.encoder import Tuning, labels_of, parsed, some_hidden, tune
from kg.training.errors import TrainingError
from kg.training.evaluate import Counts, Figure, table
from kg.training.lemmas import Word
from kg.training.loop import Job, Schedule, run
from kg.training.recipe import CONTEXT, Plan, Sources, Step, train


@pytest.fixture
def goal(tmp_path: Path) -> Path:
    file = tmp_path / "goal.conllu"
    file.write_text(GOAL, encoding="utf-8")
    return file


@pytest.fixture
def names(tmp_path: Path) -> Path:
    file = tmp_path / "names.tsv"
    file.write_text(NAMES, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def small_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bert(tmp_path_factory.mktemp("bert"))


# ---------------------------------------------------------------------------------------------------- material


def test_a_sentence_of_the_test_part_is_never_trained_on(goal: Path) -> None:
    goals = tuple(read_trees(goal))
    shouted = [replace(goals[0], text="DYBALA  segna nella Roma!")]
    assert [tree.text for tree in without(goals, shouted)] == ["Mourinho esulta."]


def test_a_name_of_the_test_part_is_never_trained_on(names: Path) -> None:
    dybala, torino = read_names(names)
    shouted = NamedSentence(tuple(token.upper() for token in torino.tokens), torino.tags)
    assert without_names([dybala, torino], [shouted]) == (dybala,)


def test_running_text_keeps_the_paragraphs(goal: Path) -> None:
    first, second = read_trees(goal)
    assert raw_text([second, first]) == "Mourinho esulta.\n\nDybala segna nella Roma.\n"


def test_an_item_of_a_list_has_its_number_in_the_same_sentence(goal: Path) -> None:
    first, _ = read_trees(goal)
    item = numbered(first, 907)
    assert item.text == f"907. {first.text}"
    words = [line.split("\t") for line in item.lines if not line.startswith("#")]
    assert [columns[0] for columns in words] == ["1", "2", "3", "4", "5-6", "5", "6", "7", "8"]
    assert [int(columns[6]) for columns in words if columns[6] != "_"] == [4, 1, 4, 0, 7, 7, 4, 4]


def test_what_is_no_treebank_is_named_by_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "report.conllu"
    file.write_text("\n\n1\tGol\tdi\tDybala\n", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"report\.conllu, line 3: not a word of CoNLL-U"):
        list(read_trees(file))


def test_names_of_other_types_are_no_names_and_a_lost_beginning_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "names.tsv"
    file.write_text("Coppa\tB-MISC\nItalia\tI-MISC\nal\tO\nReal\tI-ORG\nMadrid\tI-ORG\n", encoding="utf-8")
    (sentence,) = read_names(file)
    assert sentence.spans() == ((3, 5, "ORG"),)


# ------------------------------------------------------------------------------------------------------ lemmas


def test_a_headline_s_capital_does_not_change_the_lemma_and_a_name_keeps_its_own(goal: Path) -> None:
    words = lemmas.words_of(read_trees(goal))
    counted = lemmas.for_dictionary(words, Counter({Word("rossi", "ADJ", "rosso"): 3}))
    assert Word("Segna", "VERB", "segnare") in counted
    assert Word("Rossi", "ADJ", "rosso") in counted
    assert Word("Rossi", "PROPN", "Rossi") in counted
    assert Word("dybala", "PROPN", "Dybala") not in counted
    assert counted[Word("segna", "VERB", "segnare")] > counted[Word("Segna", "VERB", "segnare")]


def test_a_word_that_no_treebank_has_gets_the_lemma_of_words_that_end_alike() -> None:
    seen = {
        Word(form, upos, lemma): 1
        for form, upos, lemma in (
            ("vetture", "NOUN", "vettura"), ("figure", "NOUN", "figura"), ("pene", "NOUN", "pena"),
            ("parate", "NOUN", "parata"), ("volate", "NOUN", "volata"), ("giocate", "VERB", "giocare"),
        )
    }  # fmt: skip
    guessed = lemmas.for_dictionary(seen, {}, ["misure", "giocate", "Totti"]).keys() - lemmas.for_dictionary(seen, {})
    assert {word for word in guessed if word.form in ("misure", "giocate")} == {
        Word("misure", "NOUN", "misura"),
        Word("giocate", "NOUN", "giocata"),
    }


def test_the_network_sees_names_and_no_word_too_often(names: Path) -> None:
    found = lemmas.names_of(read_names(names))
    assert found == (Word("Dybala", "PROPN", "Dybala"),)
    seen = lemmas.for_network({Word("di", "ADP", "di"): 4**6, Word("fibre", "NOUN", "fibra"): 1}, found)
    assert seen == {Word("di", "ADP", "di"): 7, Word("fibre", "NOUN", "fibra"): 1, found[0]: 1}


def test_words_for_lemmas_are_a_treebank_that_is_read_again(goal: Path, tmp_path: Path) -> None:
    words = lemmas.words_of(read_trees(goal))
    lemmas.write(tmp_path / "words.conllu", words)
    assert lemmas.words_of(read_trees(tmp_path / "words.conllu")) == words


def test_two_lemmas_for_one_word_are_no_lemma(tmp_path: Path) -> None:
    file = tmp_path / "tweet.conllu"
    file.write_text("1\tconti\tconte|conto\tNOUN\tS\t_\t0\troot\t_\t_\n", encoding="utf-8")
    assert not lemmas.words_of(read_trees(file))


# ---------------------------------------------------------------------------------------------- made sentences


def filled(**names: list[str]) -> football.Fillers:
    return football.Fillers(names)


def one(pattern: str, fillers: football.Fillers) -> NamedSentence:
    """The pattern filled, as printed (not the copy in capitals that one in eight becomes)."""
    return next(
        sentence
        for sentence in football.made([pattern], fillers, 50, seed=1)
        if sentence.tokens[0].istitle() and sentence.tokens[-1] != sentence.tokens[-1].title()
    )


def test_a_pattern_takes_the_article_that_the_club_takes() -> None:
    pattern = "Arriva {dal:club}, dice lui"
    said = {
        club: " ".join(one(pattern, filled(club=[club])).tokens[:3])
        for club in ("Milan", "Roma", "Udinese", "Spezia", "Juventus")
    }
    assert said == {
        "Milan": "Arriva dal Milan",
        "Roma": "Arriva dalla Roma",
        "Udinese": "Arriva dall' Udinese",
        "Spezia": "Arriva dallo Spezia",
        "Juventus": "Arriva dalla Juventus",
    }


def test_names_of_several_words_are_one_name() -> None:
    sentence = one("Ecco {per} a [Sky Sport|ORG] da {city} adesso", filled(per=["Kevin De Bruyne"], city=["Milano"]))
    found = [(" ".join(sentence.tokens[start:end]), kind) for start, end, kind in sentence.spans()]
    assert found == [("Kevin De Bruyne", "PER"), ("Sky Sport", "ORG"), ("Milano", "LOC")]


def test_a_competition_is_no_name() -> None:
    assert one("La finale {del:comp} adesso", filled(comp=["Coppa Italia"])).spans() == ()


def test_some_headlines_are_shouted_and_some_whispered() -> None:
    tokens = {s.tokens[0] for s in football.made(["Colpo {club}"], filled(club=["Milan"]), 200, seed=1)}
    assert tokens == {"Colpo", "COLPO", "colpo"}


def test_a_slot_that_nobody_knows_is_named_by_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "patterns.txt"
    file.write_text("# headlines\n{club} ok\n{clubb} ko\n", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"patterns\.txt, line 3: no slot like «:clubb»"):
        football.patterns(file)


def test_the_written_patterns_are_all_well_formed() -> None:
    assert len(football.patterns()) > 150


# --------------------------------------------------------------------------------------------------- encoder


def test_a_stored_encoder_is_small_and_nearly_the_same(small_bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    store(small_bert, tmp_path)
    bert, tokenizer = load(tmp_path)
    before = load_file(small_bert / "model.safetensors")
    for name, weight in bert.state_dict().items():
        step = before[name].abs().amax(dim=-1, keepdim=True) / 127
        assert ((weight - before[name]).abs() <= step / 2 + 1e-6).all(), name
    assert load_file(tmp_path / "encoder.safetensors")["encoder.layer.0.output.dense.weight"].dtype == torch.int8
    assert tokenizer("Dybala segna").input_ids == [0, 4, 6, 2]


def test_a_damaged_encoder_is_one_clear_line(small_bert: Path, tmp_path: Path) -> None:
    store(small_bert, tmp_path)
    (tmp_path / "encoder.safetensors").write_bytes(b"not weights")
    with pytest.raises(PackError, match="not the encoder of a pack"):
        load(tmp_path)


def test_a_sentence_is_encoded_once_and_alike_in_any_company(small_bert: Path, tmp_path: Path) -> None:
    store(small_bert, tmp_path)
    bert, tokenizer = load(tmp_path)
    encoded: list[int] = []
    bert.register_forward_pre_hook(
        lambda module, args, kwargs: encoded.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    shared = RememberingEncoder(bert)

    def ask(*sentences: str) -> torch.Tensor:
        batch = tokenizer(list(sentences), padding=True, return_tensors="pt")
        return shared(batch["input_ids"], batch["attention_mask"]).hidden_states[-1]

    alone = ask("Dybala segna")
    together = ask("Mourinho esulta in Roma", "Dybala segna")
    assert encoded == [1, 1]
    assert torch.equal(together[1, :4], alone[0])
    assert not together[1, 4:].any()


def test_sentences_are_laid_end_to_end_and_blind_to_each_other(small_bert: Path, tmp_path: Path) -> None:
    store(small_bert, tmp_path)
    bert, tokenizer = load(tmp_path)
    shapes: list[tuple[int, ...]] = []
    bert.register_forward_pre_hook(
        lambda module, args, kwargs: shapes.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True
    )
    sentences = ["Dybala segna", "Mourinho esulta in Roma", "la Roma saluta Dybala"]
    batch = tokenizer(sentences, padding=True, return_tensors="pt")
    pieces = batch["attention_mask"].sum(-1).tolist()
    together = RememberingEncoder(bert)(batch["input_ids"], batch["attention_mask"]).hidden_states[-1]
    assert shapes == [(1, sum(pieces))], "one row, nothing filled up"
    for row, length in enumerate(pieces):
        alone = RememberingEncoder(bert)(batch["input_ids"][row : row + 1, :length], torch.ones(1, length).long())
        assert torch.allclose(together[row, :length], alone.hidden_states[-1][0], atol=2e-3)


def test_the_memory_of_sentences_is_bounded(small_bert: Path, tmp_path: Path) -> None:
    store(small_bert, tmp_path)
    bert, _ = load(tmp_path)
    shared = RememberingEncoder(bert, most=2)
    for word in (4, 5, 10, 11):
        shared(torch.tensor([[0, word, 2]]), torch.ones(1, 3, dtype=torch.long))
    assert len(shared._known) == 2


def test_tuning_goes_on_where_it_was_cut_off(small_bert: Path, goal: Path, names: Path, tmp_path: Path) -> None:
    trees, named = tuple(read_trees(goal)), tuple(read_names(names))
    plan = Tuning(trees, trees, named, Schedule(3, 1e-3, warmup=1, every=3), words=20)
    tune(small_bert, 1, plan, tmp_path / "out")
    first = (tmp_path / "out" / "model.safetensors").read_bytes()
    tune(small_bert, 1, plan, tmp_path / "out")
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == first, "nothing was left to do"
    longer = replace(plan, schedule=Schedule(150, 5e-3, warmup=1, every=150))
    upos, attached = tune(small_bert, 1, longer, tmp_path / "out")
    assert (upos, attached) == (1.0, 1.0), "two sentences can be learned by heart"
    assert json.loads((tmp_path / "out" / "config.json").read_text())["num_hidden_layers"] == 1


def test_tuning_that_was_cut_off_ends_as_if_it_had_not_been(
    small_bert: Path, goal: Path, names: Path, tmp_path: Path
) -> None:
    trees, named = tuple(read_trees(goal)), tuple(read_names(names))
    plan = Tuning(trees, trees, named, Schedule(9, 1e-3, warmup=1, every=4), words=8)
    tune(small_bert, 2, plan, tmp_path / "whole")

    class Cut(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "step 8 of" in record.getMessage():
                raise KeyboardInterrupt

    cut, logger = Cut(), logging.getLogger("kg.training")
    logger.setLevel(logging.INFO)
    logger.addHandler(cut)
    try:
        with pytest.raises(KeyboardInterrupt):
            tune(small_bert, 2, plan, tmp_path / "cut")
    finally:
        logger.removeHandler(cut)
        logger.setLevel(logging.NOTSET)
    tune(small_bert, 2, plan, tmp_path / "cut")
    whole, again = (tmp_path / name / "model.safetensors" for name in ("whole", "cut"))
    assert whole.read_bytes() == again.read_bytes()


def test_a_twentieth_of_the_pieces_is_hidden_but_neither_the_root_nor_what_fills_up() -> None:
    torch.manual_seed(7)
    numbers, real = torch.full((100, 100), 9), torch.ones(100, 100, dtype=torch.long)
    real[:, 60:] = 0
    hidden = some_hidden(numbers, real, mask=3) == 3
    assert not hidden[:, 0].any()
    assert not hidden[:, 60:].any()
    assert 0.03 < hidden[:, 1:60].float().mean().item() < 0.07


def test_unknown_labels_are_left_out_of_the_loss(goal: Path) -> None:
    first, second = read_trees(goal)
    read = parsed(first, labels_of([second], rarest=1))
    assert read.words == ("Dybala", "segna", "in", "la", "Roma", ".")
    assert read.heads == (2, 0, 5, 5, 2, 2)
    assert [relation >= 0 for relation in read.relations] == [True, True, False, False, False, True]


# ------------------------------------------------------------------------------------------------------ loop


class Line:
    """The smallest thing that the loop can train: y = w x."""

    def __init__(self) -> None:
        torch.manual_seed(1)
        self.model = torch.nn.Linear(1, 1)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.1)

    def update(self, batch: float, eval: bool) -> float:
        self.optimizer.zero_grad()
        noise = torch.rand(1)  # such as dropout draws
        loss = (self.model(torch.tensor([batch])) - 3 * batch + 0.1 * noise).pow(2).sum()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    def save(self, file: str) -> None:
        torch.save(self.model.state_dict(), file)


def line_job(best: Path) -> Job:
    line = Line()
    order = [0.1, 0.2, 0.3, 0.4, 0.5]

    def epoch() -> list[float]:
        random.shuffle(order)  # of the last epoch's order, as Stanza's loader of names does
        return list(order)

    return Job("line", line, [line.optimizer], 0.1, epoch, lambda: -float(abs(line.model.weight - 3).item()), best)


@pytest.mark.parametrize(("saved", "cut_at"), [(7, 9), (5, 7), (5, 12)], ids=["within", "between", "after two epochs"])
def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(tmp_path: Path, saved: int, cut_at: int) -> None:
    schedule = Schedule(14, 0.1, warmup=2, every=saved)
    whole = line_job(tmp_path / "whole.pt")
    run(whole, schedule, seed=3)

    class Cut(Exception):  # noqa: N818
        pass

    cut = line_job(tmp_path / "cut.pt")
    update, seen = cut.trainer.update, []

    def failing(batch: float, eval: bool) -> float:
        if len(seen) == cut_at:
            raise Cut
        seen.append(batch)
        return update(batch, eval)

    cut.trainer.update = failing
    with pytest.raises(Cut):
        run(cut, schedule, seed=3)
    again = line_job(tmp_path / "cut.pt")
    run(again, schedule, seed=3)
    assert torch.equal(again.trainer.model.weight, whole.trainer.model.weight)


def test_the_rate_climbs_and_falls() -> None:
    schedule = Schedule(100, 1.0, warmup=10, floor=0.1)
    assert schedule.rate_at(5) == 0.5
    assert schedule.rate_at(10) == 1.0
    assert schedule.rate_at(100) == pytest.approx(0.1)


# ------------------------------------------------------------------------------------------------------ pack


def test_a_pack_without_a_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no model for tokenize, mwt"):
        pack.assemble({}, tmp_path, "card")


def test_figures_are_a_table() -> None:
    assert "| it_isdt | LAS | 87.12 |" in table([Figure("it_isdt", "LAS", 87.124)])
    assert Counts(right=1, said=2, there=2).f1 == 50


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_recipe_makes_a_pack_that_stanza_opens(small_bert: Path, goal: Path, names: Path, tmp_path: Path) -> None:
    import stanza

    shipped = Path(pack.__file__).parent.parent / "models" / "it"
    short: dict[str, Step] = {
        part: Step(Schedule(2, 1e-3, warmup=1, every=2), {**step.options, "hidden_dim": 8, "batch_size": 4})
        for part, step in CONTEXT.items()
    }
    sources = Sources([goal], [goal], [names], [], encoder=small_bert)
    with pytest.raises(TrainingError, match="no sentence left"):
        train(sources, Plan(), shipped, tmp_path / "work", tmp_path / "pack", "card")
    other = tmp_path / "dev.conllu"
    other.write_text(OTHERS, encoding="utf-8")
    plan = Plan(layers=1, tuning=Schedule(2, 1e-3, warmup=1, every=2), context=short)
    train(replace(sources, dev=[other]), plan, shipped, tmp_path / "work", tmp_path / "pack", "# A card\n")
    options: dict[str, Any] = {
        "dir": str(tmp_path / "pack"),
        "download_method": None,
        "use_gpu": False,
        "verbose": False,
    }
    shutil.rmtree(tmp_path / "work")  # a pack stands alone
    plain = stanza.Pipeline("it", package="kg", **options)
    assert plain("Dybala segna.").num_words == 3
    cache = foundation(pack.encoder_folder(tmp_path / "pack"))
    rich = stanza.Pipeline("it", package="kg-context", foundation_cache=cache, **options)
    assert rich("Dybala segna nella Roma.").num_words == 6
    parts = pack.describe(tmp_path / "pack")
    assert all(part.intact for part in parts)
    assert "depparse (kg-context)" in {part.name for part in parts}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_names_alone_are_learned_on_the_encoder_of_a_pack_and_from_annotated_articles(
    goal: Path, names: Path, tmp_path: Path
) -> None:
    shipped = Path(pack.__file__).parent.parent / "models" / "it"
    article = tmp_path / "article.json"
    entity = {"name": "Domenica Domani", "class": "Person", "aliases": ["Domani"]}
    text = "Segna Domani. Segna Dybala nella Roma."  # the second is held out, though not in these words
    record = {"id": "a", "title": "", "text": text, "date": "2024-01-01", "kind": "local"}
    article.write_text(json.dumps(record | {"entities": [entity], "claims": []}), encoding="utf-8")
    other = tmp_path / "dev.conllu"
    other.write_text(OTHERS, encoding="utf-8")
    step = CONTEXT["ner"]
    plan = Plan(
        context={},
        names=Step(Schedule(2, 1e-3, warmup=1, every=2), {**step.options, "hidden_dim": 8, "batch_size": 4}),
        named_share=1,
    )
    held = tmp_path / "held.tsv"
    tokens = ("Segna O", "Dybala B-PER", "nella O", "Roma B-ORG", ". O")
    held.write_text("\n".join(token.replace(" ", "\t") for token in tokens) + "\n", encoding="utf-8")
    sources = Sources([goal], [other], [names], [], held_out_names=[held], annotated=[article])
    train(sources, plan, shipped, tmp_path / "work", tmp_path / "pack", "# A card\n")
    learned = json.loads((tmp_path / "work" / "data" / "train.json").read_text(encoding="utf-8"))
    sentences = [[(token["text"], token["ner"]) for token in sentence] for sentence in learned]
    assert [("Segna", "O"), ("Domani", "B-PER"), (".", "O")] in sentences
    assert not any(sentence[0] == ("Segna", "O") and ("Roma", "B-ORG") in sentence for sentence in sentences)
    said = {
        folder: {part.name: part.settings.get("hidden_dim") for part in pack.describe(folder)}
        for folder in (shipped, tmp_path / "pack")
    }
    assert said[tmp_path / "pack"] == said[shipped] | {"ner (kg-context)": 8}, "all else is the old pack's"
