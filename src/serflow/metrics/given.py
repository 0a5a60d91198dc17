"""Predictions of systems that were trained elsewhere, as runs: the same under every selection, with no epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from serflow.errors import UserError
from serflow.given.predictions import GivenRun, read_given
from serflow.given.stored import Given, read_record
from serflow.metrics.run_files import Folds
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.selection import POOLED_SELECTIONS, SELECTIONS
from serflow.metrics.system_families import all_metrics, system_families

__all__ = ["GivenRuns", "given_runs", "restricted"]


class GivenRuns(NamedTuple):
    """What is scored of given predictions.

    Attributes
    ----------
    runs : of all that can be scored.
    classes_only : systems of which a class was given, and no probabilities.
    unscored : system -> why it cannot be scored.
    """

    runs: list[ScoredRun]
    classes_only: set[str]
    unscored: dict[str, str]


def given_runs(records: Sequence[Path], folds: Folds, numbers: Mapping[str, list[int]]) -> GivenRuns:
    """Read given predictions of a fold table.

    Predictions that were edited, or are of another fold table than the present one, are left out with the reason:
    what somebody else has to mend stops none of the other systems.

    Parameters
    ----------
    records : their given.json.
    folds : the fold table.
    numbers : system -> the folds that are scored.
    """
    found, classes_only, unscored = [], set(), {}
    for path in records:
        given = read_record(path)
        try:
            read = read_given(given, folds.digest, numbers[given.name])
            found += [_run(given, folds, run) for run in read]
        except UserError as error:
            unscored[given.name] = str(error)
        if not given.probabilities:
            classes_only.add(given.name)
    return GivenRuns(found, classes_only, unscored)


def restricted(run: ScoredRun, kept: np.ndarray, folds: Folds) -> ScoredRun:
    """A run of `given_runs` as if it had tested only the utterances of the fold table that are `kept`, bool (U,)."""
    mine = kept[run.tested]
    return _scored(replace(run, tested=run.tested[mine]), run.outputs["last"][mine], folds)


def _run(given: Given, folds: Folds, run: GivenRun) -> ScoredRun:
    fold, seed, utterances, probabilities = run
    tested = folds.utterances.get_indexer(utterances)  # ascending, as both are sorted
    empty = ScoredRun(given.name, fold, seed, given.classes, epochs={}, metrics={}, outputs={}, tested=tested)
    return _scored(empty, probabilities, folds)


def _scored(run: ScoredRun, probabilities: np.ndarray, folds: Folds) -> ScoredRun:
    """The run with these outputs (u, C) under every selection that the fold table has."""
    truth = pd.Index(run.classes).get_indexer(folds.labels[run.tested])
    metrics = all_metrics(system_families(run.classes), truth, probabilities)
    selections = [select for select in SELECTIONS if select != "best_validation" or folds.validates]
    outputs = {select: probabilities for select in selections if select in POOLED_SELECTIONS}
    return replace(run, metrics=dict.fromkeys(selections, metrics), outputs=outputs)
