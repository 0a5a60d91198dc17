"""What a network attends to in an utterance: attention maps of its segments, weights between steps, informativeness."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.layers.attention_transfer import interpolated
from serflow.learners.network import Network
from serflow.training.batches import sorted_batches
from serflow.training.inputs import NetworkInput
from serflow.training.segments import Segments

__all__ = [
    "Block",
    "attention_blocks",
    "attention_over_time",
    "correlation_matrices",
    "first_segment",
    "frame_map",
    "frames_a_step",
    "has_attention",
    "informativeness",
    "segment_maps",
    "step_edges",
    "stretched",
    "weights_and_energy",
]


@dataclass(frozen=True)
class Block:
    """A convolution block with attention: its group, its place in the group (from 1), frames from step to step."""

    group: int
    place: int
    frames_a_step: int


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


def first_segment(learner: Network, examples: Examples) -> Segments:
    """The first test segment of one utterance: the whole of it, where the system cuts none."""
    segments = learner.network_input(examples).segments
    return Segments(segments.utterance[:1], segments.start[:1], segments.frames[:1])


@torch.inference_mode()
def segment_maps(learner: Network, examples: Examples, segments: Segments) -> list[np.ndarray]:
    """Fused attention map (T', F') of every segment, float32, in the order of `segments`."""
    learner.network.eval()
    read = replace(learner.network_input(examples), segments=segments)
    maps: list[np.ndarray] = [np.empty(0)] * len(segments)
    for batch in sorted_batches(segments.frames, max_frames=learner.frames_at_once):
        frames, lengths = _frames(learner, read, batch)
        found = learner.network.attention_map(frames, lengths).cpu().numpy()
        steps = [len(one) * int(length) // frames.shape[1] for one, length in zip(found, lengths, strict=True)]
        for index, one, count in zip(batch, found, steps, strict=True):
            maps[index] = one[:count]
    return maps


def frames_a_step(frames: int, steps: int) -> int:
    """Frames that a step of a map stands for; pooling drops an odd last frame."""
    return max(1, frames // steps)


def attention_over_time(learner: Network, examples: Examples) -> np.ndarray:
    """Attention of one utterance at the rate of its frames: the mean of the maps of all segments that cover a frame.

    Parameters
    ----------
    examples : one utterance.

    Returns
    -------
    float64 (T, F'). Frames that no segment covers (the end, where the next segment would not fit) are NaN.
    """
    segments = learner.network_input(examples).segments
    maps = segment_maps(learner, examples, segments)
    total = np.zeros((len(examples.frames(0)), maps[0].shape[1]))
    times = np.zeros(len(total))
    for one, start, length in zip(maps, segments.start, segments.frames, strict=True):
        spread = np.repeat(one, frames_a_step(int(length), len(one)), axis=0)[: len(total) - start]
        total[start : start + len(spread)] += spread
        times[start : start + len(spread)] += 1
    return np.divide(total, times[:, None], out=np.full_like(total, np.nan), where=times[:, None] > 0)


def attention_blocks(learner: Network) -> list[Block]:
    """The convolution blocks of a network that have self-attention, in the order of `correlation_matrices`.

    Raises
    ------
    UserError
        If there is none.
    """
    convolutions = getattr(learner.network, "convolutions", None)
    found = [
        Block(group, place, math.prod(convolutions.strides[:group]))
        for group, blocks in enumerate(getattr(convolutions, "groups", ()), start=1)
        for place, block in enumerate(blocks, start=1)
        if block.attention is not None
    ]
    if not found:
        raise UserError(f"{_named(learner)} has no self-attention in convolution blocks; name a system that has")
    return found


@torch.inference_mode()
def correlation_matrices(learner: Network, examples: Examples, number: int) -> np.ndarray:
    """Attention weights of the `number`-th of `attention_blocks` (from 1) in one utterance's first segment.

    Returns
    -------
    float32 (heads, T', T'): how much step t (row) takes from step s (column); a row sums to 1. The segment goes
    through the network alone, so that every step is a real one.
    """
    learner.network.eval()
    found = learner.network.convolutions.correlation_maps(*_first_frames(learner, examples))
    return found[number - 1][0].cpu().numpy()


@torch.inference_mode()
def informativeness(learner: Network, examples: Examples) -> tuple[np.ndarray, int]:
    """Informativeness of the steps of one utterance's first segment in each refinement of a GCA-LSTM.

    Returns
    -------
    gates : float32 (I, T') in [0, 1].
    frames_a_step : int

    Raises
    ------
    UserError
        If the network has no GCA-LSTM.
    """
    if not hasattr(learner.network, "informativeness"):
        raise UserError(f"{_named(learner)} has no GCA-LSTM, which rates its steps; name a system that has")
    learner.network.eval()
    found = learner.network.informativeness(*_first_frames(learner, examples))
    return found[0].cpu().numpy(), learner.network.convolutions.frames_a_step


@torch.inference_mode()
def weights_and_energy(learner: Network, examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    """Attention weights of one utterance's frames, and the energy of their hidden vectors h_t.

    The energy is the mean of the squares of a vector's values, as that of a signal is of its samples: ours, for Huang
    and Narayanan (2016) draw it (Figs. 3 and 4) and do not define it.

    Returns
    -------
    weights : float64 (T,), they sum to 1.
    energy : float64 (T,), no unit.

    Raises
    ------
    UserError
        If the network has no attention weights over hidden vectors, or reads segments of utterances.
    """
    network = learner.network
    if not (hasattr(network, "attention_weights") and hasattr(network, "hidden")):
        raise UserError(f"{_named(learner)} has no attention weights over hidden vectors; name a system that has")
    if learner.settings["segments"] is not None:
        raise UserError(f"{_named(learner)} reads segments of utterances here; name a system of whole ones")
    network.eval()
    steps = int(first_segment(learner, examples).frames[0])  # the network may read more: it has a `shortest`
    given = _first_frames(learner, examples)
    weights = network.attention_weights(*given)[0, :steps].double()
    hidden = network.hidden(*given)[0, :steps].double()
    return weights.cpu().numpy(), hidden.square().mean(dim=1).cpu().numpy()


@torch.inference_mode()
def frame_map(learner: Network, examples: Examples, *, p: float) -> np.ndarray:
    """The map of eq. 10 of Zhao et al. (2021), float32 (T,), of one utterance: one value a frame.

    Raises
    ------
    UserError
        If the network has no such map, or reads segments of utterances.
    """
    if not hasattr(learner.network, "attention_maps") or learner.settings["segments"] is not None:
        raise UserError(f"{_named(learner)} has no attention map of whole utterances; name an attention_student")
    learner.network.eval()
    frames, lengths = _first_frames(learner, examples)
    return learner.network.attention_maps(frames, lengths, p=p)[0][0, : int(lengths[0])].cpu().numpy()


def stretched(attention: np.ndarray, frames: int) -> np.ndarray:
    """A map (T',) of the same utterance in other frames, interpolated to `frames` of them as transfer does it."""
    (found,) = interpolated(
        torch.from_numpy(attention[None].copy()), torch.tensor([len(attention)]), torch.tensor([frames])
    )
    return found.numpy()


def step_edges(steps: int, *, frames: int, frames_a_step: int) -> np.ndarray:
    """Borders (T' + 1) in frames between the steps of strided convolutions: what lies nearest to a step is its.

    Step k is centred on frame k * `frames_a_step` (`serflow.layers.temporal_convolutions`), not on the middle of the
    frames from there to the next step; the first and the last step reach to the ends of the `frames` frames.
    """
    inner = (np.arange(1, steps) - 0.5) * frames_a_step
    return np.concatenate([[0.0], inner, [float(frames)]])


def _first_frames(learner: Network, examples: Examples) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames (1, T, D) and length (1,) of one utterance's first segment."""
    return _frames(learner, learner.network_input(examples), np.array([0]))


def _frames(learner: Network, read: NetworkInput, batch: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames (B, T, D) and lengths (B,) of some segments of an input, as the network is given them."""
    return read.batch(batch, shortest=learner.network.shortest, device=learner.device)


def _named(learner: Network) -> str:
    return f"model {learner.settings['model']['name']!r}"
