"""kg from Python: open a built graph, ask it, and get claims with the sentences that they rest on.

>>> import kg
>>> graph = kg.open("build")
>>> graph
<KnowledgeGraph build: 8 claims of 6 things>
>>> for row in graph.query("SELECT ?who ?side WHERE { ?p fb:coaches ?t . ?p rdfs:label ?who . ?t rdfs:label ?side }"):
...     print(row.who, "→", row.side)
Carlo Ancelotti → Real Madrid
"""

from __future__ import annotations

import functools
import warnings
from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import query as sparql_query
from kg.engines import IRI, LITERAL, Cell, Engine, Oxigraph, Rdflib, Row
from kg.errors import GraphError
from kg.model import Modality, Span, Tense
from kg.namespaces import ONTOLOGY, PREFIXES, shortened, terms
from kg.query import Answer, Limits

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from rdflib import Graph

    from kg.pipeline import Summary

__all__ = ["Iri", "KnowledgeGraph", "Quote", "Result", "StatedClaim", "Thing", "View", "build", "open"]

_UNBOUNDED = Limits(None, 2**62)


class Iri(str):
    """The IRI of something, whole; `short` is the same with a prefix. As an argument of a query it binds as an IRI."""

    __slots__ = ()

    @property
    def short(self) -> str:
        """With a prefix where one fits: `club:roma`."""
        return shortened(str(self))


@dataclass(frozen=True, slots=True)
class Thing:
    """What claims speak of: its IRI, its label, and the classes that it has in `fb:` (`Person`, `Coach`)."""

    iri: Iri
    label: str
    classes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return f"<{self.label}: {self.iri.short}>"


