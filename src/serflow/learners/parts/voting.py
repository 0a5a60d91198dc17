"""One against one: a machine for each pair of classes, and probabilities from their votes and margins."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from serflow.errors import UserError

__all__ = ["class_costs", "class_pairs", "vote"]


def class_pairs(classes: int) -> Iterator[tuple[int, int]]:
    """Pairs of class positions, in the order of the machines: (0, 1), (0, 2), ..."""
    return combinations(range(classes), 2)


def class_costs(labels: np.ndarray, *, classes: list[str], class_weight: str, learner: str) -> np.ndarray:
    """Factor of C for each class (classes).

    Parameters
    ----------
    labels : int (N), positions in `classes`.
    class_weight : balanced (N / (classes * the class's utterances)) or none (1 for all).
    learner : its name, for the error.

    Raises
    ------
    UserError
        If a class has no training utterance.
    """
    counts = np.bincount(labels, minlength=len(classes))
    absent = [name for name, count in zip(classes, counts, strict=True) if count == 0]
    if absent:
        raise UserError(
            f"{learner}: no training utterance of class {', '.join(absent)} in this fold; "
            "use another split, or leave the class out of the experiment"
        )
    if class_weight == "none":
        return np.ones(len(classes))
    return counts.sum() / (len(classes) * counts)


def vote(decisions: np.ndarray, *, classes: int) -> np.ndarray:
    """Probabilities (N, classes) from pairwise decisions (N, P), positive for a pair's first class.

    The softmax of each class's votes plus its summed margins squeezed into (-1/3, 1/3): scikit-learn's one-against-rest
    `decision_function`. The largest is what its SVC predicts with `break_ties=True`; the values rank the classes
    and are not calibrated.
    """
    votes = np.zeros((len(decisions), classes))
    margins = np.zeros_like(votes)
    for column, (first, second) in enumerate(class_pairs(classes)):
        won = decisions[:, column] >= 0
        votes[won, first] += 1
        votes[~won, second] += 1
        margins[:, first] += decisions[:, column]
        margins[:, second] -= decisions[:, column]
    return _softmax(votes + margins / (3 * (np.abs(margins) + 1)))


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
