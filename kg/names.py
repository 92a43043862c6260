"""Pure string forms of the names of people and clubs: folding, surnames, misspellings, slugs.

Nothing here knows a name; stored text is never changed, only compared.
"""

from __future__ import annotations

import functools
import re
import unicodedata

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_MARKS = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "-": " ", "–": " ", "‐": " ", ".": None})

PARTICLES = frozenset(
    [
        "d'",
        "da",
        "dal",
        "dalla",
        "dalle",
        "de",
        "degli",
        "dei",
        "del",
        "dell'",
        "della",
        "delle",
        "dello",
        "den",
        "der",
        "des",
        "di",
        "do",
        "dos",
        "du",
        "e",
        "el",
        "el-",
        "la",
        "le",
        "li",
        "lo",
        "los",
        "mac",
        "mc",
        "o'",
        "op",
        "san",
        "santa",
        "st",
        "ten",
        "ter",
        "van",
        "van't",
        "vander",
        "von",
        "y",
        "zu",
        "bin",
        "ben",
        "al",
        "ibn",
    ]
)
"""What may open a surname («Di Francesco», «van Dijk»), folded."""


@functools.lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """The form in which names are compared: no case, accents, hyphens or dots; single spaces.

    >>> folded("Džeko"), folded("Al-Ahli"), folded("D’Aversa")
    ('dzeko', 'al ahli', "d'aversa")
    """
    plain = text.translate(_MARKS)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.casefold().translate(_LETTERS))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_MARKS)
    return " ".join(plain.casefold().split())


def surname(name: str) -> str:
    """The family name of a full name, with its particles; the name itself if it is a single word.

    >>> surname("Eusebio Di Francesco"), surname("Virgil van Dijk"), surname("Zico")
    ('Di Francesco', 'van Dijk', 'Zico')
    """
    words = name.split()
    first = len(words) - 1
    if first > 1 and folded(words[first]) in ("jr", "junior", "sr"):
        first -= 1
    while first > 1 and folded(words[first - 1]) in PARTICLES:
        first -= 1
    return " ".join(words[first:])


def tails(name: str) -> tuple[str, ...]:
    """The shorter forms that a full name may take by dropping words at its front, longest first.

    >>> tails("Francesco Pio Esposito")
    ('Pio Esposito', 'Esposito')
    """
    words = name.split()
    family = len(surname(name).split())
    return tuple(" ".join(words[first:]) for first in range(1, len(words) - family + 1))


def initials_fit(short: str, full: str) -> bool:
    """Whether «L. Martinez» may be «Lautaro Martinez»: same surname, initial of the first name."""
    left, right = folded(short).split(), folded(full).split()
    return (
        len(left) >= 2
        and len(right) >= 2
        and len(left[0]) <= 2
        and right[0].startswith(left[0])
        and left[1:] == right[-len(left) + 1 :]
    )


def distance(left: str, right: str, limit: int = 2) -> int:
    """Letters inserted, dropped, changed or swapped between two strings; `limit` + 1 where there are more.

    >>> distance("amatino mancini", "amantino mancini"), distance("inter", "milan")
    (1, 3)
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, row = row, current
    return min(row[-1], limit + 1)


def misspelt(left: str, right: str) -> bool:
    """Whether two folded names are one name written in two ways.

    One letter for names of five letters or more, two for ten or more; the first letter must agree,
    since «Rossi» and «Bossi» are two people.
    """
    if left == right or not left or not right or left[0] != right[0]:
        return False
    shorter = min(len(left), len(right))
    if shorter < 5:
        return False
    limit = 2 if shorter >= 10 else 1
    return distance(left, right, limit) <= limit


def same_full_name(left: str, right: str) -> bool:
    """Whether two folded full names are one name, misspelt in one word only.

    The words are compared one by one, so that «Roberto Mancini» never meets «Roberta Mancini» by
    chance of length: a first name that differs in its last letter is another first name.
    """
    if left == right:
        return True
    one, two = left.split(), right.split()
    if len(one) != len(two) or len(one) < 2:
        return False
    wrong = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    if len(wrong) != 1:
        return False
    a, b = wrong[0]
    if a is one[0] and a[:-1] == b[:-1]:
        return False
    return misspelt(a, b) or (len(a) >= 6 and len(b) >= 6 and a[0] == b[0] and distance(a, b) <= 2)


def slug(text: str) -> str:
    """The name as a path segment: `Gian Piero Gasperini` → `gian-piero-gasperini`; `x` if nothing is left."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")
    return plain or "x"


def has_capital(text: str) -> bool:
    """Whether a word begins like a name: a capital, also after «l'» or «d'»."""
    bare = text[2:] if len(text) > 2 and text[1] in "'’" and text[0] in "lLdDoO" else text
    return bare[:1].isupper() or text[:1].isupper()
