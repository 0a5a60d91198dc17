"""Learning rate by optimiser step, and the steps that an epoch stands for."""

from collections.abc import Callable
from typing import Any

__all__ = ["learning_rate", "steps_at_initial_rate", "steps_per_epoch"]


def learning_rate(step: int, *, initial: float, schedule: dict[str, Any] | None, an_epoch: int, steps: int) -> float:
    """Learning rate of an optimiser step.

    Parameters
    ----------
    step
        From 1.
    initial
        The rate of the first step.
    schedule
        Which rate is when: None for a constant one, else what a function of `SCHEDULES` takes, chosen by `name`.
    an_epoch, steps
        Steps an epoch, and of the whole training.
    """
    if schedule is None:
        return initial
    values = {key: value for key, value in schedule.items() if key != "name"}
    return initial * SCHEDULES[schedule["name"]](step - 1, an_epoch=an_epoch, steps=steps, **values)


def _step(done: int, *, every: int, factor: float, an_epoch: int, steps: int) -> float:
    """Times `factor` after every `every` epochs."""
    return factor ** (done // an_epoch // every)


def _halving(done: int, *, after: int, every: int, an_epoch: int, steps: int) -> float:
    """From step `after` on, smoothly by one half in every `every` steps."""
    return 0.5 ** (max(0, done - after) / every)


def _late_cut(done: int, *, after: float, factor: float, an_epoch: int, steps: int) -> float:
    """Constant for the share `after` of all steps, then times `factor`."""
    return factor if done >= after * steps else 1.0


SCHEDULES: dict[str, Callable[..., float]] = {"step": _step, "halving": _halving, "late_cut": _late_cut}


def steps_at_initial_rate(*, schedule: dict[str, Any] | None, an_epoch: int, steps: int, done: int) -> int:
    """How many of the first `done` steps have the initial learning rate."""
    rates = (
        learning_rate(step, initial=1.0, schedule=schedule, an_epoch=an_epoch, steps=steps)
        for step in range(1, done + 1)
    )
    return sum(rate == 1.0 for rate in rates)


def steps_per_epoch(*, steps: int | None, epochs: int, batches: int) -> int:
    """Optimiser steps of an epoch: one pass of `batches`, or, of a corpus with a budget of `steps`, its share of them.

    Papers count in epochs of a corpus of IEMOCAP's size. On a corpus with a budget, as many epochs share its steps,
    rounded to whole ones: they are what is chosen from.
    """
    return max(1, round(steps / epochs)) if steps else batches
