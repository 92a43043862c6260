"""Mentions → chains: an ordered list of small sieves, the surest first.

Each sieve looks at the mentions that none before it has placed, and puts some of them into chains; its
name stays with the mention as the reason. Names are placed and linked first; epithets, pronouns and zero
subjects then look for a person or side already known. What no sieve places stands for nobody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kg import linking, womens
from kg.cues import Cues, cues
from kg.epithets import WHOSE
from kg.gazetteer import Gazetteer
from kg.lexicon import lexicon
from kg.mentions import COLOUR, find_mentions
from kg.model import SIDES, Chain, Document, Entity, EntityClass, Mention, MentionKind, Reading, Sentence, Word
from kg.names import folded, initials_fit, misspelt, same_full_name, surname, tails

_PERSON = EntityClass.PERSON
_UNNAMED = frozenset((EntityClass.COUNTRY, EntityClass.COMPETITION, EntityClass.FEDERATION))
"""Classes of things that news speaks of without naming them, besides people and sides."""
_KNOWN = 3
"""The prominence of those whose surname a reader takes for theirs though it is misspelt."""
_SHORT = 4
"""Letters from which on the opening of a first name may stand for it."""
_OPENING = 3
"""The same where the gazetteer knows who is meant, and nobody of that surname: «Leo», «Seba»."""
_REACH = 3
"""How many sentences back an epithet looks for its person."""


@dataclass(slots=True)
class _Draft:
    """A chain in the making; `positions` maps mentions to the sieves that placed them."""

    entity_class: EntityClass
    positions: dict[int, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    candidates: tuple[str, ...] = ()
    roles: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    entity: Entity | None = None


class Case:
    """One article being resolved: its mentions, the chains so far, and who is in which."""

    def __init__(self, document: Document, gazetteer: Gazetteer, mentions: tuple[Mention, ...]) -> None:
        self.document = document
        self.gazetteer = gazetteer
        self.mentions = mentions
        self.drafts: list[_Draft] = []
        self.placed: dict[int, _Draft] = {}
        self.by_sentence: dict[int, list[int]] = {}
        for position, mention in enumerate(mentions):
            self.by_sentence.setdefault(mention.sentence, []).append(position)

    def open(self) -> Iterator[tuple[int, Mention]]:
        """Mentions that no sieve has placed, in text order."""
        return ((p, m) for p, m in enumerate(self.mentions) if p not in self.placed)

    def place(self, position: int, draft: _Draft, reason: str) -> None:
        """Puts a mention into a chain."""
        mention = self.mentions[position]
        draft.positions[position] = reason
        draft.roles.update(mention.roles)
        if mention.kind is MentionKind.NAME:
            draft.names.append(mention.text)
        self.placed[position] = draft

    def start(self, position: int, reason: str) -> _Draft:
        """A new chain with this mention in it."""
        mention = self.mentions[position]
        draft = _Draft(mention.entity_class, candidates=mention.candidates)
        self.drafts.append(draft)
        self.place(position, draft, reason)
        return draft

    def sentence(self, mention: Mention) -> Sentence:
        """The sentence that a mention stands in."""
        return self.document.sentences[mention.sentence]

    def people(self) -> list[_Draft]:
        """The chains of people."""
        return [draft for draft in self.drafts if draft.entity_class is _PERSON]

    def at_head(self, sentence: int, head: int) -> _Draft | None:
        """The chain of a mention whose head is this word."""
        for position in self.by_sentence.get(sentence, ()):
            mention = self.mentions[position]
            if position in self.placed and mention.kind is not MentionKind.ZERO and mention.head == head:
                return self.placed[position]
        return None


Sieve = Callable[[Case], None]


# Names ---------------------------------------------------------------------------------------------------


def full_names(case: Case) -> None:
    """People named in full, and those known by one name: «Carlo Ancelotti», «Zico»; misspellings join."""
    for position, mention in case.open():
        if not _is_person_name(mention) or " " not in folded(mention.text):
            continue
        key = folded(mention.text)
        if len(surname(mention.text).split()) == len(mention.text.split()):
            continue  # «De Zerbi» is a surname of two words
        draft = next((d for d in case.people() if _same_person(key, mention, d)), None)
        if draft is None:
            case.start(position, "full name")
        else:
            case.place(position, draft, "same name")
            draft.candidates = draft.candidates or mention.candidates  # «L. Martinez … Lautaro Martinez»


def _same_person(key: str, mention: Mention, draft: _Draft) -> bool:
    for name in draft.names:
        other = folded(name)
        if key == other or initials_fit(mention.text, name) or initials_fit(name, mention.text):
            return True
        if same_full_name(key, other) and not (mention.candidates and draft.candidates):
            return True
    one = set(mention.candidates[:1]) & set(draft.candidates[:1])
    return bool(one)


def misspelt_names(case: Case) -> None:
    """A full name that the gazetteer does not know but for a letter is that of the one who bears it there.

    A surname that is off («Massimiliano Alegri») must be that of somebody known, and «Rosso» is another
    surname than «Rossi».
    """
    for draft in case.people():
        name = draft.names[0]
        if draft.candidates or " " not in name:
            continue
        known = [
            entry
            for entry in case.gazetteer.like(name)
            if entry.prominence >= _KNOWN and folded(entry.label)[:-1] != folded(name)[:-1]
        ]
        near = [
            entry
            for entry in (*case.gazetteer.candidates(surname(name)), *known)
            if any(same_full_name(folded(name), folded(form)) for form in (entry.label, *entry.aliases))
        ]
        draft.candidates = tuple(entry.id for entry in near[:3])


def short_names(case: Case) -> None:
    """Surnames and other short forms: the one named in full who bears it, the last before it among several."""
    alone: dict[str, _Draft] = {}
    for position, mention in case.open():
        if not _is_person_name(mention):
            continue
        key = folded(mention.text)
        full = [draft for draft in case.people() if " " in draft.names[0]]
        bearers = [draft for draft in full if _bears(draft, key, mention)]
        if bearers:
            case.place(position, _last_before(bearers, position), "surname")
        elif first := [draft for draft in full if _is_first_name(case, draft, key, mention)]:
            case.place(position, _last_before(first, position), "first name")
        elif key in alone:
            case.place(position, alone[key], "same name")
        else:
            twin = next((d for k, d in alone.items() if misspelt(k, key) and not mention.candidates), None)
            if twin is None:
                alone[key] = case.start(position, "short name")
            else:
                case.place(position, twin, "misspelt")


def _bears(draft: _Draft, key: str, mention: Mention) -> bool:
    for name in draft.names:
        full = folded(name)
        shorter = {folded(tail) for tail in tails(name)}
        if key == full or key in shorter or initials_fit(mention.text, name):
            return True
        if not mention.candidates and any(misspelt(key, tail) for tail in shorter):
            return True
    return bool(draft.candidates and draft.candidates[0] in mention.candidates[:1])


def _is_first_name(case: Case, draft: _Draft, key: str, mention: Mention) -> bool:
    """«Roberto» of Roberto D'Aversa, «Seba» of Sebastien Frey; but Leonardo is known by that name alone."""
    first = folded(draft.names[0]).split()[0]
    if key != first and not (len(key) >= _SHORT and first.startswith(key)):
        return False
    best = case.gazetteer.find(mention.candidates[0]) if mention.candidates else None
    return best is None or best.prominence < 2 or folded(best.label) != key


