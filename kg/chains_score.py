"""Mentions and chains against gold: who is meant, scored as the shared tasks score it.

A gold mention counts as found where the article's reading has one with the same words: articles, prepositions and
the rest of what opens a noun phrase do not count («il tecnico», «del tecnico»), and an epithet is known by its first
word, since how much of «tecnico italiano del Milan» belongs to it is a matter of taste. Chains are compared by MUC
(Vilain and others 1995), B³ (Bagga and Baldwin 1998) and CEAF-e (Luo 2005), summed over articles; their mean F1 is the
CoNLL score (Pradhan and others 2012, and 2014 for what is counted where the mentions differ). Mentions that stand
alone count.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg.epithets import WHOSE
from kg.errors import GoldError
from kg.gold import GoldArticle
from kg.mentions import LAND, SIDE, TOWN
from kg.model import EntityClass, MentionKind, Reading
from kg.names import folded

Place = tuple[int, int]
"""Where a mention stands: offsets in the article's text, half-open."""
Chains = Sequence[frozenset[Place]]
"""The chains of one article, each the set of its mentions."""

_OPENERS = frozenset(
    (
        *(
            "il",
            "lo",
            "la",
            "i",
            "gli",
            "le",
            "l'",
            "un",
            "uno",
            "una",
            "un'",
            "di",
            "d'",
            "a",
            "da",
            "in",
            "con",
            "su",
        ),
        *(
            "del",
            "dello",
            "della",
            "dell'",
            "dei",
            "degli",
            "delle",
            "al",
            "allo",
            "alla",
            "all'",
            "ai",
            "agli",
            "alle",
        ),
        *("dal", "dallo", "dalla", "dall'", "dai", "dagli", "dalle", "nel", "nello", "nella", "nell'", "nei", "negli"),
        *("nelle", "sul", "sullo", "sulla", "sull'", "sui", "sugli", "sulle", "col", "per", "tra", "fra", "stesso"),
        *("quel", "quello", "quella", "quell'", "quei", "questo", "questa", "quest'", "stessa", "nuovo", "nuova"),
    )
)
_WORD = re.compile(r"\w+(?:-\w+)*['’]?")
SECOND_READINGS = frozenset({TOWN, SIDE, LAND, "ct"})
"""Reasons of mentions that repeat another at the same place, for claims to choose from."""
_PREDICATES = frozenset({"title", "federal", WHOSE})
"""Reasons of mentions that say what somebody is («campione d'Italia», «federale», «juventino»)."""
_LEFT_OUT = SECOND_READINGS | _PREDICATES


@dataclass(frozen=True, slots=True)
class GoldMention:
    """A mention as annotated: its place in the article's text, and what it looks like."""

    place: Place
    kind: MentionKind


