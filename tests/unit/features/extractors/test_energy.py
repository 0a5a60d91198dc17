"""The energy of the samples: the mean square, on the frames of the other extractors."""

import math

import numpy as np
import pytest

from serflow.features.extractors.energy import Energy
from serflow.features.extractors.mfcc_pitch import MfccPitch

RATE, WINDOW, HOP = 16000, 400, 160
LENGTHS = {"sample_rate": RATE, "window_seconds": WINDOW / RATE, "hop_seconds": HOP / RATE}


@pytest.fixture(scope="module")
def energy():
    return Energy(**LENGTHS)


@pytest.fixture
def noise():
    return (0.1 * np.random.default_rng(5).standard_normal(RATE)).astype(np.float32)


def test_it_is_one_column_a_hop_apart(energy):
    assert (energy.names, energy.dims, energy.hop_seconds) == (("energy",), 1, 0.01)


def test_each_frame_is_the_mean_square_of_its_window(energy, noise):
    found = energy(noise[:3000])
    assert (found.shape, found.dtype) == ((17, 1), np.float32)
    for t in range(17):
        window = [float(sample) for sample in noise[t * HOP : t * HOP + WINDOW]]
        assert found[t, 0] == np.float32(math.fsum(sample**2 for sample in window) / WINDOW)  # summed in double


def test_full_scale_is_one_and_silence_zero(energy):
    assert energy(np.ones(RATE, np.float32)).min() == 1
    assert energy(np.zeros(RATE, np.float32)).max() == 0
    sine = np.sin(2 * np.pi * 400 * np.arange(RATE) / RATE).astype(np.float32)
    np.testing.assert_allclose(energy(sine), 0.5, rtol=1e-5)


def test_ten_times_the_level_is_a_hundred_times_the_energy_however_quiet(energy, noise):
    np.testing.assert_allclose(energy(1e-5 * noise), 1e-10 * energy(noise), rtol=1e-4)


def test_less_than_a_window_is_one_frame_of_the_samples_and_zeros(energy, noise):
    for count in (1, 100, WINDOW - 1):
        expected = np.sum(noise[:count].astype(np.float64) ** 2) / WINDOW
        np.testing.assert_allclose(energy(noise[:count]), [[expected]], rtol=1e-6)


def test_the_frames_are_those_of_mfcc_pitch_whatever_the_length(energy, noise):
    extractor = MfccPitch(**LENGTHS)
    edges = [WINDOW + frames * HOP + beyond for frames in (0, 1, 2, 29, 30, 31, 60) for beyond in (-1, 0, 1)]
    for count in (1, 2, 159, 160, 161, 280, 959, 960, *edges, RATE):
        assert len(energy(noise[:count])) == len(extractor(noise[:count])), count


def test_a_click_is_in_the_same_frames_as_in_mfcc_pitch(energy):
    samples = np.zeros(RATE, np.float32)
    samples[8000:8050] = 0.5
    loud = energy(samples)[:, 0] > 0
    mfcc_0 = MfccPitch(**LENGTHS)(samples)[:, 0]
    assert loud.any()
    assert np.array_equal(mfcc_0 > mfcc_0.min(), loud)
