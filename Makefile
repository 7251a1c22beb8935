# `make refresh` and `make test` need nothing but Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup refresh test check ui site browser screenshots bench soak lock clean

# The environment is made from the hashed lock, and made again when the lock or pyproject.toml changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python 3.11 or newer is needed, this is {v[0]}.{v[1]}: make PYTHON=python3.12")'
	@echo "setting up .venv (once, a minute or so)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY)

refresh: $(READY)
	@$(BIN)/annexes refresh

test: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

ui: $(READY)
	@$(BIN)/annexes ui

site: $(READY)
	@$(BIN)/annexes site --serve

# What drives the pages in Chromium; without it those tests are skipped, and say so.
browser: $(READY)
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-browser.lock

# The pictures of the README, made by the same tests from the shipped documents.
screenshots: browser
	@ANNEXES_SCREENSHOTS=docs/pages $(BIN)/python -m pytest -q -n 0 tests/browser/test_screenshots.py

bench: $(READY)
	@$(BIN)/python -m benchmarks $(ARGS)

# Adds the coverage-guided fuzzer where one exists for this Python and system; without it that part is skipped, and says so.
soak: $(READY)
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-soak.lock
	@$(BIN)/python -m pytest -q -m soak tests/soak --timeout 3600 $(ARGS)

# Needs uv; run after a change of dependencies, then commit requirements.lock.
lock:
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --python-version 3.11 -c scripts/lock-constraints.txt -o requirements.lock
	printf 'playwright>=1.60\naxe-playwright-python>=0.1.8\n' | uv pip compile - --universal --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --python-version 3.11 -c requirements.lock -o requirements-browser.lock

clean:
	rm -rf .venv
