"""Scores of networks that each predict the whole of another corpus's view.

Under the protocols of one corpus a seed's folds test different utterances, and their sums are added up. Here every
network, that of each fold and seed, tests all of them: a metric is taken of each network, and the networks' values are
averaged. Intervals and tests are over the other corpus's speakers, each left out or swapped in all networks together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from serflow.errors import UserError, remade
from serflow.metrics.family import mean_known
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.system_families import all_metrics, system_families
from serflow.metrics.system_scores import SystemScores

__all__ = ["CrossScores", "PredictedView", "read_networks", "over_shared"]

SELECT = "best_validation"  # how each network's epoch was chosen, on a part of the corpus that it was trained on
KEYS = ("fold", "seed", "utterance")


@dataclass(frozen=True)
class PredictedView:
    """The utterances that are tested, ready for look-up, sorted.

    Attributes
    ----------
    classes : those that both corpora have, in the order of the networks' own.
    utterances, labels, speakers, sessions : str (U,).
    """

    classes: list[str]
    utterances: pd.Index
    labels: np.ndarray
    speakers: np.ndarray
    sessions: np.ndarray

    @classmethod
    def of(cls, view: pd.DataFrame, classes: Sequence[str]) -> "PredictedView":
        """Those of a view; `classes`: of the networks, of which the view may lack some."""
        view = view.sort_values("utterance")
        there = set(view["class"])
        columns = (view[name].to_numpy(object) for name in ("class", "speaker", "session"))
        return cls([name for name in classes if name in there], pd.Index(view["utterance"]), *columns)


def read_networks(path: Path, view: PredictedView, system: str) -> list[ScoredRun]:
    """What each network of a system gives, one after the other.

    Raises
    ------
    UserError
        If the file lacks a column, names an utterance that is not in the view or one twice, or a probability is no
        finite number.
    """
    table = pd.read_parquet(path)
    wanted = [*KEYS, *(f"p_{name}" for name in view.classes)]
    if missing := [name for name in wanted if name not in table]:
        raise _wrong(path, f"no column {', '.join(missing)}")
    families = system_families(view.classes)
    truth = pd.Index(view.classes).get_indexer(view.labels)
    runs = []
    for (fold, seed), rows in table.groupby(["fold", "seed"]):
        tested = view.utterances.get_indexer(rows["utterance"])
        if (tested < 0).any() or len(set(tested)) < len(tested):
            raise _wrong(path, f"fold {fold}, seed {seed}: an utterance that is not in the view, or one twice")
        order = np.argsort(tested)
        output = over_shared(rows, view.classes, path)[order]
        runs.append(
            ScoredRun(
                system=system,
                fold=int(fold),
                seed=int(seed),
                classes=view.classes,
                epochs={},
                metrics={SELECT: all_metrics(families, truth[tested[order]], output)},
                outputs={SELECT: output},
                tested=tested[order],
            )
        )
    return runs


def over_shared(rows: pd.DataFrame, classes: Sequence[str], path: Path) -> np.ndarray:
    """Probabilities float32 (U, C) over the classes that both corpora have: divided by their sum.

    As they are where the networks know no other class; equal where all of it lies on other classes.
    """
    known = [name for name in rows if name.startswith("p_")]
    given = rows[[f"p_{name}" for name in classes]].to_numpy(np.float64)
    if not np.isfinite(given).all():
        raise _wrong(path, "a probability is not a finite number")
    if len(known) == len(classes):
        return given.astype(np.float32)
    total = given.sum(1, keepdims=True)
    equal = np.full(given.shape, 1 / len(classes))
    return np.divide(given, total, out=equal, where=total > 0).astype(np.float32)


def _wrong(path: Path, what: str) -> UserError:
    return UserError(f"{path}: {what}; {remade(path)}")


class CrossScores(SystemScores):
    """Networks over one view of another corpus; every seed of a system has the same folds.

    Parameters
    ----------
    runs : a network each.
    view : what they test; it stands in the place of a fold table.
    permutations, unseeded : as of `Scores`.
    """

    def __init__(
        self, runs: list[ScoredRun], view: PredictedView, *, permutations: int, unseeded: Collection[str] = ()
    ) -> None:
        super().__init__(runs, view, permutations=permutations, unseeded=unseeded)
        self.folds = len({run.fold for run in runs})

    def outputs(self, system: str, select: str) -> dict[tuple[int, int], np.ndarray]:
        """(seed, fold) -> outputs float32 (U, K) of that network, NaN where there is none, in this order."""
        found = {}
        for run in self.by_system[system]:
            rows = np.full((len(self.truth), len(self.classes)), np.nan, np.float32)
            rows[run.tested] = run.outputs[select]
            found[run.seed, run.fold] = rows
        return dict(sorted(found.items()))

    def matched(self, select: str, system: str, other: str) -> np.ndarray:
        """Outputs (2, S, U, K) of two systems, network by network of the same fold and seed.

        The one seed of a system that no seed changes stands for each of the other's.
        """
        sides = [self.outputs(name, select) for name in (system, other)]
        seeds = [{seed for seed, _ in side} for side in sides]
        if len(seeds[0]) == 1:
            sides[0] = _spread(sides[0], sorted(seeds[1]))
        elif len(seeds[1]) == 1:
            sides[1] = _spread(sides[1], sorted(seeds[0]))
        common = [key for key in sorted(sides[0]) if key in sides[1]]
        shape = (2, len(common), len(self.truth), len(self.classes))
        return np.array([[side[key] for key in common] for side in sides], np.float32).reshape(shape)

    def by_seed(self, values: np.ndarray) -> np.ndarray:
        """The mean over the folds (S, M) of what each network gives (S * folds, M)."""
        return mean_known(values.reshape(-1, self.folds, values.shape[-1]), 1)

    def _counts(self, system: str, select: str) -> np.ndarray:
        """Counts (C, C), mean over the networks."""
        return super()._counts(system, select) / self.folds


def _spread(side: Mapping[tuple[int, int], np.ndarray], seeds: Sequence[int]) -> dict[tuple[int, int], np.ndarray]:
    """The outputs of one seed as those of each of these seeds."""
    return {(seed, fold): output for (_, fold), output in side.items() for seed in seeds}
