"""Files of a finished run, kept for a cluster's next attempt: taken as they were, by exactly that run."""

import json

import pytest

from helpers.tiny_job import SPEC, changed, contents, make_job
from serflow.jobs.finished_runs import WANTED, forget_finished_runs
from serflow.jobs.train import run_job

TWO = changed(SPEC, train__epochs=2)


@pytest.fixture
def kept(data, tmp_path, monkeypatch):
    """A finished run whose outputs Snakemake deleted, since another run of its group failed; the bytes that it had."""
    monkeypatch.setenv(WANTED, "1")
    run_job(make_job(data, tmp_path, spec=TWO))
    written = contents(tmp_path)
    delete_outputs(tmp_path)
    return written


def delete_outputs(place):
    for path in sorted((place / "run").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def again(data, place, capsys, **change):
    """What the job says when it is sent again."""
    capsys.readouterr()
    run_job(make_job(data, place, spec=TWO, **change))
    return capsys.readouterr().err


def test_a_finished_run_takes_its_files_and_trains_no_more(data, tmp_path, kept, capsys):
    assert "its files are taken" in again(data, tmp_path, capsys)
    assert contents(tmp_path) == kept
    assert json.loads((tmp_path / "run/run.json").read_text())["resumed_after_epoch"] == 0


def test_another_run_trains(data, tmp_path, kept, capsys):
    assert "from the start" in again(data, tmp_path, capsys, seed=2)


def test_an_edited_file_is_not_taken(data, tmp_path, kept, capsys):
    (folder,) = (tmp_path / "checkpoints").glob("*.finished")
    (folder / "history.csv").write_text("edited\n")
    assert "from the start" in again(data, tmp_path, capsys)
    assert contents(tmp_path) == kept


def test_files_of_another_version_of_a_package_are_not_taken(data, tmp_path, kept, capsys):
    (folder,) = (tmp_path / "checkpoints").glob("*.finished")
    record = json.loads((folder / "run.json").read_text())
    record["versions"]["torch"] = "1.0"
    (folder / "run.json").write_text(json.dumps(record))
    assert "from the start" in again(data, tmp_path, capsys)


def test_nothing_is_kept_where_nobody_asks(data, tmp_path, monkeypatch):
    monkeypatch.delenv(WANTED, raising=False)
    run_job(make_job(data, tmp_path, spec=TWO))
    assert not list((tmp_path / "checkpoints").glob("*"))


def test_what_is_kept_takes_no_second_copy_and_is_forgotten_at_the_end(data, tmp_path, kept, capsys):
    again(data, tmp_path, capsys)
    assert (tmp_path / "run/predictions.parquet").stat().st_nlink == 2
    forget_finished_runs(tmp_path / "checkpoints")
    assert not list((tmp_path / "checkpoints").glob("*"))
    assert contents(tmp_path) == kept
