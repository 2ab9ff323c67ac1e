# On a machine with Python >= 3.11 and the package index, and nothing else: `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check soak bench docs clean

demo: $(VENV)/installed
	$(BIN)/python scripts/make_examples.py demo-art
	$(BIN)/artvision extract demo-art/catalog.csv --out demo-run

test: $(VENV)/installed-dev
	scripts/test

check: $(VENV)/installed-dev
	scripts/check

soak: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m soak

bench: $(VENV)/installed-dev
	$(BIN)/python scripts/bench.py

docs: $(VENV)/installed-dev
	$(BIN)/python scripts/write_docs.py

$(VENV)/installed: pyproject.toml scripts/install
	PYTHON=$(PYTHON) scripts/install $(VENV) examples

$(VENV)/installed-dev: pyproject.toml scripts/install
	PYTHON=$(PYTHON) scripts/install $(VENV) dev

clean:
	rm -rf $(VENV) demo-art demo-run build dist
