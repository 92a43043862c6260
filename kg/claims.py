"""Bindings and entities → claims, with modality, tense, attribution and evidence.

The matcher finds who fills which slot of which rule; this module turns entities into labelled fillers
for it, asks `modality` how sure the text is, `attribution` who says so, and merges what several
sentences say alike.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from kg import attribution, modality
from kg.attribution import Attribution
from kg.epithets import WHOSE
from kg.gazetteer import Gazetteer
from kg.linking import known_entity
from kg.match import Match, matches
from kg.mentions import TOWN
from kg.model import (
    JOINT,
    SIDES,
    Claim,
    Entity,
    EntityClass,
    Evidence,
    Extraction,
    Mention,
    MentionKind,
    Modality,
    Reading,
    Sentence,
    Span,
    Tense,
)
from kg.patterns import Grammar
from kg.scene import Basis, Bindings, Filler
from kg.values import Value, values

INJURY = "Injury"
"""The object of `injured`, which has no other."""

_PERSON = frozenset({EntityClass.PERSON})
_CLUB = frozenset({EntityClass.CLUB})
_BODY = frozenset({EntityClass.CLUB, EntityClass.NATIONAL_TEAM, EntityClass.FEDERATION})
SIGNATURES: Mapping[str, tuple[frozenset[EntityClass], frozenset[EntityClass]]] = {
    "coaches": (_PERSON, SIDES),
    "playsFor": (_PERSON, SIDES),
    "presidentOf": (_PERSON, _CLUB | {EntityClass.FEDERATION}),
    "ownerOf": (_PERSON, _CLUB),
    "executiveOf": (_PERSON, _BODY),
    "agentOf": (_PERSON, _PERSON),
    "candidateFor": (_PERSON, SIDES),
    "targets": (_CLUB, _PERSON),
    "joins": (_PERSON, SIDES),
    "leaves": (_PERSON, SIDES),
    "renewsWith": (_PERSON, SIDES),
    "contractUntil": (_PERSON, frozenset()),
    "endorses": (_PERSON, _PERSON),
    "criticises": (_PERSON, _PERSON | _CLUB),
    "playedMatch": (SIDES, SIDES),
    "competesIn": (SIDES, frozenset({EntityClass.COMPETITION})),
    "won": (_PERSON | SIDES, frozenset({EntityClass.COMPETITION})),
    "injured": (_PERSON, frozenset()),
    "nationality": (_PERSON, frozenset({EntityClass.COUNTRY})),
}
"""What may stand as subject and object of each predicate; an empty object means a literal or none."""

_WITHOUT_OBJECT = frozenset({"injured"})
_WITH_DATE = frozenset({"contractUntil"})
_TRUST = {Basis.TREE: 1.0, Basis.ORDER: 0.85, Basis.CONTEXT: 0.7}
"""How much of its rule's confidence a match keeps, by what it rests on."""
_TENSES = (Tense.PRESENT, Tense.PAST, Tense.FUTURE)
"""Preference among tenses that an article gives to one claim with equal confidence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One match of a rule in one sentence, and the claims that come of it (none where they make no sense)."""

    sentence: int
    match: Match
    claims: tuple[Claim, ...]
    reasons: tuple[str, ...]


def extract(reading: Reading, gazetteer: Gazetteer, grammar: Grammar) -> Extraction:
    """All claims that the rules make of an article, with the entities met in it."""
    return assembled(reading, merged(_trusted(trace(reading, gazetteer, grammar))), gazetteer)


def assembled(reading: Reading, made: tuple[Claim, ...], gazetteer: Gazetteer) -> Extraction:
    """Claims of an article with the entities met in it, and those that only the claims name (a league that was won)."""
    claimed = {identifier for claim in made for identifier in (claim.subject, claim.object, claim.for_team)}
    entities = {
        chain.entity.id: chain.entity
        for chain in reading.chains
        if chain.entity.id in claimed or any(reading.mentions[position].reason != WHOSE for position in chain.mentions)
    }
    for claim in made:
        for identifier in (claim.subject, claim.object):
            implied = None if identifier in entities else gazetteer.find(_key(identifier))
            if implied is not None and implied.path == identifier:
                entities[identifier] = known_entity(implied)
    return Extraction(
        article=reading.document.article,
        words=sum(len(sentence.words) for sentence in reading.document.sentences),
        entities=tuple(entities[key] for key in sorted(entities)),
        claims=made,
    )


