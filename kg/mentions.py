"""Mentions: names, epithets, pronouns and unspoken subjects, with character offsets.

Names come from `naming`, epithets from `epithets`, pronouns and zero subjects from `anaphora`; this
module puts them in one order. Whom they stand for is decided later, in `coreference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kg import anaphora, epithets
from kg.gazetteer import NAMING, FormKind, Gazetteer
from kg.model import SIDES, Document, EntityClass, Mention, MentionKind, Sentence
from kg.naming import Name, Namer, Token

TOWN = "town"
"""The reason of a mention of a side by the name of its town alone («firma a Bari»)."""
SIDE = "country's side"
"""The reason of a mention of a country's side where the country is likelier meant («arriva dalla Spagna»)."""
LAND = "side's country"
"""The reason of a mention of a country where its side is likelier meant («contro la Spagna»)."""
COLOUR = "country's colour"
"""The reason of a mention of a country's side by the colour that it shares with clubs («gli azzurri»)."""
_AGAINST = frozenset(("a", "con", "contro", "di", "fra", "tra"))
"""Prepositions that stand before sides rather than lands, unlike those of «dalla Spagna», «negli Emirati»."""
_DASHES = frozenset("-–—")
_ARTICLES = frozenset(("il", "lo", "la", "l'", "l’", "i", "gli", "le"))


def find_mentions(document: Document, gazetteer: Gazetteer) -> tuple[Mention, ...]:
    """All mentions of an article, in text order; nested ones («l'ex [Milan]») follow the one around them."""
    namer = Namer(document, gazetteer)
    found: list[Mention] = []
    for sentence in document.sentences:
        row = namer.rows[sentence.index]
        names = [_of_name(name, row, sentence) for name in namer.names(sentence)]
        names = [_as_land(sentence, gazetteer, name, names) for name in names]
        here = list(names)
        here += _sides_of_places(sentence, gazetteer, names)
        here += _sides_of_colours(gazetteer, names)
        here += epithets.of_countries(sentence, gazetteer, names)
        here += epithets.of_people(sentence, gazetteer, names)
        here += epithets.of_sides(sentence, names)
        here += epithets.of_unnamed_sides(sentence, gazetteer, names)
        here += _sides_at_home(gazetteer, here)
        here += epithets.of_titles(sentence, gazetteer, names)
        here += epithets.of_federation(sentence, names)
        here += epithets.of_national_coaches(sentence, tuple(here))
        here += anaphora.pronouns(sentence)
        here += anaphora.zero_subjects(sentence)
        found += here
    return tuple(sorted(found, key=_order))


def _order(mention: Mention) -> tuple[int, int, str, str]:
    return (mention.start, -mention.end, mention.kind, mention.entity_class)


def _of_name(name: Name, row: tuple[Token, ...], sentence: Sentence) -> Mention:
    first, last = row[name.first].first, row[name.last - 1].last
    epithet = name.kind in (FormKind.COLOUR, FormKind.DEMONYM, FormKind.NICKNAME)
    return Mention(
        sentence=sentence.index,
        first=first,
        last=last,
        head=head_of(sentence, first, last),
        start=name.start,
        end=name.end,
        text=name.text,
        entity_class=name.entity_class,
        kind=MentionKind.NOMINAL if epithet else MentionKind.NAME,
        candidates=name.candidates,
        reason=name.reason,
    )


def _as_land(sentence: Sentence, gazetteer: Gazetteer, name: Mention, names: Sequence[Mention]) -> Mention:
    """A country's name, marked if its side is likelier meant: «la Cina ha vinto», «contro la Siria», «Cina-Siria»."""
    if name.entity_class is not EntityClass.COUNTRY or name.kind is not MentionKind.NAME:
        return name
    has_article = _has_article(sentence, name)
    at = name.first - 1 - has_article
    before = sentence.words[at] if at >= 0 else None
    is_against = before is None or before.upos != "ADP" or before.lemma.lower() in _AGAINST
    is_side = (has_article and is_against) or any(_is_fixture(sentence, name, other) for other in names)
    return replace(name, reason=LAND) if is_side and _sides_by_place(gazetteer, name) else name


