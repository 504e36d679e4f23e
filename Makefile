# Two commands are the whole set-up: `make demo` shows the main job on the samples, `make test` checks everything.
# Each makes .venv by itself with the newest Python here that is 3.11 or later.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: demo test bench scores clean

.venv/ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "bibtools needs Python 3.11 or newer"; exit 1; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

demo: .venv/ready
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh samples/demo.sh

test: .venv/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n auto --dist loadgroup --cov --cov-report=term

bench: .venv/ready
	@$(BIN)/python -m tests.benchmarks $(ARGS)

scores: .venv/ready
	@$(BIN)/python -m tests.benchmarks.labelled $(ARGS)

clean:
	rm -rf .venv build dist
