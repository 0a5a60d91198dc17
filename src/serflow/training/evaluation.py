"""Batches of what is only evaluated: on a GPU as large as its memory allows."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from serflow.training.batches import micro_batches, sorted_batches

__all__ = ["evaluated"]

SHARE = 0.125  # of a GPU's memory that a batch may take: several runs share one


def evaluated(
    see: Callable[[np.ndarray], Any], frames: np.ndarray, *, max_frames: int, device: torch.device
) -> Iterator[tuple[np.ndarray, Any]]:
    """Indices of a batch and what `see` gives for it, the longest segments first, every segment once.

    On a CPU a batch has at most `max_frames` padded frames. On a GPU the first has, and shows what memory it takes; the
    others are 2, 4, 8, ... times as large, as far as `SHARE` of all of the GPU's memory allows. Not of what is free:
    what else runs there would decide batches, and so the last digits.
    """
    rest = sorted_batches(frames, max_frames=max_frames)
    if device.type == "cuda" and len(rest) > 1:
        first, *others = rest
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        yield first, see(first)
        taken = torch.cuda.max_memory_allocated(device) - before
        total = torch.cuda.get_device_properties(device).total_memory
        larger = times_as_large(taken, room=int(SHARE * total)) * max_frames
        rest = micro_batches(np.concatenate(others), frames, max_frames=larger)
    for batch in rest:
        yield batch, see(batch)


def times_as_large(taken: int, *, room: int) -> int:
    """The power of two by which something that takes so many bytes may grow in `room`; 1 where it may not."""
    return 1 << max(0, (room // max(1, taken)).bit_length() - 1)
