"""The z-test that papers use, on counts whose z can be worked out by hand."""

import numpy as np
import pytest

from serflow.metrics.proportions import better

# of 60 sad and 40 angry utterances: 48 and 12 right; 30 and 10 right
FIRST = np.array([[[48, 12], [28, 12]]])
SECOND = np.array([[[30, 30], [30, 10]]])


def test_wa_is_tested_with_the_variance_of_both_systems_together():
    z, p = better(FIRST, SECOND)
    # 60% and 40% of 100: together 50%, so that the variance is 0.25 (1/100 + 1/100) = 0.005
    assert z[1] == pytest.approx(0.2 / 0.005**0.5)  # 2.8284
    assert p[1] == pytest.approx(0.0023389, abs=1e-7)  # upper tail of the normal distribution, from a table


def test_ua_is_tested_as_the_mean_of_independent_recalls():
    z, _ = better(FIRST, SECOND)
    # recalls 0.8 and 0.3; 0.5 and 0.25
    variance = (0.8 * 0.2 / 60 + 0.3 * 0.7 / 40 + 0.5 * 0.5 / 60 + 0.25 * 0.75 / 40) / 4
    assert z[0] == pytest.approx((0.55 - 0.375) / variance**0.5)  # 2.7136


def test_the_test_is_one_tailed_so_that_a_worse_system_has_a_p_above_one_half():
    forth, back = better(FIRST, SECOND), better(SECOND, FIRST)
    np.testing.assert_allclose(forth[0][:2], -back[0][:2])
    np.testing.assert_allclose(forth[1][:2] + back[1][:2], 1)
    assert (back[1][:2] > 0.99).all()


def test_seeds_are_averaged_and_add_no_utterances():
    z, _ = better(FIRST, SECOND)
    again, _ = better(np.repeat(FIRST, 3, axis=0), np.repeat(SECOND, 3, axis=0))
    np.testing.assert_allclose(again, z)
    # one seed six better, one six worse than FIRST: on average the same
    spread = np.concatenate([FIRST + [[6, -6], [0, 0]], FIRST - [[6, -6], [0, 0]]])
    np.testing.assert_allclose(better(spread, SECOND)[0], z)


def test_what_is_no_mean_of_proportions_is_not_tested():
    z, p = better(FIRST, SECOND)
    assert len(z) == len(p) == 6  # UA, WA, two F1, two recalls
    assert np.isnan(z[2:]).all() and np.isnan(p[2:]).all()


def test_a_class_without_utterances_counts_for_nothing():
    grown = [np.pad(counts, ((0, 0), (0, 1), (0, 1))) for counts in (FIRST, SECOND)]
    np.testing.assert_allclose(better(*grown)[0][:2], better(FIRST, SECOND)[0][:2])


def test_two_systems_that_never_err_are_not_tested():
    right = np.array([[[60, 0], [0, 40]]])
    assert np.isnan(better(right, right)[0]).all()