def trace(reading: Reading, gazetteer: Gazetteer, grammar: Grammar) -> tuple[Finding, ...]:
    """Every match of every rule, in text order, with the claims made of it: what `kg explain` shows."""
    return _ClaimReader(reading, gazetteer).trace(grammar)


class _ClaimReader:
    """Reads one article: holds its entities, its speakers, and the sides it is about."""

    def __init__(self, reading: Reading, gazetteer: Gazetteer) -> None:
        self.reading = reading
        self.gazetteer = gazetteer
        self.text = reading.document.article.text
        self.entities = _named(reading)
        self.attribution: Attribution = attribution.speakers(reading)
        self.mentions: dict[int, list[int]] = defaultdict(list)
        for position, mention in enumerate(reading.mentions):
            if position in self.entities:
                self.mentions[mention.sentence].append(position)
        self.topic = topic_of(reading)

    def trace(self, grammar: Grammar) -> tuple[Finding, ...]:
        """Every match of every rule, in text order."""
        sentences = self.reading.document.sentences
        return tuple(finding for sentence in sentences for finding in self.findings(sentence, grammar))

    def findings(self, sentence: Sentence, grammar: Grammar) -> Iterator[Finding]:
        spelt = values(sentence, self.text)
        fillers = [self._filler(position) for position in self.mentions[sentence.index]]
        fillers += [_value_filler(value, -1 - number) for number, value in enumerate(spelt)]

        def context(name: str, bound: Bindings) -> Filler | None:
            return self._implied(name, bound, sentence)

        for match in matches(grammar, sentence, fillers, context):
            judgement = modality.judge(sentence, match.trigger, kind=match.pattern.kind)
            claims = tuple(self._claims(sentence, spelt, match, judgement))
            yield Finding(sentence.index, match, claims, judgement.reasons)

    # fillers ---------------------------------------------------------------------------------------

    def _filler(self, position: int) -> Filler:
        mention, entity = self.reading.mentions[position], self.entities[position]
        return Filler(
            labels=_labels(mention, entity),
            first=mention.first,
            last=mention.last,
            head=mention.head,
            ref=position,
            implicit=mention.kind is MentionKind.ZERO,
        )

    def _implied(self, name: str, bound: Bindings, sentence: Sentence) -> Filler | None:
        """What a rule leaves to the context.

        `speaker` is who says the sentence; `near` the side last named before it; `topic` the side that
        the article is about; `own` the only side of the article that the gazetteer knows the subject to
        have served; `side` that, or else the topic; `competition` the competition last named.
        """
        match name:
            case "speaker":
                positions = self._nearest(self.attribution.over(sentence.start, sentence.end), sentence)
            case "near":
                positions = self._side_before(sentence)
            case "topic":
                positions = self._nearest(self.topic, sentence)
            case "competition":
                positions = self._competition_before(sentence)
            case "own":
                positions = self._nearest(self._own_side(bound), sentence)
            case "side":
                positions = self._nearest(self._own_side(bound), sentence) or self._nearest(self.topic, sentence)
            case _:
                positions = ()
        return self._filler(positions[0]) if positions else None

    def _own_side(self, bound: Bindings) -> str:
        """The one side of the article that the subject is known to have served, or the empty string.

        The gazetteer's clubs are not dated and prove nothing; they choose among the sides in question.
        """
        subjects = [filler for name, fillers in bound if name == "subject" for filler in fillers]
        entity = self._entity(subjects[0]) if subjects else None
        known = self.gazetteer.find(_key(entity.id)) if entity else None
        served = frozenset(known.clubs) if known else frozenset[str]()
        sides = {other.id for other in self.entities.values() if other.entity_class in SIDES}
        met = {side for side in sides if _key(side) in served}
        if self.topic in met:
            return self.topic
        return met.pop() if len(met) == 1 else ""

    def _nearest(self, identifier: str, sentence: Sentence) -> tuple[int, ...]:
        """The spoken mention of an entity that is nearest to a sentence, those before it first."""
        if not identifier:
            return ()
        spoken = [
            position
            for position, entity in self.entities.items()
            if entity.id == identifier and self.reading.mentions[position].kind is not MentionKind.ZERO
        ]
        return tuple(sorted(spoken, key=lambda position: self._distance(position, sentence))[:1])

    def _distance(self, position: int, sentence: Sentence) -> tuple[int, int]:
        away = sentence.index - self.reading.mentions[position].sentence
        return (away if away >= 0 else 1000 - away), position

    def _side_before(self, sentence: Sentence) -> tuple[int, ...]:
        """The last club or national side named in the two sentences before."""
        for index in (sentence.index - 1, sentence.index - 2):
            sides = [p for p in self.mentions.get(index, ()) if self.entities[p].entity_class in SIDES]
            if sides:
                return (sides[-1],)
        return ()

    def _competition_before(self, sentence: Sentence) -> tuple[int, ...]:
        """The competition named last, in this sentence or before it."""
        named = [
            position
            for position, entity in self.entities.items()
            if entity.entity_class is EntityClass.COMPETITION
            and self.reading.mentions[position].sentence <= sentence.index
        ]
        return (max(named),) if named else ()

    # claims ----------------------------------------------------------------------------------------

    def _claims(
        self, sentence: Sentence, spelt: tuple[Value, ...], match: Match, judgement: modality.Judgement
    ) -> Iterator[Claim]:
        predicate = match.pattern.predicate
        if match.pattern.kind == "state" and sentence.words[match.trigger].feat("VerbForm") == "Inf":
            return  # «perfetto per allenare la Roma» says of no one that he does
        objects: tuple[Filler | None, ...] = match.fillers("object")
        if predicate in _WITHOUT_OBJECT:
            objects = (None,)
        for subject, target in itertools.product(match.fillers("subject"), objects):
            claim = self._claim(sentence, spelt, match, judgement, subject, target)
            if claim:
                yield claim

    def _claim(
        self,
        sentence: Sentence,
        spelt: tuple[Value, ...],
        match: Match,
        judgement: modality.Judgement,
        subject: Filler,
        target: Filler | None,
    ) -> Claim | None:
        pattern = match.pattern
        subject_entity = self._entity(subject)
        object_id = self._object(pattern.predicate, spelt, target)
        if not subject_entity or not object_id or not self._makes_sense(pattern.predicate, subject, target):
            return None
        trigger = sentence.words[match.trigger]
        speaker, outlet = self.attribution.at(trigger.start)
        evidence = Evidence(
            article=self.reading.document.article.id,
            sentence=Span(sentence.start, sentence.end),
            text=self.text[sentence.start : sentence.end],
            subject=self._span(subject, spelt),
            object=self._span(target, spelt) if target else None,
            rule=pattern.name,
            confidence=round(pattern.confidence * _TRUST[match.basis], 3),
            speaker=speaker if speaker != subject_entity.id else "",
            outlet=outlet,
        )
        return Claim(
            subject=subject_entity.id,
            predicate=pattern.predicate,
            object=object_id,
            modality=pattern.modality or judgement.modality,
            tense=pattern.tense or judgement.tense,
            evidence=(evidence,),
            for_team=self._qualifier(match, "forTeam"),
            score=_score(match, spelt, "score"),
            shootout=_score(match, spelt, "shootout"),
            competition=self._qualifier(match, "competition"),
            on_loan=pattern.on_loan,
        )

    def _entity(self, filler: Filler) -> Entity | None:
        return self.entities.get(filler.ref)

    def _object(self, predicate: str, spelt: tuple[Value, ...], target: Filler | None) -> str:
        if predicate in _WITHOUT_OBJECT:
            return INJURY
        if target is None:
            return ""
        if predicate in _WITH_DATE:
            return spelt[-1 - target.ref].text if target.ref < 0 else ""
        entity = self._entity(target)
        if entity and predicate == "won" and entity.entity_class is EntityClass.COUNTRY:
            return self._league(entity)
        return entity.id if entity else ""

    def _league(self, country: Entity) -> str:
        """The league that the champions of a country have won."""
        league = self.gazetteer.league(_key(country.id))
        return league.path if league else ""

    def _makes_sense(self, predicate: str, subject: Filler, target: Filler | None) -> bool:
        """Domain and range of the predicate; nobody is his own object."""
        domain, range_ = SIGNATURES[predicate]
        first, second = self._entity(subject), self._entity(target) if target else None
        if first is None or first.entity_class not in domain:
            return False
        if not range_:
            return True
        if second is not None and predicate == "won" and second.entity_class is EntityClass.COUNTRY:
            return True  # of its league
        return second is not None and second.entity_class in range_ and second.id != first.id

    def _qualifier(self, match: Match, slot: str) -> str:
        fillers = match.fillers(slot)
        entity = self._entity(fillers[0]) if fillers else None
        return entity.id if entity else ""

    def _span(self, filler: Filler, spelt: tuple[Value, ...]) -> Span:
        stretch = spelt[-1 - filler.ref] if filler.ref < 0 else self.reading.mentions[filler.ref]
        return Span(stretch.start, stretch.end)


