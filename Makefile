# Every target makes its environment first, from a bare Python 3.11 or newer and the hashes in
# requirements/. `make PYTHON=/path/to/python test` chooses the Python.

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# What the demo runs with: no developer's tools.
DEMO       := .venv-demo
DEMO_STAMP := $(DEMO)/.installed
# Clients of others that the slow tests try against the sandbox.
NODE            := .node
NODE_STAMP      := $(NODE)/.installed
NODE_LOCK       := tests/sandbox/javascript/package-lock.json
CUSTODIAN       := .venv-custodian
CUSTODIAN_STAMP := $(CUSTODIAN)/.installed
# Many tests wait for a network that fails, so that two workers a core are busy together.
WORKERS := 4
# Specs are validated with these, which go along when idpool is installed.
LOADED   := schemas/identity-pool.schema.json schemas/project.schema.json \
            schemas/identity-pool-test.schema.json
PACKAGED := reconciler/specs/schemas
# The tests that measure the coverage of model, text, specs and planner.
GATED    := adopt comment drift iam_policy model planner records resume rollback saved_plan specs \
            writeback
PYTEST   := $(BIN)/pytest -n $(WORKERS) --dist worksteal

# uv resolves for all platforms and Pythons at once; nothing but `make lock` uses it.
UV          := .venv-lock/bin/uv
UV_VERSION  := 0.13
UV_COMPILE  := $(UV) pip compile --quiet --no-config --universal --python-version 3.11 \
               --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links \
               --custom-compile-command 'make lock'

# Python compiles each module once, or each of some thousand processes compiles what it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help venv demo test test-slow lint type schema schema-check reference lock clients faults fuzz \
        figures figures-check mutants bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP) ## .venv with everything a developer needs

demo: $(DEMO_STAMP) ## plan, apply and plan again: all examples, in a throw-away sandbox
	@PATH="$(CURDIR)/$(DEMO)/bin:$$PATH" scripts/demo.sh

test: $(STAMP) ## the tests, and the coverage that model, text, specs and planner must have
	$(PYTEST) -m 'not slow' $(GATED:%=tests/%) --cov --cov-report=
	$(BIN)/coverage report --show-missing --skip-covered --fail-under=95
	$(PYTEST) -m 'not slow' $(GATED:%=--ignore=tests/%)

test-slow: $(STAMP) clients ## what takes minutes, builds or needs Chromium or Node; all properties
	IDPOOL_EXAMPLES=many $(PYTEST) -m 'slow or hypothesis' --dist load --maxschedchunk 1

clients: $(NODE_STAMP) $(CUSTODIAN_STAMP) ## the AWS SDK for JavaScript and cloud-custodian, for test-slow

lint: $(STAMP) ## style, format and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

type: $(STAMP) ## mypy, strict
	$(BIN)/mypy

schema: $(STAMP) ## write schemas/ anew from the models
	$(BIN)/idpool schema --out schemas
	cp $(LOADED) $(PACKAGED)

schema-check: $(STAMP) ## fail if schemas/ is not what the models say
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && \
	  $(BIN)/idpool schema --out "$$fresh" >/dev/null && diff -ru schemas "$$fresh" && \
	  for each in $(LOADED); do diff -u "$$each" $(PACKAGED)/ || exit 1; done || \
	  { echo 'schemas/ is out of step with the models: run `make schema` and commit' >&2; exit 1; }

reference: $(STAMP) ## write docs/reference.md anew from the help of every command
	$(BIN)/python scripts/reference.py

# Pins stay as they are unless pyproject.toml forbids them; FLAGS=--upgrade takes the newest.
lock: $(UV) ## resolve pyproject.toml into requirements/*.txt (FLAGS=--upgrade for the newest)
	$(UV_COMPILE) $(FLAGS) pyproject.toml --all-extras --group dev \
	  --output-file requirements/dev.txt
	$(UV_COMPILE) $(FLAGS) pyproject.toml --extra github --extra gitlab --extra policies \
	  --constraint requirements/dev.txt \
	  --output-file requirements/runtime.txt
	$(UV_COMPILE) $(FLAGS) pyproject.toml --extra sandbox --constraint requirements/dev.txt \
	  --output-file requirements/demo.txt
	$(UV_COMPILE) $(FLAGS) --group build --constraint requirements/dev.txt \
	  --output-file requirements/build.txt
	$(UV_COMPILE) $(FLAGS) --group clients --output-file requirements/clients.txt

faults: $(STAMP) ## random fault schedules: make faults SEEDS=5000 SEED=42
	IDPOOL_FAULT_SCHEDULES=$(or $(SEEDS),5000) $(if $(SEED),IDPOOL_FAULT_SEED=$(SEED)) \
	  $(BIN)/pytest -n auto -rP tests/faults/test_random_schedules.py \
	  tests/faults/test_histories.py

fuzz: $(STAMP) ## hostile specs, projects, receipts and journals: make fuzz EXAMPLES=100000
	IDPOOL_FUZZ_EXAMPLES=$(or $(EXAMPLES),20000) $(BIN)/pytest -n auto --timeout 0 -k 'any or real' \
	  tests/specs/test_properties.py tests/records/test_fuzz.py

mutants: $(STAMP) ## break the code on purpose, and see that a test turns red each time
	$(BIN)/python scripts/mutants.py $(NAMES)

figures: $(STAMP) ## count what shows whether the house stays simple
	$(BIN)/python scripts/figures.py

figures-check: $(STAMP) ## fail on a circle, an arrow up the street, a module too long or too lonely
	$(BIN)/python scripts/figures.py --check

bench: $(STAMP) ## how near idpool is to the floor, into benchmarks/RESULTS.md: make bench FLAGS=--quick
	$(BIN)/python -m benchmarks $(FLAGS)

clean: ## remove what the targets made, the environments included
	rm -rf $(VENV) $(DEMO) $(NODE) $(CUSTODIAN) .venv-lock build dist htmlcov .coverage .coverage.* \
	  .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find benchmarks reconciler tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): scripts/environment.sh pyproject.toml requirements/dev.txt requirements/runtime.txt \
          requirements/build.txt
	@scripts/environment.sh $(VENV) requirements/dev.txt

$(DEMO_STAMP): scripts/environment.sh pyproject.toml requirements/demo.txt requirements/build.txt
	@scripts/environment.sh $(DEMO) requirements/demo.txt requirements/build.txt

# No script of a package runs: esbuild brings its binary as a package of its own.
$(NODE_STAMP): $(NODE_LOCK)
	@command -v npm >/dev/null || { echo 'test-slow needs Node.js 20 or newer, with npm' >&2; exit 1; }
	@rm -rf $(NODE) && mkdir $(NODE) && cp $(dir $(NODE_LOCK))package*.json $(NODE)
	@cd $(NODE) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(CUSTODIAN_STAMP): requirements/clients.txt | $(STAMP)
	@$(BIN)/python -m venv --clear $(CUSTODIAN)
	@$(CUSTODIAN)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes \
	  --no-deps --no-compile --requirement $<
	@$(CUSTODIAN)/bin/python -m pip --disable-pip-version-check check >/dev/null
	@touch $@

$(UV): Makefile
	@$(or $(PYTHON),python3) -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip --disable-pip-version-check --quiet install 'uv==$(UV_VERSION).*'
	@touch $@