@dataclass(frozen=True, slots=True)
class StatedClaim:
    """One distinct claim of a graph.

    `object` is a thing, or text (the end of a contract; `Injury`). `for_team` and `competition` are None, and `score`
    and `shootout` empty, where nothing is said of them; a score gives the subject's goals first. `confidence` is in
    [0, 1]. `said_by` and `reported_in` are sorted by label.
    """

    iri: Iri
    subject: Thing
    predicate: str
    object: Thing | str
    modality: Modality
    tense: Tense
    confidence: float
    for_team: Thing | None = None
    competition: Thing | None = None
    score: str = ""
    shootout: str = ""
    said_by: tuple[Thing, ...] = ()
    reported_in: tuple[Thing, ...] = ()

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object} ({self.modality}, {self.tense})"

    def __repr__(self) -> str:
        return f"<{self}>"


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that a claim rests on, and where it stands.

    `article` is the article's id; `headline`, `url` and `date` (ISO 8601) are empty where unknown. `place`, `subject`
    and `object` are character offsets in the article's cleaned text, of the sentence and of the claim's arguments;
    the last two are None where the graph does not say.
    """

    article: str
    headline: str
    url: str
    date: str
    sentence: str
    place: Span
    subject: Span | None
    object: Span | None

    def __str__(self) -> str:
        return f"«{self.sentence}» ({', '.join(filter(None, (self.article, self.date)))})"


class View:
    """The page of a graph, shown in a notebook; `save` writes it as a file that needs no network."""

    def __init__(self, html: str) -> None:
        self.html = html

    def save(self, path: str | Path) -> Path:
        """Writes the page; GraphError where that cannot be done."""
        target = Path(path)
        try:
            target.write_text(self.html, encoding="utf-8", newline="\n")
        except OSError as error:
            raise GraphError(f"{target}: the page cannot be written ({error.strerror})") from error
        return target

    def _repr_html_(self) -> str:
        from kg.view import frame

        return frame(self.html)


# Results -----------------------------------------------------------------------------------------------


class Result:
    """The answer to a query: rows to go through, a table in a notebook, a DataFrame, or yes and no.

    >>> result = kg.open("build").query("SELECT ?name WHERE { ?club a fb:Club ; rdfs:label ?name } ORDER BY ?name")
    >>> len(result), result.columns
    (3, ('name',))
    >>> [row.name for row in result]
    ['Milan', 'Real Madrid', 'Roma']
    >>> bool(kg.open("build").query("ASK { ?who fb:coaches club:milan }"))
    False
    """

    def __init__(self, graph: KnowledgeGraph, answer: Answer, sparql: str) -> None:
        self.answer = answer
        self.sparql = sparql
        self._graph = graph

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns; of triples, `subject`, `predicate` and `object`."""
        return self.answer.columns

    @property
    def cut(self) -> bool:
        """Whether the row limit left some rows out."""
        return self.answer.cut

    def __len__(self) -> int:
        return len(self.answer.rows)

    def __bool__(self) -> bool:
        return self.answer.yes or bool(self.answer.rows)

    @functools.cached_property
    def rows(self) -> list[Any]:
        """Named tuples: IRIs as `Iri`, numbers and truth values as Python's, other text as str, nothing as None."""
        kind = namedtuple("Row", self.columns, rename=True)  # type: ignore[misc]
        return [kind(*map(_python, row)) for row in self.answer.rows]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __getitem__(self, position: int) -> Any:
        return self.rows[position]

    @property
    def df(self) -> pd.DataFrame:
        """The rows as a DataFrame, IRIs with their prefixes; GraphError where pandas is not installed."""
        try:
            import pandas as pd
        except ImportError:
            raise GraphError("pandas is not installed; pip install 'kg[notebook]'") from None
        short = [[value.short if isinstance(value, Iri) else value for value in row] for row in self.rows]
        return pd.DataFrame(short, columns=list(self.columns))

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph of a CONSTRUCT or DESCRIBE, which can be asked in its turn; GraphError for other answers."""
        return KnowledgeGraph(Oxigraph.of_graph(self.rdf), "the result of a query")

    @property
    def rdf(self) -> Graph:
        """The same as an rdflib graph."""
        if not self.answer.is_graph:
            raise GraphError("only CONSTRUCT and DESCRIBE give a graph; .df and .rows give the rows of a SELECT")
        from kg.rdf import graph_of

        return graph_of(self.answer.rows)

    def text(self, form: str = "table") -> str:
        """The answer as `table`, `csv`, `json`, `xml`, `ttl` or `md`."""
        from kg.formats import FORMATS, text_of

        if form not in FORMATS:
            raise GraphError(f"{form}: no format of kg; there are {', '.join(FORMATS)}")
        return text_of(self.answer, form)

    def claims(self) -> tuple[StatedClaim, ...]:
        """The claims that the rows are about: those that they name, and those between two things in one row.

        A thing may stand in a row by its IRI or by its label.
        """
        return self._graph._claims_of(self.answer.rows)

    def evidence(self) -> tuple[tuple[StatedClaim, tuple[Quote, ...]], ...]:
        """The claims that the rows are about, each with its sentences."""
        return tuple((claim, self._graph.evidence(claim)) for claim in self.claims())

    def view(self) -> View:
        """The claims that the rows are about, as a page."""
        return self._graph.view(self.claims())

    def __repr__(self) -> str:
        return self.text().rstrip("\n")

    def _repr_html_(self) -> str:
        from kg.notebook import html_of

        return html_of(self.answer, self._graph)


def _python(cell: Cell | None) -> object:
    if cell is None:
        return None
    return Iri(cell.text) if cell.kind == IRI else cell.value


# The graph ---------------------------------------------------------------------------------------------


class KnowledgeGraph:
    """A graph of claims that can be asked; `open` and `build` give one.

    `summary` says what the build did that made it, and is None for a graph that was opened.
    """

    def __init__(self, engine: Engine, name: str, file: Path | None = None, summary: Summary | None = None) -> None:
        self._engine = engine
        self._name = name
        self._file = file
        self.summary = summary

    def query(
        self,
        text: str,
        /,
        *,
        timeout: float | None = 60.0,
        limit: int = 100_000,
        engine: str = "oxigraph",
        **arguments: object,
    ) -> Result:
        """The answer to a SPARQL query. Prefixes are preset (`kg.namespaces.PREFIXES`).

        `arguments` are bound to variables: text as a literal, an `Iri` or a `Thing` as itself, numbers as numbers.
        `timeout` is in seconds, None for none; `limit` in rows. `engine` is `oxigraph`, or `rdflib` as a reference.
        Raises QueryError, with line and column, for what is not well formed.

        >>> graph = kg.open("build")
        >>> graph.query("SELECT ?who WHERE { ?p rdfs:label ?who ; fb:coaches/rdfs:label ?side }", side="Real Madrid")
        who
        Carlo Ancelotti
        (1 row)
        """
        bound = {name: _cell(value) for name, value in arguments.items()}
        answer = sparql_query.answer(self._chosen(engine), text, bound, Limits(timeout, limit))
        return Result(self, answer, text)

    def named(self, name: str, /, **arguments: str) -> Result:
        """The answer to a saved question of `ontology/queries`; `kg query --list` shows them.

        >>> kg.open("build").named("coach-of", club="real madrid")
        coach            side         modality     tense
        Carlo Ancelotti  Real Madrid  fb:Asserted  fb:Present
        (1 row)
        """
        saved = sparql_query.saved_query(name)
        return Result(self, sparql_query.answer_saved(self._engine, saved, arguments), saved.text)

    def ask(self, question: str) -> Result:
        """The answer to a question in Italian or English, of the kinds that `kg ask` knows; or to an ASK query.

        Raises GraphError for a question of no known kind; the message lists what can be asked.

        >>> [row.coach for row in kg.open("build").ask("chi allena il Real?")]
        ['Carlo Ancelotti']
        >>> bool(kg.open("build").ask("ASK { person:carlo-ancelotti fb:coaches club:real-madrid }"))
        True
        """
        if "{" in question:
            return self.query(question)
        from kg import ask

        try:
            asked = ask.understood(question, self._engine)
        except ask.NotUnderstoodError as error:
            raise GraphError(f"{error}; what can be asked:\n{ask.what_can_be_asked()}") from error
        return Result(self, asked.answer(), asked.shown())

    def claims(
        self,
        predicate: str | None = None,
        *,
        subject: str | Thing | None = None,
        object: str | Thing | None = None,
        about: str | Thing | None = None,
        person: str | Thing | None = None,
        club: str | Thing | None = None,
        by: str | Thing | None = None,
        modality: str | None = None,
        tense: str | None = None,
    ) -> tuple[StatedClaim, ...]:
        """The claims that fit all that is given, by subject, predicate and object.

        Things are given by any of their names (case does not count), or as a `Thing`. `about` is subject, object or
        the side that an endorsement is for; `person` and `club` are the same for a person or a side; `by` is who said
        it. Raises GraphError for a predicate, modality or tense that the ontology does not have.

        >>> for claim in kg.open("build").claims(predicate="candidateFor", club="Roma", modality="Possible"):
        ...     print(claim)
        Carlo Ancelotti candidateFor Roma (Possible, Future)
        """
        wanted = {"predicate": predicate, "modality": modality, "tense": tense}
        bound = {name: _term(name, value) for name, value in wanted.items() if value is not None}
        given = {
            "about": about,
            "person": person,
            "club": club,
            "by": by,
            "subjectNamed": subject,
            "objectNamed": object,
        }
        things = {name: value for name, value in given.items() if value is not None}
        for name, value in things.items():
            bound[f"{name}Thing" if isinstance(value, Thing | Iri) else name] = _cell(value)
        return self._claims_where("".join(_pattern(name, value) for name, value in things.items()), bound)

    def evidence(self, claim: StatedClaim) -> tuple[Quote, ...]:
        """The sentences that a claim rests on, by date, article and place.

        >>> graph = kg.open("build")
        >>> [claim] = graph.claims("coaches", club="Real Madrid")
        >>> print(graph.evidence(claim)[0])
        «Il tecnico del Real Madrid è Carlo Ancelotti.» (a, 2025-03-31)
        """
        rows = self._rows(_QUOTES, {"claim": Cell(IRI, claim.iri)})
        return tuple(
            sorted((_quote(row) for row in rows), key=lambda quote: (quote.date, quote.article, quote.place.start))
        )

    def things(self, kind: str | None = None) -> tuple[Thing, ...]:
        """Everything that has a label, or all of one class of the ontology, by label.

        >>> [thing.label for thing in kg.open("build").things("Coach")]
        ['Carlo Ancelotti']
        """
        if kind is not None:
            _term("class", kind)
        found = (thing for thing in self._things.values() if kind is None or kind in thing.classes)
        return tuple(sorted(found, key=lambda thing: (thing.label, thing.iri)))

    @functools.cached_property
    def rdf(self) -> Graph:
        """The whole graph as an rdflib graph, read when first needed.

        >>> len(kg.open("build").rdf) > 50
        True
        """
        if isinstance(self._engine, Rdflib):
            return self._engine.graph
        if self._file is not None:
            from kg import turtle

            return turtle.read(self._file)
        from kg.rdf import graph_of

        return graph_of(self._answer("CONSTRUCT WHERE { ?s ?p ?o }", {}).rows)

    @functools.cached_property
    def nx(self) -> nx.MultiDiGraph[str]:
        """Things and claims as a networkx multigraph; see `kg.network` for its attributes.

        >>> kg.open("build").nx.number_of_edges() > 0
        True
        """
        from kg.network import network

        return network(self.rdf)

    def view(self, claims: Iterable[StatedClaim] | None = None, *, title: str = "") -> View:
        """The graph, or some of its claims, as a page with a drawing; a notebook shows it.

        >>> graph = kg.open("build")
        >>> "Carlo Ancelotti" in graph.view(graph.claims(club="Roma")).html
        True
        """
        from kg.view import page

        graph = self.rdf if claims is None else self._part({str(claim.iri) for claim in claims})
        return View(page(graph, title) if title else page(graph))

    def names(self) -> tuple[str, ...]:
        """All labels and other names of things, sorted."""
        return tuple(sorted({str(cell) for (cell,) in self._rows(_NAMES, {}) if cell is not None}))

    def thing(self, iri: str) -> Thing:
        """The thing with an IRI; one without a label is called by its prefixed name."""
        return self._things.get(iri) or Thing(Iri(iri), shortened(iri))

    def links(self) -> Mapping[str, str]:
        """Where a reader learns more of a thing or article: Wikidata, or the article's address, by IRI."""
        return self._links

    def __repr__(self) -> str:
        [(claims, things)] = self._rows(_SIZE, {})
        return f"<KnowledgeGraph {self._name}: {claims} claims of {things} things>"

    # Inside --------------------------------------------------------------------------------------------

    def _chosen(self, engine: str) -> Engine:
        if engine == Oxigraph.name:
            return self._engine
        if engine == Rdflib.name:
            return Rdflib(self.rdf)
        raise GraphError(f"{engine}: no engine of kg; there are oxigraph and rdflib")

    def _answer(self, text: str, bound: Mapping[str, Cell]) -> Answer:
        return sparql_query.answer(self._engine, text, bound, _UNBOUNDED)

    def _rows(self, text: str, bound: Mapping[str, Cell]) -> tuple[Row, ...]:
        return self._answer(text, bound).rows

    @functools.cached_property
    def _things(self) -> dict[str, Thing]:
        classes: dict[str, list[str]] = {}
        for iri, kind in self._rows("SELECT ?thing ?class WHERE { ?thing a ?class }", {}):
            classes.setdefault(str(iri), []).append(str(kind))
        found: dict[str, Thing] = {}
        for iri, label in self._rows("SELECT ?thing ?label WHERE { ?thing rdfs:label ?label } ORDER BY ?label", {}):
            kinds = sorted(c.removeprefix(ONTOLOGY) for c in classes.get(str(iri), ()) if c.startswith(ONTOLOGY))
            found.setdefault(str(iri), Thing(Iri(str(iri)), str(label), tuple(kinds)))
        return found

    @functools.cached_property
    def _links(self) -> dict[str, str]:
        rows = self._rows(
            "SELECT ?thing ?at WHERE { ?thing skos:exactMatch|schema:url ?at } ORDER BY DESC(STR(?at))", {}
        )
        return {str(thing): str(at) for thing, at in rows if str(at).startswith(("https://", "http://"))}

    @functools.cached_property
    def _by_name(self) -> dict[str, tuple[str, ...]]:
        """IRIs of things by label."""
        found: dict[str, tuple[str, ...]] = {}
        for iri, thing in self._things.items():
            found[thing.label] = (*found.get(thing.label, ()), iri)
        return found

    def _claims_where(self, pattern: str, bound: Mapping[str, Cell]) -> tuple[StatedClaim, ...]:
        extras: dict[str, dict[str, list[Cell]]] = {}
        for claim, name, value in self._rows(_EXTRAS.format(pattern=pattern), bound):
            assert value is not None
            extras.setdefault(str(claim), {}).setdefault(str(name).removeprefix(ONTOLOGY), []).append(value)
        rows = self._rows(_CLAIMS.format(pattern=pattern), bound)
        found = [self._claim(row, extras.get(str(row[0]), {})) for row in rows]
        return tuple(
            sorted(found, key=lambda c: (str(c.subject), c.predicate, str(c.object), c.modality, c.tense, c.iri))
        )

    def _claim(self, row: Row, extras: Mapping[str, list[Cell]]) -> StatedClaim:
        claim, subject, predicate, value, modality, tense, confidence = row
        assert claim is not None
        assert value is not None
        literal = value.kind == LITERAL or value.text == f"{ONTOLOGY}Injury"

        def things(name: str) -> tuple[Thing, ...]:
            return tuple(
                sorted((self.thing(str(cell)) for cell in extras.get(name, ())), key=lambda t: (t.label, t.iri))
            )

        return StatedClaim(
            iri=Iri(claim.text),
            subject=self.thing(str(subject)),
            predicate=str(predicate).removeprefix(ONTOLOGY),
            object=value.text.removeprefix(ONTOLOGY) if literal else self.thing(value.text),
            modality=Modality(str(modality).removeprefix(ONTOLOGY)),
            tense=Tense(str(tense).removeprefix(ONTOLOGY)),
            confidence=float(str(confidence)) if confidence is not None else 1.0,
            for_team=next(iter(things("forTeam")), None),
            competition=next(iter(things("inCompetition")), None),
            score=min(map(str, extras.get("score", ())), default=""),
            shootout=min(map(str, extras.get("shootout", ())), default=""),
            said_by=things("attributedTo"),
            reported_in=things("reportedIn"),
        )

    def _claims_of(self, rows: Iterable[Row]) -> tuple[StatedClaim, ...]:
        named: set[str] = set()
        about: list[_About] = []
        for row in rows:
            cells = [cell for cell in row if cell is not None]
            iris = frozenset(iri for cell in cells for iri in self._meant(cell))
            words = frozenset(cell.text.removeprefix(ONTOLOGY) for cell in cells if cell.text.startswith(ONTOLOGY))
            named |= iris
            about.append(_About(iris, words))
        return tuple(c for c in self.claims() if c.iri in named or any(one.is_said_by(c) for one in about))

    def _meant(self, cell: Cell) -> tuple[str, ...]:
        return (cell.text,) if cell.kind == IRI else self._by_name.get(cell.text, ())

    def _part(self, claims: set[str]) -> Graph:
        """The rdflib graph of some claims: they, their evidence, and what is known of all that they speak of."""
        from rdflib import Graph, URIRef
        from rdflib.namespace import PROV, RDF

        part, whole = Graph(), self.rdf
        for claim in map(URIRef, sorted(claims)):
            spoken_of = set()
            for _, predicate, value in whole.triples((claim, None, None)):
                part.add((claim, predicate, value))
                spoken_of.add(value)
                if predicate == PROV.wasDerivedFrom:
                    part += whole.triples((value, None, None))
                    spoken_of.update(whole.objects(value))
            for thing in spoken_of - {claim}:
                # not the facts that stand beside a thing: they are other claims
                part += (
                    t for t in whole.triples((thing, None, None)) if not str(t[1]).startswith((ONTOLOGY, str(RDF)))
                )
                part += whole.triples((thing, RDF.type, None))
        return part


