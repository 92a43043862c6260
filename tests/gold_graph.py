"""The graph that annotated articles make: what kg would write if it read as a careful editor does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rdflib import Graph

from kg.claims import SIGNATURES
from kg.gazetteer import entity_path
from kg.gold import GoldArticle, GoldClaim, read
from kg.model import Claim, Entity, EntityClass, Evidence, Extraction, Modality, Span, Tense
from kg.names import slug
from kg.statements import graph_of

GOLD = Path(__file__).parent / "gold"
DEV, TRAIN = GOLD / "dev", GOLD / "train"
SOME = DEV, TRAIN / "wa.jsonl"
"""84 articles; the test gold is for measuring alone."""
NO_ENTITY = {"contractUntil", "injured"}


def extractions(paths: Iterable[Path]) -> list[Extraction]:
    return [_extraction(article) for article in read(paths)]


def graph(paths: Iterable[Path] = SOME) -> Graph:
    return graph_of(extractions(paths))


def _extraction(gold: GoldArticle) -> Extraction:
    desk = _Desk(gold)
    claims = tuple(desk.claim(claim) for claim in gold.claims)
    return Extraction(gold.article, len(gold.article.text.split()), tuple(desk.entities.values()), claims)


class _Desk:
    def __init__(self, gold: GoldArticle) -> None:
        self.gold = gold
        self.entities: dict[str, Entity] = {}

    def claim(self, claim: GoldClaim) -> Claim:
        domain, range_ = SIGNATURES[claim.predicate]
        subject = self._entity(claim.subject, domain)
        literal = claim.predicate in NO_ENTITY
        target = claim.object if literal else self._entity(claim.object, range_)
        score = claim.score
        if claim.predicate == "playedMatch" and subject > target:
            subject, target, score = target, subject, "-".join(reversed(score.split("-")))
        text = self.gold.article.text
        start = max(text.find(claim.evidence), 0)
        sentence = Span(start, start + len(claim.evidence)) if claim.evidence in text else Span(0, len(text))
        piece = Evidence(
            article=self.gold.article.id,
            sentence=sentence,
            text=text[sentence.start : sentence.end],
            subject=self._span(claim.subject, sentence),
            object=None if literal else self._span(claim.object, sentence),
            rule="gold",
            confidence=1.0,
            speaker=self._entity(claim.attributed_to, {EntityClass.PERSON}) if claim.attributed_to else "",
            outlet=self._entity(claim.reported_in, {EntityClass.OUTLET}) if claim.reported_in else "",
        )
        return Claim(
            subject,
            claim.predicate,
            target,
            Modality(claim.modality),
            claim.tense or Tense.PRESENT,
            (piece,),
            for_team=self._entity(claim.for_team, {EntityClass.CLUB}) if claim.for_team else "",
            score=score,
            competition=self._entity(claim.competition, {EntityClass.COMPETITION}) if claim.competition else "",
            on_loan=claim.on_loan,
        )

    def _entity(self, name: str, kinds: Iterable[EntityClass]) -> str:
        allowed = sorted(kinds)
        listed = [e for e in self.gold.entities if e.name == name and e.entity_class in set(EntityClass)]
        fitting = [e for e in listed if e.entity_class in allowed] or listed
        kind = EntityClass(fitting[0].entity_class) if fitting else allowed[0]
        key = entity_path(kind, slug(name))
        aliases = tuple(sorted({alias for e in fitting[:1] for alias in e.aliases} - {name}))
        self.entities.setdefault(key, Entity(key, kind, name, aliases))
        return key

    def _span(self, name: str, near: Span) -> Span:
        text = self.gold.article.text
        for called in sorted(self.gold.names(name), key=len, reverse=True):
            for start in (text.find(called, near.start, near.end), text.find(called)):
                if start >= 0:
                    return Span(start, start + len(called))
        return near
