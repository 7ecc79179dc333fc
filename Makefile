# Everything runs in a virtual environment that these targets make and keep up to date.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

DEALS ?= 60
LOCALE ?= en
FUZZ_MINUTES ?= 10
FUZZ_EXAMPLES ?= 200
SCHEDULES ?= 1000
SEED ?= $(shell date +%s)

NODE_CLIENT := tests/sandbox/node_client

.PHONY: demo test test-live node-client fuzz chaos bench bench-drive bench-mail bench-mail-sync bench-letters bench-passes bench-rules check-python format lock clean

demo: .venv/.runtime
	$(BIN)/crm demo --once --deals $(DEALS) --locale $(LOCALE)
	@echo
	@echo "That was one pass. To keep it running and answering your edits:"
	@echo "    $(BIN)/crm demo --deals $(DEALS) --locale $(LOCALE)"

# Formatting, lint, layers, strict types, tests: all that CI checks.
test: .venv/.dev node-client
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/pytest

# The contract suite against Google itself, with the account and the Drive root of the settings;
# CRM_LIVE_MAILBOX names a mailbox in which letters may be inserted and deleted.
test-live: .venv/.dev
	CRM_LIVE=1 $(BIN)/pytest -n0 -v tests/contract

# The official Node clients, which the sandbox is tested with: left out where there is no Node, but
# not on CI, where their test then fails.
node-client: $(NODE_CLIENT)/node_modules/.package-lock.json
$(NODE_CLIENT)/node_modules/.package-lock.json: $(NODE_CLIENT)/package-lock.json
	@if ! { command -v node && command -v npm; } >/dev/null; then \
	  echo "There is no Node here: the official Node clients are not tested."; \
	elif npm ci --prefix $(NODE_CLIENT) --ignore-scripts --no-audit --no-fund --silent; then \
	  touch $@; \
	else \
	  echo "npm could not install the official Node clients: they are not tested."; \
	fi

# Whatever is sent to the sandbox, no 500 of its own: whole rounds, other examples in each.
fuzz: .venv/.dev
	@end=$$(( $$(date +%s) + 60 * $(FUZZ_MINUTES) )); \
	while [ $$(date +%s) -lt $$end ]; do \
	  SANDBOX_FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/pytest tests/sandbox/test_fuzz.py \
	    tests/sandbox/test_fuzz_drive_gmail.py || exit 1; \
	done

# Random schedules of managers who edit while the worker writes, with trouble at any call. A seed
# replays: make chaos SEED=...
chaos: .venv/.dev
	@echo "$(SCHEDULES) schedules, SEED=$(SEED)"
	CRM_SCHEDULES=$(SCHEDULES) CRM_STEPS=20 $(BIN)/pytest -n0 --hypothesis-seed=$(SEED) \
	  tests/properties/test_shared_editing.py -k whatever

# How fast the sandbox is, beside its targets. Install openpyxl into .venv to see it compared.
bench: .venv/.dev
	$(BIN)/python -m benchmarks.sandbox

# Catching up 10,000 letters in 5 mailboxes: simulated time against Gmail's quota, units, memory.
bench-mail-sync: .venv/.dev
	$(BIN)/python -m benchmarks.mail

# The labelled set of letters: text lost, quotes left, beside libraries.
bench-letters: .venv/.dev
	$(BIN)/python -m benchmarks.letter_text

# How many calls the folders take, beside a script that a user would write.
bench-drive: .venv/.dev
	$(BIN)/python -m benchmarks.drive

# A pass over 100,000 deals, 60,000 contacts and 30,000 companies: time, memory and calls, beside
# a script that writes a cell a call.
bench-passes: .venv/.dev
	$(BIN)/python -m benchmarks.passes

# The same for a mailbox of 10,000 letters.
bench-mail: .venv/.dev
	$(BIN)/python -m benchmarks.mailbox

# How fast the rules are, beside the same rules in other libraries, which get an environment of
# their own.
bench-rules: .venv/.dev .peers/.made
	$(BIN)/python -m benchmarks.rules .peers/bin/python
	$(BIN)/python -m benchmarks.reports_alone

.peers/.made: benchmarks/peers/requirements.lock | check-python
	$(PYTHON) -m venv .peers
	.peers/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	@touch $@

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 demo"; exit 1; }

.venv/.made: | check-python
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: .venv/.made requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Needs uv. The locks hold versions and hashes, and no addresses.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group build --group dev pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header benchmarks/peers/requirements.in -o benchmarks/peers/requirements.lock

clean:
	rm -rf .venv .peers .state .mypy_cache .ruff_cache .import_linter_cache $(NODE_CLIENT)/node_modules
