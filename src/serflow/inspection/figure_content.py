"""What a figure of one test utterance draws, by its kind, in numbers made from a trained network."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.inspection.attention import (
    attention_blocks,
    correlation_matrices,
    first_segment,
    frame_map,
    frames_a_step,
    informativeness,
    segment_maps,
    step_edges,
    stretched,
    weights_and_energy,
)
from serflow.inspection.energies import frame_energy, open_energies
from serflow.inspection.network import open_network
from serflow.learners.network import Network
from serflow.metrics.correlation import correlation
from serflow.registry import EXTRACTORS

__all__ = ["Figure", "figure_content"]

ENERGY = "log_energy"  # a feature column of this name is drawn along; ln of the mean square


@dataclass(frozen=True)
class Figure:
    """A declared figure, and the files that some kinds are drawn from beside the network's own.

    Attributes
    ----------
    spec : its `kind` and, where declared, `block`.
    weights : "best" or "last", the epoch whose networks are shown.
    fold : of which fold ("speaker/fold2") the best one is.
    energy : store.json of the signal's energy.
    beside : run.json of a run that is shown beside.
    maps : store.json of the teacher's maps.
    """

    spec: dict[str, Any]
    weights: str
    fold: str
    energy: Path | None = None
    beside: Path | None = None
    maps: Path | None = None


def figure_content(learner: Network, one: Examples, figure: Figure) -> dict[str, Any]:
    """Arrays and numbers by name, as the .npz of the figure's kind has them; `one` is the utterance that is drawn.

    Raises
    ------
    UserError
        If the network has nothing of the kind to show, or a file that the kind needs was not given.
    """
    return DRAWN[figure.spec["kind"]](learner, one, figure)


def _fused_map(learner: Network, one: Examples, figure: Figure) -> dict[str, Any]:
    """`mfcc` (T, D) as the network sees them, every `hop_seconds`; `map` (T', F') over the first `map_seconds`."""
    segment = first_segment(learner, one)
    frames = np.array(one.frames(0)[: segment.frames[0]])
    fused = segment_maps(learner, one, segment)[0]
    hop = one.store.hop_seconds
    return {
        "mfcc": _standardised(learner, frames),
        "hop_seconds": hop,
        "map": fused,
        "map_seconds": frames_a_step(len(frames), len(fused)) * len(fused) * hop,
    }


def _matrices(learner: Network, one: Examples, figure: Figure) -> dict[str, Any]:
    """`matrices` (heads, T', T') of a block: its `number` among `blocks`, its `group`, and its `place` in the group."""
    blocks = attention_blocks(learner)
    number = figure.spec.get("block", len(blocks))
    if not 1 <= number <= len(blocks):
        raise UserError(
            f"figures: block: {number}; model {learner.settings['model']['name']!r} has {len(blocks)} blocks with "
            f"attention: give one of 1 to {len(blocks)}, or leave the key out for the last"
        )
    block = blocks[number - 1]
    matrices = correlation_matrices(learner, one, number)
    described = {"number": number, "blocks": len(blocks), "group": block.group, "place": block.place}
    return {"matrices": matrices, **described, **_steps(learner, one, matrices.shape[-1], block.frames_a_step)}


def _informativeness(learner: Network, one: Examples, figure: Figure) -> dict[str, Any]:
    """`informativeness` (I, T'), and `energy` (T,) in dB every `hop_seconds` where the features have it."""
    gates, step = informativeness(learner, one)
    content = {"informativeness": gates, **_steps(learner, one, gates.shape[-1], step)}
    names = getattr(EXTRACTORS.load(learner.spec["feature_spec"]["extractor"]), "names", ())
    if ENERGY in names:
        frames = one.frames(0)[: first_segment(learner, one).frames[0], names.index(ENERGY)]
        content |= {"energy": frames * (10 / np.log(10)), "hop_seconds": one.store.hop_seconds}
    return content


def _energies(learner: Network, one: Examples, figure: Figure) -> dict[str, Any]:
    """`weights`, `energy` of the signal and `hidden_energy` (T,) each, their `correlation`s, where frames lie (s)."""
    if figure.energy is None:
        raise UserError("figures: energy: this kind needs the name of the feature set with the energy; add it")
    weights, hidden = weights_and_energy(learner, one)
    energies = open_energies(figure.energy)
    energy = frame_energy(energies, one.utterances[0], frames=len(weights))
    return {
        "weights": weights,
        "energy": energy,
        "hidden_energy": hidden,
        "hop_seconds": energies.hop_seconds,
        "window_seconds": energies.spec["window_seconds"],
        "correlation": correlation(weights, energy),
        "hidden_correlation": correlation(weights, hidden),
    }


def _maps(learner: Network, one: Examples, figure: Figure) -> dict[str, Any]:
    """`maps` (3, T) of teacher, student and student without transfer, their `names`, and `distances` by eq. 12.

    `logmel` (T, 40) are the static bands as the network sees them, every `hop_seconds`.
    """
    if figure.maps is None or figure.beside is None:
        raise UserError("figures: this kind needs a system with transfer, and `beside`, one without; name them")
    store = Store.open(figure.maps.parent)
    p, without = store.spec["p"], open_network(figure.beside, figure.weights, figure.fold)
    students = [frame_map(network, one, p=p) for network in (learner, without)]
    teacher = stretched(store.frames(one.utterances[0])[:, 0], len(students[0]))
    maps = np.stack([teacher, *students]).astype(np.float64)
    maps /= maps.sum(axis=1, keepdims=True)
    seen = _standardised(learner, np.array(one.frames(0)))
    return {
        "maps": maps,
        "names": json.dumps(["teacher", "student with transfer", "student without transfer"]),
        "distances": np.abs(maps - maps[0]).sum(axis=1),
        "logmel": seen[:, : seen.shape[1] // 3],
        "hop_seconds": one.store.hop_seconds,
    }


def _steps(learner: Network, one: Examples, steps: int, step: int) -> dict[str, Any]:
    """`edges` (T' + 1) in s of the steps, which are `step` frames apart, and `step_seconds`."""
    frames = int(first_segment(learner, one).frames[0])
    hop = one.store.hop_seconds
    return {"edges": step_edges(steps, frames=frames, frames_a_step=step) * hop, "step_seconds": step * hop}


def _standardised(learner: Network, frames: np.ndarray) -> np.ndarray:
    """Frames (T, D) as the network sees them."""
    return frames if learner.mean_std is None else (frames - learner.mean_std[0]) / learner.mean_std[1]


DRAWN = {
    "attention": _fused_map,
    "attention_energy": _energies,
    "attention_maps": _maps,
    "correlation_matrices": _matrices,
    "informativeness": _informativeness,
}
