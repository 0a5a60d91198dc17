"""Intervals and tests made anew, plainly: what a number becomes when people are left out, or swapped.

What is computed, and why so: docs/fidelity/all_papers.md. Of `serflow.metrics` nothing is used. Sums are arrays whose
first axis runs over units (people, sessions or utterances); a `Value` makes one number of each of many sums.
"""

import itertools
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

__all__ = ["FEWEST", "Jackknife", "Swaps", "holm", "swap_test"]

Value = Callable[[np.ndarray], np.ndarray]  # of sums (R, ...) the values (R,), NaN where there is none

FEWEST = 3  # units: fewer have no interval and no test
MOST_EXACT = 12  # units whose swaps are all gone through
DRAWS = 1000  # swaps that are drawn of more, here and by rule `score_runs`
SEED = 19350217  # of the audit's own draws, which are not those of scoring
DEVIATIONS = 5  # standard deviations that two drawn p may lie apart: by chance once in two million


class Jackknife:
    """The value of all units, and what it becomes without each of them.

    Parameters
    ----------
    units : (N, ...), what each adds to the sum.
    value : of sums.
    """

    def __init__(self, units: np.ndarray, value: Value):
        everything = units.sum(axis=0)
        self.number = len(units)
        self.whole = float(value(everything[None])[0])
        self.without = value(everything - units)

    @property
    def error(self) -> float:
        """Standard error, NaN for fewer than `FEWEST` units, or where some value is unknown."""
        if self.number < FEWEST:
            return math.nan
        squares = math.fsum((float(one) - self.whole) ** 2 for one in self.without)
        return math.sqrt((self.number - 1) / self.number * squares)

    def interval(self, lowest: float = -math.inf, highest: float = math.inf) -> tuple[float | None, float | None]:
        """The 95 per cent around the value, cut at what the value can be; None without an error."""
        if math.isnan(self.error) or math.isnan(self.whole):
            return None, None
        half = float(stdtrit(self.number - 1, 0.975)) * self.error
        return max(lowest, self.whole - half), min(highest, self.whole + half)

    @property
    def p(self) -> float | None:
        """Two-sided p that the value is 0: the level at which the uncut interval ends there; None without an error."""
        if math.isnan(self.error) or math.isnan(self.whole):
            return None
        if not self.error:
            return 0.0 if self.whole else 1.0
        return 2 * float(stdtr(self.number - 1, -abs(self.whole) / self.error))


@dataclass(frozen=True)
class Swaps:
    """The p of a swap test: `exact`, over all swaps; or of `DRAWS` drawn ones."""

    p: float
    exact: bool

    @property
    def tolerance(self) -> float:
        """How far another p of the same test may lie from this one: nothing but rounding, or what chance does."""
        if self.exact:
            return 0.0
        spread = math.sqrt(max(self.p * (1 - self.p), 1 / DRAWS) * 2 / DRAWS)
        return DEVIATIONS * spread


def swap_test(units: np.ndarray, difference: Value) -> Swaps:
    """The share of swaps of the two systems, unit by unit, that make them differ by as much as they do.

    Parameters
    ----------
    units : (N, 2, ...), what each adds to the sums of the first system and of the second.
    difference : of sums (R, 2, ...), first minus second.

    A unit that adds the same to both is no unit to swap. Drawn swaps count the data's own as one more.
    """
    moving = [unit for unit in units if (unit[0] != unit[1]).any()]
    still = units.sum(axis=0) - sum(moving, np.zeros(units.shape[1:]))
    observed = abs(float(difference(units.sum(axis=0)[None])[0]))
    exact = len(moving) <= MOST_EXACT
    if exact:
        patterns = np.array(list(itertools.product((0, 1), repeat=len(moving))), float)
    else:
        patterns = np.random.default_rng(SEED).integers(0, 2, (DRAWS, len(moving))).astype(float)
    both = np.array(moving, float).reshape(len(moving), 2, units[0, 0].size)
    first = patterns @ both[:, 1] + (1 - patterns) @ both[:, 0]  # where the pattern has a one, the other's
    second = patterns @ both[:, 0] + (1 - patterns) @ both[:, 1]
    sums = still + np.stack([first, second], axis=1).reshape(len(patterns), *units.shape[1:])
    large = int((np.abs(difference(sums)) >= observed - 1e-9).sum())
    return Swaps(large / len(patterns) if exact else (large + 1) / (len(patterns) + 1), exact)


def holm(ps: Mapping[Hashable, float]) -> dict[Hashable, float]:
    """Each p after Holm's correction: the smallest times their number, the next times one less; never falling."""
    corrected, least = {}, 0.0
    for place, (key, p) in enumerate(sorted(ps.items(), key=lambda item: item[1])):
        least = max(least, min(1.0, p * (len(ps) - place)))
        corrected[key] = least
    return corrected
