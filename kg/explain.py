"""How an article was read, in lines for a rule's author: trees, mentions, chains, the rules that fired, the claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.claims import Finding
from kg.cleaning import visible
from kg.model import Claim, Reading, Sentence


def explain(reading: Reading, findings: Iterable[Finding]) -> Iterator[str]:
    """For each sentence: its tree, its mentions with the sieve that placed them, the rules and their claims."""
    text = reading.document.article.text
    found = list(findings)
    for sentence in reading.document.sentences:
        yield ""
        yield f"# {sentence.index} [{sentence.start}:{sentence.end}] {visible(text[sentence.start : sentence.end])}"
        yield from _tree(sentence)
        yield from _mentions(reading, sentence)
        for finding in found:
            if finding.sentence == sentence.index:
                yield from _finding(sentence, finding, reading)


def _tree(sentence: Sentence) -> Iterator[str]:
    for word in sentence.words:
        head = sentence.words[word.head].text if word.head >= 0 else "ROOT"
        row = f"{word.index:>3} {visible(word.text):<20} {visible(word.lemma):<20} {word.upos:<6}"
        yield f"  {row} {word.deprel:<14} ← {visible(head)}"


def _mentions(reading: Reading, sentence: Sentence) -> Iterator[str]:
    placed = {
        p: (chain, reason) for chain in reading.chains for p, reason in zip(chain.mentions, chain.reasons, strict=True)
    }
    for position, mention in enumerate(reading.mentions):
        if mention.sentence != sentence.index:
            continue
        if position in placed:
            chain, reason = placed[position]
            who = f"{chain.entity.id} ({reason})"
        else:
            who = "nobody"
        span = f"[{mention.start}:{mention.end}]"
        yield f"  mention {span:<12} {visible(mention.text)!r} {mention.entity_class} {mention.kind} = {who}"


def _finding(sentence: Sentence, finding: Finding, reading: Reading) -> Iterator[str]:
    match = finding.match
    trigger = visible(sentence.words[match.trigger].text)
    slots = ", ".join(
        f"{name}={'+'.join(_filler(reading, filler.ref) for filler in fillers)}" for name, fillers in match.bindings
    )
    reasons = "; ".join(finding.reasons)
    yield f"  rule {match.pattern.name} on «{trigger}» ({match.basis.name.lower()}): {slots}; {reasons}"
    if not finding.claims:
        yield "    no claim: a class does not fit, or it says nothing of anybody"
    yield from (f"    → {line(claim)}" for claim in finding.claims)


def _filler(reading: Reading, ref: int) -> str:
    return visible(reading.mentions[ref].text) if ref >= 0 else "a value"


def claimed(claims: Iterable[Claim]) -> Iterator[str]:
    """Each claim with what read it in which sentence, and why: the claims that a build keeps."""
    yield ""
    yield "# claims"
    for claim in claims:
        yield f"  {line(claim)}"
        for piece in claim.evidence:
            why = f": {visible(piece.why)}" if piece.why else ""
            yield f"    [{piece.sentence.start}:{piece.sentence.end}] read by {piece.rule}{why}"


def line(claim: Claim) -> str:
    """One claim in a line: subject, predicate, object, modality, tense, qualifiers."""
    extra = [f"for {claim.for_team}"] if claim.for_team else []
    extra += [claim.score] if claim.score else []
    extra += ["on loan"] if claim.on_loan else []
    extra += [f"said by {speaker}" for speaker in claim.attributed_to]
    said = f"{claim.subject} {claim.predicate} {claim.object} {claim.modality} {claim.tense}"
    return " ".join((said, *extra, f"({claim.confidence:.2f})"))
