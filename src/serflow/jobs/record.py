"""What a run remembers while it trains: history, predictions of every epoch, the best epoch so far."""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.files import atomic_path
from serflow.parquet import numbers, texts

__all__ = ["HISTORY", "SMALLEST", "Judged", "TrainingRecord", "described_training", "write_history"]

HISTORY = ["epoch", "lr", "loss", "steps"]  # what every learner says of an epoch
TRAINED = ["train_loss", "train_ua"]  # what its predictions say of it, behind a column for each fold that it judges
SMALLEST = 1e-7  # probability that a loss takes instead of a smaller one, as `serflow.metrics.calibration` does


class Judged(NamedTuple):
    """A fold that a training's networks judge.

    Attributes
    ----------
    column : of history.csv: its UA on validation.
    part : part of the predictions that its validation part is in.
    utterances : of its validation part; None: all of `part`.
    """

    column: str
    part: str
    utterances: frozenset[str] | None


class TrainingRecord:
    """History and predictions of a run, epoch by epoch.

    Parameters
    ----------
    classes
        Class names; truth is given as positions in it.
    truth
        For each part ("validation", "test", "train") the class of every utterance, by utterance. Of the part "train"
        a sample is predicted (`serflow.jobs.training_sample`).
    judged
        By name, the folds whose validation parts choose an epoch, each for itself.
    """

    def __init__(self, *, classes: list[str], truth: dict[str, dict[str, int]], judged: dict[str, Judged]):
        self.classes, self.truth, self.judged = classes, truth, judged
        self.history: list[dict[str, Any]] = []
        self.scored: dict[str, list[str]] = {}
        self.probabilities: dict[str, list[np.ndarray]] = {part: [] for part in truth}
        self.best: dict[str, int] = {}

    def add(self, row: dict[str, Any], predictions: dict[str, tuple[list[str], np.ndarray]]) -> bool:
        """Append an epoch; True where it is the best so far on some fold's validation (of equals, the earliest)."""
        for part, (utterances, probabilities) in predictions.items():
            self.scored[part] = utterances
            self.probabilities[part].append(probabilities.astype(np.float32))
        ua = {fold.column: self._ua(fold.part, fold.utterances) for fold in self.judged.values()}
        better = [
            name
            for name, (column, *_) in self.judged.items()
            if ua[column] is not None and all(ua[column] > past[column] for past in self.history)
        ]
        self.history.append(row | ua | {"train_loss": self._train_loss(), "train_ua": self._ua("train")})
        self.best |= dict.fromkeys(better, row["epoch"])
        return bool(better)

    def _ua(self, part: str, utterances: frozenset[str] | None = None) -> float | None:
        """Mean of the per-class recalls of the last epoch on a part, or these of it; absent classes do not count."""
        scored = self.scored.get(part, [])
        mine = [place for place, name in enumerate(scored) if utterances is None or name in utterances]
        if not mine:
            return None
        truth = self._classes(part)[mine]
        right = self.probabilities[part][-1][mine].argmax(axis=1) == truth
        return round(
            float(np.mean([right[truth == label].mean() for label in np.unique(truth)])), 12
        )  # as scoring does

    def _train_loss(self) -> float | None:
        """Mean cross-entropy (nat) of the last epoch's probabilities over the sample of the training part."""
        if not self.scored.get("train"):
            return None
        truth = self._classes("train")
        p = self.probabilities["train"][-1][np.arange(len(truth)), truth].astype(np.float64)
        return round(float(-np.log(np.maximum(p, SMALLEST)).mean()), 12)

    def _classes(self, part: str) -> np.ndarray:
        """Positions of the classes of a part's predicted utterances."""
        return np.array([self.truth[part][utterance] for utterance in self.scored[part]])

    def write_history(self, path: Path) -> None:
        """CSV, a row an epoch: epoch, lr, loss, steps, UA on each fold's validation, train_loss, train_ua."""
        columns = [fold.column for fold in self.judged.values()]
        write_history(self.history, path, columns=[*HISTORY, *columns, *TRAINED])

    def write_predictions(self, path: Path) -> None:
        """Parquet: epoch, part, utterance, class (truth), and a probability a class."""
        columns: dict[str, list] = {"epoch": [], "part": [], "utterance": [], "class": []}
        blocks = []
        for number, row in enumerate(self.history):
            for part, utterances in self.scored.items():
                columns["epoch"] += [row["epoch"]] * len(utterances)
                columns["part"] += [part] * len(utterances)
                columns["utterance"] += utterances
                columns["class"] += [self.classes[self.truth[part][utterance]] for utterance in utterances]
                blocks.append(self.probabilities[part][number])
        table = {"epoch": numbers(np.array(columns["epoch"], dtype=np.int16))}
        table |= {name: texts(columns[name]) for name in ("part", "utterance", "class")}
        stacked = np.concatenate(blocks)
        table |= {f"p_{name}": numbers(stacked[:, i]) for i, name in enumerate(self.classes)}
        with atomic_path(path) as temporary:
            pq.write_table(pa.table(table), temporary, compression="zstd")


def described_training(history: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What run.json says of a training by gradients: its steps, and the last epoch's numbers; None of any other."""
    last = history[-1]
    if "steps_at_initial_rate" not in last:
        return None
    counted = ("epoch", "steps", "steps_at_initial_rate")
    final = {name: value for name, value in last.items() if name not in counted}
    return {"steps": last["steps"], "steps_at_initial_rate": last["steps_at_initial_rate"], "final": final}


def write_history(history: list[dict[str, Any]], path: Path, *, columns: list[str]) -> None:
    """Write these columns as CSV, a row an epoch, atomically."""
    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(history)