def _key(identifier: str) -> str:
    """The gazetteer's id of an entity that it knows: the last part of the entity's path."""
    return identifier.rpartition("/")[2]


def _labels(mention: Mention, entity: Entity) -> frozenset[str]:
    """What a mention may stand for in a rule: its class, `Side`, and for people the roles they have."""
    labels = {entity.entity_class.value}
    if entity.entity_class in SIDES:
        labels.add("Side")
    if entity.entity_class is EntityClass.PERSON:
        # the first role is what somebody is now: most coaches have been players, too
        labels |= {role.capitalize() for role in (*entity.roles[:1], *mention.roles)}
    if mention.kind is MentionKind.NAME:
        labels.add("Named")
    if entity.entity_class is EntityClass.COUNTRY and mention.text.islower():
        labels.add("Demonym")
    return frozenset(labels)


def _value_filler(value: Value, ref: int) -> Filler:
    return Filler(frozenset({value.kind}), value.first, value.last, value.last - 1, ref)


def _score(match: Match, spelt: tuple[Value, ...], slot: str) -> str:
    """The score in a slot, turned so that the subject's goals come first where the rule knows who won."""
    fillers = match.fillers(slot)
    if not fillers:
        return ""
    score = spelt[-1 - fillers[0].ref].text
    low, high = sorted(score.split("-"), key=int)
    return {"won": f"{high}-{low}", "lost": f"{low}-{high}"}.get(match.pattern.outcome, score)


