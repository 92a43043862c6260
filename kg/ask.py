"""Questions in Italian and English, for a documented handful of kinds (`rules/questions.yaml`).

Each kind is a saved query; nothing is guessed. A question that is none of these gets the list of what can be asked, and
a name that the graph does not know gets the nearest ones that it does.
"""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import query
from kg.cleaning import visible
from kg.engines import Engine
from kg.errors import GraphError, RuleError
from kg.query import DEFAULT_LIMITS, Answer, Limits, SavedQuery

_FILE = Path(__file__).resolve().parent / "rules" / "questions.yaml"
_SLOT = re.compile(r"\\\{(\w+)\\\}")
_LONGEST = 300
"""Characters of a question."""
_BEFORE_NAMES = re.compile(
    r"""(?:(?:d[ei]|da|a|in|su|per|con|tra|fra|of|at|for|the|il|lo|la|i|gli|le
        |(?:de|da|a|ne|su)(?:l|llo|lla|i|gli|lle)|col|coi)\s+
        |(?:l|(?:de|da|a|ne|su)ll)')""",
    re.VERBOSE,
)
"""Articles and prepositions that may stand before a name."""


class NotUnderstoodError(GraphError):
    """A question of no kind that kg knows."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question: its saved query, how it is listed, and the ways to put it (on folded text)."""

    query: SavedQuery
    asks: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    examples: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was understood: a saved query with its arguments, on a graph."""

    query: SavedQuery
    arguments: Mapping[str, str]
    engine: Engine

    def answer(self, limits: Limits = DEFAULT_LIMITS) -> Answer:
        """The answer."""
        return query.answer_saved(self.engine, self.query, self.arguments, limits)

    def shown(self) -> str:
        """The SPARQL that is run, with its arguments as comments, and how to run it again."""
        given = "".join(f" --arg {name}='{visible(value)}'" for name, value in self.arguments.items())
        return f"# kg query BUILD --named {self.query.name}{given}\n{self.query.text.strip()}"


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """All kinds of question, in the order of the file; RuleError, with the query's name, for a broken row."""
    import yaml

    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(_kind(row) for row in content["questions"])


def _kind(row: Mapping[str, Any]) -> Kind:
    saved = query.saved_query(str(row["query"]))
    kind = Kind(
        saved,
        tuple(map(str, row["asks"])),
        tuple(_pattern(str(says)) for says in row["says"]),
        tuple({str(name): str(value) for name, value in example.items()} for example in row["examples"]),
    )
    for pattern in kind.patterns:
        if set(pattern.groupindex) != set(saved.arguments):
            raise RuleError(
                f"{_FILE.name}: {saved.name}: a question names {', '.join(pattern.groupindex) or 'nothing'}"
            )
    return kind


def _pattern(says: str) -> re.Pattern[str]:
    """«chi allena {club}» as a pattern on folded text; `(a|b)` stays what it is."""
    escaped = re.escape(_folded(says)).replace(r"\(", "(?:").replace(r"\)", ")").replace(r"\|", "|")
    return re.compile(_SLOT.sub(r"(?P<\1>.+)", escaped).replace(r"\ ", " "))


def understood(question: str, engine: Engine) -> Asked:
    """The saved query that a question asks for.

    Raises NotUnderstoodError for a question of no known kind, and GraphError for a name that the graph does not have.
    """
    text = _tidy(question)
    for saved, slots in _readings(text):
        arguments = {name: _known(slots[name], engine) for name in saved.arguments}
        return Asked(saved, arguments, engine)
    raise NotUnderstoodError(f"«{text[:80]}» is no question that kg understands")


def _readings(text: str) -> Iterator[tuple[SavedQuery, dict[str, str]]]:
    """What a question may mean, with the words in its slots; what has fewer slots comes first."""
    folded = _folded(text)
    for kind in sorted(kinds(), key=lambda kind: len(kind.query.arguments)):
        for pattern in kind.patterns:
            match = pattern.fullmatch(folded)
            if match:
                yield kind.query, {name: text[slice(*match.span(name))] for name in kind.query.arguments}
                break


def _tidy(question: str) -> str:
    if len(question) > _LONGEST:
        raise NotUnderstoodError(f"a question has at most {_LONGEST} characters")
    text = unicodedata.normalize("NFC", question).replace("’", "'").replace("`", "'")
    return re.sub(r"' ", "'", " ".join(text.split())).strip(" ?!.¿")


def _folded(text: str) -> str:
    """The text without case and accents, character by character, so that offsets stay."""
    return "".join((unicodedata.normalize("NFD", c)[0].lower() or c)[0] for c in unicodedata.normalize("NFC", text))


# Names -------------------------------------------------------------------------------------------------

_IS_NAME = """ASK { ?thing rdfs:label|skos:altLabel ?called . FILTER(LCASE(STR(?called)) = LCASE(STR(?name))) }"""
_ALL_NAMES = "SELECT DISTINCT ?name WHERE { ?thing rdfs:label|skos:altLabel ?name }"


def _known(words: str, engine: Engine) -> str:
    """The name in a slot: all of it if the graph knows it («La Stampa»), else without what stands before names."""
    candidates = [words]
    while (before := _BEFORE_NAMES.match(_folded(candidates[-1]))) and before.end() < len(candidates[-1]):
        candidates.append(candidates[-1][before.end() :])
    for name in candidates:
        if _is_name(name, engine):
            return name
    raise GraphError(_unknown(candidates[-1], engine))


def unknown_names(names: Iterable[str], engine: Engine) -> Iterator[str]:
    """A line for each name that nobody and nothing in a graph has, with the nearest ones that are in it."""
    return (_unknown(name, engine) for name in names if not _is_name(name, engine))


def _is_name(name: str, engine: Engine) -> bool:
    return query.answer(engine, _IS_NAME, {"name": name}).yes


def _unknown(name: str, engine: Engine) -> str:
    return f"nobody and nothing in this graph is called «{visible(name)}»{_nearest(name, engine)}"


def _nearest(name: str, engine: Engine) -> str:
    names = {_folded(str(cell)): str(cell) for (cell,) in query.answer(engine, _ALL_NAMES).rows}
    near = difflib.get_close_matches(_folded(name), names, 3, 0.7)
    return f"; did you mean {' or '.join(names[one] for one in near)}?" if near else ""


def what_can_be_asked() -> str:
    """The list of what can be asked, a line for each kind, in Italian and English."""
    return "\n".join(f"  {kind.asks[0]:<55} {kind.asks[1]}" for kind in kinds())
