"""Epithets: how news calls people, sides and countries without naming them.

«Il tecnico italiano», «l'ex Milan», «il brasiliano», «il club capitolino», «la società». Of people, definite and
singular only: «un attaccante» and «i difensori» stand for nobody in particular.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg.gazetteer import Entry, FormKind, Gazetteer
from kg.lexicon import lexicon
from kg.model import SIDES, EntityClass, Mention, MentionKind, Sentence, Word

WHOSE = "whose somebody is"
"""The reason of a mention that may stand for a side that is named nowhere else («il tifoso genoano»)."""
_DEFINITE = frozenset(("il", "lo", "la", "l'", "l’", "quel", "quello", "quella", "questo", "questa"))
_EUROPEAN = ("champions-league", "europei")
_ITALY = "nazionale-italia"
_BETWEEN = frozenset(("ADJ", "PROPN"))
_NOUNS = frozenset(("NOUN", "ADJ", "PROPN", "X"))


def of_countries(sentence: Sentence, gazetteer: Gazetteer, names: Sequence[Mention]) -> Iterator[Mention]:
    """National adjectives and nouns («italiano», «l'argentino»): mentions of their countries."""
    taken = _covered(names)
    for word in sentence.words:
        if word.upos not in _NOUNS or not word.text.islower() or word.index in taken:
            continue
        country = gazetteer.country_of_adjective(word.text)
        if country is not None:
            yield _mention(
                sentence,
                word.index,
                word.index + 1,
                word.index,
                EntityClass.COUNTRY,
                "adjective",
                (country.id,),
            )


def of_people(sentence: Sentence, gazetteer: Gazetteer, names: Sequence[Mention]) -> Iterator[Mention]:
    """Definite descriptions of one person: a role («il tecnico»), an origin («il brasiliano»), «l'ex Milan»."""
    words = sentence.words
    by_first = {name.first: name for name in names if name.kind is MentionKind.NAME}
    # «il camerunense» is a country's adjective, and may be a person, too
    taken = _covered(
        name for name in names if name.kind is MentionKind.NAME or name.entity_class is not EntityClass.COUNTRY
    )
    for index, word in enumerate(words):
        first = _definite_start(words, index)
        if first is None or index in taken:
            continue
        lemma, low = word.lemma.lower(), word.text.lower()
        known = lexicon()
        role = known.role(lemma) or known.role(low)
        if low == "ex":
            side = by_first.get(index + 1)
            if side and side.entity_class in SIDES:
                yield _mention(sentence, first, side.last, index, EntityClass.PERSON, "ex-side")
            continue
        noun = role or lemma in known.persons
        origin = not noun and _stands_alone(words, index) and gazetteer.country_of_adjective(low)
        if not (noun or origin) or word.upos not in _NOUNS or not _singular(word):
            continue
        last = index + 1
        while last < len(words) and words[last].upos == "ADJ" and last not in by_first:
            last += 1
        if any(words[i].lemma.lower() in known.unspecific for i in (*range(first, index), *range(index + 1, last))):
            continue
        reason = "role" if role else "person" if noun else "origin"
        yield _mention(sentence, first, last, index, EntityClass.PERSON, reason, roles=(role,) if role else ())


def of_sides(sentence: Sentence, names: Sequence[Mention]) -> Iterator[Mention]:
    """«Il club», «la società», «la squadra»: the side in question, where nothing after the noun names it."""
    words = sentence.words
    taken = _covered(names)
    for index, word in enumerate(words):
        kind = lexicon().sides.get(word.lemma.lower(), "")
        first = _definite_start(words, index)
        if not kind or first is None or index in taken or not _singular(word):
            continue
        after = words[index + 1] if index + 1 < len(words) else None
        if after is not None and (after.index in taken or after.upos == "ADP" or after.text[:1].isupper()):
            continue
        entity_class = EntityClass.CLUB if kind == "club" else EntityClass.NATIONAL_TEAM
        yield _mention(sentence, first, index + 1, index, entity_class, "side")


def of_unnamed_sides(sentence: Sentence, gazetteer: Gazetteer, names: Sequence[Mention]) -> Iterator[Mention]:
    """Words that say whose somebody is («il tifoso genoano», «juventini»), where no cue tells that a side is meant.

    They are asked only where an article names none of the sides that they may stand for.
    """
    taken = _covered(names)
    for word in sentence.words:
        sides = () if word.upos not in _NOUNS or word.index in taken else _sides_by_word(sentence, word, gazetteer)
        if sides:
            yield _mention(sentence, word.index, word.index + 1, word.index, EntityClass.CLUB, WHOSE, sides)


def _sides_by_word(sentence: Sentence, word: Word, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The sides that a word may stand for.

    None for a plain colour («la linea verde») and a word that may as well say where somebody is from («bresciano»).
    """
    known = lexicon()
    found: tuple[Entry, ...] = ()
    if word.text.islower():
        if word.text not in known.colours:
            found = gazetteer.epithets(word.text, FormKind.COLOUR)
        if word.text[:-1] in known.of_sides or word.text.endswith(("ista", "isti", "iste")):
            found += gazetteer.epithets(word.text, FormKind.DEMONYM)
    elif word.index and sentence.words[word.index - 1].upos != "PUNCT":
        homes = gazetteer.epithets(word.text, FormKind.TOWN)  # «ad Appiano», where one side alone is at home
        found = homes if len(homes) == 1 else ()
    return tuple(dict.fromkeys(entry.id for entry in found if entry.entity_class in SIDES))


def of_titles(sentence: Sentence, gazetteer: Gazetteer, names: Sequence[Mention]) -> Iterator[Mention]:
    """«Campione d'Italia», «campioni d'Europa»: the competition that was won, the first league of that country.

    Of Europe are champions a club or a country; both competitions are candidates.
    """
    words = sentence.words
    countries = {name.head: name for name in names if name.entity_class is EntityClass.COUNTRY and name.candidates}
    for index, word in enumerate(words[:-2]):
        if word.lemma.lower() not in lexicon().champions or words[index + 1].lemma.lower() not in ("di", "d'"):
            continue
        last = next((i for i in (index + 2, index + 3) if i < len(words) and words[i].text[:1].isupper()), None)
        if last is None:
            continue
        candidates: tuple[str, ...]
        if words[last].text == "Europa":
            candidates = _EUROPEAN
        elif last in countries:
            league = gazetteer.league(countries[last].candidates[0])
            candidates = (league.id,) if league else ()
        else:
            continue
        if candidates:
            yield _mention(sentence, index, last + 1, index, EntityClass.COMPETITION, "title", candidates)


def of_federation(sentence: Sentence, names: Sequence[Mention]) -> Iterator[Mention]:
    """«Il presidente federale», «il consiglio federale»: the Italian federation."""
    if any(name.entity_class is EntityClass.FEDERATION for name in names):
        return
    for word in sentence.words:
        if word.lemma.lower() == "federale" and word.text.islower():
            yield _mention(
                sentence, word.index, word.index + 1, word.index, EntityClass.FEDERATION, "federal", ("figc",)
            )


def of_national_coaches(sentence: Sentence, names: Sequence[Mention]) -> Iterator[Mention]:
    """«Il ct», «il commissario tecnico» of no country that is said: that of Italy, in Italian news."""
    words = sentence.words
    for index, word in enumerate(words):
        last = index + 1
        if word.lemma.lower() in lexicon().commissioners:
            last += 1
            if last > len(words) or words[index + 1].lemma.lower() != "tecnico":
                continue
        elif word.text.lower() not in lexicon().national_coaches:
            continue
        near = range(index - 2, last + 3)
        if any(
            name.entity_class in (EntityClass.COUNTRY, EntityClass.NATIONAL_TEAM) and name.head in near
            for name in names
        ):
            continue
        yield _mention(sentence, index, last, index, EntityClass.NATIONAL_TEAM, "ct", (_ITALY,))


def _covered(mentions: Iterable[Mention]) -> frozenset[int]:
    return frozenset(index for mention in mentions for index in range(mention.first, mention.last))


def _definite_start(words: Sequence[Word], index: int) -> int | None:
    """Where a definite noun phrase with this noun begins: its article, or the word after a contraction."""
    first = index
    while first > 0 and index - first < 3:
        before = words[first - 1]
        if before.text.lower() in _DEFINITE and before.upos in ("DET", "PRON"):
            # the article inside «del» has no offsets of its own
            shares = first > 1 and words[first - 2].end == before.end
            return first if shares else first - 1
        if not (before.upos in _BETWEEN and before.text.islower()) and before.text.lower() not in (
            "ex",
            "già",
        ):
            return None
        first -= 1
    return None


def _singular(word: Word) -> bool:
    return word.feat("Number") != "Plur"


def _stands_alone(words: Sequence[Word], index: int) -> bool:
    """Whether an adjective is used as a noun: an article right before it and no noun right after."""
    if index == 0 or words[index - 1].upos != "DET":
        return False
    after = words[index + 1] if index + 1 < len(words) else None
    return after is None or after.upos not in ("NOUN", "PROPN", "ADJ")


def _mention(
    sentence: Sentence,
    first: int,
    last: int,
    head: int,
    entity_class: EntityClass,
    reason: str,
    candidates: tuple[str, ...] = (),
    roles: tuple[str, ...] = (),
) -> Mention:
    words = sentence.words
    start, end = words[first].start, words[last - 1].end
    text = " ".join(dict.fromkeys(word.text for word in words[first:last]))
    return Mention(
        sentence=sentence.index,
        first=first,
        last=last,
        head=head,
        start=start,
        end=end,
        text=text,
        entity_class=entity_class,
        kind=MentionKind.NOMINAL,
        candidates=candidates,
        roles=roles,
        reason=reason,
    )
