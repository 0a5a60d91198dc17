"""What recordings are, rate, channels, encoding and samples, is held against the manifest."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile

from helpers import ROOT
from helpers.tiny_table import put, read
from serflow import corpora
from serflow.audit.data import Data, Sample


@pytest.fixture
def data(tmp_path):
    """The manifest of two recordings at 48 kHz, one of them in stereo."""
    tone = 0.1 * np.sin(np.arange(48000) / 9)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, tone / 2], axis=1), 48000, subtype="PCM_24")
    soundfile.write(tmp_path / "b.wav", tone, 48000)
    put(tmp_path, "path,label,speaker", "a.wav,sad,x", "b.wav,sad,y")
    made = Data.__new__(Data)
    made.workflow = SimpleNamespace(release=tmp_path)
    made.manifest, _ = read(tmp_path, corpora.load("manifest", root=ROOT))
    return made


def steps(data):
    return data._audio_steps(pd.Series(["a", "b"]), Sample(True, 0, 1))


def test_the_form_of_recordings_is_told(data):
    sha256, form = steps(data)
    assert sha256.ok and form.ok
    assert "1: WAV PCM_24, 48000 Hz (resampled to 16000 Hz), 2 channels (mean)" in form.said
    assert "1: WAV PCM_16, 48000 Hz (resampled to 16000 Hz), one channel" in form.said


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("file_rate", 44100, "48000 Hz"),
        ("file_channels", 3, "2 channels"),
        ("samples_sha256", "0" * 64, "other samples"),
    ],
)
def test_a_manifest_that_says_otherwise_is_told(data, column, value, said):
    data.manifest.loc[0, column] = value
    _, form = steps(data)
    assert not form.ok
    assert form.said.startswith("a.wav: ") and said in form.said
