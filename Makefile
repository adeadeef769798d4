# Every target works on a fresh machine that has make and python3 (3.11 or later, with venv).

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ARGS ?=
PEERS := pino@10.4.0 pino-pretty@13.2.0 ccusage@20.0.24

# Sets $$python to the first that is new enough and can make an environment.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
define FIND_PYTHON
for python in $(PYTHON); do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
done; \
test -n "$$python" || { \
	echo "Halo needs Python 3.11 or later with its venv module; none of these is: $(PYTHON)." >&2; \
	echo "Debian and Ubuntu: apt install python3 python3-venv. Elsewhere: make install PYTHON=/path/to/python3" >&2; \
	exit 1; }
endef

help: ## what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

install: $(INSTALLED) ## the environment, from requirements.lock

run: install ## the workstation; ARGS="--screen tasks"
	@$(BIN)/halo-tui $(ARGS)

test: install ## the whole suite; ARGS="tests/project -k wheel"
	@$(BIN)/pytest -n auto $(ARGS)

peers: ## the programs from npm that tests hold Halo against: pino, pino-pretty, ccusage
	@npm install --prefix build/npm --no-fund --no-audit --no-save --loglevel error $(PEERS)

soak: install ## the long tests: kills, full disks, many writers
	@$(BIN)/pytest -m soak --timeout 1800 $(ARGS)

bench: install ## the figures that the README quotes
	@$(BIN)/python -m benchmarks $(ARGS)

pictures: install ## the pictures in docs/, from the sample workspace
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
	unset NO_COLOR && export HOME="$$home" HALO_NOW=2026-11-20T14:02:00Z HALO_HOST=den HALO_ACTOR=operator TZ=UTC && \
	$(BIN)/halo-engine demo --workspace "$$home/halo" >/dev/null && \
	picture() { $(BIN)/halo-tui --workspace "$$home/halo" --screenshot "docs/pictures/$$1.svg" --screen $$2 --theme $$3; } && \
	mkdir -p docs/pictures && \
	picture tasks tasks halo-dark && picture events events halo-dark && picture tasks-light tasks halo-light

check: lint types floors test ## all that CI looks at

lint: install ## style, and whether the formatter would change anything
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

format: install ## mend what lint can mend by itself
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

types: install ## mypy, strictly
	@$(BIN)/mypy

floors: install ## an import only ever goes down
	@$(BIN)/lint-imports

lock: ## pin every dependency again, with hashes
	@PATH="$$PATH:$(CURDIR)/$(BIN)"; \
	command -v uv >/dev/null || { echo "make lock needs the program uv on the PATH" >&2; exit 1; }; \
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet --upgrade -o requirements.lock

clean: ## everything that can be made again
	rm -rf $(VENV) build dist snapshot_report.html .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find halo_engine halo_tui tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(FIND_PYTHON); $$python -m venv --clear $(VENV); }
	@echo "Installing into $(VENV)"
	@$(BIN)/python -m pip install --quiet --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: help install run test peers soak bench pictures check lint format types floors lock clean
