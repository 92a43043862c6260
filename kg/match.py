"""Matches patterns against sentences. Knows dependency trees and word order; knows nothing of football.

A scene is a sentence with fillers: labelled stretches that may fill a slot (mentions, dates, scores).
Trees are read first; the paths `left` and `right` read the order of words, for trees that are wrong
and for headlines that have hardly one; `=name` takes a filler from the context that the caller gives.
Each match says what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.model import Sentence
from kg.paths import fill
from kg.patterns import Element, Grammar, Pattern
from kg.scene import CONJUNCTIONS, Basis, Bindings, Context, Filler, Scene
from kg.sequences import consume, head_of_phrase


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


def matches(grammar: Grammar, sentence: Sentence, fillers: Iterable[Filler], context: Context) -> Iterator[Match]:
    """All matches of a grammar in one sentence, in the order of rules and words."""
    scene = Scene(sentence, tuple(fillers), context)
    for pattern in grammar.patterns:
        yield from _sequence_matches(pattern, scene) if pattern.sequence else _tree_matches(pattern, scene)


# Rules with a trigger and slots ------------------------------------------------------------------------


def _tree_matches(pattern: Pattern, scene: Scene) -> Iterator[Match]:
    if not pattern.trigger or not scene.may_hold(pattern.trigger):
        return
    for word in scene.words:
        length = scene.passes(pattern.trigger, word.index)
        if length and _admitted(pattern, scene, word.index):
            trigger = head_of_phrase(scene, word.index, length)
            yield from _bound(pattern, scene, trigger)


def _admitted(pattern: Pattern, scene: Scene, trigger: int) -> bool:
    if pattern.near and not scene.clause_holds(pattern.near, trigger):
        return False
    return not (pattern.without and scene.clause_holds(pattern.without, trigger))


def _bound(pattern: Pattern, scene: Scene, trigger: int, given: Bindings = ()) -> Iterator[Match]:
    """The match at a trigger, if all its slots can be filled; `given` are slots that are filled already."""
    bindings = list(given)
    basis = Basis.TREE
    for slot in pattern.slots:
        fillers, found_by = fill(slot, scene, trigger, tuple(bindings))
        if not fillers and not slot.optional:
            return
        if fillers:
            bindings.append((slot.name, fillers))
        if not slot.optional:
            basis = max(basis, found_by)
    yield Match(pattern, trigger, tuple(bindings), basis)


# Rules with a sequence ---------------------------------------------------------------------------------


def _sequence_matches(pattern: Pattern, scene: Scene) -> Iterator[Match]:
    tests = [element.word for element in pattern.sequence if element.word and not element.optional]
    if not all(scene.may_hold(test) for test in tests):
        return
    ends: set[tuple[tuple[str, int], ...]] = set()
    for start in range(len(scene.words)):
        found = consume(pattern.sequence, scene, start, start)
        if not found:
            continue
        bound, trigger = found
        key = tuple((name, filler.ref) for name, filler in bound)
        trigger = start if trigger is None else trigger
        if key in ends or not _admitted(pattern, scene, trigger):
            continue
        ends.add(key)
        groups: Bindings = tuple((name, (filler,)) for name, filler in bound[:-1])
        groups += tuple((name, _with_pair(scene, filler, pattern.sequence)) for name, filler in bound[-1:])
        yield from _bound(pattern, scene, trigger, groups)


def _with_pair(scene: Scene, filler: Filler, elements: tuple[Element, ...]) -> tuple[Filler, ...]:
    """The last filler of a sequence and the one that a conjunction joins to it («via Zauri e Leone»)."""
    labels = elements[-1].labels
    if not labels or scene.words[filler.last : filler.last + 1] == ():
        return (filler,)
    if scene.words[filler.last].text.lower() not in CONJUNCTIONS:
        return (filler,)
    return scene.coordinated(filler, labels)[:2] if labels else (filler,)
