"""Where a graph is kept to be asked: in memory, on disk, or on a SPARQL 1.1 server. One interface.

A store is an engine (`kg.engines`) that can be given another graph; it takes the new one in one step, so that
whoever asks meanwhile gets the old one whole or the new one whole.

What each is for (`make bench-store`, a million triples in one run): memory and disk load 4 to 6 times as fast as rdflib
and answer counts and text 15 to 70 times as fast; a join that sorts its rows with their evidence is slower than in
rdflib, most of all on disk. Disk opens at once and need not fit into memory (loading took 0.8 GB; rdflib 1.2). A
server is for sharing.
"""

from __future__ import annotations

import itertools
import json
import re
import secrets
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol

import pyoxigraph as ox

from kg import atomic, lock, sparql
from kg.engines import BLANK, IRI, LITERAL, Cell, Found, Oxigraph, from_triple
from kg.errors import GraphError, QueryError
from kg.namespaces import ID, PREFIXES

GRAPH = f"{ID}graph/claims"
"""The graph of a server that is kg's own; the others there are left alone."""
_CURRENT = "current"
_GENERATION = re.compile(r"graph-[0-9a-f]{8}")
_AT_ONCE = 500
"""Triples in one update: Virtuoso compiles each, and gives up at some thousands."""
_SECONDS = 300.0
_MOST_ERROR = 2_000
_ONE = Cell(LITERAL, "1", f"{PREFIXES['xsd']}integer")
_STRING = f"{PREFIXES['xsd']}string"


class Store(Protocol):
    """An engine that can be given another graph."""

    name: str

    def find(self, text: str, most: int) -> Found:
        """See `kg.engines.Engine`."""
        ...

    def load(self, path: Path) -> None:
        """Puts the graph of a Turtle file in place of what is there, in one step; GraphError if it cannot."""
        ...

    def __len__(self) -> int:
        """The number of triples."""
        ...


def opened(place: str) -> Store:
    """The store at a place: `memory`, the address of a server (`http://host:7878/query`), or a folder.

    An address that ends in `/query` has its updates at `/update` beside it; any other takes both. A user and
    password may stand in it (`http://dba:secret@host:8890/sparql-auth`). Raises GraphError for what is no store.
    """
    if place == "memory":
        return Memory()
    if re.match(r"[a-z][a-z0-9+.-]*://", place, re.IGNORECASE):
        return Server(place)
    return Disk(Path(place))


# Memory ------------------------------------------------------------------------------------------------


class Memory(Oxigraph):
    """A graph in this process."""

    name = "memory"

    def __init__(self, store: ox.Store | None = None) -> None:
        super().__init__(ox.Store() if store is None else store)

    def load(self, path: Path) -> None:
        """See Store."""
        self.store = Oxigraph.of_file(path).store

    def __len__(self) -> int:
        """See Store."""
        return len(self.store)


# Disk --------------------------------------------------------------------------------------------------


