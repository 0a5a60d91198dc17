import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from helpers import tiny_job
from serflow.cli import attention
from serflow.errors import UserError
from serflow.inspection.figure_content import Figure, figure_content
from serflow.jobs.train import run_job
from serflow.learners.network import Network

WORDS = [
    {"word": "HELLO", "start": 0.1, "end": 0.3},
    {"word": "THERE", "start": 0.4, "end": 0.9},  # goes on beyond the segment of 0.5 s
    {"word": "LATER", "start": 1.0, "end": 1.2},
]
RLC = {
    "name": "rlc",
    "groups": {
        "filters": [4, 4, 4],
        "kernels": [4, 3, 3],
        "convolutions": [1, 4, 2],
        "strides": [2, 2, 1],
        "dilations": [1, 1, 1],
        "residual": True,
        "heads": 2,
        "attention_ratio": 1.0,
        "dropout": 0.0,
        "attention_dropout": 0.0,
    },
    "dropout": 0.0,
    "units": 4,
    "gate_width": 4,
    "iterations": 3,
    "classifier": [4],
    "width_multiplier": 1,
}


def train(folder, spec):
    tiny_job.write_data(folder)
    modules = ["serflow.learners.network", f"serflow.models.{spec['parameters']['model']['name']}"]
    run_job(tiny_job.with_data(tiny_job.make_job(folder, folder, spec=spec), modules=modules))
    names = [f"clip{i:03d}" for i in range(24)]
    pq.write_table(pa.table({"utterance": names, "words": [WORDS] * 24}), folder / "manifest.parquet")
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return train(tmp_path_factory.mktemp("attention"), tiny_job.SPEC)


@pytest.fixture(scope="module")
def rlc(tmp_path_factory):
    """An RLC of whole utterances; by its spec, column 12 of the features is the energy."""
    change = {"model": RLC, "segments": None, "train__epochs": 1, "normalise": "standard"}
    spec = tiny_job.changed(tiny_job.SPEC, feature_spec={"extractor": "lld17"}, **change)
    return train(tmp_path_factory.mktemp("rlc"), spec)


