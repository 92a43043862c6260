"""Matches patterns against sentences. Knows dependency trees and word order; knows nothing of football.

A scene is a sentence with fillers: labelled stretches that may fill a slot (mentions, dates, scores).
Trees are read first; the paths `left` and `right` read the order of words, for trees that are wrong
and for headlines that have hardly one; `=name` takes a filler from the context that the caller gives.
Each match says what it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from kg.model import Sentence, Word
from kg.patterns import Element, Grammar, Pattern, Slot, Step, WordTest

_BARRIERS = frozenset(';:.?!«»“”()"–—…')
_REACH = 14
"""How many words away a filler may stand that is found by word order alone."""
_CLIMB = 4
"""How many governors an unspoken subject is looked for at."""


@dataclass(frozen=True, slots=True)
class Filler:
    """A stretch of a sentence that can fill a slot.

    `first`, `last` (half-open) and `head` are word indexes; `labels` is what it may stand for;
    `implicit` marks an unspoken subject, placed at its verb; `ref` is the caller's own key.
    """

    labels: frozenset[str]
    first: int
    last: int
    head: int
    ref: int
    implicit: bool = False


class Basis(IntEnum):
    """What a match rests on: words and tree as the rule names them, word order alone, or the context."""

    TREE = 0
    ORDER = 1
    CONTEXT = 2


Bindings = tuple[tuple[str, tuple[Filler, ...]], ...]
"""The fillers of each slot that is bound, by the slot's name."""

Context = Callable[[str, Bindings], Filler | None]
"""Gives the filler that a path such as `=speaker` stands for, seeing what is bound so far."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found: `trigger` is a word index; `bindings` gives the fillers of each slot.

    Coordinated fillers («tra Inter, Juve e Napoli») stand together. `basis` is that of the weakest slot.
    """

    pattern: Pattern
    trigger: int
    bindings: Bindings
    basis: Basis

    def fillers(self, slot: str) -> tuple[Filler, ...]:
        """The fillers of a slot; empty where an optional slot found none."""
        return next((fillers for name, fillers in self.bindings if name == slot), ())


def matches(
    grammar: Grammar, sentence: Sentence, fillers: Iterable[Filler], context: Context
) -> Iterator[Match]:
    """All matches of a grammar in one sentence, in the order of rules and words."""
    scene = _Scene(sentence, tuple(fillers), context)
    for pattern in grammar.patterns:
        yield from _sequence_matches(pattern, scene) if pattern.sequence else _tree_matches(pattern, scene)


