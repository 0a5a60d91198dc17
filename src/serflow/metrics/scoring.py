"""Scores of systems, or of teachers, by families of metrics: pooled, their intervals, and tests of pairs.

What is scored, and by which metrics, the families say (`serflow.metrics.family`); the folds, the seeds, the resamples
and the permutations are here, once for all of them.
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from serflow.errors import UserError
from serflow.metrics.family import Family, mean_known
from serflow.metrics.intervals import by_group, metric_interval, pooled
from serflow.metrics.paired import Comparison, compare
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.selection import POOLED_SELECTIONS, SELECTIONS

# Of the generator of swaps. Any number will do; a fixed one makes reports identical when they are rebuilt.
GENERATOR_SEED = 20200101

SCORES = [
    "system", "select", "metric", "pooled", "mean", "sd", "sd_seeds", "folds", "seeds", "utterances", "speakers",
    "sessions", "low_speakers", "high_speakers", "low_sessions", "high_sessions", "low_utterances", "high_utterances",
]  # fmt: skip
# what a paired comparison finds, as `compared_columns` gives it
COMPARED = [
    "difference", "low", "high", "p", "p_interval", "low_sessions", "high_sessions", "p_sessions", "p_utterances",
    "seeds", "sd_seeds", "by_seed", "utterances", "speakers", "sessions",
]  # fmt: skip
P = ["p", "p_interval", "p_sessions", "p_utterances"]
PAIRS = ["select", "metric", "system", "against", *COMPARED, "z", "p_z"]
# A system that chose its epoch on the tested fold is ahead of one that has none to choose: no test is fair to both.
UNTESTED = ("best_test",)


class Scores:
    """Runs of several systems over one table of utterances, sorted by system, and the tables made of them.

    Parameters
    ----------
    runs : each (system, fold, seed) once.
    families : of the metrics.
    truth, speakers, sessions : (U, ...) what families hold the outputs against, and (U,), of all utterances.
    permutations : swaps that a test draws where they are too many to go through.
    unseeded : systems that no seed changes.

    Raises
    ------
    UserError
        If there is no run, or one is given twice.
    """

    def __init__(
        self,
        runs: Sequence[ScoredRun],
        families: Sequence[Family],
        *,
        truth: np.ndarray,
        speakers: np.ndarray,
        sessions: np.ndarray,
        permutations: int,
        unseeded: Collection[str] = (),
    ) -> None:
        self.runs = sorted(runs, key=lambda run: (run.system, run.fold, run.seed))
        _check_unique(self.runs)
        self.families, self.truth = families, truth
        self.people = {"speakers": speakers, "sessions": sessions}
        self.permutations, self.unseeded = permutations, unseeded
        self.names = [name for family in families for name in family.names]
        self.by_system: dict[str, list[ScoredRun]] = {}
        for run in self.runs:
            self.by_system.setdefault(run.system, []).append(run)

    def runs_table(self) -> pd.DataFrame:
        """runs.csv: the selected epoch and the metrics of each run; `best_test_each` has no one epoch."""
        rows = []
        for run in self.runs:
            for select in SELECTIONS:
                if select in run.metrics:
                    rows.append([run.system, select, run.fold, run.seed, run.epochs.get(select), *run.metrics[select]])
        table = pd.DataFrame(rows, columns=["system", "select", "fold", "seed", "epoch", *self.names])
        return table.astype({"epoch": "Int64"})

    def scores_table(self) -> pd.DataFrame:
        """scores.csv: pooled, mean and standard deviation, intervals, by system, selection and metric."""
        return pd.concat([self._score(system, select) for system, select in self.cells(SELECTIONS)], ignore_index=True)

    def pairs_table(self, pairs: Iterable[Sequence[str]]) -> pd.DataFrame:
        """pairs.csv: of each pair the first system against the second, but those without a common seed or utterance.

        A system with one seed (a deterministic one) is paired with each seed of the other. Where the epoch is chosen
        on the tested fold there is a difference and an interval, but no p. `z` and `p_z` are of another test, one that
        papers use, where a family has one.
        """
        wanted = list(map(tuple, pairs))
        for name in itertools.chain.from_iterable(wanted):
            if name not in self.by_system:
                there = ", ".join(self.by_system)
                raise UserError(f"pairs: no runs of system {name!r}; systems with runs: {there}; correct the list")
        cells = sorted(self.cells(POOLED_SELECTIONS), key=lambda cell: POOLED_SELECTIONS.index(cell[1]))
        found = [(select, *pair) for system, select in cells for pair in wanted if pair[0] == system]
        blocks = [block for cell in found if len(block := self._pair(*cell))]
        return pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=PAIRS)

    def cells(self, selections: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """(system, selection) for the selections that the system's runs can be scored by."""
        for system, runs in self.by_system.items():
            for select in selections:
                if select in runs[0].metrics:
                    yield system, select

    def outputs(self, system: str, select: str) -> dict[int, np.ndarray]:
        """Seed -> outputs float32 (U, K) of all folds together, NaN where there is none."""
        merged: dict[int, np.ndarray] = {}
        for run in self.by_system[system]:
            output = run.outputs[select]
            rows = merged.setdefault(run.seed, np.full((len(self.truth), output.shape[1]), np.nan, np.float32))
            rows[run.tested] = output
        return dict(sorted(merged.items()))

    def stacked(self, system: str, select: str) -> tuple[np.ndarray, np.ndarray]:
        """The same of all seeds, (S, U, K), and which of them there are, bool (S, U)."""
        outputs = np.stack(list(self.outputs(system, select).values()))
        return outputs, ~np.isnan(outputs[..., 0])

    def _score(self, system: str, select: str) -> pd.DataFrame:
        runs = self.by_system[system]
        values = np.stack([run.metrics[select] for run in runs])
        columns = {
            "system": system,
            "select": select,
            "metric": self.names,
            "mean": mean_known(values, 0),
            "sd": _sd(values),
            "folds": len({run.fold for run in runs}),
            "seeds": len({run.seed for run in runs}),
        }
        tested = np.unique(np.concatenate([run.tested for run in runs]))
        table = pd.DataFrame(columns | self._counts_of(tested)).reindex(columns=SCORES)
        table = table.astype({"pooled": float, "sd_seeds": float})
        if select not in POOLED_SELECTIONS:
            return table
        found = [self._pooled(system, select, family) for family in self.families]
        return table.assign(**{name: np.concatenate([one[name] for one in found]) for name in found[0]})

    def _counts_of(self, tested: np.ndarray) -> dict[str, int]:
        """How many utterances are tested, of how many speakers and sessions."""
        return {"utterances": len(tested)} | {name: len(set(of[tested])) for name, of in self.people.items()}

    def _pooled(self, system: str, select: str, family: Family) -> dict[str, np.ndarray]:
        """Pooled metrics of a family, their standard deviation over the seeds, and their intervals."""
        outputs, used = self.stacked(system, select)
        tested = used.any(0)
        parts = parts_of(family, self.truth, outputs, used)[tested]
        sums = parts.sum(0)
        columns = {"pooled": pooled(family, sums), "sd_seeds": _sd(self.by_seed(family.values(sums)))}
        units = {name: by_group(parts, of[tested]) for name, of in self.people.items()} | {"utterances": parts}
        for name, of_units in units.items():
            columns[f"low_{name}"], columns[f"high_{name}"] = metric_interval(family, of_units)
        return columns

    def matched(self, select: str, system: str, other: str) -> np.ndarray:
        """Outputs (2, S, U, K) of two systems, by what they have in common: a seed."""
        return match_seeds(self.outputs(system, select), self.outputs(other, select))

    def by_seed(self, values: np.ndarray) -> np.ndarray:
        """What each seed gives (S, M), of what each of the outputs gives (S, M): the same."""
        return values

    def _pair(self, select: str, system: str, other: str) -> pd.DataFrame:
        both = self.matched(select, system, other)
        used = ~np.isnan(both[..., 0]).any(0)
        if not used.any():
            return pd.DataFrame(columns=PAIRS)
        seeded = not {system, other} <= set(self.unseeded)
        given = {"truth": self.truth, **self.people, "permutations": self.permutations, "seeded": seeded}
        table = compared(self.families, both, used, by_seed=self.by_seed, **given)
        table = table.assign(select=select, system=system, against=other)
        return (without_p(table, "z", "p_z") if select in UNTESTED else table)[PAIRS]


