"""The yardstick of class frequencies."""

import numpy as np
import pytest

from serflow.examples import Examples
from serflow.learners.majority import Majority


def examples(n, labels=None):
    found = None if labels is None else np.array(labels)
    return Examples(utterances=[f"u{i}" for i in range(n)], labels=found, store=None, durations=np.ones(n))


def fitted(labels, classes):
    learner = Majority(spec={"learner": "majority"}, classes=classes, device="cpu", seed=1)
    return learner, list(learner.fit(examples(len(labels), labels)))


def test_every_utterance_gets_the_training_frequencies():
    learner, history = fitted([1, 1, 0, 1], ["angry", "sad", "neutral"])
    ids, probabilities = learner.predict(examples(2))
    assert ids == ["u0", "u1"]
    assert probabilities.dtype == np.float32
    assert probabilities.tolist() == [[0.25, 0.75, 0.0]] * 2
    entropy = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert history == [{"epoch": 1, "lr": None, "loss": pytest.approx(entropy), "steps": 1}]


def test_of_equally_frequent_classes_the_first_wins():
    learner, _ = fitted([2, 1, 1, 2, 0], ["a", "b", "c"])
    assert learner.predict(examples(1))[1].argmax() == 1


def test_a_loaded_model_predicts_the_same(tmp_path):
    learner, _ = fitted([0, 1, 1, 2, 2, 2, 2], ["a", "b", "c"])
    learner.save(tmp_path / "model")
    loaded = Majority.load(tmp_path / "model", device="cpu")
    assert (loaded.classes, loaded.spec) == (["a", "b", "c"], {"learner": "majority"})
    assert loaded.predict(examples(3))[1].tobytes() == learner.predict(examples(3))[1].tobytes()


def test_examples_of_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="different lengths"):
        examples(3, [0, 1])
