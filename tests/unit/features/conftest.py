"""A small release with its manifest, and hand-made stores."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from helpers.tiny_table import audio_columns
from serflow.features.store import Store, write_store
from serflow.files import file_digest


@pytest.fixture
def mfcc():
    """Return the spec of a small MFCC."""
    return {
        "extractor": "mfcc",
        "sample_rate": 16000,
        "n_mfcc": 3,
        "n_fft": 256,
        "hop_length": 128,
        "n_mels": 8,
        "window": "hann",
    }


@pytest.fixture
def release(tmp_path):
    """Return a release of 20 short files and its manifest, in no order."""
    rng, rows = np.random.default_rng(3), []
    (tmp_path / "release" / "wav").mkdir(parents=True)
    for i in range(20):
        samples = 0.1 * rng.standard_normal(1000 + 37 * i)
        path = f"wav/u{i:02d}.wav"
        file = tmp_path / "release" / path
        soundfile.write(file, samples, 16000)
        rows.append({"utterance": f"u{i:02d}", "path": path} | audio_columns(len(samples), sha256=file_digest(file)))
    manifest = tmp_path / "manifest.parquet"
    pd.DataFrame(rows[::-1]).to_parquet(manifest, index=False)
    return tmp_path / "release", manifest


@pytest.fixture
def make_store(tmp_path):
    """Return a function that writes and opens a store of given frames by utterance."""

    def make(frames, *, name="tiny", hop_seconds=0.01):
        pairs = [(key, np.array(value, np.float32)) for key, value in sorted(frames.items())]
        write_store(
            tmp_path / name,
            spec={"extractor": "none"},
            dims=pairs[0][1].shape[1] if pairs else 2,
            hop_seconds=hop_seconds,
            versions={"numpy": "2"},
            utterances=pairs,
        )
        return Store.open(tmp_path / name)

    return make
