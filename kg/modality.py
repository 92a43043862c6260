"""How sure the text is of a claim, and when it holds: a small grammar over the trigger and its governors.

Certainty, time and polarity are those of FactA (Minard, Speranza, Caselli: «The EVALITA 2016 Event
Factuality Annotation Task»), folded into the modality and tense of the claim vocabulary. The word lists
are data (`rules/modality.yaml`); each judgement keeps its reasons.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from kg.errors import RuleError
from kg.model import Modality, Sentence, Tense, Word

_FILE = Path(__file__).resolve().parent / "rules" / "modality.yaml"
_CLIMB = 4
"""How many governors above the trigger may bear on it."""
_BARRIERS = frozenset(';:.!«»“”"()')
_PLAIN_NEGATIONS = frozenset(("non", "né", "senza", "mai"))
_BEFORE = 4
"""How many words before the trigger a negation or doubt without a place in the tree is looked for."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Modality and tense of what a trigger says, with a word on what decided each."""

    modality: Modality
    tense: Tense
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Cues:
    negations: frozenset[str]
    takes_back: frozenset[str]
    denials: frozenset[str]
    open_verbs: frozenset[str]
    doubts: frozenset[str]
    conditions: frozenset[str]
    past_cues: frozenset[str]
    future_cues: frozenset[str]


@functools.cache
def _cues() -> _Cues:
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    try:
        return _Cues(**{name: frozenset(map(str, content[name])) for name in _Cues.__dataclass_fields__})
    except (KeyError, TypeError) as error:
        raise RuleError(f"{_FILE}: the word list {error} is missing or no list") from error


def judge(sentence: Sentence, trigger: int, *, kind: str) -> Judgement:
    """The modality and tense of the word at `trigger`, read as its rule's `kind` asks."""
    return next(judgements(sentence, trigger, (kind,)))


def judgements(sentence: Sentence, trigger: int, kinds: Iterable[str]) -> Iterator[Judgement]:
    """The modality and tense of the word at `trigger`, read as each of some kinds of rules asks.

    `event`: what happens; its news is Present, what is recalled is Past. `state`: what is the case.
    `opinion`: a speaker's own view, whose conditional is politeness («sarebbe perfetto»). `link`:
    somebody is named for a place, which the word itself says («in pole»).
    """
    view = _View(sentence, trigger)
    for kind in kinds:
        modality, why = _modality(view, kind)
        tense, when = _tense(view, kind, modality)
        yield Judgement(modality, tense, (why, when))


class _View:
    """The trigger in its clause: the predicates that govern it, nearest first, with their auxiliaries."""

    def __init__(self, sentence: Sentence, trigger: int) -> None:
        self.words = sentence.words
        self._children: dict[int, list[Word]] = defaultdict(list)
        for word in sentence.words:
            self._children[word.head].append(word)
        self.trigger = sentence.words[trigger]
        self.headline = sentence.headline
        self.clause = self._clause(trigger)
        self.groups = tuple(self._groups())
        self.finite = next((word for group in self.groups for word in group if _is_finite(word)), None)

    def _clause(self, index: int) -> range:
        first, last = index, index + 1
        while first > 0 and self.words[first - 1].text not in _BARRIERS:
            first -= 1
        while last < len(self.words) and self.words[last].text not in _BARRIERS:
            last += 1
        return range(first, last)

    def _groups(self) -> Iterator[tuple[Word, ...]]:
        """The trigger with its helpers, then each governor with its helpers, inside the clause."""
        word = self.trigger
        for _ in range(_CLIMB):
            yield (word, *self._helpers(word))
            relative = word.deprel.startswith("acl") and word.index != self.trigger.index
            if word.head < 0 or word.head not in self.clause or relative:
                return
            if word.deprel.startswith(("conj", "parataxis", "advcl", "acl")) and self._has_finite(word):
                return
            word = self.words[word.head]

    def _helpers(self, word: Word) -> tuple[Word, ...]:
        kept = ("aux", "cop", "advmod", "mark", "det", "cc", "expl", "obj", "amod", "case", "nsubj", "obl", "discourse")
        return tuple(child for child in self._children[word.index] if child.deprel.startswith(kept))

    def _has_finite(self, word: Word) -> bool:
        return any(_is_finite(part) for part in (word, *self._helpers(word)))

    def forms(self, group: tuple[Word, ...]) -> frozenset[str]:
        """Lemmas and forms of a group, lower case."""
        return frozenset(form for word in group for form in (word.lemma.lower(), word.text.lower()))

    def before(self) -> tuple[Word, ...]:
        """The few words of the clause that stand before the trigger."""
        first = max(self.clause.start, self.trigger.index - _BEFORE)
        return tuple(self.words[first : self.trigger.index])

    def clause_text(self) -> str:
        """The clause in lower case, padded with blanks."""
        return " " + " ".join(self.words[index].text.lower() for index in self.clause) + " "


