# `make serve` and `make test` need only Python >= 3.11 with venv, make and git. Everything is
# installed into this directory (.venv, .cache); data lives in DATA_DIR (./data by default).

.DEFAULT_GOAL := help
.PHONY: audit-dependencies help serve test test-training lint bench bench-peers clean programs collected

PYTHONS := python3.13 python3.12 python3.11 python3
UV := uv==0.13.9
PIP_AUDIT := pip-audit==2.9.0
LOCKS := requirements.lock requirements-dev.lock
TORCH := torch==2.13.0
PYTHON := .venv/bin/python
SDKS := 0.14.2 0.13.0 0.12.4 0.1.14
CLIENTS := $(SDKS:%=.venv-sdk-%/.installed) .venv-openai/.installed .venv-litellm/.installed \
  .venv-langchain/.installed .venv-node/.installed .venv-training/.installed
NODE := tests/contract/node/package.json tests/contract/node/package-lock.json \
  tests/contract/node/langchain-old/package.json tests/contract/node/langchain-old/index.mjs

export UV_CACHE_DIR ?= $(CURDIR)/.cache/uv
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export npm_config_cache ?= $(CURDIR)/.cache/npm
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Empty means: keep bytecode. Where a machine sets it, as container images do, every start would
# compile our modules anew: 0.25 s of processor time, and 1.6 s with those of the libraries.
export PYTHONDONTWRITEBYTECODE :=

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/'

# `exec` makes the server a direct child of make, so that it can stop even when make is killed.
serve: .venv/.installed ## start the site at http://127.0.0.1:8000 (options: docs/operations.md)
	@exec $(PYTHON) manage.py serve --stop-with-parent

# What is downloaded waits and types are checked by one core: side by side. Of four workers one
# waits at any time, for a page or a program.
test: .venv/.installed-dev ## check everything: what lint checks, migrations, tests
	@$(MAKE) --no-print-directory -j 3 lint collected $(CLIENTS) programs
	DATA_DIR=$(CURDIR)/.test-data $(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) -m pytest -n 4 --hypothesis-profile=ci

test-training: .venv/.installed-dev .venv-trainers/.installed ## have TRL train on our files, with PyTorch (1.4 GB or more)
	$(PYTHON) -m pytest tests/contract/training/test_trainers.py

lint: .venv/.installed-dev ## check style, formatting and types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy .

# What pytest makes of the tests' files is kept: 11 s of processor time of each worker.
collected: .venv/.installed-dev
	@-$(PYTHON) -m pytest --collect-only -qq >/dev/null

bench: .venv/.installed-dev .venv-sdk-0.14.2/.installed ## measure speed at 100 k and 1 M rows (ROWS=10000000: more)
	$(PYTHON) -m benchmarks $(if $(ROWS),--rows $(ROWS))

bench-peers: .venv/.installed-dev .venv-mlflow/.installed ## measure beside MLflow (FILE=rows.jsonl.gz, ROWS=10000)
	$(PYTHON) -m benchmarks.peers $(if $(FILE),--file $(FILE)) $(if $(ROWS),--rows $(ROWS)) \
	  $(if $(BEFORE),--before $(BEFORE))

