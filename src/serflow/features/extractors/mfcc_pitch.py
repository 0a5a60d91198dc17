"""The 28 values a frame of Huang and Narayanan, by openSMILE.

"Attention Assisted Discovery of Sub-Utterance Structure in Speech Emotion Recognition" (Interspeech 2016, section 4):
13 MFCC with the zeroth coefficient, the pitch, and the first derivatives of these 14. The paper names no tool, window
or pitch tracker; ours are openSMILE and mfcc_pitch.conf beside this file.

openSMILE is licensed for research and education only; commercial use needs a licence of audEERING.
"""

from pathlib import Path

import numpy as np

from serflow.errors import UserError
from serflow.features.opensmile_config import configured, run
from serflow.features.statistics import deltas

__all__ = ["MfccPitch"]

CONFIG = Path(__file__).with_suffix(".conf")
CONFIG_SHA256 = "f208e74a18c82ef4c95dd9459ba41d13f091ba1ebe702791af05d13f2877b282"
PITCH_WINDOW_SECONDS = 0.06  # as in the configuration
MFCC = [12, *range(12)]  # columns of openSMILE's level `lld`, which has the zeroth coefficient after the twelfth
F0 = 13


class MfccPitch:
    """MFCC, F0 and their derivatives; frame t covers the samples from t * hop_seconds on, for window_seconds.

    Columns (`names`): MFCC 0 to 12; `f0`, Hz, 0 where unvoiced; then the derivative of each, a frame, by regression
    over the frame and two neighbours on either side. MFCC repeat beyond the utterance's ends, `f0` beyond those of
    each voiced stretch, and where it is 0 its derivative is, too.

    `f0` comes from a window of 60 ms with the same centre: subharmonic summation (52 to 620 Hz) and the best path
    through its candidates. Hz and not their logarithm: beside an unvoiced 0, the logarithms of all voices would lie
    so close together that standardisation left little but the fact of voicing.

    Parameters
    ----------
    sample_rate : Hz.
    window_seconds, hop_seconds : length of a frame (60 ms at most), and from one frame to the next.
    """

    packages = ("opensmile", "numpy", "soundfile")
    names = tuple(f"{name}{end}" for end in ("", "_delta") for name in (*(f"mfcc_{k}" for k in range(13)), "f0"))
    dims = len(names)

    def __init__(self, *, sample_rate: int, window_seconds: float, hop_seconds: float) -> None:
        if window_seconds > PITCH_WINDOW_SECONDS:
            raise UserError(
                f"features, window_seconds {window_seconds}: expected {PITCH_WINDOW_SECONDS} s at most, the window "
                "of the pitch, which is centred on it; take a shorter one"
            )
        self.sample_rate = sample_rate
        self.hop_seconds: float | None = hop_seconds
        self._window = round(window_seconds * sample_rate)
        beyond = round(PITCH_WINDOW_SECONDS * sample_rate) - self._window
        lead = beyond // 2
        self._tail = beyond - lead
        self._smile = configured(
            CONFIG, sha256=CONFIG_SHA256, frameSize=window_seconds, frameStep=hop_seconds, lead=lead / sample_rate
        )

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Turn samples float32 (n,), n >= 1, into float32 (T, 28), T = 1 + (n - window) // hop.

        Less than a window is filled up with zeros to one frame.
        """
        samples = np.pad(samples, (0, max(0, self._window - len(samples))))
        # The pitch's last window reaches beyond the samples. openSMILE repeats the first one; so the last one, too.
        samples = np.pad(samples, (0, self._tail), mode="edge")
        frames = run(self._smile, samples, self.sample_rate).astype(np.float64)
        mfcc, f0 = frames[:, MFCC], frames[:, F0]
        return np.column_stack([mfcc, f0, deltas(mfcc), _deltas_in_stretches(f0)]).astype(np.float32)


def _deltas_in_stretches(contour: np.ndarray) -> np.ndarray:
    """Derivative of a contour (T,) that is 0 where unvoiced: each voiced stretch for itself, 0 elsewhere.

    openSMILE has the like (`onlyInSegments`), but there the divisor grows with every frame: in version 3.0 the
    derivative of the third second is a hundredth of what it should be.
    """
    found = np.zeros_like(contour)
    bounds = np.flatnonzero(np.diff(contour > 0, prepend=False, append=False))
    for start, end in bounds.reshape(-1, 2):
        found[start:end] = deltas(contour[start:end, np.newaxis])[:, 0]
    return found
