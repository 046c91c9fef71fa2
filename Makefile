# Two commands matter: `make demo` and `make test`. Both set up what they need, without root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test test-deploy lint format bench soak setup dev lock system-parts clean help

help:            ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: setup      ## six streams of one streamer go on air, on embedded parts
	$(BIN)/doppelcast demo $(ARGS)

test: dev system-parts lint   ## linters, then every test, ten minutes of the soak beside them
	$(BIN)/python -m tests.lanes $(ARGS)

test-deploy: dev              ## the image built, compose.yaml brought up, the chart's pods played: in real containers
	@sh deploy/container_parts.sh
	$(BIN)/python -m pytest tests/deploy $(ARGS)

lint: dev        ## ruff, import-linter, mypy
	$(BIN)/ruff format --check orchestrator workers tests deploy helm
	$(BIN)/ruff check orchestrator workers tests deploy helm
	$(BIN)/lint-imports
	$(BIN)/mypy

format: dev      ## put the code into shape
	$(BIN)/ruff format orchestrator workers tests deploy helm
	$(BIN)/ruff check --fix orchestrator workers tests deploy helm

bench: dev system-parts       ## measure density, render, start and join; the figures are in the README
	$(BIN)/python -m tests.benchmarks $(ARGS)

soak: dev        ## two hours of thirty streams on air, and every anomaly looked for; ARGS="--minutes 10"
	$(BIN)/python -m tests.benchmarks.soak $(ARGS)

setup: $(VENV)/.runtime       ## the virtual environment, with what is needed to run
dev: $(VENV)/.dev             ## ... and with what is needed to test

$(BIN)/python:
	@$(PYTHON) deploy/setup_check.py
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: deploy/requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing Doppelcast's parts into $(VENV) (a minute or two the first time) ..."
	$(PIP) install --require-hashes -r deploy/requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: deploy/requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing Doppelcast's parts and its test tools into $(VENV) ..."
	$(PIP) install --require-hashes -r deploy/requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

system-parts:    ## what some tests need of the system (nginx-rtmp, Chromium, PostgreSQL, ip); installed where this is root
	@sh deploy/system_parts.sh

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11.0 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links --extra build --extra postgres pyproject.toml

lock: dev        ## resolve the dependencies anew, for every Python from 3.11 on
	$(LOCK) -o deploy/requirements.lock
	$(LOCK) --extra dev -o deploy/requirements-dev.lock

clean:           ## throw away what was built
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
