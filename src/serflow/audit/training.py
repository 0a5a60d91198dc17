"""Training UA and the mark "undertrained", made anew from predictions of the training samples, in exact fractions."""

from collections import Counter
from fractions import Fraction

from serflow.audit.recompute import Counts, Predictions, rate

__all__ = ["training_values"]


def training_values(
    runs: list[Predictions], encoders: list[Predictions], *, in_steps: bool
) -> dict[str, float | str | None]:
    """What the lines of scores.csv must say of a system's training.

    Parameters
    ----------
    runs, encoders : predictions of all folds and seeds; of the networks that these start from, where they do.
    in_steps : whether the system is trained in optimiser steps, as every such network is.
    """
    ua = _ua(runs)
    state = "no" if in_steps or encoders else ""
    if encoders and _is_low(encoders):
        state = "encoder"
    if in_steps and _is_low(runs):
        state = "yes"
    return {"ua_train": None if ua is None else float(ua), "undertrained": state}


def _is_low(runs: list[Predictions]) -> bool:
    """Under half way between chance and 1."""
    chance = Fraction(1, len(runs[0].classes))
    ua = _ua(runs)
    return ua is not None and ua < chance + (1 - chance) / 2


def _ua(runs: list[Predictions]) -> Fraction | None:
    """UA after the last epoch: a seed's folds together, averaged over the seeds."""
    by_seed: dict[int, Counts] = {}
    for run in runs:
        by_seed.setdefault(run.seed, Counter()).update(run.counts.get(("train", run.epoch("last")), {}))
    found = [rate(counts, "ua") for counts in by_seed.values()]
    return None if None in found else sum(found) / len(found)