@dataclass(slots=True)
class _Scene:
    """A sentence with the tables that matching needs."""

    sentence: Sentence
    fillers: tuple[Filler, ...]
    context: Context
    words: tuple[Word, ...] = ()
    children: list[list[Word]] = field(default_factory=list)
    forms: list[frozenset[str]] = field(default_factory=list)
    everything: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.words = self.sentence.words
        self.children = [[] for _ in self.words]
        for word in self.words:
            if 0 <= word.head < len(self.words):
                self.children[word.head].append(word)
        self.forms = [frozenset((word.lemma.lower(), word.text.lower())) for word in self.words]
        self.everything = frozenset().union(*self.forms)

    # words -----------------------------------------------------------------------------------------

    def passes(self, test: WordTest, index: int) -> int:
        """How many words from `index` on pass the test: 0 for none."""
        word = self.words[index]
        for phrase in test.phrases:
            if self._phrase_at(phrase, index):
                return len(phrase)
        if test.labels:
            return int(any(f.labels & test.labels and f.head == index for f in self.fillers))
        if test.upos and word.upos not in test.upos:
            return 0
        if not test.lemmas:
            return 0 if test.phrases else 1
        return 1 if self.forms[index] & test.lemmas else 0

    def _phrase_at(self, phrase: tuple[str, ...], index: int) -> bool:
        if index + len(phrase) > len(self.words):
            return False
        return all(part in self.forms[index + offset] for offset, part in enumerate(phrase))

    def may_hold(self, test: WordTest) -> bool:
        """Whether some word of the sentence could pass; a quick way to say no."""
        if test.labels:
            return any(f.labels & test.labels for f in self.fillers)
        if test.phrases or not test.lemmas:
            return True
        return bool(test.lemmas & self.everything)

    def clause(self, index: int) -> range:
        """The words around `index` up to strong punctuation, quotes, dashes and brackets."""
        first, last = index, index + 1
        while first > 0 and self.words[first - 1].text not in _BARRIERS:
            first -= 1
        while last < len(self.words) and self.words[last].text not in _BARRIERS:
            last += 1
        return range(first, last)

    def clause_holds(self, test: WordTest, index: int) -> bool:
        return any(self.passes(test, position) for position in self.clause(index))

    # fillers ---------------------------------------------------------------------------------------

    def at(self, index: int, labels: frozenset[str]) -> tuple[Filler, ...]:
        """Spoken fillers headed by a word, else the shortest that covers it."""
        fitting = [f for f in self.fillers if not f.implicit and f.labels & labels]
        headed = [f for f in fitting if f.head == index]
        covering = sorted((f for f in fitting if f.first <= index < f.last), key=lambda f: f.last - f.first)
        return tuple(headed[:1] or covering[:1])

    def unspoken(self, index: int, labels: frozenset[str]) -> tuple[Filler, ...]:
        return tuple(f for f in self.fillers if f.implicit and f.head == index and f.labels & labels)[:1]

    def preposition(self, filler: Filler) -> str:
        """The preposition before a filler, or the empty string."""
        index = filler.first - 1
        while index >= 0 and self.words[index].upos in ("DET", "ADJ", "NUM"):
            index -= 1
        if index >= 0 and self.words[index].upos == "ADP":
            return self.words[index].lemma.lower()
        return ""

    def admits(self, step: Step, filler: Filler) -> bool:
        if step.prepositions is None:
            return True
        return self.preposition(filler) in step.prepositions

    def coordinated(self, filler: Filler, labels: frozenset[str]) -> tuple[Filler, ...]:
        """The filler and those that follow or precede it in an enumeration («Inter, Juve e Napoli»)."""
        group = [filler]
        named = sorted(
            (f for f in self.fillers if not f.implicit and f.labels & labels), key=lambda f: (f.first, f.last)
        )
        for other in named:
            if other.first >= group[-1].last and self._enumerates(group[-1].last, other.first):
                group.append(other)
        for other in reversed(named):
            if other.last <= group[0].first and self._enumerates(other.last, group[0].first):
                group.insert(0, other)
        return tuple(group)

    def _enumerates(self, first: int, last: int) -> bool:
        """Whether the words between two fillers only join them; a lone comma is apposition, not a list."""
        between = [word for word in self.words[first:last] if word.upos not in ("DET",)]
        joins = [word.text.lower() for word in between]
        if not joins or not all(join in _JOINS for join in joins):
            return False
        return any(join in _CONJUNCTIONS for join in joins) or self._list_goes_on(last)

    def _list_goes_on(self, index: int) -> bool:
        """Whether a conjunction follows soon, as in «Inter, Juve e Napoli»."""
        for word in self.words[index : index + 7]:
            if word.text.lower() in _CONJUNCTIONS:
                return True
            if word.upos in ("VERB", "AUX") or word.text in _BARRIERS:
                return False
        return False


_CONJUNCTIONS = frozenset(("e", "ed", "o", "oppure", "né", "nonché"))
_JOINS = _CONJUNCTIONS | frozenset(
    (",", "poi", "anche", "con", "a", "di", "da", "in", "per", "su", "tra", "fra")
)


# Rules with a trigger and slots ------------------------------------------------------------------------


def _tree_matches(pattern: Pattern, scene: _Scene) -> Iterator[Match]:
    if not pattern.trigger or not scene.may_hold(pattern.trigger):
        return
    for word in scene.words:
        length = scene.passes(pattern.trigger, word.index)
        if length and _admitted(pattern, scene, word.index):
            trigger = _head_of_phrase(scene, word.index, length)
            yield from _bound(pattern, scene, trigger)


def _head_of_phrase(scene: _Scene, first: int, length: int) -> int:
    """The word of a phrase whose governor stands outside it."""
    inside = range(first, first + length)
    return next((index for index in inside if scene.words[index].head not in inside), first)


