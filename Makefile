# Every target is a line or two that calls `python -m …`. A fresh clone makes its own environment in .venv.

# The first Python that is new enough; say `make PYTHON=…` to choose another.
PYTHON ?= $(shell for it in python3 python3.13 python3.12 python3.11; do \
	$$it -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$it && break; done)
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
LOCK := requirements/dev.txt
PATHS := $(wildcard nlwire tests tools bench)
# What must be covered to the last branch: the floors up to the codecs.
LOWER := errors schema uapi wire codec capture
COVERING := $(wildcard $(LOWER:%=tests/unit/%)) tests/unit/test_errors.py tests/property tests/golden
T ?= 60

.DEFAULT_GOAL := help
.PHONY: help demo test check oracle kernel fuzz bench cov capture transcripts pictures lock dist clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1@/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "make %-10s %s\n", $$1, $$2 }'

demo: .venv/.base ## this machine's links, addresses, routes and rules, decoded, explained, built again byte for byte
	@$(PY) -m nlwire demo

# The laws take half of the time, need no quiet and share nothing: every processor takes some. All else is run one by one.
test: .venv/.test ## the whole suite: unit, property, golden, oracle, kernel
	@status=0; set -x; \
	$(PY) -m pytest --ignore=tests/property || status=1; \
	$(PY) -m pytest -n auto --dist worksteal tests/property || status=1; \
	exit $$status

check: .venv/.dev ## the gate while working: format, lint, types, fast tests
	$(PY) -m ruff format --check $(PATHS)
	$(PY) -m ruff check $(PATHS)
	$(PY) -m mypy $(PATHS)
	HYPOTHESIS_PROFILE=fast $(PY) -m pytest -q -m "not slow and not oracle and not kernel" \
		--ignore=tests/oracle --ignore=tests/kernel --ignore=tests/programs --ignore=tests/programs

oracle: .venv/.test ## only what a C compiler, tshark, iproute2 and pyroute2 say
	$(PY) -m pytest tests/oracle

kernel: .venv/.test ## only what the real kernel says, in a network namespace; where there can be none, in a virtual machine
	$(PY) -m pytest tests/kernel

fuzz: .venv/.test ## T=60: our own readers under mutants of all fixtures, T seconds each
	$(PY) -m nlwire fuzz decode --time $(T) --corpus fixtures --findings build/findings
	$(PY) -m nlwire fuzz engines --time $(T) --corpus fixtures --findings build/findings
	$(PY) -m nlwire fuzz capture --time $(T) --corpus fixtures --findings build/findings

bench: .venv/.bench ## speed and memory, beside pyroute2, C, Go and ip in the same run; what became slower since the last
	$(PY) -m bench $(ARGS)

cov: .venv/.test ## branch coverage; the floors up to the codecs must reach 100 %
	HYPOTHESIS_PROFILE=fast $(PY) -m pytest -q -m "not slow" $(LOWER:%=--cov=nlwire.%) --cov-report=html:build/coverage \
		--cov-report=term --cov-fail-under=100 $(COVERING)

capture: .venv/.base ## record fixtures/ anew from this machine's kernel, in a namespace
	$(PY) -m tools.capture
	$(PY) -m tools.pcap_fixtures

transcripts: .venv/.test ## record anew what scripts of requests make this machine's kernel say, for the mock to match (root)
	$(PY) -m tests.kernel.transcripts record

pictures: .venv/.base ## draw docs/*.svg anew
	$(PY) -m tools.pictures

lock: ## pin the development environment anew into requirements/dev.txt
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --upgrade setuptools -e '.[dev,bench]'
	{ sed -n '/^#/p' $(LOCK); build/lock/bin/python -m pip freeze --all --exclude pip --exclude nlwire; } > build/lock.txt
	mv build/lock.txt $(LOCK)

dist: .venv/.dev ## sdist and wheel in dist/
	$(PY) -m build --no-isolation

clean: ## remove the environment and whatever was built or cached
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	find $(PATHS) -name __pycache__ -prune -exec rm -rf {} +

# One environment, three depths: what the program needs, what its tests need, what its makers need.
.venv/.base: pyproject.toml $(LOCK)
	@test -n "$(PYTHON)" || { echo "nlwire needs Python 3.11 or newer; say make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) -c $(LOCK) setuptools
	$(PIP) -c $(LOCK) --no-build-isolation -e .
	$(PY) -m compileall -q nlwire # pip compiles what it copies; here, where Python may write no bytecode, nobody else would
	@touch $@

.venv/.test: .venv/.base
	$(PIP) -c $(LOCK) --no-build-isolation -e '.[test]'
	@touch $@

.venv/.bench: .venv/.test
	$(PIP) -c $(LOCK) --no-build-isolation -e '.[bench]'
	@touch $@

.venv/.dev: .venv/.test
	$(PIP) -c $(LOCK) --no-build-isolation -e '.[dev]'
	@touch $@