_MODALITIES, _TENSES = frozenset(map(str, Modality)), frozenset(map(str, Tense))


@dataclass(frozen=True, slots=True)
class _About:
    """What a row of an answer is about: IRIs of things, and terms of the ontology without prefix."""

    things: frozenset[str]
    terms: frozenset[str]

    def is_said_by(self, claim: StatedClaim) -> bool:
        """Whether a claim is between two of the things, and says it as the row does where the row says how."""
        if not isinstance(claim.object, Thing) or not {claim.subject.iri, claim.object.iri} <= self.things:
            return False
        for value, all_values in ((claim.modality, _MODALITIES), (claim.tense, _TENSES)):
            if self.terms & all_values and value not in self.terms:
                return False
        predicates = {term for term in self.terms if term[:1].islower()}
        return not predicates or claim.predicate in predicates


# Queries -----------------------------------------------------------------------------------------------

_ROLES = {
    "subjectNamed": "rdf:subject",
    "objectNamed": "rdf:object",
    "about": "rdf:subject|rdf:object|fb:forTeam",
    "person": "rdf:subject|rdf:object",
    "club": "rdf:subject|rdf:object|fb:forTeam",
    "by": "fb:attributedTo",
}
_KINDS = {"person": "fb:Person", "club": "fb:Club fb:NationalTeam"}
_NAMED = """
  {{ ?{name}Thing rdfs:label|skos:altLabel ?{name}Called . FILTER(LCASE(STR(?{name}Called)) = LCASE(STR(?{name}))) }}"""
