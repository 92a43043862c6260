"""Answers as text: a table for the terminal, Markdown, CSV, and the W3C's JSON and XML; graphs as Turtle."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from kg.cleaning import visible
from kg.engines import BLANK, IRI, Cell
from kg.errors import GraphError
from kg.query import Answer, plain

FORMATS = ("table", "csv", "json", "xml", "ttl", "md")
"""Names of the formats; `ttl` is for graphs (CONSTRUCT, DESCRIBE), which `table` shows as Turtle, too."""

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_of(answer: Answer, form: str) -> str:
    """An answer in one of FORMATS, with a line end; GraphError for a format that it cannot have."""
    if answer.form == "ASK":
        return _ask(answer.yes, form)
    if form == "ttl" or (answer.is_graph and form == "table"):
        return _turtle(answer)
    return {"table": _table, "csv": _csv, "json": _json, "xml": _xml, "md": _markdown}[form](answer)


def cells_of(answer: Answer) -> list[list[str]]:
    """The rows of an answer as people read them: IRIs with their prefixes, nothing for nothing."""
    return [[visible(plain(cell)) for cell in row] for row in answer.rows]


def count_of(answer: Answer) -> str:
    """How many rows there are, as it stands below a table."""
    return f"({len(answer.rows)} {'row' if len(answer.rows) == 1 else 'rows'})"


def _ask(yes: bool, form: str) -> str:
    if form == "json":
        return json.dumps({"head": {}, "boolean": yes}) + "\n"
    if form == "xml":
        return _XML.format(head="", body=f"<boolean>{str(yes).lower()}</boolean>\n")
    if form == "ttl":
        raise GraphError("ttl is for CONSTRUCT and DESCRIBE; choose table, csv, json, xml or md")
    return "yes\n" if yes else "no\n"


def _turtle(answer: Answer) -> str:
    if not answer.is_graph:
        raise GraphError("ttl is for CONSTRUCT and DESCRIBE; choose table, csv, json, xml or md")
    from kg import rdf, turtle

    return turtle.dumps(rdf.graph_of(answer.rows))


def _table(answer: Answer) -> str:
    table = [list(answer.columns), *cells_of(answer)]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )
    return "\n".join((*lines, count_of(answer))) + "\n"


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: accents on letters none, East Asian letters two."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _markdown(answer: Answer) -> str:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |\n"

    head = line(answer.columns) + line("---" for _ in answer.columns)
    return head + "".join(line(_in_markdown(plain(cell)) for cell in row) for row in answer.rows)


def _in_markdown(text: str) -> str:
    return re.sub(r"([\\|<>&*_`\[\]#])", r"\\\1", visible(text))


def _csv(answer: Answer) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(answer.columns)
    for row in answer.rows:
        writer.writerow("" if cell is None else f"_:{cell.text}" if cell.kind == BLANK else cell.text for cell in row)
    return file.getvalue()


def _json(answer: Answer) -> str:
    bindings = [
        {name: _json_term(cell) for name, cell in zip(answer.columns, row, strict=True) if cell is not None}
        for row in answer.rows
    ]
    found = {"head": {"vars": list(answer.columns)}, "results": {"bindings": bindings}}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _json_term(cell: Cell) -> dict[str, str]:
    if cell.kind == IRI:
        return {"type": "uri", "value": cell.text}
    if cell.kind == BLANK:
        return {"type": "bnode", "value": cell.text}
    return {
        "type": "literal",
        "value": cell.text,
        **({"datatype": cell.datatype} if cell.datatype else {}),
        **({"xml:lang": cell.language} if cell.language else {}),
    }


_XML = """<?xml version="1.0" encoding="UTF-8"?>
<sparql xmlns="http://www.w3.org/2005/sparql-results#">
<head>{head}</head>
{body}</sparql>
"""


def _xml(answer: Answer) -> str:
    head = "".join(f"<variable name={quoteattr(name)}/>" for name in answer.columns)
    results = "".join(
        "<result>"
        + "".join(
            f"<binding name={quoteattr(name)}>{_xml_term(cell)}</binding>"
            for name, cell in zip(answer.columns, row, strict=True)
            if cell is not None
        )
        + "</result>\n"
        for row in answer.rows
    )
    return _XML.format(head=head, body=f"<results>\n{results}</results>\n")


def _xml_term(cell: Cell) -> str:
    text = escape(_NOT_IN_XML.sub("\ufffd", cell.text), {"\r": "&#13;"})
    if cell.kind == IRI:
        return f"<uri>{text}</uri>"
    if cell.kind == BLANK:
        return f"<bnode>{text}</bnode>"
    datatype = f" datatype={quoteattr(cell.datatype)}" if cell.datatype else ""
    language = f' xml:lang="{cell.language}"' if cell.language else ""
    return f"<literal{datatype}{language}>{text}</literal>"
