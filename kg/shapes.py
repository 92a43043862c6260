"""Whether a graph is sound: `ontology/shapes.ttl` checked over a whole graph, in seconds at thousands of claims.

The shapes are SHACL, and any SHACL processor can check them; pySHACL takes minutes at ten thousand claims, since it
looks at one node after the other. Here each constraint becomes one SPARQL query for all nodes, answered by Oxigraph.
A test holds the two to the same answers. A shape that uses a part of SHACL unknown to this module is refused.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import pyoxigraph
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS, PROV, RDF, RDFS
from rdflib.term import Node

from kg import resources, turtle, vocab
from kg.errors import GraphError
from kg.model import Article
from kg.vocab import FB, PREFIXES

SH = Namespace("http://www.w3.org/ns/shacl#")

_SENTENCES = 3
"""Sentences shown of each claim at fault."""
_CASES = 20
"""Cases shown of each kind of fault; the rest is counted."""


class Severity(StrEnum):
    """How bad a fault is."""

    ERROR = "error"  # of form: the graph is not in the shape of the claim vocabulary
    WARNING = "warning"  # of sense: football does not go like this; all claims are kept


@dataclass(frozen=True, slots=True)
class Fault:
    """One node that breaks one shape; `other` is the claim that it clashes with, or empty. IRIs as strings.

    A clash of two claims is one fault, of the claim whose IRI comes first.
    """

    severity: Severity
    message: str
    node: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All faults of a graph, errors first, and the lines that show them."""

    faults: tuple[Fault, ...]
    shown: tuple[str, ...]

    @property
    def errors(self) -> int:
        """How many faults of form there are."""
        return sum(fault.severity is Severity.ERROR for fault in self.faults)

    @property
    def warnings(self) -> int:
        """How many faults of sense there are."""
        return len(self.faults) - self.errors

    @property
    def summary(self) -> str:
        """The report in one line: `sound`, or how much of what is wrong."""
        if not self.faults:
            return "sound (no errors, no warnings)"
        counts = Counter((fault.severity, fault.message) for fault in self.faults)
        (_, first), times = max(counts.items(), key=lambda row: (row[0][0] is Severity.ERROR, row[1], row[0][1]))
        numbers = f"{_counted(self.errors, 'error')}, {_counted(self.warnings, 'warning')}"
        return f"{numbers}; most of them: {first} ({times})"

    def lines(self) -> Iterator[str]:
        """What is wrong, each kind once, with the claims at fault and their sentences; then the summary."""
        yield from self.shown
        yield self.summary


def check(graph: Graph, articles: Iterable[Article] = ()) -> Report:
    """The faults of a graph.

    With `articles` (those that the graph was built from) every piece of evidence is held against their text, too:
    `text[start:end]` is the sentence, and no offset lies outside the text. Raises GraphError where the shapes cannot
    be read.
    """
    found = _found(graph, articles)
    faults = {fault for fault in found if not (fault.other < fault.node and _turned(fault) in found)}
    ordered = tuple(sorted(faults, key=lambda fault: (fault.severity, fault.message, fault.node, fault.other)))
    return Report(ordered, tuple(_shown(graph, ordered)))


def _found(graph: Graph, articles: Iterable[Article] = ()) -> set[Fault]:
    """All that the shapes and the texts find, a clash from both of its claims."""
    store = pyoxigraph.Store()
    store.bulk_load(turtle.dumps(graph).encode("utf-8"), format=pyoxigraph.RdfFormat.TURTLE)
    return {fault for question in _questions(_shapes()) for fault in question.faults(store)} | {
        *_untrue(graph, articles)
    }


def _turned(fault: Fault) -> Fault:
    """The same clash told from the other claim."""
    return replace(fault, node=fault.other, other=fault.node)


# Shapes → queries --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Question:
    """A query whose rows (`?value`, perhaps `?other`) are faults; `this` is what `$this` stands for in it."""

    severity: Severity
    message: str
    query: str
    this: str = ""

    def faults(self, store: pyoxigraph.Store) -> Iterator[Fault]:
        prefixes = {name: str(iri) for name, iri in PREFIXES.items()}
        rows = store.query(
            self.query,
            prefixes=prefixes,
            substitutions={pyoxigraph.Variable("this"): pyoxigraph.NamedNode(self.this)} if self.this else {},
        )
        assert isinstance(rows, pyoxigraph.QuerySolutions)
        names = {variable.value for variable in rows.variables}
        for row in rows:
            other = row["other"] if "other" in names else None
            yield Fault(self.severity, self.message, _plain(row["value"]), _plain(other))


def _plain(term: object) -> str:
    return str(getattr(term, "value", "") or "")


def _shapes() -> Graph:
    return turtle.read(resources.folder("ontology") / "shapes.ttl")