def _admitted(pattern: Pattern, scene: _Scene, trigger: int) -> bool:
    if pattern.near and not scene.clause_holds(pattern.near, trigger):
        return False
    return not (pattern.without and scene.clause_holds(pattern.without, trigger))


def _bound(pattern: Pattern, scene: _Scene, trigger: int, given: Bindings = ()) -> Iterator[Match]:
    """The match at a trigger, if all its slots can be filled; `given` are slots that are filled already."""
    bindings = list(given)
    basis = Basis.TREE
    for slot in pattern.slots:
        fillers, found_by = _fill(slot, scene, trigger, tuple(bindings))
        if not fillers and not slot.optional:
            return
        if fillers:
            bindings.append((slot.name, fillers))
        if not slot.optional:
            basis = max(basis, found_by)
    yield Match(pattern, trigger, tuple(bindings), basis)


def _fill(slot: Slot, scene: _Scene, trigger: int, bound: Bindings) -> tuple[tuple[Filler, ...], Basis]:
    """The fillers of the first path that finds any, and what that path rests on."""
    taken = {filler.ref for _, fillers in bound for filler in fillers}
    for path in slot.paths:
        if path[-1].relation.startswith("="):
            implied = scene.context(path[-1].relation[1:], bound)
            if implied and implied.labels & slot.labels and implied.ref not in taken:
                return (implied,), Basis.CONTEXT
            continue
        found = [f for f in _follow(path, scene, trigger, slot.labels) if f.ref not in taken]
        if found:
            ordered = any(step.relation in ("left", "right") for step in path)
            group = scene.coordinated(found[0], slot.labels)
            return tuple(f for f in group if f.ref not in taken), Basis.ORDER if ordered else Basis.TREE
    return (), Basis.TREE


def _follow(path: tuple[Step, ...], scene: _Scene, trigger: int, labels: frozenset[str]) -> list[Filler]:
    positions = [trigger]
    for step in path[:-1]:
        positions = [reached for position in positions for reached in _reach(step, scene, position)]
    return [f for position in positions for f in _land(path[-1], scene, position, labels)]


def _reach(step: Step, scene: _Scene, position: int) -> Iterator[int]:
    """The words that a step which is not the last leads to."""
    word = scene.words[position]
    if step.relation == "self":
        yield position
    elif step.upward:
        if word.head >= 0 and _is_relation(word.deprel, step.relation):
            yield word.head
    else:
        for child in scene.children[position]:
            if _is_relation(child.deprel, step.relation) and _case_fits(step, scene, child):
                yield child.index


def _case_fits(step: Step, scene: _Scene, word: Word) -> bool:
    if step.prepositions is None:
        return True
    cases = {child.lemma.lower() for child in scene.children[word.index] if child.deprel == "case"}
    return bool(cases & step.prepositions) or (not cases and "" in step.prepositions)


def _is_relation(deprel: str, wanted: str) -> bool:
    return any(one in ("*", deprel) or deprel.startswith(one + ":") for one in wanted.split("|"))


def _land(step: Step, scene: _Scene, position: int, labels: frozenset[str]) -> Iterator[Filler]:
    """The fillers that the last step of a path leads to."""
    match step.relation:
        case "self":
            yield from scene.at(position, labels)
        case "agent":
            yield from _agent(scene, position, labels)
        case "patient":
            yield from _patient(scene, position, labels)
        case "subject":
            yield from _subject(scene, position, labels)
        case "left" | "right":
            yield from _beside(step, scene, position, labels)
        case _:
            for reached in _reach(Step(step.relation, None, step.upward), scene, position):
                yield from (f for f in scene.at(reached, labels) if scene.admits(step, f))


def _beside(step: Step, scene: _Scene, position: int, labels: frozenset[str]) -> Iterator[Filler]:
    """The nearest filler on one side within the clause, no finite verb between."""
    clause = scene.clause(position)
    fitting = [
        f
        for f in scene.fillers
        if not f.implicit
        and f.labels & labels
        and f.first >= clause.start
        and f.last <= clause.stop
        and scene.admits(step, f)
    ]
    if step.relation == "left":
        nearest = max((f for f in fitting if f.last <= position), key=lambda f: f.last, default=None)
        between = range(nearest.last, position) if nearest else range(0)
    else:
        nearest = min((f for f in fitting if f.first > position), key=lambda f: f.first, default=None)
        between = range(position + 1, nearest.first) if nearest else range(0)
    if nearest and len(between) <= _REACH and _is_open(scene, between):
        yield nearest


