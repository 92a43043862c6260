"""Who says a stretch of the text, and to which outlet: direct speech, indirect speech, «secondo …».

Direct speech is found by its quotation marks; its speaker is the subject of a verb of saying beside it, the
person named right before or after it, or whoever spoke last. Indirect speech runs from the verb of saying to
the end of its sentence. The word lists are data (`rules/speech.yaml`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from kg.errors import RuleError
from kg.model import EntityClass, Mention, MentionKind, Reading, Sentence, Word

_FILE = Path(__file__).resolve().parent / "rules" / "speech.yaml"
_QUOTED = re.compile(r"«[^«»]{2,4000}»|“[^“”]{2,4000}”|\"[^\"\n]{2,4000}\"")
_FEW_WORDS = 3
"""A quotation of fewer words names or stresses something («la Dea», «top»); nobody speaks in it."""
_NEAR = 60
"""How many characters before or after a quotation a person may stand who is named without a verb."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of the article's text (character offsets, half-open) with the ids of speaker and outlet, or empty."""

    start: int
    end: int
    speaker: str
    outlet: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The utterances of an article, inner ones first."""

    utterances: tuple[Utterance, ...]

    def at(self, offset: int) -> tuple[str, str]:
        """The ids of who says the text at a character offset, and of the outlet it is said to; empty where nobody."""
        around = [one for one in self.utterances if one.start <= offset < one.end]
        speaker = next((one.speaker for one in around if one.speaker), "")
        outlet = next((one.outlet for one in around if one.outlet), "")
        return speaker, outlet

    def over(self, start: int, end: int) -> str:
        """The id of who says most of a stretch of text (character offsets, half-open); empty where nobody does."""
        said = [(min(one.end, end) - max(one.start, start), one.speaker) for one in self.utterances if one.speaker]
        longest = max(said, key=lambda row: row[0], default=(0, ""))
        return longest[1] if longest[0] > 0 else ""


@dataclass(frozen=True, slots=True)
class _Lists:
    verbs: frozenset[str]
    according_to: frozenset[str]
    outlet_cues: frozenset[str]


@functools.cache
def _lists() -> _Lists:
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    try:
        return _Lists(**{name: frozenset(map(str, content[name])) for name in _Lists.__dataclass_fields__})
    except (KeyError, TypeError) as error:
        raise RuleError(f"{_FILE}: the word list {error} is missing or no list") from error


def speakers(reading: Reading) -> Attribution:
    """Who says what in an article."""
    return Attribution(tuple(_Listener(reading).utterances()))


class _Listener:
    """One article being listened to."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.text = reading.document.article.text
        self.entities = reading.entities()
        self.quotes = tuple(
            (match.start(), match.end())
            for match in _QUOTED.finditer(self.text)
            if len(match.group().split()) >= _FEW_WORDS
        )

    def utterances(self) -> Iterator[Utterance]:
        last = last_outlet = ""
        found: list[Utterance] = []
        for start, end in self.quotes:
            speaker = self._speaker_of(start, end) or last
            outlet = self._outlet_near(start, end) or (last_outlet if speaker == last else "")
            found.append(Utterance(start, end, speaker, outlet))
            last, last_outlet = speaker, outlet
        yield from found
        for sentence in self.reading.document.sentences:
            yield from self._indirect(sentence)

    # direct speech ---------------------------------------------------------------------------------

    def _speaker_of(self, start: int, end: int) -> str:
        """The subject of a verb of saying in the sentences that a quotation touches, else a person named beside it."""
        touched = [s for s in self.reading.document.sentences if s.start < end + 2 and s.end > start - 2]
        # the verb stands after the quotation («…», ha detto X) more often than before it (X: «…»)
        sayers = [
            (self._distance(word, start, end), subject)
            for sentence in touched
            for word in sentence.words
            if self._says(word) and not self._inside_quote(word.start)
            for subject in [self._subject(sentence, word)]
            if subject
        ]
        if sayers:
            return min(sayers)[1]
        return self._person_beside(start, end)

    def _distance(self, word: Word, start: int, end: int) -> int:
        return word.start - end if word.start >= end else start - word.end + 1

    def _says(self, word: Word) -> bool:
        return word.upos == "VERB" and word.lemma.lower() in _lists().verbs

    def _inside_quote(self, offset: int) -> bool:
        return any(start <= offset < end for start, end in self.quotes)

    def _person_beside(self, start: int, end: int) -> str:
        """«Lotito: «…»», «…» (Sarri): the last person named before a colon, or the first after the quotation."""
        before = self.text[max(0, start - 3) : start]
        spoken = self._people()
        if ":" in before:
            line = self.text.rfind("\n", 0, start)
            named = [m for m in spoken if line < m.end <= start and not self._inside_quote(m.start)]
            if named:
                return self._id(max(named, key=lambda m: m.end))
        named = [m for m in spoken if end <= m.start < end + _NEAR and "." not in self.text[end : m.start]]
        return self._id(min(named, key=lambda m: m.start)) if named else ""

    def _people(self) -> list[Mention]:
        return [
            self.reading.mentions[position]
            for position, entity in self.entities.items()
            if entity.entity_class is EntityClass.PERSON
            and self.reading.mentions[position].kind is not MentionKind.ZERO
        ]

    def _id(self, mention: Mention) -> str:
        return self.entities[self.reading.mentions.index(mention)].id

    # indirect speech -------------------------------------------------------------------------------

    def _indirect(self, sentence: Sentence) -> Iterator[Utterance]:
        outlet = self._outlet_in(sentence.start, sentence.end)
        for word in sentence.words:
            low = word.text.lower()
            if low in _lists().according_to and not self._inside_quote(word.start):
                named = self._person_after(sentence, word)
                if named:
                    yield Utterance(sentence.start, sentence.end, named, outlet)
            if self._says(word) and not self._inside_quote(word.start):
                subject = self._subject(sentence, word)
                if subject:
                    yield Utterance(word.start, sentence.end, subject, outlet)
        if outlet:
            yield Utterance(sentence.start, sentence.end, "", outlet)

    def _person_after(self, sentence: Sentence, word: Word) -> str:
        """The person whom «secondo» or «per» governs: named within the next words, at the clause's front."""
        if word.text.lower() == "per" and word.index > 1 and sentence.words[word.index - 1].text not in (",", "e"):
            return ""
        reach = range(word.index + 1, min(word.index + 7, len(sentence.words)))
        for mention in self._people():
            if mention.sentence == sentence.index and mention.first in reach:
                between = sentence.words[word.index + 1 : mention.first]
                if not any(w.text == "," or w.upos in ("VERB", "AUX") for w in between):
                    return self._id(mention)
        return ""

    # subjects and outlets --------------------------------------------------------------------------

    def _subject(self, sentence: Sentence, verb: Word) -> str:
        """The person who is a verb's subject, spoken or not; else the nearest person before or right after it."""
        heads = {child.index for child in sentence.words if child.head == verb.index and "subj" in child.deprel}
        for position, entity in self.entities.items():
            mention = self.reading.mentions[position]
            if mention.sentence != sentence.index or entity.entity_class is not EntityClass.PERSON:
                continue
            if mention.head in heads or (mention.kind is MentionKind.ZERO and mention.head == verb.index):
                return entity.id
        if heads:
            return ""
        after = [
            m
            for m in self._people()
            if m.sentence == sentence.index and verb.index < m.first <= verb.index + _FEW_WORDS
        ]
        return self._id(min(after, key=lambda m: m.first)) if after else ""

    def _outlet_near(self, start: int, end: int) -> str:
        """The outlet named in the paragraph before a quotation or in its sentence."""
        line = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", end)
        return self._outlet_in(line, stop if stop >= 0 else len(self.text))

    def _outlet_in(self, start: int, end: int) -> str:
        for position, entity in self.entities.items():
            mention = self.reading.mentions[position]
            if entity.entity_class is EntityClass.OUTLET and start <= mention.start < end and self._cued(mention):
                return entity.id
        return ""

    def _cued(self, mention: Mention) -> bool:
        words = self.reading.document.sentences[mention.sentence].words
        around = (*words[max(0, mention.first - 3) : mention.first], *words[mention.last : mention.last + 2])
        return any({w.text.lower(), w.lemma.lower()} & _lists().outlet_cues for w in around)