_OF_KIND = """
  VALUES ?{name}Kind {{ {kinds} }} ?{name}Thing a ?{name}Kind ."""
_PART = """
  ?claim {role} ?{name}Thing ."""
_CLAIM = """?claim a rdf:Statement ; rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ;
    fb:modality ?modality ; fb:tense ?tense ."""
_CLAIMS = f"""SELECT DISTINCT ?claim ?subject ?predicate ?object ?modality ?tense ?confidence WHERE {{{{{{pattern}}
  {_CLAIM}
  OPTIONAL {{{{ ?claim fb:confidence ?confidence }}}}
}}}}"""
_EXTRAS = f"""SELECT DISTINCT ?claim ?extra ?value WHERE {{{{{{pattern}}
  {_CLAIM}
  VALUES ?extra {{{{ fb:forTeam fb:score fb:shootout fb:inCompetition fb:attributedTo fb:reportedIn }}}}
  ?claim ?extra ?value .
}}}}"""
_QUOTES = """SELECT ?identifier ?headline ?url ?date ?sentence ?from ?to ?sFrom ?sTo ?oFrom ?oTo WHERE {
  ?claim prov:wasDerivedFrom ?piece . ?piece fb:article ?article ; fb:sentence ?sentence .
  OPTIONAL { ?article dcterms:identifier ?identifier } OPTIONAL { ?article schema:headline ?headline }
  OPTIONAL { ?article schema:url ?url } OPTIONAL { ?article schema:datePublished ?date }
  OPTIONAL { ?piece fb:sentenceStart ?from ; fb:sentenceEnd ?to }
  OPTIONAL { ?piece fb:subjectStart ?sFrom ; fb:subjectEnd ?sTo }
  OPTIONAL { ?piece fb:objectStart ?oFrom ; fb:objectEnd ?oTo }
}"""
_SIZE = """SELECT (COUNT(DISTINCT ?claim) AS ?claims) (COUNT(DISTINCT ?thing) AS ?things) WHERE {
  { ?claim a rdf:Statement } UNION { ?any rdf:subject|rdf:object ?thing . ?thing rdfs:label ?label }
}"""
_NAMES = "SELECT DISTINCT ?name WHERE { ?thing rdfs:label|skos:altLabel ?name }"


