"""Rates from confusion counts: UA, WA, F1, recalls.

Each takes counts (..., C, C), truth by row, and works over the leading axes at once. A class without a true
utterance has no recall: its own is NaN, and UA and macro F1 are means over the other classes. Without any
utterance every rate is NaN.
"""

import numpy as np

from serflow.metrics.family import mean_known, ratio

__all__ = ["RATES", "f1", "f1_macro", "f1_weighted", "recalls", "ua", "wa"]


def recalls(counts: np.ndarray) -> np.ndarray:
    """Recall of each class (..., C): share of its utterances recognised; NaN if absent from truth."""
    return ratio(_hits(counts), counts.sum(-1))


def ua(counts: np.ndarray) -> np.ndarray:
    """Unweighted accuracy (...): mean of the recalls of the classes present in truth."""
    return _mean_present(recalls(counts))


def wa(counts: np.ndarray) -> np.ndarray:
    """Weighted accuracy (...): share of all utterances that were recognised."""
    return ratio(_hits(counts).sum(-1), counts.sum((-2, -1)))


def f1(counts: np.ndarray) -> np.ndarray:
    """F1 of each class (..., C): 2 hits / (true + predicted); NaN if absent from truth."""
    true = counts.sum(-1)
    scores = ratio(2 * _hits(counts), true + counts.sum(-2))
    return np.where(true > 0, scores, np.nan)


def f1_macro(counts: np.ndarray) -> np.ndarray:
    """Mean (...) of the F1 of the classes present in truth."""
    return _mean_present(f1(counts))


def f1_weighted(counts: np.ndarray) -> np.ndarray:
    """Mean (...) of the F1 of the classes, weighted by their true utterances."""
    true = counts.sum(-1)
    return ratio((np.nan_to_num(f1(counts)) * true).sum(-1), true.sum(-1))


# In the order of scores.csv; the recall of each class follows them.
RATES = {
    "ua": ua,
    "wa": wa,
    "f1_macro": f1_macro,
    "f1_weighted": f1_weighted,
}


def _mean_present(values: np.ndarray) -> np.ndarray:
    return mean_known(values, -1)


def _hits(counts: np.ndarray) -> np.ndarray:
    return np.diagonal(counts, axis1=-2, axis2=-1)
