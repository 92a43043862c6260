"""Words that may stand for somebody of an article without being mentions of theirs: hints for the learned reader.

The mentions of sides that an article names are those that the sieves of coreference are sure of. What they leave open
the network weighs: colours, nicknames and demonyms as adjectives («il ds salentino», «è rossonero»), homes («sbarca a
Cobham», «Anfield»), and «l'olandese» where an article names one. Where it names none of the sides that such a word may
stand for, the word is a mention (`coreference.unnamed_sides`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from kg.gazetteer import Gazetteer
from kg.model import SIDES, EntityClass, Mention, Reading, Sentence

_WORDS = frozenset(("NOUN", "ADJ", "PROPN", "X"))
_LONGEST = 3
_DEFINITE = frozenset(
    f"{word}{mark}"
    for opening in ("", "a", "da", "de", "su")
    for word in (
        (f"{opening}l", *(f"{opening}l{end}" for end in ("lo", "la", "l"))) if opening else ("il", "lo", "la", "l")
    )
    for mark in ("", "'", "’")
)
"""Articles, alone and joined to prepositions, as tokens of their own or not: «il», «l'», «dal», «dell'», …"""


def hints(reading: Reading, gazetteer: Gazetteer) -> Mapping[str, list[tuple[int, int, int]]]:
    """For each entity (by id) of an article the stretches that hint at it: (sentence, start, end), in characters."""
    found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    chains = {_key(chain.entity.id): chain for chain in reading.chains}
    sides = {key: chain for key, chain in chains.items() if chain.entity.entity_class in SIDES}
    taken = {
        chain.entity.id: [(reading.mentions[p].start, reading.mentions[p].end) for p in chain.mentions]
        for chain in reading.chains
    }
    people = _people(reading, gazetteer)
    for sentence in reading.document.sentences:
        for start, end, keys in _epithets(sentence, gazetteer):
            for key in keys:
                if key in sides:
                    found[sides[key].entity.id].append((sentence.index, start, end))
        for start, end, country in _origins(sentence, gazetteer):
            before = [(at, name) for at, name in people.get(country, ()) if at < start]
            if before:
                found[max(before)[1]].append((sentence.index, start, end))
    for mention, keys in _homes(reading, gazetteer):
        for key in keys:
            if key in sides:
                found[sides[key].entity.id].append((mention.sentence, mention.start, mention.end))
    return {
        name: [row for row in dict.fromkeys(rows) if not any(a < row[2] and b > row[1] for a, b in taken[name])]
        for name, rows in found.items()
    }


def _key(entity: str) -> str:
    """The gazetteer's id of an entity; of a women's side that of its club."""
    return entity.rpartition("/")[2].removeprefix("_").removesuffix("-women")


def _epithets(sentence: Sentence, gazetteer: Gazetteer) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Words and phrases that sides are called by, with the ids of those sides."""
    words = sentence.words
    for first, word in enumerate(words):
        if word.upos not in _WORDS:
            continue
        for last in range(first + 1, min(len(words), first + _LONGEST) + 1):
            if words[last - 1].upos == "PUNCT":
                break
            phrase = " ".join(each.text for each in words[first:last])
            entries = gazetteer.epithets(phrase)
            if entries:
                yield word.start, words[last - 1].end, tuple(entry.id for entry in entries)


def _homes(reading: Reading, gazetteer: Gazetteer) -> Iterator[tuple[Mention, tuple[str, ...]]]:
    """Mentions of stadiums and training grounds, with the ids of the sides at home there."""
    for chain in reading.chains:
        if chain.entity.entity_class is EntityClass.VENUE:
            entry = gazetteer.find(chain.entity.id.rpartition("/")[2])
            if entry is not None:
                yield from ((reading.mentions[position], entry.clubs) for position in chain.mentions)


def _origins(sentence: Sentence, gazetteer: Gazetteer) -> Iterator[tuple[int, int, str]]:
    """«L'olandese», «dal francese»: the word and the id of the country."""
    for word in sentence.words[1:]:
        if word.upos in _WORDS and sentence.words[word.index - 1].text.lower() in _DEFINITE:
            country = gazetteer.country_of_adjective(word.text)
            if country is not None:
                yield word.start, word.end, country.id


def _people(reading: Reading, gazetteer: Gazetteer) -> Mapping[str, list[tuple[int, str]]]:
    """Where people of each country are mentioned: (character offset, id of the person)."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for chain in reading.chains:
        if chain.entity.entity_class is EntityClass.PERSON:
            entry = gazetteer.find(chain.entity.id.rpartition("/")[2])
            if entry is not None and entry.nationality:
                found[entry.nationality] += [(reading.mentions[p].start, chain.entity.id) for p in chain.mentions]
    return found
