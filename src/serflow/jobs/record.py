"""What a run remembers while it trains: history, predictions of every epoch, the best epoch so far."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.files import atomic_path
from serflow.parquet import numbers, texts

__all__ = ["HISTORY", "TrainingRecord", "write_history"]

HISTORY = ["epoch", "lr", "loss", "steps"]  # what every learner says of an epoch


class TrainingRecord:
    """History and predictions of a run, epoch by epoch.

    Parameters
    ----------
    classes
        Class names; truth is given as positions in it.
    truth
        For each part ("validation", "test") the class of every utterance, by utterance.
    """

    def __init__(self, *, classes: list[str], truth: dict[str, dict[str, int]]):
        self.classes, self.truth = classes, truth
        self.history: list[dict[str, Any]] = []
        self.scored: dict[str, list[str]] = {}
        self.probabilities: dict[str, list[np.ndarray]] = {part: [] for part in truth}
        self.best_epoch: int | None = None

    def add(self, row: dict[str, Any], predictions: dict[str, tuple[list[str], np.ndarray]]) -> bool:
        """Append an epoch; True where it is the best on validation so far (of equals, the earliest)."""
        for part, (utterances, probabilities) in predictions.items():
            self.scored[part] = utterances
            self.probabilities[part].append(probabilities.astype(np.float32))
        ua = self._validation_ua()
        best = ua is not None and all(ua > past["validation_ua"] for past in self.history)
        self.history.append({**row, "validation_ua": ua})
        if best:
            self.best_epoch = row["epoch"]
        return best

    def _validation_ua(self) -> float | None:
        """Mean of the per-class recalls of the last epoch on validation; classes without utterances do not count."""
        if not self.truth.get("validation"):
            return None
        truth = np.array([self.truth["validation"][utterance] for utterance in self.scored["validation"]])
        right = self.probabilities["validation"][-1].argmax(axis=1) == truth
        return round(
            float(np.mean([right[truth == label].mean() for label in np.unique(truth)])), 12
        )  # as scoring does

    def write_history(self, path: Path) -> None:
        """CSV, a row an epoch: epoch, lr, loss, steps, validation_ua."""
        write_history(self.history, path, columns=[*HISTORY, "validation_ua"])

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


def write_history(history: list[dict[str, Any]], path: Path, *, columns: list[str]) -> None:
    """Write a row an epoch as CSV, atomically."""
    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
