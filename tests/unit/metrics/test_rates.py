import numpy as np
import pytest
from sklearn import metrics as sk

from helpers.predicted import confusion
from serflow.metrics.rates import RATES, f1, f1_macro, f1_weighted, recalls, ua, wa

# Class 0: 3 of 4 right; class 1: 1 of 2 right; class 2: 0 of 1 right.
COUNTS = np.array([[3, 1, 0], [0, 1, 1], [1, 0, 0]])


def drawn(seed, n=4, size=200):
    generator = np.random.default_rng(seed)
    return generator.integers(0, n, size), generator.integers(0, n, size)


def test_rates_by_hand():
    assert recalls(COUNTS).tolist() == [0.75, 0.5, 0.0]
    assert ua(COUNTS) == pytest.approx(1.25 / 3)
    assert wa(COUNTS) == pytest.approx(4 / 7)
    # Predicted: 4, 2, 1 times. F1: 6/8, 2/4, 0/2.
    assert f1(COUNTS).tolist() == [0.75, 0.5, 0.0]
    assert f1_macro(COUNTS) == pytest.approx(1.25 / 3)
    assert f1_weighted(COUNTS) == pytest.approx((4 * 0.75 + 2 * 0.5) / 7)


@pytest.mark.parametrize("seed", range(3))
def test_rates_agree_with_scikit_learn(seed):
    truth, predicted = drawn(seed)
    counts = confusion(truth, predicted, 4)
    assert (counts == sk.confusion_matrix(truth, predicted, labels=range(4))).all()
    assert ua(counts) == pytest.approx(sk.balanced_accuracy_score(truth, predicted))
    assert wa(counts) == pytest.approx(sk.accuracy_score(truth, predicted))
    assert f1_macro(counts) == pytest.approx(sk.f1_score(truth, predicted, average="macro"))
    assert f1_weighted(counts) == pytest.approx(sk.f1_score(truth, predicted, average="weighted"))
    assert recalls(counts) == pytest.approx(sk.recall_score(truth, predicted, average=None))


def test_a_class_absent_from_truth_is_left_out_of_the_means():
    truth = np.array([0, 0, 1, 1])
    predicted = np.array([0, 2, 1, 1])
    counts = confusion(truth, predicted, 3)
    assert np.isnan(recalls(counts)[2])
    assert ua(counts) == 0.75
    assert f1_macro(counts) == pytest.approx(sk.f1_score(truth, predicted, labels=[0, 1], average="macro"))
    assert f1_weighted(counts) == pytest.approx(sk.f1_score(truth, predicted, average="weighted"))


def test_without_any_utterance_every_rate_is_nan():
    assert np.isnan([rate(np.zeros((2, 2))) for rate in RATES.values()]).all()


@pytest.mark.parametrize("metric", [ua, wa, f1_macro, f1_weighted])
def test_a_rate_does_not_depend_on_the_names_of_the_classes(metric):
    order = [2, 0, 1]
    assert metric(COUNTS[np.ix_(order, order)]) == pytest.approx(metric(COUNTS))


def test_a_rate_does_not_depend_on_the_order_of_utterances():
    truth, predicted = drawn(5)
    order = np.random.default_rng(6).permutation(len(truth))
    assert (confusion(truth[order], predicted[order], 4) == confusion(truth, predicted, 4)).all()


def test_ua_weighs_classes_equally_and_wa_utterances():
    doubled = COUNTS * np.array([[10], [1], [1]])
    assert ua(doubled) == pytest.approx(ua(COUNTS))
    assert wa(doubled) == pytest.approx(31 / 43)


def test_pooled_counts_and_the_mean_over_folds_differ():
    folds = np.array([[[1, 0], [1, 1]], [[3, 1], [0, 0]]])
    assert ua(folds).mean() == pytest.approx((0.75 + 0.75) / 2)
    assert ua(folds.sum(0)) == pytest.approx((4 / 5 + 1 / 2) / 2)
