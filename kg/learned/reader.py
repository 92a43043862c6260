"""Opens the learned reader that ships with kg, and turns its judgements into claims with their reasons."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import attribution
from kg.claims import Finding, merged
from kg.errors import PackError
from kg.gazetteer import Gazetteer
from kg.learned.candidates import ENDORSED_FOR, LABELS, MODALITIES, Candidates, Node, candidates
from kg.model import Claim, Evidence, Modality, Reading, Span, Tense
from kg.values import values

if TYPE_CHECKING:
    import torch

    from kg.learned.inputs import Frame
    from kg.learned.network import Judged, Network
    from kg.learned.pieces import Tokenizer

FOLDER = Path(__file__).resolve().parent.parent / "models" / "reader"
"""Where the shipped model lies."""
SETTINGS = "reader.json"
"""Name of the file with thresholds and calibration."""
TOKENIZER = "tokenizer.json"
"""Word pieces; a folder has its own where they are not those of kg's pack."""
RULE = "reader"
"""The name under which evidence says that the learned reader made a claim."""
ONE_SIDE = frozenset(("coaches", "joins", "leaves", "playsFor", "renewsWith"))
"""Of these a person has one club at a time, and one national side."""
_CLEARLY = 0.75
"""Of what cannot be true at once stays what has at least so much of the likeliest's probability."""
_TEAM = 0.03
"""From which probability on a side is the one somebody is endorsed for: nearly every endorsement is for one."""
_OPEN = 0.2
"""So near to one half the model does not know which side has won."""
_TENSES = (Tense.PAST, Tense.PRESENT, Tense.FUTURE)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on a label is said, by label; `second` is that of a further modality.

    `supported` is the probability that is enough where a rule of `trusted` confidence has found the claim, too.
    `calibration` maps the network's probabilities to the share of claims that were right on the development
    articles: points (probability, share), ascending; between them it is a straight line.
    """

    labels: Mapping[str, float]
    second: float = 0.5
    supported: float = 0.0
    trusted: float = 0.45
    calibration: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))

    def confidence(self, probability: float) -> float:
        """How often claims with this probability are right, in [0, 1], to three digits."""
        points = self.calibration
        for (low, share), (high, next_share) in itertools.pairwise(points):
            if probability <= high:
                along = (probability - low) / (high - low) if high > low else 1.0
                return round(share + max(0.0, along) * (next_share - share), 3)
        return round(points[-1][1], 3)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One claim that the model makes: nodes, label, probabilities, and the sentence that weighs most in it.

    `window` and `row` tell where it was judged: the row among the window's pairs.
    """

    subject: Node
    object: Node
    label: str
    probability: float
    modality: Modality
    certainty: float
    tense: Tense
    sentence: int
    ahead: float
    window: tuple[Frame, Judged]
    row: int


class LearnedReader:
    """The network with its word pieces and thresholds; use `open_reader` to get the shipped one."""

    def __init__(self, network: Network, tokenizer: Tokenizer, thresholds: Thresholds) -> None:
        self._network = network.eval()
        self._tokenizer = tokenizer
        self._thresholds = thresholds

    def claims(self, reading: Reading, findings: tuple[Finding, ...], gazetteer: Gazetteer) -> tuple[Claim, ...]:
        """The claims of an article; what rules found in it are features and further evidence."""
        import torch

        from kg.learned.inputs import frames
        from kg.learned.reasons import Look, why

        found = candidates(reading, findings, gazetteer)
        windows = self._tokenizer.windows(reading.document.article.text, [s.start for s in reading.document.sentences])
        network = self._network
        judged, grounds = [], {}
        with torch.inference_mode():
            for frame in frames(reading, found, windows):
                seen = network.read(network.beneath(frame.ids), frame.inputs)
                grounds[id(frame)] = network.ground(seen, frame.inputs)
                judged.append((frame, network.judged(grounds[id(frame)], frame.inputs)))

            def reason(judgement: Judgement) -> str:
                frame, result = judgement.window
                look = Look(frame, result, grounds[id(frame)], judgement.row, LABELS.index(judgement.label))
                return why(network, reading, found, look, judgement.sentence)

            return decode(reading, found, judged, findings, self._thresholds, reason)


