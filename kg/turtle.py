"""Graph ↔ Turtle that people read and version: sorted, and the same bytes on every run.

Articles come first; then each entity with its label and facts, followed by the claims made of it, each with the
sentences it rests on. The bytes depend on the set of triples alone, not on the order in which they came, and a
block moves only if what it says of itself changes: one claim more is a few lines more, beside its subject's name.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.compare import to_canonical_graph
from rdflib.exceptions import Error as RdflibError
from rdflib.namespace import DCTERMS, PROV, RDF, RDFS, SDO, SKOS, XSD
from rdflib.term import Node

from kg.errors import GraphError
from kg.vocab import FB, PREFIXES

Block = Mapping[Node, list[Node]]
"""What a graph says of one subject: objects by predicate."""

_WIDTH = 110
"""Characters after which several objects go on lines of their own."""
_INDENT = "    "
_REMEMBERED = 100_000
"""So many names are remembered while a file is written, so that memory does not grow with it."""
_LINES: tuple[tuple[URIRef, ...], ...] = (
    (RDF.type,),
    (RDFS.label,),
    (SKOS.prefLabel,),
    (SKOS.altLabel,),
    (SKOS.exactMatch,),
    (DCTERMS.identifier,),
    (SDO.headline,),
    (SDO.url,),
    (SDO.publisher,),
    (SDO.datePublished,),
    (FB.copyOf,),
    (RDF.subject, RDF.predicate, RDF.object),
    (FB.modality, FB.tense, FB.confidence),
    (FB.score, FB.shootout),
    (FB.forTeam,),
    (FB.inCompetition,),
    (FB.onLoan,),
    (FB.attributedTo,),
    (FB.reportedIn,),
    (FB.independentSources, FB.firstReportedBy),
    (FB.contradicts,),
    (FB.article,),
    (FB.sentence,),
    (FB.sentenceStart, FB.sentenceEnd, FB.subjectStart, FB.subjectEnd, FB.objectStart, FB.objectEnd),
)
"""Predicates in their order in a block; those in one row share a line. Others follow, by IRI."""
_ROW = {predicate: (row, column) for row, line in enumerate(_LINES) for column, predicate in enumerate(line)}
_LAST = len(_LINES)

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_NAMESPACE = re.compile(r"(.*[#/])([^#/]*)", re.DOTALL)
_NOT_IN_IRIS = re.compile(
    r"""[^A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%\u00a0-\u1fff\u2010-\u2027\u2030-\u2065\u2070-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"""
    r"""\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd-]|%(?![0-9A-Fa-f]{2})"""
)
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#]*)?")
_NOT_IN_STRINGS = re.compile(
    r"""["\\\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"""
)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BARE = {
    XSD.integer: re.compile(r"[+-]?[0-9]+"),
    XSD.decimal: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD.boolean: re.compile(r"true|false"),
}
"""Literals that Turtle writes without quotes."""


def dumps(graph: Graph, name: URIRef | None = None) -> str:
    """A graph as Turtle, or as a graph with a name in TriG: the same text for the same triples."""
    if any(isinstance(term, BNode) for triple in graph for term in triple):
        graph = to_canonical_graph(graph)  # names blank nodes after what is said of them; slow, so only where needed
    blocks = blocks_of(graph)
    writer, order = Writer(), places(blocks)
    text = "\n".join(writer.block(subject, blocks[subject]) for subject in sorted(blocks, key=order.__getitem__))
    if name is not None:
        text = f"<{_valid(name)}> {{\n{text}}}\n"
    return writer.header() + text


def blocks_of(triples: Iterable[tuple[Node, Node, Node]]) -> dict[Node, Block]:
    """Triples, each given once, by subject and predicate."""
    blocks: dict[Node, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in triples:
        blocks[subject][predicate].append(value)
    return dict(blocks)


def write(graph: Graph, path: Path, name: URIRef | None = None) -> None:
    """Writes a graph as `dumps` gives it, all of it or nothing; GraphError where the file cannot be written."""
    write_parts([dumps(graph, name)], path)


def write_parts(parts: Iterable[str], path: Path) -> None:
    """Writes a Turtle file part by part, all of it or nothing; GraphError where the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            unfinished = Path(file.name)
            try:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
                unfinished.chmod(0o666 & ~_umask())
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise GraphError(f"{path}: the graph cannot be written ({error.strerror or error})") from error


def read(path: Path) -> Graph:
    """The graph in a Turtle file; GraphError, with the line where there is one, for what is none."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise GraphError(f"{path}: the graph cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise GraphError(f"{path}: no Turtle file: it is not UTF-8 (byte {error.start})") from error
    graph = Graph()
    try:
        graph.parse(data=text, format="turtle", publicID="urn:kg:file")
    except RecursionError as error:
        raise GraphError(f"{path}: no Turtle that kg reads: it is nested too deeply") from error
    except (SyntaxError, ValueError, LookupError, AssertionError, TypeError, RdflibError) as error:
        # rdflib's parser raises all of these on broken files
        raise GraphError(f"{path}: no Turtle: {_reason(error)}") from error
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)
    return graph


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _reason(error: Exception) -> str:
    line = getattr(error, "lines", None)
    why = " ".join(str(getattr(error, "_why", None) or error or type(error).__name__).split())[:200]
    return f"line {line + 1}: {why}" if isinstance(line, int) else why


