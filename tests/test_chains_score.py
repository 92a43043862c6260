"""The measures of coreference, on the worked examples of the papers that made them; annotated chains fit their text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kg import chains_score, gold
from kg.chains_score import Measure, b_cubed, bare_place, ceaf_e, mention_measure, muc
from kg.errors import GoldError
from kg.model import (
    Article,
    Chain,
    Document,
    Entity,
    EntityClass,
    Mention,
    MentionKind,
    Reading,
)

TESTS = Path(__file__).parent


def chains(text: str) -> list[frozenset[tuple[int, int]]]:
    """«ab cd» as two chains of mentions, one a letter."""
    return [frozenset((ord(letter), ord(letter) + 1) for letter in chain) for chain in text.split()]


def rounded(measure: Measure) -> tuple[float, float, float]:
    return round(measure.recall, 2), round(measure.precision, 2), round(measure.f1, 2)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (mention_measure, (0.86, 0.75, 0.80)),
        (muc, (0.40, 0.40, 0.40)),
        (b_cubed, (0.42, 0.50, 0.45)),
        (ceaf_e, (0.65, 0.43, 0.52)),
    ],
)
def test_the_example_of_pradhan_2014(measure: Callable[..., Measure], expected: tuple[float, ...]) -> None:
    """Pradhan and others 2014, figure 1: twinless mentions on both sides (their B³ F1, 0.46, rounds up)."""
    found = rounded(measure(chains("abc defg"), chains("ab cd fghi")))
    assert found == pytest.approx(expected, abs=0.011)


@pytest.mark.parametrize(
    ("response", "muc_precision", "b_cubed_precision"),
    [("12345 6789ABC", 0.90, 0.76), ("1234589ABC 67", 0.90, 0.58)],
)
def test_the_example_of_bagga_and_baldwin_1998(response: str, muc_precision: float, b_cubed_precision: float) -> None:
    truth, said = chains("12345 67 89ABC"), chains(response)
    assert muc(truth, said).recall == b_cubed(truth, said).recall == 1
    assert round(muc(truth, said).precision, 2) == muc_precision
    assert round(b_cubed(truth, said).precision, 2) == b_cubed_precision


@pytest.mark.parametrize(
    ("response", "f1"),
    [
        ("12345 6789ABC", 0.733),
        ("1234589ABC 67", 0.667),
        ("123456789ABC", 0.294),
        ("1 2 3 4 5 6 7 8 9 A B C", 0.178),
    ],
)
def test_the_example_of_luo_2005(response: str, f1: float) -> None:
    assert round(ceaf_e(chains("12345 67 89ABC"), chains(response)).f1, 3) == f1


def test_the_example_of_vilain_1995() -> None:
    """A link too few: A-B-C-D against A-B, C-D."""
    assert muc(chains("ABCD"), chains("AB CD")).recall == pytest.approx(2 / 3)
    assert muc(chains("ABCD"), chains("AB CD")).precision == 1


def test_nothing_said_is_nothing_found() -> None:
    for measure in (mention_measure, muc, b_cubed, ceaf_e):
        assert measure(chains("ab c"), []).f1 == 0


def test_articles_add_up() -> None:
    """Sums of numerators and denominators, not means of articles."""
    first, second = muc(chains("ab"), chains("ab")), muc(chains("abcd"), chains("a b c d"))
    assert (first + second).recall == pytest.approx(1 / 4)


@pytest.mark.parametrize(
    ("text", "kind", "bare"),
    [
        ("il tecnico italiano", MentionKind.NOMINAL, "tecnico"),
        ("l’ex Milan", MentionKind.NOMINAL, "ex"),
        ("della Roma", MentionKind.NAME, "Roma"),
        ("Di Francesco", MentionKind.NAME, "Francesco"),
        ("lo", MentionKind.PRONOUN, "lo"),
        ("Jean-Claude Blanc", MentionKind.NAME, "Jean-Claude Blanc"),
    ],
)
def test_an_article_before_a_name_does_not_count(text: str, kind: MentionKind, bare: str) -> None:
    start, end = bare_place(text, (0, len(text)), kind)
    assert text[start:end] == bare


# Articles ------------------------------------------------------------------------------------------------

TEXT = "Totti resta. Il capitano ha firmato con la Roma."
GOLD = {
    "id": "totti",
    "chains": [
        {
            "name": "Francesco Totti",
            "class": "Person",
            "id": "person/francesco-totti",
            "mentions": [[0, 5, "Totti", "name"], [13, 24, "Il capitano", "nominal"]],
        },
        {"name": "Roma", "class": "Club", "id": "club/roma", "mentions": [[43, 47, "Roma", "name"]]},
    ],
}


def reading(*chains: tuple[str, EntityClass, tuple[tuple[str, MentionKind], ...]]) -> Reading:
    mentions, found = [], []
    for identifier, kind, words in chains:
        first = len(mentions)
        for text, look in words:
            start = TEXT.index(text)
            mentions.append(Mention(0, 0, 1, 0, start, start + len(text), text, kind, look))
        places = tuple(range(first, len(mentions)))
        found.append(Chain(Entity(identifier, kind, identifier), places, ("test",) * len(places)))
    return Reading(Document(Article("totti", TEXT), (), ()), tuple(mentions), tuple(found))


def gold_article() -> gold.GoldArticle:
    return gold.GoldArticle(Article("totti", TEXT), "", (), (), ())


def read_back(tmp_path: Path, content: object) -> dict[str, tuple[chains_score.GoldChain, ...]]:
    (tmp_path / "totti.json").write_text(json.dumps(content), encoding="utf-8")
    return chains_score.read_chains(tmp_path, [gold_article()])


def test_a_wrong_link_counts_against_accuracy_and_not_against_the_mention(tmp_path: Path) -> None:
    person, club = EntityClass.PERSON, EntityClass.CLUB
    said = reading(
        ("person/francesco-totti", person, (("Totti", MentionKind.NAME),)),
        ("person/daniele-de-rossi", person, (("Il capitano", MentionKind.NOMINAL),)),
        ("club/_roma", club, (("Roma", MentionKind.NAME),)),
    )
    report = chains_score.score(read_back(tmp_path, GOLD), [said])
    assert report.mentions.f1 == 1
    assert (report.right, report.linked) == (1, 2)  # an unlinked node is not wrong
    assert report.by_kind == {"name": (2, 2), "nominal": (1, 1)}
    assert "capitano" in report.confused["totti"][0]
    assert "CoNLL" in chains_score.render(report)
    assert json.loads(chains_score.as_json(report))["entityAccuracy"] == 0.5


def test_a_national_adjective_stands_for_nothing() -> None:
    said = reading(("country/italia", EntityClass.COUNTRY, (("capitano", MentionKind.NOMINAL),)))
    assert chains_score.chains_read(said) == ()


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"mentions": [[0, 5, "Tutti", "name"]]}, "Tutti"),
        ({"mentions": [[0, 5, "Totti", "shout"]]}, "shout"),
        ({"class": "Horse"}, "Horse"),
        ({"mentions": 3}, "TypeError"),
    ],
)
def test_chains_that_do_not_fit_name_their_file(tmp_path: Path, change: dict[str, object], hint: str) -> None:
    broken = {"chains": [GOLD["chains"][0] | change]}  # type: ignore[index,operator]
    with pytest.raises(GoldError, match=hint) as error:
        read_back(tmp_path, broken)
    assert "totti.json" in str(error.value)


def test_a_folder_without_chains_is_said(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no annotated chains"):
        chains_score.read_chains(tmp_path, [gold_article()])


@pytest.mark.parametrize("part", ["dev", "test"])
def test_the_annotated_chains_fit_their_articles(part: str) -> None:
    """Every mention is where it says; no place stands for two of one kind; ids are of the class."""
    articles = gold.read([TESTS / "gold" / part])
    annotated = chains_score.read_chains(TESTS / "chains" / part, articles)
    assert len(annotated) >= 24
    for found in annotated.values():
        for chain in found:
            assert chain.mentions
            assert not chain.id or chain.id.split("/")[0] == chain.entity_class.lower().replace("team", "-team")
        places = [mention.place for chain in found for mention in chain.mentions]
        assert len(set(places)) >= 0.97 * len(places)
