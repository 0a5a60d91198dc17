"""Every declared feature set, on audio of other forms, very short, and without a voice."""

import numpy as np
import pytest
import soundfile

from helpers import ROOT
from helpers.tiny_table import put, read
from serflow import corpora
from serflow.config import read_yaml
from serflow.features.extract import build, utterance_features

SPECS = read_yaml(ROOT / "workflow/features.yaml")
LOSSLESS = {"a.wav": "PCM_16", "b.wav": "PCM_24", "c.wav": "FLOAT", "d.flac": "PCM_16", "e.flac": "PCM_24"}
RATE = 16000
ONLY_A_TONE = np.sin(2 * np.pi * 140 * np.arange(RATE // 2) / RATE)


def voice(seconds, rate):
    """A voice-like tone in a little noise, as 16-bit integers."""
    time = np.arange(round(seconds * rate)) / rate
    tone = sum(np.sin(2 * np.pi * 150 * k * time * (1 + 0.02 * time)) / k for k in range(1, 12))
    noise = np.random.default_rng(1).standard_normal(len(time))
    return np.round(4000 * tone + 100 * noise).astype(np.int16)


def rows_of(folder, names):
    """Rows of the manifest of files in a folder, in their order."""
    corpus = corpora.load("manifest", root=ROOT) | {"reads": ["*"]}
    put(folder, "utterance,path,label,speaker", *(f"{name},{name},sad,x" for name in names))
    frame, _ = read(folder, corpus)
    assert frame["utterance"].tolist() == sorted(names)
    return frame.to_dict("records")


@pytest.fixture(scope="module")
def extractors():
    return {name: build(spec) for name, spec in SPECS.items()}


@pytest.mark.parametrize(("rate", "channels"), [(RATE, 1), (48000, 2)])
@pytest.mark.parametrize("features", SPECS)
def test_the_same_samples_in_any_lossless_encoding_give_the_same_features(
    tmp_path, extractors, features, rate, channels
):
    sound = np.stack([voice(0.3, rate)] * channels, axis=1)
    for name, subtype in LOSSLESS.items():
        wide = sound if subtype == "PCM_16" else sound.astype(np.int32) << 16
        soundfile.write(tmp_path / name, sound / 32768 if subtype == "FLOAT" else wide, rate, subtype=subtype)
    found = [utterance_features(extractors[features], tmp_path, row) for row in rows_of(tmp_path, LOSSLESS)]
    assert len(found) == len(LOSSLESS)
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


SHORT = {
    "voice.wav": (voice(0.1, RATE), RATE),
    "wide.wav": (voice(0.1, 48000), 48000),
    "narrow.wav": (voice(0.1, 8000), 8000),
    "noise.wav": (np.random.default_rng(2).integers(-3000, 3000, RATE).astype(np.int16), RATE),
    "silence.wav": (np.zeros(RATE, np.int16), RATE),
    "constant.wav": (np.full(RATE, 9000, np.int16), RATE),
    "loud.wav": (3 * ONLY_A_TONE.astype(np.float32), RATE),
}


@pytest.mark.filterwarnings("ignore:n_fft=.* is too large")
@pytest.mark.parametrize("features", SPECS)
def test_a_tenth_of_a_second_noise_silence_and_overload_give_finite_features(tmp_path, extractors, features):
    for name, (samples, rate) in SHORT.items():
        soundfile.write(tmp_path / name, samples, rate, subtype="FLOAT" if samples.dtype == np.float32 else "PCM_16")
    for row in rows_of(tmp_path, SHORT):
        found = utterance_features(extractors[features], tmp_path, row)  # which refuses what is not finite
        assert found.shape[0] >= 1
        assert found.shape[1] == extractors[features].dims


def test_samples_beyond_full_scale_are_cut_off_and_do_not_wrap(extractors):
    loud = (3 * ONLY_A_TONE).astype(np.float32)
    cut = np.clip(loud, -1, 32767 / 32768)
    np.testing.assert_array_equal(extractors["compare"](loud), extractors["compare"](cut))
