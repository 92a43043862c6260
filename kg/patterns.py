"""The grammar as data: loads and checks `rules/*.yaml`.

A rule file has `classes` (named lists of lemmas, or of short phrases) and `rules`. A rule has

    name, predicate     the claim it makes
    trigger             the word that carries it (lemma or @class, and UPOS tags; or {Label}: the head
                        of a filler), with
    slots               for each argument its label and the paths that lead from the trigger to it
    sequence            or a sequence of words and slots, one of which is the trigger; further `slots`
                        start from it
    kind                event | state | opinion | link: how its tense and modality are read
    tense, modality     where the rule itself says them
    near, without       lemma classes that must, or must not, stand in the trigger's clause
    outcome             won | lost | drawn: whose goals come first in a score (playedMatch)
    on_loan             the rule speaks of a loan
    confidence          how far it is trusted, in (0, 1]
    examples            sentences with the claims they must give; `not` has sentences that give none

A path is a list of steps parted by spaces, from the trigger to the filler:

    self                the trigger's own mention
    nsubj  obl(a|con)   dependents by relation (subtypes count), with the preposition before the filler
    *(da)               any dependent with that preposition; `*()` one without a preposition
    <acl                up to the governor, if the relation is the one named
    agent  patient      who does it and whom it befalls, whatever the voice; unspoken and inherited
                        subjects count
    left(a) right(di)   the nearest filler of that label on one side within the clause: for trees that
                        are wrong and sentences that have none (headlines)
    =name               a filler that the context gives (the speaker of a quote, the article's topic)

A sequence is a list of elements parted by spaces:

    {object:Side}       a slot; an article before it is skipped
    word  a|b  @class   a word by lemma or form
    :VERB               a word by UPOS tag
    ...   ...6          a gap of up to 3 (6) words
    ^  $                the sentence's first and last word
    x?                  an element that may be missing;  x!  the trigger (else the first word matched)

Idea of typed slots on dependency paths: Odin (Valenzuela-Escárcega et al., LREC 2016).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from kg.errors import RuleError
from kg.model import Modality, Tense

Kind = str
_KINDS = ("event", "state", "opinion", "link")
_OUTCOMES = ("", "won", "lost", "drawn")


@dataclass(frozen=True, slots=True)
class WordTest:
    """What a word must look like: one of these lemmas or forms (lower case), one of these UPOS tags.

    An empty set admits everything. `phrases` are longer entries of a class, as tuples of words;
    `labels` asks for a filler with one of these labels that is headed by the word.
    """

    lemmas: frozenset[str]
    upos: frozenset[str]
    phrases: tuple[tuple[str, ...], ...] = ()
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: `relation` names it, `prepositions` is None where any will do."""

    relation: str
    prepositions: frozenset[str] | None = None
    upward: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """An argument of a tree rule: its admissible labels, and the paths to it in order of trust."""

    name: str
    labels: frozenset[str]
    paths: tuple[tuple[Step, ...], ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a sequence: a slot, a word test, a gap, or an anchor (`^`, `$`)."""

    slot: str = ""
    labels: frozenset[str] = frozenset()
    word: WordTest | None = None
    gap: int = 0
    anchor: str = ""
    optional: bool = False
    trigger: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and claims that must be found in it, as `subject predicate object [Modality [Tense]]`."""

    text: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One rule of the grammar; see the module's text for the fields."""

    name: str
    predicate: str
    kind: Kind
    confidence: float
    trigger: WordTest | None = None
    slots: tuple[Slot, ...] = ()
    sequence: tuple[Element, ...] = ()
    near: WordTest | None = None
    without: WordTest | None = None
    tense: Tense | None = None
    modality: Modality | None = None
    outcome: str = ""
    on_loan: bool = False
    examples: tuple[Example, ...] = ()
    counterexamples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grammar:
    """All rules, in the order of their files' names and of the rows in them."""

    patterns: tuple[Pattern, ...]


def default_folder() -> Path:
    """The folder of the rules that ship with kg."""
    return Path(__file__).parent / "rules"


@functools.cache
def load(folder: Path | None = None) -> Grammar:
    """The grammar of a folder of rule files. Raises RuleError with file and rule."""
    files = [path for path in sorted((folder or default_folder()).glob("*.yaml")) if _has_rules(path)]
    contents = [(path, _yaml(path)) for path in files]
    classes: dict[str, tuple[str, ...]] = {}
    for path, content in contents:
        for name, lemmas in (content.get("classes") or {}).items():
            if name in classes:
                raise RuleError(f"{path.name}: class {name} is defined twice")
            classes[name] = tuple(str(lemma) for lemma in lemmas)
    patterns = tuple(
        _Reader(path.name, str(row.get("name", "?")), classes).pattern(row)
        for path, content in contents
        for row in content.get("rules") or ()
    )
    names = [pattern.name for pattern in patterns]
    for name in names:
        if names.count(name) > 1:
            raise RuleError(f"rule {name} is defined twice")
    return Grammar(patterns)


def _has_rules(path: Path) -> bool:
    """Whether a file holds claim rules; word lists and other grammars lie beside them."""
    return path.name.startswith("claims_")


def _yaml(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RuleError(f"{path.name}: not YAML ({str(error).splitlines()[0]})") from error
    if not isinstance(content, dict):
        raise RuleError(f"{path.name}: must have `classes` and `rules`")
    return content


_FIELDS = {
    "name", "predicate", "trigger", "slots", "sequence", "kind", "tense", "modality", "near",
    "without", "outcome", "on_loan", "confidence", "examples", "not",
}  # fmt: skip
_STEP = re.compile(r"(?P<up><)?(?P<relation>[\w:|*=]+)(?:\((?P<prepositions>[^)]*)\))?$")
_SLOT = re.compile(r"\{(?P<name>\w+):(?P<labels>[\w|]+)\}$")
_LABELS = re.compile(r"\{:?(?P<labels>[\w|]+)\}$")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the rows of one file; knows where it is, for the error messages."""

    file: str
    rule: str
    classes: Mapping[str, tuple[str, ...]]

    def error(self, message: str) -> RuleError:
        return RuleError(f"{self.file}: rule {self.rule}: {message}")

    def pattern(self, row: Mapping[str, Any]) -> Pattern:
        if unknown := set(row) - _FIELDS:
            raise self.error(f"unknown field {sorted(unknown)[0]}")
        for field in ("name", "predicate"):
            if not row.get(field):
                raise self.error(f"{field} is missing")
        if bool(row.get("sequence")) == bool(row.get("trigger")):
            raise self.error("give either a trigger or a sequence")
        kind = row.get("kind", "state")
        outcome = row.get("outcome", "")
        if kind not in _KINDS or outcome not in _OUTCOMES:
            raise self.error(f"kind {kind!r} or outcome {outcome!r} is not one of those that exist")
        confidence = float(row.get("confidence", 0.8))
        if not 0 < confidence <= 1:
            raise self.error("confidence must lie in (0, 1]")
        pattern = Pattern(
            name=row["name"],
            predicate=row["predicate"],
            kind=kind,
            confidence=confidence,
            trigger=self.word_test(row["trigger"]) if row.get("trigger") else None,
            slots=tuple(self.slots(row.get("slots") or {})),
            sequence=tuple(self.elements(row.get("sequence") or "")),
            near=self.word_test(row["near"]) if row.get("near") else None,
            without=self.word_test(row["without"]) if row.get("without") else None,
            tense=self.choice(Tense, row.get("tense")),
            modality=self.choice(Modality, row.get("modality")),
            outcome=outcome,
            on_loan=bool(row.get("on_loan", False)),
            examples=tuple(self.examples(row.get("examples") or ())),
            counterexamples=tuple(str(text) for text in row.get("not") or ()),
        )
        named = {slot.name for slot in pattern.slots} | {element.slot for element in pattern.sequence}
        if "subject" not in named:
            raise self.error("no slot named subject")
        return pattern

    def choice(self, kind: type[StrEnum], value: str | None) -> Any:
        if value is None:
            return None
        try:
            return kind(value)
        except ValueError as error:
            raise self.error(f"{value!r} is not one of {', '.join(kind)}") from error

    def word_test(self, text: str) -> WordTest:
        """A test such as `@coach|mister NOUN|PROPN` or `{Demonym}`."""
        if labelled := _LABELS.match(str(text)):
            return WordTest(frozenset(), frozenset(), labels=frozenset(labelled["labels"].split("|")))
        lemmas, _, tags = str(text).partition(" ")
        entries = [entry for part in lemmas.split("|") for entry in self.entries(part)]
        return WordTest(
            lemmas=frozenset(entry.lower() for entry in entries if " " not in entry),
            upos=frozenset(tags.split("|")) if tags else frozenset(),
            phrases=tuple(tuple(entry.lower().split()) for entry in entries if " " in entry),
        )

    def entries(self, part: str) -> tuple[str, ...]:
        if part == "*":
            return ()
        if not part.startswith("@"):
            return (part,)
        if part[1:] not in self.classes:
            raise self.error(f"there is no class {part}")
        return self.classes[part[1:]]

    def slots(self, rows: Mapping[str, Any]) -> Iterator[Slot]:
        for name, row in rows.items():
            paths = row.get("at") or ()
            if not paths or not row.get("class"):
                raise self.error(f"slot {name} needs `class` and `at`")
            yield Slot(
                name=name,
                labels=frozenset(str(row["class"]).split("|")),
                paths=tuple(tuple(self.step(step) for step in str(path).split()) for path in paths),
                optional=bool(row.get("optional", False)),
            )

    def step(self, text: str) -> Step:
        match = _STEP.match(text)
        if not match:
            raise self.error(f"{text!r} is not a step of a path")
        given = match["prepositions"]
        return Step(
            relation=match["relation"],
            prepositions=None if given is None else frozenset(given.split("|")),
            upward=bool(match["up"]),
        )

    def elements(self, text: str) -> Iterator[Element]:
        for part in text.split():
            optional, trigger = part.endswith("?") and len(part) > 1, part.endswith("!") and len(part) > 1
            bare = part[:-1] if optional or trigger else part
            yield self.element(bare, optional, trigger)

    def element(self, bare: str, optional: bool, trigger: bool) -> Element:
        if slot := _SLOT.match(bare):
            labels = frozenset(slot["labels"].split("|"))
            return Element(slot=slot["name"], labels=labels, optional=optional, trigger=trigger)
        if bare.startswith("..."):
            return Element(gap=int(bare[3:] or 3))
        if bare in ("^", "$"):
            return Element(anchor=bare)
        test = self.word_test("* " + bare[1:]) if bare.startswith(":") and bare[1:] else self.word_test(bare)
        return Element(word=test, optional=optional, trigger=trigger)

    def examples(self, rows: Any) -> Iterator[Example]:
        for row in rows:
            if not isinstance(row, dict) or len(row) != 1:
                raise self.error("an example is `sentence: [claim, …]`")
            ((text, claims),) = row.items()
            yield Example(str(text), tuple(str(claim) for claim in claims))
