"""The audit's own scores against those of scoring: two implementations that share no code."""

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

from helpers.random_runs import make_folds, make_networks, parts_of, write_runs
from serflow.audit.calibration import METRICS, Calibration
from serflow.audit.recompute import Predictions, Recomputed, rate, read_predictions
from serflow.audit.training import training_values
from serflow.errors import UserError
from serflow.metrics.run_files import Folds, read_run, reduced, stored_run
from serflow.metrics.system_families import system_families
from serflow.metrics.system_scores import SystemScores
from serflow.metrics.training import training_table


@pytest.fixture(scope="module")
def fold_table():
    return make_folds()


@pytest.fixture(scope="module", params=["a training a fold", "a training a session"])
def runs(fold_table, tmp_path_factory, request):
    networks = make_networks() if request.param == "a training a session" else None
    return write_runs(tmp_path_factory.mktemp("runs"), fold_table, networks=networks)


def units_of(fold_table):
    keys = {"speakers": "speaker", "sessions": "session"}
    return {unit: dict(zip(fold_table["utterance"], fold_table[key], strict=True)) for unit, key in keys.items()}


def own_of(entries, fold_table):
    """The runs as the audit reads them."""
    found = []
    for (fold, seed), entry in entries.items():
        training = entry["training"]
        one = read_predictions(entry["folder"], fold=training["fold"], seed=seed)
        found.append(one if training == entry["run"] else one.of_fold(fold, parts_of(fold_table, fold)))
    return found


@pytest.mark.parametrize("metric", ["ua", "wa", "f1_macro", "f1_weighted", "recall_angry", *METRICS])
@pytest.mark.parametrize(
    ("select", "part"),
    [("last", "test"), ("best_validation", "test"), ("best_test", "test"), ("best_test_each", "test"),
     ("last", "validation"), ("best_validation", "validation")],
)  # fmt: skip
def test_every_value_of_scores_csv_comes_out_the_same(fold_table, runs, select, part, metric):
    folds = Folds(fold_table)
    read = [read_run(entry, folds, part=part) for entry in runs.values()]
    scored = SystemScores(read, folds, permutations=10).scores_table()
    expected = scored[(scored["select"] == select) & (scored["metric"] == metric)].iloc[0]
    own = [replace(one, part=part) for one in own_of(runs, fold_table)]
    units = units_of(fold_table)
    made = (Calibration if metric in METRICS else Recomputed)(own, units, select)
    row = made.row(metric)
    assert set(row) == set(expected.index) - {"system", "select", "metric"}
    for name, value in row.items():
        if value is None:
            assert pd.isna(expected[name]), name
        else:
            assert value == pytest.approx(expected[name], abs=1e-9), name
    by_run = [made.value(run, metric) for run in own]
    names = [name for family in system_families(read[0].classes) for name in family.names]
    assert by_run == pytest.approx([run.metrics[select][names.index(metric)] for run in read], nan_ok=True)


@pytest.mark.parametrize("in_steps", [True, False])
@pytest.mark.parametrize("encoder", [None, "lent"])
def test_what_is_said_of_the_training_comes_out_the_same(fold_table, tmp_path, in_steps, encoder):
    spec = {"parameters": {"train": {}} if in_steps else {}, "encoder": encoder and {"system": encoder}}
    entries = {
        "s": write_runs(tmp_path / "own", fold_table, spec=spec),
        "lent": write_runs(tmp_path / "lent", fold_table, "lent", drawn_by=[5]),
    }
    table = training_table([read_run(run, Folds(fold_table)) for runs in entries.values() for run in runs.values()])
    own, lent = (own_of(runs, fold_table) for runs in entries.values())
    made = training_values(own, lent if encoder else [], in_steps=in_steps)
    assert made["ua_train"] == pytest.approx(table.loc["s", "ua_train"], abs=1e-12)
    states = {(True, None): "yes", (True, "lent"): "yes", (False, "lent"): "encoder", (False, None): ""}
    assert made["undertrained"] == table.loc["s", "undertrained"] == states[in_steps, encoder]  # they are random


@pytest.mark.parametrize(("right", "state"), [(3, "no"), (2, "yes")])
def test_half_way_between_chance_and_one_is_not_under_it(right, state):
    """Of two classes 0.75: of four utterances of "a" some are right, of those of "b" two of four, or three."""
    rows = [("a", "a")] * 4 + [("b", "b")] * (right - 1) + [("b", "a")] * (5 - right)
    table = pd.DataFrame(rows, columns=["class", "guess"]).assign(epoch=1, part="train", utterance="u")
    run = Predictions(1, 1, table, ["a", "b"])
    assert training_values([run], [], in_steps=True)["undertrained"] == state


@pytest.mark.parametrize("metric", ["ua", "recall_angry", *METRICS])
@pytest.mark.parametrize("select", ["last", "best_validation", "best_test", "best_test_each"])
def test_without_some_tests_every_value_comes_out_the_same(fold_table, runs, select, metric):
    """As columns of whole segments are scored: the utterances that are left choose the epoch on the test part."""
    folds = Folds(fold_table)
    short = {name for name in folds.utterances if int(name[-1]) % 3 == 0}
    kept = ~folds.utterances.isin(list(short))
    read = [reduced(stored_run(entry, folds), kept=kept) for entry in runs.values()]
    scored = SystemScores(read, folds, permutations=10).scores_table()
    expected = scored[(scored["select"] == select) & (scored["metric"] == metric)].iloc[0]
    whole = own_of(runs, fold_table)
    own = [one.without_tests(short) for one in whole]
    assert [run.epoch("best_test") for run in own] == [run.epochs["best_test"] for run in read]
    assert [run.epoch("best_test") for run in own] != [run.epoch("best_test") for run in whole], "nothing is tried"
    units = units_of(fold_table)
    row = (Calibration if metric in METRICS else Recomputed)(own, units, select).row(metric)
    for name, value in row.items():
        if value is None:
            assert pd.isna(expected[name]), name
        else:
            assert value == pytest.approx(expected[name], abs=1e-9), name


def test_a_metric_that_the_audit_has_no_formula_for_is_an_error_that_says_where_it_belongs(fold_table, runs):
    with pytest.raises(UserError, match=r"kappa: the audit has no formula of its own.*serflow\.audit\.recompute"):
        rate(Counter({("a", "a"): 1}), "kappa")


def test_the_epochs_are_those_that_scoring_chooses(fold_table, runs):
    folds = Folds(fold_table)
    for own, entry in zip(own_of(runs, fold_table), runs.values(), strict=True):
        assert {select: own.epoch(select) for select in ("last", "best_validation", "best_test")} == read_run(
            entry, folds
        ).epochs


def test_rates_by_hand():
    counts = {("a", "a"): 3, ("a", "b"): 1, ("b", "b"): 1, ("b", "a"): 1}

    found = {name: float(rate(Counter(counts), name)) for name in ("ua", "wa", "recall_a", "f1_macro")}
    assert found == pytest.approx({"ua": 0.625, "wa": 4 / 6, "recall_a": 0.75, "f1_macro": (6 / 8 + 2 / 4) / 2})
