"""The English words of the page for the terms of the ontology."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """How a predicate reads from its subject and from its object, and the family that gives its colour."""

    active: str
    passive: str
    family: str


RELATIONS = {
    "coaches": Relation("coaches", "coached by", "role"),
    "playsFor": Relation("plays for", "has as player", "role"),
    "presidentOf": Relation("is president of", "has as president", "role"),
    "ownerOf": Relation("owns", "owned by", "role"),
    "executiveOf": Relation("is executive of", "has as executive", "role"),
    "agentOf": Relation("is agent of", "has as agent", "role"),
    "candidateFor": Relation("is candidate for", "has as candidate", "market"),
    "targets": Relation("targets", "targeted by", "market"),
    "joins": Relation("joins", "joined by", "market"),
    "leaves": Relation("leaves", "left by", "market"),
    "renewsWith": Relation("renews with", "renewed with by", "market"),
    "contractUntil": Relation("has contract until", "is end of contract of", "market"),
    "endorses": Relation("endorses", "endorsed by", "opinion"),
    "criticises": Relation("criticises", "criticised by", "opinion"),
    "playedMatch": Relation("played", "played against by", "result"),
    "competesIn": Relation("competes in", "has as competitor", "result"),
    "won": Relation("won", "won by", "result"),
    "injured": Relation("is injured", "injury of", "other"),
    "nationality": Relation("has nationality", "nationality of", "other"),
}

FAMILIES = {
    "role": "Roles",
    "market": "Transfers and benches",
    "opinion": "Opinions",
    "result": "Results",
    "other": "Other",
}

CLASSES = {
    "Person": "Person",
    "Club": "Club",
    "NationalTeam": "National team",
    "Competition": "Competition",
    "Federation": "Federation",
    "Country": "Country",
    "City": "City",
    "Venue": "Venue",
    "Outlet": "Outlet",
    "Match": "Match",
    "Thing": "Other",
}

SHAPES = {
    "Person": "dot",
    "Club": "square",
    "NationalTeam": "triangle",
    "Competition": "star",
    "Federation": "hexagon",
    "Country": "diamond",
    "City": "diamond",
    "Venue": "triangleDown",
    "Outlet": "hexagon",
    "Match": "dot",
    "Thing": "dot",
}
"""Shapes of vis-network whose label stands below them; two classes of one shape differ in colour."""

MODALITIES = {"Asserted": "fact", "Possible": "rumour", "Denied": "denial"}
TENSES = {"Past": "past", "Present": "present", "Future": "future"}
QUALIFIERS = {
    "forTeam": "for team",
    "score": "score",
    "shootout": "on penalties",
    "inCompetition": "competition",
    "onLoan": "on loan",
}


def relation(predicate: str) -> Relation:
    """The words of a predicate; one that the page does not know reads as it is written."""
    return RELATIONS.get(predicate, Relation(predicate, f"{predicate} (from)", "other"))
