"""Which epoch of a run is scored: the last, the best on validation, or the best on test (some papers')."""

import numpy as np

from serflow.metrics.rates import all_metrics, ua

RULES = ("last", "best_validation", "best_test", "best_test_each")
# The rules that name one epoch, so that its predictions can be pooled over folds.
POOLED_RULES = RULES[:3]
# Of these the rules that have numbers of the validation part, too: where the test part chooses, it would be idle.
DEVELOPED_RULES = RULES[:2]


def best_epoch(values: np.ndarray) -> int:
    """Index of the highest of `values` (E,), the earliest of equals; the last if all are NaN.

    Values are compared to 12 decimals: equal rates from different counts differ in their last bit.
    """
    known = np.where(np.isnan(values), -np.inf, np.round(values, 12))
    if np.isneginf(known).all():
        return len(known) - 1
    return int(np.argmax(known))


def select_epochs(test: np.ndarray, validation: np.ndarray | None) -> dict[str, int]:
    """Select an epoch (index from 0) by each rule, for the rules that name one epoch.

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


def best_of_each(test: np.ndarray) -> np.ndarray:
    """Each metric (M,) at its own best test epoch, from counts (E, C, C): the rule `best_test_each`."""
    by_epoch = all_metrics(test)
    return np.array([column[best_epoch(column)] for column in by_epoch.T])
