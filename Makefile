# `make refresh` and `make test` need nothing but Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# What only tests and checks need; without a lock of its own it stands in requirements.lock.
DEV_LOCK := $(wildcard requirements-dev.lock)
DEV := .venv/.dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.PHONY: setup refresh test check docs ui site browser screenshots mutants catalogue bench soak cluster lock clean

# The environment is made from the hashed lock, and made again when the lock or pyproject.toml changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python 3.11 or newer is needed, this is {v[0]}.{v[1]}: make PYTHON=python3.12")'
	@echo "setting up .venv (once, a minute or so)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python scripts/install.py requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# What `make test` and `make check` need besides: a refresh does without.
$(DEV): $(READY) $(DEV_LOCK)
	@$(if $(DEV_LOCK),$(BIN)/python scripts/install.py $(DEV_LOCK))
	@touch $@

setup: $(READY)

refresh: $(READY)
	@$(BIN)/annexes refresh

test: $(DEV)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m scripts.supply check

# The pages that are made of declarations: docs/tables.md, docs/fr/tables.md, docs/rules.md.
docs: $(READY)
	@$(BIN)/python -m scripts.docs

ui: $(READY)
	@$(BIN)/annexes ui

site: $(READY)
	@$(BIN)/annexes site --serve

# What drives the pages in Chromium; without it those tests are skipped, and say so.
browser: $(DEV)
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-browser.lock

# The pictures of the README, made by the same tests from the shipped documents.
screenshots: browser
	@ANNEXES_SCREENSHOTS=docs/pages $(BIN)/python -m pytest -q -n 0 tests/browser/test_screenshots.py tests/browser/test_lineage.py

# Faults put into a room one at a time, ARGS="quality --sample": hours for all of them, and no part of `make test`.
mutants: $(DEV)
	@nice -n 15 $(BIN)/python -m scripts.mutants $(ARGS)

bench: $(DEV)
	@$(BIN)/python -m benchmarks $(ARGS)

# Adds the coverage-guided fuzzer where one exists for this Python and system; without it that part is skipped, and says so.
soak: $(DEV)
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-soak.lock
	@$(BIN)/python -m pytest -q -m soak --timeout 3600 $(ARGS)

# What tests/cluster needs besides servers of Debian: the extra `cluster`, and a server that speaks S3 in an environment
# of its own, whose versions touch nothing. What cannot be had is left out, and the tests that need it say so.
cluster: $(DEV)
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-cluster.lock
	-@test -x .venv-moto/bin/moto_server || { $(PYTHON) -m venv .venv-moto && .venv-moto/bin/python -m pip install --quiet --disable-pip-version-check 'moto[server]>=5.1,<6'; }

# The French texts of the command: takes new ones in, to be translated, and compiles them.
catalogue: $(DEV)
	@$(BIN)/python -m scripts.catalogue

# Needs uv; run after a change of dependencies, then commit the locks.
lock:
	uv pip compile pyproject.toml --extra build --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --python-version 3.11 -c scripts/lock-constraints.txt -o requirements.lock
	uv pip compile pyproject.toml --extra build --extra dev --universal --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --python-version 3.11 -c requirements.lock -o requirements-dev.lock
	printf 'playwright>=1.60\naxe-playwright-python>=0.1.8\n' | uv pip compile - --universal --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --python-version 3.11 -c requirements-dev.lock -o requirements-browser.lock
	uv pip compile pyproject.toml --extra cluster --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --python-version 3.11 -c requirements.lock -o requirements-cluster.lock
	$(BIN)/python -m scripts.supply update

clean:
	rm -rf .venv .venv-moto
