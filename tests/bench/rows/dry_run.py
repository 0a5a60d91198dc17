"""`snakemake -n` of the paper preset (all papers of config.yaml, sweeps, all seeds and folds) on a release of IEMOCAP's
full size, in the states that a user meets: a fresh copy of the project; views made; views, folds, words and digests of
features made, so that what is left is training; the same where no run has ended well; and one paper alone where all is
made, the one with the most training jobs. The release has the stand-in's names, labels and words and no speech: feature
files are empty, all others are made by their rules. The reference is Snakemake by itself: a Snakefile of one rule
without code of ours and with as many jobs, each with an input, an output, a log and a parameter. Budgets: 10 s, one
paper 3 s.
"""

from pathlib import Path

from bench.measure import Budget, Row
from bench.processes import wall_and_cpu
from bench.runner import Bench
from bench.states import State, states
from serflow.standin.published import TURNS

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
    """Two rows a state: seconds, and processor time."""
    made = states(bench.folder / "dry_run", turns=bench.size(TURNS, quick=225))
    *_, whole, _ = made.values()
    paper = whole.largest_paper()
    rows = [row for what, state in made.items() for row in _rows(bench, what, state, seconds=10)]
    return rows + _rows(bench, f"{paper} alone", whole.of(paper), seconds=3)


def _rows(bench: Bench, what: str, state: State, *, seconds: float) -> list[Row]:
    by_rule = {rule: len(outputs) for rule, outputs in state.planned.items()}
    jobs = sum(by_rule.values()) + 1  # rule `all` has no output
    trivial = _trivial(bench.folder / f"dry_run/trivial_{what}", jobs)
    ours, reference = [], []
    for _ in range(bench.repetitions(3)):
        ours.append(wall_and_cpu(*state.command("-n"), folder=state.folder))
        reference.append(wall_and_cpu(*DRY, folder=trivial))
    trainings = by_rule["train"] + by_rule.get("train_teacher", 0)
    note = f"{jobs:,} jobs, {trainings:,} of them training"
    names = {what: note, f"{what}, processor time": ""}
    return [
        Row(name, "s", [one[k] for one in ours], [one[k] for one in reference], Budget(ours=seconds), said)
        for k, (name, said) in enumerate(names.items())
    ]


def _trivial(folder: Path, jobs: int) -> Path:
    folder.mkdir()
    (folder / "in.txt").write_text("x")
    (folder / "Snakefile").write_text(TRIVIAL.format(jobs=jobs - 1))
    return folder
