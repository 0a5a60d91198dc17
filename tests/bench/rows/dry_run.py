"""`snakemake -n` of the paper preset (all papers of config.yaml, sweeps, all seeds and folds) in a fresh copy of
the project, with the stand-in as corpus. The reference is Snakemake by itself: a Snakefile of one rule without code
of ours and with as many jobs, each with an input, an output, a log and a parameter.
"""

import re
from pathlib import Path

from bench.measure import Budget, Row, in_turn
from bench.processes import python, seconds
from bench.project import copy_of_project
from bench.runner import Bench

DRY = ("-m", "snakemake", "-n", "--cores", "2")
TRIVIAL = """\
rule all:
    input:
        expand("out/{{i}}.txt", i=range({jobs})),

rule one:
    input:
        "in.txt",
    output:
        "out/{{i}}.txt",
    log:
        "logs/{{i}}.log",
    params:
        value="{{i}}",
    shell:
        "echo {{params.value}} > {{output}} 2> {{log}}"
"""


def run(bench: Bench) -> list[Row]:
    """One row: the whole matrix, nothing made yet."""
    project = copy_of_project(bench.folder / "project").folder
    ours = [*DRY, "--config", "preset=paper", "corpus=demo", "release=null", "sweeps=true"]
    printed = python(*ours, folder=project)
    jobs, trained = (int(re.search(rf"^{name} +(\d+)$", printed, re.MULTILINE)[1]) for name in ("total", "train"))
    trivial = _trivial(bench.folder / "trivial", jobs)
    measured = in_turn(
        lambda: seconds(*ours, folder=project),
        lambda: seconds(*DRY, folder=trivial),
        repetitions=bench.repetitions(3),
    )
    return [Row("dry run, paper preset", "s", *measured, Budget(ours=10), f"{jobs} jobs, {trained} of them train")]


def _trivial(folder: Path, jobs: int) -> Path:
    folder.mkdir()
    (folder / "in.txt").write_text("x")
    (folder / "Snakefile").write_text(TRIVIAL.format(jobs=jobs - 1))
    return folder
