# Two commands on a fresh machine: `make report` and `make test`. They need Python >= 3.11 and make, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: report test quick lint lock schemas architecture html clean help results-emodb faults bench bench-gpu slurm-test slurm-bench

ifeq ($(filter oneshell,$(.FEATURES)),)
$(error This make is too old ($(MAKE_VERSION)); GNU make 3.82 or newer is needed)
endif

# the first interpreter that runs and is new enough; the lock was made with 3.11
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && { echo $$python; break; }; done)
ifeq ($(PYTHON),)
$(error No Python 3.11 or newer was found (python3 is $(shell python3 --version 2>&1)); install one, or name it: make PYTHON=/path/to/python3.12)
endif
CORES ?= $(shell $(PYTHON) -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
READY := .venv/ready
RUN := source .venv/bin/activate &&
TORCH := torch==2.13.0
TORCHAUDIO := torchaudio==2.11.0

help: ## say what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/'

# On a terminal, bars by rule and one in all; elsewhere no line a job. Every job's start and end go to a file that is
# named at the end, and of a failed job its log is shown.
REPORTING := --logger rich --rerun-incomplete --show-failed-logs
report: $(READY) ## build reports/all_tables.pdf from config.yaml
	@test -t 2 || echo "every job's start and end: the newest file of .snakemake/log"
	$(RUN) snakemake --cores $(CORES) $(REPORTING) -- reports/all_tables.pdf

PYTHON_FILES := src tests docs/*.py
# a file's tests stay on one worker, which makes the file's fixtures once; files in pytest's order, the long ones first
WORKERS := -n $(CORES) --dist loadfile --no-loadscope-reorder
test: $(READY) ## run the tests
	$(RUN) ruff check $(PYTHON_FILES)
	$(RUN) pytest $(WORKERS) --durations=25

quick: $(READY) ## run the unit tests that are not slow, in two minutes on two cores
	$(RUN) pytest tests/unit -m 'not slow' $(WORKERS)

html: report ## build reports/report.html, Snakemake's own report
	$(RUN) snakemake --cores $(CORES) --report reports/report.html

lint: $(READY) ## check style and imports: ruff, import-linter, snakefmt, snakemake --lint
	$(RUN) ruff check $(PYTHON_FILES) && ruff format --check $(PYTHON_FILES) \
	  && lint-imports --no-cache && snakefmt --check Snakefile workflow && snakemake --lint

results-emodb: $(READY) ## docs/results-emodb.md: named systems on real speech, hours; RELEASE=folder of EmoDB
	@test -n "$(RELEASE)" || { echo "name the folder of the recordings: make results-emodb RELEASE=/path/to/emodb/wav"; exit 1; }
	$(RUN) serflow results docs/results-emodb.yaml --readme README.md --release "$(RELEASE)" --run --cores $(CORES) $(REPORTING)

bench: $(READY) ## docs/benchmarks.md and .json: times and memory beside a reference; BENCH="extraction dry_run" for some
	$(RUN) PYTHONPATH=tests python -m bench $(BENCH)

faults: $(READY) ## the table of docs/iemocap.md: one each of all faults in a full-size stand-in; minutes
	$(RUN) python tests/faults.py --page docs/iemocap.md

bench-gpu: $(READY) ## steps a second on a GPU, how busy it is, the hours of the paper preset; GPU="--paper xu2020" for less
	$(RUN) PYTHONPATH=tests python -m bench.gpu $(GPU)

slurm-test: $(READY) ## the workflow on a real SLURM that is set up here (Debian, root), with faults; minutes
	$(RUN) PYTHONPATH=tests python -m slurm

slurm-bench: $(READY) ## the measured tables of docs/cluster.md: what a job costs, plan against measured; minutes
	$(RUN) PYTHONPATH=tests python -m slurm --page docs/cluster.md

architecture: $(READY) ## docs/architecture.svg and the list of floors in docs/architecture.md, out of pyproject.toml
	$(RUN) python docs/architecture.py

schemas: $(READY) ## write workflow/schemas, for editors, out of the types that the YAML files are held against
	$(RUN) python -m serflow.cli.schemas workflow/schemas

lock: $(READY) ## write envs/requirements.lock from what is installed
	$(RUN) { echo '# Every package at the version that was tested, by `make lock`. torch and torchaudio: see the Makefile.'; \
	  pip freeze --exclude-editable | grep -vE '^(torch|torchaudio|serflow|nvidia[-a-z0-9]*|triton)(==| @)'; } > envs/requirements.lock

clean: ## delete everything that was made, but the environment
	rm -rf data results logs benchmarks reports/*-* reports/all_tables.pdf reports/report.html .snakemake

# torch comes first and by its exact version, so that a CPU build that the machine offers is not replaced. torchaudio's
# wheel carries extensions linked to CUDA and refuses to import beside a torch without it; its Python code is all that
# is needed here, so that those extensions are removed where it does not import.
$(READY): envs/requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1): Python 3.11 or newer is needed; name one: make PYTHON=python3.12"; exit 1; }
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement envs/requirements.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(TORCHAUDIO)
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	.venv/bin/python -c 'import torchaudio' 2> /dev/null || rm -f .venv/lib/python3*/site-packages/torchaudio/lib/*.so
	.venv/bin/python -c 'import torchaudio'
	touch $@
