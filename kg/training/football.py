"""Makes sentences of football news with known names: written patterns filled from the gazetteer.

A pattern such as «{Il:club} saluta {per}» has slots `{kind}` or `{article or preposition:kind}`. Kinds: `per` a full
name, `sur` a surname, `club`, `side` (a national team), `city`, `land`, `venue`, `paper` (an outlet), `comp` (a
competition, which is no name of ours), `n` a small number. A name that stands in the pattern itself is written
`[Uefa|ORG]`.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.training.corpora import NamedSentence
from kg.training.errors import TrainingError

PATTERNS = Path(__file__).parent / "football.txt"
"""One pattern a line; `#` begins a comment."""

TYPES: Mapping[str, str | None] = {
    "per": "PER", "sur": "PER", "club": "ORG", "side": "ORG", "paper": "ORG",
    "city": "LOC", "land": "LOC", "venue": "LOC", "comp": None, "n": None,
}  # fmt: skip

_SLOT = re.compile(r"\{(?:(\w+):)?(\w+)\}|\[([^|\]]+)\|(PER|ORG|LOC)\]")
_TOKEN = re.compile(r"[^\W\d_]+['’](?=\w)|\d+['’](?:\+\d['’])?|\w+|[^\w\s]")
_FEMININE = re.compile(r"(?<!^Spezi)(?<!^Stoccard)a$|^(?:Juventus|Lazio|Juve|Samp|Salernitana|Virtus)\b")
_LO = re.compile(r"^(?:S[bcdfghlmnpqrtvz]|Z|Ps|Gn|X|Y[aeiou])")
_JOINED = {
    "il": ("il", "lo", "la", "l'"),
    "del": ("del", "dello", "della", "dell'"),
    "al": ("al", "allo", "alla", "all'"),
    "dal": ("dal", "dallo", "dalla", "dall'"),
    "nel": ("nel", "nello", "nella", "nell'"),
    "sul": ("sul", "sullo", "sulla", "sull'"),
    "col": ("con il", "con lo", "con la", "con l'"),
}


@dataclass(frozen=True, slots=True)
class Fillers:
    """What stands in the slots: for each kind the names as printed."""

    names: Mapping[str, Sequence[str]]

    def draw(self, kind: str, dice: random.Random) -> str:
        """A name of a kind; the front of each list is drawn oftener, as in the press."""
        if kind == "n":
            return str(dice.randint(0, 5))
        listed = self.names[kind]
        return listed[int(len(listed) * dice.random() ** 2)]


def fillers(gazetteer: Path) -> Fillers:
    """Names from a folder of the gazetteer's tables; raises TrainingError where one is missing."""
    people = sorted(_rows(gazetteer, "people"), key=lambda row: -int(row["prominence"] or 0))
    known = [row for row in people if int(row["prominence"] or 0) >= 2]
    clubs = sorted(_rows(gazetteer, "clubs"), key=lambda row: row["level"] not in ("A", "1"))
    competitions = [row["label"] for row in _rows(gazetteer, "competitions")]
    return Fillers(
        {
            "per": [row["label"] for row in known if " " in row["label"]],
            "sur": [_surname(row["label"]) for row in known],
            "club": [name for row in clubs for name in (row["label"], row["label"], *_single(row["aliases"]))],
            "side": [row["label"] for row in _rows(gazetteer, "national_teams") if "Under" not in row["label"]],
            "city": list(dict.fromkeys(row["city"] for row in clubs if row["city"])),
            "land": [row["label"] for row in _rows(gazetteer, "countries")],
            "venue": [row["label"].removeprefix("Stadio ") for row in _rows(gazetteer, "venues")],
            "paper": [row["label"] for row in _rows(gazetteer, "outlets")],
            "comp": competitions,
        }
    )


def patterns(file: Path = PATTERNS) -> tuple[str, ...]:
    """The patterns of a file; raises TrainingError on a slot of unknown kind."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        pattern = line.split("#")[0].strip()
        for article, kind, literal, _ in _SLOT.findall(pattern):
            if literal:
                continue
            if kind not in TYPES or (article and article.lower() not in _JOINED):
                raise TrainingError(f"{file}, line {number}: no slot like «{article}:{kind}»")
        if pattern:
            found.append(pattern)
    return tuple(found)


def made(written: Sequence[str], names: Fillers, count: int, seed: int) -> Iterator[NamedSentence]:
    """`count` sentences, one in eight in another case of letters (as headlines and comments have it)."""
    dice = random.Random(seed)  # noqa: S311 - sentences, no secret
    cases: tuple[Callable[[str], str], ...] = (str.upper, str.lower, _titled)
    for _ in range(count):
        sentence = _filled(dice.choice(written), names, dice)
        if dice.random() < 0.125:
            change = dice.choice(cases)
            sentence = NamedSentence(tuple(map(change, sentence.tokens)), sentence.tags)
        yield sentence


def _titled(word: str) -> str:
    return word[:1].upper() + word[1:]


def _filled(pattern: str, names: Fillers, dice: random.Random) -> NamedSentence:
    tokens: list[str] = []
    tags: list[str] = []

    def add(text: str, kind: str | None = None) -> None:
        for place, token in enumerate(_TOKEN.findall(text)):
            tokens.append(token)
            tags.append("O" if kind is None else f"{'I' if place else 'B'}-{kind}")

    at = 0
    for slot in _SLOT.finditer(pattern):
        add(pattern[at : slot.start()])
        at = slot.end()
        if slot[3]:
            add(slot[3], slot[4])
            continue
        name = names.draw(slot[2], dice)
        if slot[1]:
            # word by word: «l'» and «dell'» are one token, which they are not with nothing behind them
            words = _article(slot[1], name).split()
            tokens.extend(words)
            tags.extend("O" for _ in words)
        add(name, TYPES[slot[2]])
    add(pattern[at:])
    return NamedSentence(tuple(tokens), tuple(tags))


def _article(form: str, name: str) -> str:
    """The article or preposition that a name takes; a guess by its letters, good enough to read past."""
    masculine, before_s, feminine, before_vowel = _JOINED[form.lower()]
    if name[0].lower() in "aeiouàèéìòù":
        found = before_vowel
    elif _FEMININE.search(name):
        found = feminine
    else:
        found = before_s if _LO.search(name) else masculine
    return found[:1].upper() + found[1:] if form[0].isupper() else found


def _surname(name: str) -> str:
    """The last name with its particles: «De Bruyne», «van Dijk»."""
    words = name.split()
    first = len(words) - 1
    while first > 1 and words[first - 1].lower() in {"de", "di", "van", "der", "den", "da", "dos", "la", "el", "del"}:
        first -= 1
    if first == 1 and words[0].lower() in {"de", "di", "da", "el", "van"}:
        first = 0
    return " ".join(words[first:])


def _single(aliases: str) -> list[str]:
    """The short other names of a club: «Barça», «Samp»."""
    return [name for name in aliases.split("|") if name and " " not in name and len(name) > 2]


def _rows(gazetteer: Path, table: str) -> list[dict[str, str]]:
    file = gazetteer / f"{table}.tsv"
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"{file}: cannot be read ({type(error).__name__})") from error