def _last_before(drafts: list[_Draft], position: int) -> _Draft:
    def nearness(draft: _Draft) -> tuple[bool, int]:
        before = [p for p in draft.positions if p < position]
        return (bool(before), max(before) if before else -min(draft.positions))

    return max(drafts, key=nearness)


def other_names(case: Case) -> None:
    """Sides, competitions, places, outlets by name: the same words, or a candidate that the article names."""
    for position, mention in case.open():
        if mention.kind is not MentionKind.NAME or mention.entity_class is _PERSON or not _is_settled(mention):
            continue
        _join_or_start(case, position, mention, mention.candidates[:1])
    for position, mention in case.open():
        if mention.kind is MentionKind.NAME and mention.entity_class is not _PERSON:
            _join_or_start(case, position, mention, mention.candidates)


def _is_settled(mention: Mention) -> bool:
    """Whether a name has but one bearer, or none in the gazetteer."""
    return len(mention.candidates) < 2


def _join_or_start(case: Case, position: int, mention: Mention, candidates: tuple[str, ...]) -> None:
    same = [d for d in case.drafts if d.entity_class is mention.entity_class]
    key = folded(mention.text)
    for draft in same:
        if any(folded(name) == key for name in draft.names):
            case.place(position, draft, "same name")
            return
    for candidate in candidates:
        for draft in same:
            if draft.candidates[:1] == (candidate,):
                case.place(position, draft, "same entity")
                return
    case.start(position, "name").candidates = candidates