def compared(
    families: Sequence[Family],
    both: np.ndarray,
    used: np.ndarray,
    *,
    truth: np.ndarray,
    speakers: np.ndarray,
    sessions: np.ndarray,
    permutations: int,
    seeded: bool,
    by_seed: Callable[[np.ndarray], np.ndarray] = lambda values: values,
) -> pd.DataFrame:
    """`COMPARED`, z and p_z of two sets of outputs, a row a metric.

    Parameters
    ----------
    both : (2, S, U, K), outputs in S seeds for U utterances.
    used : bool (S, U), which of them count, in each seed.
    truth, speakers, sessions : (U, ...), of all utterances.
    seeded : whether a seed changes one of the two; else `seeds` stays empty.
    by_seed : what each seed gives, of what each of the S outputs gives: the same, where these are the seeds.
    """
    there = used.any(0)
    people = speakers[there], sessions[there]
    found = []
    for family in families:
        pair = np.stack([parts_of(family, truth, outputs, used)[there] for outputs in both], 1)
        result = compare(family, pair, *people, permutations=permutations, seed=GENERATOR_SEED)
        result = replace(result, by_seed=by_seed(result.by_seed))
        tested = family.z_test(*pair.sum(0)) if family.z_test else {}
        z = np.array([tested.get(name, (np.nan, np.nan)) for name in family.names])
        found.append(_columns(family, result) | {"z": z[:, 0], "p_z": z[:, 1]})
    table = pd.concat(map(pd.DataFrame, found), ignore_index=True)
    counts = {"speakers": len(set(people[0])), "sessions": len(set(people[1]))}
    seeds = len(by_seed(np.zeros((len(used), 1))))
    return table.assign(seeds=seeds if seeded else pd.NA, utterances=int(there.sum()), **counts)


