"""What a job costs beside its training, alone and in groups, and what `serflow plan` foretold: `make slurm-bench`."""

import csv
import re
import subprocess
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from statistics import median

from tabulate import tabulate

from helpers.projects import Project
from serflow.forecast.estimate import Estimates
from serflow.forecast.measuring import settings_of, timed
from serflow.forecast.summary import Total
from serflow.plan.configuration import changed_configuration
from serflow.plan.groups import groups_of_runs
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.run_key import RunKey
from slurm.project import LOCAL, RUNS, SLURM, SUBMITTED, Snakemake, forget, jobs_of, slurm_project

__all__ = ["measured_tables", "write_page"]

NETWORKS, SYSTEMS = ("baseline", "att_eq9"), ("baseline", "att_eq9", "svm_compare", "majority")
SECONDS = 1800
SIZE = 8  # jobs of a group, as the profile has it
LARGE = {"preset": "paper", "corpus": "iemocap", "papers": ["xu2020", "huang2016"]}  # what a processor can time
START, END = "<!-- measured: make slurm-bench -->", "<!-- end of what was measured -->"


def measured_tables(folder: Path) -> str:
    """The tables, as Markdown."""
    project = slurm_project(folder / "costs")
    Snakemake(project, *LOCAL, "reports/all_tables.pdf").wait(SECONDS)
    rows, fixed, jobs = [], {}, jobs_of(*SYSTEMS)
    for name, size, cores in (("each alone", 1, 1), (f"{SIZE} together", SIZE, 2)):
        sent = _sent(project, jobs, size, cores)
        held, trained = sum(seconds * cores for seconds in sent), sum(_seconds(project, job) for job in jobs)
        fixed[size] = (held - trained) / len(sent)
        beside = [fixed[size], (held - trained) / len(jobs), _share(held, trained)]
        rows.append([name, len(sent), held, trained, *beside])
    columns = ["training jobs", "SLURM jobs", "CPU s held", "CPU s of training"]
    columns += ["beside, a SLURM job", "beside, a training job", "share beside"]
    parts = [_table(rows, columns), _at_full_size(fixed[1]), _foretold_and_measured(project)]
    return "\n\n".join(parts)


def write_page(page: Path, tables: str) -> None:
    """Put the tables between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{START}\n\n{tables}\n\n{END}{after}", encoding="utf-8")


def _sent(project: Project, jobs: list[str], size: int, cores: int) -> list[float]:
    """Do the training jobs anew through SLURM; seconds that each of its jobs held its CPUs."""
    forget(project, jobs)
    options = [*SLURM, "--cores", str(cores), "--group-components", f"runs={size}", "--jobs", "2"]
    printed = Snakemake(project, *options, "--", *[f"{RUNS}/{job}/runs.json" for job in jobs]).wait(SECONDS)
    return [_elapsed(job) for job in SUBMITTED.findall(printed)]


def _elapsed(job: str) -> float:
    told = subprocess.run(["scontrol", "-o", "show", "job", job], check=True, text=True, capture_output=True).stdout
    start, end = (datetime.fromisoformat(re.search(rf"{key}=(\S+)", told)[1]) for key in ("StartTime", "EndTime"))
    return (end - start).total_seconds()


def _seconds(project: Project, job: str) -> float:
    """Seconds of a training job's process, by Snakemake's benchmark."""
    path = project.folder / f"benchmarks/train/{RUNS.removeprefix('results/')}/{job}.tsv"
    with open(path, encoding="utf-8", newline="") as file:
        return float(next(csv.DictReader(file, delimiter="\t"))["s"])


def _foretold_and_measured(project: Project) -> str:
    """What `serflow plan --measure` says of longer trainings before any was run, and what each then took in SLURM."""
    project.paper(_longer, "huang2016")
    plan = Plan(read_workflow(changed_configuration({}, root=project.folder), root=project.folder))
    jobs = [job for job in plan.jobs if job[0].system in NETWORKS]
    estimates = _measured(plan, [run for job in jobs for run in job])
    foretold = {job[0].system: Total.of(job, estimates).seconds for job in jobs}
    _sent(project, jobs_of(*NETWORKS), size=1, cores=1)
    taken = {system: _seconds(project, job) for system, job in zip(NETWORKS, jobs_of(*NETWORKS), strict=True)}
    rows = [[system, foretold[system], seconds, seconds / foretold[system]] for system, seconds in taken.items()]
    return _table(rows, ["200 epochs on the demo", "foretold, s a job", "measured in SLURM, s a job", "ratio"])


def _measured(plan: Plan, runs: list[RunKey]) -> Estimates:
    times = timed(settings_of(Report(plan), runs).values(), device="cpu")
    return Estimates(plan, [], device="cpu", kept=times)


def _longer(data: dict) -> None:
    data["presets"]["demo"]["system"]["parameters"]["model"]["width_multiplier"] = 0.25
    for system in NETWORKS:
        data["systems"][system].setdefault("parameters", {})["train"] = {"epochs": 200}


def _at_full_size(fixed: float) -> str:
    """The share that starting takes at the paper preset: of a training job alone, and of the groups of the profile."""
    plan = Plan(read_workflow(changed_configuration(LARGE)))
    estimates, groups = _measured(plan, plan.trainings), defaultdict(list)
    of_group = groups_of_runs(plan, size=SIZE)
    for job in plan.jobs:
        groups[of_group[job[0]].name].append(job)
    kinds: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for jobs in groups.values():
        seconds = [[estimates.of(run).seconds for run in job] for job in jobs]
        if any(None in job for job in seconds):
            continue
        costs = [sum(job) for job in seconds]
        alone, together = kinds["networks" if _trains(plan, jobs[0][0]) else "yardsticks: SVM, majority class"]
        alone += costs
        together.append(sum(costs))
    rows = [
        [kind, len(alone), median(alone), _share(median(alone) + fixed, median(alone)), len(together)]
        + [median(together), _share(median(together) + fixed, median(together))]
        for kind, (alone, together) in kinds.items()
    ]
    columns = ["paper preset, IEMOCAP, CPU", "training jobs", "s a training job", "share beside, alone"]
    columns += ["SLURM jobs", "s a SLURM job", "share beside"]
    return _table(rows, columns)


def _trains(plan: Plan, run: RunKey) -> bool:
    return "train" in plan.systems[run.paper].spec(run.system, run.experiment)["parameters"]


def _share(held: float, trained: float) -> str:
    return f"{(held - trained) / held:.1%}"


def _table(rows: list[list], columns: list[str]) -> str:
    return tabulate(rows, columns, tablefmt="github", floatfmt=".1f")