def _is_open(scene: _Scene, between: range) -> bool:
    """Whether two places belong together: no finite verb between them, and commas only in pairs."""
    words = [scene.words[index] for index in between]
    commas = sum(word.text == "," for word in words)
    return commas % 2 == 0 and not any(_is_finite(word) for word in words)


def _is_finite(word: Word) -> bool:
    return word.upos == "VERB" and word.feat("VerbForm") == "Fin"


# Who does it, and whom it befalls ----------------------------------------------------------------------


def _is_bare_participle(scene: _Scene, index: int) -> bool:
    word = scene.words[index]
    return word.feat("VerbForm") == "Part" and not any(c.upos == "AUX" for c in scene.children[index])


def _is_passive(scene: _Scene, index: int) -> bool:
    """Whether a transitive verb stands in the passive: «è stato», «viene», or a participle alone."""
    if scene.words[index].feat("VerbForm") == "Fin":
        return False
    children = scene.children[index]
    if any(child.text.lower() in ("si", "s'", "ci", "mi") for child in children):
        return False
    auxiliaries = {child.lemma.lower() for child in children if child.upos == "AUX"}
    if "avere" in auxiliaries or scene.words[index].feat("VerbForm") in ("Inf", "Ger"):
        return bool({"essere", "venire"} & auxiliaries) and "avere" not in auxiliaries
    return bool({"essere", "venire"} & auxiliaries) or _is_bare_participle(scene, index)


