"""The same agency text in several papers is one source; two papers that write for themselves are two."""

from __future__ import annotations

from itertools import permutations

import pytest
from desk import Story, extractions
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF

from kg import copies, vocab
from kg.model import Article
from kg.statements import graph_of
from kg.vocab import FB

WIRE = (
    "La Roma ha scelto il nuovo allenatore. Dopo settimane di colloqui la società giallorossa ha trovato l'accordo "
    "con il tecnico, che firmerà un contratto di due anni con opzione per il terzo. L'annuncio è atteso nelle "
    "prossime ore, prima della partenza per il ritiro estivo. Restano da limare i dettagli sullo staff, che conterà "
    "sei collaboratori, e la clausola legata alla qualificazione in Europa, su cui le parti sono ormai vicine."
)
OWN = (
    "Trigoria aspetta. Da giorni davanti ai cancelli del centro sportivo i tifosi chiedono notizie di chi guiderà "
    "la squadra nella stagione che verrà, e per ora nessuno risponde. In società filtra ottimismo, ma il nome resta "
    "coperto: si parla di un profilo internazionale, abituato a grandi piazze, che avrebbe già detto di sì a voce."
)


def article(name: str, text: str, date: str = "2025-06-01", title: str = "") -> Article:
    return Article(name, f"{title}\n\n{text}" if title else text, title, date=date)


def test_another_headline_makes_no_other_story() -> None:
    found = [
        article("ansa", WIRE, title="Roma, c'è l'accordo"),
        article("sport", WIRE, "2025-06-02", "Svolta in panchina"),
    ]
    assert copies.stories(found) == {"ansa": "ansa", "sport": "ansa"}


def test_a_sentence_more_or_less_is_a_copy_and_an_article_of_its_own_is_none() -> None:
    shorter = WIRE[: WIRE.index("Restano")]
    longer = f"{WIRE} Domani la presentazione alla stampa, alle undici, nella sala del centro sportivo."
    found = [article("ansa", WIRE), article("breve", shorter), article("lungo", longer), article("mio", OWN)]
    assert copies.stories(found) == {"ansa": "ansa", "breve": "ansa", "lungo": "ansa", "mio": "mio"}


def test_a_long_article_that_quotes_the_agency_is_no_copy() -> None:
    story = " ".join(
        OWN.replace("Trigoria", f"Il quartiere {n}").replace("società", f"casa {n} tutto") for n in range(3)
    )
    other = " ".join(f"parola{n} mai{n} sentita{n} altrove{n}" for n in range(120))
    assert (
        len(set(copies.stories([article("ansa", WIRE), article("inchiesta", f"{story} {WIRE} {other}")]).values())) == 2
    )


def test_two_short_notes_are_alike_by_chance_unless_they_are_the_same() -> None:
    found = [
        article("a", "La Roma ha esonerato il suo allenatore."),
        article("b", "La Lazio ha esonerato il suo allenatore."),
        article("c", "LA ROMA HA ESONERATO IL SUO ALLENATORE"),
    ]
    assert copies.stories(found) == {"a": "a", "b": "b", "c": "a"}


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["2025-06-02", "2025-06-01"], ("b",)),
        (["2025-06-01", "2025-06-01"], ("a", "b")),  # the day does not tell
        (["2025-06-01T09:00:00", "2025-06-01T08:59:00"], ("b",)),
        (["2025-06-01", "2025-06-01T08:00:00"], ("a", "b")),
        (["2025-06-01T00:30:00+02:00", "2025-05-31T22:29:00+00:00"], ("b",)),
        (["", "2025-06-01"], ("b",)),
        (["", ""], ("a", "b")),
        (["ieri", "2025-06-01"], ("b",)),
    ],
)
def test_who_had_it_first(dates: list[str], first: tuple[str, ...]) -> None:
    found = [article(name, WIRE, date) for name, date in zip("ab", dates, strict=True)]
    for order in permutations(found):
        assert copies.first(order) == first


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_articles_does_not_matter(order: list[int]) -> None:
    words = WIRE.split()
    texts = [WIRE, " ".join(words[8:]), " ".join(words[:-9]), OWN, OWN.upper(), f"{OWN} {WIRE[:40]}"]
    found = [article(f"a{number}", texts[number], f"2025-06-{9 - number:02}") for number in range(6)]
    stories = copies.stories([found[number] for number in order])
    assert stories == {"a0": "a2", "a1": "a2", "a2": "a2", "a3": "a5", "a4": "a5", "a5": "a5"}


def test_a_statement_says_how_many_say_so_and_who_was_first() -> None:
    def story(name: str, date: str, text: str) -> Story:
        sentence = "Ancelotti allena la Roma."
        return Story(name, date).says(f"{sentence} {text}", "Carlo Ancelotti", "coaches", "Roma")

    wires = [story("ansa", "2025-06-01T10:00:00", WIRE), story("sport", "2025-06-02", WIRE), story("tv", "", WIRE)]
    result = graph_of(extractions([*wires, story("mio", "2025-06-03", OWN)]))
    (statement,) = result.subjects(RDF.predicate, FB.coaches)
    assert int(str(result.value(statement, FB.independentSources))) == 2
    assert list(result.objects(statement, FB.firstReportedBy)) == [vocab.article("ansa")]
    assert set(result.subjects(FB.copyOf, vocab.article("ansa"))) == {vocab.article("sport"), vocab.article("tv")}
    alone = graph_of(extractions(wires))
    assert int(str(alone.value(statement, FB.independentSources))) == 1
