"""A linear support vector machine on utterance-level features: the field's plain yardstick.

Cortes and Vapnik, "Support-vector networks", Machine Learning 20 (1995); with openSMILE's functionals as in
the baselines of the INTERSPEECH ComParE challenges. One machine a pair of classes (one against one), solved
by scikit-learn's SVC (libsvm).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from serflow.errors import UserError, remade
from serflow.examples import Examples
from serflow.files import atomic_path, read_json, write_json
from serflow.learners.parts.settings import SvmSettings, check_settings
from serflow.learners.parts.voting import class_costs, class_pairs, vote

__all__ = ["Svm"]

WEIGHTS = "weights.safetensors"
BLOCK = 512  # utterances predicted at a time


class Svm:
    """Standardise the features, then let a linear SVM for each pair of classes vote.

    The scaler (mean and deviation of each column; a constant one is only centred) is fitted on the training
    part alone. Dot products of all training utterances are computed once, so that training costs seconds
    at thousands of utterances; kept are the weights of each pair. `device` and `seed` play no part: training
    is deterministic.

    The probabilities come from votes and margins (`serflow.learners.parts.voting.vote`); they are not calibrated.

    Parameters
    ----------
    spec : a run's resolved spec. Its `parameters` are `kernel` (linear), `C` (cost of a margin violation,
        > 0), `class_weight` (balanced: C times N / (classes * the class's utterances); none: C for all).
    classes : class names.

    Raises
    ------
    UserError
        If the parameters are others than these.
    """

    def __init__(self, *, spec: dict[str, Any], classes: list[str], device: str, seed: int) -> None:
        self.settings = check_settings(spec["parameters"], SvmSettings, learner="svm")
        self.spec = spec
        self.classes = classes
        self.seed = seed
        self.parameters: dict[str, np.ndarray] = {}
        self.counts: dict[str, int] = {}

    def fit(self, train: Examples) -> Iterator[dict[str, Any]]:
        """Fit scaler and machines; yield one history row, without a loss.

        Raises
        ------
        UserError
            If a class has no training utterance, or the features are not one finite row an utterance.
        """
        self.counts = {"train_utterances": len(train), "train_utterances_used": len(train)}
        weighting = self.settings["class_weight"]
        costs = class_costs(train.labels, classes=self.classes, class_weight=weighting, learner="svm")
        features = _matrix(train, range(len(train)))
        scaler = StandardScaler().fit(features)
        rows = scaler.transform(features)
        gram = rows @ rows.T
        weights, intercepts, iterations = [], [], 0
        for first, second in class_pairs(len(self.classes)):
            chosen = np.flatnonzero((train.labels == first) | (train.labels == second))
            positive = train.labels[chosen] == first
            weight = {True: costs[first], False: costs[second]}
            machine = SVC(kernel="precomputed", C=self.settings["C"], class_weight=weight)
            machine.fit(gram[np.ix_(chosen, chosen)], positive)
            weights.append(machine.dual_coef_[0] @ rows[chosen[machine.support_]])
            intercepts.append(machine.intercept_[0])
            iterations += int(machine.n_iter_[0])
        self.parameters = {
            "mean": scaler.mean_,
            "scale": scaler.scale_,
            "weights": np.array(weights),
            "intercepts": np.array(intercepts),
        }
        yield {"epoch": 1, "lr": None, "loss": None, "steps": iterations}

    def predict(self, examples: Examples) -> tuple[list[str], np.ndarray]:
        """Utterance ids and probabilities float32 (N, C), rows summing to one."""
        found = np.empty((len(examples), len(self.classes)), dtype=np.float32)
        for start in range(0, len(examples), BLOCK):
            block = range(start, min(start + BLOCK, len(examples)))
            rows = (_matrix(examples, block) - self.parameters["mean"]) / self.parameters["scale"]
            decisions = rows @ self.parameters["weights"].T + self.parameters["intercepts"]
            found[block.start : block.stop] = vote(decisions, classes=len(self.classes))
        return list(examples.utterances), found

    def save(self, folder: Path) -> None:
        """Write model.json and the parameters (safetensors, float64) into `folder`."""
        model = {"learner": "svm", "classes": self.classes, "spec": self.spec, "seed": self.seed}
        write_json(Path(folder) / "model.json", model)
        with atomic_path(Path(folder) / WEIGHTS) as temporary:
            save_file(self.parameters, temporary)

    @classmethod
    def load(cls, folder: Path, *, device: str) -> "Svm":
        """Read what `save` wrote."""
        model = read_json(Path(folder) / "model.json")
        learner = cls(spec=model["spec"], classes=model["classes"], device=device, seed=model["seed"])
        learner.parameters = load_file(Path(folder) / WEIGHTS)
        return learner


def _matrix(examples: Examples, which: range) -> np.ndarray:
    """Features float64 (len(which), D) of utterances that have one finite row each."""
    store = examples.store
    if store is None or store.hop_seconds is not None:
        raise UserError("svm, features: expected one row an utterance, as functionals are")
    rows = np.empty((len(which), store.dims))
    for row, i in enumerate(which):
        rows[row] = examples.frames(i)[0]
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise UserError(
            f"{store.folder}: utterance {examples.utterances[which[bad[0]]]} has features that are NaN or "
            f"infinite; {remade(store.folder)}"
        )
    return rows
