"""What the network should say of an annotated article's pairs, and how far from it what it says is.

Optional claims are left out of the loss; gold evidence supervises where the classifier looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from kg import evaluate
from kg.evaluate import fits, names_of
from kg.gold import GoldArticle, GoldClaim
from kg.learned.candidates import ENDORSED_FOR, LABELS, MODALITIES, Candidates
from kg.learned.inputs import Frame
from kg.learned.network import Judged
from kg.model import Modality, Reading, Tense

_TENSES = (Tense.PAST, Tense.PRESENT, Tense.FUTURE)
_MODALITY = torch.tensor(
    [{Modality.ASSERTED: 0.8, Modality.POSSIBLE: 1.4, Modality.DENIED: 2.0}[one] for one in MODALITIES]
)
"""Weights of modalities in the loss: what is asserted outnumbers what is not by eight to one."""
_EVIDENCE = 0.15
"""Weight of the loss of evidence beside that of labels."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What the network should say of a frame's pairs: shapes as in `Judged`; `counts` masks what does not count.

    `spoken` lists the gold as rows of (pair, label) (G, 2); `evidence` marks the pieces of their gold evidence (G, T).
    """

    labels: Tensor
    counts: Tensor
    modality: Tensor
    tense: Tensor
    ahead: Tensor
    spoken: Tensor
    evidence: Tensor


class Marker:
    """Marks which pairs of an article's candidates are gold."""

    def __init__(self, article: GoldArticle, reading: Reading, found: Candidates) -> None:
        self.article = article
        self.text = reading.document.article.text
        self.found = found
        self.names = {
            number: tuple(map(evaluate.bare, (node.entity.label, *node.entity.aliases)))
            if node.entity
            else (evaluate.bare(node.key),)
            for number, node in enumerate(found.nodes)
        }
        self.taken = {
            number
            for number, names in self.names.items()
            if any(fits(names_of(article, one.name), names) for one in article.entities)
        }
        self.gold: dict[tuple[int, int, str], list[GoldClaim]] = {}
        self.optional: set[tuple[int, int, str]] = set()
        for claim in article.claims:
            for key in self._keys(claim):
                self.gold.setdefault(key, []).append(claim)
            if claim.predicate == "endorses" and claim.for_team:
                for one in self._nodes(claim.object):
                    for team in self._nodes(claim.for_team):
                        self.gold.setdefault((one, team, ENDORSED_FOR), []).append(claim)
        for claim in article.optional:
            self.optional.update(self._keys(claim))

    def _keys(self, claim: GoldClaim) -> list[tuple[int, int, str]]:
        pairs = [(s, o, claim.predicate) for s in self._nodes(claim.subject) for o in self._nodes(claim.object)]
        if claim.predicate == "playedMatch":
            pairs += [(o, s, label) for s, o, label in pairs]
        return pairs

    def _nodes(self, name: str) -> list[int]:
        """The nodes of an annotated entity, also where the article's name for it was linked to a namesake.

        What is said of «Mancini» is said of him, whoever he was taken for; were it marked as wrong, the network would
        learn to doubt what it reads.
        """
        gold = names_of(self.article, name)
        exact = [number for number, names in self.names.items() if fits(gold, names)]
        if exact:
            return exact
        others = {
            alias for one in self.article.entities if one.name != name for alias in names_of(self.article, one.name)
        }
        surfaces = set(gold) - others
        return [n for n, names in self.names.items() if n not in self.taken and surfaces & set(names)]

    def targets(self, frame: Frame) -> Targets:
        """The targets of one frame."""
        count, length = len(frame.pairs), len(frame.window.ids)
        labels = torch.zeros(count, len(LABELS))
        counts = torch.zeros(count, len(LABELS))
        modality = torch.zeros(count, len(LABELS), len(MODALITIES))
        tense = torch.full((count, len(LABELS)), -100)
        ahead = torch.full((count,), -1.0)
        spoken: list[tuple[int, int]] = []
        evidence: list[Tensor] = []
        for row, position in enumerate(frame.pairs):
            pair = self.found.pairs[position]
            for number in pair.labels:
                key = (pair.subject, pair.object, LABELS[number])
                claims = self.gold.get(key, [])
                counts[row, number] = float(bool(claims) or key not in self.optional)
                if not claims:
                    continue
                labels[row, number] = 1
                for claim in claims:
                    modality[row, number, MODALITIES.index(claim.modality)] = 1
                    if claim.tense:
                        tense[row, number] = _TENSES.index(claim.tense)
                spoken.append((row, number))
                evidence.append(self._evidence(frame, claims))
                if LABELS[number] == "playedMatch":
                    ahead[row] = self._ahead(claims[0], pair.subject)
        modality /= modality.sum(-1, keepdim=True).clamp(min=1)
        return Targets(
            labels,
            counts,
            modality,
            tense,
            ahead,
            torch.tensor(spoken, dtype=torch.long).view(-1, 2),
            torch.stack(evidence) if evidence else torch.zeros(0, length),
        )

    def _evidence(self, frame: Frame, claims: Sequence[GoldClaim]) -> Tensor:
        row = torch.zeros(len(frame.window.ids))
        for claim in claims:
            at = self.text.find(claim.evidence) if claim.evidence else -1
            if at >= 0:
                for piece, (start, end) in enumerate(frame.window.offsets):
                    if start < at + len(claim.evidence) and end > at:
                        row[piece] = 1
        return row

    def _ahead(self, claim: GoldClaim, subject: int) -> float:
        """1 where the subject has more goals, 0 where the object has, -1 where neither has or no score is given."""
        left, dash, right = claim.score.partition("-")
        if not dash or not left.isdigit() or not right.isdigit() or int(left) == int(right):
            return -1
        return float((int(left) > int(right)) is (subject in self._nodes(claim.subject)))


def loss(judged: Judged, targets: Targets, rows: Tensor) -> Tensor:
    """The loss of a frame or a batch: labels, and for the gold ones modality, tense, turning, evidence.

    `rows` are the pairs of the rows (R).
    """
    gold = targets.labels > 0
    total = functional.binary_cross_entropy_with_logits(
        judged.labels, targets.labels, weight=targets.counts, reduction="sum"
    )
    if gold.any():
        chances = judged.modality.log_softmax(-1)
        total = total - (chances * targets.modality * _MODALITY.to(chances.device))[gold].sum()
        tenses = functional.cross_entropy(judged.tense[gold], targets.tense[gold], ignore_index=-100, reduction="sum")
        total = total + 0.4 * torch.nan_to_num(tenses)
        marked = targets.evidence.sum(-1) > 0
        if marked.any():
            pair, label = targets.spoken[marked].unbind(-1)
            speaking = judged.shares[:, label].T * (rows[None] == pair[:, None])
            on_evidence = ((speaking @ judged.weights) * targets.evidence[marked]).sum(-1)
            total = total - _EVIDENCE * torch.log(on_evidence + 1e-6).sum()
        known = targets.ahead >= 0
        if known.any():
            total = total + functional.binary_cross_entropy_with_logits(
                judged.ahead[known], targets.ahead[known], reduction="sum"
            )
    return total
