"""A student that learns a teacher's attention maps: its loss, what it refuses, and what its job refuses."""

import json
import math

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from helpers.tiny_job import (
    CLASSES,
    HOP,
    SPEC,
    Stop,
    changed,
    contents,
    make_examples,
    make_job,
    stop_at,
    with_data,
    write_folds,
)
from serflow.errors import UserError
from serflow.features.store import Store, write_store
from serflow.jobs.train import run_job
from serflow.learners.network import Network

MODEL = {
    "name": "attention_student",
    "encoder": {"name": "tcn", "channels": 6, "kernel": 3, "dilations": [1, 2], "dropout": 0.0},
    "attention": "self",
    "attention_width": 4,
    "dropout": 0.0,
    "width_multiplier": 1,
}
PLAIN = changed(SPEC, model=MODEL, segments=None, normalise="standard") | {"encoder": None}
FRAMES = (20, 9, 31)


def learning(weight=0.7, p=2, **change):
    return changed(PLAIN, transfer={"teacher": "tcn", "weight": weight, "p": p}, **change)


def write_maps(folder, lengths, train_speakers=("Ses02F",)):
    """A map of each utterance: 1, 4, 9, ... of as many frames as `lengths` says."""
    maps = ((name, np.arange(1, n + 1, dtype=np.float32)[:, None] ** 2) for name, n in sorted(lengths.items()))
    spec = {"train_speakers": list(train_speakers), "p": 2}
    write_store(folder, spec=spec, dims=1, hop_seconds=HOP, versions={}, utterances=maps)
    return Store.open(folder)


@pytest.fixture
def examples(tmp_path):
    return make_examples(tmp_path / "store", frames=FRAMES)


@pytest.fixture
def maps(examples, tmp_path):
    return write_maps(tmp_path / "maps", {name: len(examples.store.frames(name)) for name in examples.utterances})


def learner(spec, maps=None):
    return Network(spec=spec, classes=CLASSES, device="cpu", seed=1, maps=maps)


def weights(trained):
    return {name: value.numpy().tobytes() for name, value in trained.network.state_dict().items()}


@pytest.mark.parametrize("attention", ["self", "soft"])
def test_the_loss_is_cross_entropy_and_the_weighted_distance_of_the_normalised_maps(examples, maps, attention):
    """Eq. 11 and 12, one utterance and one frame at a time."""
    built = learner(learning(weight=0.7, model__attention=attention), maps)
    sources, targets = built._prepare(examples)
    part = np.array([2, 0, 1])  # of 31, 20 and 9 frames
    found = built._loss(sources, part, targets[torch.from_numpy(part)])
    expected = 0.0
    for index in part:
        frames = torch.from_numpy((examples.frames(index) - built.mean_std[0]) / built.mean_std[1])[None]
        lengths = torch.tensor([frames.shape[1]])
        logits = built.network(frames, lengths)[0].tolist()
        (student,) = built.network.attention_maps(frames, lengths, p=2)
        own, other = student[0].tolist(), [float(t**2) for t in range(1, frames.shape[1] + 1)]
        expected += math.log(sum(math.exp(value) for value in logits)) - logits[examples.labels[index]]
        expected += 0.7 * sum(abs(a / sum(own) - b / sum(other)) for a, b in zip(own, other, strict=True))
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_a_student_comes_to_attend_as_its_teacher(examples, maps):
    def distance(weight):
        trained = learner(learning(weight=weight, train__epochs=30, train__schedule=None), maps)
        list(trained.fit(examples))
        total = 0.0
        for index, name in enumerate(examples.utterances):
            frames = torch.from_numpy((examples.frames(index) - trained.mean_std[0]) / trained.mean_std[1])[None]
            (own,) = trained.network.eval().attention_maps(frames, torch.tensor([frames.shape[1]]), p=2)
            own, other = own[0].detach().numpy(), maps.frames(name)[:, 0]
            total += float(np.abs(own / own.sum() - other / other.sum()).sum())
        return total / len(examples)

    assert distance(3.0) < 0.9 * distance(0.0)


def test_a_weight_of_zero_trains_as_without_transfer(examples, maps):
    untransferred, plain, drawn = (
        learner(learning(weight=0.0), maps),
        learner(PLAIN),
        learner(learning(weight=0.5), maps),
    )
    for one in (untransferred, plain, drawn):
        list(one.fit(examples))
    assert weights(untransferred) == weights(plain) != weights(drawn)