def _is_fixture(sentence: Sentence, name: Mention, other: Mention) -> bool:
    """Whether nothing but a dash joins a name and that of another country: «Cina-Siria», «la Cina - la Siria»."""
    if other.entity_class is not EntityClass.COUNTRY or other.start == name.start:
        return False
    first, second = sorted((name, other), key=lambda mention: mention.start)
    text = "".join(word.text for word in sentence.words[first.last : second.first - _has_article(sentence, second)])
    return text in _DASHES or (first.first == second.first and first.end + 1 == second.start)


def _sides_by_place(gazetteer: Gazetteer, name: Mention) -> tuple[str, ...]:
    """Ids of the sides that are called by the name of a city or country."""
    wanted = EntityClass.CLUB if name.entity_class is EntityClass.CITY else EntityClass.NATIONAL_TEAM
    kinds = (*NAMING, FormKind.TOWN)
    entries = [gazetteer.entry(form.entity) for form in gazetteer.forms(name.text) if form.kind in kinds]
    return tuple(e.id for e in entries if e.entity_class is wanted and (e.senior_men or wanted is EntityClass.CLUB))


def _sides_of_places(sentence: Sentence, gazetteer: Gazetteer, names: Sequence[Mention]) -> Iterator[Mention]:
    """The side beside the place: «firma a Bari» may mean the club, «con la Grecia» the national side.

    Both are kept as mentions; what a claim's argument may be decides between them.
    """
    for name in names:
        if name.entity_class is EntityClass.CITY:
            wanted, reason = EntityClass.CLUB, TOWN
        elif name.entity_class is EntityClass.COUNTRY and (name.reason == LAND or _has_article(sentence, name)):
            wanted, reason = EntityClass.NATIONAL_TEAM, "name" if name.reason == LAND else SIDE
        else:
            continue
        sides = _sides_by_place(gazetteer, name)
        if sides:
            yield replace(name, entity_class=wanted, candidates=sides, reason=reason)


def _sides_at_home(gazetteer: Gazetteer, names: Sequence[Mention]) -> Iterator[Mention]:
    """The side beside the ground that is its alone: «da Trigoria non arrivano segnali» may speak of Roma.

    Not where the sentence speaks of sides: others play there, too («la Spagna sfida la Francia al Friuli»).
    """
    if any(name.entity_class in SIDES for name in names):
        return
    for name in names:
        if name.entity_class is EntityClass.VENUE:
            homes = [entry for key in name.candidates if (entry := gazetteer.find(key)) is not None]
            if len(homes) == 1 and len(homes[0].clubs) == 1:
                yield replace(
                    name,
                    entity_class=EntityClass.CLUB,
                    kind=MentionKind.NOMINAL,
                    candidates=homes[0].clubs,
                    reason=epithets.WHOSE,
                )


def _sides_of_colours(gazetteer: Gazetteer, names: Sequence[Mention]) -> Iterator[Mention]:
    """The country's side beside the clubs of its colour: «gli azzurri» are Italy, or Napoli."""
    for name in names:
        if name.kind is MentionKind.NOMINAL and name.entity_class is EntityClass.CLUB:
            entries = gazetteer.epithets(name.text)
            sides = tuple(entry.id for entry in entries if entry.entity_class is EntityClass.NATIONAL_TEAM)
            if sides:
                yield replace(name, entity_class=EntityClass.NATIONAL_TEAM, candidates=sides, reason=COLOUR)


def _has_article(sentence: Sentence, name: Mention) -> bool:
    before = sentence.words[name.first - 1] if name.first else None
    return before is not None and before.upos == "DET" and before.text.lower() in _ARTICLES


def head_of(sentence: Sentence, first: int, last: int) -> int:
    """The word of a stretch whose governor stands outside it; the first of several."""
    inside = range(first, last)
    return next((index for index in inside if sentence.words[index].head not in inside), first)


__all__ = ["find_mentions", "head_of"]
