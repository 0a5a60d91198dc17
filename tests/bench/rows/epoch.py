"""An epoch of the ACNN at the widths of the paper preset: one pass over the training pieces, then the test part.
serflow's learner (batches out of the mapped store, test pieces of all utterances together) against the plain loop
(DataLoader, padded to the longest, softmax attention, test one utterance at a time), from the same weights on the
same batches, each in a process of its own, one thread each, on the CPU. That both give the same is checked twice:
the same weights must give the same test probabilities within 1e-5 (else the benchmark fails), and how far a whole
epoch apart leaves them is told below. Budget: 2 x.
"""

from pathlib import Path
from typing import Any

import numpy as np

from bench.measure import Budget, Row
from bench.processes import Side
from bench.runner import Bench
from bench.sides import our_epochs, plain_epochs, plain_twin
from bench.training import examples, spec_of, write_corpus
from serflow.learners.network import Network
from serflow.training.pieces import training_pieces

TOLERANCE = 1e-5


def run(bench: Bench) -> list[Row]:
    """The epoch, and its test part by itself."""
    corpus = write_corpus(bench.folder / "epoch", utterances=(size := bench.size(200, quick=20)))
    spec = spec_of()
    spec["parameters"]["train"] |= {"schedule": None}
    same = _same_weights(corpus, spec)
    given = {"corpus": corpus, "spec": spec, "test": True}
    with Side(our_epochs, **given) as ours, Side(plain_epochs, **given) as plain:
        apart = _apart(ours(), plain(), corpus, spec)
        pairs = [(ours(), plain()) for _ in range(bench.repetitions(5))]
    whole = [[told["whole"] for told in side] for side in zip(*pairs, strict=True)]
    test = [[told["whole"] - told["train"] for told in side] for side in zip(*pairs, strict=True)]
    note = f"{size} utterances, a fifth of them for test. Same weights: probabilities within {same:.1g}. "
    note += f"After one epoch: {apart}"
    return [
        Row("epoch, training and test", "s", *whole, Budget(ratio=2), note),
        Row("its test part", "s", *test),
    ]


def _same_weights(corpus: Path, spec: dict[str, Any]) -> float:
    """Largest difference of the two sides' test probabilities under one set of weights, those after an epoch."""
    learner = Network(spec=spec, classes=spec["classes"], device="cpu", seed=1)
    train, test = (examples(corpus, part, spec["classes"]) for part in ("train", "test"))
    next(learner.fit(train))
    plain = plain_twin(spec, train, training_pieces(train, spec["parameters"]["pieces"]), test)
    plain.network.load_state_dict(learner.network.state_dict())
    largest = float(np.abs(learner.predict(test)[1] - plain.predict()).max())
    if largest > TOLERANCE:
        raise RuntimeError(f"the plain loop is no reference: its test probabilities differ by {largest:.2g}")
    return largest


def _apart(ours: dict[str, Any], plain: dict[str, Any], corpus: Path, spec: dict[str, Any]) -> str:
    """How far an epoch of each, from the same start, leaves them apart: probabilities, UA."""
    labels = examples(corpus, "test", spec["classes"]).labels
    largest = np.abs(ours["probabilities"] - plain["probabilities"]).max()
    ua = [_ua(side["probabilities"], labels) for side in (ours, plain)]
    return f"probabilities within {largest:.1g}, UA {ua[0]:.4f} and {ua[1]:.4f} (rounding adds up over the steps)."


def _ua(probabilities: np.ndarray, labels: np.ndarray) -> float:
    right = probabilities.argmax(axis=1) == labels
    return float(np.mean([right[labels == label].mean() for label in np.unique(labels)]))