def _columns(family: Family, result: Comparison) -> dict[str, object]:
    by_seed = [" ".join(f"{value + 0.0:.6f}" for value in of_metric) for of_metric in result.by_seed.T]
    columns = vars(result) | {"by_seed": by_seed, "sd_seeds": _sd(result.by_seed)}
    return {"metric": list(family.names)} | columns


def without_p(table: pd.DataFrame, *more: str) -> pd.DataFrame:
    """The table of comparisons without any p, nor what else is named."""
    return table.assign(**dict.fromkeys((*P, *more), np.nan))


def parts_of(family: Family, truth: np.ndarray, outputs: np.ndarray, used: np.ndarray) -> np.ndarray:
    """What each utterance adds to a family's sums of each seed, (U, S, *P).

    Parameters
    ----------
    truth : (U, ...).
    outputs : (S, U, K).
    used : bool (S, U), the utterances that add something, in each seed.
    """
    each = [family.parts(truth[there], output[there]) for output, there in zip(outputs, used, strict=True)]
    parts = np.zeros((used.shape[1], len(used), *each[0].shape[1:]), each[0].dtype)
    for seed, (there, added) in enumerate(zip(used, each, strict=True)):
        parts[there, seed] = added
    return parts


def match_seeds(first: dict[int, np.ndarray], second: dict[int, np.ndarray]) -> np.ndarray:
    """Outputs (2, S, U, K) of two systems by common seed; a single seed is repeated for each of the other's."""
    if len(first) == 1:
        first = dict.fromkeys(second, next(iter(first.values())))
    elif len(second) == 1:
        second = dict.fromkeys(first, next(iter(second.values())))
    common = [seed for seed in first if seed in second]
    shape = next(iter(first.values())).shape
    rows = [np.array([system[seed] for seed in common], np.float32) for system in (first, second)]
    return np.stack(rows).reshape(2, len(common), *shape)


def _sd(values: np.ndarray) -> np.ndarray:
    """Sample standard deviation (divisor n - 1) of each column's known values; NaN for fewer than two."""
    known = (~np.isnan(values)).sum(0)
    squares = np.nansum((values - mean_known(values, 0)) ** 2, 0)
    return np.sqrt(np.divide(squares, known - 1, out=np.full(known.shape, np.nan), where=known > 1))


def _check_unique(runs: list[ScoredRun]) -> None:
    if not runs:
        raise UserError("score: the list of runs is empty; check the configuration's systems, folds and seeds")
    for run, next_run in itertools.pairwise(runs):
        if (run.system, run.fold, run.seed) == (next_run.system, next_run.fold, next_run.seed):
            raise UserError(
                f"score: system {run.system!r} fold {run.fold} seed {run.seed} is listed twice; expected once"
            )
