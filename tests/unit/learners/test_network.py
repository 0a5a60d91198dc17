"""The training loop of networks: learns, repeats itself, refuses what cannot be trained."""

import json

import numpy as np
import pytest
import torch

from helpers import tiny_job
from helpers.tiny_job import CLASSES, SPEC, changed, make_examples
from serflow.errors import UserError
from serflow.learners.network import Network
from serflow.models.acnn import Acnn


def network(spec=SPEC, seed=1):
    return Network(spec=spec, classes=CLASSES, device="cpu", seed=seed)


def weights(learner):
    return {name: value.numpy().tobytes() for name, value in learner.network.state_dict().items()}


def test_it_overfits_eight_clips(tmp_path):
    examples = make_examples(tmp_path / "store", apart=0.6)
    spec = changed(SPEC, train__epochs=40, train__optimizer__lr=0.03, train__schedule=None)
    learner = network(spec)
    history = list(learner.fit(examples))
    ids, probabilities = learner.predict(examples)
    assert ids == examples.utterances
    assert probabilities.argmax(axis=1).tolist() == examples.labels.tolist()
    assert history[0]["loss"] > 1.0
    assert history[-1]["loss"] < 0.2


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path):
    examples = make_examples(tmp_path / "store")
    learners = [network(seed=seed) for seed in (1, 1, 2)]
    histories = [list(learner.fit(examples)) for learner in learners]
    one, same, other = map(weights, learners)
    assert one == same
    assert histories[0] == histories[1] != histories[2]
    assert all(one[name] != other[name] for name in one if name.endswith("weight"))


def test_a_row_of_history_follows_every_epoch(tmp_path):
    examples = make_examples(tmp_path / "store")  # 20 frames: segments of 16 at 0 only, 8 of them
    history = list(network(changed(SPEC, train__batch_size=3)).fit(examples))
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    assert [row["steps"] for row in history] == [3, 6, 9, 12]
    assert [row["lr"] for row in history] == pytest.approx([0.01, 0.01, 0.005, 0.005])


def test_a_corpuss_steps_are_shared_by_the_epochs(tmp_path):
    learner = network(changed(SPEC, steps=20))
    history = list(learner.fit(make_examples(tmp_path / "store")))
    assert [row["steps"] for row in history] == [5, 10, 15, 20]
    assert learner.counts["steps_an_epoch"] == 5
    assert learner.counts["batches_a_pass"] == 1


def test_counts_say_what_was_trained_on(tmp_path):
    learner = network()
    next(learner.fit(make_examples(tmp_path / "store", count=8, frames=(24, 12, 16, 15, 17))))
    # 16 frames a segment, 0.25 s = 7.8 frames apart: 24 -> 0 and 8; 16 and 17 -> 0; 12 and 15 are too short
    assert learner.counts["train_utterances"] == 8
    assert learner.counts["train_utterances_used"] == 5
    assert learner.counts["train_segments"] == 7
    model = Acnn(dims=13, classes=4, **{k: v for k, v in tiny_job.MODEL.items() if k != "name"})
    assert learner.counts["parameters"] == sum(p.numel() for p in model.parameters())


def test_scores_of_an_utterances_segments_are_averaged(tmp_path):
    examples = make_examples(tmp_path / "store", count=8, frames=(26,))
    segments = [examples.frames(0)[start : start + 16] for start in (0, 3, 6, 9)]  # 0.1 s = 3.125 frames
    outputs = {}
    for average in ("probabilities", "logits"):
        learner = network(changed(SPEC, segments__average=average, train__optimizer__lr=0.1))
        list(learner.fit(examples))
        _, outputs[average] = learner.predict(examples)
        with torch.no_grad():
            stacked = torch.from_numpy(np.stack(segments))
            logits = learner.network(stacked, torch.full((4,), 16)).double()
        mean = logits.softmax(1).mean(0) if average == "probabilities" else logits.mean(0).softmax(0)
        np.testing.assert_allclose(outputs[average][0], mean, atol=1e-6)
        np.testing.assert_allclose(outputs[average].sum(axis=1), 1, atol=1e-6)
    assert np.abs(outputs["probabilities"] - outputs["logits"]).max() > 1e-5


