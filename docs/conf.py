"""Settings of Sphinx: `make docs` builds this folder into docs/_build/html."""

import sys
from pathlib import Path

from kg import __version__

sys.path.insert(0, str(Path(__file__).parent))  # reference.py

project = "kg"
author = "The developers of kg"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinxarg.ext"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"kg {__version__}"
# the page of the ontology is made by pyLODE for `make docs`; without it the rest is built all the same
html_extra_path = [page.name for page in Path(__file__).parent.glob("ontology.html")]
myst_heading_anchors = 3
smartquotes = False  # they make one dash of two
default_role = "code"  # docstrings have single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "exclude-members": "__init__, __new__"}
linkcheck_timeout = 20
