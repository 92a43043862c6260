"""Names in a sentence: gazetteer forms and capitalised words, and what class each is of.

The gazetteer, capitals and the words before a name decide; the tagger's own entities are heard last,
since on football they are noise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.gazetteer import NAMING, Form, FormKind, Gazetteer
from kg.lexicon import Lexicon, lexicon
from kg.model import SIDES, Document, EntityClass, Sentence
from kg.names import PARTICLES, folded

_LONGEST = 8
_CLOSERS = frozenset(".:,;?!-–")
_OPENERS = frozenset("«“\"'‘(:–—-•…!?.;*")
_EPITHETS = frozenset({FormKind.NICKNAME, FormKind.COLOUR, FormKind.DEMONYM, FormKind.ADJECTIVE})
_PLACES = frozenset({EntityClass.CITY, EntityClass.COUNTRY})
_FEW_LETTERS = 5
_OPEN_CLASSES = frozenset(("NOUN", "ADJ", "VERB", "X", "NUM", "PUNCT", "SYM", "INTJ"))
"""What the tagger takes an unknown name for; it takes none for a preposition."""
_NO_NAMES = frozenset(("ADP", "DET", "VERB", "ADV", "CCONJ", "SCONJ", "PRON", "AUX", "INTJ", "NUM"))
_INSIDE_KNOWN = frozenset(("di", "da", "dalla", "dalle", "dallo", "dello", "dell'", "dei", "degli", "delle"))
"""Particles that, in small letters, are more often prepositions: «Moratti di Mariga»."""
_HERE = "italia"
_OFTEN = 20
"""So many people of the gazetteer bear a common given name."""
_QUOTES = '«»“”"'


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch between blanks and punctuation with the words (`first`, `last`, half-open) inside it."""

    text: str
    low: str
    start: int
    end: int
    first: int
    last: int
    upos: str
    capital: bool
    opening: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A name found: tokens (half-open), offsets in the text, class, gazetteer ids best first, and why."""

    first: int
    last: int
    start: int
    end: int
    text: str
    entity_class: EntityClass
    candidates: tuple[str, ...]
    reason: str
    kind: FormKind | None = None


def tokens(sentence: Sentence, text: str) -> tuple[Token, ...]:
    """The tokens of a sentence of `text`; those that open a sentence, quote or bracket are marked."""
    found: list[Token] = []
    words = sentence.words
    position = 0
    while position < len(words):
        word = words[position]
        after = position + 1
        while after < len(words) and (words[after].start, words[after].end) == (word.start, word.end):
            after += 1
        form, start = text[word.start : word.end], word.start
        if len(form) > 1 and (form[0] in _QUOTES or form[-1] in _QUOTES):  # «Psg» as one token with its quotes
            start += len(form) - len(form.lstrip(_QUOTES))
            form = form.strip(_QUOTES) or form
        opening = not found or found[-1].text[-1] in _OPENERS
        capital = form[:1].isupper()
        end = start + len(form)
        found.append(Token(form, form.lower(), start, end, position, after, word.upos, capital, opening))
        position = after
    return tuple(found)


class Namer:
    """Finds the names of one document."""

    def __init__(self, document: Document, gazetteer: Gazetteer) -> None:
        self.text = document.article.text
        self.gazetteer = gazetteer
        self.words: Lexicon = lexicon()
        self.tagged = {(name.start, name.end): name.label for name in document.names}
        self.rows = {sentence.index: tokens(sentence, self.text) for sentence in document.sentences}
        self.sure = self._capitals_inside()

    def _capitals_inside(self) -> frozenset[str]:
        """Words that the article writes with a capital where none is due: names, then, elsewhere too."""
        return frozenset(
            folded(token.text)
            for row in self.rows.values()
            for token in row
            if token.capital and not token.opening and not token.text.isupper() and token.upos != "VERB"
        )

    def names(self, sentence: Sentence) -> list[Name]:
        """The names of a sentence in text order, none inside another."""
        row = self.rows[sentence.index]
        found: list[Name] = []
        position = 0
        while position < len(row):
            names, position = self._at(row, position)
            found.extend(names)
        return found

    def _at(self, row: tuple[Token, ...], position: int) -> tuple[list[Name], int]:
        """The names that begin at a token (several in «Roma-Lazio»), and the token to go on with."""
        token = row[position]
        family = self._family(row, position)
        if family:
            return [family], family.last
        name = self._known(row, position)
        is_person = name is not None and name.entity_class is EntityClass.PERSON
        if token.capital and not is_person and self._is_in_street(row, position):
            return [], self._end_of_run(row, position)
        if token.capital and not self._only_opens(row, position, name):
            person = self._person(row, position, name)
            if person:
                return [person], person.last
        if name:
            name = self._youth_side(row, name)
            return [name], name.last
        if token.capital and "-" in token.text[1:-1]:
            parts = self._hyphenated(token, position)
            if parts:
                return parts, position + 1
        return [], position + 1

    def _family(self, row: tuple[Token, ...], position: int) -> Name | None:
        """«La famiglia Pozzo», «i Pozzo»: a family that owns or presides, one person to the graph."""
        if position + 1 >= len(row) or not row[position + 1].capital or row[position + 1].upos != "PROPN":
            return None
        first = row[position]
        if first.low == "famiglia":
            last = self._end_of_run(row, position + 1)
            span = self.text[first.start : row[last - 1].end]
            return Name(position, last, first.start, row[last - 1].end, span, EntityClass.PERSON, (), "family")
        if first.low not in ("i", "dei", "ai", "dai") or self._end_of_run(row, position + 1) > position + 3:
            return None
        known = self._known(row, position + 1)
        if known is None or known.kind is not FormKind.SURNAME:
            return None
        bearers = [self.gazetteer.entry(key) for key in known.candidates]
        owns = any({"owner", "president"} & set(entry.roles) for entry in bearers)
        return Name(*_fields(known), EntityClass.PERSON, (), "family") if owns else None

    def _only_opens(self, row: tuple[Token, ...], position: int, known: Name | None) -> bool:
        """Whether a capital is due to the place alone: «Sarà Roberto Fabbricini», «Piange Ascoli»."""
        token = row[position]
        if not token.opening or known or position + 1 >= len(row) or not row[position + 1].capital:
            return False
        if token.upos == "PROPN" or self.gazetteer.given_name(token.text) or folded(token.text) in self.sure:
            return False
        after = row[position + 1]
        return bool(self.gazetteer.given_name(after.text)) or self._known(row, position + 1) is not None

    # gazetteer --------------------------------------------------------------------------------------

    def _known(self, row: tuple[Token, ...], position: int) -> Name | None:
        """The longest form of the gazetteer that begins here and fits the place."""
        token = row[position]
        if not token.text[0].isalnum():
            return None
        longest = self.gazetteer.longest(_opening(self.text, token))
        if not longest:
            return None
        for last in range(min(len(row), position + min(longest * 2, _LONGEST)), position, -1):
            end = row[last - 1]
            if not end.text[-1].isalnum() and (end.text in _CLOSERS or end.text[-1] not in _CLOSERS | set("'’")):
                continue
            # «in Serie A. Domani», «Serie B: il Palermo», «ATHLETIC BILBAO-TORINO»
            stop = end.end - 1 if end.text[-1] in _CLOSERS and len(end.text) > 1 else end.end
            span = self.text[token.start : stop]
            if "\n" in span or len(span.split()) > longest or (span[-1] == "." and last == len(row)):
                continue
            forms = [form for form in self.gazetteer.forms(span) if self._fits(form, span, row, position, last)]
            if forms:
                return self._choice(forms, span, row, position, last)
        return None

    def _fits(self, form: Form, span: str, row: tuple[Token, ...], first: int, last: int) -> bool:
        """Whether a form may stand here at all: its capitals are there, and epithets have their cue."""
        token = row[first]
        if form.kind in NAMING:
            if not form.text.islower() and not self._capitals_agree(form.text, span):
                return False
            if form.kind is FormKind.SURNAME and token.low in _INSIDE_KNOWN and not token.capital:
                return False  # «i gol di Fabio Grosso» speak of nobody called «di Fabio»
            if form.kind is FormKind.SURNAME or (last == first + 1 and token.opening):
                return not token.opening or self._is_name_at_opening(token, form.text)
            return not self._is_side_with_article(form, row, first, last)
        if form.kind is FormKind.ADJECTIVE:
            return False
        if _is_capital(form.text) and not _is_capital(span):
            return False
        if form.kind is FormKind.TOWN:
            return False
        return self._epithet_fits(form, row, first)

    def _capitals_agree(self, form: str, span: str) -> bool:
        """Whether words that the form writes with a capital have one in the text, but for «serie B», «coppa Italia»."""
        ours, theirs = form.split(), span.split()
        if len(ours) != len(theirs):
            return _is_capital(span)
        common = self.words.competitions | {"serie"} if _is_capital(theirs[-1]) else frozenset[str]()
        pairs = zip(ours, theirs, strict=True)
        return all(not a[:1].isupper() or b[:1].isupper() or b in common for a, b in pairs)

    def _is_side_with_article(self, form: Form, row: tuple[Token, ...], first: int, last: int) -> bool:
        """Whether «il Toro» means the side, though a player is called so, too."""
        if last != first + 2 or row[first].low not in self.words.joined:
            return False
        if self.gazetteer.entry(form.entity).entity_class is not EntityClass.PERSON:
            return False
        others = (self.gazetteer.entry(other.entity) for other in self.gazetteer.forms(row[first + 1].text))
        return any(entry.entity_class in SIDES for entry in others)

    def _is_name_at_opening(self, token: Token, known: str = "") -> bool:
        """Whether a word that opens a sentence is a name; `known` is its form in the gazetteer («Scamacca no»)."""
        if token.low in self.words.not_names or token.low in self.words.joined or token.low in self.words.roles:
            return False
        if token.upos == "PROPN" or folded(token.text) in self.sure:
            return True
        in_capitals = token.text.isupper() and len(token.text) > _FEW_LETTERS  # «UDINESE, PARLA POZZO»
        if token.low in self.words.everyday or token.upos not in _OPEN_CLASSES:
            return False
        if not (token.text[1:].islower() or in_capitals):
            return False
        if self.gazetteer.given_name(token.text) >= _OFTEN:
            return False  # «Simone» is a surname, too
        return token.low in known.lower()  # «Sarà» is nobody called Sara

    def _epithet_fits(self, form: Form, row: tuple[Token, ...], first: int) -> bool:
        before = row[first - 1] if first else None
        token = row[first]
        if form.kind is FormKind.NICKNAME and token.capital and not token.opening:
            return True
        if before is None:
            return token.capital and form.kind is not FormKind.DEMONYM and token.upos in ("PROPN", "NOUN")
        led = before.low in self.words.joined
        if form.kind is FormKind.NICKNAME:
            return led
        if form.kind is FormKind.DEMONYM:
            if token.low.endswith("ista"):  # «ex romanista», but «barese» says where somebody is from
                return led or before.low in ("ex", "già", "passato") or bool(self.words.role(before.low))
            return led and token.low[-1] in "ie" and token.upos in ("NOUN", "ADJ", "PROPN")
        follows_noun = before.low in self.words.belongings or before.low in self.words.past
        return led or before.low in ("in", "e", "ex", "capitan") or follows_noun or token.capital

    def _choice(self, forms: list[Form], span: str, row: tuple[Token, ...], first: int, last: int) -> Name | None:
        """One class for the forms of a span, by the words before it."""
        token = row[first]
        kinds = {form.kind for form in forms}
        by_class: dict[EntityClass, list[Form]] = {}
        for form in forms:
            entry = self.gazetteer.entry(form.entity)
            by_class.setdefault(entry.entity_class, []).append(form)
        naming = {c: fs for c, fs in by_class.items() if any(f.kind in NAMING for f in fs)}
        led = first > 0 and row[first - 1].low in self.words.joined
        if led and last == first + 1 and set(naming) == {EntityClass.PERSON} and SIDES & set(by_class):
            naming = {}  # «il Toro» is the side, though a player is called so, too
        chosen = self._class(naming or by_class, span, row, first, last)
        if chosen is None:
            return None
        best = by_class[chosen]
        if naming:
            best = [form for form in best if form.kind in NAMING]
        ids = tuple(dict.fromkeys(form.entity for form in best))
        kind = best[0].kind
        reason = f"gazetteer:{kind}" if kinds else "gazetteer"
        return Name(first, last, token.start, token.start + len(span), span, chosen, ids, reason, kind)

    def _class(
        self,
        by_class: dict[EntityClass, list[Form]],
        span: str,
        row: tuple[Token, ...],
        first: int,
        last: int,
    ) -> EntityClass | None:
        before = row[first - 1].low if first else ""
        classes = set(by_class)
        single = len(folded(span).split()) == 1
        if EntityClass.PERSON in classes and len(classes) > 1:
            full = any(form.kind is not FormKind.SURNAME for form in by_class[EntityClass.PERSON]) and not single
            if not full or classes & SIDES:
                classes.discard(EntityClass.PERSON)
        if EntityClass.OUTLET in classes:
            if len(classes) > 1:
                classes.discard(EntityClass.OUTLET)
            elif single and len(span) <= _FEW_LETTERS and before not in self.words.outlet_cues:
                return None
        if EntityClass.CITY in classes and len(classes) > 1:
            if before in ("a", "ad", "in", "da") or self._is_dateline(span, row, first, last):
                return EntityClass.CITY
            classes.discard(EntityClass.CITY)
        if {EntityClass.VENUE, EntityClass.CLUB} <= classes and self._is_home(by_class):
            classes.discard(EntityClass.CLUB)
        if EntityClass.COUNTRY in classes and EntityClass.NATIONAL_TEAM in classes:
            return self._country_or_side(row, first)
        order = (
            EntityClass.CLUB, EntityClass.NATIONAL_TEAM, EntityClass.COMPETITION, EntityClass.COUNTRY,
            EntityClass.FEDERATION, EntityClass.VENUE, EntityClass.OUTLET, EntityClass.PERSON, EntityClass.CITY,
        )  # fmt: skip
        return next((entity_class for entity_class in order if entity_class in classes), None)

    def _is_home(self, by_class: dict[EntityClass, list[Form]]) -> bool:
        """Whether a name is an Italian ground's rather than a foreign club's: «al San Paolo»."""
        lands = {
            kind: {self.gazetteer.entry(form.entity).country for form in by_class[kind]}
            for kind in (EntityClass.VENUE, EntityClass.CLUB)
        }
        return _HERE in lands[EntityClass.VENUE] and _HERE not in lands[EntityClass.CLUB]

    def _is_dateline(self, span: str, row: tuple[Token, ...], first: int, last: int) -> bool:
        """«CATANIA – …»: the town that an article is dated from."""
        return span.isupper() and row[first].opening and last < len(row) and row[last].text in ("-", "–", "—")

    def _country_or_side(self, row: tuple[Token, ...], first: int) -> EntityClass:
        """«ct dell'Italia», «contro la Svezia» are sides; «in Italia», «dalla Spagna» are countries."""
        nearby = [token.low for token in row[max(0, first - 4) : first]]
        if nearby[-1:] == ["in"]:
            return EntityClass.COUNTRY  # «il tecnico nato in Australia»
        if any(self.words.role(low) == "coach" or low in ("contro", "batte", "nazionale") for low in nearby):
            return EntityClass.NATIONAL_TEAM
        return EntityClass.COUNTRY

    def _youth_side(self, row: tuple[Token, ...], name: Name) -> Name:
        """«Roma Primavera», «Juventus Next Gen»: a side of its own, not the first team."""
        if name.entity_class is not EntityClass.CLUB or name.last >= len(row):
            return name
        last = name.last
        if row[last].text in self.words.youth and self.text[row[last - 1].end : row[last].start] == " ":
            last += 1
            if last < len(row) and row[last].text in ("Gen", "21", "23", "20", "19", "18", "17"):
                last += 1
            span = self.text[name.start : row[last - 1].end]
            return Name(name.first, last, name.start, row[last - 1].end, span, EntityClass.CLUB, (), "youth-side")
        return name

    def _hyphenated(self, token: Token, position: int) -> list[Name]:
        """«Roma-Lazio», «Mihaila-Atalanta»: each part by itself, if all are known."""
        found: list[Name] = []
        start = token.start
        for part in token.text.split("-"):
            forms = [form for form in self.gazetteer.forms(part) if form.kind in NAMING] if part else []
            if not forms:
                return []
            classes: dict[EntityClass, list[Form]] = {}
            for form in forms:
                classes.setdefault(self.gazetteer.entry(form.entity).entity_class, []).append(form)
            order = (EntityClass.CLUB, EntityClass.COUNTRY, EntityClass.NATIONAL_TEAM, EntityClass.PERSON)
            chosen = next((entity_class for entity_class in order if entity_class in classes), None)
            if chosen is None:
                return []
            ids = tuple(dict.fromkeys(form.entity for form in classes[chosen]))
            end = start + len(part)
            found.append(Name(position, position + 1, start, end, part, chosen, ids, "hyphenated"))
            start = end + 1
        return found

    # people -----------------------------------------------------------------------------------------

    def _person(self, row: tuple[Token, ...], position: int, known: Name | None) -> Name | None:
        """A person's name in full, known or not; or an unknown name of one word."""
        token = row[position]
        if known and (known.entity_class is not EntityClass.PERSON or known.last - known.first > 1):
            is_given = self.gazetteer.given_name(token.text) >= _OFTEN and known.last == position + 1
            if known.entity_class is not EntityClass.PERSON and not is_given:
                return None
            if known.entity_class is EntityClass.PERSON and known.kind is not FormKind.SURNAME:
                return known
        if not self._may_begin(token, row, position):
            return None
        last = self._end_of_run(row, position)
        if last - position == 1:
            return known or self._single(row, position)
        span = self.text[token.start : row[last - 1].end]
        forms = [f for f in self.gazetteer.forms(span) if f.kind in NAMING]
        people = [f for f in forms if self.gazetteer.entry(f.entity).entity_class is EntityClass.PERSON]
        ids = tuple(dict.fromkeys(form.entity for form in people))
        if known and known.entity_class in SIDES and not ids:
            if any(word.islower() for word in span.split()):
                return None  # «il Milan di Massimiliano Allegri» is a side and a person
            if last - position > 2 and self.gazetteer.given_name(row[position + 1].text):
                return None  # so is «l'ex attaccante del Milan Daniele Massaro»
        if not ids and last == position + 2 and self._only_opens_a_surname(row, position):
            return None  # «Sfumato Scamacca»
        if not ids and last > position + 2 and self._comes_before_a_name(row, position, last):
            return None  # «in Toscana Silvio Baldini», «Out Marius Marin»
        reason = "gazetteer" if ids else "capitals"
        return Name(position, last, token.start, row[last - 1].end, span, EntityClass.PERSON, ids, reason)

    def _only_opens_a_surname(self, row: tuple[Token, ...], position: int) -> bool:
        token, after = row[position], row[position + 1]
        if not token.opening or token.upos == "PROPN" or folded(token.text) in self.sure:
            return False
        if self.gazetteer.given_name(token.text) or self.tagged.get((token.start, after.end)) == "PER":
            return False
        known = self._known(row, position + 1)
        return known is not None and known.entity_class is EntityClass.PERSON

    def _comes_before_a_name(self, row: tuple[Token, ...], position: int, last: int) -> bool:
        """Whether the rest of a run is the full name of somebody known, and its first word no first name."""
        if self.gazetteer.given_name(row[position].text) or not self.gazetteer.given_name(row[position + 1].text):
            return False  # «Jacqueline De Laurentiis» is not Aurelio
        known = self._known(row, position + 1)
        if known is None or known.entity_class is not EntityClass.PERSON:
            return False
        return known.last == last and known.kind is not FormKind.SURNAME

    def _is_in_street(self, row: tuple[Token, ...], position: int) -> bool:
        """Whether a name is that of a street: «in via Roma»."""
        before = row[position - 1] if position else None
        return before is not None and before.low in self.words.streets and not _is_away(before)

    def _may_begin(self, token: Token, row: tuple[Token, ...], position: int) -> bool:
        if (
            _is_away(token)
            or not token.text[0].isalpha()
            or token.low in self.words.not_names
            or token.low in self.words.joined
        ):
            return False
        if self._is_in_street(row, position):
            return False
        if token.low in self.words.roles or token.low in PARTICLES:
            following = row[position + 1] if position + 1 < len(row) else None
            return token.low in PARTICLES and following is not None and following.capital and not token.opening
        if token.opening:
            return self._is_name_at_opening(token) or (
                self.gazetteer.given_name(token.text) > 0 and token.upos not in _NO_NAMES
            )
        return token.upos in ("PROPN", "X", "NOUN", "ADJ", "VERB") and len(token.text) > 1

    def _end_of_run(self, row: tuple[Token, ...], position: int) -> int:
        """The token after a run of capitalised words, with particles inside but not at its end."""
        last = position + 1
        cursor = last
        while cursor < len(row):
            if self._hyphen(row, cursor):  # «Jean-Claude» in three tokens
                cursor += 2
                last = cursor
                continue
            if not self._adjacent(row, cursor):
                break
            token = row[cursor]
            if token.capital and token.text[0].isalpha() and token.low not in self.words.not_names:
                if cursor > position + 1 or not row[position].opening:
                    known = self._known(row, cursor)
                    if known and known.entity_class in SIDES and known.kind is not FormKind.SURNAME:
                        return last
                cursor += 1
                last = cursor
            elif token.low in _INSIDE_KNOWN:
                if not self._is_known_whole(row, position, cursor):
                    break
                cursor += 1
            elif token.low in PARTICLES and token.low not in ("e", "la", "il", "a", "del", "della", "al", "dal"):
                cursor += 1
            else:
                break
        return last

    def _is_known_whole(self, row: tuple[Token, ...], position: int, particle: int) -> bool:
        """Whether the gazetteer knows a name that goes on after a particle: «Angelo di Maria»."""
        if particle + 1 >= len(row):
            return False
        return bool(self.gazetteer.forms(self.text[row[position].start : row[particle + 1].end]))

    def _hyphen(self, row: tuple[Token, ...], cursor: int) -> bool:
        """Whether a hyphen joins the capitalised words on both sides, and both are parts of a name, not sides."""
        if row[cursor].text not in ("-", "‑") or cursor + 1 >= len(row):
            return False
        before, hyphen, after = row[cursor - 1 : cursor + 2]
        if before.end != hyphen.start or hyphen.end != after.start or not after.capital:
            return False
        return self.gazetteer.given_name(before.text) > 0 and self.gazetteer.given_name(after.text) > 0

    def _adjacent(self, row: tuple[Token, ...], cursor: int) -> bool:
        gap = self.text[row[cursor - 1].end : row[cursor].start]
        return gap in (" ", "") and row[cursor].text[0].isalpha()

    def _single(self, row: tuple[Token, ...], position: int) -> Name | None:
        """An unknown name of one word: a side after «il», «dal»; a person where no place name would stand."""
        token = row[position]
        if token.upos != "PROPN" or len(token.text) < 3 or not token.text[1:].islower():
            return None
        before = row[position - 1] if position else None
        tag = self.tagged.get((token.start, token.end), "")
        if before and before.low in self.words.joined:
            if before.low in (
                "il",
                "del",
                "al",
                "dal",
                "nel",
                "col",
                "sul",
                "l'",
                "dell'",
                "all'",
            ) and tag in ("ORG",):
                return self._new(token, position, EntityClass.CLUB)
            return None
        if before and before.low in ("a", "in", "ad", "da") and tag != "PER":
            return None
        if tag == "PER" or (before and self.words.role(before.low)):
            return self._new(token, position, EntityClass.PERSON)
        return None

    def _new(self, token: Token, position: int, entity_class: EntityClass) -> Name:
        return Name(position, position + 1, token.start, token.end, token.text, entity_class, (), "capitals")


def _is_away(token: Token) -> bool:
    """Whether it is the «Via» of headlines: «Via Zeman, arriva Andreazzoli»."""
    return token.text == "Via" and token.opening


def _fields(name: Name) -> tuple[int, int, int, int, str]:
    return name.first, name.last, name.start, name.end, name.text


def _opening(text: str, token: Token) -> str:
    word = re.match(r"[\w'’.&-]*", text[token.start : token.end + 24])
    words = folded(word.group() if word else "").split()
    return words[0] if words else ""


def _is_capital(text: str) -> bool:
    return text[:1].isupper() or (text[1:2] in "'’" and text[2:3].isupper())
