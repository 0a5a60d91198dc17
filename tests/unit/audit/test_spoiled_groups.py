"""groups.csv, reliability.csv and the worst speaker, as scoring wrote them and after an edit of any value."""

import csv

import numpy as np
import pandas as pd
import pytest

from helpers.random_runs import make_folds, write_runs
from serflow.audit.cells import recomputed
from serflow.audit.groups import bins_steps, group_steps
from serflow.audit.items import TableCell
from serflow.audit.recompute import read_predictions
from serflow.cli.score_runs import write_csv
from serflow.metrics.groups import groups_table, read_groups
from serflow.metrics.reliability import reliability_table
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.system_scores import SystemScores

SELECT = "best_validation"
CELL = TableCell(
    paper="p", table="t", row="r", column="ua", protocol="strict", split="speaker", select=SELECT, experiment="e",
    system="s", scores=".", reason=None, kind="groups",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """What scoring makes of drawn runs: the three tables, the view, and the audit's own reading of the runs."""
    table = make_folds()
    entries = write_runs(tmp_path_factory.mktemp("runs"), table)
    folds = Folds(table)
    view = table.drop_duplicates("utterance")[["utterance", "speaker"]].reset_index(drop=True)
    number = np.arange(len(view))
    view = view.assign(
        sex=np.where(number % 2, "F", "M"),
        style=np.where(number % 3, "improvised", "scripted"),
        duration=np.choose(number % 3, [1.0, 4.0, 9.0]),
    )
    path = tmp_path_factory.mktemp("view") / "view.parquet"
    view.to_parquet(path)
    scores = SystemScores([read_run(entry, folds) for entry in entries.values()], folds, permutations=20)
    tables = {
        "groups": groups_table(scores, read_groups(path, folds.utterances)),
        "reliability": reliability_table(scores),
    }
    own = [read_predictions(entry["folder"], fold=key[0], seed=key[1]) for key, entry in entries.items()]
    keys = {"speakers": "speaker", "sessions": "session"}
    units = {unit: dict(zip(table["utterance"], table[key], strict=True)) for unit, key in keys.items()}
    return tables, view, own, units


@pytest.fixture
def audited(world, tmp_path, monkeypatch):
    """Steps that do not agree, after an edit of a line of one of the files."""
    monkeypatch.chdir(tmp_path)
    tables, view, own, units = world
    for name, table in tables.items():
        write_csv(table, tmp_path / f"{name}.csv")
    groups = tables["groups"]
    people = groups[(groups["group"] == "speaker") & (groups["select"] == SELECT)]
    worst = people.sort_values(["ua", "value"]).iloc[0]
    line = {"item": "p/t/r/ua_speaker_worst", "protocol": "strict", "value": worst["value"]}
    pd.DataFrame([line | {"reproduced": f"{100 * worst['ua']:.2f}"}]).to_csv("table.csv", index=False)

    def audit(file=None, number=0, **change):
        if file:
            with open(file, encoding="utf-8", newline="") as stream:
                lines = list(csv.DictReader(stream))
            mine = [line for line in lines if line.get("select", SELECT) == SELECT]
            mine[number].update(change)
            with open(file, "w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(lines[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(lines)
        steps = [
            *group_steps("table.csv", CELL, recomputed(own, units, SELECT, "ua"), view),
            *bins_steps(CELL, recomputed(own, units, SELECT, "ece")),
        ]
        return [step for step in steps if not step.ok]

    return audit


def test_what_scoring_wrote_agrees(audited):
    assert audited() == []


@pytest.mark.parametrize("column", ["ua", "low", "high", "utterances", "speakers", "seeds", "classes"])
@pytest.mark.parametrize("number", [0, 5])
def test_any_value_of_a_group_that_was_edited(audited, column, number):
    (found,) = audited("groups.csv", number, **{column: "0.123"})
    assert f": {column} is 0.123" in found.said


def test_a_group_that_was_renamed(audited):
    found = audited("groups.csv", 0, value="children")
    assert {step.expected for step in found} == {"one", "none"}


@pytest.mark.parametrize("column", ["low", "high", "utterances", "confidence", "accuracy"])
def test_any_value_of_a_bin_that_was_edited(audited, column):
    (found,) = audited("reliability.csv", 7, **{column: "0.123"})
    assert f"bin 8: {column} is 0.123" in found.said


@pytest.mark.parametrize(("column", "value"), [("value", "nobody"), ("reproduced", "99.00")])
def test_another_worst_speaker_in_the_table(audited, column, value):
    (found,) = audited("table.csv", 0, **{column: value})
    assert found.name == "worst speaker"
    assert value in found.said
