"""The score tables of the systems of one (paper, experiment, split), and their confusion counts."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd

from serflow.errors import MAKE, UserError
from serflow.metrics.calibration import CALIBRATION
from serflow.metrics.confusion import contributions
from serflow.metrics.family import mean_known
from serflow.metrics.run_files import Folds
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.scoring import Scores
from serflow.metrics.selection import POOLED_SELECTIONS
from serflow.metrics.system_families import system_families

__all__ = ["SystemScores", "without_calibration"]

CONFUSION = ["system", "select", "truth", "predicted", "count", "fold_share"]


class SystemScores(Scores):
    """Runs of systems over one fold table, and the tables made of them.

    Parameters
    ----------
    runs : at least one; each (system, fold, seed) once, all with the classes in one order.
    folds : their fold table.
    permutations : as of `Scores`.
    unseeded : systems that no seed changes.
    classes_only : systems that give a class and no probabilities, so that there is no calibration of them.
    """

    def __init__(
        self,
        runs: list[ScoredRun],
        folds: Folds,
        *,
        permutations: int,
        unseeded: Collection[str] = (),
        classes_only: Collection[str] = (),
    ) -> None:
        self.classes, self.classes_only = _common_classes(runs), classes_only
        truth = pd.Index(self.classes).get_indexer(folds.labels)
        families = system_families(self.classes)
        people = {"speakers": folds.speakers, "sessions": folds.sessions}
        super().__init__(runs, families, truth=truth, **people, permutations=permutations, unseeded=unseeded)

    def runs_table(self) -> pd.DataFrame:
        """runs.csv, without calibration where there is none."""
        table = super().runs_table()
        table.loc[table["system"].isin(self.classes_only), list(CALIBRATION.names)] = np.nan
        return table

    def scores_table(self) -> pd.DataFrame:
        """scores.csv, without lines of calibration where there is none."""
        return without_calibration(super().scores_table(), self.classes_only)

    def pairs_table(self, pairs: Iterable[Sequence[str]]) -> pd.DataFrame:
        """pairs.csv, without lines of calibration where one of the two has none."""
        return without_calibration(super().pairs_table(pairs), self.classes_only)

    def confusion_table(self) -> pd.DataFrame:
        """confusion.csv: pooled counts, mean over the seeds; each run's share of the true class, mean over the runs."""
        rows = []
        for system, select in self.cells(POOLED_SELECTIONS):
            counts = self._counts(system, select)
            shares = self._fold_shares(system, select)
            for i, j in np.ndindex(counts.shape):
                rows.append([system, select, self.classes[i], self.classes[j], counts[i, j], shares[i, j]])
        return pd.DataFrame(rows, columns=CONFUSION)

    def _counts(self, system: str, select: str) -> np.ndarray:
        """Counts (C, C) of all folds together, mean over the seeds."""
        runs = self.by_system[system]
        counts = sum(contributions(self.truth[run.tested], run.outputs[select]).sum(0, np.float64) for run in runs)
        return counts / len({run.seed for run in runs})

    def _fold_shares(self, system: str, select: str) -> np.ndarray:
        """Mean (C, C) over folds and seeds of what a true class is taken for; a fold without the class has no say."""
        shares = []
        for run in self.by_system[system]:
            counts = contributions(self.truth[run.tested], run.outputs[select]).sum(0, np.float64)
            totals = counts.sum(-1, keepdims=True)
            shares.append(np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0))
        return mean_known(np.stack(shares), 0)


def without_calibration(table: pd.DataFrame, classes_only: Collection[str]) -> pd.DataFrame:
    """A table, a line a metric, without the lines of calibration of these systems, or of a pair with one of them."""
    of_them = table[[name for name in ("system", "against") if name in table]].isin(classes_only).any(axis=1)
    return table[~(of_them & table["metric"].isin(CALIBRATION.names))].reset_index(drop=True)


def _common_classes(runs: list[ScoredRun]) -> list[str]:
    """Return the classes in the order that all runs share."""
    for run in runs:
        if run.classes != runs[0].classes:
            raise UserError(
                f"score: system {run.system!r}, fold {run.fold}, seed {run.seed} has classes in the order "
                f"{', '.join(run.classes)}, others {', '.join(runs[0].classes)}; {MAKE} --forcerun train"
            )
    return runs[0].classes if runs else []
