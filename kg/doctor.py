"""What is installed, which models and data kg reads with, where graphs can be kept, and what is missing.

Packages are looked up by their metadata and models by their files, without loading torch or Stanza, so that the answer
comes at once, also where one of them is broken.
"""

from __future__ import annotations

import platform
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from kg import __version__, resources
from kg.errors import KgError

DISTRIBUTION = "kg"
"""Whose requirements are looked up."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SHOWN = 2
"""Packages that are named where an extra lacks several."""
_RUNS_A_STORE = "pyoxigraph"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: of what it speaks, and what was found.

    `remedy` says what to do where kg misses something that it needs, and is empty where all is well.
    """

    name: str
    found: str
    remedy: str = ""


def examine(build: Path | None = None) -> Iterator[Finding]:
    """What there is, a finding at a time; `build` names a build folder to look into (default: `build`, if there)."""
    yield Finding("kg", f"{__version__} in {Path(__file__).parent}")
    yield Finding("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.prefix}")
    yield from _packages()
    for name, look in (
        ("pack", _pack),
        ("reader", _learned),
        ("gazetteer", _gazetteer),
        ("rules", _rules),
        ("ontology", _ontology),
    ):
        yield _looked(name, look)
    yield _stores()
    yield _browser()
    folder = build or Path("build")
    if build is None and not folder.is_dir():
        yield Finding("build", "none here yet; kg build ARTICLES makes one")
    else:
        yield _looked("build", lambda: _build(folder))


def _looked(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, look())
    except KgError as error:
        return Finding(name, "amiss", str(error))


# Packages ----------------------------------------------------------------------------------------------


def _packages() -> Iterator[Finding]:
    """What kg needs, and what each extra adds."""
    groups = _requirements()
    for extra in sorted(groups):
        wanted = groups[extra]
        wrong = [said for requirement in wanted if (said := fault(requirement))]
        there = f"{len(wanted) - len(wrong)} of {len(wanted)} there"
        if not extra:
            yield Finding("packages", there, f"{'; '.join(wrong)}: install {DISTRIBUTION} again" if wrong else "")
        elif wrong:
            more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
            what = f"{'; '.join(wrong[:_SHOWN])}{more}"
            yield Finding(f"[{extra}]", f"{there}: {what} (pip install '{DISTRIBUTION}[{extra}]')")
        else:
            yield Finding(f"[{extra}]", there)


def _requirements() -> dict[str, list[Requirement]]:
    """The requirements of the installed kg by extra, "" for the core; empty where it is run without being installed."""
    groups: dict[str, list[Requirement]] = defaultdict(list)
    try:
        lines = metadata.requires(DISTRIBUTION) or []
        extras = metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    except metadata.PackageNotFoundError:
        return {}
    for requirement in map(Requirement, lines):
        if requirement.name == DISTRIBUTION:
            continue
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": ""}):
            groups[""].append(requirement)
        else:
            for extra in extras:
                if marker.evaluate({"extra": extra}):
                    groups[extra].append(requirement)
    return groups


def fault(requirement: Requirement) -> str:
    """What is wrong with a package, or nothing.

    >>> fault(Requirement("rdflib>=1")), fault(Requirement("no-such-thing"))
    ('', 'no-such-thing is missing')
    """
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(version, prereleases=True):
        return ""
    return f"{requirement.name} is {version}, wanted {requirement.specifier}"


# Models and data ---------------------------------------------------------------------------------------


def _pack() -> str:
    from kg import stanza_pack

    digest = stanza_pack.fingerprint()
    return f"{_size(stanza_pack.SHIPPED)} in {stanza_pack.SHIPPED}, fingerprint {digest[:12]}"


def _learned() -> str:
    from kg.errors import PackError
    from kg.learned.reader import FOLDER

    missing = [name for name in ("reader.json", "reader.pt") if not (FOLDER / name).is_file()]
    if missing:
        raise PackError(f"{FOLDER}: {', '.join(missing)} is missing; install kg again, or build with --reader rules")
    return f"{_size(FOLDER)} in {FOLDER}"


def _gazetteer() -> str:
    from kg import gazetteer

    gazetteer.load()
    tables = sorted(gazetteer.default_folder().glob("*.tsv"))
    rows = sum(max(0, path.read_bytes().count(b"\n") - 1) for path in tables)
    return f"{rows:,} rows in {gazetteer.default_folder()}"


def _rules() -> str:
    from kg import patterns

    return f"{len(patterns.load().patterns)} in {patterns.default_folder()}"


def _ontology() -> str:
    from kg import query

    return f"{resources.folder('ontology')}, {len(query.saved_queries())} saved questions"


def _size(folder: Path) -> str:
    return f"{sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()) / 1e6:.0f} MB"


# Around ------------------------------------------------------------------------------------------------


def _stores() -> Finding:
    try:
        version = metadata.version(_RUNS_A_STORE)
    except metadata.PackageNotFoundError:
        return Finding("stores", f"{_RUNS_A_STORE} is missing", f"pip install {_RUNS_A_STORE}")
    return Finding("stores", f"memory, a folder on disk (Oxigraph {version}), SPARQL 1.1 servers")


def _browser() -> Finding:
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found:
        return Finding("browser", f"{found} (the tests of the page use it)")
    return Finding("browser", "no Chromium; only the tests of the page want one (apt-get install chromium)")


def _build(folder: Path) -> str:
    from kg import journal

    with journal.seen(folder) as kept:
        count, state = len(kept.ids()), "graph up to date" if kept.is_written else "graph out of date: kg rebuild"
    return f"{folder}: {count} {'article' if count == 1 else 'articles'}, {state}"