class Disk:
    """A graph in a folder, larger than memory if need be.

    `current` names the folder in it that holds the graph in force; a new graph is loaded into another one and then
    named there, so that a load that was killed leaves the old one.
    """

    name = "disk"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engine: Oxigraph | None = None
        if folder.exists() and not folder.is_dir():
            raise GraphError(f"{folder}: a file where the folder of a store should be")
        if folder.is_dir() and not (folder / _CURRENT).exists() and any(map(_is_foreign, folder.iterdir())):
            raise GraphError(f"{folder}: no store of kg, and not empty; name another folder")

    def find(self, text: str, most: int) -> Found:
        """See `kg.engines.Engine`."""
        return self._opened().find(text, most)

    def load(self, path: Path) -> None:
        """See Store; nobody else loads there meanwhile."""
        if not path.is_file():
            raise GraphError(f"{path}: no graph of kg; make one with kg build")
        with lock.locked(self._folder):
            self._clear_away()
            generation = f"graph-{secrets.token_hex(4)}"
            try:
                _bulk_load(ox.Store(str(self._folder / generation)), path)
                with atomic.written(self._folder / _CURRENT) as file:
                    file.write(generation.encode("ascii"))
            except OSError as error:
                raise GraphError(f"{self._folder}: the store cannot be written ({_one_line(error)})") from error
            finally:
                self._engine = None
                self._clear_away()

    def __len__(self) -> int:
        """See Store."""
        return len(self._opened().store)

    def _opened(self) -> Oxigraph:
        if self._engine is None:
            generation = self._generation()
            if not generation:
                raise GraphError(f"{self._folder}: no graph in this store; put one there with kg export BUILD --store")
            try:
                self._engine = Oxigraph(ox.Store.read_only(str(self._folder / generation)))
            except OSError as error:
                raise GraphError(f"{self._folder}: the store cannot be read ({_one_line(error)})") from error
        return self._engine

    def _generation(self) -> str:
        try:
            name = (self._folder / _CURRENT).read_text(encoding="ascii", errors="replace")
        except OSError:
            return ""
        if not _GENERATION.fullmatch(name):
            raise GraphError(f"{self._folder / _CURRENT}: damaged; load the store again after deleting this file")
        return name

    def _clear_away(self) -> None:
        """Deletes all but the graph in force; who has another one open keeps it, as the files stay until closed."""
        current = ""
        with suppress(GraphError):
            current = self._generation()
        for entry in self._folder.iterdir():
            if _GENERATION.fullmatch(entry.name) and entry.name != current:
                shutil.rmtree(entry, ignore_errors=True)


def _is_foreign(entry: Path) -> bool:
    return entry.name != lock.FILE and not _GENERATION.fullmatch(entry.name)


def _bulk_load(store: ox.Store, path: Path) -> None:
    try:
        store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri="urn:kg:file")
    except (SyntaxError, ValueError) as error:
        raise GraphError(f"{path}: no Turtle: {_one_line(error)}") from error
    store.flush()


# Server ------------------------------------------------------------------------------------------------


