"""Paths from a trigger to the fillers of its slots: along the tree, and by the order of words."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model import Word
from kg.patterns import Slot, Step
from kg.scene import Basis, Bindings, Filler, Scene

_REACH = 14
"""How many words away a filler may stand that is found by word order alone."""
_CLIMB = 4
"""How many governors an unspoken subject is looked for at."""


def fill(slot: Slot, scene: Scene, trigger: int, bound: Bindings) -> tuple[tuple[Filler, ...], Basis]:
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


def _follow(path: tuple[Step, ...], scene: Scene, trigger: int, labels: frozenset[str]) -> list[Filler]:
    positions = [trigger]
    for step in path[:-1]:
        positions = [reached for position in positions for reached in _reach(step, scene, position)]
    return [f for position in positions for f in _land(path[-1], scene, position, labels)]


def _reach(step: Step, scene: Scene, position: int) -> Iterator[int]:
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


def _case_fits(step: Step, scene: Scene, word: Word) -> bool:
    if step.prepositions is None:
        return True
    cases = {child.lemma.lower() for child in scene.children[word.index] if child.deprel == "case"}
    return bool(cases & step.prepositions) or (not cases and "" in step.prepositions)


def _is_relation(deprel: str, wanted: str) -> bool:
    return any(one in ("*", deprel) or deprel.startswith(one + ":") for one in wanted.split("|"))


def _land(step: Step, scene: Scene, position: int, labels: frozenset[str]) -> Iterator[Filler]:
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


def _beside(step: Step, scene: Scene, position: int, labels: frozenset[str]) -> Iterator[Filler]:
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


def _is_open(scene: Scene, between: range) -> bool:
    """Whether two places belong together: no finite verb between them, and commas only in pairs."""
    words = [scene.words[index] for index in between]
    commas = sum(word.text == "," for word in words)
    return commas % 2 == 0 and not any(_is_finite(word) for word in words)


def _is_finite(word: Word) -> bool:
    return word.upos == "VERB" and word.feat("VerbForm") == "Fin"


# Who does it, and whom it befalls ----------------------------------------------------------------------


def _is_bare_participle(scene: Scene, index: int) -> bool:
    word = scene.words[index]
    return word.feat("VerbForm") == "Part" and not any(c.upos == "AUX" for c in scene.children[index])


def _is_passive(scene: Scene, index: int) -> bool:
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


def _agent(scene: Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    if not _is_passive(scene, index):
        yield from _subject(scene, index, labels)
        return
    by = Step("*", frozenset(("da",)))
    yield from _land(by, scene, index, labels)
    yield from _beside(Step("right", frozenset(("da",))), scene, index, labels)


def _patient(scene: Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    if _is_passive(scene, index):
        yield from _subject(scene, index, labels)
        return
    for child in scene.children[index]:
        if _is_relation(child.deprel, "obj|iobj|expl"):
            yield from (f for f in scene.at(child.index, labels) if not scene.preposition(f))
    if _is_relative(scene, index):
        yield from scene.at(scene.words[index].head, labels)
    yield from _beside(Step("right", frozenset(("",))), scene, index, labels)


def _is_relative(scene: Scene, index: int) -> bool:
    """Whether a verb heads a relative clause, whatever the parser called its «che»."""
    word = scene.words[index]
    if word.head < 0:
        return False
    if _is_relation(word.deprel, "acl"):
        return True
    opened = any(child.text.lower() == "che" for child in scene.children[index])
    return opened and scene.words[word.head].upos in ("NOUN", "PROPN") and word.head < index


def _subject(scene: Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
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


def _just_before(scene: Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    """The filler right before a participle, a comma or an adverb between: «Adorni, blindato fino al 2022»."""
    for back in (index, index - 1, index - 2):
        if back < index and (back < 0 or scene.words[back].upos not in ("PUNCT", "ADV")):
            return
        found = [f for f in scene.fillers if not f.implicit and f.last == back and f.labels & labels]
        if found:
            yield max(found, key=lambda f: f.last - f.first)
            return


def _spoken_subject(scene: Scene, index: int, labels: frozenset[str]) -> Iterator[Filler]:
    for child in scene.children[index]:
        if _is_relation(child.deprel, "nsubj|csubj"):
            yield from scene.at(child.index, labels)
