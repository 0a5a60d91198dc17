"""What more training gives the demo preset's teacher `tcn_self` of zhao2021 on the default stand-in: errors after the
preset's epochs and after five times as many, in per cent of the phones or words of the session that is left out (fold
1), of its test speaker's utterances: all that have words, or those alone whose line no training utterance has. The
reference is the same teacher trained with other utterances' transcripts (`tcn_self_shuffled`), which can learn the
language and nothing of how it sounds: what it reaches takes no sound. In a fresh copy of the project, by its own
rules, from the release to rule `score_asr`, one thread a teacher; both are trained once, for the larger number of
epochs. The learning rate is constant, so that the first epochs are those of the preset. Decoding is greedy, as after
every epoch; the report's table has the beam of the preset. Minutes: run by `make bench BENCH=teacher` alone, and once.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from bench.measure import Row
from bench.project import copy_of_project, paper_plan
from bench.runner import Bench
from serflow.config import read_yaml
from serflow.files import read_json
from serflow.plan.merging import merge
from serflow.provenance.run_key import RunKey

ONLY_BY_NAME = True
PAPER, TEACHER, SHUFFLED = "zhao2021", "tcn_self", "tcn_self_shuffled"
CONFIG = ["preset=demo", "corpus=demo", "release=null", f"papers=[{PAPER}]", "seeds=null", "folds=1", "device=cpu"]
TURNS = 225  # of --quick; the fewest that a stand-in can have
ERRORS = ["substitutions", "deletions", "insertions"]


def run(bench: Bench) -> list[Row]:
    """Error rates of phones and words, all lines and unseen ones, after few epochs and after many."""
    plan = paper_plan(PAPER, preset="demo")
    few = bench.size(epochs_of(plan.systems[PAPER].teacher_spec(TEACHER)), quick=1)
    many = few * bench.size(5, quick=2)
    project = copy_of_project(bench.folder / "teacher")
    project.paper(lambda data: teach_longer(data, many), PAPER)
    if bench.quick:
        declared = project.folder / "workflow/corpora/demo.yaml"
        declared.write_text(yaml.safe_dump(merge(read_yaml(declared), {"generate": {"turns": TURNS}})))
    teacher = plan.teacher_run(PAPER, TEACHER, fold=1)
    curves = f"results/demo/demo/{PAPER}/{teacher.experiment}/asr/{teacher.split}/curves.csv"
    project.snakemake("--config", *CONFIG, "--", curves)
    rows = rows_of(pd.read_csv(project.folder / curves), few=few, many=many)
    return [replace(rows[0], note=f"{_trained(project.folder, teacher)}; {rows[0].note}"), *rows[1:]]


def epochs_of(spec: dict[str, Any]) -> int:
    """The epochs of a teacher's resolved spec.

    Raises
    ------
    RuntimeError
        If an epoch would be another one in a longer training.
    """
    train = spec["parameters"]["train"]
    if train["schedule"] is not None or spec["steps"] is not None:
        raise RuntimeError("the first epochs of a longer training are not the preset's: its rate or steps vary")
    return train["epochs"]


def teach_longer(data: dict[str, Any], epochs: int) -> None:
    """Change a paper's YAML: these epochs for both teachers, and no others trained for the error rates."""
    for name in (TEACHER, SHUFFLED):
        data["teachers"][name] = merge(data["teachers"][name], {"parameters": {"train": {"epochs": epochs}}})
    for table in data["tables"].values():
        if table.get("kind") == "asr":
            table["rows"] = [row for row in table["rows"] if row["teacher"] in (TEACHER, SHUFFLED)]
    for figure in data["figures"].values():
        if "teachers" in figure:
            figure["teachers"] = [TEACHER, SHUFFLED]


def rows_of(curves: pd.DataFrame, *, few: int, many: int) -> list[Row]:
    """A row for each number of epochs, kind of lines and unit; none where no such line was said."""
    rows = []
    for (epoch, lines, unit), group in curves.groupby(["epoch", "lines", "unit"], sort=False):
        errors = group.set_index("teacher")
        if epoch in (few, many) and errors["reference"].all():
            shares = 100 * errors[ERRORS].sum(axis=1) / errors["reference"]
            told = f"{errors.loc[TEACHER, 'reference']} {unit}s"
            what = f"{unit}s, {lines} lines, {epoch} epochs"
            rows.append(Row(what, "%", [float(shares[TEACHER])], [float(shares[SHUFFLED])], note=told))
    return sorted(rows, key=lambda row: row.what.split(",")[:2])


def _trained(folder: Path, teacher: RunKey) -> str:
    """What both were trained on, and for how long."""
    records = [read_json(folder / replace(teacher, system=name).folder / "run.json") for name in (TEACHER, SHUFFLED)]
    counts, own, other = records[0]["counts"], *(record["seconds"] for record in records)
    shown = f"{counts['train_utterances']} utterances, {counts['train_segments']} with runs of words"
    return f"trained on {shown}, in {own:.0f} s (shuffled: {other:.0f} s)"