def _pattern(name: str, value: str | Thing) -> str:
    kinds = _OF_KIND.format(name=name, kinds=_KINDS[name]) if name in _KINDS else ""
    named = "" if isinstance(value, Thing | Iri) else _NAMED.format(name=name)
    return named + kinds + _PART.format(name=name, role=_ROLES[name])


def _quote(row: Row) -> Quote:
    article, headline, url, date, sentence = ("" if cell is None else cell.text for cell in row[:5])
    place, subject, value = (_span(row[at], row[at + 1]) for at in (5, 7, 9))
    return Quote(article, headline, url, date, sentence, place or Span(0, len(sentence)), subject, value)


def _span(start: Cell | None, end: Cell | None) -> Span | None:
    return Span(int(start.text), int(end.text)) if start is not None and end is not None else None


def _cell(value: object) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, Thing):
        return Cell(IRI, value.iri)
    if isinstance(value, Iri):
        return Cell(IRI, str(value))
    if isinstance(value, bool):
        return Cell(LITERAL, str(value).lower(), f"{PREFIXES['xsd']}boolean")
    if isinstance(value, int):
        return Cell(LITERAL, str(value), f"{PREFIXES['xsd']}integer")
    if isinstance(value, float):
        return Cell(LITERAL, repr(value), f"{PREFIXES['xsd']}double")
    if isinstance(value, str):
        return Cell(LITERAL, value)
    raise GraphError(f"{value!r} cannot be an argument of a query; give text, a number, an Iri or a Thing")


