"""The yardstick that reads nothing: every utterance gets the class frequencies of the training part."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from serflow.examples import Examples
from serflow.files import read_json, write_json

__all__ = ["Majority"]


class Majority:
    """Predict the training part's most frequent class; of equally frequent ones, the first in the class list.

    The probabilities are the relative class frequencies in training, the same for every utterance. `device`,
    `seed` and features play no part.
    """

    def __init__(self, *, spec: dict[str, Any], classes: list[str], device: str, seed: int) -> None:
        self.spec = spec
        self.classes = classes
        self.seed = seed
        self.frequencies = np.zeros(len(classes), dtype=np.float64)
        self.counts: dict[str, int] = {}

    def fit(self, train: Examples) -> Iterator[dict[str, Any]]:
        """Count the labels; yield one history row, its loss the cross-entropy (nat) of the training part."""
        self.counts = {"train_utterances": len(train), "train_utterances_used": len(train)}
        counts = np.bincount(train.labels, minlength=len(self.classes))
        self.frequencies = counts / counts.sum()
        there = self.frequencies[self.frequencies > 0]
        yield {"epoch": 1, "lr": None, "loss": float(-(there * np.log(there)).sum()), "steps": 1}

    def predict(self, examples: Examples) -> tuple[list[str], np.ndarray]:
        """Utterance ids and probabilities float32 (N, C), rows summing to one."""
        return list(examples.utterances), np.tile(self.frequencies.astype(np.float32), (len(examples), 1))

    def save(self, folder: Path) -> None:
        """Write model.json into `folder`."""
        model = {
            "learner": "majority",
            "classes": self.classes,
            "spec": self.spec,
            "seed": self.seed,
            "frequencies": self.frequencies.tolist(),
        }
        write_json(Path(folder) / "model.json", model)

    @classmethod
    def load(cls, folder: Path, *, device: str) -> "Majority":
        """Read what `save` wrote."""
        model = read_json(Path(folder) / "model.json")
        learner = cls(spec=model["spec"], classes=model["classes"], device=device, seed=model["seed"])
        learner.frequencies = np.array(model["frequencies"])
        return learner