def _modality(view: _View, kind: str) -> tuple[Modality, str]:
    cues = _cues()
    denied = _denied(view, cues)
    if denied:
        return Modality.DENIED, denied
    possible = _possible(view, kind, cues)
    if possible:
        return Modality.POSSIBLE, possible
    return Modality.ASSERTED, "said outright"


def _denied(view: _View, cues: _Cues) -> str:
    for depth, group in enumerate(view.groups):
        forms = view.forms(group)
        governs = depth > 0 and group[0].upos in ("VERB", "NOUN")
        denial = governs and ({group[0].lemma.lower(), group[0].text.lower()} & cues.denials)
        # only what negates the predicate itself counts: «nessuno» as a far subject, «non» at its verb
        negation = next((w for w in group[1:] if w.text.lower() in cues.negations and w.deprel != "cc"), None)
        if depth == 0 and not negation:
            negation = next(
                (word for word in view.before() if word.text.lower() in ("non", "né", "senza", "mai")), None
            )
            if negation and any(_is_finite(w) for w in view.words[negation.index + 2 : view.trigger.index]):
                negation = None
        taken_back = negation is not None and _taken_back(view, negation, cues)
        if denial and not negation:
            return f"denied by «{group[0].text}»"
        if negation and not denial and not taken_back and (depth == 0 or _shares_clause(view, group[0])):
            return f"negated by «{negation.text}»"
        if "escludere" in forms and negation:
            return ""
        if any(_is_finite(word) for word in group) and depth > 0:
            break
    return ""


def _taken_back(view: _View, negation: Word, cues: _Cues) -> bool:
    after = view.words[negation.index + 1 : negation.index + 4]
    return any({word.text.lower(), word.lemma.lower()} & cues.takes_back for word in after)


def _shares_clause(view: _View, governor: Word) -> bool:
    """Whether a governor's «non» reaches down to the trigger: no finite verb lies between."""
    low, high = sorted((governor.index, view.trigger.index))
    return not any(_is_finite(word) for word in view.words[low + 1 : high])


def _possible(view: _View, kind: str, cues: _Cues) -> str:
    if _is_question(view):
        return "a question"
    for depth, group in enumerate(view.groups):
        head = group[0]
        if kind != "opinion":
            conditional = next((word for word in group if _is_conditional(word)), None)
            if conditional:
                return f"conditional «{conditional.text}»"
        opening = next((word for word in group if _opens_condition(view, word, cues)), None)
        if opening:
            return f"opened by «{opening.text}»"
        if kind in ("event", "state"):
            lemma = head.lemma.lower()
            if depth > 0 and lemma in cues.open_verbs and head.upos in ("VERB", "AUX"):
                return f"left open by «{head.text}»"
        if kind != "opinion":
            modal = next((w for w in group[1:] if w.deprel.startswith("aux") and w.lemma in ("potere", "dovere")), None)
            if modal:
                return f"left open by «{modal.text}»"
        doubt = next((w for w in group[1:] if {w.text.lower(), w.lemma.lower()} & cues.doubts), None)
        if doubt and kind != "state":
            return f"doubted by «{doubt.text}»"
        if kind == "event" and depth and {head.text.lower(), head.lemma.lower()} & cues.doubts:
            return f"doubted by «{head.text}»"
        if any(_is_finite(word) for word in group) and depth > 0:
            break
    return ""


def _opens_condition(view: _View, word: Word, cues: _Cues) -> bool:
    """«Se firma» leaves open; «se ne va» does not."""
    if word.deprel != "mark" or word.text.lower() not in cues.conditions:
        return False
    after = view.words[word.index + 1].text.lower() if word.index + 1 < len(view.words) else ""
    return after not in ("ne", "la", "lo", "li", "le")


_CONDITIONAL = re.compile(r".{2,}r(?:ei|esti|ebbe|emmo|este|ebbero)$")


_FUTURE = re.compile(r".+(?:rà|ranno|rò|remo)$")
"""Endings that are the future's alone; taggers miss it in rare verbs."""


