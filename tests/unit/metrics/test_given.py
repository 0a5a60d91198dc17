"""Predictions from elsewhere beside runs: equal ones have equal scores, and what cannot be scored says why."""

import numpy as np
import pandas as pd
import pytest

from helpers.given import classes_of, give, last_predictions
from helpers.random_runs import make_folds, write_runs
from serflow.metrics.contrasts import contrasts_table
from serflow.metrics.given import given_runs, restricted
from serflow.metrics.names import CALIBRATION
from serflow.metrics.reliability import reliability_table
from serflow.metrics.run_files import Folds, reduced, stored_run
from serflow.metrics.selected import read_selected, write_selected
from serflow.metrics.system_scores import SystemScores

ALL = {"mine": range(1, 7)}


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Runs of a system `s`, as stored, their predictions after the last epoch, and the fold table."""
    monkeypatch.chdir(tmp_path)
    entries, folds = write_runs(tmp_path / "runs", make_folds()), Folds(make_folds())
    return [stored_run(entry, folds) for entry in entries.values()], last_predictions(entries), folds


@pytest.fixture
def scored(stored):
    """The tables of the runs and of what is given beside them."""

    def make(table, **change):
        runs, _, folds = stored
        given = give(table, make_folds(), **change)
        found = given_runs([given.record], folds, ALL)
        together = [*map(reduced, runs), *found.runs]
        return SystemScores(together, folds, permutations=50, classes_only=found.classes_only)

    return make


def of(table, system, select):
    chosen = table[(table["system"] == system) & (table["select"] == select)]
    return chosen.drop(columns=["system", "select"]).reset_index(drop=True)


def test_equal_predictions_have_equal_scores(stored, scored):
    scores = scored(stored[1])
    for table in (scores.scores_table(), scores.confusion_table(), reliability_table(scores)):
        pd.testing.assert_frame_equal(of(table, "mine", "last"), of(table, "s", "last"))
    pairs = scores.pairs_table([["mine", "s"]])
    assert set(pairs.loc[pairs["select"] == "last", "difference"]) == {0.0}


def test_every_selection_has_the_same_numbers_and_there_is_no_epoch(stored, scored):
    scores = scored(stored[1])
    table = scores.scores_table()
    for select in ("best_validation", "best_test"):
        pd.testing.assert_frame_equal(of(table, "mine", select), of(table, "mine", "last"))
    means = [of(table, "mine", select)["mean"] for select in ("best_test_each", "last")]
    pd.testing.assert_series_equal(*means)
    assert scores.runs_table().query("system == 'mine'")["epoch"].isna().all()


def test_of_classes_alone_there_are_the_same_rates_and_no_calibration(stored, scored, tmp_path):
    scores = scored(classes_of(stored[1]))
    table = scores.scores_table()
    mine, theirs = of(table, "mine", "last"), of(table, "s", "last")
    assert set(theirs["metric"]) - set(mine["metric"]) == set(CALIBRATION)
    rates = theirs[~theirs["metric"].isin(CALIBRATION)].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, rates)
    assert not set(scores.pairs_table([["mine", "s"]])["metric"]) & set(CALIBRATION)
    assert "mine" not in set(reliability_table(scores)["system"])
    runs = scores.runs_table().set_index("system")
    assert runs.loc["mine", list(CALIBRATION)].isna().all(axis=None)
    assert runs.loc["s", list(CALIBRATION)].notna().all(axis=None)
    write_selected(scores, stored[2], tmp_path / "selected.parquet")
    selected = read_selected(tmp_path / "selected.parquet")
    how = {"shared": {"speaker": False}, "unseeded": (), "permutations": 20, "classes_only": ["mine"]}
    contrasts = contrasts_table({"speaker": selected}, [(("speaker", "last"), ("speaker", "best_test"))], **how)
    metrics = contrasts.groupby("system")["metric"].agg(set)
    assert metrics["s"] - metrics["mine"] == set(CALIBRATION)


def test_what_was_edited_or_is_of_other_folds_is_left_out_with_the_reason(stored):
    _, table, folds = stored
    given = give(table, make_folds())
    table.assign(p_sad=table["p_sad"] / 2).to_parquet(given.table, index=False)
    found = given_runs([given.record], folds, ALL)
    assert found.runs == [] and "was changed after it was stored" in found.unscored["mine"]
    other = give(table, make_folds(), name="other", fold_table="0" * 64)
    found = given_runs([other.record], folds, {"other": range(1, 7)})
    assert found.runs == [] and found.unscored["other"].startswith("stale: the fold table of improvised, speaker")


def test_only_the_folds_that_are_asked_for_are_scored(stored):
    _, table, folds = stored
    found = given_runs([give(table, make_folds()).record], folds, {"mine": [2, 3]})
    assert {(run.fold, run.seed) for run in found.runs} == {(2, 1), (2, 2), (3, 1), (3, 2)}


def test_a_part_of_the_utterances_has_the_scores_of_runs_of_these(stored):
    runs, table, folds = stored
    kept = np.arange(len(folds.utterances)) % 3 != 0
    given = given_runs([give(table, make_folds()).record], folds, ALL).runs
    together = [*(reduced(run, kept=kept) for run in runs), *(restricted(run, kept, folds) for run in given)]
    table = SystemScores(together, folds, permutations=5).scores_table()
    pd.testing.assert_frame_equal(of(table, "mine", "last"), of(table, "s", "last"))