_Key = tuple[str, str, str]


def decode(
    reading: Reading,
    found: Candidates,
    judged: Iterable[tuple[Frame, Judged]],
    findings: tuple[Finding, ...],
    thresholds: Thresholds,
    reason: Callable[[Judgement], str] = lambda _: "",
) -> tuple[Claim, ...]:
    """Judgements → claims: thresholds, one score a match, teams of endorsements, who said it, evidence, reason."""
    by_rule = _by_rule(findings)
    judgements, teams, doubted = _judgements(found, judged, by_rule, thresholds)
    judgements = sensible(judgements)
    writer = _Writer(reading, teams, thresholds)
    claims = []
    for judgement in judgements:
        claim = writer.claim(judgement, reason(judgement))
        support = by_rule.get((claim.subject, claim.predicate, claim.object), ())
        claim = replace(claim, score=_score_by_rule(claim, by_rule) or claim.score)
        claims.append(claim)
        claims += [_supporting(claim, other) for other in support if other.modality is claim.modality]
    for key, support in by_rule.items():
        if key not in doubted and not any((c.subject, c.predicate, c.object) == key for c in claims):
            claims += [claim for claim in support if claim.confidence >= thresholds.trusted]
    return merged([*claims, *_beyond(found, findings)])


def _score_by_rule(claim: Claim, by_rule: Mapping[_Key, list[Claim]]) -> str:
    """The score that a rule has read of a match, the goals of the claim's subject first; empty where none has."""
    if claim.predicate != "playedMatch":
        return ""
    straight = by_rule.get((claim.subject, claim.predicate, claim.object), ())
    turned = by_rule.get((claim.object, claim.predicate, claim.subject), ())
    scores = [*(one.score for one in straight), *("-".join(reversed(one.score.split("-"))) for one in turned)]
    return next(filter(None, scores), "")


def _supporting(claim: Claim, other: Claim) -> Claim:
    """A rule's claim as further evidence of the model's: where and why it was found, with the model's confidence."""
    evidence = tuple(replace(piece, confidence=claim.confidence) for piece in other.evidence)
    return replace(claim, evidence=evidence, competition=other.competition, on_loan=other.on_loan or claim.on_loan)


def _beyond(found: Candidates, findings: Iterable[Finding]) -> Iterator[Claim]:
    """What rules say of things that the text does not name («campioni di Spagna»): the model cannot judge it."""
    known = {node.key for node in found.nodes}
    for finding in findings:
        yield from (claim for claim in finding.claims if not {claim.subject, claim.object} <= known)


def _by_rule(findings: Iterable[Finding]) -> Mapping[_Key, list[Claim]]:
    found: dict[_Key, list[Claim]] = defaultdict(list)
    for finding in findings:
        for claim in finding.claims:
            found[claim.subject, claim.predicate, claim.object].append(claim)
    return found


