"""The z-test that papers use, on counts whose z can be worked out by hand."""

import numpy as np
import pytest

from serflow.metrics.proportions import better

# of 60 sad and 40 angry utterances: 48 and 12 right; 30 and 10 right
FIRST = np.array([[[48, 12], [28, 12]]])
SECOND = np.array([[[30, 30], [30, 10]]])


def test_wa_is_tested_with_the_variance_of_both_systems_together():
    z, p = better(FIRST, SECOND)["wa"]
    # 60% and 40% of 100: together 50%, so that the variance is 0.25 (1/100 + 1/100) = 0.005
    assert z == pytest.approx(0.2 / 0.005**0.5)  # 2.8284
    assert p == pytest.approx(0.0023389, abs=1e-7)  # upper tail of the normal distribution, from a table


def test_ua_is_tested_as_the_mean_of_independent_recalls():
    z, _ = better(FIRST, SECOND)["ua"]
    # recalls 0.8 and 0.3; 0.5 and 0.25
    variance = (0.8 * 0.2 / 60 + 0.3 * 0.7 / 40 + 0.5 * 0.5 / 60 + 0.25 * 0.75 / 40) / 4
    assert z == pytest.approx((0.55 - 0.375) / variance**0.5)  # 2.7136


def both(first, second):
    """Z and p of UA and WA, (2, 2)."""
    found = better(first, second)
    assert list(found) == ["ua", "wa"]  # other metrics are no means of proportions, and are not tested
    return np.array(list(found.values()))


def test_the_test_is_one_tailed_so_that_a_worse_system_has_a_p_above_one_half():
    forth, back = both(FIRST, SECOND), both(SECOND, FIRST)
    np.testing.assert_allclose(forth[:, 0], -back[:, 0])
    np.testing.assert_allclose(forth[:, 1] + back[:, 1], 1)
    assert (back[:, 1] > 0.99).all()


def test_seeds_are_averaged_and_add_no_utterances():
    found = both(FIRST, SECOND)
    np.testing.assert_allclose(both(np.repeat(FIRST, 3, axis=0), np.repeat(SECOND, 3, axis=0)), found)
    # one seed six better, one six worse than FIRST: on average the same
    spread = np.concatenate([FIRST + [[6, -6], [0, 0]], FIRST - [[6, -6], [0, 0]]])
    np.testing.assert_allclose(both(spread, SECOND), found)


def test_a_class_without_utterances_counts_for_nothing():
    grown = [np.pad(counts, ((0, 0), (0, 1), (0, 1))) for counts in (FIRST, SECOND)]
    np.testing.assert_allclose(both(*grown), both(FIRST, SECOND))


def test_two_systems_that_never_err_are_not_tested():
    right = np.array([[[60, 0], [0, 40]]])
    assert np.isnan(both(right, right)).all()
