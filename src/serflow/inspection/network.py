"""A trained run's network: what figures show of a network is made from it."""

from pathlib import Path

from serflow.errors import UserError
from serflow.learners.network import Network
from serflow.learners.parts.loading import load_learner
from serflow.provenance.encoders import intact_network

__all__ = ["open_network"]


def open_network(run: Path, weights: str, fold: str) -> Network:
    """The network of a training (its run.json), on the CPU.

    `weights`: "best", of the epoch that the validation part of `fold` ("speaker/fold2") chose, or "last".

    Raises
    ------
    UserError
        If the run has no network, one that reads text, or one that changed after the run wrote it.
    """
    learner = load_learner(intact_network(run, weights, fold), device="cpu")
    if not isinstance(learner, Network):
        raise UserError(f"{run}: this system is no network; name one that is in the figure's YAML")
    if learner.text:
        raise UserError(f"{run}: this system reads text; name an experiment of sound alone in the figure's YAML")
    return learner
