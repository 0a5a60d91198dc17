"""Test utterances whose very words were trained on: scripted dialogs are the same for all speakers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from serflow.metrics.run_files import Folds
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.system_families import all_metrics, system_families

__all__ = ["shared_text", "without_shared"]


def shared_text(folds: Folds, fold: int, words: Mapping[str, Sequence[str]]) -> np.ndarray:
    """For each utterance (U,), whether it is tested in the fold and its words are those of a training utterance there.

    An utterance without words shares none.
    """
    said = np.array([" ".join(words[utterance]) for utterance in folds.utterances], dtype=object)
    trained = set(said[folds.members(fold, "train")])
    return folds.members(fold, "test") & np.array([text != "" and text in trained for text in said])


def without_shared(runs: Sequence[ScoredRun], folds: Folds, words: Mapping[str, Sequence[str]]) -> list[ScoredRun]:
    """The runs as if they had tested only the utterances whose words were not trained on; epochs stay as selected.

    A run of which nothing is left is left out.
    """
    shared = {fold: shared_text(folds, fold, words) for fold in {run.fold for run in runs}}
    reduced = (_reduced(run, ~shared[run.fold], folds) for run in runs)
    return [run for run in reduced if len(run.tested)]


def _reduced(run: ScoredRun, kept: np.ndarray, folds: Folds) -> ScoredRun:
    truth = pd.Index(run.classes).get_indexer(folds.labels)
    tested = run.tested[kept[run.tested]]
    outputs = {select: output[kept[run.tested]] for select, output in run.outputs.items()}
    families = system_families(run.classes)
    metrics = {select: all_metrics(families, truth[tested], output) for select, output in outputs.items()}
    return replace(run, outputs=outputs, metrics=metrics, tested=tested)
