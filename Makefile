# The only build logic of the project. `make help` lists the targets, which are the lines below that carry "##".
#
#   profile ──plan──> keys/NAME.json ──execute──> notebooks/NAME.ipynb ──collect──> claims.json, data/ ──pages──> html/
#
# All products are under build/PROFILE. Make compares times, but tools/plan.py renews a key only when the contents behind
# it changed, so that what runs again is exactly what depends on an edit. Every step writes its product elsewhere and
# renames it into place: after a kill at any moment, the next `make` goes on from the last finished product.

PROFILE     ?= paper
VENV        ?= .venv
BASE_PYTHON ?= python3

# `make book PYTHON=python` uses an environment of your own (see environment.yml) and creates none.
ifeq ($(origin PYTHON),command line)
  ENVIRONMENT :=
else
  PYTHON      := $(VENV)/bin/python
  # Named after the contents of what it was installed from, and after the place, which its programs hold: edits and moves
  # renew it, a fresh checkout's times do not.
  ENVIRONMENT := $(VENV)/.installed-$(firstword $(shell (cat pyproject.toml constraints.txt; pwd -P) | cksum))
endif

# Where pip finds torch besides its usual index. On Linux the usual one has a CUDA build of several GB;
# TORCH_INDEX=https://download.pytorch.org/whl/cpu brings the CPU build, a tenth of it.
TORCH_INDEX ?=
TORCH       := torch $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

# The two slow steps; the tests put fast stand-ins here.
EXECUTE     ?= $(PYTHON) -m tools.execute
PAGES       ?= $(PYTHON) -m tools.pages

