"""The sample of the training part that is predicted after every epoch: who is in it, and that it stays the same."""

import csv
import math
from collections import Counter

import pyarrow.parquet as pq
import pytest

from helpers import tiny_job
from helpers.tiny_job import SPEC, changed, make_job
from serflow.files import read_json
from serflow.jobs import training_sample as module
from serflow.jobs.train import run_job
from serflow.jobs.training_sample import LARGEST, training_sample


def drawn(labels, seed=1):
    places = training_sample(labels, seed=seed)
    assert places == sorted(set(places))
    return Counter(labels[place] for place in places)


def test_a_small_part_is_in_it_whole():
    assert training_sample(["a", "b", "a"], seed=3) == [0, 1, 2]


@pytest.mark.parametrize("labels", ["a" * 400 + "b" * 60 + "c" * 55 + "d" * 500, "abcd" * 100])
def test_classes_have_equally_many(labels):
    assert drawn(labels) == dict.fromkeys("abcd", LARGEST / 4)


def test_a_class_that_has_fewer_gives_all_and_the_others_share_what_is_left():
    found = drawn("a" * 400 + "b" * 7 + "c" * 500)
    assert (found["b"], found.total()) == (7, LARGEST)
    assert {found["a"], found["c"]} == {96, 97}


def test_the_seed_alone_draws_it():
    labels = "ab" * 300
    assert training_sample(labels, seed=1) == training_sample(labels, seed=1) != training_sample(labels, seed=2)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tiny_job.write_data(tmp_path_factory.mktemp("data"))


def sample(data, place, **run):
    """Epoch -> utterances of the training sample of a run, and its run.json."""
    run_job(make_job(data, place, **run))
    table = pq.read_table(place / "run/predictions.parquet").to_pandas()
    table = table[table["part"] == "train"]
    record = read_json(place / "run/run.json")
    return {epoch: rows["utterance"].tolist() for epoch, rows in table.groupby("epoch")}, record


def test_it_is_the_same_in_every_epoch_and_without_what_gives_no_segment(data, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 8)
    found, record = sample(data, tmp_path / "first")
    assert list(found) == [1, 2, 3, 4]
    assert {tuple(names) for names in found.values()} == {tuple(found[1])}
    # of sixteen, clip002, clip008 and clip014 have 12 frames; a segment has 16
    assert len(found[1]) == 8 and not {"clip002", "clip008", "clip014"} & set(found[1])
    assert record["counts"]["train_sample"] == 8
    assert record["counts"]["train_utterances_used"] == 13
    assert Counter(int(name[-2:]) % 4 for name in found[1]) == dict.fromkeys(range(4), 2)
    other, _ = sample(data, tmp_path / "second", seed=2)
    assert other[1] != found[1]


def test_of_fewer_utterances_a_class_those_that_train_are_in_it(data, tmp_path):
    spec = changed(SPEC, train__epochs=1)
    spec["parameters"]["train_per_class"] = 3
    found, record = sample(data, tmp_path, spec=spec)
    assert len(found[1]) == record["counts"]["train_utterances_used"] < 13


def test_run_json_has_the_steps_and_the_last_epochs_numbers(data, tmp_path):
    _, record = sample(data, tmp_path)
    an_epoch, training = record["counts"]["steps_an_epoch"], record["training"]
    # the rate is halved after every two of the four epochs
    assert (training["steps"], training["steps_at_initial_rate"]) == (4 * an_epoch, 2 * an_epoch)
    with open(tmp_path / "run/history.csv", newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert training["final"] == {name: float(last[name]) for name in training["final"]}
    assert set(training["final"]) == {"lr", "loss", "train_loss", "train_ua", "validation_ua"}


def test_what_has_no_steps_is_predicted_on_it_as_well(data, tmp_path):
    spec = SPEC | {"learner": "majority", "features": None, "parameters": {}}
    found, record = sample(data, tmp_path, spec=spec)
    assert found == {1: [f"clip{i:03d}" for i in range(16)]}
    assert record["training"] is None
    history = (tmp_path / "run/history.csv").read_text().splitlines()[1].split(",")
    # of four equally frequent classes
    assert (float(history[5]), float(history[6])) == (pytest.approx(math.log(4), abs=1e-6), 0.25)
