import numpy as np
import pytest

from serflow.metrics.correlation import correlation

RISING = np.array([1.0, 2.0, 3.0, 4.0])


def test_the_correlation_is_pearsons():
    assert correlation(RISING, np.array([1.0, 3.0, 2.0, 4.0])) == pytest.approx(0.8)
    assert correlation(RISING, 7 + 0.001 * RISING) == pytest.approx(1)
    assert correlation(RISING, 5 - 2 * RISING) == pytest.approx(-1)


@pytest.mark.parametrize("constant", [0.0, 0.25, 1 / 3])
def test_a_constant_curve_has_none_on_either_side(constant):
    flat = np.full(4, constant)
    assert np.isnan(correlation(RISING, flat))
    assert np.isnan(correlation(flat, RISING))


def test_what_float32_rounds_is_taken_for_constant_and_a_small_change_is_not():
    assert np.isnan(correlation(RISING, np.array([1, 1 + 1e-7, 1, 1 - 1e-7])))
    assert correlation(RISING, 1 + 1e-5 * RISING) == pytest.approx(1)


def test_two_frames_have_none():
    assert np.isnan(correlation(RISING[:2], np.array([1.0, 5.0])))
    assert correlation(RISING[:3], np.array([1.0, 5.0, 9.0])) == pytest.approx(1)