def _judgements(
    found: Candidates, judged: Iterable[tuple[Frame, Judged]], by_rule: Mapping[_Key, list[Claim]], limits: Thresholds
) -> tuple[list[Judgement], dict[str, tuple[float, str]], set[_Key]]:
    """What passes its threshold, the best of several windows; teams of endorsed people; what rules alone believe.

    The second is the likeliest side for each person with its probability, the third what rules found and the
    network gives less than `limits.supported`.
    """
    best: dict[tuple[int, int, str, Modality], Judgement] = {}
    teams: dict[str, tuple[float, str]] = {}
    highest: dict[_Key, float] = defaultdict(float)
    for frame, result in judged:
        chances, modality, tense = result.labels.sigmoid(), result.modality.softmax(-1), result.tense.softmax(-1)
        ahead = _ahead(found, frame, result)
        for row, position in enumerate(frame.pairs):
            pair = found.pairs[position]
            subject, target = found.nodes[pair.subject], found.nodes[pair.object]
            for number in pair.labels:
                label = LABELS[number]
                chance = round(float(chances[row, number]), 4)
                if label == ENDORSED_FOR:
                    teams[subject.key] = max(teams.get(subject.key, (0.0, "")), (chance, target.key))
                    continue
                key = (subject.key, label, target.key)
                if key in by_rule:
                    highest[key] = max(highest[key], chance)
                if chance < limits.labels[label]:
                    continue
                if label == "playedMatch" and subject.key > target.key:
                    continue  # a match is judged from both sides; once is enough
                sentence = _sentence(frame, looked(frame, result, row, number), subject, target)
                certainties = modality[row, number].tolist()
                for order, index in enumerate(sorted(range(len(MODALITIES)), key=lambda i: -certainties[i])):
                    if order and certainties[index] < limits.second:
                        break
                    judgement = Judgement(
                        subject=subject,
                        object=target,
                        label=label,
                        probability=chance,
                        modality=MODALITIES[index],
                        certainty=round(certainties[index], 4),
                        tense=_TENSES[int(tense[row, number].argmax())],
                        sentence=sentence,
                        ahead=ahead[row],
                        window=(frame, result),
                        row=row,
                    )
                    place = (pair.subject, pair.object, label, MODALITIES[index])
                    if place not in best or best[place].probability < chance:
                        best[place] = judgement
    doubted = {key for key, chance in highest.items() if chance < limits.supported}
    return list(best.values()), teams, doubted


def _ahead(found: Candidates, frame: Frame, result: Judged) -> list[float]:
    """For each pair of a window how likely its subject has more goals than its object, as judged from both sides."""
    rows = {
        (pair.subject, pair.object): row for row, pair in enumerate(found.pairs[position] for position in frame.pairs)
    }
    other = [rows.get((target, subject), row) for (subject, target), row in rows.items()]
    halves: list[float] = ((result.ahead - result.ahead[other]) / 2).sigmoid().tolist()
    return halves


def sensible(judgements: list[Judgement]) -> list[Judgement]:
    """Without what cannot be true at once, where one is clearly likelier than the others.

    Nobody coaches, joins, leaves or plays for two clubs now, and no side has two coaches.
    """
    best: dict[tuple[str, ...], Judgement] = {}
    keys = [list(_exclusive(one)) for one in judgements]
    for one, mine in zip(judgements, keys, strict=True):
        for key in mine:
            if key not in best or best[key].probability < one.probability:
                best[key] = one
    return [
        one
        for one, mine in zip(judgements, keys, strict=True)
        if all(one.probability >= _CLEARLY * best[key].probability for key in mine)
    ]


def _exclusive(one: Judgement) -> Iterator[tuple[str, ...]]:
    """The places that a judgement takes and that only one can have."""
    if one.modality is Modality.ASSERTED and one.tense is Tense.PRESENT and one.label in ONE_SIDE:
        yield one.subject.key, one.label, one.object.label
        if one.label == "coaches":
            yield one.label, one.object.key


def looked(frame: Frame, result: Judged, pair: int, label: int) -> torch.Tensor:
    """How much each piece of a window weighs in what is said of a pair under a label: (T), sums to one."""
    rows = frame.inputs.rows[:, 0] == pair
    return result.shares[rows, label] @ result.weights[rows]


def _sentence(frame: Frame, weights: torch.Tensor, subject: Node, target: Node) -> int:
    """The sentence with the most weight; one that names both counts more."""
    mass: dict[int, float] = defaultdict(float)
    for sentence, weight in zip(frame.sentences.tolist(), weights.tolist(), strict=True):
        if sentence >= 0:
            mass[sentence] += weight
    here, there = ({spot.sentence for spot in node.spots} for node in (subject, target))
    return max(mass, key=lambda s: (round(mass[s] + 0.15 * (s in here) + 0.15 * (s in there or not there), 4), -s))


