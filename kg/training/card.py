"""The model card of a pack that `kg models train` has made: from what and how, the same text for the same training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from kg.training.recipe import Plan, Sources
from kg.training.work import digest_of


def card(sources: Sources, plan: Plan) -> str:
    """The README of a pack, in Markdown; figures are to be added by whoever measures them."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("kg", "stanza", "torch", "transformers"))
    lines = [
        "# A Stanza pack for Italian",
        "",
        f"Made by `kg models train` with seed {plan.seed} ({versions}).",
        "Figures: `kg models eval PACK --treebank … --names …`; parts and their settings: `kg models info PACK`.",
        "",
        "## Trained",
        "",
        *_trained(plan),
        "",
        "All other parts are those of the pack that it started from, whose card says how they were made.",
        "",
        "## Sources",
        "",
        "| file | use | SHA-256 (first 16) |",
        "|---|---|---|",
        *_sources(sources),
        "",
        "## Licence",
        "",
        "That of the sources: learned from non-commercial or share-alike material, a pack is likewise.",
        "",
    ]
    return "\n".join(lines)


def _trained(plan: Plan) -> Iterator[str]:
    if plan.context:
        yield f"- encoder: {plan.layers} layers, {plan.tuning.steps} steps at a rate of {plan.tuning.rate:g}"
    names = {"ner": plan.names} if plan.names else {}
    for package, steps in (("on the encoder", {**plan.context, **names}), ("on word vectors", plan.plain)):
        for part, step in steps.items():
            yield f"- {part} {package}: {step.schedule.steps} steps at a rate of {step.schedule.rate:g}"
    for part, options in plan.others.items():
        yield f"- {part}: Stanza's own recipe, {', '.join(f'{name} {value}' for name, value in options.items())}"


def _sources(sources: Sources) -> Iterator[str]:
    uses: Sequence[tuple[str, Sequence[Path]]] = (
        ("trees, trained on", sources.treebanks),
        ("lemmas, trained on", sources.lemma_treebanks),
        ("trees, chosen by", sources.dev),
        ("trees, held out", sources.held_out),
        ("names, trained on", sources.names),
        ("names, chosen by", sources.dev_names),
        ("names, held out", sources.held_out_names),
        (f"names marked by machine, {sources.silver_share:.0%} trained on", sources.silver_names),
        ("annotated articles, whose names are trained on", sources.annotated),
        ("football sentences made from its names", [sources.gazetteer] if sources.gazetteer else []),
        ("encoder, begun with", [sources.encoder] if sources.encoder else []),
    )
    for use, files in uses:
        for file in files:
            yield f"| {file.name} | {use} | {digest_of([file])} |"
