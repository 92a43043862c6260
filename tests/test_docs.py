"""The documentation: what it shows is what kg does, its links lead somewhere, its reference is complete."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import packaged
import pytest
import yaml

from kg import api, claims, cli, coreference, gazetteer, patterns
from kg.model import Document

DOCS = packaged.REPOSITORY / "docs"
PAGES = sorted((*DOCS.glob("*.md"), *packaged.REPOSITORY.glob("*.md")))
_FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.M | re.S)


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of a kind on a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [block["body"] for block in _FENCE.finditer(text) if block["kind"] == kind]


def test_one_article_goes_through_every_stage_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (article,) = (body for body in blocks("how-it-works.md", "text") if body.startswith("Panchina Roma"))
    title, *lines, more = article.splitlines()
    (tmp_path / "roma.txt").write_text(f"{title}\n{' '.join(lines)}\n{more}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "how-it-works.md").read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {}, "how-it-works.md", str(DOCS / "how-it-works.md"), 0)
    said: list[str] = []
    result = doctest.DocTestRunner().run(test, out=said.append)
    assert result.attempted > 15
    assert not result.failed, "".join(said)


def test_the_rule_of_the_how_to_finds_what_was_missed(reader: Callable[[str], Document], tmp_path: Path) -> None:
    (row,) = yaml.safe_load(blocks("add-a-rule.md", "yaml")[0])
    for path in patterns.default_folder().glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with_it = tmp_path / "claims_roles.yaml"
    with_it.write_text(with_it.read_text(encoding="utf-8") + blocks("add-a-rule.md", "yaml")[0], encoding="utf-8")
    known = gazetteer.load()

    def found(text: str, grammar: patterns.Grammar) -> dict[str, set[str]]:
        extraction = claims.extract(coreference.read(reader(text), known), known, grammar)
        return {f"{c.subject} {c.predicate} {c.object}": {p.rule for p in c.evidence} for c in extraction.claims}

    ((example, _),) = row["examples"][0].items()
    assert found(example, patterns.load()) == {}
    assert found(example, patterns.load(tmp_path)) == {
        "person/vincenzo-italiano coaches club/bologna": {"takes-in-hand"}
    }
    (other,) = row["not"]
    assert all("takes-in-hand" not in rules for rules in found(other, patterns.load(tmp_path)).values())


def test_own_people_and_nicknames_are_known_as_the_how_to_says(tmp_path: Path) -> None:
    (commands,) = blocks("add-people-and-clubs.md", "sh")
    command = tmp_path / "bin" / "kg"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kg "$@"\n')
    command.chmod(0o755)
    paths = os.pathsep.join((str(command.parent), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-e", "-c", commands],
        cwd=tmp_path,
        env={**os.environ, "PATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "person/ubaldo-sferracavalli  Ubaldo Sferracavalli\n  coach; 1971; Roma\n" in done.stdout
    assert re.search(r"^Ubaldo Sferracavalli +Roma$", done.stdout, re.M)


# Links and reference -----------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The places on a page that a link can point to."""
    headings = re.findall(r"^#+ (.+)$", re.sub(_FENCE, "", page.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[str]:
    """The links and pictures of a page, but for those to other sites."""
    text = re.sub(_FENCE, "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(there), f"{page.name}: {target}"


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = set(re.findall(r"^([\w-]+)$", "\n".join(re.findall(r"```\{toctree\}(.*?)```", index(), re.S)), re.M))
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} == listed


def index() -> str:
    return (DOCS / "index.md").read_text(encoding="utf-8")


def test_the_documentation_is_built_without_a_warning(tmp_path: Path) -> None:
    """Sphinx checks references; the reference has every command, and every public name of `kg` itself."""
    options = "-W --keep-going -q -b text"
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            *options.split(),
            "-d",
            str(tmp_path / "trees"),
            str(DOCS),
            str(tmp_path / "out"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    commands = (tmp_path / "out" / "commands.txt").read_text(encoding="utf-8")
    for name in re.findall(r"^    (\w+) ", textwrap.dedent(cli.parser().format_help()), re.M):
        assert f"kg {name} " in commands, name
    python = (tmp_path / "out" / "python.txt").read_text(encoding="utf-8")
    for name in (*api.__all__, "KgError"):
        assert re.search(rf"\b{name}\b", python), name
