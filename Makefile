# Two commands matter: `make run` and `make test`. The rest is in `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What pip has installed is remembered here; a changed lock installs anew.
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev

.DEFAULT_GOAL := help
.PHONY: help run seed month test fast lint format audit faults soak pictures bench lock migration

help: ## Show the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: $(RUN_READY) ## Start the bot; with no token in the settings, the sandbox and its page
	@exec $(BIN)/python -m bot run

seed: $(RUN_READY) ## Fill the empty sandbox with a year of a unit; then make run
	@$(BIN)/python -m bot seed $(ARGS)

month: $(RUN_READY) ## Fill the empty sandbox with a lively month of three groups; then make run
	@$(BIN)/python -m bot seed --month $(ARGS)

test: $(DEV_READY) ## Run all checks and tests
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

fast: $(DEV_READY) ## Run the quick tests only
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not browser"

lint: $(DEV_READY) ## Check style, types and import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(DEV_READY) ## Put the code in shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The service that is asked must know each package; the other one of pip-audit passes over those it does not find.
LOCKS ?= requirements.lock requirements-dev.lock

audit: $(DEV_READY) ## Ask osv.dev whether a pinned dependency has a known hole (needs the network)
	@for lock in $(LOCKS); do \
	  echo "$$lock:"; \
	  $(BIN)/pip-audit --strict --vulnerability-service osv --disable-pip --require-hashes --progress-spinner off -r $$lock $(ARGS) || exit 1; \
	done

faults: $(DEV_READY) ## Run the fault matrix on both databases and print its table (minutes)
	@$(BIN)/python tests/faults/table.py $(ARGS)

soak: $(DEV_READY) ## Hundreds of kills and thousands of messages (half an hour): make soak KILLS=500 DELIVERIES=10000
	@FAULT_KILLS=$(or $(KILLS),500) FAULT_DELIVERIES=$(or $(DELIVERIES),10000) FAULT_STRIDE=1 $(BIN)/python -m pytest -s tests/faults/test_soak.py tests/faults/test_replicas.py tests/faults/test_sweep.py

pictures: $(DEV_READY) ## Make the pictures of docs/ anew (minutes; needs Chromium, CJK and emoji fonts)
	@PYTHONPATH=.:tests/e2e:tests/faults $(BIN)/python tests/e2e/pictures.py $(ARGS)

bench: $(DEV_READY) ## Measure against the baselines (minutes; see docs/performance.md)
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(DEV_READY) ## Pin the requirements anew
	@$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock requirements.in
	@$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --output-file requirements-dev.lock requirements-dev.in

migration: $(DEV_READY) ## Make a migration from db/tables: make migration NAME="what changes"
	@$(BIN)/python -m db.migrations.make "$(NAME)"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 13); sys.exit(0 if ok else "Python 3.11, 3.12 or 3.13 is needed; name one with make PYTHON=python3.12 …")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUN_READY): requirements.lock | $(VENV)/bin/python
	@echo "Installing what the bot needs (once)…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEV_READY): requirements-dev.lock | $(VENV)/bin/python
	@echo "Installing what the tests need (once)…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(RUN_READY)
