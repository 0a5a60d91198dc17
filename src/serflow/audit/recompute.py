"""Scores made anew from predictions.parquet, plainly, with nothing of `serflow.metrics`: a second opinion.

Counts are dictionaries and rates exact fractions. Selections, pooling and intervals are as
docs/fidelity/all_papers.md says: the earliest epoch of equals; counts of all folds together, seeds averaged; what the
value becomes without each speaker, session or utterance.
"""

import math
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.audit.comparison import Units, deviation, intervals, over_seeds
from serflow.errors import UserError

__all__ = ["Predictions", "Recomputed", "rate", "read_predictions"]

Counts = Counter  # (truth, predicted) -> utterances


@dataclass(frozen=True, eq=False)
class Predictions:
    """One run's predictions: a row an epoch, part and utterance, with the most probable class as `guess`.

    The part "train" is the sample of it that was predicted.

    `folder`: where they are stored. `part`: the one that is scored; epochs are chosen all the same. `left_out`:
    utterances of it that are not scored, although epochs were chosen with them. `probabilities`: what is stored, of
    predictions that come from elsewhere; they have no epochs and are the same under every selection.
    """

    fold: int
    seed: int
    rows: pd.DataFrame
    classes: list[str]
    folder: Path = Path()
    left_out: frozenset[str] = frozenset()
    part: str = "test"
    probabilities: pd.DataFrame | None = None

    @property
    def given(self) -> bool:
        """Whether they come from elsewhere."""
        return self.probabilities is not None

    @cached_property
    def counts(self) -> dict[tuple[str, int], Counts]:
        """(part, epoch) -> counts."""
        found: dict[tuple[str, int], Counts] = {}
        sizes = self.rows.groupby(["part", "epoch", "class", "guess"], observed=True).size()
        for (part, epoch, truth, guess), size in sizes.items():
            found.setdefault((part, int(epoch)), Counter())[truth, guess] += int(size)
        return found

    @property
    def epochs(self) -> list[int]:
        """The epochs that are predicted."""
        return sorted({epoch for _, epoch in self.counts})

    def best(self, part: str, metric: str) -> int | None:
        """Earliest epoch at which `metric` is highest on a part, the last if none has one; None without a part."""
        if (part, metric) not in self._best:
            self._best[part, metric] = self._find_best(part, metric)
        return self._best[part, metric]

    @cached_property
    def _best(self) -> dict[tuple[str, str], int | None]:
        return {}

    def _find_best(self, part: str, metric: str) -> int | None:
        values = {epoch: rate(counts, metric) for (where, epoch), counts in self.counts.items() if where == part}
        if not values:
            return None
        known = {epoch: value for epoch, value in values.items() if value is not None}
        return min(known, key=lambda epoch: (-known[epoch], epoch)) if known else max(values)

    def epoch(self, select: str) -> int:
        """The epoch that a selection chooses."""
        if select == "last" or self.given:
            return int(self.rows["epoch"].max())
        return self.best("validation" if select == "best_validation" else "test", "ua")

    def value(self, select: str, metric: str) -> float:
        """A metric of the scored part at the selected epoch (NaN: none); under `best_test_each` at its own best one."""
        if select == "best_test_each" and not self.given:
            return _number(rate(self.counts["test", self.best("test", metric)], metric))
        return _number(rate(self.scored(select), metric))

    def scored(self, select: str) -> Counts:
        """Counts of the scored utterances at the selected epoch."""
        if not self.left_out:
            return self.counts[self.part, self.epoch(select)]
        return Counter(self.tested(select)[["class", "guess"]].itertuples(index=False, name=None))

    def of_fold(self, fold: int, parts: Mapping[str, str]) -> "Predictions":
        """What is predicted of a fold whose networks left out just those whom it validates and tests.

        `parts`: utterance -> part in that fold.
        """
        tested = self.rows["part"] == "test"
        part = self.rows["part"].astype(object).where(~tested, self.rows["utterance"].astype(object).map(parts))
        return replace(self, fold=fold, rows=self.rows.assign(part=part.astype("category")))

    def without_tests(self, names: Iterable[str]) -> "Predictions":
        """The run as if it had not tested these utterances: they choose no epoch either."""
        gone = (self.rows["part"] == "test") & self.rows["utterance"].isin(list(names))
        return replace(self, rows=self.rows[~gone], left_out=frozenset(names))

    @property
    def names(self) -> set[str]:
        """Scored utterances."""
        return set(self.rows.loc[self.rows["part"] == self.part, "utterance"]) - self.left_out

    def ua(self, part: str, epoch: int) -> float:
        """UA on a part at an epoch; NaN where none of it is predicted."""
        return _number(rate(self.counts.get((part, epoch), Counter()), "ua"))

    def tested(self, select: str) -> pd.DataFrame:
        """Scored rows at the selected epoch: utterance, class, guess."""
        rows = self.rows[(self.rows["part"] == self.part) & (self.rows["epoch"] == self.epoch(select))]
        return rows.loc[~rows["utterance"].isin(self.left_out), ["utterance", "class", "guess"]]


def read_predictions(folder: Path, *, fold: int, seed: int) -> Predictions:
    """Read a run's predictions; of equal probabilities the first class counts."""
    names = ["part", "utterance", "class"]
    # as categories: names stand in every epoch, and a report rests on hundreds of runs
    table = pq.read_table(Path(folder) / "predictions.parquet", read_dictionary=names).to_pandas()
    columns = [name for name in table.columns if name.startswith("p_")]
    classes = [name.removeprefix("p_") for name in columns]
    guess = pd.Categorical.from_codes(table[columns].to_numpy().argmax(axis=1), classes)
    rows = table[["epoch", *names]].assign(guess=guess)
    return Predictions(fold, seed, rows, classes, Path(folder))


