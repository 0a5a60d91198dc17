"""A table of metrics that are better the lower they are, and of which two are no shares."""

import shutil

import pandas as pd
import pytest

from helpers.fabricated import table_spec
from serflow.reporting.layout import table_layout
from serflow.reporting.table_rows import table_rows

VALUES = {"brier": 0.61234, "nll": 1.25, "ece": 0.0825}


@pytest.fixture
def scores(world, tmp_path):
    """Scores of the split random10 with calibration beside the accuracies."""
    folder = tmp_path / "scores/random10"
    shutil.copytree(world / "scores/random10", folder)
    for name, columns in {"scores": ["pooled", "low_speakers", "high_speakers"], "pairs": ["difference"]}.items():
        table = pd.read_csv(folder / f"{name}.csv")
        of_wa = table[table["metric"] == "wa"]
        more = [
            of_wa.assign(metric=metric, **dict.fromkeys(columns, -0.01 if name == "pairs" else value))
            for metric, value in VALUES.items()
        ]
        pd.concat([table, *more]).to_csv(folder / f"{name}.csv", index=False)
    return folder


@pytest.fixture
def spec(world, scores):
    spec = table_spec(world)
    protocols = [protocol for protocol in spec["protocols"] if protocol["name"] == "random10"]
    rows = [
        row | {"scores": {"random10": str(scores)}, "reported": {}}
        for row in spec["rows"]
        if row.get("system") == "acnn"
    ]
    return spec | {"columns": ["wa", *VALUES], "protocols": protocols, "rows": rows}


def test_each_metric_has_its_own_unit_in_the_csv(spec):
    found = {line["column"]: line["reproduced"] for line in table_rows(spec)}
    assert (found["brier"], found["nll"], found["ece"]) == ("0.6123", "1.2500", "8.25")


def test_each_metric_has_its_own_unit_in_print(spec):
    (group,) = table_layout(spec, table_rows(spec))["rows"]
    printed = {line["metric"]: line["cells"][0] for line in group["lines"]}
    assert [printed[name]["text"] for name in ("Brier", "NLL", "ECE")] == ["0.612", "1.250", "8.2"]
    assert printed["Brier"]["spread"] == "[0.612–0.612]"


def test_beneath_the_table_they_are_differences_and_the_accuracies_gains(spec):
    row = spec["rows"][0] | {
        "id": "more",
        "name": "more",
        "ablated": {"id": spec["rows"][0]["id"], "system": "svm_compare"},
    }
    more = spec | {"rows": [*spec["rows"], row]}
    found = {(line["head"], line["relation"]): line for line in table_layout(more, table_rows(more))["ablation"]}
    assert set(found) == {("Gain in WA, points", "over"), ("Difference", "minus"), ("Difference, points", "minus")}
    assert found["Difference, points", "minus"]["cells"][0]["text"] == "−1.0"
    assert found["Difference", "minus"]["cells"][0]["text"] == "−0.010"
