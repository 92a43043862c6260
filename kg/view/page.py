"""Graph → HTML: the drawing, the data and the parts of the page put together."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from math import sqrt
from pathlib import Path
from string import Template
from typing import Any

from rdflib import Graph

from kg.analysis import Measures, measures
from kg.atomic import written
from kg.errors import GraphError
from kg.network import Statement, core, network, positions
from kg.view import text, words
from kg.view.content import Entity, content
from kg.view.layout import Box, arrange

TITLE = "Football knowledge graph"
WHOLE, CORE = 1500, 700
"""A graph of up to so many entities is drawn whole, of a larger one so many; the others come when one asks for them."""
LABELLED = 80
"""In a drawing of up to so many entities, each has room for its label."""
HEIGHT = 680
"""How high the view is in a notebook, in CSS pixels."""

_FONT = 16
_CHARACTER = 8.6  # mean width of a character at that size, on the wide side
_LINE = 18.5
_STILL = 1200  # with more edges than this they are not drawn while the drawing is moved
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S+")
_PICTURE = re.compile(r'url\("data:[^")]*"\)')  # 200 kB of buttons that the page does not show
_SCRIPTS = ("base", "graph", "drawing", "labels", "panel", "legend", "search", "acts", "export", "start")
_OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "keyboard": {"enabled": True, "bindToWindow": False}},
    "nodes": {"borderWidth": 1.5},
    "edges": {
        "smooth": False,
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.55}},
        "hoverWidth": 0.6,
        "selectionWidth": 1.2,
    },
}


def page(graph: Graph, title: str = TITLE) -> str:
    """The page as HTML text: the same for the same graph. Raises GraphError for a statement that is not whole."""
    net = network(graph)
    found = measures(net)
    entities = {iri: _entity(position, iri, net.nodes[iri], found) for position, iri in enumerate(sorted(net))}
    statements = [data["statement"] for _, _, data in net.edges(data=True)]
    statements += [claim for _, data in net.nodes(data=True) for claim in data["claims"]]
    statements.sort(key=lambda one: (entities[one.subject].label.casefold(), one.subject, one.predicate, one.iri))
    shown = core(net, WHOLE + 1)
    if len(shown) > WHOLE:
        shown = core(net, CORE)
    roomy = len(shown) <= LABELLED
    boxes = {iri: _box(entities[iri].label, found.connections[iri], roomy=roomy) for iri in shown}
    links = sorted({(one, other) for one, other in net.edges() if one in shown and other in shown})
    places = arrange(positions(net, shown, found.communities), boxes, links) if shown else {}
    drawing = _drawing(entities, statements, places, found.connections)
    return _html(title, content(title, entities.values(), statements), drawing)


def html(graph: Graph, title: str = TITLE, height: int = HEIGHT) -> str:
    """The page inside an HTML element for a notebook's output; raises GraphError as `page` does."""
    return frame(page(graph, title), title, height)


def frame(page: str, title: str = TITLE, height: int = HEIGHT) -> str:
    """An HTML element that holds a page, `height` CSS pixels high.

    It is a frame of its own, so that no style of the page reaches the notebook or comes from it, and what the page
    shows can reach neither the notebook's content nor its server.
    """
    return (
        f'<iframe title="{escape(text.label(title))}" srcdoc="{escape(page)}" height="{int(height)}" '
        'sandbox="allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox" '
        'style="width: 100%; border: 1px solid #8886; border-radius: 8px"></iframe>'
    )


def write(graph: Graph, path: Path, title: str = TITLE) -> None:
    """Writes the page, whole or not at all; raises GraphError if the file cannot be written."""
    text_of_page = page(graph, title)
    with written(Path(path)) as file:
        file.write(text_of_page.encode("utf-8"))


def _entity(position: int, iri: str, data: Mapping[str, Any], found: Measures) -> Entity:
    return Entity(
        position=position,
        iri=iri,
        label=text.label(data["label"]),
        entity_class=data["entity_class"],
        roles=data["roles"],
        aliases=data["aliases"],
        qid=data["qid"],
        community=found.community.get(iri, -1),
        bridges=found.bridges[iri],
        standing=found.standing[iri],
    )


# Drawing -----------------------------------------------------------------------------------------------


def _size(degree: int, *, roomy: bool) -> float:
    # a drawing of many is seen from farther off
    return round(min(30.0, (8 if roomy else 11) + 3.2 * sqrt(degree)), 1)


def _box(label: str, degree: int, *, roomy: bool) -> Box:
    rows = text.lines(label).split("\n")
    size = _size(degree, roomy=roomy)
    if not roomy:
        return Box(size + 5, size + 1, size + 7)
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
    # Not add_node and add_edge: they look through all nodes each time (15 s for 20 000).
    for iri, entity in entities.items():
        net.nodes.append(
            {
                "id": entity.position,
                "label": text.lines(entity.label),
                "shape": words.SHAPES.get(entity.entity_class, "dot"),
                "size": _size(degrees[iri], roomy=len(places) <= LABELLED),
                **dict(zip("xy", places.get(iri, ()), strict=False)),
            }
        )
    bends = _bends(statements)
    for position, statement in enumerate(statements):
        if not statement.literal:
            edge = {"id": position, "from": entities[statement.subject].position}
            edge |= {"to": entities[statement.object].position}
            net.edges.append(edge | bends.get(position, {}))
    drawn = sum(1 for one in statements if one.subject in places and one.object in places)
    still = {"hideEdgesOnDrag": drawn > _STILL, "hideEdgesOnZoom": drawn > _STILL}
    net.set_options(json.dumps(_OPTIONS | {"interaction": _OPTIONS["interaction"] | still}))
    nodes, edges, _, _, _, options = net.get_network_data()
    return {"nodes": nodes, "edges": edges, "options": json.loads(options)}


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
    library, script = _vis("vis-network.min.js"), _script()
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
        policy=escape(policy),
        title=escape(text.label(title)),
        summary=escape(_summary(data)),
        style=style,
        library=library,
        script=script,
        data=text.script_json(data),
        drawing=text.script_json(drawing),
    )


def _summary(data: dict[str, Any]) -> str:
    return f"{len(data['entities'])} entities · {len(data['statements'])} claims · {len(data['articles'])} articles"


def _script() -> str:
    """Our scripts as one: they share a scope of their own and see nothing else of the page's."""
    return "\n".join(['"use strict";\n(() => {', *(_own(f"script/{name}.js") for name in _SCRIPTS), "})();"])


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
