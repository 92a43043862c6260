"""Graphs for tests of queries: a spring of rumours around three benches, and leagues of any size."""

from __future__ import annotations

import random
from pathlib import Path

from desk import CLUBS, COMPETITIONS, OUTLETS, Story, extractions
from rdflib import Graph

from kg import turtle
from kg.statements import graph_of


def stories() -> list[Story]:
    return [
        Story("a", "2025-03-31", url="https://example.org/a", outlet="Marca")
        .says("Il tecnico del Real Madrid è Carlo Ancelotti.", "Carlo Ancelotti", "coaches", "Real Madrid")
        .says("Ancelotti ha allenato il Milan.", "Carlo Ancelotti", "coaches", "Milan", tense="Past")
        .says("Ancelotti potrebbe andare alla Roma.", "Carlo Ancelotti", "candidateFor", "Roma", "Possible", "Future")
        .says("Ancelotti fino al 2026.", "Carlo Ancelotti", "contractUntil", "2026-06")
        .says(
            "Mancini vorrebbe Ancelotti a Roma.", "Amantino Mancini", "endorses", "Carlo Ancelotti",
            by="Amantino Mancini", team="Roma", to="Marca",
        )
        .knows("Carlo Ancelotti", aliases=("Ancelotti",), roles=("coach",), qid="Q174113")
        .knows("Real Madrid", aliases=("Real",)),
        Story("b", "2025-04-02")
        .says("Ancelotti non andrà alla Roma.", "Carlo Ancelotti", "candidateFor", "Roma", "Denied", "Future")
        .says("Milan batte Roma 3-2.", "Milan", "playedMatch", "Roma", tense="Past", score="3-2")
        .says("Courtois è fermo.", "Thibaut Courtois", "injured", "Injury"),
    ]  # fmt: skip


def graph(*more: Story) -> Graph:
    return graph_of(extractions([*stories(), *more]))


def build_in(folder: Path) -> Path:
    """A folder with the graph in it, as `kg build` leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    turtle.write(graph(), folder / "graph.ttl")
    return folder


PREDICATES = (
    *("coaches", "playsFor", "candidateFor", "joins", "leaves", "endorses", "targets", "contractUntil", "injured"),
    *("playedMatch", "won", "agentOf"),
)


def league(articles: int, seed: int = 0) -> Graph:
    """A graph of any size: `articles` articles of ten claims each, the same for the same seed."""
    pick = random.Random(seed)
    people = [f"Mario Rossi {number}" for number in range(max(10, articles))]
    return graph_of(extractions([_story(number, people, pick) for number in range(articles)]))


def _story(number: int, people: list[str], pick: random.Random) -> Story:
    story = Story(f"art-{number:06}", f"20{pick.randint(10, 25)}-{pick.randint(1, 12):02}-{pick.randint(1, 28):02}")
    clubs, outlets, cups = sorted(CLUBS), sorted(OUTLETS), sorted(COMPETITIONS)
    for line in range(10):
        who, other = pick.sample(people, 2)
        club, rival = pick.sample(clubs, 2)
        modality = pick.choice(("Asserted", "Asserted", "Possible", "Denied"))
        tense = pick.choice(("Present", "Present", "Past", "Future"))
        by, to = pick.choice(("", other)), pick.choice(("", *outlets))
        predicate = pick.choice(PREDICATES)
        sentence = f"Frase {number}.{line}: {who}, {other} e {club} contro {rival}."
        if predicate in ("endorses", "agentOf"):
            story.says(sentence, who, predicate, other, modality, tense, by=by, to=to, team=club)
        elif predicate == "targets":
            story.says(sentence, club, predicate, who, modality, tense, by=by, to=to)
        elif predicate == "contractUntil":
            story.says(sentence, who, predicate, f"20{pick.randint(25, 30)}-06", modality, tense)
        elif predicate == "injured":
            story.says(sentence, who, predicate, "Injury", modality, tense)
        elif predicate == "playedMatch":
            score = f"{pick.randint(0, 4)}-{pick.randint(0, 4)}"
            story.says(sentence, min(club, rival), predicate, max(club, rival), tense="Past", score=score)
        elif predicate == "won":
            story.says(sentence, club, predicate, pick.choice(cups), tense="Past")
        else:
            story.says(sentence, who, predicate, club, modality, tense, by=by, to=to)
    return story
