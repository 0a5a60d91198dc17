"""Learning rate by epoch, and the optimiser steps that an epoch stands for."""

from typing import Any

__all__ = ["learning_rate", "steps_per_epoch"]


def learning_rate(epoch: int, *, initial: float, schedule: dict[str, Any] | None) -> float:
    """Learning rate of `epoch` (from 1): times `factor` after every `every` epochs; constant without a schedule."""
    if schedule is None:
        return initial
    return initial * schedule["factor"] ** ((epoch - 1) // schedule["every"])


def steps_per_epoch(*, steps: int | None, epochs: int, batches: int) -> int:
    """Optimiser steps that one epoch of the paper's schedule stands for: one pass of `batches`, or a corpus's share.

    Papers count in epochs of a corpus of IEMOCAP's size. `steps` is a corpus's budget of optimiser steps for the
    whole schedule; its epochs share it, so that decay points and the epochs to choose from keep their proportion.
    """
    return max(1, round(steps / epochs)) if steps else batches