# The service of known faults is on the network. Where it cannot be reached nothing was looked at, and
# that is said (exit 3), never taken for "no faults" (pip-audit exits 1 for both).
audit-dependencies: | .venv/pyvenv.cfg ## look up known faults of the dependencies (network: PyPI's service)
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m ensurepip >/dev/null
	@test -d .venv-audit || $(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/python -m pip install --quiet $(PIP_AUDIT) \
	  || { echo "pip-audit cannot be installed here: nothing was looked up" >&2; exit 3; }
	@$(PYTHON) -m tests.running.dependency_audit .venv-audit/bin/pip-audit $(LOCKS)

clean: ## remove what was installed and cached, never the data
	rm -rf .venv .venv-* .cache .test-data .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +

# An environment; the message is for Debian, whose python3 comes without ensurepip.
%/pyvenv.cfg:
	@for python in $(PYTHONS); do \
	  $$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    || continue; \
	  echo "Making $* with $$($$python --version)"; \
	  rm -rf $*; $$python -m venv $(if $(filter-out .venv,$*),--without-pip) $* && exit 0; \
	done; \
	echo "Python 3.11 or newer with venv is needed (Debian, Ubuntu:" \
	  "apt-get install python3 python3-venv)" >&2; \
	exit 1

# $(call install,<environment>,<lock>): make the environment exactly what the lock says. uv is
# quick, and that of .venv does it for all; where it cannot be had, pip does the same, for which
# the environment then needs one. The libraries' bytecode is made here (2 s),
# as ours is below: who starts the site need not be who may write to it.
define install
	@echo "Installing $(2) into $(1)"
	@$(if $(filter .venv,$(1)),$(call pip_of,.venv) && $(PYTHON) -m pip install --quiet $(UV) &&) \
	  .venv/bin/uv pip sync --quiet $(if $(filter .venv,$(1)),--compile-bytecode) \
	    --python $(1)/bin/python --require-hashes $(2) \
	  || { $(call pip_of,$(1)) \
	    && $(1)/bin/python -m pip install --quiet --no-deps --require-hashes -r $(2); }
	@touch $@
endef
pip_of = { $(1)/bin/python -m pip --version >/dev/null 2>&1 || $(1)/bin/python -m ensurepip >/dev/null; }

# Once the development packages are there, `make serve` leaves them: they include the others.
.venv/.installed: requirements.lock | .venv/pyvenv.cfg
	$(call install,.venv,$(if $(wildcard .venv/.installed-dev),requirements-dev.lock,$<))
	@$(PYTHON) -m compileall -q adaptive_site interactions projects

.venv/.installed-dev: requirements-dev.lock | .venv/pyvenv.cfg
	$(call install,.venv,$<)
	@touch .venv/.installed

$(CLIENTS) .venv-trainers/.installed .venv-mlflow/.installed: | .venv/.installed-dev

# Published clients, and litellm's proxy as an upstream of ours, each in an environment of its own:
# they must not share our dependencies.
$(SDKS:%=.venv-sdk-%/.installed): .venv-sdk-%/.installed: tests/contract/requirements-%.lock \
    | .venv-sdk-%/pyvenv.cfg
	$(call install,.venv-sdk-$*,$<)

.venv-openai/.installed .venv-litellm/.installed .venv-langchain/.installed \
    .venv-training/.installed: .venv-%/.installed: tests/contract/requirements-%.lock | .venv-%/pyvenv.cfg
	$(call install,.venv-$*,$<)

# The same libraries with PyTorch. On Linux PyPI's build of it is for GPUs, of several GB; pip takes
# the one for processors where it finds it, by PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL.
.venv-trainers/.installed: tests/contract/requirements-training.lock | .venv-trainers/pyvenv.cfg
	$(call install,.venv-trainers,$<)
	@rm $@
	@$(call pip_of,.venv-trainers)
	@.venv-trainers/bin/python -m pip uninstall --quiet --yes llamafactory
	@.venv-trainers/bin/python -m pip install --quiet $(TORCH)
	@touch $@

# The peer of `make bench-peers`, which no test needs.
.venv-mlflow/.installed: benchmarks/peers/requirements-mlflow.lock | .venv-mlflow/pyvenv.cfg
	$(call install,.venv-mlflow,$<)

# The clients that npm has, and Node itself, as a wheel: the newest clients want one that is newer
# than what machines have, and so it is the same everywhere.
.venv-node/.installed: tests/contract/requirements-node.lock $(NODE) | .venv-node/pyvenv.cfg
	$(call install,.venv-node,$<)
	@rm -rf .venv-node/clients $@
	@mkdir -p .venv-node/clients/langchain-old
	@for file in $(NODE:tests/contract/node/%=%); do \
	  cp tests/contract/node/$$file .venv-node/clients/$$file; \
	done
	@cd .venv-node/clients && PATH="$(CURDIR)/.venv-node/bin:$$PATH" npm ci --silent \
	  --ignore-scripts --no-audit --no-fund --no-update-notifier
	@touch $@

programs:
	@.ci/programs
