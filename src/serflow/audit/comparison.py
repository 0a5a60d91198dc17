"""Intervals over people, and two systems held against each other, made anew: a second opinion on `serflow.metrics`.

Of that package nothing is used. What is compared are two systems, or one system under two protocols, on the utterances
that both tested.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from serflow.audit.statistics import FEWEST, Jackknife, Swaps, swap_test

__all__ = ["Compared", "Side", "Units", "deviation", "grouped", "intervals", "limits", "over_seeds"]

Units = Mapping[str, Mapping[str, str]]  # "speakers", "sessions" -> utterance -> whose it is
Found = dict[str, float | int | str | Swaps | tuple[float, ...] | None]


class Side(Protocol):
    """What is compared: what each of its utterances adds to a sum, and the metric of such sums.

    `units`: utterance -> speaker, and utterance -> session.
    """

    seeds: list[int]
    units: Units

    @property
    def by_utterance(self) -> tuple[list[str], np.ndarray]:
        """Tested utterances, sorted, and what each adds in each seed (U, S, *P): nothing where it is not tested."""

    def of_sums(self, sums: np.ndarray, metric: str) -> np.ndarray:
        """The metric (...) of sums (..., S, *P), averaged over the seeds; NaN where there is none."""


def intervals(side: Side, metric: str) -> Found:
    """Of one system: low_ and high_ of its number, over speakers, sessions and utterances."""
    names, added = side.by_utterance
    found: Found = {}
    for unit, groups in (*_by_unit(names, added, side.units).items(), ("utterances", added)):
        jackknife = Jackknife(groups, lambda sums: side.of_sums(sums, metric))
        found[f"low_{unit}"], found[f"high_{unit}"] = jackknife.interval(*limits(metric))
    return found


def limits(metric: str) -> tuple[float, float]:
    """The least and the most that a metric's interval reaches: of errors, which are better low, no most is assumed."""
    return (0.0, np.inf) if metric.startswith(("brier", "nll", "ece", "per", "wer")) else (0.0, 1.0)


def grouped(added: np.ndarray, whose: Sequence[str]) -> np.ndarray:
    """What each of the named adds (N, ...), of what the utterances (U, ...) add."""
    of = np.array(whose)
    return np.array([added[of == name].sum(axis=0) for name in sorted(set(whose))])


def deviation(values: Sequence[float]) -> float | None:
    """Standard deviation (divisor n - 1) of the values that are there; None of fewer than two."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else None


def over_seeds(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    number = known.sum(axis=-1)
    total = np.where(known, values, 0).sum(axis=-1)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def _by_unit(names: Sequence[str], added: np.ndarray, units: Units) -> dict[str, np.ndarray]:
    return {unit: grouped(added, [whose[name] for name in names]) for unit, whose in units.items()}


class Compared:
    """Two sides of one metric's kind, on the utterances that both tested, seed by seed.

    A single seed stands for each of the other's. `tested`: whether there is a p, which there is none of where a test
    part chose the epoch. `seeded`: whether either side depends on a seed.

    Attributes
    ----------
    names : the utterances that both tested, sorted.
    both : what each adds (U, 2, S, *P).
    same_tested : whether the two tested the same utterances, each in all its seeds.
    """

    def __init__(self, first: Side, second: Side, *, tested: bool, seeded: bool = True):
        self.first, self.tested, self.seeded = first, tested, seeded
        self.names, self.both = _both(first, second)
        self.same_tested = _tested(first) == _tested(second)

    def row(self, metric: str) -> Found | None:
        """What the line of pairs.csv, or of contrasts.csv, must hold; None where nothing is tested by both."""
        if not self.names:
            return None
        total = self.both.sum(axis=0)  # (2, S, *P)
        by_seed = [float(self._difference(total[None, :, [place]], metric)[0]) for place in range(total.shape[1])]
        people = Jackknife(self._groups["speakers"], lambda sums: self._difference(sums, metric))
        sessions = Jackknife(self._groups["sessions"], lambda sums: self._difference(sums, metric))
        low, high = people.interval()
        low_sessions, high_sessions = sessions.interval()
        found: Found = {"difference": people.whole, "low": low, "high": high}
        found |= {"low_sessions": low_sessions, "high_sessions": high_sessions, "p_interval": people.p}
        found |= {"p": self._swapped("speakers", metric), "p_sessions": self._swapped("sessions", metric)}
        found["p_utterances"] = swap_test(self.both, lambda sums: self._difference(sums, metric))
        if not self.tested:
            found |= dict.fromkeys(("p", "p_interval", "p_sessions", "p_utterances"))
        found |= {"seeds": len(by_seed) if self.seeded else None, "sd_seeds": deviation(by_seed)}
        found["by_seed"] = tuple(by_seed)
        found |= {unit: len(groups) for unit, groups in self._groups.items()}
        return found | {"utterances": len(self.names)}

    def _difference(self, sums: np.ndarray, metric: str) -> np.ndarray:
        """First minus second (R,) of sums (R, 2, S, *P)."""
        values = self.first.of_sums(sums, metric)
        return values[:, 0] - values[:, 1]

    def _swapped(self, unit: str, metric: str) -> Swaps | None:
        groups = self._groups[unit]
        return swap_test(groups, lambda sums: self._difference(sums, metric)) if len(groups) >= FEWEST else None

    @cached_property
    def _groups(self) -> dict[str, np.ndarray]:
        """What each speaker, and each session, adds to either side (N, 2, S, *P)."""
        return _by_unit(self.names, self.both, self.first.units)


def _tested(side: Side) -> set[str]:
    """The utterances that all seeds of a side test."""
    names, added = side.by_utterance
    there = added.reshape(*added.shape[:2], -1).any(axis=2).all(axis=1)
    return {name for name, tested in zip(names, there, strict=True) if tested}


def _both(first: Side, second: Side) -> tuple[list[str], np.ndarray]:
    """Utterances that both tested, and what each adds (U, 2, S, *P): nothing in a seed in which one lacks it."""
    sides = [first, second]
    alone = [len(side.seeds) == 1 for side in sides]
    pairs = [(seed, seed) for seed in first.seeds if seed in second.seeds]
    if any(alone):
        pairs = [(one, other) for one in first.seeds for other in second.seeds]
    names = sorted(set(first.by_utterance[0]) & set(second.by_utterance[0]))
    if not pairs or not names:
        return [], np.zeros(0)
    found = []
    for pair in pairs:
        each = []
        for side, seed in zip(sides, pair, strict=True):
            there, added = side.by_utterance
            place = {name: i for i, name in enumerate(there)}
            each.append(added[[place[name] for name in names], side.seeds.index(seed)])
        tested = [one.reshape(len(names), -1).any(axis=1) for one in each]
        each = np.stack(each, axis=1)
        each[~(tested[0] & tested[1])] = 0
        found.append(each)
    both = np.stack(found, axis=2)
    used = both.reshape(len(names), -1).any(axis=1)
    return [name for name, there in zip(names, used, strict=True) if there], both[used]