@dataclass(frozen=True, slots=True)
class GoldChain:
    """The mentions of one entity; `id` is the gazetteer's (`person/carlo-ancelotti`) or empty where it has none."""

    name: str
    entity_class: EntityClass
    id: str
    mentions: tuple[GoldMention, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """A chain as read: id and label of its entity, and the places of its mentions."""

    id: str
    label: str
    places: frozenset[Place]


# Gold --------------------------------------------------------------------------------------------------


def read_chains(folder: Path, articles: Iterable[GoldArticle]) -> dict[str, tuple[GoldChain, ...]]:
    """The annotated chains of some articles, by article id: `<id>.json` in a folder; articles without one are left out.

    Raises GoldError, naming the file, where one is not well formed or does not fit its article's text.
    """
    found = {}
    for article in articles:
        file = folder / f"{article.article.id}.json"
        if file.is_file():
            found[article.article.id] = _chains_of(file, article.article.text)
    if not found:
        raise GoldError(f"{folder}: no annotated chains (<id>.json) of these articles there")
    return found


def _chains_of(file: Path, text: str) -> tuple[GoldChain, ...]:
    try:
        return tuple(_chain(row, text) for row in json.loads(file.read_text(encoding="utf-8"))["chains"])
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise GoldError(f"{file}: not chains as kg reads them ({type(error).__name__}: {error})") from error


def _chain(row: Mapping[str, Any], text: str) -> GoldChain:
    mentions = []
    for start, end, words, kind in row["mentions"]:
        if text[start:end] != words:
            raise ValueError(f"«{words}» is not what stands at {start}, but «{text[start:end]}»")
        mentions.append(GoldMention(bare_place(text, (start, end), MentionKind(kind)), MentionKind(kind)))
    return GoldChain(str(row["name"]), EntityClass(row["class"]), str(row["id"]), tuple(mentions))


def bare_place(text: str, place: Place, kind: MentionKind = MentionKind.NAME) -> Place:
    """A mention's place without the articles and prepositions that open it; of an epithet, its first word.

    >>> bare_place("Il tecnico italiano tace.", (0, 19), MentionKind.NOMINAL)
    (3, 10)
    """
    start, end = place
    while (word := _WORD.match(text, start, end)) and word.end() < end and _opens(word.group()):
        start = word.end()
        while start < end and text[start].isspace():
            start += 1
    if kind is MentionKind.NOMINAL and (word := _WORD.match(text, start, end)):
        end = word.end()
    return start, end


def _opens(word: str) -> bool:
    return word.lower().replace("’", "'") in _OPENERS


def chains_read(reading: Reading) -> tuple[Linked, ...]:
    """The chains of a reading in the form in which they are scored.

    National adjectives («italiano») and titles («campione d'Italia») say what something is and stand for nothing: they
    are left out, and so is the second reading of a place («firma a Bari»), which claims choose from.
    """
    text = reading.document.article.text
    taken: set[Place] = set()
    found = []
    for chain in reading.chains:
        places = set()
        for position in chain.mentions:
            mention = reading.mentions[position]
            adjective = mention.entity_class is EntityClass.COUNTRY and mention.kind is MentionKind.NOMINAL
            place = bare_place(text, (mention.start, mention.end), mention.kind)
            left_out = adjective or mention.reason in _LEFT_OUT
            if not left_out and place not in taken:
                places.add(place)
        taken |= places
        if places:
            found.append(Linked(chain.entity.id, chain.entity.label, frozenset(places)))
    return tuple(found)


# Measures ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """Numerators and denominators of recall and precision, so that articles add up."""

    found: float = 0.0
    gold: float = 0.0
    right: float = 0.0
    said: float = 0.0

    def __add__(self, other: Measure) -> Measure:
        return Measure(
            self.found + other.found, self.gold + other.gold, self.right + other.right, self.said + other.said
        )

    @property
    def recall(self) -> float:
        """In [0, 1]; 0 where there is nothing to find."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def precision(self) -> float:
        """In [0, 1]; 0 where nothing was said."""
        return self.right / self.said if self.said else 0.0

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


def mention_measure(gold: Chains, said: Chains) -> Measure:
    """How many mentions the two have in common, whatever their chains."""
    left, right = _all(gold), _all(said)
    common = len(left & right)
    return Measure(common, len(left), common, len(right))


def muc(gold: Chains, said: Chains) -> Measure:
    """Links (Vilain and others 1995): what each chain lacks to be one under the other partition."""
    return Measure(*_links(gold, said), *_links(said, gold))


def _links(chains: Chains, others: Chains) -> tuple[float, float]:
    home = {place: index for index, other in enumerate(others) for place in other}
    kept = sum(len(chain) - len({home.get(place, place) for place in chain}) for chain in chains)
    return kept, sum(len(chain) - 1 for chain in chains)


def b_cubed(gold: Chains, said: Chains) -> Measure:
    """Mentions (Bagga and Baldwin 1998): for each, the share of its chain that it keeps."""
    return Measure(*_shares(gold, said), *_shares(said, gold))


def _shares(chains: Chains, others: Chains) -> tuple[float, float]:
    home = {place: index for index, other in enumerate(others) for place in other}
    kept = 0.0
    for chain in chains:
        parts = Counter(home[place] for place in chain if place in home)
        kept += sum(count**2 for count in parts.values()) / len(chain)
    return kept, sum(map(len, chains))


def ceaf_e(gold: Chains, said: Chains) -> Measure:
    """Entities (Luo 2005, φ4): the best one-to-one pairing of chains, each pair worth what it has in common."""
    worth = [[2 * len(a & b) / (len(a) + len(b)) for b in said] for a in gold]
    best = _best_pairing(worth)
    return Measure(best, len(gold), best, len(said))


def _best_pairing(worth: Sequence[Sequence[float]]) -> float:
    """The greatest sum of a matrix's cells with no two in a row or column (Kuhn and Munkres, O(n³))."""
    if not worth or not worth[0]:
        return 0.0
    if len(worth) > len(worth[0]):
        worth = list(zip(*worth, strict=True))
    rows, columns = len(worth), len(worth[0])
    by_row, by_column = [0.0] * (rows + 1), [0.0] * (columns + 1)
    pair, way = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        pair[0], column = row, 0
        least, used = [float("inf")] * (columns + 1), [False] * (columns + 1)
        while pair[column]:
            used[column] = True
            here, step, following = pair[column], float("inf"), 0
            for other in range(1, columns + 1):
                if used[other]:
                    continue
                slack = -worth[here - 1][other - 1] - by_row[here] - by_column[other]
                if slack < least[other]:
                    least[other], way[other] = slack, column
                if least[other] < step:
                    step, following = least[other], other
            for other in range(columns + 1):
                if used[other]:
                    by_row[pair[other]] += step
                    by_column[other] -= step
                else:
                    least[other] -= step
            column = following
        while column:
            pair[column], column = pair[way[column]], way[column]
    return sum(worth[pair[column] - 1][column - 1] for column in range(1, columns + 1) if pair[column])


def _all(chains: Chains) -> frozenset[Place]:
    return frozenset(place for chain in chains for place in chain)


# Report ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What the reading of some articles is worth; measures are summed over articles.

    `by_kind` counts, for each kind of gold mention, those found and all. `right` of `linked` mentions that are gold
    mentions and were linked to the gazetteer have the gold id; `known` is how many gold mentions have an id there.
    """

    articles: int
    mentions: Measure
    muc: Measure
    b_cubed: Measure
    ceaf_e: Measure
    by_kind: Mapping[str, tuple[int, int]]
    linked: int
    right: int
    known: int
    missed: Mapping[str, tuple[str, ...]]
    spurious: Mapping[str, tuple[str, ...]]
    confused: Mapping[str, tuple[str, ...]]

    @property
    def conll(self) -> float:
        """The mean F1 of MUC, B³ and CEAF-e."""
        return (self.muc.f1 + self.b_cubed.f1 + self.ceaf_e.f1) / 3

    @property
    def entity_accuracy(self) -> float:
        """The share of linked mentions that have the right entity; 1 where none was linked."""
        return self.right / self.linked if self.linked else 1.0


def score(gold: Mapping[str, Sequence[GoldChain]], readings: Iterable[Reading]) -> ChainReport:
    """Judges the chains of the articles that are annotated; other readings are left aside."""
    totals: dict[str, Measure] = defaultdict(Measure)
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    linked = right = known = articles = 0
    lists: dict[str, dict[str, tuple[str, ...]]] = {"missed": {}, "spurious": {}, "confused": {}}
    for reading in readings:
        article = reading.document.article
        if article.id not in gold:
            continue
        articles += 1
        chains, said = gold[article.id], chains_read(reading)
        left = [frozenset(mention.place for mention in chain.mentions) for chain in chains]
        places = [chain.places for chain in said]
        for name, measure in _MEASURES.items():
            totals[name] += measure(left, places)
        seen = {place: chain.id for chain in said for place in chain.places}
        labels = {chain.id: chain.label for chain in said}
        missed, confused = [], []
        for chain in chains:
            for mention in chain.mentions:
                kinds[mention.kind.value][0] += mention.place in seen
                kinds[mention.kind.value][1] += 1
                known += bool(chain.id)
                words = article.text[slice(*mention.place)]
                identifier = seen.get(mention.place)
                if identifier is None:
                    missed.append(f"{words} ({mention.kind.value} of {chain.name}, at {mention.place[0]})")
                elif "/_" not in identifier:
                    linked += 1
                    # the gazetteer may have learnt of somebody since the annotation found him unknown to it
                    learnt = not chain.id and folded(labels[identifier]) == folded(chain.name)
                    right += identifier == chain.id or learnt
                    if identifier != chain.id and not learnt:
                        confused.append(f"{words} at {mention.place[0]}: {identifier}, not {chain.id or chain.name}")
        extra = sorted(set(seen) - _all(left))
        lists["missed"][article.id] = tuple(missed)
        lists["confused"][article.id] = tuple(confused)
        lists["spurious"][article.id] = tuple(f"{article.text[a:b]} ({seen[a, b]}, at {a})" for a, b in extra)
    return ChainReport(
        articles=articles,
        mentions=totals["mentions"],
        muc=totals["muc"],
        b_cubed=totals["b_cubed"],
        ceaf_e=totals["ceaf_e"],
        by_kind={kind: (found, of) for kind, (found, of) in sorted(kinds.items())},
        linked=linked,
        right=right,
        known=known,
        missed=lists["missed"],
        spurious=lists["spurious"],
        confused=lists["confused"],
    )


_MEASURES = {"mentions": mention_measure, "muc": muc, "b_cubed": b_cubed, "ceaf_e": ceaf_e}


def render(report: ChainReport, *, verbose: bool = False) -> str:
    """The report as a table, with what was missed and confused where asked for."""
    return "\n".join(_lines(report, verbose))


def _lines(report: ChainReport, verbose: bool) -> Iterable[str]:
    yield f"{report.articles} articles"
    yield f"{'':<12}{'P':>8}{'R':>8}{'F1':>8}"
    names = {"mentions": report.mentions, "MUC": report.muc, "B³": report.b_cubed, "CEAF-e": report.ceaf_e}
    for name, measure in names.items():
        yield f"{name:<12}{measure.precision:>8.3f}{measure.recall:>8.3f}{measure.f1:>8.3f}"
    yield f"CoNLL F1    {report.conll:.3f}"
    yield f"entity      {report.entity_accuracy:.3f} ({report.right} of {report.linked} linked mentions)"
    for kind, (found, of) in report.by_kind.items():
        yield f"  {kind:<10} {found} of {of} found ({found / of:.3f})"
    if verbose:
        for article in report.missed:
            yield f"\n{article}"
            yield from (f"  missed    {line}" for line in report.missed[article])
            yield from (f"  spurious  {line}" for line in report.spurious[article])
            yield from (f"  confused  {line}" for line in report.confused[article])


def as_json(report: ChainReport) -> str:
    """The report's figures as JSON."""
    figures: dict[str, Any] = {"articles": report.articles}
    for name in _MEASURES:
        measure: Measure = getattr(report, name)
        shares = {"precision": measure.precision, "recall": measure.recall, "f1": measure.f1}
        figures[name] = {key: round(value, 4) for key, value in (asdict(measure) | shares).items()}
    figures |= {"conll": round(report.conll, 4), "entityAccuracy": round(report.entity_accuracy, 4)}
    figures |= {"linked": report.linked, "right": report.right, "known": report.known, "byKind": dict(report.by_kind)}
    return json.dumps(figures, ensure_ascii=False, indent=1)
