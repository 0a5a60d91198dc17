"""Brier score, likelihood and calibration error, by hand and beside plain loops."""

import math
from fractions import Fraction

import numpy as np
import pytest
from sklearn.metrics import log_loss

from serflow.metrics.calibration import BINS, CALIBRATION


def values(truth, probabilities):
    """Metrics by name, of float32 probabilities (..., U, C), as they are stored."""
    parts = CALIBRATION.parts(np.array(truth), np.array(probabilities, np.float32))
    return dict(zip(CALIBRATION.names, CALIBRATION.values(parts.sum(-2)).T, strict=True))


def drawn(*shape, seed=0, classes=4):
    generator = np.random.default_rng(seed)
    return generator.integers(0, classes, shape[-1]), generator.dirichlet(np.ones(classes), shape)


def test_two_utterances_by_hand():
    found = values([0, 1], [[0.7, 0.2, 0.1], [0.5, 0.25, 0.25]])
    # 0.09 + 0.04 + 0.01; 0.25 + 0.5625 + 0.0625
    assert found["brier"] == pytest.approx((0.14 + 0.875) / 2)
    assert found["nll"] == pytest.approx((-math.log(0.7) - math.log(0.25)) / 2)
    # Top probabilities of 0.7 and 0.5 lie in bins of their own: (|1 - 0.7| + |0 - 0.5|) / 2
    assert found["ece"] == pytest.approx((0.3 + 0.5) / 2)


def test_in_one_bin_what_is_too_sure_and_what_is_too_unsure_cancel():
    # Both in (10/15, 11/15]: of two utterances one is right, at a mean top probability of 0.7.
    assert values([0, 1], [[0.69, 0.31], [0.71, 0.29]])["ece"] == pytest.approx(0.2)


@pytest.mark.parametrize("top", [1 / 15, 0.2, 0.25, 8 / 15, 0.9999, 1.0])
def test_a_bin_holds_its_upper_end(top):
    stored = np.array([[top, *[(1 - top) / 20] * 20]], np.float32)  # another number, in 24 bits: 0.2 is above 3/15
    (place,) = np.flatnonzero(CALIBRATION.parts(np.array([1]), stored)[0, 3:])
    assert place + 1 == math.ceil(Fraction(float(stored[0, 0])) * BINS)


def test_certainty_that_is_right_has_no_error():
    assert values([2, 0], [[0, 0, 1], [1, 0, 0]]) == {"brier": 0, "nll": 0, "ece": 0}


def test_certainty_that_is_wrong_has_the_largest_errors_and_a_finite_likelihood():
    found = values([0], [[0, 1]])
    assert found == {"brier": 2, "nll": pytest.approx(-math.log(1e-7)), "ece": 1}


@pytest.mark.parametrize("seed", range(3))
def test_values_agree_with_plain_loops_and_scikit_learn(seed):
    truth, probabilities = drawn(300, seed=seed)
    stored = probabilities.astype(np.float32).astype(float)
    found = values(truth, probabilities)
    assert found["brier"] == pytest.approx(((stored - np.eye(4)[truth]) ** 2).sum(1).mean())
    assert found["nll"] == pytest.approx(log_loss(truth, stored / stored.sum(1, keepdims=True)), rel=1e-6)
    ece, top = 0.0, stored.max(1)
    for low in np.arange(BINS) / BINS:
        there = (top > low) & (top <= low + 1 / BINS)
        if there.any():
            right = (stored[there].argmax(1) == truth[there]).mean()
            ece += there.mean() * abs(right - top[there].mean())
    assert found["ece"] == pytest.approx(ece)


def test_they_work_over_leading_axes():
    truth, probabilities = drawn(2, 3, 50)
    parts = CALIBRATION.parts(truth, probabilities)
    assert parts.shape == (2, 3, 50, 3 + BINS)
    assert np.allclose(parts[1, 2], CALIBRATION.parts(truth, probabilities[1, 2]))


def test_of_no_utterance_there_is_no_value():
    assert np.isnan(CALIBRATION.values(np.zeros(3 + BINS))).all()


def test_the_lower_is_the_better():
    assert all(CALIBRATION.lower_is_better)
