"""Graph → HTML: the drawing, the data and the parts of the page put together."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping
from importlib.resources import files
from math import sqrt
from pathlib import Path
from string import Template
from typing import Any

from rdflib import Graph

from kg.errors import GraphError
from kg.network import Statement, core, network, positions
from kg.view import text, words
from kg.view.content import Entity, content
from kg.view.layout import Box, arrange

TITLE = "Football knowledge graph"
DRAWN = 600
"""How many entities are drawn at first; the others come when somebody asks for them."""

_FONT = 16
_CHARACTER = 8.6  # mean width of a character at that size, on the wide side
_LINE = 18.5
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S+")
_PICTURE = re.compile(r'url\("data:[^")]*"\)')  # 200 kB of buttons that the page does not show
_OPTIONS = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "hideEdgesOnDrag": False, "keyboard": {"enabled": True, "bindToWindow": False}},
    "nodes": {"borderWidth": 1.5, "font": {"size": _FONT, "strokeWidth": 3}},
    "edges": {
        "smooth": False,
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.55}},
        "font": {"size": 14, "strokeWidth": 3, "align": "horizontal"},
        "hoverWidth": 0.6,
        "selectionWidth": 1.2,
    },
}


def page(graph: Graph, title: str = TITLE) -> str:
    """The page as HTML text: the same for the same graph. Raises GraphError for a statement that is not whole."""
    net = network(graph)
    entities = {iri: _entity(position, iri, net.nodes[iri]) for position, iri in enumerate(sorted(net))}
    statements = [data["statement"] for _, _, data in net.edges(data=True)]
    statements += [claim for _, data in net.nodes(data=True) for claim in data["claims"]]
    statements.sort(key=lambda one: (entities[one.subject].label.casefold(), one.subject, one.predicate, one.iri))
    shown = core(net, DRAWN)
    degrees = {iri: net.degree(iri) for iri in net}
    boxes = {iri: _box(entities[iri].label, degrees[iri]) for iri in shown}
    places = arrange(positions(net, shown), boxes) if shown else {}
    return _html(title, content(title, entities.values(), statements), _drawing(entities, statements, places, degrees))


def write(graph: Graph, path: Path, title: str = TITLE) -> None:
    """Writes the page, whole or not at all; raises GraphError if the file cannot be written."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    text_of_page = page(graph, title)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(text_of_page.encode("utf-8"))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise GraphError(f"{path}: the page cannot be written: {error.strerror}; choose another file") from error


def _entity(position: int, iri: str, data: Mapping[str, Any]) -> Entity:
    return Entity(
        position, iri, text.label(data["label"]), data["entity_class"], data["roles"], data["aliases"], data["qid"]
    )


# Drawing -----------------------------------------------------------------------------------------------


def _size(degree: int) -> float:
    return round(min(30.0, 8 + 3.2 * sqrt(degree)), 1)


def _box(label: str, degree: int) -> Box:
    rows = text.lines(label).split("\n")
    size = _size(degree)
    return Box(max(size, max(map(len, rows)) * _CHARACTER / 2), size, size + 4 + _LINE * len(rows))


def _drawing(
    entities: Mapping[str, Entity],
    statements: list[Statement],
    places: Mapping[str, tuple[int, int]],
    degrees: Mapping[str, int],
) -> dict[str, Any]:
    """Nodes, edges and options for vis-network; ids are positions in the tables of entities and statements.

    Every entity is there, so that one that is asked for can be drawn; those without a place carry no `x` and `y`.
    """
    from pyvis.network import Network

    net = Network(directed=True, cdn_resources="in_line")
    net.set_options(json.dumps(_OPTIONS))
    for iri, entity in entities.items():
        net.add_node(
            entity.position,
            label=text.lines(entity.label),
            shape=words.SHAPES.get(entity.entity_class, "dot"),
            size=_size(degrees[iri]),
            **dict(zip("xy", places.get(iri, ()), strict=False)),
        )
    bends = _bends(statements)
    # Not add_edge: it looks through all nodes each time (15 s for 20 000).
    for position, statement in enumerate(statements):
        if not statement.literal:
            edge = {"id": position, "from": entities[statement.subject].position}
            edge |= {"to": entities[statement.object].position}
            net.edges.append(edge | bends.get(position, {}))
    nodes, edges, _, _, _, options = net.get_network_data()
    return {"nodes": [_without_colour(node) for node in nodes], "edges": edges, "options": json.loads(options)}


def _without_colour(node: Mapping[str, Any]) -> dict[str, Any]:
    # pyvis gives each node its own blue; the page colours by class, for light and dark.
    return {key: value for key, value in node.items() if key != "color"}


def _bends(statements: list[Statement]) -> dict[int, dict[str, Any]]:
    """Curves for edges between the same two nodes, which would else lie on each other."""
    pairs: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for position, statement in enumerate(statements):
        if not statement.literal:
            first, second = sorted((statement.subject, statement.object))
            pairs[first, second].append(position)
    result: dict[int, dict[str, Any]] = {}
    for (first, second), group in pairs.items():
        if len(group) == 1 or first == second:
            continue
        for rank, position in enumerate(group):
            bend = 0.16 * (rank - (len(group) - 1) / 2)
            if statements[position].subject != first:
                bend = -bend  # a curve's side is seen from where the edge starts
            if bend:
                kind = "curvedCW" if bend > 0 else "curvedCCW"
                result[position] = {"smooth": {"enabled": True, "type": kind, "roundness": round(abs(bend), 3)}}
    return result


# Template ----------------------------------------------------------------------------------------------


def _html(title: str, data: dict[str, Any], drawing: dict[str, Any]) -> str:
    style = _vis("vis-network.css") + "\n" + _own("page.css")
    library, script = _vis("vis-network.min.js"), _own("page.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(library)} {_hash(script)}",
            f"style-src {_hash(style)}",
            "img-src data:",  # the empty icon, without which a browser asks the server for one
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    # One pass: what is put in is not searched for further places to fill.
    return Template(_own("page.html")).substitute(
        policy=html.escape(policy),
        title=html.escape(text.label(title)),
        summary=html.escape(_summary(data)),
        style=style,
        library=library,
        script=script,
        data=text.script_json(data),
        drawing=text.script_json(drawing),
    )


def _summary(data: dict[str, Any]) -> str:
    return f"{len(data['entities'])} entities · {len(data['statements'])} claims · {len(data['articles'])} articles"


def _own(name: str) -> str:
    return files("kg.view").joinpath(name).read_text(encoding="utf-8")


def _vis(name: str) -> str:
    """A file of vis-network out of the pyvis package, without pointer to a source map and pictures of buttons."""
    source = files("pyvis").joinpath("templates", "lib", "vis-9.1.2", name).read_text(encoding="utf-8")
    result = _PICTURE.sub("none", _SOURCE_MAP.sub("", source))
    if "</script" in result.lower() or "</style" in result.lower():
        raise GraphError(f"{name} of pyvis cannot stand inside a page; install pyvis 0.3.2")
    return result


def _hash(source: str) -> str:
    # A parser turns line ends into \n before the browser hashes; ours are \n already.
    digest = hashlib.sha256(source.encode("utf-8")).digest()
    return f"'sha256-{b64encode(digest).decode('ascii')}'"
