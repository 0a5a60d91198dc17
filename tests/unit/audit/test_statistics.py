"""Intervals and tests of the audit, worked out by hand."""

import math

import numpy as np
import pytest

from serflow.audit.statistics import Jackknife, Swaps, holm, swap_test


def mean(sums):
    return sums[..., 0] / sums[..., 1]


def difference(sums):
    values = mean(sums)
    return values[:, 0] - values[:, 1]


def units(*values):
    """Of a mean each unit adds its value and a one."""
    return np.array([[value, 1.0] for value in values])


def test_of_a_mean_the_jackknife_is_the_t_interval():
    """1 to 5: mean 3, deviation sqrt(2.5), error sqrt(0.5); t of 4 degrees of freedom is 2.7764."""
    jackknife = Jackknife(units(1, 2, 3, 4, 5), mean)
    assert jackknife.whole == 3 and jackknife.error == pytest.approx(math.sqrt(0.5))
    assert jackknife.interval() == pytest.approx((3 - 2.7764 * 0.70711, 3 + 2.7764 * 0.70711), abs=1e-4)
    assert jackknife.p == pytest.approx(0.013236, abs=1e-6)  # t = 3 / sqrt(0.5) = 4.2426


def test_an_interval_ends_at_zero_where_p_is_a_twentieth():
    low, high = Jackknife(units(1, 2, 3, 4, 5), mean).interval()
    moved = Jackknife(units(*(value - low for value in (1, 2, 3, 4, 5))), mean)
    assert moved.interval()[0] == pytest.approx(0, abs=1e-12) and moved.p == pytest.approx(0.05)
    assert Jackknife(units(*(value - high for value in (1, 2, 3, 4, 5))), mean).p == pytest.approx(0.05)


def test_an_interval_is_cut_at_what_the_value_can_be():
    assert Jackknife(units(1, 1, 0, 1), mean).interval() == pytest.approx(
        (0.75 - 3.1824 / 4, 0.75 + 3.1824 / 4), abs=1e-4
    )
    assert Jackknife(units(1, 1, 0, 1), mean).interval(0.0, 1.0) == (0.0, 1.0)


def test_fewer_than_three_units_have_no_interval_and_no_p():
    jackknife = Jackknife(units(1, 2), mean)
    assert jackknife.whole == 1.5 and jackknife.interval() == (None, None) and jackknife.p is None


def test_units_that_are_alike_leave_no_doubt():
    assert Jackknife(units(2, 2, 2), mean).interval() == (2, 2)
    assert Jackknife(units(2, 2, 2), mean).p == 0 and Jackknife(units(0, 0, 0), mean).p == 1


def paired(*differences):
    """Units of which the first system adds so much more than the second; both of them one."""
    return np.array([[[value, 1.0], [0.0, 1.0]] for value in differences])


def test_of_three_that_all_speak_for_the_first_two_of_eight_swaps_are_as_large():
    assert swap_test(paired(1, 2, 3), difference) == Swaps(0.25, exact=True)


def test_all_swaps_by_hand():
    """1, 1 and -1 sum to 1: of the sums 1 + 1 + 1 and so on, all eight are 1 or 3 from 0."""
    assert swap_test(paired(1, 1, -1), difference).p == 1
    # 3, 1, 1, -1: four; sums of the sixteen swaps: 6 twice, 4 six times, 2 six times, 0 twice
    assert swap_test(paired(3, 1, 1, -1), difference).p == 8 / 16


def test_a_unit_that_both_recognise_alike_is_none_to_swap():
    assert swap_test(paired(1, 2, 3, *[0] * 20), difference) == Swaps(0.25, exact=True)


def test_two_that_recognise_everything_alike_do_not_differ():
    assert swap_test(paired(0, 0, 0), difference) == Swaps(1.0, exact=True)


def test_of_many_units_swaps_are_drawn_and_a_p_of_other_draws_lies_within_the_tolerance():
    rng = np.random.default_rng(3)
    many = paired(*rng.normal(0.25, 1, 40))
    drawn = swap_test(many, difference)
    assert not drawn.exact and 0 < drawn.p < 1
    signs = np.random.default_rng(4).choice([-1, 1], (1000, 40))
    sums = np.abs(signs @ many[:, 0, 0])
    other = (1 + (sums >= abs(many[:, 0, 0].sum()) - 1e-9).sum()) / 1001
    assert abs(other - drawn.p) < drawn.tolerance < 0.12
    assert swap_test(many, difference) == drawn


def test_a_drawn_p_is_never_zero_and_its_tolerance_never_either():
    drawn = swap_test(paired(*range(1, 40)), difference)
    assert drawn.p == 1 / 1001 and 0 < drawn.tolerance < 0.01
    assert swap_test(paired(1, 2, 3), difference).tolerance == 0


def test_holm_by_hand():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert holm({"a": 0.6, "b": 0.5}) == {"b": 1.0, "a": 1.0}
    assert holm({"a": 0.02}) == {"a": 0.02} and holm({}) == {}
