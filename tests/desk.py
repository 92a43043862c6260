"""A news desk for tests: articles of a few sentences, each with the claims that it makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kg.model import Article, Claim, Entity, EntityClass, Evidence, Extraction, Modality, Span, Tense
from kg.names import slug

KINDS = {"person": EntityClass.PERSON, "club": EntityClass.CLUB, "national-team": EntityClass.NATIONAL_TEAM}
NATIONAL, COMPETITIONS, OUTLETS = (
    {"Italia", "Brasile"},
    {"Serie A", "Coppa Italia", "Champions League"},
    {"Marca", "Sky"},
)
CLUBS = {"Real Madrid", "Roma", "Milan", "Inter", "Lazio", "Juventus", "Napoli"}
COUNTRIES = {"Argentina"}


def entity(name: str) -> Entity:
    """Who is meant by a name; what is no side, competition, outlet or country is a person."""
    for names, kind, path in (
        (NATIONAL, EntityClass.NATIONAL_TEAM, "national-team"),
        (CLUBS, EntityClass.CLUB, "club"),
        (COMPETITIONS, EntityClass.COMPETITION, "competition"),
        (OUTLETS, EntityClass.OUTLET, "outlet"),
        (COUNTRIES, EntityClass.COUNTRY, "country"),
    ):
        if name in names:
            return Entity(f"{path}/{slug(name)}", kind, name)
    return Entity(f"person/{slug(name)}", EntityClass.PERSON, name)


@dataclass
class Story:
    """An article under the pen: `says` adds a sentence and the claim that it makes."""

    id: str
    date: str = "2025-03-31"
    title: str = "Il punto"
    url: str = ""
    outlet: str = ""
    text: str = field(init=False)
    claims: list[Claim] = field(default_factory=list)
    entities: dict[str, Entity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.text = self.title + "\n"

    def says(
        self,
        sentence: str,
        subject: str,
        predicate: str,
        value: str,
        modality: str = "Asserted",
        tense: str = "Present",
        *,
        by: str = "",
        to: str = "",
        team: str = "",
        competition: str = "",
        **qualifiers: object,
    ) -> Story:
        start = len(self.text) + 1
        self.text += "\n" + sentence
        who = self._known(subject)
        literal = predicate in ("contractUntil", "injured")
        target = value if literal else self._known(value)
        piece = Evidence(
            article=self.id,
            sentence=Span(start, start + len(sentence)),
            text=sentence,
            subject=self._span(start, sentence, subject),
            object=None if literal else self._span(start, sentence, value),
            rule="test",
            confidence=0.9,
            speaker=self._known(by) if by else "",
            outlet=self._known(to) if to else "",
        )
        self.claims.append(
            Claim(
                who,
                predicate,
                target,
                Modality(modality),
                Tense(tense),
                (piece,),
                for_team=self._known(team) if team else "",
                competition=self._known(competition) if competition else "",
                **qualifiers,  # type: ignore[arg-type]
            )
        )
        return self

    def knows(self, name: str, **more: object) -> Story:
        """Adds what the article knows of somebody: aliases, roles, qid, label."""
        found = entity(name)
        self.entities[found.id] = replace(found, **more)  # type: ignore[type-var]
        return self

    @property
    def article(self) -> Article:
        return Article(self.id, self.text, self.title, self.url, self.outlet, self.date)

    @property
    def extraction(self) -> Extraction:
        known = tuple(self.entities[key] for key in sorted(self.entities))
        return Extraction(self.article, len(self.text.split()), known, tuple(self.claims))

    def _known(self, name: str) -> str:
        found = entity(name)
        self.entities.setdefault(found.id, found)
        return found.id

    def _span(self, start: int, sentence: str, words: str) -> Span:
        at = sentence.find(words.rsplit(maxsplit=1)[-1])
        return Span(start + max(at, 0), start + max(at, 0) + len(words.rsplit(maxsplit=1)[-1]))


def extractions(stories: Iterable[Story]) -> list[Extraction]:
    return [story.extraction for story in stories]
