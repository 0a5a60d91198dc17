"""A job of several seeds: what is finished stays and what is not is trained, in one process or several."""

import json
import os
from dataclasses import replace

import pytest

from helpers.tiny_job import SPEC, Stop, changed, contents, make_job, stop_at, with_data, write_folds
from serflow.errors import UserError
from serflow.jobs.train import run_jobs
from serflow.learners.network import Network
from serflow.parquet import read_columns

TWO = changed(SPEC, train__epochs=2)


def jobs_of(data, place, seeds, spec=TWO):
    return [make_job(data, place / f"seed{seed}", spec=spec, seed=seed) for seed in seeds]


def run_all(data, place, *seeds, at_once=1, **change):
    run_jobs(jobs_of(data, place, seeds, **change), at_once=at_once, output=place / "runs.json")
    return json.loads((place / "runs.json").read_text())


@pytest.fixture
def trained(data, tmp_path, capsys):
    """Two finished seeds."""
    run_all(data, tmp_path, 1, 2)
    capsys.readouterr()
    return tmp_path


def said(capsys):
    """What each seed says, in order."""
    return [line.split(": ", 1)[1] for line in capsys.readouterr().err.splitlines() if line.startswith("run ")]


KEPT, ANEW = "finished by an earlier job; nothing is trained", "from the start"


def test_the_file_of_a_job_names_each_seeds_digest_and_files(trained):
    runs = json.loads((trained / "runs.json").read_text())
    assert list(runs) == ["1", "2"]
    for seed, kept in runs.items():
        record = json.loads((trained / f"seed{seed}/run/run.json").read_text())
        assert kept == {name: record[name] for name in ("digest", "outputs", "versions")}


def test_a_seed_more_is_trained_alone(data, trained, capsys):
    before = [contents(trained / f"seed{seed}") for seed in (1, 2)]
    assert list(run_all(data, trained, 1, 2, 3)) == ["1", "2", "3"]
    assert said(capsys) == [KEPT, KEPT, ANEW]
    assert [contents(trained / f"seed{seed}") for seed in (1, 2)] == before


def test_a_seed_less_trains_nothing(data, trained, capsys):
    assert list(run_all(data, trained, 2)) == ["2"]
    assert said(capsys) == [KEPT]


@pytest.mark.parametrize("name", ["predictions.parquet", "history.csv", "model/last/weights.safetensors", "run.json"])
@pytest.mark.parametrize("harm", ["deleted", "edited"])
def test_a_seed_whose_file_was_deleted_or_edited_is_trained_again(data, trained, capsys, name, harm):
    before, file = contents(trained / "seed2"), trained / "seed2/run" / name
    file.unlink() if harm == "deleted" else file.write_bytes(file.read_bytes() + b" ,")
    run_all(data, trained, 1, 2)
    assert said(capsys) == [KEPT, ANEW]
    assert contents(trained / "seed2") == before


@pytest.mark.parametrize("change", ["spec", "code", "split", "versions"])
def test_what_was_trained_otherwise_is_trained_again(data, trained, capsys, monkeypatch, change):
    jobs = jobs_of(data, trained, [1], spec=changed(TWO, train__optimizer__lr=0.02) if change == "spec" else TWO)
    if change == "code":
        monkeypatch.setattr("serflow.jobs.train.closure_digest", lambda *modules: "other code")
    elif change == "versions":
        monkeypatch.setattr("serflow.jobs.session.versions", lambda: {"torch": "1.0"})
    elif change == "split":
        columns = read_columns(data / "split.parquet")
        write_folds(trained, columns | {"session": ["2"] * len(columns["session"])})
        jobs = [with_data(jobs[0], split=trained / "split.parquet")]
    run_jobs(jobs, at_once=1, output=trained / "runs.json")
    assert said(capsys) == [ANEW]


def test_networks_that_nobody_wants_are_not_kept_and_are_made_once_somebody_does(data, trained, tmp_path, capsys):
    place = tmp_path / "frugal"
    without = [replace(job, keeps_weights=False) for job in jobs_of(data, place, [1])]
    run_jobs(without, at_once=1, output=place / "runs.json")
    assert sorted(path.name for path in (place / "seed1/run/model").iterdir()) == ["epochs.json"]
    bytes_of = [(folder / "seed1/run/predictions.parquet").read_bytes() for folder in (place, trained)]
    assert bytes_of[0] == bytes_of[1]
    run_jobs(without, at_once=1, output=place / "runs.json")
    run_all(data, place, 1)
    run_jobs(without, at_once=1, output=place / "runs.json")
    assert said(capsys) == [ANEW, KEPT, ANEW, KEPT]
    assert contents(place / "seed1") == contents(trained / "seed1")


def test_a_job_that_is_killed_keeps_the_finished_seeds_and_resumes_the_one_under_way(
    data, tmp_path, capsys, monkeypatch
):
    whole = tmp_path / "whole"
    run_all(data, whole, 1, 2, 3)
    steps = json.loads((whole / "seed1/run/run.json").read_text())["training"]["steps"]
    stopped = tmp_path / "stopped"
    with monkeypatch.context() as patched, pytest.raises(Stop):
        stop_at(patched, Network, "_step", steps + steps // 2 + 2)  # in the second epoch of the second seed
        run_all(data, stopped, 1, 2, 3)
    assert not (stopped / "runs.json").exists()
    capsys.readouterr()
    run_all(data, stopped, 1, 2, 3)
    assert said(capsys) == [KEPT, "resumed after epoch 1", ANEW]
    assert [contents(stopped / f"seed{i}") for i in (1, 2, 3)] == [contents(whole / f"seed{i}") for i in (1, 2, 3)]


def test_where_a_seed_fails_the_others_are_finished_and_the_message_stands_once(data, tmp_path, monkeypatch):
    original = Network.fit

    def failing(self, train):
        if self.seed != 2:
            raise UserError("features: odd values")
        yield from original(self, train)

    monkeypatch.setattr(Network, "fit", failing)
    with pytest.raises(UserError, match=r"^features: odd values$"):
        run_all(data, tmp_path, 1, 2, 3)
    assert (tmp_path / "seed2/run/run.json").exists()
    assert not (tmp_path / "runs.json").exists()


def test_an_error_of_another_kind_is_raised_as_it_is(data, tmp_path, monkeypatch):
    monkeypatch.setattr(Network, "fit", lambda self, train: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_all(data, tmp_path, 1, 2)


@pytest.mark.slow
def test_seeds_side_by_side_write_the_same_bytes(data, trained, tmp_path):
    place = tmp_path / "together"
    run_all(data, place, 1, 2, at_once=2)
    assert [contents(place / f"seed{i}") for i in (1, 2)] == [contents(trained / f"seed{i}") for i in (1, 2)]


@pytest.mark.slow
def test_an_error_in_a_process_of_its_own_is_told_as_in_this_one(data, tmp_path):
    jobs = [with_data(job, fold=7) for job in jobs_of(data, tmp_path, [1, 2])]
    with pytest.raises(UserError, match="no fold 7"):
        run_jobs(jobs, at_once=2, output=tmp_path / "runs.json")


def die(*_):
    os._exit(9)


@pytest.mark.slow
def test_a_seed_whose_process_is_killed_is_said(data, tmp_path, monkeypatch):
    monkeypatch.setattr("serflow.jobs.train.keep_freed_memory", die)
    with pytest.raises(UserError, match="a process that trains a seed died"):
        run_all(data, tmp_path, 1, 2, at_once=2)