class Recomputed:
    """The scores of one system on one split under one selection.

    Parameters
    ----------
    runs : predictions of all folds and seeds.
    units : utterance -> speaker and utterance -> session, from the fold table.
    select : last, best_validation, best_test or best_test_each.
    """

    def __init__(self, runs: list[Predictions], units: Units, select: str):
        self.runs, self.units, self.select = runs, units, select
        self.seeds = sorted({run.seed for run in runs})

    def row(self, metric: str) -> dict[str, float | int | None]:
        """What the line of scores.csv must hold for `metric`; None: nothing."""
        values = [self.value(run, metric) for run in self.runs]
        names = set().union(*(run.names for run in self.runs))
        found: dict[str, float | int | None] = {
            "pooled": None,
            "mean": _mean(values),
            "sd": deviation(values),
            "sd_seeds": None,
            "folds": len({run.fold for run in self.runs}),
            "seeds": len(self.seeds),
            "utterances": len(names),
        }
        for unit, whose in self.units.items():
            found[unit] = len({whose[name] for name in names})
        if self.select == "best_test_each":
            return found | {f"{end}_{unit}": None for unit in (*self.units, "utterances") for end in ("low", "high")}
        pooled = [self._pooled(seed, metric) for seed in self.seeds]
        found |= {"pooled": _mean(pooled), "sd_seeds": deviation(pooled)}
        return found | intervals(self, metric)

    def value(self, run: Predictions, metric: str) -> float:
        """The metric of one run, NaN where it has none."""
        return run.value(self.select, metric)

    def epoch(self, run: Predictions, metric: str) -> int:
        """The epoch of a run that the metric is of."""
        return run.best("test", metric) if self.select == "best_test_each" else run.epoch(self.select)

    def _pooled(self, seed: int, metric: str) -> float:
        """The metric of a seed's folds together."""
        total: Counts = Counter()
        for run in self.runs:
            if run.seed == seed:
                total += run.scored(self.select)
        return _number(rate(total, metric))

    def of_sums(self, sums: np.ndarray, metric: str) -> np.ndarray:
        """The metric (...) of many sums (..., S, *P) of what utterances add, averaged over the seeds; NaN: none."""
        with warnings.catch_warnings():  # a class may be absent without somebody
            warnings.simplefilter("ignore", RuntimeWarning)
            return over_seeds(self._of_sums(sums, metric))

    def _of_sums(self, sums: np.ndarray, metric: str) -> np.ndarray:
        """The same of each seed."""
        return _rates(sums, metric, self.runs[0].classes)

    @cached_property
    def by_utterance(self) -> tuple[list[str], np.ndarray]:
        """Tested utterances, sorted, and what each adds to each seed's counts (U, S, C, C)."""
        classes = {name: i for i, name in enumerate(self.runs[0].classes)}
        names = sorted(set().union(*(run.names for run in self.runs)))
        place = {name: i for i, name in enumerate(names)}
        added = np.zeros((len(names), len(self.seeds), len(classes), len(classes)))
        for run in self.runs:
            for row in run.tested(self.select).itertuples(index=False):
                added[place[row[0]], self.seeds.index(run.seed), classes[row[1]], classes[row[2]]] += 1
        return names, added


def _mean(values: list[float]) -> float | None:
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else None


def _number(value: Fraction | None) -> float:
    return math.nan if value is None else float(value)


def rate(counts: Counts, metric: str) -> Fraction | None:
    """A rate of counts, exactly: ua, wa, f1_macro, f1_weighted or recall_<class>; None for an absent class."""
    present = sorted({truth for truth, _ in counts})
    if not present:
        return None
    true = {name: sum(n for (truth, _), n in counts.items() if truth == name) for name in present}
    guessed = {name: sum(n for (_, guess), n in counts.items() if guess == name) for name in present}
    right = {name: counts[name, name] for name in present}
    recall = {name: Fraction(right[name], true[name]) for name in present}
    f1 = {name: Fraction(2 * right[name], true[name] + guessed[name]) for name in present}
    if metric.startswith("recall_"):
        return recall.get(metric.removeprefix("recall_"))
    total = sum(true.values())
    if metric == "ua":
        return sum(recall.values()) / len(present)
    if metric == "wa":
        return Fraction(sum(right.values()), total)
    if metric == "f1_macro":
        return sum(f1.values()) / len(present)
    if metric == "f1_weighted":
        return sum(f1[name] * true[name] for name in present) / total
    raise _unknown(metric)


def _rates(counts: np.ndarray, metric: str, classes: list[str]) -> np.ndarray:
    """The same of many counts (..., C, C) at once, in floating point; NaN for what is not there."""
    true, guessed = counts.sum(-1), counts.sum(-2)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = right / true
        f1 = np.where(true > 0, 2 * right / (true + guessed), np.nan)
        if metric.startswith("recall_"):
            return recall[..., classes.index(metric.removeprefix("recall_"))]
        if metric == "wa":
            return right.sum(-1) / true.sum(-1)
        if metric == "f1_weighted":
            return np.nansum(f1 * true, -1) / true.sum(-1)
        if metric == "ua":
            return np.nanmean(recall, axis=-1)
        if metric == "f1_macro":
            return np.nanmean(f1, axis=-1)
    raise _unknown(metric)


def _unknown(metric: str) -> UserError:
    return UserError(f"{metric}: the audit has no formula of its own for it; give it one in serflow.audit.recompute")
