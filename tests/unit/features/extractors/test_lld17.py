"""The 17 low-level descriptors: what each column is, by signals whose answer is known and by other libraries."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from scipy.signal import lfilter

from helpers import ROOT
from serflow.errors import UserError
from serflow.features.extractors import lld17 as module
from serflow.features.extractors.lld17 import Lld17

RATE = 16000
SETS = yaml.safe_load((ROOT / "workflow" / "features.yaml").read_text())
NAMES = ("lld17_40ms", "lld17_25ms")
WINDOW, HOP = {"lld17_40ms": 640, "lld17_25ms": 400}, {"lld17_40ms": 160, "lld17_25ms": 80}  # samples, the papers'
COLUMN = {name: column for column, name in enumerate(Lld17.names)}


@pytest.fixture(scope="module", params=NAMES)
def lld(request):
    """Return an extractor as declared; `window` and `hop` in samples are put beside it."""
    made = Lld17(**{key: value for key, value in SETS[request.param].items() if key != "extractor"})
    made.window, made.hop = WINDOW[request.param], HOP[request.param]
    return made


@pytest.fixture
def noise():
    return (0.1 * np.random.default_rng(5).standard_normal(RATE)).astype(np.float32)


def sine(hertz, *, seconds=1.0, level=0.3):
    # a phase that puts no sample on a crossing
    return (level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE + 0.1)).astype(np.float32)


def pulses(period):
    """A voice of sorts: pulses `period` samples apart, through a low-pass filter."""
    train = np.zeros(RATE)
    train[::period] = 0.5
    return lfilter([1], [1, -0.9], train).astype(np.float32)


def with_pauses(period):
    """Pulses with three stretches of faint noise, at the beginning, in the middle and at the end."""
    samples = pulses(period)
    for start, end in ((0, 3000), (7000, 10000), (13000, RATE)):
        samples[start:end] = 0.001 * np.random.default_rng(start).standard_normal(end - start)
    return samples


def framed(samples, lld):
    return np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), lld.window)[:: lld.hop]


def test_the_seventeen_columns_have_the_papers_names_and_hop(lld):
    assert lld.dims == len(Lld17.names) == len(set(Lld17.names)) == 17
    assert lld.hop_seconds == lld.hop / RATE


@pytest.mark.parametrize("beyond", [0, 1, -1])
def test_there_is_one_frame_a_hop_as_long_as_a_whole_window_fits(lld, noise, beyond):
    for frames in (2, 7):
        count = lld.window + (frames - 1) * lld.hop + beyond
        found = lld(noise[:count])
        assert found.shape == (1 + (count - lld.window) // lld.hop, 17)
        assert found.dtype == np.float32


def test_frame_t_starts_at_sample_t_times_hop(lld):
    samples = np.zeros(RATE, np.float32)
    samples[8000:8100] = 0.5
    loud = np.flatnonzero(lld(samples)[:, COLUMN["log_energy"]] > -20)
    starts = np.arange(1 + (RATE - lld.window) // lld.hop) * lld.hop
    assert loud.tolist() == np.flatnonzero((starts < 8100) & (starts + lld.window > 8000)).tolist()


def test_less_than_a_window_is_one_frame_of_the_samples_and_zeros(lld, noise):
    for count in (1, lld.window - 1):
        filled = np.pad(noise[:count], (0, lld.window - count))
        assert lld(noise[:count]).shape == (1, 17)
        assert lld(noise[:count]).tobytes() == lld(filled).tobytes()
        assert np.isfinite(lld(noise[:count])).all()


def test_log_energy_is_the_logarithm_of_the_mean_square(lld, noise):
    quantised = np.trunc(noise * 32768) / 32768
    expected = np.log(np.mean(framed(quantised, lld) ** 2, axis=1))
    np.testing.assert_allclose(lld(noise)[:, COLUMN["log_energy"]], expected, atol=1e-4)


def test_ten_times_the_level_adds_log_of_a_hundred_and_leaves_the_rest_of_a_tone(lld):
    quiet, loud = lld(sine(400, level=0.05)), lld(sine(400, level=0.5))
    np.testing.assert_allclose((loud - quiet)[:, COLUMN["log_energy"]], np.log(100), atol=0.01)
    for name in ("voicing", "log_f0", "zcr"):
        np.testing.assert_allclose(loud[:, COLUMN[name]], quiet[:, COLUMN[name]], atol=0.01)


@pytest.mark.parametrize("hertz", [500, 1500])
def test_a_sine_crosses_zero_twice_a_period(lld, hertz):
    # counted without the window's last pair of samples
    found = lld(sine(hertz))[:, COLUMN["zcr"]]
    np.testing.assert_allclose(found, 2 * hertz / RATE, atol=2.1 / lld.window)


@pytest.mark.parametrize("period", [64, 107, 128])  # 250, 150, 125 Hz
def test_log_f0_of_a_pulse_train_is_that_of_its_period(lld, period):
    frames = lld(pulses(period))[3:]  # the contour needs some frames to start
    np.testing.assert_allclose(frames[:, COLUMN["log_f0"]], np.log(RATE / period), atol=0.02)
    assert (frames[:, COLUMN["voicing"]] > 0.55).all()


def test_log_f0_lies_on_straight_lines_between_voiced_frames_and_is_held_at_the_edges():
    found = module._log_f0(np.array([0, 0, 100, 0, 0, 0, 400, 200, 0], np.float32))
    expected = np.log(100) + np.log(4) * np.array([0, 0, 0, 0.25, 0.5, 0.75, 1, 0.5, 0.5])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(module._log_f0(np.array([0, 150, 0])), np.log([150] * 3))


def test_an_utterance_without_pitch_has_the_typical_one_throughout():
    np.testing.assert_allclose(module._log_f0(np.zeros(4)), [np.log(160)] * 4)


@pytest.mark.parametrize("second", [64, 107])
def test_log_f0_is_not_a_second_voicing_column(lld, second):
    # two voices an octave or less apart, as an utterance moves; standardised, a correlation is what is left
    frames = np.concatenate([lld(with_pauses(128)), lld(with_pauses(second))])
    voiced = frames[:, COLUMN["voicing"]] >= 0.55
    assert 0.2 < voiced.mean() < 0.8
    assert abs(np.corrcoef(frames[:, COLUMN["log_f0"]], voiced)[0, 1]) < 0.3
    low, high = np.log(RATE / 128), np.log(RATE / second)
    unvoiced = frames[~voiced][:, COLUMN["log_f0"]]
    assert ((unvoiced > low - 0.1) & (unvoiced < high + 0.1)).all()


def test_noise_and_silence_are_unvoiced_with_the_typical_pitch_and_low_hnr(lld, noise):
    for samples in (noise, np.zeros(RATE, np.float32)):
        frames = lld(samples)
        np.testing.assert_allclose(frames[:, COLUMN["log_f0"]], np.log(160), rtol=1e-6)
        assert (frames[:, COLUMN["voicing"]] < 0.55).all()
        assert np.isfinite(frames).all()
        assert (frames[:, COLUMN["hnr"]] < 0).all()
    assert (lld(np.zeros(RATE, np.float32))[:, COLUMN["hnr"]] == -20).all()


def test_digital_silence_lies_no_deeper_than_the_noise_of_16_bits(lld, noise):
    silence = lld(np.zeros(RATE, np.float32))[:, COLUMN["log_energy"]]
    np.testing.assert_allclose(silence, np.log(1e-10), rtol=1e-6)
    # one sample of the smallest step in a window of 640 has a mean square of 1.5e-12, noise of that step one above
    step = np.sign(noise) / 32768
    assert (lld(step)[:, COLUMN["log_energy"]] > np.log(1e-10) + 1).all()


def test_hnr_falls_as_noise_is_added(lld, noise):
    clean = pulses(128)
    levels = [np.median(lld(clean + share * noise)[:, COLUMN["hnr"]]) for share in (0, 0.3, 3)]
    assert levels[0] > levels[1] > levels[2]
    # half of the power is noise: 0 dB, less what the autocorrelation of a short window loses
    half = sine(200, level=0.1 * np.sqrt(2)) + noise
    assert np.median(lld(half)[:, COLUMN["hnr"]]) == pytest.approx(0, abs=4)


def test_full_scale_does_not_wrap_round(lld):
    square = np.where(np.arange(RATE) // 40 % 2, 1.0, -1.0).astype(np.float32)
    np.testing.assert_allclose(lld(square)[:, COLUMN["zcr"]], 1 / 40, atol=2.1 / lld.window)
    np.testing.assert_allclose(lld(1.5 * square), lld(square), atol=0)


def test_the_same_samples_give_the_same_bits_whatever_came_before(lld, noise):
    before = lld(noise[:8000]).tobytes()
    lld(pulses(100))
    assert lld(noise[:8000]).tobytes() == before


def test_a_changed_configuration_is_refused_until_its_digest_is_written_down(tmp_path, monkeypatch):
    path = tmp_path / "lld17.conf"
    shutil.copy(module.CONFIG, path)
    path.write_text(path.read_text().replace("nBands=26", "nBands=27"))
    monkeypatch.setattr(module, "CONFIG", path)
    with pytest.raises(UserError, match="lld17.conf: changed; put its SHA-256, [0-9a-f]{64}, into CONFIG_SHA256"):
        Lld17(sample_rate=RATE, window_seconds=0.04, hop_seconds=0.01)


@pytest.fixture(scope="module")
def speech():
    if "SERFLOW_EMODB" not in os.environ:
        pytest.skip("SERFLOW_EMODB names no folder of recordings")
    files = sorted(Path(os.environ["SERFLOW_EMODB"]).glob("*a0[12]*"))[:6]
    return [soundfile.read(file, dtype="float32")[0] for file in files]


def test_mfcc_of_speech_are_librosas_of_the_same_filters(lld, speech):
    import librosa

    for samples in speech:
        found = lld(samples)[:, :12]
        spectra = np.abs(np.fft.rfft(framed(samples, lld) * np.hamming(lld.window), n=1024)) ** 2
        mel = librosa.filters.mel(sr=RATE, n_fft=1024, n_mels=26, fmin=20, fmax=8000, htk=True, norm=None)
        decibels = 10 * np.log10(np.maximum(spectra @ mel.T, 1e-12)).T
        other = librosa.feature.mfcc(S=decibels, n_mfcc=13, dct_type=2, norm="ortho", lifter=22)[1:].T
        for k in range(12):
            assert np.corrcoef(found[:, k], other[:, k])[0, 1] > 0.98, k


def best_lag(window, *, low, high):
    """Lag of the highest autocorrelation between two lags, each normalised by what overlaps."""
    scores = []
    for lag in range(low, high):
        ahead, behind = window[lag:], window[: len(window) - lag]
        scores.append(ahead @ behind / np.sqrt(ahead @ ahead * (behind @ behind) + 1e-12))
    return low + int(np.argmax(scores))


def test_log_f0_of_clearly_voiced_speech_is_that_of_its_autocorrelation(lld, speech):
    errors = []
    for samples in speech:
        found = lld(samples)
        windows = framed(samples, lld)
        for t in np.flatnonzero(found[:, COLUMN["voicing"]] > 0.8)[::3]:
            lag = best_lag(windows[t], low=RATE // 450, high=RATE // 90)
            errors.append(abs(found[t, COLUMN["log_f0"]] - np.log(RATE / lag)))
    assert len(errors) > 30
    assert np.median(errors) < 0.05
    assert np.mean(np.array(errors) < 0.2) > 0.7  # the rest: octaves, and the contour's lag