# Order -------------------------------------------------------------------------------------------------


def places(blocks: Mapping[Node, Block]) -> dict[Node, tuple[str, ...]]:
    """What the blocks are sorted by: runs and articles; entities with their claims, and these with their evidence.

    By IRI within each. A block has the same place among others, if claims and their evidence are among them.
    """
    found = {subject: _place(subject, block) for subject, block in blocks.items()}
    claims = [subject for subject, block in blocks.items() if RDF.subject in block]
    settled = set(claims)
    for claim in sorted(claims, key=found.__getitem__):
        for piece in blocks[claim].get(PROV.wasDerivedFrom, ()):
            if piece in blocks and piece not in settled:
                settled.add(piece)
                found[piece] = (*found[claim], *_sentence(blocks[piece]), str(piece))
    return found


def _place(subject: Node, block: Block) -> tuple[str, ...]:
    kinds = block.get(RDF.type, ())
    if RDF.subject in block:
        about = (_least(block, term) for term in (RDF.subject, RDF.predicate, RDF.object, FB.modality, FB.tense))
        entity, *said = about
        return ("3", entity, *said, str(subject))
    if PROV.Activity in kinds:
        return ("1", str(subject))
    return ("2" if SDO.NewsArticle in kinds else "3", str(subject))


def _sentence(block: Block) -> tuple[str, str]:
    """Where the sentence of a piece of evidence stands: its article, and its offset as text that sorts as a number."""
    return _least(block, FB.article), _least(block, FB.sentenceStart).zfill(12)


def _least(block: Block, predicate: Node) -> str:
    return min(map(str, block.get(predicate, ())), default="")


# Text --------------------------------------------------------------------------------------------------


class _Names:
    """Terms as Turtle writes them; remembers which prefixes that took."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self._prefixes = {str(namespace): prefix for prefix, namespace in PREFIXES.items()}
        self._known: dict[str, str] = {}

    def of(self, term: Node) -> str:
        """The term in Turtle, on one line."""
        if isinstance(term, Literal):
            return self._literal(term)
        if isinstance(term, BNode):
            return f"_:{term}"
        iri = str(term)
        name = self._known.get(iri)
        if name is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            name = self._known[iri] = self._iri(iri)
        return name

    def _iri(self, iri: str) -> str:
        parts = _NAMESPACE.fullmatch(iri)
        if parts and parts[1] in self._prefixes and _LOCAL.fullmatch(parts[2]):
            prefix = self._prefixes[parts[1]]
            self.used.add(prefix)
            return f"{prefix}:{parts[2]}"
        return f"<{_valid(iri)}>"

    def _literal(self, literal: Literal) -> str:
        text = str(literal)
        bare = _BARE.get(literal.datatype) if literal.datatype else None
        if bare and bare.fullmatch(text):
            return text
        quoted = f'"{_NOT_IN_STRINGS.sub(_escape, text)}"'
        if literal.language:
            return f"{quoted}@{literal.language}"
        return f"{quoted}^^{self.of(literal.datatype)}" if literal.datatype else quoted


def _valid(iri: str) -> str:
    """An IRI with all that RFC 3987 does not allow in one percent-encoded, so that any reader takes the file."""
    clean = _NOT_IN_IRIS.sub(_percent, iri)
    start = _AUTHORITY.match(clean)
    cut = start.end() if start else 0
    rest, mark, fragment = clean[cut:].replace("[", "%5B").replace("]", "%5D").partition("#")
    return clean[:cut] + rest + mark + fragment.replace("#", "%23")


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", errors="replace"))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"  # half a character: no file in UTF-8 can hold it
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


class Writer:
    """Writes the blocks of one file, and then the header with the prefixes that they took."""

    def __init__(self) -> None:
        self._names = _Names()

    def block(self, subject: Node, block: Block) -> str:
        """What is said of a subject, as Turtle."""
        return _block(subject, block, self._names)

    def header(self) -> str:
        """The declarations of the prefixes used so far, and a blank line; empty if there were none."""
        used = [prefix for prefix in PREFIXES if prefix in self._names.used]
        return "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in used) + "\n" * bool(used)


def _block(subject: Node, block: Block, names: _Names) -> str:
    lines: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for predicate, values in block.items():
        row, column = _ROW.get(predicate, (_LAST, 0)) if isinstance(predicate, URIRef) else (_LAST, 0)
        verb = "a" if predicate == RDF.type else names.of(predicate)
        part = f"{verb} {_objects(sorted(map(names.of, values)))}"
        lines[row, str(predicate) if row == _LAST else ""].append((column, part))
    written = [" ; ".join(part for _, part in sorted(lines[place])) for place in sorted(lines)]
    name = names.of(subject)
    first = f"{name} {written[0]}" if RDF.type in block else f"{name}\n{_INDENT}{written[0]}"
    return f" ;\n{_INDENT}".join([first, *written[1:]]) + " .\n"


def _objects(values: list[str]) -> str:
    if len(values) == 1 or sum(map(len, values)) <= _WIDTH:
        return ", ".join(values)
    return "".join(f"\n{_INDENT}{_INDENT}{value}," for value in values)[:-1]