def _questions(shapes: Graph) -> Iterator[_Question]:
    for shape in sorted(shapes.subjects(RDF.type, SH.NodeShape), key=str):
        severity = _severity(shapes, shape)
        for constraint in sorted(shapes.objects(shape, SH.sparql), key=str):
            message, query = str(shapes.value(constraint, SH.message)), str(shapes.value(constraint, SH.select))
            yield _Question(severity, message, query, str(shapes.value(shape, SH.targetNode)))
        target = _target(shapes, shape)
        if not target:
            continue
        for part in shapes.predicates(shape, None, unique=True):
            if part == SH.nodeKind:
                yield _Question(severity, "a node without an IRI", _select(target, "FILTER(!ISIRI(?value))"))
            elif part not in _PARTS_OF_NODES and str(part).startswith(str(SH)):
                raise GraphError(f"shapes.ttl: kg does not know {part}")
        for constraint in sorted(shapes.objects(shape, SH.property), key=str):
            yield from _of_property(shapes, constraint, target, severity)


_PARTS_OF_NODES = frozenset({SH.targetClass, SH.targetSubjectsOf, SH.property, SH.severity, SH.sparql})
_PARTS_OF_PROPERTIES = frozenset({SH.path, SH.severity, SH.message})


def _severity(shapes: Graph, shape: Node) -> Severity:
    return Severity.WARNING if shapes.value(shape, SH.severity) == SH.Warning else Severity.ERROR


def _target(shapes: Graph, shape: Node) -> str:
    """The pattern that binds `?value` to the nodes that a shape speaks of; empty for a shape of the whole graph."""
    classes = sorted(term.n3() for term in shapes.objects(shape, SH.targetClass))
    if classes:
        return f"VALUES ?class {{ {' '.join(classes)} }} ?value a ?class ."
    predicate = shapes.value(shape, SH.targetSubjectsOf)
    return f"?value {predicate.n3()} [] ." if predicate else ""


def _select(target: str, condition: str) -> str:
    return f"SELECT DISTINCT ?value WHERE {{ {target} {condition} }}"


def _of_property(shapes: Graph, constraint: Node, target: str, default: Severity) -> Iterator[_Question]:
    path = shapes.value(constraint, SH.path)
    if not isinstance(path, URIRef):
        raise GraphError("shapes.ttl: kg knows only paths of one predicate")
    message = shapes.value(constraint, SH.message)
    severity = _severity(shapes, constraint) if shapes.value(constraint, SH.severity) else default
    for part, value in shapes.predicate_objects(constraint):
        if part in _PARTS_OF_PROPERTIES:
            continue
        if part not in _PARTS:
            raise GraphError(f"shapes.ttl: kg does not know {part}")
        words, condition = _PARTS[part](shapes, value)
        name = path.rpartition("#")[2].rpartition("/")[2]
        query = _select(target, condition.replace("PATH", path.n3()))
        yield _Question(severity, str(message or words.replace("PATH", name)), query)


def _filter(test: str) -> str:
    """A condition that some value of the path meets."""
    return f"?value PATH ?x . FILTER({test})"


def _once(shapes: Graph, value: Node) -> None:
    if str(value) != "1":
        raise GraphError(f"shapes.ttl: kg knows only 1 as sh:minCount and sh:maxCount, not {value}")


def _min_count(shapes: Graph, value: Node) -> tuple[str, str]:
    _once(shapes, value)
    return "no PATH", "OPTIONAL { ?value PATH ?x } FILTER(!BOUND(?x))"


def _max_count(shapes: Graph, value: Node) -> tuple[str, str]:
    _once(shapes, value)
    return "more than one PATH", "?value PATH ?x , ?y . FILTER(!SAMETERM(?x, ?y))"


def _in(shapes: Graph, value: Node) -> tuple[str, str]:
    allowed = ", ".join(term.n3() for term in Collection(shapes, value))
    return "PATH is none of the terms that it may be", _filter(f"?x NOT IN ({allowed})")


def _or(shapes: Graph, value: Node) -> tuple[str, str]:
    classes = [shapes.value(option, SH["class"]) for option in Collection(shapes, value)]
    return _of_class([kind for kind in classes if kind is not None])


def _of_class(classes: list[Node]) -> tuple[str, str]:
    names = " or ".join(str(kind).rpartition("#")[2].rpartition("/")[2] for kind in classes)
    allowed = ", ".join(kind.n3() for kind in classes)
    condition = f"?value PATH ?x . OPTIONAL {{ ?x a ?kind . FILTER(?kind IN ({allowed})) }} FILTER(!BOUND(?kind))"
    return f"PATH is no {names}", condition


