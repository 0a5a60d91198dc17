"""A trained run's network, and the test utterances of its fold: what figures show of a network is made from these."""

from pathlib import Path
from typing import Any

import numpy as np

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.learners.network import Network
from serflow.learners.parts.loading import load_learner
from serflow.provenance.encoders import encoder_folder

__all__ = ["alone", "examples_of", "open_network"]


def open_network(run: Path, weights: str) -> Network:
    """The network of a run (its run.json), on the CPU.

    `weights`: "best", of the epoch that validation chose, or "last"; a run keeps one copy where they are the same.

    Raises
    ------
    UserError
        If the run has no network, or one that reads text.
    """
    learner = load_learner(encoder_folder(run, weights), device="cpu")
    if not isinstance(learner, Network):
        raise UserError(f"{run}: this system is no network; name one that is in the figure's YAML")
    if learner.text:
        raise UserError(f"{run}: this system reads text; name an experiment of sound alone in the figure's YAML")
    return learner


def examples_of(rows: list[dict[str, Any]], store: Path) -> Examples:
    """The utterances of some rows of a fold table, without labels; `store`: store.json of their features."""
    durations = np.array([row["duration"] for row in rows])
    return Examples([row["utterance"] for row in rows], None, Store.open(store.parent), durations)


def alone(examples: Examples, utterance: str) -> Examples:
    """One of the examples."""
    index = examples.utterances.index(utterance)
    return Examples([utterance], None, examples.store, examples.durations[index : index + 1])
