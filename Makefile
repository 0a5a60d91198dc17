# Two commands on a fresh machine: `make report` and `make test`. They need Python >= 3.11 and make, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: report unlock test wheel-test crate-test quick lint container lock licences advisories schemas architecture clean help results-emodb faults bench bench-gpu slurm-test slurm-bench faults-test mangle-test

ifeq ($(filter oneshell,$(.FEATURES)),)
$(error This make is too old ($(MAKE_VERSION)); GNU make 3.82 or newer is needed)
endif

# the first interpreter that runs and is new enough; CI has 3.11
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && { echo $$python; break; }; done)
ifeq ($(PYTHON),)
$(error No Python 3.11 or newer was found (python3 is $(shell python3 --version 2>&1)); install one, or name it: make PYTHON=/path/to/python3.12)
endif
CORES ?= $(shell $(PYTHON) -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
READY := .venv/ready
DEV_READY := .venv/ready-dev
RUN := source .venv/bin/activate &&

help: ## say what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/'

# On a terminal, bars by rule and one in all; elsewhere no line a job. Every job's start and end go to a file that is
# named at the end, and of a failed job its log is shown.
REPORTING := --logger rich --rerun-incomplete --show-failed-logs
report: $(READY) ## build reports/all_tables.pdf and reports/report.html from config.yaml
	@test -t 2 || echo "every job's start and end: the newest file of .snakemake/log"
	@$(RUN) snakemake --cores $(CORES) $(REPORTING) -- reports/all_tables.pdf reports/report.html || { $(LOCKED) exit 1; }

# Snakemake locks the folder that it works in; what is killed leaves the lock, and the next call ends at once.
LOCKED := ! ls .snakemake/locks/* > /dev/null 2>&1 || \
  echo "This folder is locked: another snakemake works in it, or one was killed. If none does: make unlock, then make report";
unlock: $(READY) ## take away the lock of a snakemake that was killed; what is finished stays
	$(RUN) snakemake --unlock

PYTHON_FILES := src tests docs/*.py
# a file's tests stay on one worker, which makes the file's fixtures once; files in pytest's order, the long ones first
WORKERS := -n $(CORES) --dist loadfile --no-loadscope-reorder
test: $(DEV_READY) ## run the tests
	$(RUN) ruff check $(PYTHON_FILES)
	$(RUN) pytest $(WORKERS) --durations=25

quick: $(DEV_READY) ## run the unit tests that are not slow, in two minutes on two cores
	$(RUN) pytest tests/unit -m 'not slow' $(WORKERS)

lint: $(DEV_READY) ## check style and imports: ruff, import-linter, snakefmt, snakemake --lint
	$(RUN) ruff check $(PYTHON_FILES) && ruff format --check $(PYTHON_FILES) \
	  && lint-imports --no-cache && snakefmt --check Snakefile workflow && snakemake --lint

results-emodb: $(READY) ## docs/results-emodb.md: named systems on real speech, hours; RELEASE=folder of EmoDB
	@test -n "$(RELEASE)" || { echo "name the folder of the recordings: make results-emodb RELEASE=/path/to/emodb/wav"; exit 1; }
	$(RUN) serflow results docs/results-emodb.yaml --readme README.md --release "$(RELEASE)" --run --cores $(CORES) $(REPORTING)

bench: $(DEV_READY) ## docs/benchmarks.md and .json: times and memory beside a reference; BENCH="extraction dry_run" for some
	$(RUN) PYTHONPATH=tests python -m bench $(BENCH)

faults: $(DEV_READY) ## the table of docs/iemocap.md: one each of all faults in a full-size stand-in; minutes
	$(RUN) python tests/faults.py --page docs/iemocap.md

bench-gpu: $(DEV_READY) ## steps a second on a GPU, how busy it is, the hours of the paper preset; GPU="--paper xu2020" for less
	$(RUN) PYTHONPATH=tests python -m bench.gpu $(GPU)

wheel-test: $(DEV_READY) ## a wheel in a fresh environment: init, a table, an upgrade; minutes
	$(RUN) PYTHONPATH=tests python -m installed

# these two want an older rich than import-linter, so they stand in a layer above .venv, which stays as it is
VALIDATORS := --with roc-validator==0.13.0 --with mlcroissant==1.1.1
crate-test: $(DEV_READY) ## an export, held against its profiles by validators that are not ours: roc-validator, mlcroissant; a minute
	$(RUN) uv run --quiet --no-project --active $(VALIDATORS) python -m pytest tests/workflow/test_export.py

faults-test: $(DEV_READY) ## kills, full disks, flipped bits and more, put into a small project; FAULTS="--only kill" for some, SEED=1, PAGE=docs/faults.md
	$(RUN) PYTHONPATH=tests python -m fault_injection $(if $(SEED),--seed $(SEED)) $(if $(PAGE),--page $(PAGE)) $(FAULTS)

mangle-test: $(DEV_READY) ## every parser on ten thousand spoilt files each: a value or a message; half an hour
	$(RUN) SERFLOW_MANGLED=10000 python -m pytest -q tests/unit/test_mangled_inputs.py

slurm-test: $(DEV_READY) ## the workflow on a real SLURM that is set up here (Debian, root), with faults; minutes
	$(RUN) PYTHONPATH=tests python -m slurm

slurm-bench: $(DEV_READY) ## the measured tables of docs/cluster.md: what a job costs, plan against measured; minutes
	$(RUN) PYTHONPATH=tests python -m slurm --page docs/cluster.md

architecture: $(DEV_READY) ## docs/architecture.svg and the list of floors in docs/architecture.md, out of pyproject.toml
	$(RUN) python docs/architecture.py

schemas: $(READY) ## write workflow/schemas, for editors, out of the types that the YAML files are held against
	$(RUN) python -m serflow.cli.schemas workflow/schemas

# what is pinned stays, whatever is newer; UPGRADE=--upgrade takes the newest of all, UPGRADE="--upgrade-package torch" of one
COMPILE = $(RUN) uv pip compile --quiet $(1) --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
  --no-annotate --custom-compile-command "make lock" $(UPGRADE)
lock: $(DEV_READY) ## write the locks of envs/ out of pyproject.toml, with hashes
	$(call COMPILE,--group build) --output-file envs/build.lock
	$(call COMPILE,pyproject.toml --all-extras) --constraint envs/build.lock --output-file envs/requirements.lock
	$(call COMPILE,pyproject.toml --all-extras --group dev) --constraint envs/requirements.lock --output-file envs/requirements-dev.lock

licences: $(DEV_READY) ## docs/licences.md, what the pinned packages say of their licences
	$(RUN) python docs/licences.py

# of a package that the index knows no advisories of, --strict makes an error: nothing passes that was not looked up
advisories: $(DEV_READY) ## hold the pinned packages against the index's advisories, by pip-audit; needs the network
	$(RUN) pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
	  --requirement envs/build.lock --requirement envs/requirements-dev.lock 2> .venv/advisories.log || { \
	  tail -1 .venv/advisories.log; \
	  ! grep -qE 'could not be audited|Error' .venv/advisories.log || \
	    echo "make advisories: not checked: no advisories were had (no network, or an index that gives none); $(PWD)/.venv/advisories.log"; \
	  exit 1; }

container: ## an image of serflow and its pinned packages, by Apptainer, podman, buildah or docker; IMAGE="--build-arg ..."
	sh envs/container.sh $(IMAGE)

clean: ## delete everything that was made, but the environment
	rm -rf data results logs benchmarks reports/*-* reports/all_tables.pdf reports/report.html .snakemake

# `make report` installs what it needs; what only tests and checks import comes with the first target that needs it
$(READY): envs/install.sh envs/build.lock envs/requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1): Python 3.11 or newer is needed; name one: make PYTHON=python3.12"; exit 1; }
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	sh envs/install.sh .venv/bin/python
	touch $@

$(DEV_READY): $(READY) envs/requirements-dev.lock
	sh envs/install.sh .venv/bin/python dev
	touch $@
