"""A z-test that a first system is better than a second, as papers use it: one-tailed, every utterance for itself.

It takes utterances for independent, which those of a speaker are not, and the two systems, too, which are tested on
the same utterances. `serflow.metrics.paired` takes neither for granted; this test stands beside it because a paper's
claim rests on it.
"""

import numpy as np
from scipy.special import ndtr

from serflow.metrics.rates import recalls, ua, wa

__all__ = ["better"]


def better(first: np.ndarray, second: np.ndarray) -> dict[str, tuple[float, float]]:
    """Z and one-tailed p that the first system is better, by metric: "ua" and "wa", which papers claim by.

    Parameters
    ----------
    first, second : confusion counts (S, C, C) of two systems on the same utterances, truth by row. They are averaged
        over the S seeds: another seed is no other utterance.

    Notes
    -----
    WA is a proportion: z has the pooled variance w(1 - w)(1/n1 + 1/n2), where w is the WA of both together. UA is the
    mean of C independent proportions, the recalls p_c of n_c utterances each, and has the variance
    sum_c p_c(1 - p_c)/n_c / C^2; those of the two systems add up. What has no variance is NaN.
    """
    first, second = first.mean(0, dtype=np.float64), second.mean(0, dtype=np.float64)
    found = {"ua": _of_ua(first, second), "wa": _of_wa(first, second)}
    return {metric: (z, float(ndtr(-z))) for metric, z in found.items()}


def _of_wa(first: np.ndarray, second: np.ndarray) -> float:
    together = wa(first + second)
    return _ratio(wa(first) - wa(second), together * (1 - together) * (1 / first.sum() + 1 / second.sum()))


def _of_ua(first: np.ndarray, second: np.ndarray) -> float:
    return _ratio(ua(first) - ua(second), _variance_of_ua(first) + _variance_of_ua(second))


def _variance_of_ua(counts: np.ndarray) -> float:
    """Variance of the mean of the recalls of those classes that have utterances."""
    there = counts[counts.sum(-1) > 0]
    recall = recalls(counts)[counts.sum(-1) > 0]
    return float((recall * (1 - recall) / there.sum(-1)).sum() / len(there) ** 2)


def _ratio(difference: float, variance: float) -> float:
    return float(difference / np.sqrt(variance)) if variance > 0 else np.nan
