"""Attention of a network over an utterance: the maps of its pieces, laid on one time axis."""

from typing import Any

import numpy as np
import torch

from serflow.learners.examples import Examples
from serflow.learners.network import MAX_FRAMES, Network
from serflow.training.batches import collate, sorted_batches
from serflow.training.pieces import Pieces, test_pieces

__all__ = ["attention_over_time", "frames_a_step", "has_attention", "piece_maps"]


def has_attention(learner: Any) -> bool:
    """Whether `learner` is a network that can say what it attends to."""
    if not isinstance(learner, Network) or not hasattr(learner.network, "attention_map"):
        return False
    try:
        probe = torch.zeros(1, learner.network.shortest, learner.dims, device=learner.device)
        learner.network.eval().attention_map(probe, torch.tensor([learner.network.shortest]))
    except ValueError:  # built without its attention layer
        return False
    return True


@torch.inference_mode()
def piece_maps(learner: Network, examples: Examples, pieces: Pieces) -> list[np.ndarray]:
    """Fused attention map (T', F') of every piece, float32, in the order of `pieces`."""
    learner.network.eval()
    maps: list[np.ndarray] = [np.empty(0)] * len(pieces)
    for batch in sorted_batches(pieces.frames, max_frames=MAX_FRAMES):
        frames, lengths = collate(examples, pieces, batch, shortest=learner.network.shortest, normal=learner.normal)
        found = learner.network.attention_map(frames.to(learner.device), lengths.to(learner.device)).cpu().numpy()
        steps = [len(one) * int(length) // frames.shape[1] for one, length in zip(found, lengths, strict=True)]
        for index, one, count in zip(batch, found, steps, strict=True):
            maps[index] = one[:count]
    return maps


def frames_a_step(frames: int, steps: int) -> int:
    """Frames that a step of a map stands for; pooling drops an odd last frame."""
    return max(1, frames // steps)


def attention_over_time(learner: Network, examples: Examples) -> np.ndarray:
    """Attention of one utterance at the rate of its frames: the mean of the maps of all pieces that cover a frame.

    Parameters
    ----------
    examples : one utterance.

    Returns
    -------
    float64 (T, F'). Frames that no piece covers (the end, where the next piece would not fit) are NaN.
    """
    pieces = test_pieces(examples, learner.settings["pieces"])
    maps = piece_maps(learner, examples, pieces)
    total = np.zeros((len(examples.frames(0)), maps[0].shape[1]))
    times = np.zeros(len(total))
    for one, start, length in zip(maps, pieces.start, pieces.frames, strict=True):
        spread = np.repeat(one, frames_a_step(int(length), len(one)), axis=0)[: len(total) - start]
        total[start : start + len(spread)] += spread
        times[start : start + len(spread)] += 1
    return np.divide(total, times[:, None], out=np.full_like(total, np.nan), where=times[:, None] > 0)