class Server:
    """A graph on a server that speaks the SPARQL 1.1 protocol for queries and updates.

    kg keeps to one graph there (`GRAPH`), and says so with each query: without that, servers answer from whatever
    else they hold.
    """

    name = "server"

    def __init__(self, address: str) -> None:
        try:
            parts = urllib.parse.urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise GraphError(f"--store: no address of a server ({error})") from error
        if parts.scheme not in ("http", "https") or not host:
            raise GraphError("--store: a server is named as http://HOST:PORT/PATH or https://…")
        bare = f"[{host}]" if ":" in host else host
        self._query = urllib.parse.urlunsplit(
            (parts.scheme, f"{bare}:{port}" if port else bare, parts.path or "/", parts.query, "")
        )
        self._update = re.sub(r"/query$", "/update", self._query)
        self._opener = urllib.request.build_opener(_NoRedirect())
        if parts.username:
            user, password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
            known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            known.add_password(None, self._query, user, password)
            known.add_password(None, self._update, user, password)
            self._opener.add_handler(urllib.request.HTTPDigestAuthHandler(known))
            self._opener.add_handler(urllib.request.HTTPBasicAuthHandler(known))

    def find(self, text: str, most: int) -> Found:
        """See `kg.engines.Engine`."""
        form = sparql.check(text)
        is_graph = form in ("CONSTRUCT", "DESCRIBE")
        answer = self._asked(text, "application/n-triples" if is_graph else "application/sparql-results+json")
        try:
            if is_graph:
                return _from_triples(answer, most)
            found = _from_json(json.loads(answer), most)
            # Virtuoso answers a yes-or-no question with a table: of one number for yes, and of nothing for no
            return Found(yes=found.rows[:1] == ((_ONE,),)) if form == "ASK" and found.columns else found
        except (ValueError, SyntaxError, LookupError, TypeError, AttributeError) as error:
            raise GraphError(f"{self._query}: this is no answer of a SPARQL server ({_one_line(error)})") from error

    def load(self, path: Path) -> None:
        """See Store: loads into a graph beside the one in force, and moves it there by one update."""
        beside = f"{GRAPH}/{secrets.token_hex(4)}"
        try:
            for chunk in _chunks(_lines(path), _AT_ONCE):
                self._change(f"INSERT DATA {{ GRAPH <{beside}> {{ {' '.join(chunk)} }} }}")
            self._change(f"MOVE SILENT GRAPH <{beside}> TO <{GRAPH}>")
        except BaseException:
            with suppress(GraphError):
                self._change(f"DROP SILENT GRAPH <{beside}>")
            raise

    def __len__(self) -> int:
        """See Store."""
        found = self.find("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", 1)
        cell = found.rows[0][0] if found.rows else None
        return int(cell.text) if cell else 0

    def _asked(self, text: str, accept: str) -> bytes:
        used = {word.prefix for word in sparql.words(text) if word.kind == "name"}
        prologue = " ".join(f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items() if name in used)
        fields = {"query": f"{prologue} {text}", "default-graph-uri": GRAPH}
        return self._sent(self._query, fields, accept)

    def _change(self, text: str) -> None:
        self._sent(self._update, {"update": text}, "*/*")

    def _sent(self, address: str, fields: dict[str, str], accept: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - the address is http or https
            address,
            data=urllib.parse.urlencode(fields).encode("ascii"),
            headers={"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"},
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            with error:
                said = _one_line(error.read(_MOST_ERROR).decode("utf-8", errors="replace"))
            if error.code in (401, 403):
                reason = f"may not be used ({error.code}); put user and password into the address"
                raise GraphError(f"{address}: {reason}") from error
            if error.code == 400 and "query" in fields:
                raise QueryError(f"the server does not take the query: {said}") from error
            raise GraphError(f"{address}: the server answers {error.code}: {said}") from error
        except (OSError, HTTPException) as error:
            raise GraphError(f"{address}: no server answers ({_one_line(error)}); is it running?") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses to be sent elsewhere: a query and a password go where the user said, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """None: the redirect becomes the error that it is."""


def _lines(path: Path) -> Iterator[str]:
    """The triples of a Turtle file, one by one, as SPARQL writes them."""
    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri="urn:kg:file"):
            if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
                raise GraphError(f"{path}: has a blank node, which no graph of kg has; it cannot be sent in parts")
            yield f"{quad.subject} {quad.predicate} {quad.object} ."
    except SyntaxError as error:
        raise GraphError(f"{path}: no Turtle: {_one_line(error)}") from error
    except OSError as error:
        raise GraphError(f"{path}: the graph cannot be read ({error.strerror or error})") from error


def _chunks(items: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    iterator = iter(items)
    while chunk := tuple(itertools.islice(iterator, size)):
        yield chunk


# Answers -----------------------------------------------------------------------------------------------


def _from_json(answer: dict[str, Any], most: int) -> Found:
    """An answer in the SPARQL 1.1 results format of JSON."""
    if "boolean" in answer:
        return Found(yes=answer["boolean"] is True)
    columns = tuple(map(str, answer["head"]["vars"]))
    found = answer["results"]["bindings"]
    rows = tuple(
        tuple(_cell(row[name]) if name in row else None for name in columns) for row in itertools.islice(found, most)
    )
    return Found(columns, rows, cut=len(found) > most)


def _cell(term: dict[str, str]) -> Cell:
    text = str(term["value"])
    if term["type"] == "uri":
        return Cell(IRI, text)
    if term["type"] == "bnode":
        return Cell(BLANK, text)
    language = term.get("xml:lang", "").lower()
    datatype = "" if language else term.get("datatype", "")
    return Cell(LITERAL, text, "" if datatype == _STRING else datatype, language)


def _from_triples(answer: bytes, most: int) -> Found:
    triples = list(itertools.islice(ox.parse(answer, format=ox.RdfFormat.N_TRIPLES), most + 1))
    rows = tuple(from_triple(quad.triple) for quad in triples[:most])
    return Found(("subject", "predicate", "object"), rows, cut=len(triples) > most)


def _one_line(said: object) -> str:
    return " ".join(str(said).split())[:300] or type(said).__name__
