"""What a sentence says of somebody it names: roles and sides, told («l'ad dell'Inter Marotta») or hinted at («gol di»).

For telling namesakes apart only; claims are read by rules and the learned reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.lexicon import lexicon
from kg.model import Mention, Sentence, Word

_REACH = 7
"""How many words away from a name a word may hint at what its bearer does."""
_HINTS = {
    "player": (
        "gol rete doppietta tripletta assist segnare tiro destro sinistro colpo testa cross rigore punizione parata"
        " parare dribbling traversa palo infortunio titolare esordio maglia fascia convocare giocare partire diagonale"
        " contropiede tabellino marcatore subentrare sostituire dischetto incrociare raddoppiare pareggiare ammonire"
        " espellere cartellino prestito riscatto cartellino"
    ),
    "coach": (
        "panchina modulo allenare schierare esonero esonerare formazione undici tattico squadra spogliatoio"
        " convocare conferenza 4-3-3 3-5-2 4-4-2 4-2-3-1 3-4-3 4-3-1-2 3-4-2-1 turnover allenamento dimissione"
    ),
    "president": "società club patron presidenza proprietà cessione stadio vendere acquistare investitore",
    "executive": "mercato trattativa dirigenza dirigente società operazione scrivania acquisto blitz incontro",
    "agent": "agente procuratore assistito entourage",
    "referee": "arbitro arbitrare fischiare var direzione fischietto",
    "journalist": "giornalista scrivere editoriale microfono studio",
}
_WORDS = {role: frozenset(words.split()) for role, words in _HINTS.items()}
_HINTED = {
    word: frozenset(role for role, words in _WORDS.items() if word in words)
    for word in frozenset().union(*_WORDS.values())
}


@dataclass(frozen=True, slots=True)
class Cues:
    """`roles` and ids of `sides` told of a person, ids of sides `near` it, and `hints`: roles that words suggest."""

    roles: frozenset[str] = frozenset()
    sides: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()

    def __or__(self, other: Cues) -> Cues:
        return Cues(
            self.roles | other.roles, self.sides | other.sides, self.near | other.near, self.hints | other.hints
        )


def cues(sentence: Sentence, name: Mention, sides: Sequence[tuple[Mention, str]], people: Iterable[Mention]) -> Cues:
    """What a sentence says of the person that it names there; `sides` with their ids, `people` all that it names."""
    taken = {index for one in people for index in range(one.first, one.last)}
    roles, tied = set[str](), set[str]()
    for word in _told(sentence.words, name, taken):
        roles.add(_role(word))
        tied.update(key for side, key in sides if _belongs(sentence.words, side, word))
    for side, key in sides:
        if _of_name(sentence.words, side, name):
            tied.add(key)
            roles.add("coach" if side.last < name.first else "")
        elif _in_brackets(sentence.words, side, name):
            tied.add(key)
    first, last = _clear(name, taken, len(sentence.words))
    around = [word for word in sentence.words[first:last] if not name.first <= word.index < name.last]
    hints = {role for word in around for role in _hinted(word)}
    return Cues(
        frozenset(roles - {""}), frozenset(tied), frozenset(key for _, key in sides), frozenset(hints | roles - {""})
    )


def _role(word: Word) -> str:
    known = lexicon()
    return known.role(word.lemma.lower()) or known.role(word.text.lower())


def _hinted(word: Word) -> frozenset[str]:
    role = _role(word)
    return _HINTED.get(word.lemma.lower(), frozenset()) | (frozenset({role}) if role else frozenset())


def _told(words: Sequence[Word], name: Mention, taken: set[int]) -> list[Word]:
    """The nouns of role that name the same person: beside the name, its apposition or its predicate."""
    found = []
    head = words[name.head]
    for word in words:
        if word.index in taken or not _role(word):
            continue
        between = range(word.index + 1, name.first) if word.index < name.first else range(name.last, word.index)
        if any(index in taken for index in between):
            continue
        linked = word.head == head.index or head.head == word.index
        deprel = word.deprel if word.head == head.index else head.deprel
        apposed = linked and deprel.partition(":")[0] in ("appos", "flat", "nmod", "compound")
        if deprel == "nmod" and linked and _preposition(words, word.index + 1, name.first):
            apposed = False
        predicate = head.head == word.index and any(c.head == word.index and c.deprel == "cop" for c in words)
        if apposed or predicate or _is_before(words, word, name) or _is_after(words, word, name):
            found.append(word)
    return found


_LINK = frozenset(("ADP", "DET", "ADJ", "PROPN", "NOUN", "NUM"))


def _is_before(words: Sequence[Word], noun: Word, name: Mention) -> bool:
    """«Il tecnico Mancini», «il tecnico dell'Inter, Mancini»."""
    if noun.index >= name.first or name.first - noun.index > 6:
        return False
    between = words[noun.index + 1 : name.first]
    if between and between[-1].text == ",":
        between = between[:-1]
    return all(word.upos in _LINK for word in between) and not (between and between[-1].upos in ("ADP", "DET"))


def _is_after(words: Sequence[Word], noun: Word, name: Mention) -> bool:
    """«Mancini, tecnico dell'Inter», «Marotta (ad Inter)»."""
    if not name.last < noun.index <= name.last + 3 or words[name.last].text not in (",", "("):
        return False
    return all(word.upos in ("ADJ", "DET", "ADV", "NOUN") for word in words[name.last + 1 : noun.index])


def _preposition(words: Sequence[Word], first: int, last: int) -> bool:
    return any(words[index].upos == "ADP" for index in range(max(0, first), min(last, len(words))))


def _belongs(words: Sequence[Word], side: Mention, noun: Word) -> bool:
    """«Il tecnico dell'Inter», «il presidente granata»: the side in the complement of a noun of role."""
    if not noun.index < side.head <= noun.index + 5:
        return False
    return not any(
        word.text in ",.;:()" or word.upos in ("VERB", "AUX", "CCONJ") for word in words[noun.index + 1 : side.first]
    )


def _of_name(words: Sequence[Word], side: Mention, name: Mention) -> bool:
    """«L'Inter di Mancini»."""
    return side.last + 1 == name.first and words[side.last].lemma.lower() == "di"


def _in_brackets(words: Sequence[Word], side: Mention, name: Mention) -> bool:
    """«Barreto (Bari)», «Barreto del Bari»."""
    if not name.last < side.first + 1 <= name.last + 3 or name.last >= len(words):
        return False
    opener = words[name.last]
    return opener.text == "(" or (opener.lemma.lower() == "di" and side.first <= name.last + 2)


def _clear(name: Mention, taken: set[int], length: int) -> tuple[int, int]:
    """The stretch around a name that no other name cuts off."""
    first = name.first
    while first > max(0, name.first - _REACH) and first - 1 not in taken:
        first -= 1
    last = name.last
    while last < min(length, name.last + _REACH) and last not in taken:
        last += 1
    return first, last


__all__ = ["Cues", "cues"]
