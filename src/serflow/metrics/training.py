"""How well systems recognise what they were trained on, after the last epoch, and which of them are undertrained.

The rule in words: `serflow.metrics.names.UNDERTRAINED_RULE`.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from serflow.metrics.family import mean_known
from serflow.metrics.names import UNDERTRAINED
from serflow.metrics.rates import ua
from serflow.metrics.scored_run import ScoredRun

__all__ = ["is_undertrained", "least_training_ua", "training_table"]

YES, ENCODER = UNDERTRAINED
NO = "no"


def least_training_ua(classes: int) -> float:
    """UA on its own training sample from which on a network counts as trained: 0.625 of four classes."""
    return (1 / classes + 1) / 2


def is_undertrained(ua: float, *, classes: int) -> bool:
    """Whether the UA (0..1) of a network on its own training sample, after the last epoch, is under that."""
    return round(ua, 12) < round(least_training_ua(classes), 12)  # equal rates may differ in their last bit


def training_table(runs: Iterable[ScoredRun]) -> pd.DataFrame:
    """By system, what each of its lines of scores.csv says of its training.

    Parameters
    ----------
    runs : of systems over one fold table; with each system that starts from another's network, that other.

    Returns
    -------
    DataFrame
        Index: system. ``ua_train``: UA (0..1) on the samples of the training part, counts pooled over the folds, seeds
        averaged. ``undertrained``: "yes", "encoder" (the network that it starts from is), "no"; empty for what is not
        trained in optimiser steps and starts from no network.
    """
    by_system: dict[str, list[ScoredRun]] = {}
    for run in runs:
        by_system.setdefault(run.system, []).append(run)
    found = {system: _training_ua(mine) for system, mine in by_system.items()}
    undertrained = {
        system: is_undertrained(found[system], classes=len(mine[0].classes))
        for system, mine in by_system.items()
        if mine[0].in_steps
    }
    rows = []
    for system, mine in by_system.items():
        encoder = mine[0].encoder
        state = NO if system in undertrained or encoder else ""
        if undertrained.get(system):
            state = YES
        elif undertrained.get(encoder):
            state = ENCODER
        rows.append([found[system], state])
    return pd.DataFrame(rows, index=pd.Index(by_system, name="system"), columns=["ua_train", "undertrained"])


def _training_ua(runs: list[ScoredRun]) -> float:
    """UA of a system's runs, from the counts of all folds of a seed together, averaged over the seeds."""
    counts: dict[int, np.ndarray] = {}
    for run in runs:
        counts[run.seed] = counts.get(run.seed, 0) + run.training_counts
    return float(mean_known(ua(np.stack(list(counts.values()))), 0))
