"""The text of a query, before any engine sees it: its words, its prefixes, and the place where something is wrong.

Two things are decided here, alike for all engines: which prefixes are missing, and whether a query would fetch data
from elsewhere. The words are found as the grammar of SPARQL 1.1 does, so that `SERVICE` in a string, a comment or a
name is none.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.errors import QueryError
from kg.namespaces import PREFIXES, terms

_WORDS = re.compile(
    r"""
      (?P<comment> \#[^\n\r]* )
    | (?P<string>  \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
                 | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' )
    | (?P<iri>     <[^<>"{}|^`\\\x00-\x20]*> )
    | (?P<variable>[?$]\w+ )
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<name>    (?P<prefix>(?:[^\W\d_](?:[\w.-]*[\w-])?)?|_) :
                   (?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?\#@%])
                      (?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?\#@%])*
                         (?:[\w:-]|%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?\#@%]))?)? )
    | (?P<word>    [A-Za-z_][A-Za-z0-9_]* )
    | (?P<space>   \s+ )
    | (?P<sign>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_CODE_POINT = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_REACHING = frozenset({"SERVICE", "FROM"})
_CHANGING = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"})
_EXPONENT = re.compile(r"[eE][0-9]*")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_ALL_KEYWORDS = """
SELECT ASK CONSTRUCT DESCRIBE PREFIX BASE WHERE DISTINCT REDUCED OPTIONAL UNION FILTER NOT EXISTS MINUS BIND AS
VALUES UNDEF GRAPH NAMED GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET IN SILENT SEPARATOR COUNT SUM MIN MAX AVG
SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE
LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ
NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL
ISNUMERIC REGEX SUBSTR REPLACE TRUE FALSE
"""
KEYWORDS = tuple(_ALL_KEYWORDS.split())
"""The words of a SPARQL 1.1 query in capitals, without `a`; those of updates are not among them."""
_KNOWN_WORDS = frozenset(KEYWORDS) | _REACHING | _CHANGING
MOST_CHARACTERS = 100_000
"""Characters of a query text; parsers do not come to an end on endless ones."""
_DEEPEST = 100
"""Brackets within brackets; engines parse by recursion."""
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query: `kind` is the name of its group above, `start` its offset in the text (code points)."""

    kind: str
    text: str
    start: int
    prefix: str


def words(text: str) -> Iterator[Word]:
    """The words of a query, without blanks and comments."""
    for match in _WORDS.finditer(text):
        kind = match.lastgroup or "sign"
        if match["name"] is not None:
            kind = "name"
        if kind not in ("space", "comment"):
            yield Word(kind, match.group(), match.start(), match["prefix"] or "")


def check(text: str) -> str:
    """The form of a query (`SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`) that may be put to an engine.

    Raises QueryError, with the place, for an empty or endless text, an unknown prefix, a term that the ontology does
    not have, an update, and for what asks for data from elsewhere (SERVICE, FROM).
    """
    if len(text) > MOST_CHARACTERS:
        raise QueryError(f"the query has more than {MOST_CHARACTERS:,} characters")
    found = list(words(text))
    if not found:
        raise QueryError("the query is empty; an example: SELECT ?who WHERE { ?who fb:coaches ?side }")
    form = _form(text, found)
    declared = _declared(found)
    known = set(PREFIXES) | declared | {"_"}
    depth = 0
    for word in found:
        if word.kind == "word" and word.text.upper() in _REACHING:
            raise error_at(
                text, word.start, f"{word.text.upper()} asks for data from elsewhere; kg answers from the graph alone"
            )
        if word.kind == "name" and word.prefix not in known:
            raise error_at(text, word.start, _unknown_prefix(word.prefix, known))
        if word.kind == "name" and word.prefix == "fb" and "fb" not in declared:
            _check_term(text, word)
        if word.kind == "word" and not _is_keyword(word.text):
            raise error_at(text, word.start, _unknown_word(word.text))
        if word.kind == "sign":
            if word.text in "\"'":
                raise error_at(text, word.start, "a quote that is not closed")
            if word.text == "\\" and _CODE_POINT.match(text, word.start):
                raise error_at(text, word.start, "escaped characters are read inside strings and IRIs only")
            depth += (word.text in "({[") - (word.text in ")}]")
            if depth > _DEEPEST:
                raise error_at(text, word.start, f"more than {_DEEPEST} brackets within brackets")
    return form


def _declared(found: list[Word]) -> set[str]:
    return {
        after.prefix
        for before, after in itertools.pairwise(found)
        if before.kind == "word" and before.text.upper() == "PREFIX" and after.kind == "name"
    }


def _unknown_prefix(prefix: str, known: set[str]) -> str:
    near = difflib.get_close_matches(prefix, sorted(known - {"_", ""}), 1, 0.5)
    hint = f"; did you mean {near[0]}:?" if near else f"; there are {', '.join(f'{name}:' for name in PREFIXES)}"
    return f"unknown prefix {prefix}:{hint}"


def _check_term(text: str, word: Word) -> None:
    """Nothing in a graph has a name of the ontology's that the ontology does not have: a slip, not an empty answer."""
    name, names = word.text.partition(":")[2], {term.name for term in terms()}
    if name and name not in names:
        near = difflib.get_close_matches(name, sorted(names), 1, 0.6)
        hint = f"; did you mean fb:{near[0]}?" if near else ""
        raise error_at(text, word.start, f"{word.text[:_SHOWN]} is no term of the ontology{hint}")


def _is_keyword(word: str) -> bool:
    return word.upper() in _KNOWN_WORDS or word == "a" or bool(_EXPONENT.fullmatch(word))


def _unknown_word(word: str) -> str:
    near = difflib.get_close_matches(word.upper(), KEYWORDS, 1, 0.7)
    hint = f"did you mean {near[0]}?" if near else 'write ?x for variables, fb:x for terms, "x" for text'
    return f"{word[:_SHOWN]} is no word of SPARQL; {hint}"


def _form(text: str, found: list[Word]) -> str:
    for word in found:
        if word.kind != "word" or word.text.upper() in ("PREFIX", "BASE"):
            continue
        if word.text.upper() in _FORMS:
            return word.text.upper()
        if word.text.upper() in _CHANGING:
            raise error_at(text, word.start, "this changes the graph; kg query only reads it")
        break
    raise error_at(text, found[0].start, f"a query begins with {', '.join(_FORMS[:-1])} or {_FORMS[-1]}")


# Arguments ---------------------------------------------------------------------------------------------

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]*")
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NOT_IN_STRINGS = re.compile(r"""["\\\x00-\x1f\x7f]""")


@dataclass(frozen=True, slots=True)
class Bound:
    """A query whose arguments have been put in.

    `places` are offsets in `text`, in the query as it was written, and whether a term was put in there.
    """

    text: str
    places: tuple[tuple[int, int, bool], ...]

    def original(self, offset: int) -> int:
        """The offset in the query as it was written; in a term, that of the variable whose place it took."""
        here, there, is_term = next(place for place in reversed(self.places) if place[0] <= offset)
        return there if is_term else there + offset - here


def bound(text: str, arguments: Mapping[str, str]) -> Bound:
    """The query with terms in place of some of its variables.

    `arguments` are terms as `literal` and `iri` write them: each takes the place of a whole word, so nothing in it
    can become part of the query. (Oxigraph binds only what a query selects, so the engines cannot do this alike.)
    Raises QueryError for a variable that the query does not have, or gives a value itself.
    """
    found = list(words(text))
    for name in arguments:
        if not any(word.kind == "variable" and word.text[1:] == name for word in found):
            raise QueryError(f"the query has no variable ?{name} that an argument could be bound to")
    parts: list[str] = []
    places, end, size = [(0, 0, False)], 0, 0
    for position, word in enumerate(found):
        if word.kind != "variable" or word.text[1:] not in arguments:
            continue
        before = found[position - 1].text.upper() if position else ""
        if before == "AS" or (before in ("VALUES", "BY")):
            raise error_at(text, word.start, f"{word.text} gets its value here and cannot be an argument")
        term = f" {arguments[word.text[1:]]} "
        if _is_selected(found, position):
            term = f" ({term} AS {word.text}) "
        parts += [text[end : word.start], term]
        size += word.start - end + len(term)
        end = word.start + len(word.text)
        places += [(size - len(term), word.start, True), (size, end, False)]
    return Bound("".join(parts) + text[end:], tuple(places))


def _is_selected(found: list[Word], position: int) -> bool:
    """Whether a variable is one that a SELECT lists: between SELECT and the next brace, in no expression."""
    depth = 0
    for word in reversed(found[:position]):
        if word.text in "()":
            depth += 1 if word.text == ")" else -1
        if word.text in ("{", "}", "WHERE") or depth < 0:
            return False
        if word.kind == "word" and word.text.upper() == "SELECT":
            return True
    return False


def literal(text: str, datatype: str = "", language: str = "") -> str:
    """A literal as SPARQL writes it; raises QueryError for a datatype that is no IRI."""
    quoted = f'"{_NOT_IN_STRINGS.sub(_escaped, _HALF.sub(chr(0xFFFD), text))}"'
    if language:
        return f"{quoted}@{language}"
    return f"{quoted}^^{iri(datatype)}" if datatype else quoted


def _escaped(match: re.Match[str]) -> str:
    # never \\u0022 for a quote: SPARQL reads such escapes before it looks for the end of the string
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def iri(text: str) -> str:
    """An IRI as SPARQL writes it; raises QueryError for what is none."""
    if not _IRI.fullmatch(text):
        raise QueryError(f"{text[:_SHOWN]!r} is no IRI")
    return f"<{text}>"


# Places ------------------------------------------------------------------------------------------------


def error_at(text: str, offset: int, why: str) -> QueryError:
    """A QueryError that names line, column and the words at an offset of the query."""
    line, column = place_of(text, offset)
    rest = text[offset : offset + _SHOWN + 1].partition("\n")[0]
    here = f"at «{rest[:_SHOWN].rstrip()}{'…' if len(rest) > _SHOWN else ''}»" if rest.strip() else "at its end"
    return QueryError(f"query, line {line}, column {column}: {why}, {here}", line, column)


def place_of(text: str, offset: int) -> tuple[int, int]:
    """The 1-based line and column of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def word_at(text: str, offset: int) -> int:
    """Where the word begins that lies at an offset or is the next one after it; the last character if there is none."""
    after = next((word.start for word in words(text) if word.start + len(word.text) > offset), None)
    return len(text.rstrip()) if after is None else after


def offset_of(text: str, line: int, column: int) -> int:
    """The offset of a 1-based line and column; the end of the text for what lies behind it."""
    lines = text.split("\n")
    if line > len(lines):
        return len(text)
    return min(len(text), sum(len(one) + 1 for one in lines[: line - 1]) + column - 1)
