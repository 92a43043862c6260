# Two commands to know: make run, make test. Everything lives in .venv; nothing is installed twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
KG := $(BIN)/kg
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# one thread a process: Stanza's small networks gain nothing from more, and results do not depend on the machine
export OMP_NUM_THREADS := 1

.PHONY: run test test-all check clean notebooks bench bench-assembly bench-query bench-shapes bench-store bench-view docs docs-links tour

run: $(VENV)/.installed
	$(KG) build seeds/articles -o build
	@echo
	@echo "graph  build/graph.ttl"
	@echo "page   build/graph.html (open it in a browser; it needs no network)"
	@echo "query  kg query build --named who-coaches-whom"
	$(KG) query build --named who-coaches-whom

test: $(VENV)/.tested-with check
	$(BIN)/pytest -m "not slow"

test-all: $(VENV)/.tested-with check
	$(BIN)/pytest

check: $(VENV)/.tested-with
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "kg needs Python 3.11 or newer; name one with make PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.tested-with: $(VENV)/.installed
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@

notebooks: $(VENV)/.tested-with
	$(KG) build seeds/articles -o build -q
	$(BIN)/python notebooks/run_notebooks.py

# reading: kg beside plain Stanza, by stage, with workers, from a cold start; some minutes
bench: $(VENV)/.tested-with
	$(BIN)/python benchmarks/bench_read.py --write

# loading and asking a million triples: rdflib beside kg's stores; some minutes and 2 GB of memory
bench-store: $(VENV)/.tested-with
	$(BIN)/python benchmarks/bench_store.py

# from a journal of up to a million claims to Turtle and store, and how that grows; a quarter of an hour
bench-assembly: $(VENV)/.tested-with
	$(BIN)/python benchmarks/bench_assembly.py

bench-view: $(VENV)/.tested-with
	$(BIN)/python benchmarks/bench_view.py

# seconds to check graphs of 1,000 to 30,000 claims against the shapes, pySHACL beside it on the smallest
bench-shapes: $(VENV)/.tested-with
	$(BIN)/python benchmarks/bench_shapes.py

bench-query: $(VENV)/.tested-with
	$(BIN)/python benchmarks/bench_query.py

# docs/_build/html; a link that leads nowhere is an error
docs: $(VENV)/.tested-with docs/ontology.html
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

# links to other sites, too; needs the network
docs-links: $(VENV)/.tested-with
	$(BIN)/sphinx-build -q -b linkcheck docs docs/_build/links

# writes what the commands of README.md print now into it
tour: $(VENV)/.tested-with
	$(BIN)/python tests/tour.py

# the ontology as a page; pyLODE lives apart, as nothing else needs it
docs/ontology.html: ontology/football.ttl docs/ontology_page.py $(VENV)/pylode/.installed
	$(VENV)/pylode/bin/python docs/ontology_page.py ontology/football.ttl $@

$(VENV)/pylode/.installed: constraints.txt
	$(PYTHON) -m venv $(VENV)/pylode
	$(VENV)/pylode/bin/pip install --quiet --constraint constraints.txt pylode
	@touch $@

clean:
	rm -rf $(VENV) build dist docs/_build .pytest_cache .mypy_cache .ruff_cache
