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
CONFIG_SHA256 = "bf01a16ff4bcbff4ea4ee147bf020c369ff85e53f0ad98091c9e74e6934d3c4a"
ENERGY, VOICE_PROBABILITY, HNR, F0, CANDIDATE, ZCR = range(12, 18)  # columns of openSMILE's level `lld`
LEAST_POWER = 1e-10  # mean square; rounding to 16 bits is noise of 0.8e-10
LEAST_DB, MOST_DB = -20.0, 40.0  # the least: 1 % of the power is periodic, which noise has by chance
TYPICAL_HZ = 160.0  # of a voice: between the usual 120 Hz of men and 210 Hz of women


class Lld17:
    """Low-level descriptors; frame t covers the samples from t * hop_seconds on, for window_seconds.

    Columns (`names`): MFCC 1 to 12; `log_energy`, ln of the mean square (samples within ±1), -23.03 (1e-10) and
    more; `voicing`, the highest normalised autocorrelation at lags of 2 ms and more; `hnr`, dB from -20 to 40;
    `log_f0`, ln of Hz, from openSMILE's smoothed contour, which lags by one to two frames; `zcr`, crossings a sample.

    Where the contour has no pitch (`voicing` under 0.55, and the lag) `log_f0` lies on the straight line between its
    neighbours that have one; before the first and after the last it is theirs, and without any it is ln 160
    throughout. `voicing` says which frames are voiced: a column that said it again by a 0 would say nothing else once
    it is standardised.

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
    # Digital silence would lie many deviations below the quietest room otherwise.
    energy = np.maximum(frames[:, ENERGY], np.log(LEAST_POWER))
    columns = [frames[:, :ENERGY], energy, voicing, np.clip(hnr, LEAST_DB, MOST_DB), _log_f0(f0), frames[:, ZCR]]
    return np.column_stack(columns).astype(np.float32)


def _log_f0(f0: np.ndarray) -> np.ndarray:
    """Logarithm of a contour (T,) of Hz that is 0 where unvoiced, interpolated there."""
    voiced = np.flatnonzero(f0 > 0)
    if not len(voiced):
        return np.full(len(f0), np.log(TYPICAL_HZ))
    return np.interp(np.arange(len(f0)), voiced, np.log(f0[voiced]))
