"""Claims against gold: precision, recall and F1 by predicate, by kind of article and by rule.

A claim is found when subject, predicate, object and modality are the gold ones (the label of one side
stands among the names of the other); for `endorses` the team belongs to it, for `playedMatch` the score,
turned with the sides. Debatable gold («optional») counts neither way. Tense and the rest are scored on
what was found. Intervals are by bootstrap over articles (Efron 1979), seeded.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from kg.gold import GoldArticle, GoldClaim
from kg.model import Claim, Entity, Extraction, Modality, Tense
from kg.names import folded

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

_ARTICLES = ("il ", "lo ", "la ", "i ", "gli ", "le ", "l'", "the ", "el ")
_SAMPLES = 1000
_BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Said:
    """One claim that was made: names are folded, the label first; `rules` are those that made it."""

    article: str
    predicate: str
    subject: tuple[str, ...]
    object: tuple[str, ...]
    modality: Modality
    tense: Tense
    for_team: tuple[str, ...] = ()
    score: str = ""
    rules: tuple[str, ...] = ()
    confidence: float = 1.0
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many claims are gold, were said, and were found; precision, recall and F1 in [0, 1]."""

    gold: int = 0
    said: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        """Found over said; 1 where nothing was said."""
        return self.found / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Found over gold; 1 where nothing is to be found."""
        return self.found / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.found / (self.gold + self.said) if self.gold + self.said else 1.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.gold + other.gold, self.said + other.said, self.found + other.found)


@dataclass(slots=True)
class Verdict:
    """What became of the claims of one article."""

    article: GoldArticle
    found: list[tuple[GoldClaim, Said]] = field(default_factory=list)
    missed: list[GoldClaim] = field(default_factory=list)
    wrong: list[Said] = field(default_factory=list)

    def tally(self, predicate: str = "") -> Tally:
        """The counts of one predicate, or of all."""
        found = sum(not predicate or gold.predicate == predicate for gold, _ in self.found)
        missed = sum(not predicate or gold.predicate == predicate for gold in self.missed)
        wrong = sum(not predicate or said.predicate == predicate for said in self.wrong)
        return Tally(found + missed, found + wrong, found)


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts on all articles, with modality and without it."""

    verdicts: tuple[Verdict, ...]
    without_modality: Tally

    @property
    def total(self) -> Tally:
        """All claims together."""
        return sum((verdict.tally() for verdict in self.verdicts), Tally())

    def by_predicate(self) -> dict[str, Tally]:
        """The counts of each predicate that occurs, most frequent in the gold first."""
        names = Counter[str]()
        for verdict in self.verdicts:
            names.update(gold.predicate for gold in (*verdict.missed, *(g for g, _ in verdict.found)))
            names.update(dict.fromkeys((said.predicate for said in verdict.wrong), 0))
        order = sorted(names, key=lambda name: (-names[name], name))
        return {name: sum((v.tally(name) for v in self.verdicts), Tally()) for name in order}

    def by_kind(self) -> dict[str, Tally]:
        """The counts of each kind of article."""
        kinds: dict[str, Tally] = defaultdict(Tally)
        for verdict in self.verdicts:
            kinds[verdict.article.kind or "-"] += verdict.tally()
        return dict(sorted(kinds.items()))

    def by_rule(self) -> dict[str, tuple[int, int]]:
        """For each rule how many of its claims were right, and how many it made (optional ones aside)."""
        right, made = Counter[str](), Counter[str]()
        for verdict in self.verdicts:
            for _, said in verdict.found:
                right.update(said.rules)
                made.update(said.rules)
            for said in verdict.wrong:
                made.update(said.rules)
        return {rule: (right[rule], count) for rule, count in sorted(made.items(), key=lambda row: (-row[1], row[0]))}

    def reliability(self) -> list[tuple[float, float, int]]:
        """For each band of confidence: its mean, the share that is right, and how many claims are in it."""
        rows = [(s.confidence, True) for v in self.verdicts for _, s in v.found]
        rows += [(s.confidence, False) for v in self.verdicts for s in v.wrong]
        bands = []
        low = 0.0
        for high in _BINS:
            inside = [row for row in rows if low <= row[0] < high]
            if inside:
                mean = sum(confidence for confidence, _ in inside) / len(inside)
                bands.append((mean, sum(right for _, right in inside) / len(inside), len(inside)))
            low = high
        return bands

    def tense(self) -> tuple[int, int]:
        """Of the claims found, how many have the gold tense, and how many have one in the gold."""
        pairs = [(gold, said) for verdict in self.verdicts for gold, said in verdict.found if gold.tense]
        return sum(gold.tense == said.tense for gold, said in pairs), len(pairs)

    def interval(self, measure: Callable[[Tally], float] = lambda tally: tally.f1) -> tuple[float, float]:
        """The 95 % interval of a measure, by drawing the articles again with replacement."""
        tallies = [verdict.tally() for verdict in self.verdicts]
        draw = random.Random(2025)  # noqa: S311 - a bootstrap, no secret
        values = sorted(measure(sum(draw.choices(tallies, k=len(tallies)), Tally())) for _ in range(_SAMPLES))
        return values[int(0.025 * _SAMPLES)], values[int(0.975 * _SAMPLES) - 1]


