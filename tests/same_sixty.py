"""200 articles about the same sixty people and clubs, called by full name, surname, first name, epithet and misspelt.

Each article is a list of sentences with the words that stand for somebody marked: `{Ancelotti|person/carlo-ancelotti}`.
Drawn with a fixed seed: the same articles on every run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.model import Article

CLUBS = (
    *("Roma", "Lazio", "Milan", "Inter", "Juventus", "Napoli", "Fiorentina", "Bologna", "Torino", "Genoa"),
    *(
        "Sampdoria",
        "Udinese",
        "Atalanta",
        "Lecce",
        "Cagliari",
        "Empoli",
        "Parma",
        "Real Madrid",
        "Barcellona",
        "Chelsea",
    ),
)
COACHES = (
    *("Carlo Ancelotti", "Gian Piero Gasperini", "Massimiliano Allegri", "Antonio Conte", "Luciano Spalletti"),
    *("Maurizio Sarri", "Simone Inzaghi", "Filippo Inzaghi", "Roberto Mancini", "Claudio Ranieri", "Stefano Pioli"),
    *("Vincenzo Italiano", "Thiago Motta", "Davide Ballardini", "Roberto D'Aversa", "José Mourinho"),
)
PLAYERS = (
    *("Romelu Lukaku", "Lautaro Martinez", "Dusan Vlahovic", "Paulo Dybala", "Federico Chiesa", "Alvaro Morata"),
    *(
        "Giovanni Di Lorenzo",
        "Gianluigi Donnarumma",
        "Thiago Silva",
        "Gianluca Mancini",
        "Mattia Destro",
        "Kevin Lasagna",
    ),
    *("Wladimiro Falcone", "Samuele Ricci", "Charles De Ketelaere", "Rolando Mandragora"),
    *("Ubaldo Sferracavalli", "Ermete Zuccagnoli", "Gervaso Pellicciari", "Fulgenzio Bracalente"),
)
OWNERS = ("Aurelio De Laurentiis", "Claudio Lotito", "Urbano Cairo", "Massimo Moratti")
UNKNOWN = PLAYERS[-4:]
_LE = frozenset({"Roma", "Lazio", "Juventus", "Fiorentina", "Sampdoria"})
_L = frozenset({"Inter", "Udinese", "Atalanta", "Empoli"})
_ARTICLES = {"": ("il", "la", "l'"), "di": ("del", "della", "dell'"), "a": ("al", "alla", "all'")}
_MARK = re.compile(r"\{([^|{}]+)\|([^|{}]+)\}")


@dataclass(frozen=True, slots=True)
class Told:
    """An article, and whom which stretch of its text stands for (`start`, `end`, id)."""

    article: Article
    means: tuple[tuple[int, int, str], ...]


def articles(count: int = 200, seed: int = 60) -> Iterator[Told]:
    """The articles, in order."""
    draw = random.Random(seed)
    for number in range(count):
        coach, player, other = draw.choice(COACHES), *draw.sample(PLAYERS, 2)
        club, rival = draw.sample(CLUBS, 2)
        headline = f"{_side('', club)} aspetta {_named(player)}"
        sentences = draw.choice(_STORIES)(draw, coach, player, other, club, rival)
        yield _told(f"{number:03}", headline, sentences)


def identifier(name: str) -> str:
    """The id that a name must have in the graph."""
    from kg.names import slug

    if name in CLUBS:
        return f"club/{slug(name)}"
    return f"person/{'_' * (name in UNKNOWN)}{slug(name.replace(chr(39), ''))}"


def _told(number: str, headline: str, sentences: list[str]) -> Told:
    marked = f"{headline[0].upper()}{headline[1:]}\n\n{' '.join(sentences)}"
    text, means, last = "", [], 0
    for found in _MARK.finditer(marked):
        text += marked[last : found.start()]
        means.append((len(text), len(text) + len(found[1]), identifier(found[2])))
        text += found[1]
        last = found.end()
    text += marked[last:]
    title = text.partition("\n")[0]
    return Told(Article(f"sixty-{number}", text, title, date="2024-06-01"), tuple(means))


def _named(name: str, words: str = "") -> str:
    return f"{{{words or name}|{name}}}"


def _side(preposition: str, club: str) -> str:
    """«della Roma», «all'Inter», «il Milan», the name marked."""
    word = _ARTICLES[preposition][1 if club in _LE else 2 if club in _L else 0]
    return f"{word}{'' if word.endswith(chr(39)) else ' '}{_named(club)}"


def _surname(name: str) -> str:
    from kg.names import surname

    return _named(name, surname(name))


def _slip(draw: random.Random, name: str) -> str:
    """A full name, one in twelve times with a letter of the first name or surname left out."""
    if draw.randrange(12):
        return _named(name)
    words = name.split()
    at = draw.randrange(len(words))
    if len(words[at]) < 6:
        return _named(name)
    cut = draw.randrange(2, len(words[at]) - 1)
    words[at] = words[at][:cut] + words[at][cut + 1 :]
    return _named(name, " ".join(words))


def _transfer(draw: random.Random, coach: str, player: str, other: str, club: str, rival: str) -> list[str]:
    return [
        f"{_slip(draw, player)} ha firmato con {_side('', club)} fino al 2027.",
        f"«{_surname(player)} è l'uomo giusto», ha detto {_named(coach)}, tecnico della squadra.",
        f"{_surname(coach)} aveva chiesto anche {_named(other)}, che resta {_side('a', rival)}.",
        f"{_surname(other)} ha un contratto fino al 2026.",
    ]


def _bench(draw: random.Random, coach: str, player: str, other: str, club: str, rival: str) -> list[str]:
    return [
        f"{_slip(draw, coach)} è il nuovo allenatore {_side('di', club)}.",
        f"Il contratto di {_surname(coach)} scade nel 2026.",
        f"{_named(player)} ha già parlato con il tecnico, e {_named(other)} resta fuori rosa.",
        f"Domenica c'è la sfida {_side('a', rival)}: {_surname(other)} non gioca, {_surname(player)} sì.",
    ]


def _match(draw: random.Random, coach: str, player: str, other: str, club: str, rival: str) -> list[str]:
    return [
        f"Finisce 2-1 la partita tra {_side('', club)} e {_side('', rival)}.",
        f"Segnano {_slip(draw, player)} e {_named(other)}, inutile il rigore nel finale.",
        f"«{_surname(player)} mi è piaciuto», ha spiegato {_named(coach)}.",
        f"{_surname(other)} esce per infortunio: {_side('', rival)} lo aspetta a maggio.",
    ]


def _owner(draw: random.Random, coach: str, player: str, other: str, club: str, rival: str) -> list[str]:
    owner = draw.choice(OWNERS)
    return [
        f"{_named(owner)} non vende {_slip(draw, player)}.",
        f"Il presidente ha ricevuto un'offerta {_side('di', rival)}, ma {_surname(player)} resta {_side('a', club)}.",
        f"«Decide {_named(coach)}», ha aggiunto {_surname(owner)}.",
        f"In lista c'è anche {_named(other)}: {_surname(coach)} lo stima da anni.",
    ]


_STORIES = (_transfer, _bench, _match, _owner)
