# The commands of the repository. A newcomer needs two: `make demo` and `make test`.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
WHEEL := .venv-wheel
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Two processes that test share two processors: numpy's own threads would only wait for each other.
export OPENBLAS_NUM_THREADS ?= 1
WORKERS ?= -n 2 --dist loadfile   # two cores; a file stays on one of them, with what it started
RUN_READY := $(VENV)/.ready-to-run
DEV_READY := $(VENV)/.ready-to-develop
SCALE_READY := $(VENV)/.ready-for-scale
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-header --python-version 3.11

.PHONY: help demo test lint types contracts migrations translations wheel databases wheel-test test-library \
        test-postgresql test-sqlite test-scale format messages lock system clean

help:  ## Say what there is.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | \
		awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'

# -- running --------------------------------------------------------------------------------------------
demo: $(RUN_READY)  ## Play a whole cycle and show it on 127.0.0.1:8000 (ARGS="--check", "--port 8080", "--fresh").
	@$(BIN)/isegoria demo $(ARGS)

$(BIN)/python:
	@tools/make-venv $(VENV)

# Stamps, so that a later start installs nothing. What `make test` installed is enough to run as well.
$(RUN_READY): $(BIN)/python requirements.lock pyproject.toml
	@echo "Installing Isegoria into $(VENV) (once)"
	@test -e $(DEV_READY) || $(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_READY): $(BIN)/python requirements-dev.lock pyproject.toml
	@echo "Installing Isegoria and what tests it into $(VENV) (once)"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(RUN_READY)

$(SCALE_READY): $(DEV_READY) requirements-scale.lock
	@echo "Installing Spark into $(VENV) (once, 520 MB)"
	@# Spark comes as source: its build tool first, out of the same lock.
	@awk '/^[a-z]/ { keep = /^setuptools==/ } keep' requirements-scale.lock > $(VENV)/build-tool.lock
	@$(PIP) install --quiet --require-hashes --no-deps -r $(VENV)/build-tool.lock
	@$(PIP) install --quiet --require-hashes --no-deps --no-build-isolation -r requirements-scale.lock
	@touch $@

# -- checking -------------------------------------------------------------------------------------------
# What needs one processor goes side by side, each with its output in one piece; then the tests, one after the
# other on all processors, so that the output ends with pytest's own summary.
test: system $(DEV_READY)  ## Check everything: lint, types, contracts, the wheel, PostgreSQL, SQLite, the browser.
	@$(MAKE) --no-print-directory -j2 --output-sync=target types lint wheel databases contracts migrations translations
	@$(MAKE) --no-print-directory test-library
	@$(MAKE) --no-print-directory test-postgresql
	@$(MAKE) --no-print-directory test-sqlite

system:  # what pip cannot install: a browser, gettext, a PostgreSQL server
	@tools/system-packages

lint: $(DEV_READY)  ## Check style and format with ruff.
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(DEV_READY)  ## Check types with mypy, strictly.
	@echo "== mypy"
	@$(BIN)/mypy

contracts: $(DEV_READY)  ## Check the import contracts.
	@echo "== import contracts"
	@$(BIN)/lint-imports --no-cache

migrations: $(DEV_READY)
	@echo "== migrations match the models"
	@ISEGORIA_DEBUG=1 $(BIN)/isegoria manage makemigrations --check --dry-run

translations: $(DEV_READY)
	@echo "== translations are compiled"
	@$(BIN)/python tools/translations.py check

wheel: $(DEV_READY)  # what a stranger installs, in an environment that never saw Django
	@echo "== the wheel"
	@tools/install-wheel $(VENV) $(WHEEL)

$(WHEEL)/bin/python:
	@$(MAKE) --no-print-directory wheel

databases: $(DEV_READY)  # their tables, once for all tests
	@echo "== databases for the tests"
	@$(BIN)/python -m tests.support.prepare

wheel-test: wheel  # the library's tests against the wheel
	@$(MAKE) --no-print-directory test-library

test-library: | $(WHEEL)/bin/python  # against the wheel that is installed; make wheel builds it anew
	@echo "== the library from its wheel, without Django"
	@$(WHEEL)/bin/python -m pytest -c tests/library/pytest.ini -p no:cacheprovider -q $(WORKERS) tests/library

test-postgresql: $(DEV_READY)  # on a real server, which the tests start; without what one database shows as well
	@echo "== the site on PostgreSQL"
	@ISEGORIA_TEST_DATABASE=postgresql $(BIN)/python -m pytest tests/web -q $(WORKERS) \
		-m "not browser and not once and not walk"

test-sqlite: $(DEV_READY)  # all but the library's, which ran from the wheel
	@echo "== the site on SQLite, with the browser; the repository"
	@$(BIN)/python -m pytest $(WORKERS) --ignore=tests/scale --ignore=tests/library

test-scale: $(DEV_READY)  ## Draw letters in a real PostgreSQL and a local Spark (installs Java and Spark where they are missing).
	@tools/system-packages scale
	@$(MAKE) --no-print-directory $(SCALE_READY)
	@echo "== letters drawn in PostgreSQL and Spark"
	@ISEGORIA_SCALE=1 $(BIN)/python -m pytest tests/scale -q

# -- writing --------------------------------------------------------------------------------------------
format: $(DEV_READY)  ## Format the code and mend what ruff can mend.
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

messages: $(DEV_READY)  ## Collect the sentences to translate, and compile the translations.
	@$(BIN)/python tools/translations.py make

lock: $(BIN)/python  ## Resolve the dependencies anew into the three lock files.
	@$(PIP) install --quiet uv
	@$(LOCK) --extra web --group build -o requirements.lock
	@$(LOCK) --extra web --group dev -c requirements.lock -o requirements-dev.lock
	@$(LOCK) --group library-tests -c requirements-dev.lock -o requirements-library.lock
	@$(LOCK) --group scale -c requirements-dev.lock -o requirements-scale.lock

clean:  ## Remove what was built and installed (not the data in var/).
	rm -rf $(VENV) $(WHEEL) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