# What was said -------------------------------------------------------------------------------------------


def from_extractions(extractions: Iterable[Extraction]) -> list[Said]:
    """The claims of extractions, in the form in which they are scored."""
    return [
        _said(extraction.article.id, claim, {e.id: e for e in extraction.entities})
        for extraction in extractions
        for claim in extraction.claims
    ]


def _said(article: str, claim: Claim, entities: dict[str, Entity]) -> Said:
    def names(identifier: str) -> tuple[str, ...]:
        entity = entities.get(identifier)
        if entity is None:
            return (bare(identifier),) if identifier else ()
        return tuple(map(bare, (entity.label, *entity.aliases)))

    return Said(
        article=article,
        predicate=claim.predicate,
        subject=names(claim.subject),
        object=names(claim.object),
        modality=claim.modality,
        tense=claim.tense,
        for_team=names(claim.for_team),
        score=claim.score,
        rules=tuple(sorted({piece.rule for piece in claim.evidence})),
        confidence=claim.confidence,
        sentence=claim.evidence[0].text,
    )


def from_graph(graph: Graph) -> list[Said]:
    """The claims of a graph, one for each article that a statement rests on."""
    from rdflib import RDF, RDFS, URIRef
    from rdflib.namespace import DCTERMS, PROV, SKOS

    from kg.vocab import FB

    def names(node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if node == FB.Injury:
            return ("injury",)
        if not isinstance(node, URIRef):
            return (bare(str(node)),)
        return tuple(
            bare(str(name)) for name in (*graph.objects(node, RDFS.label), *graph.objects(node, SKOS.altLabel))
        )

    def local(node: Node | None) -> str:
        return str(node).rpartition("#")[2]

    found = []
    for claim in sorted(graph.subjects(RDF.type, RDF.Statement), key=str):
        by_article: dict[str, list[Node]] = defaultdict(list)
        for piece in graph.objects(claim, PROV.wasDerivedFrom):
            article = graph.value(piece, FB.article)
            by_article[str(graph.value(article, DCTERMS.identifier))].append(piece)
        for identifier, pieces in sorted(by_article.items()):
            found.append(
                Said(
                    article=identifier,
                    predicate=local(graph.value(claim, RDF.predicate)),
                    subject=names(graph.value(claim, RDF.subject)),
                    object=names(graph.value(claim, RDF.object)),
                    modality=Modality(local(graph.value(claim, FB.modality))),
                    tense=Tense(local(graph.value(claim, FB.tense))),
                    for_team=names(graph.value(claim, FB.forTeam)),
                    score=str(graph.value(claim, FB.score) or ""),
                    confidence=float(str(graph.value(claim, FB.confidence) or 1)),
                    sentence=min(str(graph.value(piece, FB.sentence)) for piece in pieces),
                )
            )
    return found


# Scoring -------------------------------------------------------------------------------------------------


def score(articles: Sequence[GoldArticle], said: Iterable[Said]) -> Report:
    """Judges what was said of some annotated articles; claims of other articles are left aside."""
    by_article: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        by_article[one.article].append(one)
    verdicts = tuple(_judge(article, by_article[article.article.id], _modality_agrees) for article in articles)
    loose = sum((_judge(a, by_article[a.article.id], lambda g, s: True).tally() for a in articles), Tally())
    return Report(verdicts, loose)


_Agrees = Callable[[GoldClaim, Said], bool]


def _modality_agrees(gold: GoldClaim, said: Said) -> bool:
    return gold.modality is said.modality


def _judge(article: GoldArticle, said: list[Said], agrees: _Agrees) -> Verdict:
    """Pairs gold and said claims one to one, those that agree in tense first."""
    verdict = Verdict(article)
    left = sorted(said, key=lambda one: (-one.confidence, one.predicate, one.subject, one.object))
    for gold in article.claims:
        fitting = [one for one in left if agrees(gold, one) and _same(article, gold, one)]
        if not fitting:
            verdict.missed.append(gold)
            continue
        best = max(fitting, key=lambda one: (one.modality is gold.modality, one.tense is gold.tense, one.confidence))
        left.remove(best)
        verdict.found.append((gold, best))
    for one in left:
        if not any(_same(article, gold, one, strict=False) and agrees(gold, one) for gold in article.optional):
            verdict.wrong.append(one)
    return verdict


def _same(article: GoldArticle, gold: GoldClaim, said: Said, *, strict: bool = True) -> bool:
    if gold.predicate != said.predicate:
        return False
    subject, target = names_of(article, gold.subject), names_of(article, gold.object)
    if gold.predicate == "playedMatch":
        straight = fits(subject, said.subject) and fits(target, said.object)
        turned = fits(subject, said.object) and fits(target, said.subject)
        flipped = "-".join(reversed(said.score.split("-")))
        fit_straight = straight and (not gold.score or not said.score or gold.score == said.score)
        return fit_straight or (turned and (not gold.score or not said.score or gold.score == flipped))
    if not (fits(subject, said.subject) and fits(target, said.object)):
        return False
    if gold.predicate == "endorses" and strict:
        team = names_of(article, gold.for_team) if gold.for_team else ()
        return fits(team, said.for_team) if team and said.for_team else not team and not said.for_team
    return True


def names_of(article: GoldArticle, name: str) -> tuple[str, ...]:
    """The names of an annotated entity as they are compared, its own first."""
    return tuple(map(bare, article.names(name)))


def fits(gold: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether two sets of names are of one thing: the label of one stands among the names of the other."""
    return bool(gold and said) and (gold[0] in said or said[0] in gold)


def bare(name: str) -> str:
    """A folded name without the article before it («i Blancos» → «blancos»)."""
    plain = folded(name)
    return next((plain[len(a) :] for a in _ARTICLES if plain.startswith(a) and len(plain) > len(a)), plain)


# Printing ------------------------------------------------------------------------------------------------


def render(report: Report, *, verbose: bool = False) -> str:
    """The report as text for a terminal."""
    return "\n".join(_lines(report, verbose))


def _lines(report: Report, verbose: bool) -> Iterator[str]:
    yield f"{'predicate':<16}{'gold':>6}{'said':>6}{'found':>6}{'P':>8}{'R':>8}{'F1':>8}"
    for name, tally in report.by_predicate().items():
        yield _row(name, tally)
    total = report.total
    yield _row("all", total)
    yield _row("without modality", report.without_modality)
    low, high = report.interval()
    right, of = report.tense()
    yield f"F1 {total.f1:.3f} (95 % interval {low:.3f} to {high:.3f} over {len(report.verdicts)} articles)"
    if of:
        yield f"tense right in {right} of {of} claims found ({right / of:.3f})"
    yield ""
    yield from (_row(kind, tally) for kind, tally in report.by_kind().items())
    yield ""
    yield "confidence: mean, right, claims"
    yield from (f"  {mean:.2f}  {right:.2f}  {count}" for mean, right, count in report.reliability())
    if verbose:
        yield from _details(report)


def _row(name: str, tally: Tally) -> str:
    return (
        f"{name:<16}{tally.gold:>6}{tally.said:>6}{tally.found:>6}"
        f"{tally.precision:>8.3f}{tally.recall:>8.3f}{tally.f1:>8.3f}"
    )


def _details(report: Report) -> Iterator[str]:
    yield ""
    yield "rule: right of made"
    yield from (f"  {rule:<28} {right:>4} of {made}" for rule, (right, made) in report.by_rule().items())
    for verdict in report.verdicts:
        yield f"\n{verdict.article.article.id} ({verdict.article.kind})"
        for gold in verdict.missed:
            team = f" for {gold.for_team}" if gold.for_team else ""
            yield f"  missed  {gold.subject} {gold.predicate} {gold.object}{team} {gold.modality} – {gold.evidence}"
        for said in verdict.wrong:
            names = f"{said.subject[0]} {said.predicate} {said.object[0]}"
            yield f"  wrong   {names} {said.modality} ({', '.join(said.rules)}) – {said.sentence[:160]}"


def as_json(report: Report) -> str:
    """The report's figures as JSON: totals, by predicate, by kind; precision, recall and F1 in [0, 1]."""
    low, high = report.interval()
    return json.dumps(
        {
            "articles": len(report.verdicts),
            "all": _figures(report.total) | {"interval": [round(low, 4), round(high, 4)]},
            "withoutModality": _figures(report.without_modality),
            "byPredicate": {name: _figures(tally) for name, tally in report.by_predicate().items()},
            "byKind": {name: _figures(tally) for name, tally in report.by_kind().items()},
        },
        ensure_ascii=False,
        indent=1,
    )


def _figures(tally: Tally) -> dict[str, float]:
    measured = {"precision": tally.precision, "recall": tally.recall, "f1": tally.f1}
    return {**asdict(tally), **{name: round(value, 4) for name, value in measured.items()}}