def _is_conditional(word: Word) -> bool:
    """By form as well: the ending is the conditional's alone, and taggers miss it."""
    return word.feat("Mood") == "Cnd" or (word.upos in ("VERB", "AUX") and bool(_CONDITIONAL.match(word.text.lower())))


def _is_question(view: _View) -> bool:
    last = view.clause.stop - 1
    after = view.words[last] if last < len(view.words) else None
    inside = any(view.words[index].text == "?" for index in view.clause if index >= view.trigger.index)
    return inside or bool(after and after.text == "?")


# Tense ---------------------------------------------------------------------------------------------------


def _tense(view: _View, kind: str, modality: Modality) -> tuple[Tense, str]:
    cues = _cues()
    near = {word.text.lower() for word in view.before()[-3:]} | view.forms(view.groups[0])
    if kind == "state" and near & {"ex", "già"} and view.trigger.upos != "VERB":
        return Tense.PAST, "«ex» or «già» before it"
    verb = _carrier(view, kind)
    if verb is None:
        return (Tense.PRESENT, "no verb of its own") if kind != "event" else _event_without_verb(view, cues)
    time = verb.feat("Tense")
    if time == "Fut" or _FUTURE.match(verb.text.lower()):
        return Tense.FUTURE, f"future «{verb.text}»"
    if _is_conditional(verb) and modality is Modality.POSSIBLE and kind == "event":
        return Tense.FUTURE, f"conditional «{verb.text}»"
    recalled = _recalled(view, cues) if kind != "state" or view.trigger.upos == "VERB" else ""
    if time == "Imp" or verb.text.lower() in _PAST_HELPERS or (time == "Past" and _is_remote(verb)):
        if kind in ("link", "opinion"):
            return (Tense.PAST, "recalled") if recalled else (Tense.PRESENT, f"past verb «{verb.text}»")
        return Tense.PAST, f"past verb «{verb.text}»"
    if recalled:
        return Tense.PAST, f"recalled by «{recalled}»"
    if kind == "state" and view.trigger.upos == "VERB" and _is_compound_past(view):
        return Tense.PAST, "compound past"
    if kind == "event" and modality is Modality.POSSIBLE:
        return Tense.FUTURE, "still open"
    later = next((cue for cue in sorted(cues.future_cues) if f" {cue} " in view.clause_text()), "")
    if later and kind == "event":
        return Tense.FUTURE, f"fixed for later by «{later}»"
    return Tense.PRESENT, f"verb «{verb.text}»"


def _event_without_verb(view: _View, cues: _Cues) -> tuple[Tense, str]:
    recalled = _recalled(view, cues)
    return (Tense.PAST, f"recalled by «{recalled}»") if recalled else (Tense.PRESENT, "news without a verb")


def _carrier(view: _View, kind: str) -> Word | None:
    """The finite verb that carries the trigger's time; a noun that merely names somebody carries its own."""
    if kind == "state" and view.trigger.upos in ("NOUN", "PROPN", "ADJ"):
        return next((word for word in view.groups[0] if word.deprel == "cop" and _is_finite(word)), None)
    return view.finite


def _is_compound_past(view: _View) -> bool:
    """«Ha allenato» is over; «è legato» is not."""
    return view.trigger.feat("VerbForm") == "Part" and any(
        word.upos == "AUX" and word.lemma.lower() == "avere" for word in view.groups[0]
    )


_YEAR = re.compile(r" (?:in il|nel|estate|gennaio|giugno|luglio|agosto|nell'estate del) '?(?:19|20)\d\d ")


def _recalled(view: _View, cues: _Cues) -> str:
    text = view.clause_text()
    found = next((cue for cue in sorted(cues.past_cues) if f" {cue} " in text and cue not in ("ex", "già")), "")
    if found:
        return found
    year = _YEAR.search(text)
    if not year or view.trigger.upos != "VERB" or " fino a" in text:
        return ""
    return year.group().strip()


_REMOTE = re.compile(r".+(?:[òìèé]|se|ette|bbe|cque|nne|de|ro|ono|sti|mmo|ste|i)$")


def _is_remote(verb: Word) -> bool:
    """A passato remoto by tag and by form: taggers see one in rare presents («riparte»)."""
    return verb.feat("VerbForm") == "Fin" and bool(_REMOTE.match(verb.text.lower()))


_PAST_HELPERS = frozenset(("aveva", "avevano", "era", "erano", "ebbe", "ebbero", "fu", "furono"))


def _is_finite(word: Word) -> bool:
    if word.upos not in ("VERB", "AUX"):
        return False
    return word.feat("VerbForm") == "Fin" or word.text.lower() in _PAST_HELPERS
