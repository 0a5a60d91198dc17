"""Torchaudio's transforms are the same where its extensions do not load."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from helpers import ROOT
from serflow.features.torchaudio_parts import MelSpectrogram, compute_deltas

# as beside a torch without CUDA: the module that loads the extensions ends in an OSError
WITHOUT = """
import importlib.abc, sys
class Fails(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "torchaudio._extension":
            raise OSError("Could not load this library")
sys.meta_path.insert(0, Fails())
import numpy as np, torch
from serflow.features.torchaudio_parts import MelSpectrogram, compute_deltas
mel = MelSpectrogram(sample_rate=16_000, n_fft=512, n_mels=40)(torch.linspace(-1, 1, 4_000))
np.save(sys.argv[1], compute_deltas(mel).numpy())
"""


@pytest.mark.slow
def test_frames_are_the_same_bytes_without_the_extensions(tmp_path):
    subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path / "frames.npy")],
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    mel = MelSpectrogram(sample_rate=16_000, n_fft=512, n_mels=40)(torch.linspace(-1, 1, 4_000))
    assert np.load(tmp_path / "frames.npy").tobytes() == compute_deltas(mel).numpy().tobytes()
