"""The extreme learning machine: what a network says of segments in, least squares in closed form, probabilities out."""

import json
from pathlib import Path

import numpy as np
import pytest

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.learners import elm as module
from serflow.learners.elm import Elm

CLASSES = ["angry", "excited", "sad", "neutral"]
PARAMETERS = {"threshold": 0.2, "hidden": 15, "ridge": 0.5, "class_weight": "none"}
ROWS, TRAIN = 90, 60


class Encoder:
    """Stands for a trained network: probabilities of segments, by utterance; those in `without` have none."""

    def __init__(self, judged, without=()):
        self.judged, self.without, self.asked = judged, set(without), []

    def segment_probabilities(self, examples):
        self.asked.append(examples.labels)
        wanted = sorted(set(examples.utterances) - self.without, reverse=True)  # not in the order of the examples
        return {name: self.judged[name] for name in wanted}

    def save(self, folder):
        folder.mkdir(parents=True)
        judged = {name: rows.tolist() for name, rows in self.judged.items()}
        (folder / "model.json").write_text(json.dumps(judged))

    @classmethod
    def load(cls, folder: Path, *, device):
        judged = json.loads((folder / "model.json").read_text())
        return cls({name: np.array(rows, dtype=np.float32) for name, rows in judged.items()})


@pytest.fixture
def labels():
    return np.random.default_rng(3).choice(4, ROWS, p=[0.4, 0.3, 0.2, 0.1])


@pytest.fixture
def judged(labels):
    """Return probabilities of 1 to 9 segments an utterance, leaning towards its class."""
    rng = np.random.default_rng(4)
    found = {}
    for i, label in enumerate(labels):
        logits = rng.standard_normal((rng.integers(1, 10), 4)) + 0.8 * np.eye(4)[label]
        found[f"u{i}"] = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)
    return found


def elm(encoder, *, seed=1, **change):
    spec = {"learner": "elm", "parameters": PARAMETERS | change}
    return Elm(spec=spec, classes=CLASSES, device="cpu", seed=seed, encoder=encoder)


def part(which, labels=None):
    chosen = list(which)
    return Examples(
        utterances=[f"u{i}" for i in chosen],
        labels=None if labels is None else labels[chosen],
        store=None,
        durations=np.ones(len(chosen)),
    )


def fitted(encoder, labels, **change):
    learner = elm(encoder, **change)
    list(learner.fit(part(range(TRAIN), labels)))
    return learner


def statistics(segments, threshold):
    """Han et al.'s four statistics, as they are said."""
    columns = [[float(p) for p in column] for column in segments.T]
    return (
        [max(c) for c in columns]
        + [min(c) for c in columns]
        + [sum(c) / len(c) for c in columns]
        + [sum(p > threshold for p in c) / len(c) for c in columns]
    )


@pytest.mark.parametrize("class_weight", ["none", "balanced"])
def test_it_is_weighted_least_squares_with_a_ridge_on_random_sigmoids_of_the_statistics(judged, labels, class_weight):
    learner = fitted(Encoder(judged), labels, class_weight=class_weight, threshold=0.35)
    table = np.array([statistics(judged[f"u{i}"], 0.35) for i in range(ROWS)])
    scaled = (table - table[:TRAIN].mean(axis=0)) / table[:TRAIN].std(axis=0)
    weights, biases = learner.parameters["hidden"], learner.parameters["biases"]
    hidden = 1 / (1 + np.exp(-(scaled @ weights + biases)))
    known = labels[:TRAIN]
    weight = np.ones(4) if class_weight == "none" else TRAIN / (4 * np.bincount(known))
    # the normal equations, summed one utterance at a time
    square, right = 0.5 * np.eye(15), np.zeros((15, 4))
    for row, label in zip(hidden[:TRAIN], known, strict=True):
        square += weight[label] * np.outer(row, row)
        right[:, label] += weight[label] * row
    outputs = hidden[TRAIN:] @ np.linalg.solve(square, right)
    powers = np.exp(outputs)
    ids, probabilities = learner.predict(part(range(TRAIN, ROWS)))
    expected = dict(zip([f"u{i}" for i in range(TRAIN, ROWS)], powers / powers.sum(axis=1, keepdims=True), strict=True))
    np.testing.assert_allclose(probabilities, [expected[name] for name in ids], atol=1e-6)
    assert np.ptp(probabilities, axis=0).min() > 0.01


