"""The MFCC of xu2020, as workflow/features.yaml has them, against a slow reading of the paper's sentence."""

import math

import librosa
import numpy as np
import pytest

from helpers import ROOT
from serflow.config import read_yaml
from serflow.features.extractors.mfcc import Mfcc

DECLARED = read_yaml(ROOT / "workflow/features.yaml")


def mfcc_of(name):
    """The extractor of a feature set, from the YAML."""
    return Mfcc(**{key: value for key, value in DECLARED[name].items() if key != "extractor"})


def plain_mfcc(samples, *, n_mfcc, n_fft=2048, hop_length=512, n_mels=128, sample_rate=16000):
    """Window, transform, power, mel, log, DCT, one frame and one coefficient at a time.

    The numbers are typed here from section III-A (window, hop) and from the authors' code (mel bands, sample rate).
    """
    hann = np.array([0.5 - 0.5 * math.cos(2 * math.pi * n / n_fft) for n in range(n_fft)])
    mel = librosa.filters.mel(sr=sample_rate, n_fft=n_fft, n_mels=n_mels)
    silence = np.zeros(n_fft // 2)
    padded = np.concatenate([silence, samples.astype(np.float64), silence])
    decibels = []
    for start in range(0, len(padded) - n_fft + 1, hop_length):
        power = np.abs(np.fft.rfft(hann * padded[start : start + n_fft])) ** 2
        decibels.append([10 * math.log10(max(1e-10, band)) for band in mel @ power])
    decibels = np.maximum(np.array(decibels), np.max(decibels) - 80)
    frames = np.empty((len(decibels), n_mfcc))
    for t, bands in enumerate(decibels):
        for k in range(n_mfcc):
            scale = math.sqrt((1 if k == 0 else 2) / n_mels)
            angles = [math.pi * k * (2 * m + 1) / (2 * n_mels) for m in range(n_mels)]
            frames[t, k] = scale * sum(band * math.cos(a) for band, a in zip(bands, angles, strict=True))
    return frames


@pytest.fixture
def speechlike():
    noise = np.random.default_rng(7).standard_normal(9000)
    tone = np.sin(2 * np.pi * 220 * np.arange(9000) / 16000)
    samples = 0.3 * tone * np.linspace(0, 1, 9000) + 0.01 * noise
    samples[:3000] *= 1e-6  # far below the floor of 80 dB under the loudest
    return samples.astype(np.float32)


@pytest.mark.parametrize(("name", "n_mfcc"), [("mfcc13", 13), ("mfcc26", 26)])
def test_the_coefficients_are_those_of_the_papers_sentence(speechlike, name, n_mfcc):
    found, expected = mfcc_of(name)(speechlike), plain_mfcc(speechlike, n_mfcc=n_mfcc)
    assert found.shape == expected.shape == (1 + 9000 // 512, n_mfcc)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3)  # values reach hundreds


def test_frames_are_float32_rows_a_hop_apart(speechlike):
    mfcc = mfcc_of("mfcc13")
    assert (mfcc.dims, mfcc.hop_seconds) == (13, 0.032)
    frames = mfcc(speechlike)
    assert frames.dtype == np.float32
    assert frames.flags.c_contiguous


def test_digital_silence_has_finite_coefficients():
    frames = mfcc_of("mfcc13")(np.zeros(4000, np.float32))
    expected = np.zeros((8, 13))
    expected[:, 0] = -100 * math.sqrt(128)  # 128 bands at the floor of -100 dB: only coefficient 0 differs from 0
    np.testing.assert_allclose(frames, expected, atol=1e-3)
