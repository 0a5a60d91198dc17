import numpy as np
import pytest
from sklearn import metrics as sk

from serflow.metrics.counts import by_group, confusion, contributions
from serflow.metrics.rates import all_metrics, f1, f1_macro, f1_weighted, metric_names, recalls, ua, wa

# Class 0: 3 of 4 right; class 1: 1 of 2 right; class 2: 0 of 1 right.
COUNTS = np.array([[3, 1, 0], [0, 1, 1], [1, 0, 0]])


def drawn(seed, n=4, size=200):
    generator = np.random.default_rng(seed)
    return generator.integers(0, n, size), generator.integers(0, n, size)


def test_confusion_counts_truth_by_row():
    assert confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist() == [[1, 1], [0, 1]]


def test_confusion_leaves_out_what_was_not_predicted():
    assert confusion(np.array([0, 0, 1]), np.array([0, -1, -1]), 2).tolist() == [[1, 0], [0, 0]]


def test_confusion_works_over_leading_axes():
    truth, _ = drawn(0)
    predicted = np.random.default_rng(1).integers(-1, 4, (2, 3, 200))
    counts = confusion(truth, predicted, 4)
    assert counts.shape == (2, 3, 4, 4)
    for index in np.ndindex(2, 3):
        assert (counts[index] == confusion(truth, predicted[index], 4)).all()


def test_contributions_add_up_to_the_confusion_counts_of_each_seed():
    truth, _ = drawn(0)
    predicted = np.random.default_rng(1).integers(-1, 4, (3, 200))
    parts = contributions(truth, predicted, 4)
    assert parts.shape == (200, 3, 4, 4)
    assert (parts.sum(0) == confusion(truth, predicted, 4)).all()


def test_groups_are_summed_in_ascending_order():
    assert by_group(np.array([[1.0], [2.0], [4.0]]), np.array([7, 3, 7])).tolist() == [[2.0], [5.0]]


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
    assert np.isnan(all_metrics(np.zeros((2, 2)))).all()


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


def test_all_metrics_are_in_the_order_of_their_names():
    values = dict(zip(metric_names(["a", "b", "c"]), all_metrics(COUNTS), strict=True))
    assert values["ua"] == ua(COUNTS)
    assert values["f1_weighted"] == f1_weighted(COUNTS)
    assert values["recall_b"] == 0.5
