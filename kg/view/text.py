"""Foreign text made harmless and measured, before it enters the page."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

# Characters that change how their neighbours are shown (bidirectional controls, C0 and C1 controls, line
# separators) and what UTF-8 cannot carry (lone surrogates).
_UNRULY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SAFE_SCHEMES = frozenset({"http", "https"})


def tame(text: str) -> str:
    """The same number of code points, so that offsets stay true; unruly ones become U+FFFD."""
    return _UNRULY.sub("\N{REPLACEMENT CHARACTER}", text)


def label(text: str) -> str:
    """One line without unruly characters; a label of these alone becomes a question mark."""
    return " ".join(_UNRULY.sub(" ", text).split()) or "?"


def link(url: str) -> str:
    """The URL if it is a web address, else the empty string."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme.lower() in _SAFE_SCHEMES and parts.netloc else ""


def utf16(text: str, offset: int) -> int:
    """An offset in code points as JavaScript counts it, in UTF-16 units."""
    return offset + sum(1 for character in text[:offset] if character > "\uffff")


def lines(text: str, width: int = 13, most: int = 2) -> str:
    """A label broken at blanks into at most `most` lines; what does not fit ends in an ellipsis."""
    rows: list[str] = [""]
    for word in text.split():
        if rows[-1] and len(rows[-1]) + 1 + len(word) > width:
            rows.append(word)
        else:
            rows[-1] = f"{rows[-1]} {word}".strip()
    kept = rows[:most]
    if len(rows) > most:
        kept[-1] += "…"
    return "\n".join(row if len(row) <= width + 6 else row[: width + 5] + "…" for row in kept)


def script_json(value: Any) -> str:
    """JSON in ASCII that no HTML parser can take for markup."""
    encoded = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return encoded.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