def _named(reading: Reading) -> dict[int, Entity]:
    """The entities of mentions, by position, but for sides that are not named: the learned reader weighs those."""
    return {p: entity for p, entity in reading.entities().items() if reading.mentions[p].reason != WHOSE}


def topic_of(reading: Reading) -> str:
    """The side that the article is about: the only one in the headline, or the one named most often."""
    entities = _named(reading)
    named = [
        (position, entity.id)
        for position, entity in entities.items()
        if entity.entity_class in SIDES
        and reading.mentions[position].kind is not MentionKind.ZERO
        and reading.mentions[position].reason != TOWN
    ]
    counts = Counter(identifier for _, identifier in named)
    headlines = {s.index for s in reading.document.sentences if s.headline}
    in_headline = {identifier for p, identifier in named if reading.mentions[p].sentence in headlines}
    if len(in_headline) == 1 and counts[min(in_headline)] > 1:
        return min(in_headline)
    ranked = [*counts.most_common(2), ("", 0)]
    return ranked[0][0] if ranked[0][1] >= 2 and ranked[0][1] >= 1.5 * ranked[1][1] else ""


def _trusted(findings: tuple[Finding, ...]) -> Iterator[Claim]:
    """The claims of all findings; one that rests on context gives way to what the text says outright."""
    said = {
        (claim.subject, claim.predicate)
        for finding in findings
        if finding.match.basis < Basis.CONTEXT
        for claim in finding.claims
    }
    for finding in findings:
        for claim in finding.claims:
            if finding.match.basis < Basis.CONTEXT or (claim.subject, claim.predicate) not in said:
                yield claim


