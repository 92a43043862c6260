"""The gazetteer: who is who, users' own rows, errors by file and line, an index that is kept and fast."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kg import gazetteer
from kg.errors import GazetteerError
from kg.gazetteer import FormKind, Gazetteer

PEOPLE = "id\tlabel\taliases\tdetail\tqid\tbirth_year\tsource\tnationality\tclubs\tprominence\n"
CLUBS = "id\tlabel\taliases\tdetail\tqid\tsource\tcity\tlevel\n"
NICKNAMES = "epithet\tkind\tentity\tnote\n"


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    return gazetteer.load()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def tables(folder: Path, **contents: str) -> Path:
    folder.mkdir()
    for name, text in contents.items():
        (folder / f"{name}.tsv").write_text(text, encoding="utf-8")
    return folder


def person(key: str, label: str, **cells: str) -> str:
    names = ("aliases", "detail", "qid", "birth_year", "source", "nationality", "clubs", "prominence")
    return "\t".join((key, label, *(cells.get(name, "player" if name == "detail" else "") for name in names))) + "\n"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A gazetteer of a few rows, to be read together with a user's."""
    people = person("carlo-ancelotti", "Carlo Ancelotti", detail="coach", prominence="3")
    people += person("roberto-mancini", "Roberto Mancini", detail="coach", prominence="3")
    clubs = "".join(
        f"{key}\t{label}\t\titalia\t\t\t{label}\tA\n" for key, label in (("juventus", "Juventus"), ("cesena", "Cesena"))
    )
    nicknames = NICKNAMES + "bianconeri\tcolour\tjuventus\t\n"
    return tables(tmp_path / "ours", people=PEOPLE + people, clubs=CLUBS + clubs, nicknames=nicknames)


def test_a_surname_has_its_bearers_the_best_known_first(known: Gazetteer) -> None:
    found = [entry.id for entry in known.candidates("Totti")]
    assert found[0] == "francesco-totti"
    assert {"roberto-mancini", "amantino-mancini"} <= {entry.id for entry in known.candidates("Mancini")}


def test_case_and_accents_do_not_count(known: Gazetteer) -> None:
    assert known.candidates("dzeko")[0].label == known.candidates("Džeko")[0].label


def test_a_colour_has_several_sides(known: Gazetteer) -> None:
    assert {"juventus", "udinese"} <= {entry.id for entry in known.epithets("bianconeri", FormKind.COLOUR)}


def test_of_sides_of_one_level_and_colour_that_with_more_people_comes_first(known: Gazetteer) -> None:
    first = {word: known.epithets(word, FormKind.COLOUR)[0].id for word in ("giallorossi", "granata")}
    assert first == {"giallorossi": "roma", "granata": "torino"}


def test_a_users_row_replaces_ours_of_the_same_id(ours: Path, tmp_path: Path) -> None:
    extra = tables(tmp_path / "mine", people=PEOPLE + person("carlo-ancelotti", "Carletto Ancelotti", detail="coach"))
    entry = gazetteer.load(ours, extra=extra).entry("carlo-ancelotti")
    assert entry.label == "Carletto Ancelotti"
    assert entry.roles == ("coach",)


def test_a_users_bearer_of_a_name_comes_first(ours: Path, tmp_path: Path) -> None:
    extra = tables(tmp_path / "mine", people=PEOPLE + person("ugo-mancini", "Ugo Mancini", prominence="1"))
    assert gazetteer.load(ours, extra=extra).candidates("Mancini")[0].id == "ugo-mancini"


def test_a_users_epithet_comes_first(ours: Path, tmp_path: Path) -> None:
    extra = tables(tmp_path / "mine", nicknames=NICKNAMES + "bianconeri\tcolour\tcesena\t\n")
    assert gazetteer.load(ours, extra=extra).epithets("bianconeri")[0].id == "cesena"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (PEOPLE + person("ugo", "Ugo Neri") + "bruno\tBruno\n", r"people\.tsv, line 3: 2 cells, the header has 10"),
        (PEOPLE + person("Ugo Neri", "Ugo Neri"), r"people\.tsv, line 2: id 'Ugo Neri' is no slug"),
        (PEOPLE + person("ugo", " "), r"people\.tsv, line 2: the label is empty"),
        (PEOPLE + person("ugo", "Ugo", birth_year="no"), r"people\.tsv, line 2: birth_year 'no' is no number"),
        (PEOPLE + person("ugo", "Ugo") * 2, r"people\.tsv, line 3: id 'ugo' is used before, in .*line 2"),
        ("id\tname\n", r"people\.tsv, line 1: the header lacks"),
    ],
)
def test_a_broken_row_names_file_and_line(content: str, message: str, ours: Path, tmp_path: Path) -> None:
    extra = tables(tmp_path / "mine", people=content)
    with pytest.raises(GazetteerError, match=message):
        gazetteer.load(ours, extra=extra)


def test_what_is_not_utf_8_names_file_and_line(ours: Path, tmp_path: Path) -> None:
    extra = tables(tmp_path / "mine", people=PEOPLE + person("ugo", "Ugo"))
    (extra / "people.tsv").write_bytes((extra / "people.tsv").read_bytes() + b"caf\xe9\n")
    with pytest.raises(GazetteerError, match=r"people\.tsv, line 3: not UTF-8"):
        gazetteer.load(ours, extra=extra)


def test_an_epithet_of_nobody_names_file_and_line(ours: Path, tmp_path: Path) -> None:
    extra = tables(tmp_path / "mine", nicknames=NICKNAMES + "i fantasmi\tnickname\tno-such-side\t\n")
    with pytest.raises(GazetteerError, match=r"nicknames\.tsv, line 2: epithet of 'no-such-side'"):
        gazetteer.load(ours, extra=extra)


def test_a_folder_without_tables_is_said(ours: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(GazetteerError, match="holds none of the gazetteer's tables"):
        gazetteer.load(ours, extra=tmp_path / "empty")


def test_a_changed_table_is_read_again(ours: Path, tmp_path: Path) -> None:
    extra = tables(tmp_path / "mine", people=PEOPLE + person("ugo-neri", "Ugo Neri"))
    assert gazetteer.load(ours, extra=extra).find("ugo-neri") is not None
    (extra / "people.tsv").write_text(PEOPLE + person("ugo-bianchi", "Ugo Bianchi"), encoding="utf-8")
    changed = gazetteer.load(ours, extra=extra)
    assert changed.find("ugo-neri") is None
    assert changed.find("ugo-bianchi") is not None


def test_an_index_that_is_kept_opens_well_under_a_second(known: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    """In time of this process, so that a busy machine does not matter; the shipped tables have some 90,000 names."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    started = time.process_time()
    opened = gazetteer.load()
    spent = time.process_time() - started
    assert opened.candidates("Ancelotti") == known.candidates("Ancelotti")
    assert spent < 0.5, f"{spent:.2f} s"
