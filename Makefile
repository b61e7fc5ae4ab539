# make run: set up and open the workbench.   make test: set up and test.   Both are safe to repeat.
PY ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
RUN_STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-dev
PORT ?= 8501
WORKERS ?= 2

.DEFAULT_GOAL := run
PEERS ?= .venv-peers
PEERS_STAMP := $(PEERS)/.installed
.PHONY: install install-dev run test test-peers lint lock screenshots bench clean

$(BIN)/python:
	@command -v $(PY) >/dev/null || { echo "RecScope needs Python 3.11; name yours with: make PY=/path/to/python3.11"; exit 2; }
	$(PY) -m venv $(VENV)

$(RUN_STAMP): requirements.txt constraints.txt | $(BIN)/python
	$(PIP) -r requirements.txt
	touch $@

$(TEST_STAMP): requirements-dev.txt $(RUN_STAMP)
	$(PIP) -r requirements-dev.txt
	touch $@

install: $(RUN_STAMP)

run: $(RUN_STAMP)
	$(BIN)/python -m recscope app --port $(PORT)

test: $(TEST_STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

$(PEERS_STAMP): benchmarks/requirements-peers.txt
	$(PY) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --disable-pip-version-check -r benchmarks/requirements-peers.txt
	touch $@

test-peers: $(PEERS_STAMP)      # the adapters, where LensKit and RecTools are installed
	$(PEERS)/bin/python -m pytest tests/recommenders/test_adapters_peers.py

install-dev: $(TEST_STAMP)

lint: $(TEST_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy

lock: $(TEST_STAMP)      # maintainers: solve again, newest versions that fit
	$(PIP) uv
	grep -hv '^-' requirements.txt requirements-dev.txt | $(BIN)/uv pip compile -q --python-version 3.11 --no-header --no-annotate --no-config $(if $(FIND_LINKS),--find-links $(FIND_LINKS)) - | sed 's/+cpu$$//' > constraints.new
	mv constraints.new constraints.txt

screenshots: $(TEST_STAMP)
	$(BIN)/python docs/make_screenshots.py

bench: $(TEST_STAMP) $(PEERS_STAMP)
	for name in audit families judging beyond ease_topk regroup attributions first_screen; do $(BIN)/python benchmarks/$$name.py || exit 1; done

clean:
	rm -rf $(VENV)