def _agent(scene: _Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    if not _is_passive(scene, index):
        yield from _subject(scene, index, labels)
        return
    by = Step("*", frozenset(("da",)))
    yield from _land(by, scene, index, labels)
    yield from _beside(Step("right", frozenset(("da",))), scene, index, labels)


def _patient(scene: _Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    if _is_passive(scene, index):
        yield from _subject(scene, index, labels)
        return
    for child in scene.children[index]:
        if _is_relation(child.deprel, "obj|iobj|expl"):
            yield from (f for f in scene.at(child.index, labels) if not scene.preposition(f))
    if _is_relative(scene, index):
        yield from scene.at(scene.words[index].head, labels)
    yield from _beside(Step("right", frozenset(("",))), scene, index, labels)


def _is_relative(scene: _Scene, index: int) -> bool:
    """Whether a verb heads a relative clause, whatever the parser called its «che»."""
    word = scene.words[index]
    if word.head < 0:
        return False
    if _is_relation(word.deprel, "acl"):
        return True
    opened = any(child.text.lower() == "che" for child in scene.children[index])
    return opened and scene.words[word.head].upos in ("NOUN", "PROPN") and word.head < index


def _subject(scene: _Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    """The subject as spoken, inherited from a governing clause, or unspoken."""
    if _is_bare_participle(scene, index):
        apposed = list(_just_before(scene, index, labels))
        if apposed:
            yield from apposed
            return
    position = index
    for _ in range(_CLIMB):
        spoken = list(_spoken_subject(scene, position, labels))
        if spoken:
            yield from spoken
            return
        yield from scene.unspoken(position, labels)
        word = scene.words[position]
        if word.head < 0:
            break
        if _is_relation(word.deprel, "acl|amod") or _is_relative(scene, position):
            yield from scene.at(word.head, labels)
            break
        if not _is_relation(word.deprel, "conj|xcomp|advcl|ccomp|parataxis|aux|cop|appos|dep"):
            break
        if _is_relation(word.deprel, "ccomp") and word.feat("VerbForm") == "Fin":
            break
        position = word.head
    yield from _beside(Step("left", frozenset(("",))), scene, index, labels)
    if _is_bare_participle(scene, index) or scene.words[index].deprel == "root":
        yield from _beside(Step("right", frozenset(("",))), scene, index, labels)


def _just_before(scene: _Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    """The filler right before a participle, a comma or an adverb between: «Adorni, blindato fino al 2022»."""
    for back in (index, index - 1, index - 2):
        if back < index and (back < 0 or scene.words[back].upos not in ("PUNCT", "ADV")):
            return
        found = [f for f in scene.fillers if not f.implicit and f.last == back and f.labels & labels]
        if found:
            yield max(found, key=lambda f: f.last - f.first)
            return


def _spoken_subject(scene: _Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    for child in scene.children[index]:
        if _is_relation(child.deprel, "nsubj|csubj"):
            yield from scene.at(child.index, labels)


# Rules with a sequence ---------------------------------------------------------------------------------


def _sequence_matches(pattern: Pattern, scene: _Scene) -> Iterator[Match]:
    tests = [element.word for element in pattern.sequence if element.word and not element.optional]
    if not all(scene.may_hold(test) for test in tests):
        return
    ends: set[tuple[tuple[str, int], ...]] = set()
    for start in range(len(scene.words)):
        found = _consume(pattern.sequence, scene, start, start)
        if not found:
            continue
        bound, trigger = found
        key = tuple((name, filler.ref) for name, filler in bound)
        trigger = start if trigger is None else trigger
        if key in ends or not _admitted(pattern, scene, trigger):
            continue
        ends.add(key)
        groups = tuple((name, (filler,)) for name, filler in bound[:-1])
        groups += tuple((name, _with_pair(scene, filler, pattern.sequence)) for name, filler in bound[-1:])
        yield from _bound(pattern, scene, trigger, groups)


def _with_pair(scene: _Scene, filler: Filler, elements: tuple[Element, ...]) -> tuple[Filler, ...]:
    """The last filler of a sequence and the one that a conjunction joins to it («via Zauri e Leone»)."""
    labels = elements[-1].labels
    if not labels or scene.words[filler.last : filler.last + 1] == ():
        return (filler,)
    if scene.words[filler.last].text.lower() not in _CONJUNCTIONS:
        return (filler,)
    return scene.coordinated(filler, labels)[:2] if labels else (filler,)


_Bound = tuple[tuple[str, Filler], ...]


def _consume(
    elements: tuple[Element, ...], scene: _Scene, start: int, position: int
) -> tuple[_Bound, int | None] | None:
    """The fillers of a sequence that matches at `position`, and its trigger; None where it does not."""
    if not elements:
        return (), None
    element, rest = elements[0], elements[1:]
    if element.optional:
        taken = _consume((_required(element), *rest), scene, start, position)
        return taken or _consume(rest, scene, start, position)
    if element.anchor:
        fits = position == 0 if element.anchor == "^" else _at_end(scene, position)
        return _consume(rest, scene, start, position) if fits else None
    if element.gap:
        return _across(element.gap, rest, scene, start, position)
    if position >= len(scene.words):
        return None
    if element.word:
        length = scene.passes(element.word, position)
        found = _consume(rest, scene, start, position + length) if length else None
        if found and element.trigger:
            return found[0], _head_of_phrase(scene, position, length)
        return found
    return _consume_slot(element, rest, scene, start, position)


def _required(element: Element) -> Element:
    return Element(
        element.slot, element.labels, element.word, element.gap, element.anchor, False, element.trigger
    )


def _at_end(scene: _Scene, position: int) -> bool:
    return all(word.upos == "PUNCT" for word in scene.words[position:])


def _across(
    gap: int, rest: tuple[Element, ...], scene: _Scene, start: int, position: int
) -> tuple[_Bound, int | None] | None:
    for skipped in range(gap + 1):
        if position + skipped > len(scene.words):
            return None
        if skipped and scene.words[position + skipped - 1].text in _BARRIERS:
            return None
        found = _consume(rest, scene, start, position + skipped)
        if found:
            return found
    return None


def _consume_slot(
    element: Element, rest: tuple[Element, ...], scene: _Scene, start: int, position: int
) -> tuple[_Bound, int | None] | None:
    skip = position
    if scene.words[position].upos == "DET" and position + 1 < len(scene.words):
        skip = position + 1
    fitting = [
        f
        for f in scene.fillers
        if not f.implicit and f.labels & element.labels and f.first in (position, skip)
    ]
    for filler in sorted(fitting, key=lambda f: f.first - f.last):
        found = _consume(rest, scene, start, filler.last)
        if found:
            bound = ((element.slot, filler), *found[0])
            return bound, (filler.head if element.trigger else found[1])
    return None
