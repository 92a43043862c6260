"""Claims → RDF, in the shape that the claim vocabulary gives: the only place where predicates meet claims.

The graph is a pure function of the extractions, in whatever order they come.

**When two claims are one statement.** A statement is identified by subject, predicate, object, modality, tense,
`forTeam` and `score`; what several sentences or articles say alike is one statement with several pieces of
evidence. Tense is part of it, so that «ha giocato nella Roma» and «gioca nella Roma» stay two spells; so is the score,
so that home and away legs stay two matches. Competition and shoot-out tell matches apart only where they differ: a
claim that does not give them is folded into the one that does, and left by itself where there are several that it could
mean. A loan said in one place is a loan in all. What this cannot tell apart: two matches of the same sides that
ended alike, two past spells at one club.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, PROV, RDF, RDFS, SDO, SKOS, XSD
from rdflib.term import Node

from kg import __version__, copies, vocab
from kg.model import JOINT, Article, Claim, Entity, Evidence, Extraction, Modality, Span, Tense
from kg.vocab import FB

ROLES = {
    "coach": FB.Coach,
    "player": FB.Player,
    "pundit": FB.Pundit,
    "president": FB.Executive,
    "owner": FB.Executive,
    "executive": FB.Executive,
    "agent": FB.Agent,
    "referee": FB.Referee,
}
"""The class that a person's role adds; other roles (journalists) add none."""

ALWAYS_PLAIN = frozenset({"won", "playedMatch"})
"""Predicates that are facts once asserted, in whatever tense: they cannot cease to hold."""

_INJURY = "Injury"
_DATES = (
    (re.compile(r"\d{4}"), "{}-01-01", XSD.gYear),
    (re.compile(r"\d{4}-\d{2}"), "{}-01", XSD.gYearMonth),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "{}", XSD.date),
)
_ADDRESS = re.compile(
    r"""https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?"""
    r"""(?:[/?](?:[A-Za-z0-9._~:/?@!$&'()*+,;=\u00a0-\u1fff\u2070-\ud7ff-]|%[0-9A-Fa-f]{2})*)?"""
    r"""(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"""
)
"""Web addresses that every reader of RDF takes as an IRI."""
_HALF_CHARACTERS = re.compile(r"[\ud800-\udfff]")


def graph_of(extractions: Iterable[Extraction]) -> Graph:
    """The graph of what some articles yield."""
    known = tuple(extractions)
    graph = Graph()
    for prefix, namespace in vocab.PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)
    for triple in _triples(known):
        graph.add(triple)
    return graph


