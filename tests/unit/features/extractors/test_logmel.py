"""The 120 values of zhao2021 against the formulas in plain numpy, on the frames of the other extractors."""

import numpy as np
import pytest
import torch
import yaml

from helpers import ROOT
from serflow.errors import UserError
from serflow.features.extractors.energy import Energy
from serflow.features.extractors.logmel import LogMel

RATE, WINDOW, HOP, POINTS, BANDS = 16000, 400, 160, 512, 40
SPEC = yaml.safe_load((ROOT / "workflow" / "features.yaml").read_text())["logmel120"]
VALUES = {key: value for key, value in SPEC.items() if key != "extractor"}


@pytest.fixture(scope="module")
def extractor():
    return LogMel(**VALUES)


@pytest.fixture
def noise():
    return (0.1 * np.random.default_rng(5).standard_normal(RATE)).astype(np.float32)


def hertz(mel):
    return 700 * (10 ** (mel / 2595) - 1)


def log_mel(frame):
    """Log power in each band of one window of samples, by the definition of every step."""
    n = np.arange(WINDOW)
    tapered = frame.astype(np.float64) * (0.54 - 0.46 * np.cos(2 * np.pi * n / WINDOW))
    points = np.arange(POINTS // 2 + 1)
    power = np.array([abs(np.sum(tapered * np.exp(-2j * np.pi * k * n / POINTS))) ** 2 for k in points])
    frequencies = points * RATE / POINTS
    edges = [hertz(mel) for mel in np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), BANDS + 2)]
    found = []
    for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
        rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
        found.append(np.log(max(np.sum(power * np.maximum(0, np.minimum(rising, falling))), 1e-8)))
    return np.array(found)


def regression(contour):
    """Slope of each value with two neighbours on either side, one at a time; the first and the last value repeat."""
    last = len(contour) - 1
    found = []
    for t in range(len(contour)):
        pairs = [(k, contour[min(t + k, last)], contour[max(t - k, 0)]) for k in (1, 2)]
        found.append(sum(k * (after - before) for k, after, before in pairs) / (2 * (1 + 4)))
    return np.array(found)


def test_the_names_are_forty_bands_and_their_two_derivatives(extractor):
    assert extractor.dims == len(extractor.names) == len(set(extractor.names)) == 120
    assert extractor.names[:2] == ("logmel_0", "logmel_1")
    assert extractor.names[40:80] == tuple(f"{name}_delta" for name in extractor.names[:40])
    assert extractor.names[80:] == tuple(f"{name}_delta_delta" for name in extractor.names[:40])
    assert extractor.hop_seconds == HOP / RATE


def test_each_frame_is_the_log_power_in_the_mel_bands_of_its_window(extractor, noise):
    noise *= np.linspace(0.01, 1, len(noise), dtype=np.float32)
    found = extractor(noise)
    for t in (0, 1, 50, len(found) - 1):
        expected = log_mel(noise[t * HOP : t * HOP + WINDOW])
        np.testing.assert_allclose(found[t, :BANDS], expected, rtol=1e-4, atol=1e-4)


def test_the_other_columns_are_the_regression_formula_once_and_twice(extractor, noise):
    found = extractor(noise[: WINDOW + 12 * HOP]).astype(np.float64)
    for band in (0, 17, BANDS - 1):
        slope = regression(found[:, band])
        np.testing.assert_allclose(found[:, BANDS + band], slope, atol=1e-5)
        np.testing.assert_allclose(found[:, 2 * BANDS + band], regression(slope), atol=1e-5)


@pytest.mark.parametrize("frequency", [100, 440, 1000, 3000, 7000])
def test_a_tone_is_loudest_in_the_band_around_it(extractor, frequency):
    samples = np.sin(2 * np.pi * frequency * np.arange(RATE) / RATE).astype(np.float32)
    step = 2595 * np.log10(1 + RATE / 2 / 700) / (BANDS + 1)
    bands = {hertz(step * (k + 1)): k for k in range(BANDS)}
    nearest = bands[min(bands, key=lambda centre: abs(2595 * np.log10((700 + centre) / (700 + frequency))))]
    assert (np.abs(extractor(samples)[:, :BANDS].argmax(axis=1) - nearest) <= (frequency < 1000)).all()


