# Everything that a contributor runs. `make` alone tells what there is.
#
# The virtual environment in .venv is made when a target first needs it; the
# files .venv/.installed-* remember what it holds.

PYTHON ?= python3
PORT ?= 5000
VENV := .venv
BIN := $(VENV)/bin
# One test process for each core; they take tests from each other near the end.
PARALLEL ?= -n auto --dist worksteal
BENCHMARKS := $(wildcard benchmarks/overhead.py benchmarks/lexer.py)

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs bench clean distclean

help:
	@echo 'make demo       run the example app on http://127.0.0.1:$(PORT)/ (PORT=... changes it)'
	@echo 'make test       run all tests, those in a real browser included'
	@echo 'make lint       check style, format and types'
	@echo 'make docs       build the documentation into docs/_build/html'
	@echo 'make bench      measure what HMR costs'
	@echo 'make clean      remove what was built; make distclean: $(VENV) too'

demo: $(VENV)/.installed-run
	@echo
	@echo 'The example app: http://127.0.0.1:$(PORT)/  (stop it with Ctrl-C)'
	@echo
	@$(BIN)/python -m flask --app example_app run --debug --host 127.0.0.1 --port $(PORT)

test: $(VENV)/.installed-tests
	@chromium="$$(tools/chromium.sh)" && \
	HMR_CHROMIUM="$$chromium" $(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed-dev
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html
	@echo 'The documentation: docs/_build/html/index.html'

bench: $(VENV)/.installed-tests
	@test -n '$(BENCHMARKS)' || { echo 'There is no benchmark in benchmarks/.'; exit 1; }
	@for script in $(BENCHMARKS); do \
	  echo "== $$script"; $(BIN)/python "$$script" || exit; \
	done

clean:
	rm -rf build dist docs/_build htmlcov .coverage .coverage.* *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -path './$(VENV)' -prune -o -name __pycache__ -type d -print | xargs rm -rf

distclean: clean
	rm -rf $(VENV)

$(VENV)/.installed-%: setup.cfg pyproject.toml tools/venv.sh
	@PYTHON='$(PYTHON)' tools/venv.sh '$(VENV)' '$*'
