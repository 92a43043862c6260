"""kg as a user has it: a wheel, built from what the repository holds and unpacked in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "kg", "ontology", "seeds")
"""What a wheel is made from."""


def wheel(folder: Path) -> Path:
    """Builds the wheel with `pip wheel .` in a folder that links to the repository, which stays as it is."""
    source, target = folder / "source", folder.resolve() / "wheels"
    source.mkdir(parents=True)
    for name in SOURCES:
        (source / name).symlink_to(REPOSITORY / name)
    # without isolation, so that it needs no package index
    command = (sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "-q", "-w", str(target))
    made = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (found,) = target.glob("*.whl")
    return found


def unpacked(archive: Path, folder: Path) -> Path:
    """A folder with the wheel's contents in `site` and the command in `bin`, beside nothing of the repository."""
    site, commands = folder / "site", folder / "bin"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(site)
    commands.mkdir()
    command = commands / "kg"
    command.write_text(f"#!{sys.executable}\nimport sys\nfrom kg.cli import main\n\nsys.exit(main())\n")
    command.chmod(0o755)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """The environment in which `kg` and `python` are those of an unpacked wheel, and the network is out of reach."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "COV_"))}
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    paths = (str(folder / "bin"), str(Path(sys.executable).parent), own["PATH"])
    return own | nowhere | {"PATH": os.pathsep.join(paths), "PYTHONPATH": str(folder / "site"), "OMP_NUM_THREADS": "1"}