def countries(case: Case) -> None:
    """National adjectives and nouns, titles, «federale»: the country, competition, federation, named or not."""
    for position, mention in case.open():
        if mention.entity_class in _UNNAMED and mention.kind is MentionKind.NOMINAL:
            _join_or_start(case, position, mention, _of_sides_kind(case, mention))


def _of_sides_kind(case: Case, mention: Mention) -> tuple[str, ...]:
    """The candidates of a mention; champions of Europe are countries where the sentence names one and no club."""
    around = map(case.mentions.__getitem__, case.by_sentence[mention.sentence])
    near = {other.entity_class for other in around if other.reason != WHOSE}
    nations = EntityClass.NATIONAL_TEAM in near and EntityClass.CLUB not in near
    return mention.candidates[::-1] if nations else mention.candidates


def national_coaches(case: Case) -> None:
    """«Il ct»: that of Italy, unless the article speaks of another national side and not of hers."""
    for position, mention in case.open():
        if mention.reason != "ct":
            continue
        named = [d for d in case.drafts if d.entity_class is EntityClass.NATIONAL_TEAM]
        own = next((d for d in named if _entity_key(d) in mention.candidates), None)
        main = [d for d in named if len(d.positions) > 1 and min(d.positions) < position]
        if own is not None or main:
            case.place(position, own or _last_before(main, position), "national coach")
        else:
            case.start(position, "national coach")


def side_epithets(case: Case) -> None:
    """Nicknames, colours and demonyms of sides: the candidate that the article names, else the best known.

    Among several, that to which the people named around it belong («i rossoblù di Gasperini»), then the last
    before it; among sides that are not named, an Italian one first.
    """
    for position, mention in case.open():
        if mention.kind is not MentionKind.NOMINAL or not mention.candidates:
            continue
        if mention.entity_class not in SIDES:
            continue
        if mention.reason in ("ct", WHOSE):
            continue
        nation = _nation_of_colour(case, mention)
        if mention.reason == COLOUR:
            if nation:
                _join_or_start(case, position, mention, mention.candidates)
            continue
        if nation:
            continue
        around = _clubs_around(case, mention)
        named = [d for d in case.drafts if d.entity_class in SIDES and _entity_key(d) in mention.candidates]
        if named:
            most = max(around.count(_entity_key(draft)) for draft in named)
            near = [draft for draft in named if around.count(_entity_key(draft)) == most]
            case.place(position, _last_before(near, position), "epithet of a side named")
            continue
        ranked = sorted(
            mention.candidates,
            key=lambda key: (-around.count(key), not _is_italian(case, key), mention.candidates.index(key)),
        )
        draft = case.start(position, "epithet")
        draft.candidates = tuple(ranked)


def unnamed_sides(case: Case) -> None:
    """«Il tifoso genoano», «juventino»: the side, where the article names none that the word may stand for.

    Among several, that of the people around, or the only Italian one; else none. Comes last: it adds what claims may
    speak of, and changes nothing of what the others have found.
    """
    named = [_entity_key(draft).removeprefix("_") for draft in case.drafts if draft.entity_class in SIDES]
    ours: list[_Draft] = []
    for position, mention in case.open():
        if mention.reason != WHOSE:
            continue
        # «juventus-women» and «roma-primavera» are Juventus and Roma here
        if any(key == one or key.startswith(f"{one}-") for key in named for one in mention.candidates):
            continue
        known = next((draft for draft in ours if draft.candidates[0] in mention.candidates), None)
        if known is not None:
            case.place(position, known, "same side")
            continue
        side = _likeliest(case, mention)
        if side:
            draft = case.start(position, "side not named")
            draft.candidates = (side,)
            ours.append(draft)
    if ours:
        link_sides(case)


def _likeliest(case: Case, mention: Mention) -> str:
    """The one club whose people stand around an epithet, or the only Italian one; empty where it is open."""
    entries = map(case.gazetteer.find, mention.candidates)
    clubs = [entry.id for entry in entries if entry is not None and entry.entity_class is EntityClass.CLUB]
    if len(clubs) == 1:
        return clubs[0]
    around = Counter(club for club in _clubs_around(case, mention) if club in clubs).most_common(2)
    if around:
        return around[0][0] if len(around) == 1 or around[0][1] > around[1][1] else ""
    italian = [key for key in clubs if _is_italian(case, key)]
    return italian[0] if len(italian) == 1 else ""


