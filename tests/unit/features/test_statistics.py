"""Statistics of contours against scipy and against sums written out."""

import numpy as np
import pytest
from scipy import stats

from serflow.features.extract import build
from serflow.features.extractors.lld17 import Lld17
from serflow.features.extractors.lld17_statistics import Lld17Statistics
from serflow.features.statistics import NAMES, deltas, statistics

SPEC = {"sample_rate": 16000, "window_seconds": 0.04, "hop_seconds": 0.01}


@pytest.fixture
def frames():
    rng = np.random.default_rng(11)
    return rng.gamma(2.0, size=(40, 3)) + np.linspace(0, 2, 40)[:, None]


def plain(contour):
    """The twelve statistics of one contour, by scipy and by hand."""
    count = len(contour)
    time = [i / (count - 1) for i in range(count)]
    line = stats.linregress(time, contour)
    rest = [(y - line.intercept - line.slope * x) ** 2 for x, y in zip(time, contour, strict=True)]
    return {
        "mean": sum(contour) / count,
        "sd": np.std(contour),
        "skewness": stats.skew(contour),
        "kurtosis": stats.kurtosis(contour, fisher=False),
        "min": min(contour),
        "max": max(contour),
        "range": max(contour) - min(contour),
        "position_min": time[list(contour).index(min(contour))],
        "position_max": time[list(contour).index(max(contour))],
        "slope": line.slope,
        "intercept": line.intercept,
        "error": sum(rest) / count,
    }


def test_each_statistic_is_that_of_scipy_and_of_its_sum(frames):
    found = statistics(frames)
    for column in range(3):
        expected = plain(frames[:, column])
        assert tuple(expected) == NAMES
        np.testing.assert_allclose(found[:, column], list(expected.values()), rtol=1e-9, atol=1e-12)


def test_by_hand():
    found = dict(zip(NAMES, statistics(np.array([[1.0], [3.0], [2.0]]))[:, 0], strict=True))
    expected = {
        "mean": 2, "sd": np.sqrt(2 / 3), "skewness": 0, "kurtosis": 1.5, "min": 1, "max": 3, "range": 2,
        "position_min": 0, "position_max": 0.5, "slope": 1, "intercept": 1.5, "error": 0.5,
    }  # fmt: skip
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_constant_has_its_value_and_zeros_and_nothing_undefined(count):
    found = dict(zip(NAMES, statistics(np.full((count, 1), 0.1))[:, 0], strict=True))
    assert found == pytest.approx(dict.fromkeys(NAMES, 0) | dict.fromkeys(("mean", "min", "max", "intercept"), 0.1))
    assert found["sd"] == found["slope"] == found["error"] == 0


def test_a_delta_is_the_regression_over_five_frames(frames):
    found = deltas(frames)
    padded = np.concatenate([frames[[0, 0]], frames, frames[[-1, -1]]])
    for t in range(len(frames)):
        slope = [stats.linregress(range(-2, 3), padded[t : t + 5, column]).slope for column in range(3)]
        np.testing.assert_allclose(found[t], slope, atol=1e-12)


def test_a_ramp_has_its_step_as_delta_but_at_the_edges():
    assert deltas(np.arange(8.0)[:, None])[2:-2].tolist() == [[1.0]] * 4
    assert deltas(np.array([[5.0]])).tolist() == [[0.0]]


def test_the_extractor_sums_up_the_frames_of_the_same_descriptors():
    samples = (0.1 * np.random.default_rng(2).standard_normal(8000)).astype(np.float32)
    extractor = build(SPEC | {"extractor": "lld17_statistics"})
    row = extractor(samples)
    assert row.shape == (1, extractor.dims) == (1, len(extractor.names)) == (1, 408)
    assert (row.dtype, extractor.hop_seconds) == (np.float32, None)
    frames = Lld17(**SPEC)(samples).astype(np.float64)
    value = dict(zip(extractor.names, row[0], strict=True))
    for column, name in enumerate(Lld17.names):
        for statistic, expected in plain(frames[:, column]).items() if frames[:, column].std() else []:
            assert value[f"{statistic}_{name}"] == pytest.approx(expected, rel=1e-4, abs=1e-5), (statistic, name)
        delta = deltas(frames)[:, column]
        assert value[f"sd_{name}_delta"] == pytest.approx(delta.std(), rel=1e-4, abs=1e-6)


def test_audio_of_one_sample_has_finite_statistics():
    row = Lld17Statistics(**SPEC)(np.array([0.5], np.float32))
    assert row.shape == (1, 408)
    assert np.isfinite(row).all()
