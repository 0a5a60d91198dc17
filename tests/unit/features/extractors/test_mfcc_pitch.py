"""The 28 values of huang2016: MFCC as those of lld17, F0 of tones that are known, derivatives by the formula."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from helpers import ROOT
from serflow.errors import UserError
from serflow.features.extractors import mfcc_pitch as module
from serflow.features.extractors.lld17 import Lld17
from serflow.features.extractors.mfcc_pitch import MfccPitch

RATE, WINDOW, HOP = 16000, 400, 160
LENGTHS = {"sample_rate": RATE, "window_seconds": WINDOW / RATE, "hop_seconds": HOP / RATE}
F0, F0_DELTA = 13, 27


@pytest.fixture(scope="module")
def extractor():
    spec = yaml.safe_load((ROOT / "workflow" / "features.yaml").read_text())["mfcc_pitch"]
    return MfccPitch(**{key: value for key, value in spec.items() if key != "extractor"})


@pytest.fixture
def noise():
    return (0.1 * np.random.default_rng(5).standard_normal(RATE)).astype(np.float32)


def voice(hertz, *, samples=RATE, level=0.1):
    """A harmonic tone of one frequency, or of one for each sample."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, samples)) / RATE
    harmonics = [np.sin(k * phase) / k for k in range(1, 11)]
    return (level * np.sum(harmonics, axis=0)).astype(np.float32)


def vibrato():
    """A voice between 160 and 240 Hz, silent from 0.4 to 0.6 s."""
    samples = voice(200 + 40 * np.sin(2 * np.pi * 2 * np.arange(RATE) / RATE))
    samples[6400:9600] = 0
    return samples


def stretches(voiced):
    """(first, end) of each run of true values."""
    found, start = [], None
    for t, one in enumerate([*voiced, False]):
        if one and start is None:
            start = t
        if not one and start is not None:
            found.append((start, t))
            start = None
    return found


def regression(contour):
    """Slope of each value with two neighbours on either side, one at a time; the first and the last value repeat."""
    last = len(contour) - 1
    found = []
    for t in range(len(contour)):
        pairs = [(k, contour[min(t + k, last)], contour[max(t - k, 0)]) for k in (1, 2)]
        found.append(sum(k * (after - before) for k, after, before in pairs) / (2 * (1 + 4)))
    return np.array(found)


def test_the_names_are_fourteen_values_and_their_derivatives(extractor):
    assert extractor.dims == len(extractor.names) == len(set(extractor.names)) == 28
    assert extractor.names[:14] == (*(f"mfcc_{k}" for k in range(13)), "f0")
    assert extractor.names[14:] == tuple(f"{name}_delta" for name in extractor.names[:14])
    assert extractor.hop_seconds == HOP / RATE


