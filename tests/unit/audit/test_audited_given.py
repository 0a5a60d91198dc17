"""Given predictions: made anew as scoring has them, and told where they were edited or are of other folds."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.given import classes_of, give, last_predictions
from helpers.random_runs import CLASSES, make_folds, write_runs
from serflow.audit.cells import recomputed
from serflow.audit.given import given_predictions, given_steps, is_scored
from serflow.audit.lines import same
from serflow.metrics.given import given_runs
from serflow.metrics.run_files import Folds
from serflow.metrics.system_scores import SystemScores
from serflow.splits import split_digest

FOLDS = list(range(1, 7))


@dataclass
class Data:
    """What the audit asks of a fold table."""

    table: pd.DataFrame
    paper: str = "xu2020"
    experiment: str = "improvised"
    workflow: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(
            papers={"xu2020": {"experiments": {"improvised": {"classes": dict.fromkeys(CLASSES)}}}}
        )
    )

    @property
    def digest(self):
        return split_digest(self.table)

    def fold(self, number):
        return self.table[self.table["fold"] == number]

    @property
    def units(self):
        whose = {"speakers": "speaker", "sessions": "session"}
        return {unit: dict(zip(self.table["utterance"], self.table[key], strict=True)) for unit, key in whose.items()}


@pytest.fixture
def predicted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return last_predictions(write_runs(tmp_path / "runs", make_folds()))


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("select", ["last", "best_validation", "best_test", "best_test_each"])
def test_what_scoring_writes_is_made_anew(predicted, alone, select):
    given, data = give(classes_of(predicted) if alone else predicted, make_folds()), Data(make_folds())
    runs = given_runs([given.record], Folds(data.table), {"mine": FOLDS})
    scores = SystemScores(runs.runs, Folds(data.table), permutations=5, classes_only=runs.classes_only)
    table = scores.scores_table().query("select == @select").set_index("metric")
    own = given_predictions(given, data, FOLDS)
    assert set(table.index) == {name for name in table.index if is_scored(given, data, name)}
    assert ("ece" in table.index) is not alone
    for metric, line in table.iterrows():
        made = recomputed(own, data.units, select, metric).row(metric)
        wrong = {name: value for name, value in made.items() if not same(_text(line[name]), value)}
        assert wrong == {}, metric


def _text(value):
    return "" if pd.isna(value) else f"{value:.6f}" if isinstance(value, float) else str(value)


def wrong(given, data):
    return [step.name for step in given_steps(given, data, FOLDS) if step.ok is False]


def test_what_was_stored_agrees(predicted):
    assert wrong(give(predicted, make_folds()), Data(make_folds())) == []


def test_an_edited_prediction_is_told(predicted):
    given = give(predicted, make_folds())
    predicted.iloc[::-1].to_parquet(given.table, index=False)
    assert wrong(given, Data(make_folds())) == ["predictions"]
    assert not is_scored(given, Data(make_folds()), "ua")


def test_predictions_of_other_folds_are_told(predicted):
    given, table = give(predicted, make_folds()), make_folds()
    names = table["utterance"].unique()
    swapped = table.assign(utterance=table["utterance"].map(dict(zip(names, np.roll(names, 7), strict=True))))
    assert wrong(given, Data(swapped))[:2] == ["split", "covered"]
    assert not is_scored(given, Data(swapped), "ua")


def test_a_record_that_was_edited_to_fit_does_not_hide_what_is_missing_or_no_probability(predicted):
    spoilt = predicted[1:].assign(p_sad=predicted["p_sad"] + 0.5)
    assert wrong(give(spoilt, make_folds()), Data(make_folds())) == ["covered", "probabilities"]
