"""The four score tables of one (paper, experiment, split), out of its runs."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from serflow.errors import UserError
from serflow.metrics.counts import by_group, confusion, contributions
from serflow.metrics.intervals import LEAST_SPEAKERS, bootstrap, percentile_interval, pooled
from serflow.metrics.paired import compare
from serflow.metrics.proportions import better
from serflow.metrics.rates import mean_known, metric_names
from serflow.metrics.run_files import Folds, ScoredRun
from serflow.metrics.selection import POOLED_RULES, RULES

# Of the resampling generators. Any number will do; a fixed one makes reports identical when they are rebuilt.
GENERATOR_SEED = 20200101

SCORES = [
    "system",
    "select",
    "metric",
    "pooled",
    "mean",
    "sd",
    "folds",
    "seeds",
    "utterances",
    "low_speakers",
    "high_speakers",
    "low_utterances",
    "high_utterances",
]
CONFUSION = ["system", "select", "truth", "predicted", "count", "fold_share"]
PAIRS = ["select", "metric", "system", "against", "difference", "low", "high", "p", "p_utterances", "z", "p_z"]
# A system that chose its epoch on the tested fold is ahead of one that has none to choose: no test is fair to both.
UNTESTED = ("best_test",)


class Scores:
    """Runs of several systems over one fold table, sorted by system, and the tables made of them.

    Parameters
    ----------
    runs : at least one; each (system, fold, seed) once.
    folds : their fold table.
    replicates : resamples of each interval and permutations of each test.
    """

    def __init__(self, runs: list[ScoredRun], folds: Folds, *, replicates: int) -> None:
        self.runs = sorted(runs, key=lambda run: (run.system, run.fold, run.seed))
        self.classes = _common_classes(self.runs)
        self.names = metric_names(self.classes)
        self.truth = pd.Index(self.classes).get_indexer(folds.labels)
        self.speakers = folds.speakers
        self.replicates = replicates
        self._by_system: dict[str, list[ScoredRun]] = {}
        for run in self.runs:
            self._by_system.setdefault(run.system, []).append(run)

    def runs_table(self) -> pd.DataFrame:
        """runs.csv: the selected epoch and the metrics of each run; `best_test_each` has no one epoch."""
        rows = []
        for run in self.runs:
            for select in RULES:
                if select in run.metrics:
                    rows.append([run.system, select, run.fold, run.seed, run.epochs.get(select), *run.metrics[select]])
        table = pd.DataFrame(rows, columns=["system", "select", "fold", "seed", "epoch", *self.names])
        return table.astype({"epoch": "Int64"})

    def scores_table(self) -> pd.DataFrame:
        """scores.csv: pooled, mean and standard deviation, intervals, by system, rule and metric."""
        return pd.concat([self._score(system, select) for system, select in self._cells(RULES)], ignore_index=True)

    def confusion_table(self) -> pd.DataFrame:
        """confusion.csv: pooled counts, mean over the seeds; each run's share of the true class, mean over the runs."""
        rows = []
        for system, select in self._cells(POOLED_RULES):
            predicted = np.stack(list(self._predictions(system, select).values()))
            counts = confusion(self.truth, predicted, len(self.classes)).mean(0)
            shares = self._fold_shares(system, select)
            for i, j in np.ndindex(counts.shape):
                rows.append([system, select, self.classes[i], self.classes[j], counts[i, j], shares[i, j]])
        return pd.DataFrame(rows, columns=CONFUSION)

    def pairs_table(self, pairs: Iterable[Sequence[str]]) -> pd.DataFrame:
        """pairs.csv: of each pair the first system against the second, but those without a common seed or utterance.

        A system with one seed (a deterministic one) is paired with each seed of the other. Where the epoch is chosen
        on the tested fold there is a difference and an interval, but no p. `z` and `p_z` are of another test, one that
        papers use (`serflow.metrics.proportions`).
        """
        wanted = list(map(tuple, pairs))
        for name in itertools.chain.from_iterable(wanted):
            if name not in self._by_system:
                there = ", ".join(self._by_system)
                raise UserError(f"pairs: no runs of system {name!r}; systems with runs: {there}; correct the list")
        cells = sorted(self._cells(POOLED_RULES), key=lambda cell: POOLED_RULES.index(cell[1]))
        blocks = [
            self._pair(select, system, other) for cell, select in cells for system, other in wanted if system == cell
        ]
        blocks = [block for block in blocks if len(block)]
        return pd.concat(blocks, ignore_index=True) if blocks else _empty(PAIRS)

    def _cells(self, rules: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """(system, rule) for the rules that the system's runs can be scored by."""
        for system, runs in self._by_system.items():
            for select in rules:
                if select in runs[0].metrics:
                    yield system, select

    def _predictions(self, system: str, select: str) -> dict[int, np.ndarray]:
        """Seed -> predictions int8 (U,) of all folds together, -1 where there is none."""
        merged: dict[int, np.ndarray] = {}
        for run in self._by_system[system]:
            row = merged.setdefault(run.seed, np.full(len(self.truth), -1, np.int8))
            row[run.tested] = run.predicted[select][run.tested]
        return dict(sorted(merged.items()))

    def _fold_shares(self, system: str, select: str) -> np.ndarray:
        """Mean (C, C) over folds and seeds of what a true class is taken for; a fold without the class has no say."""
        shares = []
        for run in self._by_system[system]:
            counts = confusion(self.truth[run.tested], run.predicted[select][run.tested], len(self.classes))
            totals = counts.sum(-1, keepdims=True)
            shares.append(np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0))
        return mean_known(np.stack(shares), 0)

    def _score(self, system: str, select: str) -> pd.DataFrame:
        runs = self._by_system[system]
        values = np.stack([run.metrics[select] for run in runs])
        columns = {
            "system": system,
            "select": select,
            "metric": self.names,
            "mean": mean_known(values, 0),
            "sd": _sd(values),
            "folds": len({run.fold for run in runs}),
            "seeds": len({run.seed for run in runs}),
            "utterances": len(np.unique(np.concatenate([run.tested for run in runs]))),
        }
        if select in POOLED_RULES:
            columns |= self._pooled(system, select)
        return pd.DataFrame(columns).reindex(columns=SCORES).astype({"pooled": float})

    def _pooled(self, system: str, select: str) -> dict[str, np.ndarray]:
        """Pooled metrics and their intervals."""
        predicted = np.stack(list(self._predictions(system, select).values()))
        used = (predicted >= 0).any(0)
        parts = contributions(self.truth[used], predicted[:, used], len(self.classes))
        columns = {"pooled": pooled(parts.sum(0))}
        speakers = by_group(parts, self.speakers[used])
        for name, units in (("speakers", speakers), ("utterances", parts)):
            if name == "utterances" or len(units) >= LEAST_SPEAKERS:
                drawn = bootstrap(units, replicates=self.replicates, seed=GENERATOR_SEED)
                columns[f"low_{name}"], columns[f"high_{name}"] = percentile_interval(drawn)
        return columns

    def _pair(self, select: str, system: str, other: str) -> pd.DataFrame:
        first, second = _match_seeds(self._predictions(system, select), self._predictions(other, select))
        used = ((first >= 0) & (second >= 0)).any(0)
        if not used.any():
            return _empty(PAIRS)
        result = compare(
            self.truth[used],
            first[:, used],
            second[:, used],
            self.speakers[used],
            classes=len(self.classes),
            replicates=self.replicates,
            seed=GENERATOR_SEED,
        )
        columns = {"select": select, "metric": self.names, "system": system, "against": other} | vars(result)
        columns["z"], columns["p_z"] = better(*self._counts(first[:, used], second[:, used], used))
        if select in UNTESTED:
            columns |= dict.fromkeys(("p", "p_utterances", "z", "p_z"), np.nan)
        return pd.DataFrame(columns)[PAIRS]

    def _counts(self, first: np.ndarray, second: np.ndarray, used: np.ndarray) -> list[np.ndarray]:
        """Confusion counts (S, C, C) of two systems, of what both of them predict (S, u) among the `used`."""
        both = (first >= 0) & (second >= 0)
        predicted = (np.where(both, system, -1) for system in (first, second))
        return [confusion(self.truth[used], system, len(self.classes)) for system in predicted]