_KINDS: Mapping[Node, str] = {SH.IRI: "ISIRI(?x)", SH.Literal: "ISLITERAL(?x)"}
_PARTS: Mapping[Node, Callable[[Graph, Node], tuple[str, str]]] = {
    SH.minCount: _min_count,
    SH.maxCount: _max_count,
    SH["in"]: _in,
    SH["or"]: _or,
    SH["class"]: lambda _, value: _of_class([value]),
    SH.nodeKind: lambda _, value: (f"PATH is no {str(value)[len(SH) :]}", _filter(f"!{_KINDS[value]}")),
    SH.datatype: lambda _, value: (
        f"PATH is no {str(value).rpartition('#')[2]}",
        _filter(f"IF(ISLITERAL(?x), DATATYPE(?x) != {value.n3()}, true)"),
    ),
    SH.pattern: lambda _, value: ("PATH does not look like one", _filter(f"!REGEX(STR(?x), {value.n3()})")),
    SH.minLength: lambda _, value: ("PATH is empty", _filter(f"STRLEN(STR(?x)) < {value.n3()}")),
    SH.minInclusive: lambda _, value: ("PATH is too small", _filter(f"!COALESCE(?x >= {value.n3()}, false)")),
    SH.maxInclusive: lambda _, value: ("PATH is too great", _filter(f"!COALESCE(?x <= {value.n3()}, false)")),
    SH.lessThan: lambda _, value: (
        "PATH does not lie before its end",
        f"?value PATH ?x ; {value.n3()} ?y . FILTER(!COALESCE(?x < ?y, false))",
    ),
}
"""For each part of SHACL that the shapes use: what is wrong in words, and the pattern of nodes for which it is."""


# Evidence and text -------------------------------------------------------------------------------------


def _untrue(graph: Graph, articles: Iterable[Article]) -> Iterator[Fault]:
    """Evidence that its article's text does not bear out."""
    for article in articles:
        for piece in graph.subjects(FB.article, vocab.article(article.id)):
            start, end = (_offset(graph, piece, term) for term in (FB.sentenceStart, FB.sentenceEnd))
            if article.text[start:end] != str(graph.value(piece, FB.sentence)):
                yield Fault(Severity.ERROR, "the article does not say this sentence there", str(piece))
            last = max(_offset(graph, piece, term) for term in (FB.sentenceEnd, FB.subjectEnd, FB.objectEnd))
            if last > len(article.text):
                yield Fault(Severity.ERROR, "an offset lies behind the article's end", str(piece))


def _offset(graph: Graph, piece: Node, term: URIRef) -> int:
    value = graph.value(piece, term)
    return int(value.value) if isinstance(value, Literal) and isinstance(value.value, int) else 0


# Words -------------------------------------------------------------------------------------------------


def _shown(graph: Graph, faults: tuple[Fault, ...]) -> Iterator[str]:
    kinds: dict[tuple[Severity, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        kinds[fault.severity, fault.message].append(fault)
    for (severity, message), cases in kinds.items():
        yield f"{severity}: {message} ({_counted(len(cases), 'case')})"
        for fault in cases[:_CASES]:
            for position, node in enumerate(filter(None, (fault.node, fault.other))):
                yield from _node(graph, URIRef(node), "  against " if position else "  ")
        if len(cases) > _CASES:
            yield f"  and {len(cases) - _CASES} more"


def _node(graph: Graph, node: Node, indent: str) -> Iterator[str]:
    """A node as a reader knows it, and the sentences that it rests on."""
    yield f"{indent}{_named(graph, node)}"
    pieces = list(graph.objects(node, PROV.wasDerivedFrom)) or [node]
    sentences = sorted(
        (_tame(graph.value(graph.value(piece, FB.article), DCTERMS.identifier)), _tame(sentence))
        for piece in pieces
        for sentence in graph.objects(piece, FB.sentence)
    )
    for article, sentence in sentences[:_SENTENCES]:
        yield f"      {article}: «{sentence}»"
    if len(sentences) > _SENTENCES:
        yield f"      and {_counted(len(sentences) - _SENTENCES, 'sentence')} more"


def _named(graph: Graph, node: Node) -> str:
    if (node, RDF.subject, None) not in graph:
        label = graph.value(node, RDFS.label)
        return f"{_tame(label)} <{_tame(node)}>" if label else f"<{_tame(node)}>"
    parts = [_term(graph, graph.value(node, term)) for term in (RDF.subject, RDF.predicate, RDF.object)]
    how = ", ".join(_term(graph, graph.value(node, term)) for term in (FB.modality, FB.tense))
    return f"{' '.join(parts)} ({how})"


def _term(graph: Graph, term: Node | None) -> str:
    if term is None:
        return "?"
    label = graph.value(term, RDFS.label)
    name = str(term)[len(str(FB)) :] if str(term).startswith(str(FB)) else term
    return _tame(label if label is not None else name)


def _tame(text: object) -> str:
    """Text from outside on one line of a terminal: what does not print is shown as an escape."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in " ".join(str(text or "").split()))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
