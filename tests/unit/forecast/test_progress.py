"""What counts as done: the same runs that scoring would take."""

import shutil

import pytest

from helpers.declared import make_report
from helpers.written_runs import write_fingerprint, write_run
from serflow.forecast.progress import progress

XU = {"papers": ["xu2020"], "sweeps": False, "protocols": ["as_published"]}


@pytest.fixture(scope="module")
def report():
    return make_report(**XU)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run_of(report, system="acnn"):
    return next(run for run in report.plan.runs if (run.system, run.experiment) == (system, "improvised"))


def test_nothing_is_done_where_nothing_is(report):
    found = progress(report)
    assert (found.done, found.stale) == (set(), {})


@pytest.mark.parametrize("system", ["acnn", "svm_compare", "majority"])
def test_a_run_of_the_present_spec_and_code_is_done(report, system):
    run = run_of(report, system)
    write_run(report.plan, run)
    assert progress(report).done == {run}


def test_a_run_of_another_spec_is_stale_and_not_done(report):
    run = run_of(report)
    spec = report.plan.systems["xu2020"].spec("acnn", "improvised") | {"steps": 7}
    write_run(report.plan, run, spec=spec)
    found = progress(report)
    assert found.done == set()
    assert list(found.stale) == [run]
    assert "spec" in found.stale[run]


def test_a_run_by_other_code_is_stale(report):
    run = run_of(report)
    write_run(report.plan, run, inputs={"split": "a fold table", "features": "features", "code": "other"})
    assert "other code" in progress(report).stale[run]


def test_a_run_under_another_key_is_stale(report):
    run = run_of(report)
    write_run(report.plan, run, key=run.key | {"seed": 99})
    assert "seed 99" in progress(report).stale[run]


def test_the_fold_table_counts_where_its_fingerprint_is_on_disk(report):
    run = run_of(report)
    write_run(report.plan, run)
    write_fingerprint(run, split="a fold table")
    assert progress(report).done == {run}
    write_fingerprint(run, split="another")
    assert "another fold table" in progress(report).stale[run]


def test_the_features_count_where_their_fingerprint_is_on_disk(report):
    run = run_of(report)
    write_run(report.plan, run)
    write_fingerprint(run, features=("mfcc13", "features"))
    assert progress(report).done == {run}
    write_fingerprint(run, features=("mfcc13", "others"))
    assert "other features" in progress(report).stale[run]


@pytest.mark.parametrize("name", ["model/last/weights.safetensors", "history.csv"])
def test_a_run_that_lost_a_file_is_not_done(report, name):
    run = run_of(report)
    (write_run(report.plan, run) / name).unlink()
    found = progress(report)
    assert found.done == set()
    assert f"{name} missing" in found.stale[run]


def test_a_file_that_every_run_has_is_missed_even_where_the_record_does_not_name_it(report):
    run = run_of(report)
    (write_run(report.plan, run, outputs={}) / "predictions.parquet").unlink()
    assert "predictions.parquet missing" in progress(report).stale[run]


def test_a_run_without_weights_is_done_only_where_none_are_wanted():
    for which, done in (("first_seed", 2), ("all", 1)):
        report = make_report(**XU | {"seeds": [1, 2], "keep_weights": which})
        runs = [run for run in report.plan.runs if (run.system, run.experiment) == ("acnn", "improvised")][:2]
        for run in runs:
            folder = write_run(report.plan, run, outputs={})
            if run.seed == 2:
                shutil.rmtree(folder / "model/last")
        found = progress(report)
        assert len(found.done) == done
    assert "its weights were not kept" in found.stale[runs[1]]


def test_a_mangled_record_is_stale_and_stops_nothing(report):
    run = run_of(report)
    (write_run(report.plan, run) / "run.json").write_text("{")
    assert "not valid JSON" in progress(report).stale[run]
