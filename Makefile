# Two commands are enough: `make demo` shows what wengert does, `make test` proves it.
# Both set up .venv the first time; afterwards they need no network.

VENV ?= .venv
# Which tests: `make test PYTEST_ARGS="-x tests/house"`.
PYTEST_ARGS ?=
# Tests run in a process for each core; `make test PARALLEL=` runs them in one.
PARALLEL ?= --numprocesses=auto --maxprocesses=8 --dist=worksteal
# Generated pages: each script writes the page that it is named after.
PAGES ?= $(wildcard scripts/pages/*.py)

# The first interpreter on the path that is new enough; `make demo PYTHON=…` overrides.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 \
	python; do "$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$python" && break; \
	done)
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# No build isolation: it would fetch setuptools again at every installation. So even
# after pyproject.toml has changed, what is already there needs no network.
INSTALL = PYTHONWARNINGS=ignore $(PIP) install --no-build-isolation --editable

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Two installations into one environment must not run at once.
.NOTPARALLEL:
.PHONY: help demo test test-all bench lint docs-pages clean clean-all

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s%s\n", $$1, $$2}' \
		$(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.installed-base  ## run the main job on real data
	@$(BIN)/python examples/demo.py

test: $(VENV)/.installed-test  ## run the test suite without the slow tests
	@$(BIN)/python -m pytest $(PARALLEL) -m "not slow and not bench" \
		$(PYTEST_ARGS)

test-all: $(VENV)/.installed-test  ## run the test suite with the slow tests
	@$(BIN)/python -m pytest $(PARALLEL) -m "not bench" $(PYTEST_ARGS)

bench: $(VENV)/.installed-bench  ## measure wengert beside its peers (a large download)
	@$(BIN)/python benchmarks/run.py

lint: $(VENV)/.installed-lint  ## check style and types
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

docs-pages: $(VENV)/.installed-base  ## write the generated pages of docs/ again
	@for page in $(PAGES); do echo "$$page" && $(BIN)/python "$$page" || exit 1; done

clean:  ## remove caches and what was built
	@rm -rf build dist out *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

clean-all: clean  ## remove the virtual environment too
	@rm -rf $(VENV)

# ----- setting up -----

# A tree that was copied or moved brings an environment that imports the old tree.
ifneq ($(shell cat $(VENV)/.created 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/.created
endif

# Debian's Python makes an environment with pip only where python3-venv is installed;
# without it, the pip outside puts one in.
$(VENV)/.created:
	@if [ -z "$(PYTHON)" ]; then \
		echo "wengert needs Python 3.11 or newer and found none on the path." >&2; \
		echo "Install one, or name it: make demo PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "wengert needs Python 3.11 or newer; $(PYTHON) is older or no Python." >&2; \
		echo "Name another one: make demo PYTHON=/path/to/python3" >&2; \
		exit 1; \
	}
	@echo "Setting up $(VENV) with $(PYTHON): the first run only, a minute or two."
	@"$(PYTHON)" -m venv $(VENV) >/dev/null 2>&1 || { \
		"$(PYTHON)" -m venv --without-pip $(VENV) && \
		"$(PYTHON)" -m pip --disable-pip-version-check --quiet \
			--python $(BIN)/python install pip; \
	}
	@$(PIP) install "setuptools>=77"
	@echo "$(CURDIR)" > $@

$(VENV)/.installed-base: $(VENV)/.created pyproject.toml
	@$(INSTALL) .
	@touch $@

$(VENV)/.installed-%: $(VENV)/.created pyproject.toml
	@echo "Installing what \`make $*\` needs."
	@$(INSTALL) ".[$*]"
	@touch $@
