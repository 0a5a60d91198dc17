import numpy as np

from helpers.predicted import confusion, one_hot
from serflow.metrics.confusion import confusion_family, contributions
from serflow.metrics.family import epoch_sums
from serflow.metrics.rates import f1_weighted, ua

# Class 0: 3 of 4 right; class 1: 1 of 2 right; class 2: 0 of 1 right.
COUNTS = np.array([[3, 1, 0], [0, 1, 1], [1, 0, 0]])


def drawn(*shape):
    generator = np.random.default_rng(1)
    return generator.integers(0, 4, 200), generator.integers(0, 4, (*shape, 200))


def test_counts_have_the_truth_by_row():
    assert confusion([0, 0, 1], [0, 1, 1], 2).tolist() == [[1, 1], [0, 1]]


def test_of_equally_probable_classes_the_first_is_predicted():
    assert contributions(np.array([1]), np.array([[0.2, 0.4, 0.4]]))[0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_counts_work_over_leading_axes():
    truth, predicted = drawn(2, 3)
    counts = confusion(truth, predicted, 4)
    assert counts.shape == (2, 3, 4, 4)
    for index in np.ndindex(2, 3):
        assert (counts[index] == confusion(truth, predicted[index], 4)).all()


def test_each_utterance_adds_one():
    truth, predicted = drawn(3)
    parts = contributions(truth, one_hot(predicted, 4))
    assert parts.shape == (3, 200, 4, 4)
    assert (parts.sum((-1, -2)) == 1).all()


def test_sums_by_epoch_are_the_same_in_blocks(monkeypatch):
    truth, predicted = drawn(5)
    family = confusion_family(["a", "b", "c", "d"])
    whole = epoch_sums(family, truth, one_hot(predicted, 4))
    monkeypatch.setattr("serflow.metrics.family._BLOCK", 2 * 200 * 4)
    assert (epoch_sums(family, truth, one_hot(predicted, 4)) == whole).all()


def test_metrics_are_in_the_order_of_their_names():
    family = confusion_family(["a", "b", "c"])
    values = dict(zip(family.names, family.values(COUNTS), strict=True))
    assert values["ua"] == ua(COUNTS)
    assert values["f1_weighted"] == f1_weighted(COUNTS)
    assert values["recall_b"] == 0.5
    assert not any(family.lower_is_better)
