"""Which epoch of a run is scored: the last, the best on validation, or the best on test (some papers')."""

import numpy as np

from serflow.metrics.family import Family
from serflow.metrics.rates import ua

SELECTIONS = ("last", "best_validation", "best_test", "best_test_each")
# Those that name one epoch, so that its predictions can be pooled over folds.
POOLED_SELECTIONS = SELECTIONS[:3]
# Of these, those that have numbers of the validation part, too: where the test part chooses, it would be idle.
DEVELOPED_SELECTIONS = SELECTIONS[:2]


def best_epoch(values: np.ndarray, *, lower_is_better: bool = False) -> int:
    """Index of the best of `values` (E,), the highest or the lowest, the earliest of equals; the last if all are NaN.

    Values are compared to 12 decimals: equal rates from different counts differ in their last bit.
    """
    known = np.round(-values if lower_is_better else values, 12)
    known = np.where(np.isnan(values), -np.inf, known)
    if np.isneginf(known).all():
        return len(known) - 1
    return int(np.argmax(known))


def select_epochs(test: np.ndarray, validation: np.ndarray | None) -> dict[str, int]:
    """Select an epoch (index from 0) by each selection that names one epoch: the best is that of highest UA.

    Parameters
    ----------
    test : confusion counts (E, C, C) of the test part.
    validation : the same of the validation part, None without one.
    """
    chosen = {"last": len(test) - 1}
    if validation is not None:
        chosen["best_validation"] = best_epoch(ua(validation))
    chosen["best_test"] = best_epoch(ua(test))
    return chosen


def best_of_each(family: Family, test: np.ndarray) -> np.ndarray:
    """Each metric (M,) at its own best test epoch, from the family's sums (E, *P): the selection `best_test_each`."""
    by_epoch = zip(family.values(test).T, family.lower_is_better, strict=True)
    return np.array([column[best_epoch(column, lower_is_better=lower)] for column, lower in by_epoch])