def call(folder, wanted, kind="attention", **more):
    arguments = ["--run", folder / "run/run.json", "--weights", "last", "--split", folder / "split.json", "--fold", 1]
    arguments += ["--store", folder / "store/store.json", "--manifest", folder / "manifest.json"]
    figure = json.dumps({"kind": kind, "class": wanted, **more})
    attention.main([str(part) for part in [*arguments, "--figure", figure, "--output", folder / "map.npz"]])
    with np.load(folder / "map.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


def network_input(folder, name):
    """The network, and the frames and lengths of a whole utterance as it is given them."""
    learner = Network.load(folder / "run/model/last", device="cpu")
    frames = (tiny_job.Store.open(folder / "store").frames(name) - learner.mean_std[0]) / learner.mean_std[1]
    return learner.network.eval(), torch.from_numpy(frames[None]), torch.tensor([len(frames)])


def test_the_utterance_is_a_test_utterance_of_the_class_with_the_map_of_its_first_segment(trained):
    shown = call(trained, "sad")
    assert str(shown["utterance"]) == "clip021"  # the only sad one that the fold tests
    assert shown["mfcc"].shape == (16, 13)
    store_frames = tiny_job.Store.open(trained / "store").frames("clip021")
    np.testing.assert_array_equal(shown["mfcc"], store_frames[:16])
    network = Network.load(trained / "run/model/last", device="cpu").network.eval()
    expected = network.attention_map(torch.from_numpy(shown["mfcc"][None]), torch.tensor([16]))[0]
    np.testing.assert_allclose(shown["map"], expected.numpy(), rtol=1e-5)
    assert float(shown["map_seconds"]) == pytest.approx(16 * tiny_job.HOP)


def test_words_are_those_that_begin_in_the_segment_cut_at_its_end(trained):
    words = json.loads(str(call(trained, "sad")["words"]))
    assert [word["word"] for word in words] == ["HELLO", "THERE"]
    assert words[1]["end"] == pytest.approx(16 * tiny_job.HOP)


def test_a_class_that_the_fold_does_not_test_is_an_error(trained):
    with pytest.raises(UserError, match="fold 1 tests no 'happy'"):
        call(trained, "happy")


def test_correlation_matrices_are_those_of_the_last_block_with_attention(rlc):
    shown = call(rlc, "sad", "correlation_matrices")
    network, frames, lengths = network_input(rlc, "clip021")
    assert len(network.convolutions.correlation_maps(frames, lengths)) == 3
    np.testing.assert_allclose(
        shown["matrices"], network.convolutions.correlation_maps(frames, lengths)[2][0].numpy(), rtol=1e-5
    )
    assert shown["matrices"].shape == (2, 7, 7)  # 25 frames, four a step
    np.testing.assert_allclose(shown["matrices"].sum(axis=2), 1, rtol=1e-5)
    assert [int(shown[key]) for key in ("number", "blocks", "group", "place")] == [3, 3, 3, 1]


def test_a_step_has_the_time_that_is_nearest_to_it(rlc):
    shown = call(rlc, "sad", "correlation_matrices")
    hop = tiny_job.HOP
    assert float(shown["step_seconds"]) == pytest.approx(4 * hop)
    np.testing.assert_allclose(shown["edges"], np.array([0, 2, 6, 10, 14, 18, 22, 25]) * hop)
    assert float(shown["seconds"]) == pytest.approx(25 * hop)


def test_another_block_can_be_named(rlc):
    shown = call(rlc, "sad", "correlation_matrices", block=1)
    network, frames, lengths = network_input(rlc, "clip021")
    np.testing.assert_allclose(
        shown["matrices"], network.convolutions.correlation_maps(frames, lengths)[0][0].numpy(), rtol=1e-5
    )
    assert [int(shown[key]) for key in ("number", "group", "place")] == [1, 2, 1]
    with pytest.raises(UserError, match="block: 4; model 'rlc' has 3 blocks with attention: give one of 1 to 3"):
        call(rlc, "sad", "correlation_matrices", block=4)


def test_informativeness_is_the_networks_own_by_refinement(rlc):
    shown = call(rlc, "sad", "informativeness")
    network, frames, lengths = network_input(rlc, "clip021")
    np.testing.assert_allclose(
        shown["informativeness"], network.informativeness(frames, lengths)[0].numpy(), rtol=1e-5, atol=1e-5
    )  # scaled from the least to the largest, which enlarges what rounding leaves
    assert shown["informativeness"].shape == (3, 7)


def test_the_energy_goes_along_in_decibels_where_the_features_have_it(rlc):
    shown = call(rlc, "sad", "informativeness")
    store = tiny_job.Store.open(rlc / "store")
    decibels = 10 * np.log10(np.exp(store.frames("clip021")[:, 12]))  # ln of the mean square
    np.testing.assert_allclose(shown["energy"], decibels, rtol=1e-5)
    learner = Network.load(rlc / "run/model/last", device="cpu")
    learner.spec = learner.spec | {"feature_spec": {"extractor": "mfcc"}}
    figure = Figure({"kind": "informativeness"}, "last", "random10/fold1")
    assert "energy" not in figure_content(learner, tiny_job.examples_of(store, ["clip021"]), figure)


def test_an_utterance_can_be_named(trained):
    shown = call(trained, "angry", utterance="clip020")
    assert (str(shown["utterance"]), bool(shown["named"])) == ("clip020", True)
    assert not call(trained, "angry")["named"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("clip999", "this view of the corpus has no such utterance"),
        ("clip021", "it is of class 'sad'"),
        ("clip004", "it is in the train part of fold 1 .folds that test it: none."),
    ],
)
def test_a_named_utterance_that_the_fold_does_not_test_in_that_class_is_an_error(trained, name, message):
    with pytest.raises(UserError, match=f"utterance: '{name}': {message}; expected a test utterance of class 'angry'"):
        call(trained, "angry", utterance=name)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("correlation_matrices", "model 'acnn' has no self-attention in convolution blocks"),
        ("informativeness", "model 'acnn' has no GCA-LSTM"),
    ],
)
def test_a_system_without_what_is_to_be_drawn_is_an_error(trained, kind, message):
    with pytest.raises(UserError, match=message):
        call(trained, "sad", kind)
