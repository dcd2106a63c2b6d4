# Everything a contributor runs; needs make and Python's own venv only.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
# A quarter of the tests' time is waiting for real processes: one more than there are cores.
TESTERS ?= 3
CHECK := build/wheel-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links -p 3.11

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test prove fuzz lint wheel lock bench generated editors clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z.]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Two stamps, so that an edit of pyproject.toml does not install every library anew.
.venv/.locked: requirements.lock
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: .venv/.installed ## show the main job on three simulated hosts
	$(BIN)/campaign-runner demo

# Coverage is that of both runs together.
test: .venv/.installed ## run every test on SQLite, and what touches the store on PostgreSQL; check the coverage
	$(BIN)/pytest -n $(TESTERS) --cov --cov-report= --cov-fail-under=0
	@if $(BIN)/python tests/support/server.py; then \
		echo '$(BIN)/pytest -n $(TESTERS) --store postgresql'; \
		$(BIN)/pytest -n $(TESTERS) --store postgresql --cov --cov-append --cov-report= --cov-fail-under=0; \
	else \
		echo 'make test: without PostgreSQL (Debian: apt-get install postgresql) and psycopg nothing was tested on it'; \
	fi
	$(BIN)/coverage report

# A short form of the lives is among the tests; this is the long one.
prove: .venv/.installed ## live thousands of simulated days, and judge them by what truly happened
	PYTHONPATH=tests $(BIN)/python -m proof --workers $(WORKERS)

# Its thirty packages are for this alone, so they get an environment of their own.
fuzz: .venv/.installed ## let schemathesis try the HTTP API by its OpenAPI document
	$(PYTHON) -m venv build/schemathesis
	build/schemathesis/bin/python -m pip install --quiet 'schemathesis>=4.32'
	PYTHONPATH=tests $(BIN)/python -m fuzz_api --schemathesis $(CURDIR)/build/schemathesis/bin/st

lint: .venv/.installed ## check style, format, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy runner
	$(BIN)/lint-imports

# The wheel is tried away from the source, with the libraries that a user gets and none of the tools; `pip check`
# tells when the wheel asks for a library that the runtime lock does not hold.
wheel: .venv/.installed ## build the wheel and try it in a fresh environment
	rm -rf dist $(CHECK)
	mkdir -p $(CHECK)/elsewhere
	$(BIN)/python -m build --no-isolation --wheel --outdir dist
	$(PYTHON) -m venv $(CHECK)/venv
	$(CHECK)/venv/bin/python -m pip install --quiet --require-hashes -r requirements-runtime.lock
	$(CHECK)/venv/bin/python -m pip install --quiet --no-deps --no-index dist/*.whl
	$(CHECK)/venv/bin/python -m pip check
	cd $(CHECK)/elsewhere && ../venv/bin/python -I -c 'import runner; assert "site-packages" in runner.__file__, runner.__file__'
	cd $(CHECK)/elsewhere && ../venv/bin/campaign-runner --help
	cp -R campaigns $(CHECK)/elsewhere/
	cp config.example.yaml $(CHECK)/elsewhere/config.yaml
	cd $(CHECK)/elsewhere && ../venv/bin/campaign-runner validate campaigns
	cd $(CHECK)/elsewhere && ../venv/bin/campaign-runner init fresh
	cd $(CHECK)/elsewhere && ../venv/bin/campaign-runner --config fresh/config.yaml validate

# `lock` starts from the environment of the last lock; uv comes with it. No index address is written.
lock: .venv/.locked ## pin every library to its newest fitting version, with hashes
	$(COMPILE) --upgrade --extra dev -o requirements.lock pyproject.toml
	$(COMPILE) --upgrade -c requirements.lock -o requirements-runtime.lock pyproject.toml
	@if grep -n '://' requirements.lock requirements-runtime.lock; then echo 'A lock holds an address; take it out.' >&2; exit 1; fi

generated: .venv/.installed ## write the JSON Schemas and the references of keys anew, from the models
	$(BIN)/python docs/generate.py

# What is installed is pinned with its hashes; nothing of it runs while it is installed.
build/editors/.installed: tests/editors/package.json tests/editors/package-lock.json
	rm -rf build/editors
	mkdir -p build/editors
	cp tests/editors/package.json tests/editors/package-lock.json build/editors/
	npm ci --prefix build/editors --ignore-scripts --no-audit --no-fund
	@touch $@

# Needs node, npm and a network. After it, `make test` asks the language server too.
editors: .venv/.installed build/editors/.installed ## ask the YAML language server what it makes of the schemas
	$(BIN)/pytest tests/editors

bench: .venv/.installed ## measure speed and memory
	$(BIN)/python -m bench

clean: ## remove what was built; campaigns and state stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist htmlcov .coverage .coverage.*
	find runner tests -name __pycache__ -type d -prune -exec rm -rf {} +