ifneq ($(PROFILE),$(or $(firstword $(shell printf '%s' '$(subst ','\'',$(PROFILE))' | tr -c 'A-Za-z0-9_-' ' ')),?))
  $(error PROFILE = '$(PROFILE)' is not valid; valid range: the name of a file in book/profiles, of letters, digits, - and _)
endif
BUILD       := build/$(PROFILE)
NAMES       := $(basename $(notdir $(sort $(wildcard notebooks/*.md))))
KEYS        := $(NAMES:%=$(BUILD)/keys/%.json)
EXECUTED    := $(NAMES:%=$(BUILD)/notebooks/%.ipynb)

# Benchmarks count the time of one thread.
ONE_THREAD  := OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 OMP_NUM_THREADS=1

# The tests of the library alone, which need neither notebooks nor a browser.
WINGS       := $(patsubst src/assocmem/%/__init__.py,tests/%,$(wildcard src/assocmem/*/__init__.py)) tests/test_parameters.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help book html pdf notebooks sync adopt check test lint lowest mutants variations calibrate bench weigh grid browser plan clean distclean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
	  printf '  make %-10s %s\n' "$$name" "$$text"; done
	@echo '  variables: PROFILE=paper|smoke, VENV=.venv, BASE_PYTHON=python3, PYTHON=(your own environment); -j2 helps'

book: html ## build the book with the paper's parameters, and say where it is
	@echo "the book: $(CURDIR)/$(BUILD)/html/index.html"
	@echo "open      file://$(CURDIR)/$(BUILD)/html/index.html"

html: $(BUILD)/html/index.html ## build the pages of PROFILE

notebooks: $(BUILD)/claims.json ## execute the notebooks of PROFILE and collect their claims

sync: $(ENVIRONMENT) ## make notebooks/*.ipynb from notebooks/*.md
	@$(PYTHON) -m tools.sync

adopt: $(ENVIRONMENT) ## bring edits of notebooks/*.ipynb into notebooks/*.md
	@$(PYTHON) -m tools.adopt

# ---------------------------------------------------------------------------------------------------- the pages

plan: $(ENVIRONMENT)
	@$(PYTHON) -m tools.plan $(PROFILE)

# The recipe does nothing, but it must be there: make then looks at the file's time again, instead of taking
# a file that waits for a phony target to be new.
$(KEYS) $(BUILD)/keys/book.json: plan ; @:

$(EXECUTED): $(BUILD)/notebooks/%.ipynb: $(BUILD)/keys/%.json
	@$(EXECUTE) $(PROFILE) $*

$(BUILD)/claims.json: $(EXECUTED) $(BUILD)/keys/book.json
	@$(PYTHON) -m tools.collect $(PROFILE)

$(BUILD)/html/index.html: $(BUILD)/claims.json
	@$(PAGES) $(PROFILE)

pdf: html browser ## the pages of PROFILE as one file to print: build/PROFILE/book.pdf
	@$(PYTHON) -m tools.pdf $(PROFILE)

# ------------------------------------------------------------------------------------------------------ the proof

# The smoke runs are so small that processes for a sweep would take longer to start than to compute.
test: lint browser ## lint, types, all tests, the smoke notebooks, their pages in a browser
	@LOKY_MAX_CPU_COUNT=1 $(MAKE) --no-print-directory html PROFILE=smoke
	$(PYTHON) -m pytest -n 2 --dist loadgroup

check: lint ## the quick part, for daily work: lint, types, the fast tests of the library
	$(PYTHON) -m pytest -q -m "not slow" --ignore tests/book --ignore tests/browser

lint: $(ENVIRONMENT) ## style, types, and which wing may import which
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command as lint; lint(["--no-logo", "--no-cache"])'

# What the tests of the wings need besides the library; everything else there is as low as it may be.
lowest: ## install the lowest versions that pyproject.toml allows in $(VENV)-lowest, and run the library's tests
	$(BASE_PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip install -q --upgrade pip
	$(BASE_PYTHON) tools/lowest.py > $(VENV)-lowest/constraints.txt
	$(VENV)-lowest/bin/python -m pip install -c $(VENV)-lowest/constraints.txt $(TORCH)
	$(VENV)-lowest/bin/python -m pip install -c $(VENV)-lowest/constraints.txt -e . \
	  beautifulsoup4 distributed hypothesis ipykernel mpmath nbclient pytest pytest-xdist
	$(VENV)-lowest/bin/python -m pytest -q -n 2 --dist loadgroup -W ignore::DeprecationWarning $(WINGS)

mutants: $(ENVIRONMENT) ## change the code in a thousand places, and see which changes the tests notice: tests/mutants.md
	@$(PYTHON) -m tools.mutants

variations: $(ENVIRONMENT) ## run every chapter with other seeds and parameters (an hour or two): book/measured/variations.json
	@$(PYTHON) -m tools.variations
	RANGE_DRAWS=200 $(PYTHON) -m pytest -q -n auto tests/book/test_ranges.py

calibrate: $(ENVIRONMENT) ## measure how often true claims fail, and false ones pass (a quarter of an hour): book/measured/calibration.md
	$(ONE_THREAD) $(PYTHON) -m benchmarks.calibration

bench: $(ENVIRONMENT) ## time the module against the plain algorithm (some minutes): benchmarks/results.md
	$(ONE_THREAD) $(PYTHON) -m benchmarks.report

weigh: $(ENVIRONMENT) ## compare the pages of PROFILE in a browser with older ones, OLD=folder: benchmarks/pages.md
	$(PYTHON) -m benchmarks.pages $(OLD) $(BUILD)/html

grid: $(ENVIRONMENT) ## run the 40,320 runs of the published grid (an hour or two): src/assocmem/published_grid/data/grid.parquet
	@$(PYTHON) -m tools.grid

browser: $(ENVIRONMENT)
	@$(PYTHON) -m tools.browser

# ------------------------------------------------------------------------------------------------- the environment

# torch goes first and alone, so that its large download shows its own progress. The stamp comes last: an interrupted
# installation is taken up again.
$(VENV)/.installed-%:
	@$(BASE_PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || { \
	  echo 'error: Python 3.11, 3.12, 3.13 or 3.14 is needed, but $(BASE_PYTHON) is:' \
	    "$$($(BASE_PYTHON) --version 2>&1);" 'name another one: make BASE_PYTHON=python3.12 …' >&2; exit 1; }
	@echo 'environment 1/3: $(VENV)'
	@if [ -e $(VENV)/.place ] && [ "$$(cat $(VENV)/.place)" != "$(CURDIR)" ]; then \
	  echo "it was made for $$(cat $(VENV)/.place), and is made anew"; rm -rf $(VENV); fi
	$(BASE_PYTHON) -m venv $(VENV)
	@echo "$(CURDIR)" > $(VENV)/.place
	$(VENV)/bin/python -m pip install --upgrade pip
	@echo 'environment 2/3: torch (the largest download)'
	$(VENV)/bin/python -m pip install -c constraints.txt $(TORCH)
	@echo 'environment 3/3: everything else'
	$(VENV)/bin/python -m pip install -c constraints.txt -e '.[book,test]'
	@rm -f $(VENV)/.installed-*
	@touch $@

clean: ## remove everything that was built
	rm -rf build

distclean: clean ## remove the environment too
	rm -rf $(VENV)