# Merging -----------------------------------------------------------------------------------------------


def merged(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """One claim for each subject, predicate, object, modality, team and score, with all its evidence."""
    groups: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in map(_turned, claims):
        groups[_order(claim)].append(claim)
    merged = [_one(group) for group in groups.values()]
    return tuple(sorted(_without_shadows(merged), key=_order))


def _turned(claim: Claim) -> Claim:
    """A match told from either side is one claim: the side first in the alphabet of ids leads."""
    if claim.predicate != "playedMatch" or claim.subject < claim.object:
        return claim
    flipped = tuple(
        replace(piece, subject=piece.object or piece.subject, object=piece.subject) for piece in claim.evidence
    )
    return replace(
        claim,
        subject=claim.object,
        object=claim.subject,
        score=_flip(claim.score),
        shootout=_flip(claim.shootout),
        evidence=flipped,
    )


def _flip(score: str) -> str:
    return "-".join(reversed(score.split("-")))


def _one(group: list[Claim]) -> Claim:
    weight = Counter[Tense]()
    for claim in group:
        weight[claim.tense] += round(claim.confidence * 1000)
    tense = max(_TENSES, key=lambda tense: (weight[tense], -_TENSES.index(tense)))
    pieces = {
        (piece.sentence.start, piece.subject, piece.object, piece.rule): piece
        for claim in group
        for piece in claim.evidence
    }
    evidence = sorted(pieces.values(), key=lambda piece: (piece.sentence.start, piece.subject.start, piece.rule))
    return replace(
        group[0],
        tense=tense,
        evidence=tuple(_best_of_each_place(evidence)),
        shootout=next((claim.shootout for claim in group if claim.shootout), ""),
        competition=next((claim.competition for claim in group if claim.competition), ""),
        on_loan=any(claim.on_loan for claim in group),
    )


def _best_of_each_place(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """One piece for each pair of spans: that of the most trusted rule, with the names of all that read it there."""
    by_place: dict[tuple[Span, Span | None], list[Evidence]] = defaultdict(list)
    for piece in evidence:
        by_place[(piece.subject, piece.object)].append(piece)
    for pieces in by_place.values():
        best = max(pieces, key=lambda piece: piece.confidence)
        names = dict.fromkeys(name for piece in pieces for name in piece.rule.split(JOINT))
        why = next((piece.why for piece in pieces if piece.why), "")
        yield replace(best, rule=JOINT.join(names), why=why)


def _without_shadows(claims: list[Claim]) -> Iterator[Claim]:
    """Leaves out what another claim of the article says more exactly."""
    scored = {(c.subject, c.object) for c in claims if c.predicate == "playedMatch" and c.score}
    backed = {(c.subject, c.object, c.modality) for c in claims if c.predicate == "endorses" and c.for_team}
    for claim in claims:
        pair = (claim.subject, claim.object)
        if claim.predicate == "playedMatch" and not claim.score and pair in scored:
            continue
        if claim.predicate == "endorses" and not claim.for_team and (*pair, claim.modality) in backed:
            continue
        yield claim


def _order(claim: Claim) -> tuple[str, ...]:
    return (claim.subject, claim.predicate, claim.object, claim.modality, claim.for_team, claim.score)


__all__ = ["INJURY", "SIGNATURES", "Finding", "Modality", "assembled", "extract", "merged", "topic_of", "trace"]
