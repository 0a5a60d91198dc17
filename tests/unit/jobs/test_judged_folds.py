"""A training of which a session is left out: it predicts all of it, and each fold that it judges chooses its epoch."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from helpers import tiny_job
from helpers.judged_folds import FEMALE, MALE, PEOPLE, SIX, train_shared, write_split
from helpers.tiny_job import contents, make_job, with_data
from serflow.jobs.checkpoint import Checkpoint
from serflow.jobs.train import run_job


@pytest.fixture(scope="module")
def shared(data, tmp_path_factory):
    """The training that leaves the session out."""
    return train_shared(data, tmp_path_factory.mktemp("shared")).parent


def own(data, place, tested):
    """The same network trained for one of the folds alone."""
    split = write_split(place, data, "speaker", lambda name: "test" if PEOPLE[name] == tested else "validation")
    run_job(with_data(make_job(data, place, spec=SIX, split="speaker"), split=split))
    return place


def rows(place, part_of=None):
    table = pq.read_table(place / "run/predictions.parquet").to_pandas()
    if part_of:
        tested = table["part"] == "test"
        table["part"] = table["part"].where(~tested, table["utterance"].map(part_of))
    return table.sort_values(["epoch", "part", "utterance"], ignore_index=True)


@pytest.mark.parametrize("tested", ["Ses01F", "Ses01M"])
def test_a_fold_of_it_has_the_bytes_of_a_training_of_that_fold_alone(data, shared, tmp_path, tested):
    """Predictions, and the network that the fold's validation part chooses."""
    alone = own(data, tmp_path, tested)
    parts = {name: "test" if person == tested else "validation" for name, person in PEOPLE.items()}
    found, expected = rows(shared, parts), rows(alone)
    assert found.equals(expected)
    fold = FEMALE if tested == "Ses01F" else MALE
    chosen, best = (json.loads((place / "run/model/epochs.json").read_text())["best"] for place in (shared, alone))
    assert chosen[fold] == best["speaker/fold1"]
    name = "last" if chosen[fold] == 6 else f"epoch{chosen[fold]}"
    weights = f"run/model/{name}/weights.safetensors"
    assert (shared / weights).read_bytes() == (alone / weights).read_bytes()


def test_its_history_has_a_column_for_each_fold(shared):
    header, *lines = (shared / "run/history.csv").read_text().splitlines()
    columns = [
        "epoch",
        "lr",
        "loss",
        "steps",
        f"{FEMALE} validation_ua",
        f"{MALE} validation_ua",
        "train_loss",
        "train_ua",
    ]
    assert header.split(",") == columns
    best = json.loads((shared / "run/run.json").read_text())["best_epochs"]
    for place, fold in enumerate((FEMALE, MALE), start=4):
        values = [float(line.split(",")[place]) for line in lines]
        assert best[fold] == 1 + int(np.argmax(values))


def test_only_the_networks_that_a_fold_chose_are_kept(shared):
    kept = json.loads((shared / "run/model/epochs.json").read_text())
    folders = {path.name for path in (shared / "run/model").iterdir()} - {"epochs.json"}
    assert folders == {"last"} | {f"epoch{epoch}" for epoch in kept["best"].values() if epoch != kept["last"]}
    assert not list((shared / "checkpoints").glob("*"))


def test_a_stopped_training_ends_with_the_bytes_of_one_that_was_not(data, shared, tmp_path, monkeypatch):
    job = with_data(make_job(data, tmp_path, spec=SIX, split="session_out"), split=shared / "session_out.parquet")
    for call in (2, 3):
        with monkeypatch.context() as patched, pytest.raises(tiny_job.Stop):
            tiny_job.stop_at(patched, Checkpoint, "save", call)
            run_job(job)
    run_job(job)
    assert json.loads((tmp_path / "run/run.json").read_text())["resumed_after_epoch"] == 3
    assert contents(tmp_path) == contents(shared)