def _term(role: str, name: str) -> Cell:
    known = {term.name for term in terms()}
    plain = str(name).removeprefix("fb:")
    if plain not in known:
        import difflib

        near = difflib.get_close_matches(plain, sorted(known), 1)
        hint = f"; did you mean {near[0]}?" if near else "; see ontology/football.ttl"
        raise GraphError(f"{role} {plain!r}: the ontology has no such term{hint}")
    return Cell(IRI, ONTOLOGY + plain)


# Opening and building ----------------------------------------------------------------------------------


def open(place: str | Path | Graph) -> KnowledgeGraph:
    """The graph of a build folder, a Turtle file, a store, a SPARQL server, or an rdflib graph; GraphError for none.

    >>> kg.open("nowhere")
    Traceback (most recent call last):
    ...
    kg.errors.GraphError: nowhere: no graph of kg; make one with kg build INPUT -o nowhere
    """
    if not isinstance(place, str | Path):
        return KnowledgeGraph(Oxigraph.of_graph(place), "an rdflib graph")
    return KnowledgeGraph(sparql_query.open_engine(place), str(place), sparql_query.graph_file(place))


def build(
    inputs: str | Path | Iterable[str | Path],
    output: str | Path = "build",
    *,
    reader: str = "both",
    models: str | None = None,
    gazetteer: str | Path | None = None,
    exclude: str | Path | None = None,
    workers: int = 1,
    quiet: bool = False,
) -> KnowledgeGraph:
    """Reads articles (files, folders and addresses) into a build folder, as `kg build` does, and opens its graph.

    A progress bar shows how far it is, unless `quiet`. What cannot be read is said in a line each and left out;
    `summary` of the result counts it. `reader`, `models`, `gazetteer`, `exclude` and `workers` are as in `kg build`;
    a script that asks for several workers needs `if __name__ == "__main__":`, as they import it.
    Raises InputError where nothing could be read.
    """
    with warnings.catch_warnings():
        # tqdm, inside stanza, misses its widgets in a notebook; the bar here is kg's own
        warnings.filterwarnings("ignore", message="IProgress not found")
        return _built(inputs, Path(output), reader, models, gazetteer, exclude, workers, quiet)


def _built(
    inputs: str | Path | Iterable[str | Path],
    output: Path,
    reader: str,
    models: str | None,
    gazetteer: str | Path | None,
    exclude: str | Path | None,
    workers: int,
    quiet: bool,
) -> KnowledgeGraph:
    from kg import articles, exclusions, pipeline, progress
    from kg.errors import InputError
    from kg.workers import reading_with

    names = [str(inputs)] if isinstance(inputs, str | Path) else [str(each) for each in inputs]
    if exclude is not None:
        exclusions.keep(exclusions.read(Path(exclude)), output)
    found, total = progress.counted(articles.read(names, None))
    made = pipeline.Reader(models, Path(gazetteer) if gazetteer else None, reader)
    with reading_with(made, workers) as read, progress.bar(total, quiet=quiet) as shown:
        summary = pipeline.build(
            found,
            output,
            made,
            read=read,
            refuse=lambda refused: shown.say(f"left out: {refused.source}: {refused.reason}"),
            progress=lambda article: shown.advance(article.id),
        )
    if not summary.articles:
        raise InputError("no article could be read; nothing was built")
    opened = open(output)
    opened.summary = summary
    return opened
