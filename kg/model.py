"""The records that travel through kg, from an article to a claim.

    article → document → mention → entity → claim

All records are frozen. Character offsets are 0-based, half-open (`text[start:end]`), count Unicode
code points, and always speak of `Article.text`, the cleaned text. Word and sentence indexes are
0-based. This module knows nobody else in kg and uses the standard library only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class EntityClass(StrEnum):
    """The classes of entity that claims speak of (names of terms in `ontology/football.ttl`)."""

    PERSON = "Person"
    CLUB = "Club"
    NATIONAL_TEAM = "NationalTeam"
    COMPETITION = "Competition"
    VENUE = "Venue"
    COUNTRY = "Country"
    CITY = "City"
    OUTLET = "Outlet"
    FEDERATION = "Federation"


SIDES = frozenset({EntityClass.CLUB, EntityClass.NATIONAL_TEAM})
"""What a person can coach or play for."""


class Modality(StrEnum):
    """How sure the text is of a claim: certainty and polarity of FactA (EVALITA 2016) in one value."""

    ASSERTED = "Asserted"
    POSSIBLE = "Possible"
    DENIED = "Denied"


class Tense(StrEnum):
    """When the state that a claim describes holds, seen from the article's date."""

    PAST = "Past"
    PRESENT = "Present"
    FUTURE = "Future"


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned article.

    `text` is the headline, a blank line and the body (no headline: the body alone); every offset in
    kg refers to it. `date` is ISO 8601 (`2025-03-31`, possibly with a time) or empty; `url`, `outlet`
    and `title` are empty where unknown. `source` names where it was read from (path, or `path:line`).
    """

    id: str
    text: str
    title: str = ""
    url: str = ""
    outlet: str = ""
    date: str = ""
    source: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the cleaned text, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Word:
    """One syntactic word (UD). Words inside a contraction («della») share their token's offsets.

    `index` is the position in the sentence; `head` is the index of the governing word, or -1 for the
    root; `feats` is UD's string (`Mood=Cnd|Tense=Pres`).
    """

    index: int
    text: str
    lemma: str
    upos: str
    feats: str
    head: int
    deprel: str
    start: int
    end: int

    def feat(self, name: str) -> str:
        """The value of one morphological feature, or the empty string."""
        for pair in self.feats.split("|"):
            key, _, value = pair.partition("=")
            if key == name:
                return value
        return ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `start` and `end` are character offsets in the article's text."""

    index: int
    start: int
    end: int
    words: tuple[Word, ...]
    headline: bool = False

    def children(self, index: int) -> tuple[Word, ...]:
        """The words governed by the word at `index`, in text order."""
        return tuple(word for word in self.words if word.head == index)


@dataclass(frozen=True, slots=True)
class Name:
    """A named entity as the tagger gave it: character offsets and PER, ORG or LOC."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """An article with its sentences, trees and named entities."""

    article: Article
    sentences: tuple[Sentence, ...]
    names: tuple[Name, ...]


class MentionKind(StrEnum):
    """What a mention looks like."""

    NAME = "name"  # Carlo Ancelotti, il Real, la Roma
    NOMINAL = "nominal"  # il tecnico italiano, l'ex Milan, i campioni di Spagna, i Blancos
    PRONOUN = "pronoun"  # lui, lo, gli, suo, che
    ZERO = "zero"  # the unspoken subject of a verb


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of one sentence that stands for one entity.

    `first` and `last` are word indexes in the sentence, half-open; `head` is the index of its
    syntactic head word. A zero subject takes the span of its verb. `candidates` are gazetteer ids
    that the surface form may stand for, best first. `roles` are what the mention itself says of a
    person (`coach`, `player`, `pundit`, `president`, `owner`, `executive`, `agent`, `referee`).
    `reason` says which step proposed it.
    """

    sentence: int
    first: int
    last: int
    head: int
    start: int
    end: int
    text: str
    entity_class: EntityClass
    kind: MentionKind
    candidates: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """One real-world thing.

    `id` is the path of its IRI below the id namespace (`person/carlo-ancelotti`); an entity that the
    gazetteer does not know has an underscore before its slug (`person/_luca-rossi`). `label` is the
    best known name, `aliases` other surface forms (sorted). `qid` is a Wikidata id or empty. `roles`
    are those learnt from gazetteer and text. `score` in [0, 1] is how sure the link is.
    """

    id: str
    entity_class: EntityClass
    label: str
    aliases: tuple[str, ...] = ()
    qid: str = ""
    roles: tuple[str, ...] = ()
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Chain:
    """Mentions of one article that stand for one entity.

    `mentions` are positions in `Reading.mentions`; `reasons` has one entry for each of them, the name
    of the sieve that put it there.
    """

    entity: Entity
    mentions: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A document whose mentions are known and resolved: what the rules read."""

    document: Document
    mentions: tuple[Mention, ...]
    chains: tuple[Chain, ...]

    def entities(self) -> dict[int, Entity]:
        """The entity of each resolved mention, by position in `mentions`."""
        return {position: chain.entity for chain in self.chains for position in chain.mentions}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an article's text."""

    start: int
    end: int


JOINT = " + "
"""Between the names of what read a claim in one place."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a claim was read: offsets of the sentence and of both arguments in the article's text.

    `object` is None for claims without one (injuries). `rule` names what read it, rules and learned reader
    joined by ` + `; `speaker` is
    the id of the entity that said it and `outlet` that of the medium it was said to, or empty.
    """

    article: str
    sentence: Span
    text: str
    subject: Span
    object: Span | None
    rule: str
    confidence: float
    speaker: str = ""
    outlet: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One distinct claim: entities are given by id, a date as it is written in the graph.

    `object` is an entity id, the word `Injury`, or for `contractUntil` a year, year and month, or day
    (`2026`, `2026-06`, `2026-06-30`). `for_team` and `competition` are entity ids or empty; `score`
    is `3-2`, subject's goals first. `evidence` is sorted by article and offset and never empty.
    """

    subject: str
    predicate: str
    object: str
    modality: Modality
    tense: Tense
    evidence: tuple[Evidence, ...]
    for_team: str = ""
    score: str = ""
    shootout: str = ""
    competition: str = ""
    on_loan: bool = False

    @property
    def confidence(self) -> float:
        """That of the best piece of evidence, in [0, 1]."""
        return max(piece.confidence for piece in self.evidence)

    @property
    def attributed_to(self) -> tuple[str, ...]:
        """Ids of all who said it, sorted."""
        return tuple(sorted({piece.speaker for piece in self.evidence if piece.speaker}))

    @property
    def reported_in(self) -> tuple[str, ...]:
        """Ids of all outlets it was said to, sorted."""
        return tuple(sorted({piece.outlet for piece in self.evidence if piece.outlet}))


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that one article yields: the entities met in it and the claims made of them."""

    article: Article
    words: int
    entities: tuple[Entity, ...]
    claims: tuple[Claim, ...]
