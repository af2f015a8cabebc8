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
PEERS := benchmarks/peers/node_modules
BENCH_ARGS ?= --json build/bench.json

.DEFAULT_GOAL := help
.PHONY: help demo test pythons lowest stress coverage mutate lint docs pictures bench clean distclean

help:
	@echo 'make demo       run the example app on http://127.0.0.1:$(PORT)/ (PORT=... changes it)'
	@echo 'make test       run all tests, those in a real browser included'
	@echo 'make pythons    run the tests without a browser on each Python that is installed'
	@echo 'make lowest     run them with the oldest dependencies that are allowed'
	@echo 'make stress     run what takes long: thousands of pages, saves and strangers'
	@echo 'make coverage   run all tests, and show which lines and branches none has run'
	@echo 'make mutate     change the code in one place at a time: does a test fail? (hours)'
	@echo 'make lint       check style, format and types'
	@echo 'make docs       build the documentation into docs/_build/html'
	@echo 'make pictures   record the editing session and the pictures of the documentation'
	@echo 'make bench      measure what HMR costs, and compare (half an hour, needs Node)'
	@echo 'make clean      remove what was built; make distclean: $(VENV) too'

demo: $(VENV)/.installed-run
	@echo
	@echo 'The example app: http://127.0.0.1:$(PORT)/  (stop it with Ctrl-C)'
	@echo
	@$(BIN)/python -m flask --app example_app run --debug --host 127.0.0.1 --port $(PORT)

# Servers are started by the hundred: none is to compile the package once more, even where
# Python is told to write no byte code.
test: $(VENV)/.installed-tests
	@tools/programs.sh redis-server nginx
	@tools/npm.sh
	@$(BIN)/python -m compileall -q flask_hmr
	@chromium="$$(tools/chromium.sh)" && \
	HMR_CHROMIUM="$$chromium" $(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

# What tests without a browser start, as those with one do.
pythons lowest: export PYTEST_ARGS := $(PARALLEL) $(PYTEST_ARGS)

pythons:
	@tools/programs.sh redis-server
	@tools/npm.sh
	tools/test-pythons.sh build/pythons 3.10 3.11 3.12 3.13 3.14

lowest:
	@tools/programs.sh redis-server
	@tools/npm.sh
	CONSTRAINTS=tests/lowest.txt tools/test-pythons.sh build/lowest 3.10

stress: $(VENV)/.installed-tests
	@chromium="$$(tools/chromium.sh)" && \
	HMR_CHROMIUM="$$chromium" $(BIN)/python -m tests.stress $(STRESS_ARGS)

# Servers that tests start are measured as well: see [coverage:run] in setup.cfg. In one
# process: pytest-xdist does not wait for workers that are slow to write what they found.
coverage: $(VENV)/.installed-tests
	@tools/programs.sh redis-server nginx
	@rm -f .coverage .coverage.*
	@chromium="$$(tools/chromium.sh)" && export HMR_CHROMIUM="$$chromium" && \
	export COVERAGE_FILE="$$PWD/.coverage" && \
	$(BIN)/python -m coverage run -m pytest $(PYTEST_ARGS); status=$$?; \
	$(BIN)/python -m coverage combine -q && $(BIN)/python -m coverage report && \
	exit $$status

mutate: $(VENV)/.installed-tests
	$(BIN)/python tools/mutate.py $(MUTATE_ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed-dev
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html
	@echo 'The documentation: docs/_build/html/index.html'

pictures: $(VENV)/.installed-dev
	@chromium="$$(tools/chromium.sh)" && HMR_CHROMIUM="$$chromium" \
	$(BIN)/python tools/record.py docs/_static

bench: $(VENV)/.installed-dev $(PEERS)
	@mkdir -p build
	$(BIN)/python -m benchmarks.lexer
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python -m benchmarks.core
	@chromium="$$(tools/chromium.sh)" && export HMR_CHROMIUM="$$chromium" && \
	$(BIN)/python benchmarks/live_page.py && $(BIN)/python -m benchmarks $(BENCH_ARGS)

# What is compared with comes from npm. No other part of the project needs Node.
$(PEERS): benchmarks/peers/package.json
	@command -v npm > /dev/null || { \
	  echo 'The other servers need Node 20.19 or newer, with npm: install it first.'; exit 1; }
	npm install --prefix benchmarks/peers --no-audit --no-fund --no-package-lock
	@touch $@

clean:
	rm -rf build dist docs/_build htmlcov .coverage .coverage.* *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -path './$(VENV)' -prune -o -name __pycache__ -type d -print | xargs rm -rf

distclean: clean
	rm -rf $(VENV)

$(VENV)/.installed-%: setup.cfg pyproject.toml tools/venv.sh
	@PYTHON='$(PYTHON)' tools/venv.sh '$(VENV)' '$*'
