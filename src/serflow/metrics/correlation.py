"""Pearson's correlation of two curves over the frames of an utterance."""

import numpy as np

__all__ = ["FEWEST", "correlation"]

FEWEST = 3  # frames that have a correlation worth the name: of two it is 1 or -1, whatever they are
ROUNDING = 1e-6  # what of a curve's size is the rounding of float32


def correlation(curve: np.ndarray, other: np.ndarray) -> float:
    """Correlation in [-1, 1] of two curves (T,); NaN for fewer than `FEWEST` frames, or where one is constant."""
    if len(curve) < FEWEST or _constant(curve) or _constant(other):
        return float("nan")
    return float(np.corrcoef(curve, other)[0, 1])


def _constant(curve: np.ndarray) -> bool:
    return bool(np.ptp(curve) <= ROUNDING * np.abs(curve).max())
