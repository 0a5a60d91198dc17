"""What is kept of a run once it is read: outputs of the scored utterances at the selected epochs, and their metrics."""

from dataclasses import dataclass

import numpy as np

__all__ = ["ScoredRun"]


@dataclass(frozen=True)
class ScoredRun:
    """One run of a system, or of a teacher.

    Attributes
    ----------
    system, fold, seed : which one.
    classes : of the outputs' columns; none of a teacher's.
    epochs : selection -> the epoch (from 1) that it selects; none of given predictions, which have no epochs.
    metrics : selection -> all metrics (M,) of the scored part, in the order of the families; `best_test_each`, too.
    outputs : selection -> what families take parts of, float32 (u, K): of a system the probabilities of the K classes.
    tested : int (u,), ascending: which utterances of the fold table (of a teacher: of its lines) these are.
    training_counts : confusion counts (C, C) of the training sample after the last epoch; None of a teacher, and of
        given predictions.
    in_steps : whether a system is trained in optimiser steps, as networks are.
    encoder : the system whose network this one starts from; None: it starts from none.
    """

    system: str
    fold: int
    seed: int
    classes: list[str]
    epochs: dict[str, int]
    metrics: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]
    tested: np.ndarray
    training_counts: np.ndarray | None = None
    in_steps: bool = False
    encoder: str | None = None
