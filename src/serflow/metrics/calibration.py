"""The family of calibration: how far probabilities are from what happens. In all of them the lower is the better.

Of an utterance with probabilities p over the classes, and y of its class (1 for the true one, else 0):

- Brier score: the sum over the classes of (p - y)^2, from 0 to 2 (Brier, 1950);
- negative log-likelihood: -ln p of the true class, in nats; p is taken as `SMALLEST` where it is less, so that no
  utterance adds more than 16.1;
- expected calibration error (Guo et al., 2017): utterances fall into `BINS` equally wide bins by their top
  probability, ((b - 1)/15, b/15]; the error is the sum over the bins of n_b/n |accuracy_b - mean top probability_b|,
  which is |sum over b of (right - top probability)| / n, so that a bin needs only that sum.

Brier and NLL are means over the utterances. What a learner gives as probabilities is scored as it is: an SVM's are
shares of votes, nobody has calibrated them.
"""

import numpy as np

from serflow.metrics import names
from serflow.metrics.family import Family, ratio

__all__ = ["BINS", "CALIBRATION", "SMALLEST", "bins_of"]

BINS = 15
SMALLEST = 1e-7


def bins_of(top: np.ndarray) -> np.ndarray:
    """Which of the `BINS`, from 0, each top probability (...) falls into: ((b - 1)/15, b/15] is bin b - 1."""
    # top * BINS is exact, as the probabilities were stored in 24 bits: a border falls into the bin that it ends.
    return np.clip(np.ceil(np.asarray(top, np.float64) * BINS).astype(np.int64) - 1, 0, BINS - 1)


def _parts(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Of classes (U,) and probabilities (..., U, C): one, Brier, NLL, right minus top probability by bin; float64."""
    p = np.asarray(probabilities, np.float64)
    place = np.broadcast_to(np.asarray(truth, np.int64), p.shape[:-1])[..., None]
    true = np.take_along_axis(p, place, -1)[..., 0]
    top = p.max(-1)
    right = p.argmax(-1) == place[..., 0]
    parts = np.zeros((*top.shape, 3 + BINS))
    parts[..., 0] = 1
    parts[..., 1] = (p**2).sum(-1) - true**2 + (1 - true) ** 2
    parts[..., 2] = -np.log(np.maximum(true, SMALLEST))
    np.put_along_axis(parts, 3 + bins_of(top)[..., None], (right - top)[..., None], -1)
    return parts


def _values(sums: np.ndarray) -> np.ndarray:
    """Brier, NLL and ECE (..., 3) of sums (..., 3 + BINS); NaN of no utterance."""
    utterances = sums[..., 0]
    ece = np.abs(sums[..., 3:]).sum(-1)
    return np.stack([ratio(part, utterances) for part in (sums[..., 1], sums[..., 2], ece)], -1)


CALIBRATION = Family(names.CALIBRATION, _parts, _values)