@pytest.mark.parametrize("beyond", [0, 1, -1])
def test_there_is_one_frame_a_hop_as_long_as_a_whole_window_fits(extractor, noise, beyond):
    for frames in (2, 3, 7, 31, 32):  # the smoother looks back over 30 frames
        count = WINDOW + (frames - 1) * HOP + beyond
        found = extractor(noise[:count])
        assert found.shape == (1 + (count - WINDOW) // HOP, 28)
        assert found.dtype == np.float32


def test_less_than_a_window_is_one_frame_of_the_samples_and_zeros(extractor, noise):
    for count in (1, WINDOW - 1):
        found = extractor(noise[:count])
        assert found.shape == (1, 28)
        assert found.tobytes() == extractor(np.pad(noise[:count], (0, WINDOW - count))).tobytes()
        assert np.isfinite(found).all()
        assert (found[:, 14:] == 0).all()  # one frame has no slope


def test_mfcc_1_to_12_are_those_of_lld17_with_the_same_frames(extractor, noise):
    for samples in (noise, voice(150), vibrato()):
        np.testing.assert_allclose(extractor(samples)[:, 1:13], Lld17(**LENGTHS)(samples)[:, :12], atol=1e-4)


def test_mfcc_0_alone_knows_the_level(extractor, noise):
    # the sum over 26 log powers, orthonormal; HTK's lifter leaves coefficient 0 as it is
    quiet, loud = extractor(noise / 4), extractor(noise)
    np.testing.assert_allclose((loud - quiet)[:, 0], np.sqrt(2 / 26) * 26 * np.log(16), atol=0.05)
    np.testing.assert_allclose(loud[:, 1:13], quiet[:, 1:13], atol=0.2)


@pytest.mark.parametrize("hertz", [120, 200, 300])
def test_f0_of_a_harmonic_tone_is_its_frequency_in_every_frame(extractor, hertz):
    np.testing.assert_allclose(extractor(voice(hertz))[:, F0], hertz, rtol=0.02)


def test_noise_silence_and_a_voice_far_below_full_scale_are_unvoiced(extractor, noise):
    for samples in (noise, np.zeros(RATE, np.float32), voice(200, level=3e-4)):
        assert (extractor(samples)[:, [F0, F0_DELTA]] == 0).all()


@pytest.mark.parametrize("hertz", [120, 200, 300])
def test_voiced_frames_are_centred_on_the_tone_and_reversed_with_it(extractor, hertz):
    samples, start, end = np.zeros(WINDOW + 120 * HOP, np.float32), 8000, 16000
    samples[start:end] = voice(hertz, samples=end - start)
    voiced = extractor(samples)[:, F0] > 0
    ((first, last),) = stretches(voiced)
    half = 0.03 * RATE  # of the pitch's window
    assert first * HOP + WINDOW // 2 == pytest.approx(start, abs=half)
    assert (last - 1) * HOP + WINDOW // 2 == pytest.approx(end, abs=half)
    # a lag would stay where it is when the sound is played backwards
    assert np.array_equal(extractor(samples[::-1])[::-1, F0] > 0, voiced)


def test_f0_follows_a_glide_without_lag(extractor):
    glide = np.linspace(120, 280, RATE)
    found = extractor(voice(glide))[:, F0]
    centres = np.arange(len(found)) * HOP + WINDOW // 2
    # 1.6 Hz a frame: a lag of one frame would show
    np.testing.assert_allclose(found[3:-3], glide[centres][3:-3], atol=0.8)


def test_derivatives_of_mfcc_are_the_regression_formula(extractor, noise):
    found = extractor(vibrato() + 0.01 * noise).astype(np.float64)
    for k in range(13):
        np.testing.assert_allclose(found[:, 14 + k], regression(found[:, k]), atol=1e-4)


def test_derivatives_of_f0_are_the_regression_formula_within_each_voiced_stretch(extractor):
    found = extractor(vibrato()).astype(np.float64)
    expected, voiced = np.zeros(len(found)), stretches(found[:, F0] > 0)
    assert len(voiced) == 2
    for start, end in voiced:
        expected[start:end] = regression(found[start:end, F0])
    np.testing.assert_allclose(found[:, F0_DELTA], expected, atol=1e-4)
    # 2 turns a second of 40 Hz: the slope reaches 5 Hz a frame, in the last stretch as in the first
    for start, end in voiced:
        assert 4 < np.abs(found[start + 5 : end - 5, F0_DELTA]).max() < 6


def test_full_scale_does_not_wrap_round(extractor):
    square = np.where(np.arange(RATE) // 40 % 2, 1.0, -1.0).astype(np.float32)
    np.testing.assert_allclose(extractor(square)[3:-3, F0], RATE / 80, rtol=0.02)
    assert extractor(1.5 * square).tobytes() == extractor(square).tobytes()


def test_the_same_samples_give_the_same_bits_whatever_came_before(extractor, noise):
    before = extractor(vibrato()).tobytes()
    extractor(noise)
    assert extractor(vibrato()).tobytes() == before


def test_an_even_or_odd_rest_of_the_pitchs_window_leaves_the_frames_whole(noise):
    for window in (399, 401, 960):
        extractor = MfccPitch(**(LENGTHS | {"window_seconds": window / RATE}))
        for count in (window, window + HOP - 1, window + 9 * HOP):
            assert len(extractor(noise[:count])) == 1 + (count - window) // HOP


def test_a_window_longer_than_that_of_the_pitch_is_refused():
    with pytest.raises(UserError, match=r"window_seconds 0.08: expected 0.06 s at most"):
        MfccPitch(**(LENGTHS | {"window_seconds": 0.08}))


def test_a_changed_configuration_is_refused_until_its_digest_is_written_down(tmp_path, monkeypatch):
    path = tmp_path / "mfcc_pitch.conf"
    shutil.copy(module.CONFIG, path)
    path.write_text(path.read_text().replace("maxPitch=620", "maxPitch=500"))
    monkeypatch.setattr(module, "CONFIG", path)
    with pytest.raises(UserError, match="changed; put its SHA-256, [0-9a-f]{64}, into CONFIG_SHA256 of mfcc_pitch.py"):
        MfccPitch(**LENGTHS)


def period(window):
    """Lag of the highest correlation of a window with itself, 2 to 14 ms."""
    lags = range(RATE // 500, RATE // 70)
    return lags[np.argmax([np.corrcoef(window[lag:], window[:-lag])[0, 1] for lag in lags])]


def test_f0_of_speech_is_that_of_the_autocorrelation_around_the_middle_of_the_frame(extractor):
    if "SERFLOW_EMODB" not in os.environ:
        pytest.skip("SERFLOW_EMODB names no folder of recordings")
    errors = []
    for file in sorted(Path(os.environ["SERFLOW_EMODB"]).glob("*a0[12]*"))[:6]:
        samples = soundfile.read(file, dtype="float32")[0]
        f0 = extractor(samples)[:, F0]
        for t in np.flatnonzero(f0)[5:-5:10]:
            middle = t * HOP + WINDOW // 2
            errors.append(abs(f0[t] * period(samples[middle - 400 : middle + 400]) / RATE - 1))
    assert len(errors) > 30
    assert np.median(errors) < 0.02
    assert np.mean(np.array(errors) < 0.05) > 0.85  # the rest: octaves