def test_ten_times_the_level_adds_the_logarithm_of_a_hundred(extractor, noise):
    quiet, loud = extractor(0.1 * noise), extractor(noise)
    np.testing.assert_allclose((loud - quiet)[:, :BANDS], np.log(100), rtol=1e-4)
    np.testing.assert_allclose(loud[:, BANDS:], quiet[:, BANDS:], atol=1e-5)


@pytest.mark.parametrize("level", [0, 1e-9])
def test_silence_is_the_floor_in_every_band(extractor, level):
    found = extractor(np.full(RATE, level, np.float32))
    assert np.array_equal(found[:, :BANDS], np.full((98, BANDS), np.log(1e-8), np.float32))
    np.testing.assert_allclose(found[:, BANDS:], 0, atol=1e-12)


def test_the_floor_lies_just_below_the_rounding_of_a_recording_to_16_bits(extractor):
    rounding = np.random.default_rng(2).uniform(-0.5, 0.5, RATE) / 2**15
    means = extractor(rounding.astype(np.float32))[:, :BANDS].mean(axis=0)
    assert np.log(1e-8) < means.min() < np.log(1e-7)


def test_the_frames_are_those_of_energy_whatever_the_length(extractor, noise):
    energy = Energy(sample_rate=RATE, window_seconds=WINDOW / RATE, hop_seconds=HOP / RATE)
    edges = [WINDOW + frames * HOP + beyond for frames in (0, 1, 2, 30, 60) for beyond in (-1, 0, 1)]
    for count in (1, 2, 56, 57, 160, *edges, RATE):
        found = extractor(noise[:count])
        assert found.shape == (len(energy(noise[:count])), 120), count
        assert found.dtype == np.float32
        assert np.isfinite(found).all()


@pytest.mark.parametrize("points", [400, 401, 511, 512])
def test_a_click_is_in_the_same_frames_as_in_energy_whatever_the_transform(points):
    extractor = LogMel(**VALUES | {"n_fft": points})
    energy = Energy(sample_rate=RATE, window_seconds=WINDOW / RATE, hop_seconds=HOP / RATE)
    for first in (0, WINDOW - 1, WINDOW, 8000, RATE - 130):
        samples = np.zeros(RATE, np.float32)
        samples[first : first + 3] = 0.5
        loud = energy(samples)[:, 0] > 0
        assert loud.any()
        assert np.array_equal(extractor(samples)[:, 20] > np.log(1e-8), loud)


def test_less_than_a_window_is_one_frame_of_the_samples_and_zeros(extractor, noise):
    for count in (1, WINDOW - 1):
        found = extractor(noise[:count])
        assert found.shape == (1, 120)
        np.testing.assert_allclose(found[0, :BANDS], log_mel(np.pad(noise[:count], (0, WINDOW - count))), atol=1e-4)
        np.testing.assert_allclose(found[0, BANDS:], 0, atol=1e-12)  # one frame has no slope


def test_what_follows_changes_no_frame_out_of_its_reach(extractor, noise):
    whole, part = extractor(noise), extractor(noise[: WINDOW + 39 * HOP])
    assert whole[:36].tobytes() == part[:36].tobytes()  # four neighbours reach into a frame's second derivative


def test_the_same_samples_give_the_same_bits_whatever_the_number_of_threads(extractor, noise):
    before, threads = extractor(noise).tobytes(), torch.get_num_threads()
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            assert extractor(noise).tobytes() == before
    finally:
        torch.set_num_threads(threads)


@pytest.mark.filterwarnings("ignore:At least one mel filterbank")
def test_values_that_cannot_be_are_refused():
    with pytest.raises(UserError, match="n_fft 256: expected at least 400"):
        LogMel(**VALUES | {"n_fft": 256})
    with pytest.raises(UserError, match="n_mels 200: bands without a point of the DFT of 512; take fewer"):
        LogMel(**VALUES | {"n_mels": 200})
    with pytest.raises(UserError, match=r"window 'hammin': .*; expected a name known to scipy"):
        LogMel(**VALUES | {"window": "hammin"})
