"""The 17 low-level descriptors of two papers of Li et al., by openSMILE.

"Dilated Residual Network with Multi-head Self-attention for Speech Emotion Recognition" (ICASSP 2019, section
3.1: windows of 40 ms, every 10 ms) and "Towards Discriminative Representation Learning for Speech Emotion
Recognition" (IJCAI 2019, section 4.1: 25 ms, every 5 ms): 12 MFCC, logarithmic energy, voicing probability,
harmonics-to-noise ratio, logarithmic F0, zero-crossing rate. Neither paper gives its openSMILE configuration;
ours is lld17.conf beside this file.

openSMILE is licensed for research and education only; commercial use needs a licence of audEERING.
"""

from pathlib import Path

import numpy as np

from serflow.features.opensmile_config import configured, run

__all__ = ["Lld17"]

CONFIG = Path(__file__).with_suffix(".conf")
CONFIG_SHA256 = "99f79d9513fde9833b347342b28dcf3d00507b9021eeb0fe528e1c690ddf01f1"
VOICE_PROBABILITY, HNR, F0, CANDIDATE, ZCR = range(13, 18)  # columns of openSMILE's level `lld`
MOST_DB = 40.0


class Lld17:
    """Low-level descriptors; frame t covers the samples from t * hop_seconds on, for window_seconds.

    Columns (`names`): MFCC 1 to 12; `log_energy`, ln of the mean square (samples within ±1); `voicing`, the
    highest normalised autocorrelation at lags of 2 ms and more; `hnr`, dB within ±40; `log_f0`, ln of Hz, 0 where
    unvoiced (`voicing` under 0.55), from openSMILE's smoothed contour, which lags by one to two frames; `zcr`,
    crossings a sample.

    Parameters
    ----------
    sample_rate : Hz.
    window_seconds, hop_seconds : length of a frame, and from one frame to the next.
    """

    packages = ("opensmile", "numpy", "soundfile")
    names = (*(f"mfcc_{k}" for k in range(1, 13)), "log_energy", "voicing", "hnr", "log_f0", "zcr")
    dims = len(names)

    def __init__(self, *, sample_rate: int, window_seconds: float, hop_seconds: float) -> None:
        self.sample_rate = sample_rate
        self.hop_seconds: float | None = hop_seconds
        self._window = round(window_seconds * sample_rate)
        self._smile = configured(CONFIG, sha256=CONFIG_SHA256, frameSize=window_seconds, frameStep=hop_seconds)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Turn samples float32 (n,), n >= 1, into float32 (T, 17), T = 1 + (n - window) // hop.

        Less than a window is filled up with zeros to one frame.
        """
        samples = np.pad(samples, (0, max(0, self._window - len(samples))))
        return _columns(run(self._smile, samples, self.sample_rate))


def _columns(frames: np.ndarray) -> np.ndarray:
    """The 17 columns out of openSMILE's 18 (T, 18)."""
    voicing, f0 = frames[:, VOICE_PROBABILITY], frames[:, F0]
    # Without a peak in the cepstrum openSMILE takes lag 0 for the period, which gives its highest value, +100 dB,
    # to silence and noise; the best lag of the autocorrelation stands in, by the same formula.
    peak = np.clip(voicing, 1e-9, 1 - 1e-9, dtype=np.float64)
    hnr = np.where(frames[:, CANDIDATE] > 0, frames[:, HNR], 10 * np.log10(peak / (1 - peak)))
    log_f0 = np.log(f0, out=np.zeros_like(f0), where=f0 > 0)
    columns = [frames[:, :HNR], np.clip(hnr, -MOST_DB, MOST_DB), log_f0, frames[:, ZCR]]
    return np.column_stack(columns).astype(np.float32)
