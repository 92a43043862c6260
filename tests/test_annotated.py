"""Annotated articles teach names: «il Napoli» is a side, «a Napoli» may be either, «Serie A» is no name of ours."""

from __future__ import annotations

from collections.abc import Callable

from kg.gold import GoldArticle, GoldEntity
from kg.model import Document
from kg.training.annotated import named, on_words
from kg.training.corpora import NamedSentence

ENTITIES = (
    GoldEntity("Napoli", "Club", ("azzurri",)),
    GoldEntity("Gianluca Di Marzio", "Person", ("Di Marzio",)),
    GoldEntity("Serie A", "Competition", ()),
)


def names(document: Document) -> list[list[tuple[str, str]]]:
    """The names taught, by sentence, with their types."""
    article = GoldArticle(document.article, "", ENTITIES, (), ())
    return [
        [(" ".join(sentence.tokens[start:end]), kind) for start, end, kind in sentence.spans()]
        for sentence in named(article, document)
    ]


def test_names_are_those_of_the_entities_with_a_capital(reader: Callable[[str], Document]) -> None:
    document = reader("Il tecnico del Napoli lo dice a Di Marzio. Gli azzurri sono primi in Serie A.")
    assert names(document) == [[("Napoli", "ORG"), ("Di Marzio", "PER")], []]


def test_where_no_entity_is_annotated_the_tagger_teaches(reader: Callable[[str], Document]) -> None:
    document = reader("Il Napoli lo chiede a Cristiano Ronaldo. La Lega Serie A decide domani.")
    assert names(document) == [[("Napoli", "ORG"), ("Cristiano Ronaldo", "PER")], [("Lega Serie A", "ORG")]]


def test_where_a_side_may_be_its_town_nothing_is_taught(reader: Callable[[str], Document]) -> None:
    document = reader("Lo aspettano a Napoli. Il Napoli lo vuole.")
    assert ("Napoli", "LOC") in [(document.article.text[n.start : n.end], n.label) for n in document.names]
    assert names(document) == [[("Napoli", "ORG")]]


def test_contractions_are_read_as_the_two_words_that_the_parser_sees(reader: Callable[[str], Document]) -> None:
    tokens = ("Dall'", "Inter", "al", "Torre", "del", "Greco")
    sentence = NamedSentence(tokens, ("O", "B-ORG", "O", "B-ORG", "I-ORG", "I-ORG"))
    split = on_words(sentence)
    assert split.tokens == ("Da", "l'", "Inter", "a", "il", "Torre", "di", "il", "Greco")
    assert split.tags == ("O", "O", "B-ORG", "O", "O", "B-ORG", "I-ORG", "I-ORG", "I-ORG")
    shouted = NamedSentence(("DEL", "PIERO", "all'", "Al", "Nassr"), ("B-PER", "I-PER", "O", "B-ORG", "I-ORG"))
    assert on_words(shouted).tokens == ("DEL", "PIERO", "a", "l'", "Al", "Nassr")
    parsed = reader("Dall'Inter al Torre del Greco.").sentences[0]
    assert [word.text for word in parsed.words][:5] == list(split.tokens[:5])
