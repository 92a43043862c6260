"""kg reads Italian football news and turns it into a knowledge graph.

From Python: `kg.open("build")` opens a built graph, `kg.build(paths)` makes one (see `kg.api`). In a notebook:
`%load_ext kg`, then `%%sparql` (see `kg.notebook`). Both are loaded when first used, so that importing kg is instant.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from kg.api import KnowledgeGraph as KnowledgeGraph
    from kg.api import build as build
    from kg.api import open as open
    from kg.errors import KgError as KgError

__version__ = "0.1.0"
_IN_API = ("Iri", "KnowledgeGraph", "Quote", "Result", "StatedClaim", "Thing", "build", "open")


def __getattr__(name: str) -> Any:
    if name in _IN_API:
        from kg import api

        return getattr(api, name)
    if name == "KgError":
        from kg.errors import KgError

        return KgError
    raise AttributeError(f"module 'kg' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_IN_API, "KgError"})


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """`%load_ext kg`."""
    from kg import notebook

    notebook.load(ipython)
