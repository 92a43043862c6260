"""The package: one wheel that holds all that kg reads with, and works in another folder, offline."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path

import packaged
import pytest
import tour
from packaging.requirements import Requirement

import kg

MOST = 100_000_000
"""Bytes of a wheel."""
PROJECT = tomllib.loads((packaged.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packaged.wheel(tmp_path_factory.mktemp("built"))


def wanted() -> Iterator[str]:
    """What the repository has for a wheel, by its name in the wheel."""
    for folder in ("kg", "ontology", "seeds/gazetteer"):
        for path in sorted((packaged.REPOSITORY / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                name = path.relative_to(packaged.REPOSITORY).as_posix()
                yield name if folder == "kg" else f"kg/{name}"


def test_one_wheel_holds_code_rules_ontology_gazetteer_and_models(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == set(wanted())
    for part in ("rules/claims_roles.yaml", "ontology/football.ttl", "ontology/queries/coach-of.rq", "py.typed"):
        assert f"kg/{part}" in names
    for part in ("seeds/gazetteer/people.tsv", "models/it/resources.json", "models/reader/reader.pt"):
        assert f"kg/{part}" in names


def test_the_wheel_is_below_a_hundred_megabytes(wheel: Path) -> None:
    assert wheel.stat().st_size < MOST


def test_version_licence_and_extras(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        about = message_from_string(archive.read(name).decode("utf-8"))
        licences = [name for name in archive.namelist() if name.endswith("/LICENSE")]
    assert about["Version"] == kg.__version__
    assert about["License-Expression"] == "Apache-2.0"
    assert len(licences) == 1
    assert {"cluster", "notebook", "test"} <= set(about.get_all("Provides-Extra"))
    assert f"version: {kg.__version__}\n" in (packaged.REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")


def requirements() -> Iterator[tuple[str, str]]:
    """Every package that kg names, with the extra that it is for."""
    for extra, lines in (("", PROJECT["dependencies"]), *PROJECT["optional-dependencies"].items()):
        for line in lines:
            name = Requirement(line).name
            if name != "kg":
                yield extra, name


def test_every_dependency_has_its_line_with_reason_and_licence() -> None:
    page = (packaged.REPOSITORY / "docs" / "dependencies.md").read_text(encoding="utf-8")
    told = {cells[0].lower(): cells for row in re.findall(r"^\| (.*) \|$", page, re.M) if (cells := row.split(" | "))}
    named = {name.lower() for _, name in requirements()}
    assert named <= set(told)
    assert set(told) - named <= {"package", "---"}
    for name in named:
        assert len(told[name]) == 3
        assert all(told[name])


def imported() -> set[str]:
    """The top-level modules that the code of kg imports from outside the standard library."""
    found: set[str] = set()
    for path in (packaged.REPOSITORY / "kg").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"kg", "__future__"}


MODULES = {"pyyaml": "yaml", "ipython": "IPython", "lxml-html-clean": "lxml"}
INSIDE = {"lxml-html-clean", "ipykernel", "matplotlib"}
"""Packages that kg needs and does not import: trafilatura and notebooks do."""


def test_the_core_needs_no_more_than_it_imports() -> None:
    modules = imported()
    unused = {
        name
        for extra, name in requirements()
        if not extra and name not in INSIDE and MODULES.get(name.lower(), name.replace("-", "_")) not in modules
    }
    assert unused == set()


def test_whatever_is_imported_is_declared() -> None:
    declared = {MODULES.get(name.lower(), name.replace("-", "_")) for _, name in requirements()}
    assert imported() - declared == set()


def test_the_tour_of_the_readme_runs_from_the_wheel_and_prints_what_it_shows(wheel: Path, tmp_path: Path) -> None:
    """Every command of the README, in a folder without the repository, with the network out of reach."""
    environment = packaged.environment(packaged.unpacked(wheel, tmp_path / "installed"))
    (tmp_path / "tour").mkdir()
    folder = tour.prepared(tmp_path / "tour", wheel)
    where = subprocess.run(
        ["python", "-c", "import kg; print(kg.__file__)"], cwd=folder, env=environment, capture_output=True, check=True
    )
    assert where.stdout.decode().startswith(str(tmp_path / "installed"))
    steps = list(tour.steps(tour.README.read_text(encoding="utf-8")))
    assert len(steps) > 20
    for step in steps:
        found = tour.output(step, folder, environment)
        if step.shown is not None:
            assert tour.alike(found, step.shown), f"README.md, line {step.line}: make tour\n{found}"


def offline() -> tuple[str, ...]:
    """What runs a command without any network, where the system lets us."""
    without = ("unshare", "--net", "--map-root-user")
    works = (
        shutil.which("unshare") and subprocess.run([*without, "true"], capture_output=True, check=False).returncode == 0
    )
    return without if works else ()


@pytest.mark.slow
def test_an_empty_environment_the_wheel_and_nothing_else(wheel: Path, tmp_path: Path) -> None:
    """The first hour of somebody who is given the wheel: install, build, query, view, with the network cut off."""
    home = tmp_path / "elsewhere"
    venv.create(home / ".venv", with_pip=True)
    shutil.copytree(packaged.REPOSITORY / "seeds" / "articles", home / "articles")
    pinned = ("--constraint", str(packaged.REPOSITORY / "constraints.txt"))
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=home, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(".venv/bin/pip", "install", "-q", *pinned, str(wheel))
    command = (*offline(), ".venv/bin/kg")
    assert "all that kg needs is here" in run(*command, "doctor")
    assert "articles    1 (1 read now" in run(*command, "build", "articles")
    assert "Carlo Ancelotti" in run(*command, "query", "build", "--named", "who-coaches-whom")
    assert run(*command, "view", "build", "-o", "page.html") == "page.html\n"
    assert (home / "page.html").stat().st_size > 100_000
    assert str(home) in run(".venv/bin/python", "-c", "import kg; print(kg.__file__)")
