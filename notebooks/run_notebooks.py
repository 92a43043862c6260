"""Executes the notebooks with nbclient and keeps their output: `make notebooks`, or by name: `… run_notebooks.py 03`.

A notebook runs in a folder of its own making beside `build`, `seeds` and `tests`, as it lies in the repository, so that
running it leaves nothing behind but its output.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import matplotlib.font_manager  # noqa: F401 - builds its cache here, and says so here rather than in a notebook
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]
SHARED = ("build", "seeds", "tests", "ontology")
SECONDS = 900
"""For one cell: the first one that reads the press reads two dozen articles."""


def executed(path: Path, root: Path, work: Path) -> NotebookNode:
    """The notebook with fresh output; raises nbclient's CellExecutionError where a cell fails."""
    place = work / "notebooks"
    place.mkdir(parents=True, exist_ok=True)
    for name in SHARED:
        if not (work / name).exists():
            (work / name).symlink_to(root / name)
    notebook = nbformat.read(path, as_version=4)
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    # Sockets in files rather than ports, which others on the machine could listen to. Told by configuration, so that
    # the client makes the kernel's manager itself: only then does it stop kernel and channels when it ends or fails.
    kernel = Config({"KernelManager": {"transport": "ipc", "ip": str(work / "kernel")}})
    client = NotebookClient(
        notebook,
        config=kernel,
        kernel_name="python3",
        timeout=SECONDS,
        startup_timeout=SECONDS,
        resources={"metadata": {"path": place}},
    )
    client.execute(env=environment)
    return notebook


def tidied(notebook: NotebookNode) -> NotebookNode:
    """Without what differs from run to run: times of execution, the version of Python, the names of cells."""
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:02}"
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            output.get("metadata", {}).clear()
    return notebook


def main(names: list[str]) -> int:
    """Executes the notebooks whose names begin so (all, if none is named), and writes them back."""
    with tempfile.TemporaryDirectory() as work:
        for path in sorted(Path(__file__).parent.glob("*.ipynb")):
            if names and not path.name.startswith(tuple(names)):
                continue
            print(path.name, flush=True)
            nbformat.write(tidied(executed(path, ROOT, Path(work))), path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
