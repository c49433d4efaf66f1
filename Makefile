# `make` lists what there is. Needed beforehand: Python 3.11 or newer, and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory
# The tests start hundreds of processes: none has to compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

ARGS :=
BIN := .venv/bin
SOURCES := $(sort $(wildcard contracts/*.sol contracts/*/*.sol hardhat/test-contracts/*.sol hardhat/test-contracts/*/*.sol))
NPM := HARDHAT_DISABLE_TELEMETRY=true PATH="$(CURDIR)/$(BIN):$$PATH" "$(CURDIR)/$(BIN)/npm"
HARDHAT := cd hardhat && $(NPM)
NPM_CI := $(NPM) ci --no-audit --no-fund --no-update-notifier --loglevel=error

# A stamp's name holds a checksum of all that its work depends on: neither a fresh clone nor a
# changed branch can be mistaken for work done, whatever the times of the files.
checksum = $(firstword $(shell { pwd; cat $(1); } 2>/dev/null | cksum))
LOCKED := .venv/.locked-$(call checksum,pyproject.toml requirements/development.lock requirements/install-python)
NODE := .venv/.node-$(call checksum,requirements/install-node)
REFERENCE := tests/reference/node_modules/.packages-$(call checksum,tests/reference/package.json tests/reference/package-lock.json)
CLIENTS := tests/clients/node_modules/.packages-$(call checksum,tests/clients/package.json tests/clients/package-lock.json)
PACKAGES := hardhat/node_modules/.packages-$(call checksum,hardhat/package.json hardhat/package-lock.json)
COMPILED := hardhat/artifacts/.compiled-$(call checksum,hardhat/package-lock.json hardhat/hardhat.config.js $(SOURCES))
GRAPHIQL := graphql/api/static/.copied-$(call checksum,graphql/graphiql/package.json graphql/graphiql/package-lock.json graphql/graphiql/copy.js graphql/graphiql/start.js)

# The system's Python or Node may have been replaced since.
$(shell test -x .venv/bin/python || rm -f .venv/.locked-*; test -x .venv/bin/node || rm -f .venv/.node-*)

.PHONY: help setup up test test-contracts test-python bench bench-api bench-peers bench-plot lint format lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s%s\n", $$1, $$2 }' Makefile

setup: $(LOCKED) $(NODE) $(GRAPHIQL) $(REFERENCE) $(CLIENTS) $(PACKAGES) $(COMPILED) ## Make .venv with the dchat command, Node and the contracts
	@:

up: setup ## Run everything here: databases, a chain, the index, the API (ARGS=--fresh starts anew)
	@exec $(BIN)/dchat up $(ARGS)

test: test-contracts test-python ## Run every test (ARGS goes to pytest)

test-contracts: setup ## Run the tests of the contracts
	@$(HARDHAT) test

test-python: setup ## Run the tests of everything else
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile $(ARGS)

bench: $(LOCKED) ## Measure backfill, replay, memory, growth, floor and latency (ARGS=--help)
	@$(BIN)/python -m benchmarks $(ARGS)

bench-api: setup ## Measure the API beside PostGraphile, and subscribers (ARGS=--help)
	@$(BIN)/python -m benchmarks.api $(ARGS)

bench-peers: $(NODE) ## Measure other indexers on the same chain (ARGS=--help)
	@$(BIN)/python -m benchmarks.peers $(ARGS)

bench-plot: $(LOCKED) ## Draw measurements into docs, the newest or those in ARGS
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/benchmarks.lock
	@$(BIN)/python -m benchmarks.plot $(ARGS)

lint: setup ## Check style, types, who imports whom, and the exported ABIs
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(HARDHAT) run --silent export-abi -- --check

format: setup ## Put the Python files into the common style
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock"

lock: $(LOCKED) ## Lock the Python packages anew (ARGS=--upgrade takes the newest versions)
	@$(COMPILE) pyproject.toml $(ARGS) --all-extras --group build --group dev --output-file requirements/development.lock
	@$(COMPILE) pyproject.toml $(ARGS) --constraints requirements/development.lock --group build --output-file requirements/runtime.lock
	@$(COMPILE) $(ARGS) --constraints requirements/development.lock --group bench --output-file requirements/benchmarks.lock

clean: ## Delete what setup and the tools made (data in .dchat stays)
	rm -rf .venv hardhat/node_modules hardhat/artifacts hardhat/cache
	rm -rf benchmarks/.api benchmarks/.chains benchmarks/.peers graphql/graphiql/node_modules graphql/api/static
	rm -rf tests/reference/node_modules tests/clients/node_modules
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist

$(LOCKED):
	@requirements/install-python
	@rm -f .venv/.locked-* && touch $@

$(NODE): | $(LOCKED)
	@requirements/install-node
	@rm -f .venv/.node-* && touch $@

$(GRAPHIQL): | $(NODE)
	@echo "setup: copying GraphiQL"
	@cd graphql/graphiql && $(NPM_CI) && $(NPM) run --silent copy
	@touch $@

$(REFERENCE): | $(NODE)
	@echo "setup: installing implementations that ours are compared with"
	@cd tests/reference && $(NPM_CI)
	@rm -f tests/reference/node_modules/.packages-* && touch $@

$(CLIENTS): | $(NODE)
	@echo "setup: installing the clients that the API is tried with"
	@cd tests/clients && $(NPM_CI)
	@rm -f tests/clients/node_modules/.packages-* && touch $@

$(PACKAGES): | $(NODE)
	@echo "setup: installing the Node packages"
	@cd hardhat && $(NPM_CI)
	@touch $@

$(COMPILED): | $(PACKAGES)
	@echo "setup: compiling the contracts"
	@$(HARDHAT) run --silent compile
	@rm -f hardhat/artifacts/.compiled-* && touch $@
	@echo "setup: done"
