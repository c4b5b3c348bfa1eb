# `make` lists what there is to do. Everything that is installed goes into .venv and .ci/lint.

# The first of these that will do builds .venv; `make PYTHON=…` names another.
PYTHON ?= python3 python3.13 python3.12 python3.11

BIN := .venv/bin
LINTERS := .ci/lint/node_modules
CODE := flask_api drf_api contract_tests deploy
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links

# The linters of openapi.yaml run on the Node.js that .venv/.dev installs.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# mypy and the twins' own tests load the settings; production mode would ask for a secret key.
lint test-twins: export APP_ENV = development

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test test-twins contract contract-fast soak mutants mutants-machine lint format lock clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

up: .venv/.up ## Start both twins on one database with demo data (SEPARATE=1: on two; Ctrl-C stops them)
	@exec $(BIN)/python -m deploy.up

test: test-twins contract ## Run every test

test-twins: .venv/.dev ## Run the twins' own tests
	$(BIN)/pytest flask_api/tests drf_api/tests

contract: .venv/.dev ## Hold both twins to the contract
	$(BIN)/pytest contract_tests

contract-fast: .venv/.dev ## What finds most bugs, on all cores, in a minute and a half
	$(BIN)/pytest $(addprefix contract_tests/,operations wire model mirrored) \
		-m "not own_servers" --examples 3 -n auto

soak: .venv/.dev ## Hold the twins against each other for long (MINUTES=10, CASES=50000, SEED=…)
	$(BIN)/python -m contract_tests.mirrored.soak $(if $(CASES),--cases $(CASES),--minutes $(or $(MINUTES),1)) \
		$(if $(SEED),--seed $(SEED))

mutants: .venv/.dev ## Which layers see which injected bugs? (ONLY='flask_api/lists-*', LAYERS='wire model', FIRST=1, NEW=1)
	$(BIN)/python -m contract_tests.mutants.run $(ONLY) $(if $(LAYERS),--layers $(LAYERS)) \
		$(if $(FIRST),--first) $(if $(NEW),--new)

mutants-machine: .venv/.dev ## The same for mutants that a machine makes (SAMPLE=40, SEED=…)
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

format: .venv/.dev ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: .venv/.dev ## Pin the dependencies again (UPGRADE=--upgrade: to their newest versions)
	$(COMPILE) $(UPGRADE) --extra flask --extra drf --extra server -o requirements.txt
	$(COMPILE) $(UPGRADE) --all-extras -c requirements.txt -o requirements-dev.txt

clean: ## Remove what was installed and cached; var/, with the demo data, stays
	rm -rf .venv $(LINTERS) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

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