def _match_seeds(first: dict[int, np.ndarray], second: dict[int, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Predictions (S, U) of two systems by common seed; a single seed is repeated for each of the other's."""
    if len(first) == 1:
        first = dict.fromkeys(second, next(iter(first.values())))
    elif len(second) == 1:
        second = dict.fromkeys(first, next(iter(second.values())))
    common = [seed for seed in first if seed in second]
    width = len(next(iter(first.values())))
    rows = [np.array([system[seed] for seed in common], np.int8).reshape(-1, width) for system in (first, second)]
    return rows[0], rows[1]


def _sd(values: np.ndarray) -> np.ndarray:
    """Sample standard deviation (divisor n - 1) of each column's known values; NaN for fewer than two."""
    known = (~np.isnan(values)).sum(0)
    squares = np.nansum((values - mean_known(values, 0)) ** 2, 0)
    return np.sqrt(np.divide(squares, known - 1, out=np.full(known.shape, np.nan), where=known > 1))


def _common_classes(runs: list[ScoredRun]) -> list[str]:
    """Return the classes in the order that all runs share."""
    if not runs:
        raise UserError("score: the list of runs is empty; check the configuration's systems, folds and seeds")
    seen: set[tuple[str, int, int]] = set()
    for run in runs:
        if run.classes != runs[0].classes:
            raise UserError(
                f"score: system {run.system!r}, fold {run.fold}, seed {run.seed} has classes in the order "
                f"{', '.join(run.classes)}, others {', '.join(runs[0].classes)}; snakemake --forcerun train"
            )
        if (run.system, run.fold, run.seed) in seen:
            raise UserError(
                f"score: system {run.system!r} fold {run.fold} seed {run.seed} is listed twice; expected once"
            )
        seen.add((run.system, run.fold, run.seed))
    return runs[0].classes


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns)
