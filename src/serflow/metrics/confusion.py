"""The family of the confusion counts: an utterance adds one to the cell of its class and of the class predicted."""

import numpy as np

from serflow.metrics.family import Family
from serflow.metrics.names import RECALL
from serflow.metrics.proportions import better
from serflow.metrics.rates import RATES, recalls

__all__ = ["confusion_family", "contributions"]


def contributions(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Give what each utterance adds to the confusion counts.

    Parameters
    ----------
    truth : int (U,), classes 0..C-1.
    probabilities : (..., U, C); the most probable class is predicted, of equals the first.

    Returns
    -------
    float32 (..., U, C, C) of zeros and ones, truth by row. Weighted sums are exact up to 2**24 utterances.
    """
    classes = probabilities.shape[-1]
    cell = np.asarray(truth, np.int64) * classes + probabilities.argmax(-1)
    ones = np.zeros((*cell.shape, classes * classes), np.float32)
    np.put_along_axis(ones, cell[..., None], 1, -1)
    return ones.reshape(*cell.shape, classes, classes)


def confusion_family(classes: list[str]) -> Family:
    """The rates of these classes, and the recall of each."""
    names = (*RATES, *(f"{RECALL}{name}" for name in classes))
    return Family(names, contributions, _values, z_test=better)


def _values(counts: np.ndarray) -> np.ndarray:
    """All metrics (..., M) of counts (..., C, C)."""
    means = [rate(counts) for rate in RATES.values()]
    return np.concatenate([np.stack(means, -1), recalls(counts)], -1)
