"""A cell of a table of calibration: what scoring wrote agrees, and what somebody edited does not."""

import pandas as pd
import pytest

from helpers.random_runs import make_folds, write_runs
from serflow.audit.calibration import BINS, judged
from serflow.audit.cells import cell_steps, recomputed
from serflow.audit.items import TableCell
from serflow.audit.recompute import read_predictions
from serflow.audit.training import training_values
from serflow.cli.score_runs import write_csv
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.system_scores import SystemScores
from serflow.metrics.training import training_table

PLACE = {"paper": "p", "table": "t", "row": "r", "split": "speaker", "experiment": "e", "system": "s"}
PRINTED = {"brier": "0.4f", "nll": "0.4f", "ece": "0.2f"}


class Report:
    folder = "reports/demo-demo"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    entries = write_runs(tmp_path_factory.mktemp("runs"), make_folds())
    folds = Folds(make_folds())
    runs = [read_run(entry, folds) for entry in entries.values()]
    scores = SystemScores(runs, folds, permutations=1000)
    own = [read_predictions(entry["folder"], fold=key[0], seed=key[1]) for key, entry in entries.items()]
    return own, {"scores": scores.scores_table().join(training_table(runs), on="system"), "runs": scores.runs_table()}


@pytest.fixture
def audited(written, tmp_path, monkeypatch):
    """Names of the steps that do not agree, of a metric and selection, after an edit of a file."""
    monkeypatch.chdir(tmp_path)
    own, tables = written
    for name, table in tables.items():
        write_csv(table, tmp_path / f"{name}.csv")
    folds = make_folds()
    keys = {"speakers": "speaker", "sessions": "session"}
    units = {unit: dict(zip(folds["utterance"], folds[key], strict=True)) for unit, key in keys.items()}

    def audit(metric, select, edit=lambda: None):
        scores = pd.read_csv("scores.csv").set_index(["select", "metric"]).loc[(select, metric)]
        value = scores["mean"] if pd.isna(scores["pooled"]) else scores["pooled"]
        text = f"{value * (100 if metric == 'ece' else 1):{PRINTED[metric]}}"
        table = tmp_path / Report.folder / "p/t.csv"
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text(f"item,protocol,reproduced\np/t/r/{metric},any,{text}\n")
        edit()
        cell = TableCell(**PLACE, column=metric, protocol="any", select=select, scores=".", reason=None)
        training = training_values(own, [], in_steps=True)
        made = recomputed(own, units, select, metric)
        return [step.name for step in cell_steps(Report(), cell, own, made, training) if not step.ok]

    return audit


@pytest.mark.parametrize("metric", PRINTED)
@pytest.mark.parametrize("select", ["last", "best_validation", "best_test", "best_test_each"])
def test_what_scoring_wrote_agrees(audited, metric, select):
    assert audited(metric, select) == []


@pytest.mark.parametrize(
    ("name", "column", "step"),
    [
        ("scores", "pooled", "scores"),
        ("scores", "low_utterances", "scores"),
        ("scores", "ua_train", "scores"),
        ("runs", "ece", "epochs"),
    ],
)
def test_a_number_that_was_edited_does_not(audited, name, column, step):
    def edit():
        table = pd.read_csv(f"{name}.csv")
        table[column] += 0.001
        table.to_csv(f"{name}.csv", index=False)

    assert audited("ece", "last", edit) == [step]


def test_a_mark_that_was_taken_away_does_not(audited):
    def edit():
        table = pd.read_csv("scores.csv")
        assert set(table["undertrained"]) == {"yes"}  # the predictions are random
        table.assign(undertrained="no").to_csv("scores.csv", index=False)

    assert audited("ece", "last", edit) == ["scores"]


def test_a_printed_number_that_was_edited_does_not(audited, tmp_path):
    def edit():
        table = tmp_path / Report.folder / "p/t.csv"
        table.write_text("item,protocol,reproduced\np/t/r/brier,any,0.1234\n")

    assert audited("brier", "last", edit) == ["table"]


def test_a_probability_rounded_above_one_is_of_the_last_bin(tmp_path):
    table = {"epoch": [1], "part": ["test"], "utterance": ["u"], "class": ["a"], "p_a": [1 + 1e-6], "p_b": [0.0]}
    pd.DataFrame(table).to_parquet(tmp_path / "predictions.parquet")
    assert judged(tmp_path)["bin"].tolist() == [BINS - 1]
