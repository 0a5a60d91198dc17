"""Brier score, likelihood and calibration error made anew from predictions.parquet, plainly: a second opinion.

Formulas are those that the tables' captions give; of `serflow.metrics` nothing is used. Here an expected calibration
error is what its definition says, bin by bin: the share of the utterances times how far their accuracy is from their
mean top probability.
"""

import math
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.audit.recompute import Predictions, Recomputed

__all__ = ["METRICS", "Calibration"]

METRICS = ("brier", "nll", "ece")  # of all of these the lowest is the best
BINS = 15
SMALLEST = 1e-7  # probability that the likelihood takes instead of a smaller one
EDGES = [float(Fraction(number, BINS)) for number in range(1, BINS + 1)]  # upper ends; each belongs to its bin


class Calibration(Recomputed):
    """The calibration of one system on one split under one selection; parameters as of `Recomputed`."""

    def value(self, run: Predictions, metric: str) -> float:
        """The metric of one run; under `best_test_each` the lowest of its epochs."""
        if self.select == "best_test_each":
            return min(self._by_epoch(run, metric).values())
        return _value(self._scored(run), metric)

    def epoch(self, run: Predictions, metric: str) -> int:
        """The epoch of a run that the metric is of: the earliest of the lowest."""
        if self.select != "best_test_each":
            return run.epoch(self.select)
        values = self._by_epoch(run, metric)
        return min(values, key=lambda epoch: (values[epoch], epoch))

    def _by_epoch(self, run: Predictions, metric: str) -> dict[int, float]:
        """The metric of a run's scored utterances at each epoch."""
        rows = _judged(run)
        tested = rows[rows["utterance"].isin(run.names)]
        return {int(epoch): _value(some, metric) for epoch, some in tested.groupby("epoch")}

    def _scored(self, run: Predictions) -> pd.DataFrame:
        """Rows of the scored utterances at the selected epoch."""
        rows = _judged(run)
        return rows[(rows["epoch"] == run.epoch(self.select)) & rows["utterance"].isin(run.names)]

    @property
    def scored(self) -> pd.DataFrame:
        """Every scored prediction of all runs, as of `judged`."""
        return pd.concat([self._scored(run) for run in self.runs])

    def _pooled(self, seed: int, metric: str) -> float:
        return _value(pd.concat([self._scored(run) for run in self.runs if run.seed == seed]), metric)

    @cached_property
    def by_utterance(self) -> tuple[list[str], np.ndarray]:
        """Tested utterances, sorted, and what each adds in each seed: (U, S, 3 + 3 BINS).

        One, Brier, NLL; then by bin one, whether it is right, the top probability.
        """
        names = sorted(set().union(*(run.names for run in self.runs)))
        place = {name: i for i, name in enumerate(names)}
        added = np.zeros((len(names), len(self.seeds), 3 + 3 * BINS))
        for run in self.runs:
            for row in self._scored(run).itertuples():
                one = added[place[row.utterance], self.seeds.index(run.seed)]
                one[:3] = 1, row.brier, row.nll
                one[3 + 3 * row.bin : 6 + 3 * row.bin] = 1, row.right, row.top
        return names, added

    def _of_sums(self, sums: np.ndarray, metric: str) -> np.ndarray:
        total = sums[..., 0]
        if metric != "ece":
            return sums[..., 1 + METRICS.index(metric)] / total
        bins = sums[..., 3:].reshape(*total.shape, BINS, 3)
        number = np.maximum(bins[..., 0], 1)  # an empty bin has the weight 0
        apart = np.abs(bins[..., 1] / number - bins[..., 2] / number)
        return (bins[..., 0] * apart).sum(-1) / total


def _judged(run: Predictions) -> pd.DataFrame:
    return _of_table(run.probabilities) if run.given else judged(run.folder)


@lru_cache(maxsize=32)
def judged(folder: Path) -> pd.DataFrame:
    """Every prediction in a folder: epoch, utterance; Brier, NLL; bin (from 0), right, top probability."""
    names = ["utterance", "class"]
    table = pq.read_table(folder / "predictions.parquet", read_dictionary=names).drop(["part"])
    return _of_table(table.to_pandas())


def _of_table(table: pd.DataFrame) -> pd.DataFrame:
    columns = [name for name in table.columns if name.startswith("p_")]
    p = table[columns].to_numpy(np.float64)
    truth = (np.array([name.removeprefix("p_") for name in columns]) == table["class"].to_numpy(object)[:, None]) * 1.0
    top = p.max(axis=1)
    return table[["epoch", "utterance"]].assign(
        brier=((p - truth) ** 2).sum(axis=1),
        nll=-np.log(np.maximum((p * truth).sum(axis=1), SMALLEST)),
        # the first bin whose upper end is not below it; a probability may be rounded to just above 1
        bin=np.minimum(np.searchsorted(EDGES, top), BINS - 1),
        right=truth[np.arange(len(p)), p.argmax(axis=1)],
        top=top,
    )


def _value(rows: pd.DataFrame, metric: str) -> float:
    """A metric of predictions; NaN of none."""
    if not len(rows):
        return math.nan
    if metric != "ece":
        return math.fsum(rows[metric]) / len(rows)
    bins = [one for _, one in rows.groupby("bin")]
    return math.fsum(len(one) / len(rows) * abs(one["right"].mean() - one["top"].mean()) for one in bins)