def _nation_of_colour(case: Case, mention: Mention) -> bool:
    """Whether a colour is that of a country's side: «il ct azzurro», or no club of that colour is named."""
    same = [m for m in map(case.mentions.__getitem__, case.by_sentence[mention.sentence]) if m.start == mention.start]
    if not any(m.reason == COLOUR for m in same):
        return False
    words = case.sentence(mention).words
    if {form for w in words for form in (w.lemma.lower(), w.text.lower())} & lexicon().national_context:
        return True
    clubs = {key for m in same if m.reason != COLOUR for key in m.candidates}
    return not any(d.entity_class is EntityClass.CLUB and _entity_key(d) in clubs for d in case.drafts)


def _clubs_around(case: Case, mention: Mention) -> list[str]:
    """The sides, once for each person, that the people named in a sentence have served."""
    people = {
        id(draft): draft
        for position in case.by_sentence[mention.sentence]
        if (draft := case.placed.get(position)) is not None and draft.entity_class is _PERSON
    }
    entries = [case.gazetteer.find(draft.candidates[0]) for draft in people.values() if draft.candidates]
    return [club for entry in entries if entry is not None for club in entry.clubs]


def _is_italian(case: Case, key: str) -> bool:
    entry = case.gazetteer.find(key)
    return entry is not None and entry.country == "italia"


def _entity_key(draft: _Draft) -> str:
    if draft.entity is not None:
        return draft.entity.id.rpartition("/")[2]
    return draft.candidates[0] if draft.candidates else ""


# Linking -------------------------------------------------------------------------------------------------


def link_names(case: Case) -> None:
    """Gives every chain of names its entity; chains of one entity become one."""
    link_sides(case)
    for draft, asked in people_to_link(case):
        draft.entity = linking.link(asked, draft.candidates, case.gazetteer)
    _merge_twins(case)


def link_sides(case: Case) -> None:
    """Gives their entities to all chains but those of people."""
    for draft in case.drafts:
        if draft.entity_class is not _PERSON and draft.entity is None:
            draft.entity = linking.link(_linking_case(draft), draft.candidates, case.gazetteer)
    if womens.is_about_women(case.document):
        for draft in case.drafts:
            if draft.entity is not None:
                draft.entity = womens.of_women(draft.entity, case.gazetteer)


def people_to_link(case: Case) -> Iterator[tuple[_Draft, linking.Case]]:
    """The chains of people that have no entity yet, each with what the article says of it."""
    _learn_from_apposition(case)
    scene = _scene(case)
    for draft in case.people():
        if draft.entity is None:
            yield draft, _told(case, draft, _linking_case(draft, scene))


def _scene(case: Case) -> linking.Scene:
    """What the article says of everybody in it: sides, countries, the people who can be but one, and the year."""
    sides: Counter[str] = Counter()
    lands: set[str] = set()
    for draft in case.drafts:
        if draft.entity_class in SIDES:
            sides[_entity_key(draft)] += len(draft.positions)
        elif draft.entity_class is EntityClass.COUNTRY:
            lands.add(_entity_key(draft))
    mates = Counter(
        club
        for draft in case.people()
        if len(draft.candidates) == 1 and " " in draft.names[0]
        for entry in [case.gazetteer.find(draft.candidates[0])]
        if entry is not None
        for club in entry.clubs
    )
    words = frozenset(folded(w.text) for s in case.document.sentences for w in s.words if w.text[:1].isupper())
    return linking.Scene(sides, frozenset(lands), mates, _year(case), words)


def _told(case: Case, draft: _Draft, asked: linking.Case) -> linking.Case:
    found = Cues()
    for position in draft.positions:
        mention = case.mentions[position]
        around = [(p, case.mentions[p]) for p in case.by_sentence[mention.sentence]]
        sides = [(m, _entity_key(case.placed[p])) for p, m in around if m.entity_class in SIDES and p in case.placed]
        people = [m for p, m in around if _is_person_name(m) and p in case.placed]
        found |= cues(case.sentence(mention), mention, sides, people)
    return replace(
        asked,
        told=found.roles,
        hints=found.hints,
        own=found.sides,
        near=found.near,
        first_name=case.gazetteer.given_name(asked.names[0]) >= _MANY,
    )


