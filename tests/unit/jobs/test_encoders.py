"""A network that reads the hidden vectors of a trained encoder: the greedy systems of Huang and Narayanan (2016)."""

import gc
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from helpers.tiny_job import CLASSES, DIMS, SPEC, Stop, changed, contents, make_examples, make_job, stop_at, with_data
from serflow.errors import UserError
from serflow.jobs.train import run_job
from serflow.learners import network as networks
from serflow.learners.majority import Majority
from serflow.learners.network import Network

MODEL = {
    "name": "attention_blstm",
    "units": 3,
    "layers": 1,
    "attention": "uniform",
    "attention_width": 2,
    "dropout": 0.0,
    "classifier": [],
    "width_multiplier": 1,
}
DECODER = {key: value for key, value in MODEL.items() if key not in ("units", "layers")} | {
    "name": "attention_decoder",
    "attention": "linear",
}
BASELINE = changed(SPEC, model=MODEL, segments=None, normalise="standard") | {"encoder": None}
GREEDY = changed(BASELINE, model=DECODER, normalise="none") | {
    "encoder": {"system": "baseline", "weights": "best", "spec": BASELINE}
}


def learner(spec, encoder=None):
    return Network(spec=spec, classes=CLASSES, device="cpu", seed=1, encoder=encoder)


@pytest.fixture
def examples(tmp_path):
    return make_examples(tmp_path / "store", frames=(20, 9, 31))


@pytest.fixture
def baseline(examples):
    trained = learner(BASELINE)
    list(trained.fit(examples))
    return trained


@pytest.fixture(scope="module")
def trained_encoder(data, tmp_path_factory):
    """A finished run of the baseline."""
    place = tmp_path_factory.mktemp("baseline")
    job = make_job(data, place, spec=BASELINE, system="baseline")
    job = with_data(job, modules=["serflow.models.attention_blstm"])
    run_job(job)
    return place / "run"


def greedy_job(data, place, trained_encoder, spec=GREEDY):
    job = make_job(data, place, spec=spec, system="greedy")
    job = with_data(job, modules=["serflow.models.attention_decoder"])
    return replace(job, encoder=trained_encoder / "run.json")


def test_it_reads_the_hidden_vectors_of_the_standardised_frames_each_as_if_alone(examples, baseline):
    network_input = learner(GREEDY, baseline).network_input(examples).examples
    for index, name in enumerate(examples.utterances):
        frames = (examples.frames(index) - baseline.mean_std[0]) / baseline.mean_std[1]
        one = networks.torch.from_numpy(frames)[None]
        with networks.torch.no_grad():
            hidden = baseline.network.hidden(one, networks.torch.tensor([len(frames)]))[0]
        assert network_input.store.frames(name).shape == (len(frames), 6)
        np.testing.assert_allclose(network_input.store.frames(name), hidden.numpy(), atol=1e-6)
    assert network_input.store.hop_seconds == examples.store.hop_seconds


def test_the_encoder_is_asked_as_in_evaluation(examples, baseline):
    asked = []
    baseline.network.train()
    original = baseline.network.hidden
    baseline.network.hidden = lambda *given: asked.append(baseline.network.training) or original(*given)
    learner(GREEDY, baseline).network_input(examples)
    assert asked
    assert not any(asked)


def test_training_leaves_the_encoder_as_it_was(examples, baseline):
    before = {name: value.clone() for name, value in baseline.network.state_dict().items()}
    trained = learner(GREEDY, baseline)
    list(trained.fit(examples))
    assert all((value == before[name]).all() for name, value in baseline.network.state_dict().items())
    assert not any(name.startswith("encoder") for name, _ in trained.network.named_parameters())
    assert trained.counts["parameters"] == 6 + 4 * (6 + 1)  # w_a, and the output layer


def test_it_learns(examples, baseline):
    spec = changed(GREEDY, train__epochs=40, train__optimizer__lr=0.05, train__schedule=None)
    trained = learner(spec, baseline)
    losses = [row["loss"] for row in trained.fit(examples)]
    assert losses[-1] < 0.5 * losses[0]