class _Writer:
    """Writes judgements as claims of one article."""

    def __init__(self, reading: Reading, teams: Mapping[str, tuple[float, str]], thresholds: Thresholds) -> None:
        self._reading = reading
        self._thresholds = thresholds
        self._article = reading.document.article
        self._attribution = attribution.speakers(reading)
        self._teams = teams

    def claim(self, judgement: Judgement, why: str) -> Claim:
        """The claim that a judgement makes, with its evidence."""
        sentence = self._reading.document.sentences[judgement.sentence]
        subject, target = (self._span(node, judgement.sentence) for node in (judgement.subject, judgement.object))
        assert subject is not None
        speaker, outlet = self._attribution.at(target.start if target else subject.start)
        if not speaker and not outlet:
            speaker, outlet = self._attribution.at((sentence.start + sentence.end) // 2)
        is_match = judgement.label == "playedMatch"
        return Claim(
            subject=judgement.subject.key,
            predicate=judgement.label,
            object=judgement.object.key,
            modality=judgement.modality,
            tense=judgement.tense,
            evidence=(
                Evidence(
                    article=self._article.id,
                    sentence=Span(sentence.start, sentence.end),
                    text=self._article.text[sentence.start : sentence.end],
                    subject=subject,
                    object=target,
                    rule=RULE,
                    confidence=self._thresholds.confidence(judgement.probability * judgement.certainty),
                    speaker=speaker if speaker != judgement.subject.key else "",
                    outlet=outlet,
                    why=why,
                ),
            ),
            for_team=self._team(judgement) if judgement.label == "endorses" else "",
            score=self._score(judgement, subject, target) if is_match and target else "",
            on_loan=judgement.label == "joins" and "prestito" in self._article.text[sentence.start : sentence.end],
        )

    def _span(self, node: Node, sentence: int) -> Span | None:
        """Where a node stands: in the sentence, else nearest before it, else after it."""
        if not node.spots:
            return None
        spot = min(node.spots, key=lambda one: (abs(sentence - one.sentence), one.sentence > sentence, one.start))
        return Span(spot.start, spot.end)

    def _team(self, judgement: Judgement) -> str:
        chance, team = self._teams.get(judgement.object.key, (0.0, ""))
        return team if chance >= _TEAM else ""

    def _score(self, judgement: Judgement, subject: Span, target: Span) -> str:
        """The printed score nearest to both sides in the sentence; none where it is open whose goals come first."""
        text = self._article.text
        sentence = self._reading.document.sentences[judgement.sentence]
        printed = [value for value in values(sentence, text) if value.kind == "Score"]
        if not printed:
            return ""
        middle = (subject.start + target.start) // 2
        goals = min(printed, key=lambda value: abs(value.start - middle)).text.split("-")
        first, second = sorted((subject, target), key=lambda span: span.start)
        if goals[0] == goals[1]:
            ordered = True
        elif not text[first.end : second.start].strip(" -–‑"):  # «Roma-Siena 3-2»
            ordered = first is subject
        elif abs(judgement.ahead - 0.5) >= _OPEN:
            ordered = (judgement.ahead > 0.5) is (int(goals[0]) > int(goals[1]))
        else:
            return ""
        return "-".join(goals if ordered else reversed(goals))


def open_reader(folder: Path = FOLDER) -> LearnedReader:
    """The learned reader of a folder; PackError where there is none or it is damaged."""
    from kg.learned.network import SHARED, load
    from kg.learned.pieces import Tokenizer

    try:
        settings: dict[str, Any] = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        thresholds = Thresholds(
            settings["thresholds"],
            settings["second"],
            settings["supported"],
            settings["trusted"],
            tuple((low, share) for low, share in settings["calibration"]),
        )
        network = load(folder)
        own = folder / TOKENIZER
        return LearnedReader(network, Tokenizer(own if own.exists() else SHARED / TOKENIZER), thresholds)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise PackError(
            f"{folder}: no learned reader of kg ({error}); install kg again or use --reader rules"
        ) from error
