# `make` lists the targets. Everything that is installed goes into .venv and .ci.

# The first of these that will do builds .venv; `make PYTHON=…` names another.
PYTHON ?= python3 python3.13 python3.12 python3.11

BIN := .venv/bin
LINTERS := .ci/lint/node_modules
BROWSER := .ci/browser/node_modules
CODE := flask_api drf_api contract_tests deploy comparison clients lookalike
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links

# The layers that look back at their whole run in the end, and the other folders.
LOOKED_BACK := $(addprefix contract_tests/,operations raw_http metamorphic differential concurrency)
OTHERS := $(filter-out $(LOOKED_BACK) %/fleet %__pycache__,$(patsubst %/,%,$(wildcard contract_tests/*/)))

# Puts the target's name before each line where several are made at once. Some awks keep what they
# read for minutes; the shell passes each line on as it comes.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
NAME = $(if $(NAMED),| while IFS= read -r line; do echo "$@: $$line"; done)
# What another project has Python, pip or its own commands do is nothing to this one; addresses of
# indexes stay. Texts are UTF-8, whatever the terminal's language says.
unexport $(filter PYTHON%,$(.VARIABLES)) PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_DRY_RUN PIP_NO_DEPS
export PYTHONUNBUFFERED := 1
export PYTHONUTF8 := 1

# The linters of openapi.yaml run on the Node.js that .venv/.dev installs.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# mypy and the twins' own tests load the settings; production mode would ask for a secret key.
lint test-twins test-comparison: export APP_ENV = development
# These use the twins over HTTP alone; pytest-django would load Django's into each of their processes.
test-lookalike contract-layers contract-tuned contract-project contract-fleet contract-fast: export DJANGO_SETTINGS_MODULE =

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up dev servers fleet compare play bench bench-search test test-twins test-lookalike test-comparison contract contract-fast contract-layers contract-tuned contract-project contract-fleet \
	fleet-test seeds faults soak clients mutants mutants-machine lint format lock clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

up: .venv/.up ## Start both twins on one database with demo data (SEPARATE=1: on two; Ctrl-C stops them)
	@exec $(BIN)/python -m deploy.up

dev: .venv/.up ## Start both with their frameworks' development servers: debug pages, restart on code changes
	@exec $(BIN)/python -m deploy.dev

servers: .venv/.up ## Start both twins for the contract tests, each on a new database
	@exec $(BIN)/python -m deploy.servers

fleet: .venv/.up ## Start workers of both twins behind one address; nginx alternates (FLEET_PORT=8080 WORKERS=2)
	@exec $(BIN)/python -m deploy.fleet

compare: .venv/.dev ## Build the side-by-side comparison: build/comparison/index.html (BASE_URL=https://… sets canonical addresses)
	$(BIN)/python -m comparison build $(if $(BASE_URL),--base-url "$(BASE_URL)")

play: .venv/.dev ## Serve a playground: what each library makes of your JSON, plain and strict (PLAY_PORT=8090)
	@exec $(BIN)/python -m comparison play

# Two parts at a time, as one alone leaves a core idle.
test: .venv/.dev $(BROWSER)/.installed ## Run every test
	@$(MAKE) --no-print-directory --jobs=2 NAMED=1 \
		contract-layers contract-project contract-fleet test-comparison test-lookalike test-twins

test-twins: .venv/.dev ## Run the twins' own tests; test_promises.py also with TUNED=1, and Django's on PostgreSQL
	$(BIN)/pytest flask_api/tests drf_api/tests flask_api/tuned/tests drf_api/tuned/tests $(NAME)
	TUNED=1 $(BIN)/pytest $(wildcard */tests/test_*promises.py) $(NAME)
	$(BIN)/python -m contract_tests.with_postgresql $(BIN)/pytest drf_api/tests/test_promises.py $(NAME)

test-lookalike: .venv/.dev $(BROWSER)/.installed ## Run the tests of lookalike, the tool that compares any two servers
	$(BIN)/pytest lookalike $(NAME)

test-comparison: .venv/.dev $(BROWSER)/.installed ## Run the tests of the comparison, including its pages in a browser
	$(BIN)/pytest comparison $(NAME)

contract: contract-layers contract-project contract-fleet ## Run the contract tests against both twins

contract-layers: .venv/.dev
	$(BIN)/pytest $(LOOKED_BACK) contract_tests/test_*.py $(NAME)

contract-tuned: .venv/.dev ## Run the contract tests against both twins with TUNED=1, and against mixed fleets of plain and tuned twins
	$(BIN)/pytest $(LOOKED_BACK) contract_tests/conformance contract_tests/test_*.py --tuned
	$(BIN)/pytest $(addprefix contract_tests/,fleet faults) --mixed -n 3 --dist loadfile

# They often wait, for servers that start, stop and fail: so several files at a time, and those that
# take longest first, which xdist by itself would leave to the end, as they have few tests.
contract-project: .venv/.dev
	$(BIN)/pytest $(OTHERS) clients -n 3 --dist loadfile --no-loadscope-reorder $(NAME)

# In one process, which starts a fleet once for each database.
contract-fleet: .venv/.dev
	$(BIN)/pytest contract_tests/fleet $(NAME)

contract-fast: .venv/.dev ## Run a faster selection of the contract tests, on all cores
	$(BIN)/pytest $(addprefix contract_tests/,operations raw_http metamorphic differential) \
		-m "not own_servers" --examples 3 -n auto

# Throttles and restarts don't depend on what is generated, so servers of their own are left out.
seeds: .venv/.dev ## Run the layers with many seeds, to find flaky tests (SEEDS=20, FIRST_SEED=1)
	@for seed in $$(seq $(or $(FIRST_SEED),1) $$(($(or $(FIRST_SEED),1) + $(or $(SEEDS),20) - 1))); do \
		out=$$($(BIN)/pytest $(LOOKED_BACK) contract_tests/conformance -m "not own_servers" --examples 3 -n auto -q --seed $$seed 2>&1) && \
			echo "--seed $$seed: $${out##*$$'\n'}" || { echo "$$out"; exit 1; }; \
	done

faults: .venv/.dev ## Break the database, disk and workers, in full; writes docs/faults.md (ONLY=killed, MINUTES=1, MIXED=1: plain and tuned twins)
	$(BIN)/pytest contract_tests/faults --full -s -v --timeout 3600 $(if $(ONLY),-k "$(ONLY)") \
		$(if $(MINUTES),--load-minutes $(MINUTES)) $(if $(MIXED),--mixed)

fleet-test: .venv/.dev ## Run the contract tests against the mixed fleet, on SQLite and PostgreSQL (MIXED=1: plain and tuned twins)
	$(BIN)/pytest $(addprefix contract_tests/fleet/test_,nginx.py one_address.py) --full -v $(if $(MIXED),--mixed)

soak: .venv/.dev ## Compare both twins, plain and tuned, with lookalike (MINUTES=10, CASES=100000, DATABASE=postgresql, SEED=…)
	$(BIN)/python -m contract_tests.differential.soak $(if $(CASES),--cases $(CASES),--minutes $(or $(MINUTES),1)) \
		$(if $(DATABASE),--database $(DATABASE)) $(if $(SEED),--seed $(SEED))

bench: .venv/.dev ## Benchmark the twins and their alternatives; writes docs/benchmark.md (QUICK=1, ONLY='loads starts')
	$(BIN)/python -m comparison.bench $(if $(QUICK),--quick) $(addprefix --only ,$(ONLY))

bench-search: .venv/.dev ## Measure the slowest searches a user can send, and ordinary pages
	$(BIN)/pytest contract_tests/faults/test_search.py --full -s -v

clients: .venv/.dev clients/.venv/.installed clients/node_modules/.installed ## Generate clients with third-party tools and run them (ONLY='orval prism')
	@$(BIN)/python -m clients $(addprefix --only ,$(ONLY))

mutants: .venv/.dev ## Run the layers on injected bugs; writes docs/mutants.md (ONLY='flask_api/lists-*', LAYERS='raw_http operations', FIRST=1, AGAIN=1, NEW=1, REST=1)
	$(BIN)/python -m contract_tests.mutants.run $(ONLY) $(if $(LAYERS),--layers $(LAYERS)) \
		$(if $(FIRST),--first) $(if $(AGAIN),--again) $(if $(NEW),--new) $(if $(REST),--rest)

mutants-machine: .venv/.dev ## Run the layers on a sample of generated mutants (SAMPLE=40, SEED=…)
	$(BIN)/python -m contract_tests.mutants.machine $(if $(SAMPLE),--sample $(SAMPLE)) \
		$(if $(SEED),--seed $(SEED))

lint: .venv/.dev $(LINTERS)/.installed ## Check the code and openapi.yaml
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/openapi-spec-validator openapi.yaml
	$(LINTERS)/.bin/spectral lint --ruleset .ci/lint/spectral.yaml --fail-severity=warn openapi.yaml
	REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(LINTERS)/.bin/redocly lint --config .ci/lint/redocly.yaml openapi.yaml

format: .venv/.dev ## Format the code and apply automatic fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: .venv/.dev ## Pin the dependencies again (UPGRADE=--upgrade: to their newest versions)
	$(COMPILE) $(UPGRADE) $(addprefix --group ,flask drf server) -o requirements.txt
	$(COMPILE) $(UPGRADE) $(addprefix --group ,flask drf server peers comparison dev) -c requirements.txt \
		-o requirements-dev.txt
	$(COMPILE) $(UPGRADE) --group clients -o clients/requirements.txt

clean: ## Remove installed, built and cached files; keeps var/ with the databases
	rm -rf .venv clients/.venv clients/node_modules $(LINTERS) $(BROWSER) build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# A Python that is gone, or was replaced by one that finds nothing of what was installed for it, is
# set up again; without the stamps it is filled again, too. make looks for them before it makes
# anything, so they have to go before it looks.
ifneq ($(wildcard .venv/.up .venv/.dev .venv/pyvenv.cfg),)
ifneq ($(shell $(BIN)/python -Ic 'import pip, sys; print(sys.prefix != sys.base_prefix)' 2>&1),True)
$(shell rm -f .venv/.up .venv/.dev $(BIN)/python)
endif
endif

# The stamps make a second run start at once. The dev set holds the other whole.
.venv/.up: requirements.txt | $(BIN)/python
	@echo "Installing what the twins need… (first run only)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.dev: requirements-dev.txt | $(BIN)/python
	@echo "Installing what development needs… (first run only)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch .venv/.up $@

$(BIN)/python:
	@for python in $(PYTHON); do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
		then exec $$python -m venv --clear .venv; fi; \
	done; \
	echo 'No Python 3.11, 3.12 or 3.13 with the venv module among: $(PYTHON)' >&2; \
	echo 'Install one (on Debian and Ubuntu also python3-venv), or name it: make PYTHON=/path/to/python3' >&2; \
	exit 1

$(LINTERS)/.installed: .ci/lint/package.json .ci/lint/package-lock.json .ci/lint/.npmrc | .venv/.dev
	@echo "Installing the linters of openapi.yaml… (first run only)"
	@npm ci --prefix .ci/lint --loglevel=error
	@touch $@

$(BROWSER)/.installed: .ci/browser/package.json .ci/browser/package-lock.json .ci/browser/.npmrc | .venv/.dev
	@echo "Installing what looks at pages in a browser… (first run only)"
	@npm ci --prefix .ci/browser --loglevel=error
	@touch $@

clients/node_modules/.installed: clients/package.json clients/package-lock.json clients/.npmrc | .venv/.dev
	@echo "Installing what generates TypeScript clients… (first run only)"
	@npm ci --prefix clients --loglevel=error
	@touch $@

clients/.venv/.installed: clients/requirements.txt | $(BIN)/python
	@echo "Installing what generates Python clients… (first run only)"
	@$(BIN)/python -m venv --clear clients/.venv
	@clients/.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
