"""That the plain loop is a reference: the same result from the same weights."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.plain.training import pad
from bench.sides import SEED, plain_network, plain_twin
from bench.training import examples
from serflow.learners.network import Network
from serflow.models import build
from serflow.training.segments import training_segments

__all__ = ["apart", "same_step", "same_weights"]

TOLERANCE = 1e-5


def same_weights(corpus: Path, spec: dict[str, Any]) -> float:
    """Largest difference of the two sides' test probabilities under one set of weights, those after an epoch.

    Raises
    ------
    RuntimeError
        If it is more than `TOLERANCE`.
    """
    learner = Network(spec=spec, classes=spec["classes"], device="cpu", seed=SEED)
    train, test = (examples(corpus, part, spec["classes"]) for part in ("train", "test"))
    next(learner.fit(train))
    plain = plain_twin(spec, train, training_segments(train, spec["parameters"]["segments"]), test)
    plain.network.load_state_dict(learner.network.state_dict())
    largest = float(np.abs(learner.predict(test)[1] - plain.predict()).max())
    return _within(largest, "its test probabilities differ")


def same_step(spec: dict[str, Any], frames: list[np.ndarray], labels: list[int]) -> float:
    """Largest difference of the two networks' gradients on one padded batch, as a share of the largest gradient.

    Dropout is off, since the two draw in different orders. In double precision: what is left is rounding.

    Raises
    ------
    RuntimeError
        If it is more than `TOLERANCE`.
    """
    model = spec["parameters"]["model"] | {"dropout": 0.0}
    model["groups"] = model["groups"] | {"dropout": 0.0, "attention_dropout": 0.0}
    torch.manual_seed(SEED)
    ours = build(model, dims=frames[0].shape[1], classes=len(spec["classes"])).double()
    plain = plain_network(model, dims=frames[0].shape[1], classes=len(spec["classes"])).double()
    plain.load_state_dict(ours.state_dict())
    items = [(torch.from_numpy(np.array(one)).double(), label) for one, label in zip(frames, labels, strict=True)]
    batch, lengths, target = pad(items)
    for network in (ours, plain):
        torch.nn.functional.cross_entropy(network(batch, lengths), target).backward()
    theirs = dict(plain.named_parameters())
    pairs = [(one.grad, theirs[name].grad) for name, one in ours.named_parameters()]
    largest = max(float((a - b).abs().max()) for a, b in pairs) / max(float(a.abs().max()) for a, _ in pairs)
    return _within(largest, "its gradients differ")


def apart(ours: dict[str, Any], plain: dict[str, Any], corpus: Path, spec: dict[str, Any]) -> str:
    """How far an epoch of each, from the same start, leaves them apart: probabilities, UA."""
    labels = examples(corpus, "test", spec["classes"]).labels
    largest = np.abs(ours["probabilities"] - plain["probabilities"]).max()
    ua = [_ua(side["probabilities"], labels) for side in (ours, plain)]
    return f"probabilities within {largest:.1g}, UA {ua[0]:.4f} and {ua[1]:.4f}"


def _ua(probabilities: np.ndarray, labels: np.ndarray) -> float:
    right = probabilities.argmax(axis=1) == labels
    return float(np.mean([right[labels == label].mean() for label in np.unique(labels)]))


def _within(largest: float, what: str) -> float:
    if largest > TOLERANCE:
        raise RuntimeError(f"the plain loop is no reference: {what} by {largest:.2g}")
    return largest