_MANY = 3
"""So many people of the gazetteer must have a first name for it to mean nobody in particular."""
_YEARS = re.compile(r"\b(?:19[5-9]|20[0-4])\d\b")
_PRIME = 27
"""The age of a player in his best years: from the ages of those met to the year of an undated article."""


def _year(case: Case) -> int:
    """When the article speaks: its date, else the last year it names, else when its players were young."""
    date = case.document.article.date
    if date[:4].isdigit():
        return int(date[:4])
    named = [int(year) for year in _YEARS.findall(case.document.article.text)]
    if named:
        return max(named)
    sure = [case.gazetteer.find(d.candidates[0]) for d in case.people() if len(d.candidates) == 1]
    births = sorted(e.birth_year for e in sure if e is not None and e.birth_year and e.roles[:1] == ("player",))
    return births[len(births) // 2] + _PRIME if births else 0


def _linking_case(draft: _Draft, scene: linking.Scene | None = None) -> linking.Case:
    names = dict.fromkeys(draft.names or [""])
    longest = sorted(names, key=lambda name: (-len(name.split()), -draft.names.count(name), name))
    return linking.Case(
        draft.entity_class,
        tuple(longest),
        frozenset(draft.countries),
        frozenset(draft.roles),
        scene=scene or linking.Scene(),
    )


def _merge_twins(case: Case) -> None:
    kept: dict[str, _Draft] = {}
    for draft in tuple(case.drafts):
        assert draft.entity is not None
        first = kept.setdefault(draft.entity.id, draft)
        if first is not draft:
            _absorb(case, first, draft)


def _learn_from_apposition(case: Case) -> None:
    """«L'attaccante argentino Lautaro Martinez»: the role and the country that stand right before a name."""
    for draft in case.people():
        for position in draft.positions:
            mention = case.mentions[position]
            for other in case.by_sentence[mention.sentence]:
                near = case.mentions[other]
                if near.kind is MentionKind.NOMINAL and near.last == mention.first:
                    draft.roles.update(near.roles)
                    if near.entity_class is EntityClass.COUNTRY:
                        draft.countries.add(near.candidates[0])


def given_names(case: Case) -> None:
    """«Mario» where the article has Balotelli, «Leo» where it has Pavoletti: first names, or how they open.

    Who is known by that one name keeps it («Leonardo»), and what is somebody's surname opens nobody's name («Simon»).
    """
    for draft in case.people():
        key = folded(draft.names[0])
        if {folded(name) for name in draft.names} != {key} or " " in key or _is_known_by(case, draft, key):
            continue
        bearers = [other for other in case.people() if other is not draft and _has_given_name(case, other, draft)]
        if bearers:
            _absorb(case, _last_before(bearers, min(draft.positions)), draft, "first name")


def _is_known_by(case: Case, draft: _Draft, key: str) -> bool:
    entry = case.gazetteer.find(_entity_key(draft))
    return entry is not None and (folded(entry.label) != key or entry.prominence >= 2)


def _has_given_name(case: Case, draft: _Draft, short: _Draft) -> bool:
    """Whether somebody whom the gazetteer knows has this first name, or one that opens with it."""
    key = folded(short.names[0])
    entry = case.gazetteer.find(_entity_key(draft))
    first, _, family = folded(entry.label).partition(" ") if entry is not None else ("", "", "")
    bearers = filter(None, map(case.gazetteer.find, short.candidates))
    opens = len(key) >= _OPENING and first.startswith(key) and all(folded(one.label) == key for one in bearers)
    return bool(family) and (key == first or opens)


def _absorb(case: Case, draft: _Draft, other: _Draft, reason: str = "") -> None:
    """Puts the mentions of another chain into a chain, with their own reasons or this one."""
    for position, own in other.positions.items():
        draft.positions[position] = reason or own
        case.placed[position] = draft
    draft.names += other.names
    draft.roles |= other.roles
    case.drafts = [kept for kept in case.drafts if kept is not other]


# Epithets ------------------------------------------------------------------------------------------------


def appositions(case: Case) -> None:
    """«Il tecnico del Milan, Paulo Fonseca», «Ancelotti, il tecnico del Real»: the epithet beside a name."""
    for position, mention in case.open():
        if mention.entity_class is _PERSON and mention.kind is MentionKind.NOMINAL:
            draft = _named_beside(case, mention)
            if draft is not None:
                case.place(position, draft, "apposition")


def _named_beside(case: Case, mention: Mention) -> _Draft | None:
    words = case.sentence(mention).words
    after = _after_complement(case, mention)
    found = _person_starting(case, mention.sentence, after)
    if found is None and after < len(words) and words[after].text == ",":
        found = _person_starting(case, mention.sentence, after + 1)
    if found is not None:
        return found
    if mention.first > 1 and words[mention.first - 1].text == ",":
        closed = after >= len(words) or words[after].text in ",.;:)"
        if closed or words[mention.head].deprel == "appos":
            return _person_ending(case, mention.sentence, mention.first - 1)
    return None


def _after_complement(case: Case, mention: Mention) -> int:
    """The word after an epithet and the «del Milan» or «giallorosso» that belongs to it."""
    words = case.sentence(mention).words
    index = mention.last
    if index < len(words) and words[index].lemma == "di":
        for position in case.by_sentence[mention.sentence]:
            side = case.mentions[position]
            is_named = side.entity_class in SIDES | {EntityClass.COUNTRY} and side.reason != WHOSE
            if is_named and index < side.first <= index + 2:
                return side.last
    return index


def _person_starting(case: Case, sentence: int, word: int) -> _Draft | None:
    for position in case.by_sentence[sentence]:
        mention = case.mentions[position]
        if _is_person_name(mention) and mention.first == word:
            return case.placed.get(position)
    return None


def _person_ending(case: Case, sentence: int, word: int) -> _Draft | None:
    for position in case.by_sentence[sentence]:
        mention = case.mentions[position]
        if _is_person_name(mention) and mention.last == word:
            return case.placed.get(position)
    return None


def person_epithets(case: Case) -> None:
    """«Il tecnico italiano», «il brasiliano», «l'ex Milan»: the person near by whom it fits best."""
    for position, mention in case.open():
        if mention.entity_class is not _PERSON or mention.kind is not MentionKind.NOMINAL:
            continue
        if _is_predicate(case, mention):
            continue
        scored = [(score, draft) for draft in case.people() if (score := _fit(case, position, draft)) > 0]
        if scored:
            best = max(score for score, _ in scored)
            fitting = [draft for score, draft in scored if score == best]
            case.place(position, _last_before(fitting, position), "epithet")


def _is_predicate(case: Case, mention: Mention) -> bool:
    """«È il tecnico ideale», «come allenatore» say what somebody is and stand for nobody."""
    return any(child.deprel == "cop" for child in case.sentence(mention).children(mention.head))


def _fit(case: Case, position: int, draft: _Draft) -> float:
    """How well an epithet fits a person; 0 where role, country or side speak against it."""
    mention = case.mentions[position]
    away = _distance(case, position, draft)
    if away is None or draft.entity is None:
        return 0.0
    entry = case.gazetteer.find(_entity_key(draft))
    roles = (entry.roles if entry else ()) or tuple(draft.roles)
    score = 1.0
    for role in mention.roles:
        if roles and role not in roles and role not in draft.roles:
            return 0.0
        score += 2.0 if roles[:1] == (role,) else 1.0 if role in roles else 0.0
    for country in _countries_inside(case, mention):
        if entry and entry.nationality:
            if entry.nationality != country:
                return 0.0
            score += 3.0
    sides = _sides_of(case, mention)
    if sides and entry and entry.clubs:
        score += 2.0 if sides & set(entry.clubs) else -1.0
        if mention.reason == "ex-side" and not sides & set(entry.clubs):
            return 0.0
    if mention.reason in ("person", "origin", "ex-side") and score < 2.5 and away > 1:
        return 0.0
    return score + max(0.0, 1.5 - 0.5 * away) + min(1.0, 0.1 * len(draft.positions))


def _distance(case: Case, position: int, draft: _Draft) -> int | None:
    """Sentences back to the last name of a person before an epithet; None if out of reach."""
    here = case.mentions[position]
    before = [case.mentions[p].sentence for p in draft.positions if p < position]
    if before:
        away = here.sentence - max(before)
        main = len(draft.positions) >= 3
        return away if away <= (_REACH * 2 if main else _REACH) else None
    after = [case.mentions[p].sentence for p in draft.positions if p > position]
    if after and min(after) - here.sentence <= 1 and here.sentence <= 1:
        return 1 + min(after) - here.sentence
    return None


def _countries_inside(case: Case, mention: Mention) -> set[str]:
    return {
        other.candidates[0]
        for p in case.by_sentence[mention.sentence]
        if (other := case.mentions[p]).entity_class is EntityClass.COUNTRY
        and other.kind is MentionKind.NOMINAL
        and mention.first <= other.first < mention.last
        and other.candidates
    }


def _sides_of(case: Case, mention: Mention) -> set[str]:
    """Keys of the sides inside an epithet or in the complement after it."""
    last = max(mention.last, _after_complement(case, mention))
    return {
        _entity_key(case.placed[p])
        for p in case.by_sentence[mention.sentence]
        if p in case.placed
        and case.mentions[p].entity_class in SIDES
        and mention.first <= case.mentions[p].first < last
    }


def sides_by_noun(case: Case) -> None:
    """«Il club», «la squadra»: the side named last before it, in the same sentence or the one before."""
    for position, mention in case.open():
        if mention.kind is MentionKind.NOMINAL and mention.entity_class in SIDES and not mention.candidates:
            before = [
                p
                for sentence in (mention.sentence, mention.sentence - 1)
                for p in case.by_sentence.get(sentence, ())
                if p < position and p in case.placed and case.placed[p].entity_class is mention.entity_class
            ]
            if before:
                case.place(position, case.placed[max(before)], "last side")


# Pronouns and zero subjects ------------------------------------------------------------------------------


def relatives(case: Case) -> None:
    """«Ancelotti, che ha allenato il Milan»: the noun that the relative clause hangs on."""
    for position, mention in case.open():
        if mention.reason != "relative":
            continue
        words = case.sentence(mention).words
        verb = words[mention.head].head
        while verb >= 0 and not words[verb].deprel.startswith("acl"):
            verb = words[verb].head if words[verb].deprel in ("conj", "xcomp", "aux", "cop") else -1
        antecedent = words[verb].head if verb >= 0 else -1
        draft = case.at_head(mention.sentence, antecedent) if antecedent >= 0 else None
        draft = draft or _touching(case, mention)
        if draft is not None:
            case.place(position, draft, "relative clause")


def _touching(case: Case, mention: Mention) -> _Draft | None:
    """The name right before «che» or «, che»."""
    words = case.sentence(mention).words
    before = mention.first - (2 if mention.first > 1 and words[mention.first - 1].text == "," else 1)
    for position in case.by_sentence[mention.sentence]:
        other = case.mentions[position]
        if position in case.placed and other.last == before + 1 and other.kind is not MentionKind.PRONOUN:
            return case.placed[position]
    return None


def zero_subjects(case: Case) -> None:
    """The subject goes on: that of the verb above or beside, else of the sentence before."""
    for position, mention in case.open():
        if mention.kind is not MentionKind.ZERO:
            continue
        draft = _subject_above(case, mention) or _subject_before(case, mention)
        if draft is not None:
            case.place(position, draft, "same subject")


def _subject_above(case: Case, mention: Mention) -> _Draft | None:
    words = case.sentence(mention).words
    quoted = _quoted(words)
    index = mention.head
    for _ in range(4):
        word = words[index]
        if word.head < 0 or word.deprel not in ("conj", "advcl", "ccomp", "parataxis", "xcomp", "aux", "acl"):
            return None
        index = word.head
        if quoted[index] is not quoted[mention.head]:
            return None
        draft = _subject_of(case, mention.sentence, index)
        if draft is not None:
            return draft if draft.entity_class is _PERSON or draft.entity_class in SIDES else None
    return None


def _subject_of(case: Case, sentence: int, verb: int) -> _Draft | None:
    for child in case.document.sentences[sentence].children(verb):
        if child.deprel in ("nsubj", "nsubj:pass"):
            return case.at_head(sentence, child.index)
    for position in case.by_sentence.get(sentence, ()):
        mention = case.mentions[position]
        if mention.kind is MentionKind.ZERO and mention.head == verb and position in case.placed:
            return case.placed[position]
    return None


def _subject_before(case: Case, mention: Mention) -> _Draft | None:
    """The person who is subject of the last clause before, in this sentence or the one before it.

    Who speaks is not the subject of what he says: «Ranieri va confermato», ha detto.
    """
    is_quoted = _quoted(case.sentence(mention).words)[mention.head]
    for sentence in (mention.sentence, mention.sentence - 1):
        if sentence < 0 or not _may_reach(case, sentence, mention.sentence):
            continue
        words = case.document.sentences[sentence].words
        quoted = _quoted(words)
        subjects = [
            draft
            for word in words
            if (sentence < mention.sentence or word.index < mention.first)
            and (is_quoted or not quoted[word.index])
            and word.upos in ("VERB", "AUX", "NOUN", "ADJ", "PROPN")
            and (draft := _subject_of(case, sentence, word.index)) is not None
            and draft.entity_class is _PERSON
        ]
        if subjects:
            return subjects[-1] if sentence == mention.sentence else subjects[0]
        if sentence < mention.sentence:
            people = [
                case.placed[p]
                for p in case.by_sentence.get(sentence, ())
                if p in case.placed and case.placed[p].entity_class is _PERSON
            ]
            if people and all(draft is people[0] for draft in people):
                return people[0]
    return None


def _quoted(words: Sequence[Word]) -> list[bool]:
    """For each word of a sentence whether it stands between quotation marks that the sentence opens."""
    found, depth = [], 0
    for word in words:
        found.append(depth > 0)
        depth += sum(word.text.count(mark) for mark in "«“") - sum(word.text.count(mark) for mark in "»”")
    return found


def _may_reach(case: Case, sentence: int, here: int) -> bool:
    return sentence == here or not case.document.sentences[sentence].headline or here <= 1


def pronouns(case: Case) -> None:
    """«Lui», «lo», «gli», «suo»: a person before, the subject rather than others, but not one's own subject."""
    for position, mention in case.open():
        if mention.kind is not MentionKind.PRONOUN or mention.reason == "relative":
            continue
        draft = _antecedent(case, position, mention)
        if draft is not None:
            case.place(position, draft, mention.reason)


def _antecedent(case: Case, position: int, mention: Mention) -> _Draft | None:
    words = case.sentence(mention).words
    own = None
    if mention.reason == "clitic":
        own = _subject_of(case, mention.sentence, words[mention.head].head)
    for sentence in (mention.sentence, mention.sentence - 1):
        before = [
            p
            for p in case.by_sentence.get(sentence, ())
            if p < position
            and p in case.placed
            and case.placed[p].entity_class is _PERSON
            and case.placed[p] is not own
        ]
        if not before:
            continue
        subjects = [p for p in before if _is_subject(case, p)]
        if mention.reason == "possessive" and sentence == mention.sentence and subjects:
            return case.placed[subjects[-1]]
        return case.placed[(subjects or before)[-1]]
    return None


def _is_subject(case: Case, position: int) -> bool:
    mention = case.mentions[position]
    return mention.kind is MentionKind.ZERO or case.sentence(mention).words[mention.head].deprel.startswith("nsubj")


SIEVES: tuple[Sieve, ...] = (
    full_names,
    misspelt_names,
    short_names,
    other_names,
    countries,
    side_epithets,
    national_coaches,
    link_names,
    given_names,
    appositions,
    person_epithets,
    sides_by_noun,
    relatives,
    zero_subjects,
    pronouns,
    unnamed_sides,
)
"""In the order in which they are asked."""


def resolve(document: Document, mentions: tuple[Mention, ...], gazetteer: Gazetteer) -> tuple[Chain, ...]:
    """The chains of an article, in the order of their first mention."""
    case = Case(document, gazetteer, mentions)
    for sieve in SIEVES:
        sieve(case)
    return tuple(_chain(draft) for draft in sorted(case.drafts, key=lambda draft: min(draft.positions)))


def _chain(draft: _Draft) -> Chain:
    assert draft.entity is not None
    positions = tuple(sorted(draft.positions))
    entity = replace(draft.entity, roles=draft.entity.roles or tuple(sorted(draft.roles)))
    return Chain(entity, positions, tuple(draft.positions[p] for p in positions))


def read(document: Document, gazetteer: Gazetteer) -> Reading:
    """Mentions and chains of an article: what the rules read."""
    mentions = find_mentions(document, gazetteer)
    return Reading(document, mentions, resolve(document, mentions, gazetteer))


def _is_person_name(mention: Mention) -> bool:
    return mention.entity_class is _PERSON and mention.kind is MentionKind.NAME


__all__ = ["SIEVES", "read", "resolve"]
