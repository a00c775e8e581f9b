# make scan    creates the environment, scans this repository (and an image: make scan IMAGE=app:latest)
# make test    creates the environment, runs every check and every test
# make fuzz    fuzzes each harness for an hour, as before a release: make fuzz SECONDS=60 (fuzz/README.md)
# make lock    pins what the container installs, after a change of pyproject.toml
# make bench   compares the speed with Kingfisher's (bench/README.md)

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
REPORT ?= leaksweep.sarif

.PHONY: scan test lint fuzz bench lock docs clean

scan: $(VENV)/.scan
	$(BIN)/leaksweep scan . $(if $(IMAGE),--image $(IMAGE)) --report sarif=$(REPORT)

test: $(VENV)/.test tests/node_modules/.done lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --group fuzz
	PYTHON=$(BIN)/python fuzz/run --seconds $(or $(SECONDS),3600)

lock: $(VENV)/.scan
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python docker/requirements.py > build-requirements.in
	echo "# What the container installs: every version, every hash. Made by: make lock" > docker/requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url build-requirements.in >> docker/requirements.lock
	rm build-requirements.in

bench: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python bench/folder.py $(FOLDER)

clean:
	rm -rf $(VENV) tests/node_modules build dist $(REPORT)

$(VENV)/.scan: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[fix]'
	touch $@

$(VENV)/.test: $(VENV)/.scan pyproject.toml
	$(BIN)/python -m pip install --quiet --group dev --group validators
	touch $@

# The consumers' own validators come from npm; without npm the tests that need them say so and are skipped.
tests/node_modules/.done: tests/package.json
	if command -v npm >/dev/null; then npm install --prefix tests --no-audit --no-fund --no-package-lock --loglevel=error; fi
	mkdir -p $(@D) && touch $@
