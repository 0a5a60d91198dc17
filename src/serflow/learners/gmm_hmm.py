"""Hidden Markov models with Gaussian mixtures, one a class: the likeliest model names the emotion.

As systems before neural networks, and as S. Mao et al., "Revisiting hidden Markov models for speech emotion
recognition", ICASSP 2019, whose text was not at hand. The models are hmmlearn's; topology, first values and prior are
ours.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from hmmlearn.hmm import GMMHMM
from safetensors.numpy import load_file, save_file
from scipy.special import softmax
from sklearn.preprocessing import StandardScaler

from serflow.errors import UserError, remade
from serflow.examples import Examples
from serflow.files import atomic_path, read_json, write_json
from serflow.learners.parts.settings import GmmHmmSettings, check_settings
from serflow.learners.parts.voting import class_costs
from serflow.training.seeding import derive

__all__ = ["GmmHmm"]

WEIGHTS = "weights.safetensors"
MODEL = {"transitions": "transmat_", "weights": "weights_", "means": "means_", "covariances": "covars_"}
logging.getLogger("hmmlearn").setLevel(logging.ERROR)  # it warns where the likelihood falls, as a prior may have it


class GmmHmm:
    """A left-to-right hidden Markov model a class, with a mixture of Gaussians in each state, trained by EM.

    A model begins in its first state, stays or goes on to the next one, and may end in any, so that the shortest
    utterance has a likelihood. At first each utterance is cut into as many equal parts as there are states; frames
    drawn from a state's parts are its means, and all variances are 1. A class is scored by log p(frames | class) over
    the number of frames, plus the logarithm of its prior: by the frame, since neighbouring frames say much the same.
    The probabilities are the softmax of these scores; they are not calibrated.

    Frames are standardised by the training part. Every Gaussian counts `prior_frames` frames more than it was given,
    with the mean (0) and the variance (1) of all training frames, and every transition as many more: maximum a
    posteriori in place of maximum likelihood, so that no variance collapses, however few frames there are.

    EM holds the frames of one class in memory as float64, and squares of differences, (T, states, mixtures, D) of one
    utterance; with full or tied covariances (T, states, mixtures, D, D), too much for more than some tens of columns.

    Parameters
    ----------
    spec
        A run's resolved spec. Its `parameters` are `states` and `mixtures` (Gaussians a state; >= 1), `covariance`
        (diag, spherical, full; tied: one full matrix a state), `iterations` of EM (>= 1), `prior_frames` (> 0),
        `every` (the frames looked at, in training and in test: each n-th, >= 1), `class_prior` (training: the classes'
        shares of the training utterances; uniform).
    classes
        Class names.
    device
        Plays no part.
    seed
        Draws the first means.

    Raises
    ------
    UserError
        If the parameters are others than these.
    """

    def __init__(self, *, spec: dict[str, Any], classes: list[str], device: str, seed: int) -> None:
        self.settings = check_settings(spec["parameters"], GmmHmmSettings, learner="gmm_hmm")
        self.spec = spec
        self.classes = classes
        self.seed = seed
        self.counts: dict[str, int] = {}
        self.parameters: dict[str, np.ndarray] = {}

    def fit(self, train: Examples) -> Iterator[dict[str, Any]]:
        """Fit scaler and models; yield one history row, without a loss.

        Raises
        ------
        UserError
            If a class has no training utterance, or the features are not finite or not one row a frame.
        """
        balance = class_costs(train.labels, classes=self.classes, class_weight="balanced", learner="gmm_hmm")
        scaler, frames = StandardScaler(), 0
        for i in range(len(train)):
            rows = self._frames(train, i)
            scaler.partial_fit(rows)
            frames += len(rows)
        prior = 1 / balance if self.settings["class_prior"] == "training" else np.ones(len(self.classes))
        self.parameters = {"mean": scaler.mean_, "scale": scaler.scale_, "prior": prior / prior.sum()}
        machines = [self._train(train, k) for k in range(len(self.classes))]
        for name, attribute in MODEL.items():
            self.parameters[name] = np.stack([getattr(machine, attribute) for machine in machines])
        self.counts = {"train_utterances": len(train), "train_utterances_used": len(train), "train_frames": frames}
        yield {"epoch": 1, "lr": None, "loss": None, "steps": self.settings["iterations"]}

    def predict(self, examples: Examples) -> tuple[list[str], np.ndarray]:
        """Utterance ids and probabilities float32 (N, C), rows summing to one."""
        machines = [
            self._machine(**{attribute: self.parameters[name][k] for name, attribute in MODEL.items()})
            for k in range(len(self.classes))
        ]
        scores = np.empty((len(examples), len(self.classes)))
        for i in range(len(examples)):
            frames = self._scaled(examples, i)
            scores[i] = [machine.score(frames) / len(frames) for machine in machines]
        return list(examples.utterances), softmax(scores + np.log(self.parameters["prior"]), axis=1).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write model.json and the parameters (safetensors, float64) into `folder`."""
        model = {"learner": "gmm_hmm", "classes": self.classes, "spec": self.spec, "seed": self.seed}
        write_json(Path(folder) / "model.json", model)
        with atomic_path(Path(folder) / WEIGHTS) as temporary:
            save_file(self.parameters, temporary)

    @classmethod
    def load(cls, folder: Path, *, device: str) -> "GmmHmm":
        """Read what `save` wrote."""
        model = read_json(Path(folder) / "model.json")
        learner = cls(spec=model["spec"], classes=model["classes"], device=device, seed=model["seed"])
        learner.parameters = load_file(Path(folder) / WEIGHTS)
        return learner

    def _train(self, train: Examples, k: int) -> "_LeftToRight":
        """The model of the k-th class."""
        utterances = [self._scaled(train, i) for i in np.flatnonzero(train.labels == k)]
        states = self.settings["states"]
        onward = np.eye(states) + np.eye(states, k=1)  # to itself, to the next
        machine = self._machine(
            transmat_=onward / onward.sum(axis=1, keepdims=True),
            weights_=np.full((states, self.settings["mixtures"]), 1 / self.settings["mixtures"]),
            means_=self._first_means(utterances, k),
            covars_=self._first_covariances(utterances[0].shape[1]),
        )
        return machine.fit(np.concatenate(utterances), [len(frames) for frames in utterances])

    def _first_means(self, utterances: list[np.ndarray], k: int) -> np.ndarray:
        """Frames (states, mixtures, D) drawn from equal parts of the utterances; of a state without any, zeros."""
        states, mixtures = self.settings["states"], self.settings["mixtures"]
        generator = np.random.default_rng(derive("means", self.seed, k))
        means = np.zeros((states, mixtures, utterances[0].shape[1]))
        parts = [np.array_split(frames, states) for frames in utterances]
        for state in range(states):
            frames = np.concatenate([part[state] for part in parts])
            if len(frames):
                means[state] = frames[generator.choice(len(frames), mixtures, replace=len(frames) < mixtures)]
        return means

    def _first_covariances(self, dims: int) -> np.ndarray:
        states, mixtures = self.settings["states"], self.settings["mixtures"]
        return {
            "diag": np.ones((states, mixtures, dims)),
            "spherical": np.ones((states, mixtures)),
            "tied": np.tile(np.eye(dims), (states, 1, 1)),
            "full": np.tile(np.eye(dims), (states, mixtures, 1, 1)),
        }[self.settings["covariance"]]

    def _machine(self, **values: np.ndarray) -> "_LeftToRight":
        """A model with these values, and the prior that EM is to heed."""
        states, mixtures = self.settings["states"], self.settings["mixtures"]
        extra = float(self.settings["prior_frames"])  # hmmlearn would add to whole numbers in place
        dims = values["means_"].shape[-1]
        prior, weight = _covariance_prior(self.settings["covariance"], dims=dims, mixtures=mixtures, frames=extra)
        machine = _LeftToRight(
            n_components=states,
            n_mix=mixtures,
            covariance_type=self.settings["covariance"],
            transmat_prior=1 + extra,  # hmmlearn leaves a transition of probability 0 at that
            weights_prior=1 + extra,
            means_prior=0.0,
            means_weight=extra,
            covars_prior=prior,
            covars_weight=weight,
            n_iter=self.settings["iterations"],
            tol=-np.inf,
            params="tmcw",
        )
        machine.startprob_ = np.eye(states)[0]
        for name, value in values.items():
            setattr(machine, name, value)
        return machine

    def _scaled(self, examples: Examples, i: int) -> np.ndarray:
        return (self._frames(examples, i) - self.parameters["mean"]) / self.parameters["scale"]

    def _frames(self, examples: Examples, i: int) -> np.ndarray:
        """Frames float64 (T, D) of the i-th utterance that are looked at."""
        store = examples.store
        if store is None or store.hop_seconds is None:
            raise UserError("gmm_hmm, features: expected one row a frame; name such features in the system's YAML")
        frames = examples.frames(i)[:: self.settings["every"]].astype(np.float64)
        if not np.isfinite(frames).all():
            raise UserError(
                f"{store.folder}: utterance {examples.utterances[i]} has features that are NaN or infinite; "
                f"{remade(store.folder)}"
            )
        return frames


class _LeftToRight(GMMHMM):
    """hmmlearn's model, whose first values are set beforehand: its own come of clusters that know no order in time."""

    def _init(self, X: np.ndarray, lengths: list[int] | None = None) -> None:  # noqa: N803
        pass


def _covariance_prior(kind: str, *, dims: int, mixtures: int, frames: float) -> tuple[Any, float]:
    """What hmmlearn is to have as `covars_prior` and `covars_weight`: `frames` frames of unit variance a Gaussian.

    It divides by the number of frames plus one of its own, another for each kind; that one is taken off here.
    """
    if kind == "diag":
        return frames / 2 - 1.5, frames / 2
    if kind == "spherical":
        return dims * (frames - 1) / 2 - 1, dims * frames / 2
    if kind == "full":
        return frames * np.eye(dims), frames - dims - 2
    return mixtures * frames * np.eye(dims), mixtures * (frames - 1) - dims - 1