def test_it_learns_what_the_network_was_not_sure_of(judged, labels):
    ids, probabilities = (learner := fitted(Encoder(judged), labels)).predict(part(range(TRAIN, ROWS)))
    truth = [labels[int(name[1:])] for name in ids]
    assert (probabilities.argmax(axis=1) == truth).mean() > 0.5
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert learner.counts == {"train_utterances": TRAIN, "train_utterances_used": TRAIN}


def test_hidden_units_are_uniform_and_the_seeds(judged, labels):
    one, same, other = (fitted(Encoder(judged), labels, seed=seed, hidden=400).parameters for seed in (1, 1, 2))
    assert all(one[name].tobytes() == same[name].tobytes() for name in one)
    assert (one["hidden"] != other["hidden"]).all()
    assert (one["biases"] != other["biases"]).all()
    assert one["hidden"].shape == (16, 400)
    assert -1 <= one["hidden"].min() < -0.99 < 0.99 < one["hidden"].max() <= 1


def test_what_is_not_in_training_changes_nothing_in_the_model(judged, labels):
    other = judged | {f"u{i}": 1 - judged[f"u{i}"] for i in range(TRAIN, ROWS)}
    changed = labels.copy()
    changed[TRAIN:] = 0
    one, two = fitted(Encoder(judged), labels), fitted(Encoder(other), changed)
    assert all(one.parameters[name].tobytes() == two.parameters[name].tobytes() for name in one.parameters)


def test_utterances_without_a_segment_are_left_out(judged, labels):
    learner = fitted(Encoder(judged, without=["u3", "u70"]), labels)
    assert learner.counts == {"train_utterances": TRAIN, "train_utterances_used": TRAIN - 1}
    ids, probabilities = learner.predict(part([69, 70, 71]))
    assert (sorted(ids), probabilities.shape) == (["u69", "u71"], (2, 4))
    ids, probabilities = learner.predict(part([70]))
    assert (ids, probabilities.shape) == ([], (0, 4))


def test_a_loaded_model_predicts_the_same_bits(judged, labels, tmp_path, monkeypatch):
    learner = fitted(Encoder(judged), labels)
    learner.save(tmp_path / "model")
    files = sorted(path.name for path in (tmp_path / "model").iterdir())
    assert files == ["encoder", "model.json", "weights.safetensors"]
    monkeypatch.setattr(module, "load_learner", Encoder.load)
    loaded = Elm.load(tmp_path / "model", device="cpu")
    test = part(range(TRAIN, ROWS))
    assert loaded.predict(test)[1].tobytes() == learner.predict(test)[1].tobytes()
    assert (loaded.classes, loaded.spec, loaded.seed) == (CLASSES, learner.spec, 1)
    loaded.save(tmp_path / "again")
    assert all((tmp_path / "again" / n).read_bytes() == (tmp_path / "model" / n).read_bytes() for n in files[1:])


def test_a_class_absent_from_training_is_named(judged, labels):
    labels[labels == 2] = 0
    with pytest.raises(UserError, match="elm: no training utterance of class sad"):
        fitted(Encoder(judged), labels)


def test_a_probability_that_is_not_finite_names_the_utterance(judged, labels):
    judged["u7"][0, 1] = np.nan
    with pytest.raises(UserError, match="utterance u7 .*encoder's training loss"):
        fitted(Encoder(judged), labels)


@pytest.mark.parametrize(("encoder", "named"), [(None, "none"), (object(), "object")])
def test_without_a_network_it_says_what_to_name(encoder, named):
    with pytest.raises(UserError, match=f"elm, encoder {named}: expected a trained network"):
        elm(encoder)


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 0},
        {"threshold": 1.1},
        {"hidden": 0},
        {"hidden": 12.0},
        {"hidden": True},
        {"ridge": 0},
        {"ridge": float("inf")},
        {"ridge": "1"},
        {"class_weight": None},
        {"units": 3},
    ],
)
def test_other_parameters_are_refused(judged, change):
    with pytest.raises(UserError, match=f"elm.*{next(iter(change))}"):
        elm(Encoder(judged), **change)