def test_maps_are_read_for_training_alone(examples, maps, tmp_path):
    trained = learner(learning(), maps)
    list(trained.fit(examples))
    trained.save(tmp_path / "model")
    loaded = Network.load(tmp_path / "model", device="cpu")
    assert loaded.maps is None
    assert loaded.predict(examples)[1].tobytes() == trained.predict(examples)[1].tobytes()


def test_maps_of_other_frames_are_interpolated_to_those_of_the_student(examples, tmp_path):
    """A teacher of frames twice as long: the middle of its step j lies between the student's frames 2 j and 2 j + 1."""
    lengths = {name: -(-len(examples.store.frames(name)) // 2) for name in examples.utterances}
    given = write_maps(tmp_path / "maps", lengths)
    trained = learner(learning(), given)
    source, part = trained._prepare(examples)[0][0], np.array([0])
    frames = int(source.segments.frames[0])
    (found,) = trained._teacher_maps(part, torch.tensor([frames]))
    one = given.frames(examples.utterances[int(source.segments.utterance[0])])[:, 0]
    places = np.clip((np.arange(frames) + 0.5) * len(one) / frames - 0.5, 0, len(one) - 1)
    np.testing.assert_allclose(found.numpy(), np.interp(places, np.arange(len(one)), one), rtol=1e-5)


def test_without_maps_there_is_no_transfer(examples):
    with pytest.raises(UserError, match="transfer: no attention maps were given; expected a teacher's"):
        list(learner(learning()).fit(examples))


def test_transfer_wants_whole_utterances(examples, maps):
    cut = SPEC["parameters"]["segments"]
    with pytest.raises(UserError, match="transfer: wants whole utterances and their features; set `segments: null`"):
        list(learner(learning(segments=cut), maps).fit(examples))


@pytest.fixture(scope="module")
def student_data(data, tmp_path_factory):
    """The tiny job's data with a true speaker for each part, and maps of every clip."""
    place = tmp_path_factory.mktemp("student_data")
    table = pq.read_table(data / "split.parquet")
    speakers = {"train": "Ses02F", "validation": "Ses01F", "test": "Ses01M"}
    for name in ("store", "features.json"):
        (place / name).symlink_to(data / name)
    write_folds(place, table.to_pydict() | {"speaker": [speakers[part] for part in table["part"].to_pylist()]})
    return place


def student_job(data, place, train_speakers=("Ses02F",), spec=None):
    store = Store.open(data / "store")
    names = [f"clip{i:03d}" for i in range(24)]
    maps = write_maps(place / "maps", {name: len(store.frames(name)) for name in names}, train_speakers=train_speakers)
    job = make_job(data, place, spec=spec or learning(), system="tcn_self_at")
    return with_data(job, modules=["serflow.models.attention_student"], maps=maps.folder)


def test_a_run_records_the_maps_that_it_learned(student_data, tmp_path):
    job = student_job(student_data, tmp_path)
    run_job(job)
    record = json.loads((tmp_path / "run/run.json").read_text())
    assert record["inputs"]["maps"] == json.loads((job.data.maps / "store.json").read_text())["digest"]


def test_a_stopped_student_ends_with_the_bytes_of_one_that_was_not(student_data, tmp_path, monkeypatch):
    spec = learning(train__epochs=6)
    run_job(student_job(student_data, tmp_path / "whole", spec=spec))
    with monkeypatch.context() as patched, pytest.raises(Stop):
        stop_at(patched, Network, "_step", 6)
        run_job(student_job(student_data, tmp_path / "stopped", spec=spec))
    run_job(student_job(student_data, tmp_path / "stopped", spec=spec))
    assert json.loads((tmp_path / "stopped/run/run.json").read_text())["resumed_after_epoch"] > 0
    assert contents(tmp_path / "stopped") == contents(tmp_path / "whole")


@pytest.mark.parametrize(("speaker", "who"), [("Ses01F", "validates"), ("Ses01M", "tests")])
def test_a_teacher_that_was_trained_on_who_is_validated_or_tested_is_refused(student_data, tmp_path, speaker, who):
    with pytest.raises(UserError, match=f"maps: this teacher was trained on {speaker}, whom fold 1 of .*split.parquet"):
        run_job(student_job(student_data, tmp_path, train_speakers=["Ses02F", speaker]))
    assert not (tmp_path / "run/run.json").exists()