def test_hidden_vectors_of_a_part_are_made_once_and_go_with_it(examples, baseline, monkeypatch, tmp_path):
    calls = []
    original = Network.hidden
    monkeypatch.setattr(Network, "hidden", lambda self, given: calls.append(given) or original(self, given))
    trained = learner(GREEDY, baseline)
    list(trained.fit(examples))
    part = make_examples(tmp_path / "part", seed=7, labelled=False)
    trained.predict(part), trained.predict(part)
    assert calls == [examples, part]
    calls.clear()
    del part
    gc.collect()
    assert len(trained._hidden_cache) == 1


def test_a_loaded_network_brings_its_encoder_along(examples, baseline, tmp_path):
    trained = learner(GREEDY, baseline)
    list(trained.fit(examples))
    trained.save(tmp_path / "model")
    loaded = Network.load(tmp_path / "model", device="cpu")
    assert loaded.predict(examples)[1].tobytes() == trained.predict(examples)[1].tobytes()
    assert (loaded.dims, loaded.encoder.dims) == (6, DIMS)


def test_hidden_vectors_can_be_standardised_by_the_training_part(examples, baseline):
    trained = learner(changed(GREEDY, normalise="standard"), baseline)
    list(trained.fit(examples))
    network_input = trained.network_input(examples).examples
    frames = np.concatenate([network_input.frames(i) for i in range(len(network_input))])
    np.testing.assert_allclose(trained.mean_std[0], frames.mean(axis=0), atol=1e-5)


def test_a_network_without_hidden_vectors_cannot_be_an_encoder(examples):
    acnn = learner(SPEC)
    list(acnn.fit(examples))
    with pytest.raises(UserError, match="model 'acnn' has no hidden vectors.*attention_blstm"):
        list(learner(GREEDY, acnn).fit(examples))


def test_a_learner_that_is_no_network_cannot_be_an_encoder():
    with pytest.raises(UserError, match="encoder: a majority has no hidden vectors"):
        learner(GREEDY, Majority(spec={}, classes=CLASSES, device="cpu", seed=1))


def test_the_job_takes_the_network_that_validation_chose_and_says_which(data, trained_encoder, tmp_path):
    run_job(greedy_job(data, tmp_path, trained_encoder))
    kept = json.loads((trained_encoder / "model/epochs.json").read_text())
    (best,) = kept["best"].values()
    assert best != kept["last"], "the test needs a run whose best epoch is not its last"
    inside = tmp_path / "run/model/last/encoder/weights.safetensors"
    assert inside.read_bytes() == (trained_encoder / f"model/epoch{best}/weights.safetensors").read_bytes()
    last = changed(GREEDY) | {"encoder": GREEDY["encoder"] | {"weights": "last"}}
    run_job(greedy_job(data, tmp_path / "other", trained_encoder, spec=last))
    inputs = [
        json.loads((place / "run/run.json").read_text())["inputs"]["encoder"]
        for place in (tmp_path, tmp_path / "other")
    ]
    assert inputs[0] != inputs[1]


def test_a_stopped_run_ends_with_the_bytes_of_one_that_was_not(data, trained_encoder, tmp_path, monkeypatch):
    run_job(greedy_job(data, tmp_path / "whole", trained_encoder))

    with monkeypatch.context() as patched:
        stop_at(patched, Network, "_step", 6)
        with pytest.raises(Stop):
            run_job(greedy_job(data, tmp_path / "stopped", trained_encoder))
    run_job(greedy_job(data, tmp_path / "stopped", trained_encoder))
    record = json.loads((tmp_path / "stopped/run/run.json").read_text())
    assert record["resumed_after_epoch"] > 0
    whole, stopped = contents(tmp_path / "whole"), contents(tmp_path / "stopped")
    assert stopped == whole


def test_an_encoder_whose_weights_changed_on_the_disk_is_not_started_from(data, trained_encoder, tmp_path):
    run = shutil.copytree(trained_encoder, tmp_path / "baseline/run")
    for file in run.glob("model/*/weights.safetensors"):
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    job = replace(make_job(data, tmp_path, spec=GREEDY, system="greedy"), encoder=run / "run.json")
    with pytest.raises(UserError, match=r"weights\.safetensors: changed after the run wrote it"):
        run_job(job)
    assert not (tmp_path / "run").exists()