def merged(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """One claim for each distinct statement, with the evidence of all claims that say it, sorted."""
    groups: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[_core(claim)].append(claim)
    result: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for group in groups.values():
        settled = _settled(
            group, lambda claim: claim.competition, lambda claim, value: replace(claim, competition=value)
        )
        by_competition: dict[str, list[Claim]] = defaultdict(list)
        for claim in settled:
            by_competition[claim.competition].append(claim)
        for part in by_competition.values():
            for claim in _settled(
                part, lambda claim: claim.shootout, lambda claim, value: replace(claim, shootout=value)
            ):
                result[identity(claim)].append(claim)
    return tuple(_one(result[key]) for key in sorted(result))


def identity(claim: Claim) -> tuple[str, ...]:
    """What makes a merged claim the statement it is, and its IRI: see the head of this module."""
    return (*_core(claim), claim.competition, claim.shootout)


def is_plain(claim: Claim) -> bool:
    """Whether a claim is also written as the plain triple: nothing rumoured, past or denied ever is."""
    return claim.modality is Modality.ASSERTED and (claim.tense is Tense.PRESENT or claim.predicate in ALWAYS_PLAIN)


# Merging -----------------------------------------------------------------------------------------------


def _core(claim: Claim) -> tuple[str, ...]:
    return (
        claim.subject,
        claim.predicate,
        claim.object,
        claim.modality.value,
        claim.tense.value,
        claim.for_team,
        claim.score,
    )


def _settled(
    group: list[Claim], detail: Callable[[Claim], str], with_detail: Callable[[Claim, str], Claim]
) -> list[Claim]:
    """The claims of a group, those without a detail given that of the others where these agree on it."""
    said = {detail(claim) for claim in group} - {""}
    if len(said) != 1:
        return group
    (value,) = said
    return [claim if detail(claim) else with_detail(claim, value) for claim in group]


def _one(group: list[Claim]) -> Claim:
    pieces = {piece for claim in group for piece in claim.evidence}
    return replace(
        group[0],
        on_loan=any(claim.on_loan for claim in group),
        evidence=tuple(sorted(pieces, key=_place)),
    )


def _place(piece: Evidence) -> tuple[str, int, int, int, int, str, str]:
    target = piece.object or Span(-1, -1)
    return (
        piece.article,
        piece.sentence.start,
        piece.subject.start,
        target.start,
        piece.subject.end,
        piece.rule,
        repr(piece),
    )


# Writing -----------------------------------------------------------------------------------------------

Triple = tuple[Node, Node, Node]


def _triples(extractions: tuple[Extraction, ...]) -> Iterator[Triple]:
    articles = {extraction.article.id: extraction.article for extraction in sorted(extractions, key=_article_order)}
    stories = copies.stories(articles.values())
    for article in articles.values():
        yield from of_article(article, stories[article.id])
    if articles:
        yield from of_run()
    entities: dict[str, list[Entity]] = defaultdict(list)
    claims: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for extraction in extractions:
        for entity in extraction.entities:
            entities[entity.id].append(entity)
        for claim in extraction.claims:
            claims[matter(claim)].append(claim)
    for identifier, records in entities.items():
        yield from of_entity(identifier, records)
    for group in claims.values():
        yield from of_matter(group, articles, stories)


def matter(claim: Claim) -> tuple[str, ...]:
    """What a claim is about, whether it is asserted or denied: claims that agree in it are written together."""
    return (claim.subject, claim.predicate, claim.object, claim.tense.value, claim.for_team)


def of_matter(group: Iterable[Claim], articles: Mapping[str, Article], stories: Mapping[str, str]) -> Iterator[Triple]:
    """The statements of all claims about one matter, with their evidence and facts, and what contradicts what.

    `articles` and `stories` are those of the whole graph, by article id; texts are not asked for.
    """
    claims = merged(group)
    for claim in claims:
        yield from _statement(claim)
        yield from _sources(claim, articles, stories)
    yield from _contradictions(claims)


def _article_order(extraction: Extraction) -> tuple[str, ...]:
    article = extraction.article
    return (article.id, article.text, article.title, article.url, article.outlet, article.date)


def of_run() -> Iterator[Triple]:
    """The run of kg that read the articles."""
    node = vocab.run(__version__)
    yield node, RDF.type, PROV.Activity
    yield node, RDFS.label, Literal(f"kg {__version__}")


def of_article(article: Article, story: str) -> Iterator[Triple]:
    """An article, and the one that it is a copy of: `story` is the id of the first to tell it."""
    node = vocab.article(article.id)
    if story != article.id:
        yield node, FB.copyOf, vocab.article(story)
    yield node, RDF.type, SDO.NewsArticle
    yield node, DCTERMS.identifier, _text(article.id)
    yield node, PROV.wasGeneratedBy, vocab.run(__version__)
    if article.title:
        yield node, SDO.headline, _text(article.title)
    if article.url:
        yield node, SDO.url, _address(article.url)
    if article.outlet:
        yield node, SDO.publisher, _text(article.outlet)
    if article.date:
        yield node, SDO.datePublished, _text(article.date)


def of_entity(identifier: str, records: Sequence[Entity]) -> Iterator[Triple]:
    """One node of all that articles know of it; the label is the most frequent one."""
    node = vocab.entity(identifier)
    counts: dict[str, int] = defaultdict(int)
    for record in records:
        counts[record.label] += 1
    label = min(counts, key=lambda one: (-counts[one], one.isupper(), one))
    yield node, RDFS.label, _text(label)
    for name in ({alias for record in records for alias in record.aliases} | set(counts)) - {label, ""}:
        yield node, SKOS.altLabel, _text(name)
    for record in records:
        yield node, RDF.type, FB[record.entity_class.value]
        for role in record.roles:
            if role in ROLES:
                yield node, RDF.type, ROLES[role]
        item = vocab.wikidata(record.qid)
        if item is not None:
            yield node, SKOS.exactMatch, item


def _statement(claim: Claim) -> Iterator[Triple]:
    node = vocab.statement(*identity(claim))
    subject, predicate, target = vocab.entity(claim.subject), FB[claim.predicate], _object(claim)
    yield node, RDF.type, RDF.Statement
    yield node, RDF.subject, subject
    yield node, RDF.predicate, predicate
    yield node, RDF.object, target
    yield node, FB.tense, FB[claim.tense.value]
    yield node, FB.modality, FB[claim.modality.value]
    yield node, FB.confidence, _decimal(claim.confidence)
    yield from ((node, FB.attributedTo, vocab.entity(speaker)) for speaker in claim.attributed_to)
    yield from ((node, FB.reportedIn, vocab.entity(outlet)) for outlet in claim.reported_in)
    if claim.for_team:
        yield node, FB.forTeam, vocab.entity(claim.for_team)
    if claim.score:
        yield node, FB.score, _text(claim.score)
    if claim.shootout:
        yield node, FB.shootout, _text(claim.shootout)
    if claim.competition:
        yield node, FB.inCompetition, vocab.entity(claim.competition)
    if claim.on_loan:
        yield node, FB.onLoan, Literal(True)
    for piece in claim.evidence:
        yield from _evidence(node, piece)
    if is_plain(claim):
        yield subject, predicate, target


def _sources(claim: Claim, articles: Mapping[str, Article], stories: Mapping[str, str]) -> Iterator[Triple]:
    """How many say so independently (copies of one story are one source), and which article had it first."""
    node = vocab.statement(*identity(claim))
    told = _articles(claim)
    yield node, FB.independentSources, Literal(len({stories.get(article, article) for article in told}))
    for article in copies.first(articles[each] for each in told if each in articles):
        yield node, FB.firstReportedBy, vocab.article(article)


def _evidence(statement: URIRef, piece: Evidence) -> Iterator[Triple]:
    spans = {"sentence": piece.sentence, "subject": piece.subject, "object": piece.object}
    offsets = {
        f"{name}{edge}": offset
        for name, span in spans.items()
        if span is not None
        for edge, offset in (("Start", span.start), ("End", span.end))
    }
    node = vocab.evidence(str(statement), piece.article, piece.text, *(f"{name} {at}" for name, at in offsets.items()))
    yield statement, PROV.wasDerivedFrom, node
    yield node, RDF.type, FB.Evidence
    yield node, FB.article, vocab.article(piece.article)
    yield node, FB.sentence, _text(piece.text)
    for name, offset in offsets.items():
        yield node, FB[name], Literal(offset)
    for rule in filter(None, piece.rule.split(JOINT)):
        yield node, FB.readBy, _text(rule)
    if piece.why:
        yield node, FB.reason, _text(piece.why)


def _contradictions(claims: tuple[Claim, ...]) -> Iterator[Triple]:
    """What an article both asserts and denies of one matter: the two statements point at each other."""
    asserted, denied = ([c for c in claims if c.modality is m] for m in (Modality.ASSERTED, Modality.DENIED))
    for one in asserted:
        for other in denied:
            if _articles(one) & _articles(other):
                left, right = vocab.statement(*identity(one)), vocab.statement(*identity(other))
                yield left, FB.contradicts, right
                yield right, FB.contradicts, left


def _articles(claim: Claim) -> set[str]:
    return {piece.article for piece in claim.evidence}


def _object(claim: Claim) -> Node:
    if claim.predicate == "contractUntil":
        return _date(claim.object)
    return FB.Injury if claim.object == _INJURY else vocab.entity(claim.object)


# Literals ----------------------------------------------------------------------------------------------


def _text(text: str) -> Literal:
    """A plain literal; half characters, which no file can hold, become U+FFFD."""
    return Literal(_HALF_CHARACTERS.sub("\ufffd", text))


def _decimal(number: float) -> Literal:
    """The canonical decimal of a number at three digits: no trailing zeros, as all stores give it back."""
    digits = format(Decimal(repr(round(number, 3))), "f")
    return Literal(digits.rstrip("0").rstrip(".") if "." in digits else digits, datatype=XSD.decimal)


def _date(text: str) -> Literal:
    """A year, a month or a day with the precision of the text; a plain literal for what is none in the calendar."""
    for form, day, datatype in _DATES:
        if form.fullmatch(text):
            try:
                date.fromisoformat(day.format(text))
            except ValueError:
                break
            return Literal(text, datatype=datatype)
    return _text(text)


def _address(url: str) -> Node:
    """A web address as an IRI; a plain literal for what no browser should follow or no file could hold as one."""
    return URIRef(url) if _ADDRESS.fullmatch(url) else _text(url)
