"""Sequences of words and slots: rules that read the order of words alone."""

from __future__ import annotations

from kg.patterns import Element
from kg.scene import BARRIERS, Filler, Scene

Bound = tuple[tuple[str, Filler], ...]


def consume(elements: tuple[Element, ...], scene: Scene, start: int, position: int) -> tuple[Bound, int | None] | None:
    """The fillers of a sequence that matches at `position`, and its trigger; None where it does not."""
    if not elements:
        return (), None
    element, rest = elements[0], elements[1:]
    if element.optional:
        taken = consume((_required(element), *rest), scene, start, position)
        return taken or consume(rest, scene, start, position)
    if element.anchor:
        fits = position == 0 if element.anchor == "^" else _at_end(scene, position)
        return consume(rest, scene, start, position) if fits else None
    if element.gap:
        return _across(element.gap, rest, scene, start, position)
    if position >= len(scene.words):
        return None
    if element.word:
        length = scene.passes(element.word, position)
        found = consume(rest, scene, start, position + length) if length else None
        if found and element.trigger:
            return found[0], head_of_phrase(scene, position, length)
        return found
    return _consume_slot(element, rest, scene, start, position)


def _required(element: Element) -> Element:
    return Element(element.slot, element.labels, element.word, element.gap, element.anchor, False, element.trigger)


def _at_end(scene: Scene, position: int) -> bool:
    return all(word.upos == "PUNCT" for word in scene.words[position:])


def _across(
    gap: int, rest: tuple[Element, ...], scene: Scene, start: int, position: int
) -> tuple[Bound, int | None] | None:
    for skipped in range(gap + 1):
        if position + skipped > len(scene.words):
            return None
        if skipped and scene.words[position + skipped - 1].text in BARRIERS:
            return None
        found = consume(rest, scene, start, position + skipped)
        if found:
            return found
    return None


def _consume_slot(
    element: Element, rest: tuple[Element, ...], scene: Scene, start: int, position: int
) -> tuple[Bound, int | None] | None:
    skip = position
    if scene.words[position].upos == "DET" and position + 1 < len(scene.words):
        skip = position + 1
    fitting = [f for f in scene.fillers if not f.implicit and f.labels & element.labels and f.first in (position, skip)]
    for filler in sorted(fitting, key=lambda f: f.first - f.last):
        found = consume(rest, scene, start, filler.last)
        if found:
            bound = ((element.slot, filler), *found[0])
            return bound, (filler.head if element.trigger else found[1])
    return None


def head_of_phrase(scene: Scene, first: int, length: int) -> int:
    """The word of a phrase whose governor stands outside it."""
    inside = range(first, first + length)
    return next((index for index in inside if scene.words[index].head not in inside), first)
