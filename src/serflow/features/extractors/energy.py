"""The energy of the samples, frame by frame.

It is the "frame energy of the raw PCM signal" that figures 3 and 4 of Huang and Narayanan (Interspeech 2016) set beside
attention weights.
"""

import numpy as np

__all__ = ["Energy"]


class Energy:
    """Mean square of the samples, full scale being 1; frame t covers those from t * hop_seconds on, for window_seconds.

    The frames are those of the extractors `mfcc_pitch` and `lld17` with the same values.

    Parameters
    ----------
    sample_rate : Hz.
    window_seconds, hop_seconds : length of a frame, and from one frame to the next.
    """

    packages = ("numpy", "soundfile")
    names = ("energy",)
    dims = len(names)

    def __init__(self, *, sample_rate: int, window_seconds: float, hop_seconds: float) -> None:
        self.sample_rate = sample_rate
        self.hop_seconds: float | None = hop_seconds
        self._window = round(window_seconds * sample_rate)
        self._hop = round(hop_seconds * sample_rate)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Turn samples float32 (n,), n >= 1, into float32 (T, 1), T = 1 + (n - window) // hop.

        Less than a window is filled up with zeros to one frame.
        """
        samples = np.pad(samples, (0, max(0, self._window - len(samples))))
        squares = np.square(samples, dtype=np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(squares, self._window)[:: self._hop]
        return windows.mean(axis=1, keepdims=True).astype(np.float32)
