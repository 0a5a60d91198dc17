"""Predicted classes as the probabilities that scoring takes, and the counts that come of them."""

import numpy as np

from serflow.metrics.confusion import contributions


def one_hot(predicted, n):
    """Probabilities float32 (..., U, n), all for the predicted class; NaN where it is -1."""
    predicted = np.asarray(predicted)
    return np.where(predicted[..., None] < 0, np.nan, np.eye(n)[predicted]).astype(np.float32)


def confusion(truth, predicted, n):
    """Counts (..., n, n) of predicted classes (..., U)."""
    return contributions(np.asarray(truth), one_hot(predicted, n)).sum(-3)
