"""An extreme learning machine on what a trained network believes of the segments of an utterance.

K. Han, D. Yu and I. Tashev, "Speech emotion recognition using deep neural network and extreme learning machine",
Interspeech 2014; J. Lee and I. Tashev, "High-level feature representation using recurrent neural network for speech
emotion recognition", Interspeech 2015: both end in this classifier. It is that of Huang, Zhu and Siew, "Extreme
learning machine: theory and applications", Neurocomputing 70 (2006), with the ridge and the weights by class of Zong,
Huang and Chen, "Weighted extreme learning machine for imbalance learning", Neurocomputing 101 (2013). The network is
another system's run. All of it is written from recollection: the texts were not at hand.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file
from scipy.linalg import solve
from scipy.special import expit, softmax
from sklearn.preprocessing import StandardScaler

from serflow.errors import MAKE, UserError
from serflow.examples import Examples
from serflow.files import atomic_path, read_json, write_json
from serflow.learners.parts.loading import load_learner
from serflow.learners.parts.settings import ElmSettings, check_settings
from serflow.learners.parts.voting import class_costs
from serflow.training.seeding import derive

__all__ = ["Elm"]

WEIGHTS = "weights.safetensors"


class Elm:
    """A layer of random sigmoid units, and least squares with a ridge from it to the classes.

    An utterance is four numbers a class k: over its segments (or frames), the highest, the lowest and the mean
    probability of k, and the share of segments that give k more than `threshold`. They are standardised by the training
    part, whose probabilities come from a network that was trained on them, as in the papers, and are therefore surer
    than those of other utterances.

    With hidden values H (N, hidden), one row of targets T (N, C) an utterance (1 for its class, 0 elsewhere) and the
    weights of the utterances' classes on the diagonal of W, the output weights are (H'WH + ridge I)^-1 H'WT.

    The probabilities are the softmax of the outputs, which lie about 0 and 1: they rank the classes, close together,
    and are not calibrated.

    Parameters
    ----------
    spec
        A run's resolved spec. Its `parameters` are `threshold` (above 0, 1 at most), `hidden` (units, >= 1), `ridge`
        (> 0), `class_weight` (balanced: N / (classes * the class's utterances); none: 1).
    classes
        Class names.
    device
        Plays no part here: the network lies where it was loaded.
    seed
        Draws weights and biases of the hidden units, all uniform between -1 and 1.
    encoder
        The trained network, left as it is. Its `segment_probabilities(examples)` gives, by utterance, float32 (P, C).

    Raises
    ------
    UserError
        If the parameters are others than these, or the encoder judges no segments.
    """

    def __init__(
        self, *, spec: dict[str, Any], classes: list[str], device: str, seed: int, encoder: Any | None = None
    ) -> None:
        self.settings = check_settings(spec["parameters"], ElmSettings, learner="elm")
        if not hasattr(encoder, "segment_probabilities"):
            raise UserError(
                f"elm, encoder {'none' if encoder is None else type(encoder).__name__.lower()}: expected a trained "
                "network; name a system with one as `encoder` of this system in the paper's YAML"
            )
        self.spec = spec
        self.classes = classes
        self.seed = seed
        self.encoder = encoder
        self.device = str(getattr(encoder, "device", "cpu"))
        self.counts: dict[str, int] = {}
        self.trained_on: np.ndarray | None = None
        self.parameters: dict[str, np.ndarray] = {}

    def fit(self, train: Examples) -> Iterator[dict[str, Any]]:
        """Fit scaler and output weights; yield one history row, without a loss.

        Raises
        ------
        UserError
            If a class has no training utterance, or the network gives no finite probabilities.
        """
        ids, statistics = self._statistics(train)
        self.trained_on = train.places(ids)
        labels = train.labels[self.trained_on]
        weighting = self.settings["class_weight"]
        costs = class_costs(labels, classes=self.classes, class_weight=weighting, learner="elm")
        scaler = StandardScaler().fit(statistics)
        generator = np.random.default_rng(derive("hidden", self.seed))
        units = self.settings["hidden"]
        self.parameters = {
            "mean": scaler.mean_,
            "scale": scaler.scale_,
            "hidden": generator.uniform(-1, 1, (statistics.shape[1], units)),
            "biases": generator.uniform(-1, 1, units),
        }
        hidden = self._hidden(statistics)
        weighted = (costs[labels, None] * hidden).T
        square = weighted @ hidden + self.settings["ridge"] * np.eye(units)
        self.parameters["output"] = solve(square, weighted @ np.eye(len(self.classes))[labels], assume_a="pos")
        self.counts = {"train_utterances": len(train), "train_utterances_used": len(ids)}
        yield {"epoch": 1, "lr": None, "loss": None, "steps": 1}

    def predict(self, examples: Examples) -> tuple[list[str], np.ndarray]:
        """Utterance ids and probabilities float32 (N, C), rows summing to one; what has no segment is left out."""
        ids, statistics = self._statistics(examples)
        outputs = self._hidden(statistics) @ self.parameters["output"]
        return ids, softmax(outputs, axis=1).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write model.json, the parameters (safetensors, float64) and the encoder into `folder`."""
        folder = Path(folder)
        model = {"learner": "elm", "classes": self.classes, "spec": self.spec, "seed": self.seed}
        write_json(folder / "model.json", model)
        with atomic_path(folder / WEIGHTS) as temporary:
            save_file(self.parameters, temporary)
        self.encoder.save(folder / "encoder")

    @classmethod
    def load(cls, folder: Path, *, device: str) -> "Elm":
        """Read what `save` wrote."""
        folder = Path(folder)
        model = read_json(folder / "model.json")
        encoder = load_learner(folder / "encoder", device=device)
        learner = cls(spec=model["spec"], classes=model["classes"], device=device, seed=model["seed"], encoder=encoder)
        learner.parameters = load_file(folder / WEIGHTS)
        return learner

    def _statistics(self, examples: Examples) -> tuple[list[str], np.ndarray]:
        """Utterance ids, and float64 (N, 4 C): all classes' maxima, minima, means, then shares above the threshold."""
        judged = self.encoder.segment_probabilities(examples)
        rows = np.empty((len(judged), 4, len(self.classes)))
        for row, (name, segments) in zip(rows, judged.items(), strict=True):
            if not np.isfinite(segments).all():
                raise UserError(
                    f"elm: the encoder's probabilities of utterance {name} are NaN or infinite; look at the encoder's "
                    f"training loss (history.csv), lower its learning rate and {MAKE}"
                )
            above_threshold = (segments > self.settings["threshold"]).mean(axis=0)
            row[:] = (
                segments.max(axis=0),
                segments.min(axis=0),
                segments.mean(axis=0, dtype=np.float64),
                above_threshold,
            )
        return list(judged), rows.reshape(len(judged), 4 * len(self.classes))

    def _hidden(self, statistics: np.ndarray) -> np.ndarray:
        """Values (N, hidden) of the random units."""
        scaled = (statistics - self.parameters["mean"]) / self.parameters["scale"]
        return expit(scaled @ self.parameters["hidden"] + self.parameters["biases"])
