"""The tour of the README: its commands taken out, run one after the other, their output held against what it shows.

Run as a script (`make tour`) it writes the present output into the README. Blocks marked `sh` and `python` are run;
in those marked `console` the lines with a dollar sign are, and the others are what they print.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import packaged

README = packaged.REPOSITORY / "README.md"
_BLOCK = re.compile(r"^```(?P<kind>sh|console|python)\n(?P<body>.*?)^```$", re.M | re.S)
_INSTEAD = (
    # what takes minutes and an index is looked at here and done in full by test_package.py
    (re.compile(r"^make ([a-z-]+)"), rf"make --dry-run -C {packaged.REPOSITORY} \1 >/dev/null"),
    (re.compile(r"^pip wheel \. --no-deps$"), "ls kg-*.whl >/dev/null"),
    (re.compile(r"^(python3? -m venv|source) .*"), "true"),
    (
        re.compile(r"^((?:\S*/)?pip install) (?!\.)(\S+\.whl.*)"),
        r"pip install --quiet --dry-run --no-deps --no-index \2",
    ),
    (re.compile(r"^pip install '?\.\[(\w+)\]'?"), rf"grep -q '^\1 = \[' {packaged.REPOSITORY}/pyproject.toml"),
)
_CHANGING = re.compile(r"\d+(?:\.\d+)? s(?:, \d+ words per second)?$", re.M)
"""What another run of the same command prints otherwise: its seconds."""
_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the README tells to run; `shown` is what it prints, or None where the README does not show it."""

    kind: str
    text: str
    shown: str | None
    line: int


def steps(text: str) -> Iterator[Step]:
    """What a README tells to run, in its order."""
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 2
        if block["kind"] == "python":
            yield Step("python", block["body"], None, line)
            continue
        if block["kind"] == "sh":
            for number, command in enumerate(block["body"].splitlines()):
                bare = re.sub(r"\s{2,}#.*", "", command).strip()
                if bare and not bare.startswith("#"):
                    yield Step("sh", bare, None, line + number)
            continue
        for number, piece in enumerate(re.split(r"^\$ ", block["body"], flags=re.M)[1:]):
            command, _, shown = piece.partition("\n")
            yield Step("sh", command, shown.rstrip("\n"), line + number)


def prepared(folder: Path, wheel: Path) -> Path:
    """A folder for the tour: the seed articles and the wheel in it, as beside a fresh clone."""
    shutil.copytree(packaged.REPOSITORY / "seeds" / "articles", folder / "seeds" / "articles")
    (folder / wheel.name).symlink_to(wheel)
    return folder


def output(step: Step, folder: Path, environment: dict[str, str]) -> str:
    """Runs a step in a folder and returns what it prints; AssertionError where it fails."""
    if step.kind == "python":
        command = ["python", "-W", "error", "-c", step.text]
    else:
        text = step.text
        for pattern, instead in _INSTEAD:
            text = pattern.sub(instead, text)
        command = ["bash", "-c", f"set -e -o pipefail; {text}"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    assert done.returncode == 0, f"README.md, line {step.line}: {step.text}\n{done.stdout}{done.stderr}"
    return done.stdout.rstrip("\n")


def alike(one: str, other: str) -> bool:
    """Whether two outputs are the same, but for the time that was taken."""
    return _CHANGING.sub("…", one) == _CHANGING.sub("…", other)


def renewed(text: str, folder: Path, environment: dict[str, str]) -> str:
    """The README with what its commands print now."""
    for step in tuple(steps(text)):
        found = output(step, folder, environment)
        if step.shown is not None and not alike(found, step.shown):
            old, new = (f"$ {step.text}\n{each}\n".replace("\n\n", "\n") for each in (step.shown, found))
            assert text.count(old) == 1, step
            text = text.replace(old, new)
    return text


def main() -> int:
    """Writes the present output into the README."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = packaged.wheel(folder / "built")
        environment = packaged.environment(packaged.unpacked(wheel, folder / "installed"))
        (folder / "tour").mkdir()
        before = README.read_text(encoding="utf-8")
        after = renewed(before, prepared(folder / "tour", wheel), environment)
    if after == before:
        print("README.md shows what its commands print")
    else:
        README.write_text(after, encoding="utf-8")
        print("README.md written anew; look at the changes and at the sentences around them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
