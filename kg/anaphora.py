"""Pronouns and unspoken subjects: where Italian leaves a person or side to the reader."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model import EntityClass, Mention, MentionKind, Sentence, Word

_STRONG = frozenset(("lui", "lei", "egli", "costui"))
_CLITICS = frozenset(("lo", "la", "l'", "l’", "gli", "le"))
_POSSESSIVES = frozenset(("suo", "sua", "suoi", "sue"))
_RELATIVES = frozenset(("che", "cui", "quale"))
_SUBJECTS = frozenset(("nsubj", "nsubj:pass", "csubj", "expl:impers"))
_IMPERSONAL = frozenset(
    (
        "bisognare",
        "occorrere",
        "bastare",
        "sembrare",
        "parere",
        "trattare",
        "piovere",
        "capitare",
        "succedere",
    )
)


def pronouns(sentence: Sentence) -> Iterator[Mention]:
    """Personal, possessive and relative pronouns that may stand for one person (or side)."""
    for word in sentence.words:
        low = word.text.lower()
        if low in _STRONG and word.upos == "PRON":
            yield _mention(sentence, word, MentionKind.PRONOUN, "personal")
        elif low in _CLITICS and word.upos == "PRON" and word.deprel in ("obj", "iobj", "expl", "obl"):
            yield _mention(sentence, word, MentionKind.PRONOUN, "clitic")
        elif low in _POSSESSIVES and word.upos in ("DET", "PRON", "ADJ"):
            yield _mention(sentence, word, MentionKind.PRONOUN, "possessive")
        elif low in _RELATIVES and word.upos == "PRON" and word.deprel in ("nsubj", "nsubj:pass", "obj", "obl"):
            yield _mention(sentence, word, MentionKind.PRONOUN, "relative")


def zero_subjects(sentence: Sentence) -> Iterator[Mention]:
    """Verbs in the third person singular that have no subject of their own («ha firmato con il Napoli»)."""
    for word in sentence.words:
        if word.upos != "VERB" or word.lemma in _IMPERSONAL:
            continue
        children = sentence.children(word.index)
        finite = next((part for part in (word, *_auxiliaries(children)) if _third_singular(part)), None)
        if finite is None or any(child.deprel in _SUBJECTS for child in children):
            continue
        if any(child.text.lower() in ("si", "s'") and child.deprel.startswith("expl:impers") for child in children):
            continue
        yield _mention(sentence, word, MentionKind.ZERO, "zero")


def _auxiliaries(children: tuple[Word, ...]) -> Iterator[Word]:
    return (child for child in children if child.deprel.startswith("aux"))


def _third_singular(word: Word) -> bool:
    """Whether a verb speaks of a third person; no such form ends like «vedo», «ho» or «porterei», whatever its tag."""
    if word.text.lower().endswith(("o", "rei")):
        return False
    return word.feat("VerbForm") == "Fin" and word.feat("Person") == "3" and word.feat("Number") == "Sing"


def _mention(sentence: Sentence, word: Word, kind: MentionKind, reason: str) -> Mention:
    return Mention(
        sentence=sentence.index,
        first=word.index,
        last=word.index + 1,
        head=word.index,
        start=word.start,
        end=word.end,
        text=word.text,
        entity_class=EntityClass.PERSON,
        kind=kind,
        reason=reason,
    )
