"""Confusion counts: everything that is scored is a function of them, so that pooling over folds is exact."""

import numpy as np


def confusion(truth: np.ndarray, predicted: np.ndarray, n: int) -> np.ndarray:
    """Confusion counts, truth by row and prediction by column.

    Parameters
    ----------
    truth : int (U,), classes 0..n-1.
    predicted : int (..., U), classes 0..n-1, or -1 where nothing was predicted (not counted).
    n : number of classes.

    Returns
    -------
    int64 (..., n, n).
    """
    predicted = np.asarray(predicted)
    leading = predicted.shape[:-1]
    rows = int(np.prod(leading, dtype=np.int64))
    cells = np.arange(rows)[:, None] * n * n + np.asarray(truth, np.int64) * n + predicted.reshape(rows, -1)
    counts = np.bincount(cells[predicted.reshape(rows, -1) >= 0], minlength=rows * n * n)
    return counts.reshape(*leading, n, n)


def contributions(truth: np.ndarray, predicted: np.ndarray, n: int) -> np.ndarray:
    """Give what each utterance adds to the confusion counts of each seed.

    Parameters
    ----------
    truth : int (U,); predicted : int (S, U), -1 where nothing was predicted; n : number of classes.

    Returns
    -------
    float32 (U, S, n, n) of zeros and ones. Weighted sums of them are exact up to 2**24 utterances.
    """
    seeds, utterances = predicted.shape
    ones = np.zeros((utterances, seeds, n * n), np.float32)
    seed, utterance = np.nonzero(predicted >= 0)
    ones[utterance, seed, truth[utterance] * n + predicted[seed, utterance]] = 1
    return ones.reshape(utterances, seeds, n, n)


def by_group(parts: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Sum `parts` (U, ...) over each value of `group` (U,), in ascending order: (G, ...)."""
    _, index = np.unique(group, return_inverse=True)
    sums = np.zeros((index.max(initial=-1) + 1, *parts.shape[1:]), parts.dtype)
    np.add.at(sums, index, parts)
    return sums
