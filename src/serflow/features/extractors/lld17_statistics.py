"""Statistics of the 17 low-level descriptors over the utterance, for the classifier after Xia and Liu (2017).

Li et al. (2019) say "a series of statistics functions on LLDs"; which ones is left open, the list is ours: see
serflow.features.statistics.
"""

import numpy as np

from serflow.features.extractors.lld17 import Lld17
from serflow.features.statistics import NAMES, deltas, statistics

__all__ = ["Lld17Statistics"]


class Lld17Statistics:
    """One vector an utterance: twelve statistics of each descriptor, then of each descriptor's delta.

    The columns (`names`) are grouped by statistic, so `mean_mfcc_1` to `mean_zcr` come first.

    Parameters
    ----------
    sample_rate, window_seconds, hop_seconds : as for `serflow.features.extractors.lld17`.
    """

    packages = Lld17.packages
    names = tuple(f"{name}_{lld}{end}" for end in ("", "_delta") for name in NAMES for lld in Lld17.names)
    dims = len(names)
    hop_seconds: float | None = None

    def __init__(self, *, sample_rate: int, window_seconds: float, hop_seconds: float) -> None:
        self.sample_rate = sample_rate
        self._lld = Lld17(sample_rate=sample_rate, window_seconds=window_seconds, hop_seconds=hop_seconds)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Turn samples float32 (n,), n >= 1, into float32 (1, 408)."""
        frames = self._lld(samples).astype(np.float64)
        values = [statistics(contours).ravel() for contours in (frames, deltas(frames))]
        return np.concatenate(values)[np.newaxis].astype(np.float32)