def test_utterances_without_a_segment_are_left_out_where_the_spec_drops_them(tmp_path):
    examples = make_examples(tmp_path / "store", count=8, frames=(20, 12, 20))
    learner = network(changed(SPEC, segments__short_test="drop"))
    next(learner.fit(make_examples(tmp_path / "train")))
    ids, probabilities = learner.predict(examples)
    assert ids == ["clip000", "clip002", "clip003", "clip005", "clip006"]
    assert probabilities.shape == (5, 4)


def test_standardising_uses_the_training_frames_alone(tmp_path):
    train = make_examples(tmp_path / "train", frames=(20, 30))
    learner = network(changed(SPEC, normalise="standard"))
    list(learner.fit(train))
    frames = np.concatenate([train.frames(i) for i in range(8)]).astype(np.float64)
    np.testing.assert_allclose(learner.mean_std[0], frames.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(learner.mean_std[1], frames.std(axis=0), atol=1e-5)
    before = [value.copy() for value in learner.mean_std]
    learner.predict(make_examples(tmp_path / "test", seed=9))
    assert all(np.array_equal(a, b) for a, b in zip(before, learner.mean_std, strict=True))


@pytest.mark.parametrize("normalise", ["none", "standard"])
def test_a_loaded_network_predicts_the_same(tmp_path, normalise):
    examples = make_examples(tmp_path / "store", frames=(20, 31))
    learner = network(changed(SPEC, normalise=normalise))
    list(learner.fit(examples))
    learner.save(tmp_path / "model")
    loaded = Network.load(tmp_path / "model", device="cpu")
    assert loaded.predict(examples)[1].tobytes() == learner.predict(examples)[1].tobytes()
    described = json.loads((tmp_path / "model/model.json").read_text())
    assert (described["epoch"], described["dims"], described["seed"]) == (4, 13, 1)


def test_a_loss_that_is_no_number_stops_training(tmp_path):
    clips = list(tiny_job.clips(8, (20,)))
    clips[3][1][5, 2] = np.nan
    tiny_job.write_clips(tmp_path / "store", clips)
    store = tiny_job.Store.open(tmp_path / "store")
    examples = tiny_job.examples_of(store, [name for name, _ in clips], [i % 4 for i in range(8)])
    with pytest.raises(UserError, match=r"loss is nan at step 1, in epoch 1.*optimizer\.lr"):
        list(network().fit(examples))


def test_an_optimiser_that_is_none_stops_training(tmp_path):
    with pytest.raises(UserError, match=r"optimizer\.name 'sgd': expected adam"):
        list(network(changed(SPEC, train__optimizer__name="sgd")).fit(make_examples(tmp_path / "store")))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("lr", -0.01, "lr -0.01: expected a number >= 0"),
        ("weight_decay", float("nan"), "weight_decay nan: expected a number >= 0"),
        ("betas", [0.9, 1.5], r"betas \[0.9, 1.5\]: expected two numbers in \[0, 1\)"),
        ("momentum", 0.9, "unexpected keyword argument 'momentum'"),
    ],
)
def test_a_value_that_an_optimiser_cannot_have_stops_training(tmp_path, key, value, said):
    optimizer = SPEC["parameters"]["train"]["optimizer"] | {key: value}
    with pytest.raises(UserError, match=rf"parameters\.train\.optimizer .*{said}"):
        list(network(changed(SPEC, train__optimizer=optimizer)).fit(make_examples(tmp_path / "store")))


def test_a_class_without_a_segment_stops_training(tmp_path):
    # class 2 (excited) has only clips of 12 frames, shorter than a segment
    examples = make_examples(tmp_path / "store", count=8, frames=(20, 20, 12, 20))
    with pytest.raises(UserError, match="no training segment of class excited"):
        list(network().fit(examples))


def test_an_unusable_device_is_refused():
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(UserError, match="no CUDA device"):
        Network(spec=SPEC, classes=CLASSES, device="cuda", seed=1)
