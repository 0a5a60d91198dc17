"""What a network reads: frames of segments, gathered by index from one packed array, padded and standardised."""

import warnings
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from serflow.examples import Examples
from serflow.features.store import PackedFrames
from serflow.layers.placing import to_device
from serflow.training.segments import Segments

__all__ = ["NetworkInput"]

SHARE = 0.25  # of a GPU's free memory that the frames of a store may take; the rest is for what is computed
_PLACED: WeakKeyDictionary[PackedFrames, dict[torch.device, Tensor]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class NetworkInput:
    """One of a network's inputs: examples, segments of them, mean and standard deviation to standardise by."""

    examples: Examples
    segments: Segments
    mean_std: tuple[np.ndarray, np.ndarray] | None

    @cached_property
    def first(self) -> np.ndarray:
        """Row of the packed frames that each segment begins with, int64 (P,)."""
        return self.examples.store.starts(self.examples.utterances)[self.segments.utterance] + self.segments.start

    def batch(self, indices: np.ndarray, *, shortest: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Frames (B, T, D) of some segments on the device, zeros beyond their ends, and lengths (B,) on the host.

        Segments of fewer than `shortest` frames count as having that many, the added ones zero. Frames are gathered
        where they lie, on the GPU or on the host; the values are the same.
        """
        packed = placed(self.examples.store, device)
        count = torch.from_numpy(self.segments.frames[indices])
        steps = max(shortest, int(count.max()))
        spans = torch.stack([torch.from_numpy(self.first[indices]), count])
        padded = int(count.min()) < steps
        frames = gathered(packed, to_device(spans, packed.device), steps, padded=padded, mean_std=self._standard)
        return to_device(frames, device), count.clamp(min=shortest)

    @cached_property
    def _standard(self) -> tuple[Tensor, Tensor] | None:
        return None if self.mean_std is None else tuple(map(torch.from_numpy, self.mean_std))


def gathered(
    packed: Tensor, spans: Tensor, steps: int, *, padded: bool, mean_std: tuple[Tensor, Tensor] | None
) -> Tensor:
    """Frames (B, steps, D) out of packed ones (F, D): `spans` (2, B) are the first row, and the rows, of each.

    `padded`: whether any has fewer rows than steps; what is missing is zero, after standardising by `mean_std`.
    """
    first, count = spans[..., None]
    step = torch.arange(steps, device=packed.device)
    rows = first + step.minimum(count - 1)
    frames = packed.index_select(0, rows.flatten()).view(*rows.shape, -1)
    if mean_std is not None:
        mean, std = (to_device(value, packed.device) for value in mean_std)
        frames.sub_(mean).div_(std)
    return frames.masked_fill_((step >= count)[..., None], 0.0) if padded else frames


def placed(frames: PackedFrames, device: torch.device) -> Tensor:
    """All frames of a store (F, D): on the device, copied once a process, where they fit; else as the host maps them.

    What fits is told by the memory that is free when they are first asked for. No number depends on it.
    """
    there = _PLACED.setdefault(frames, {})
    if device not in there:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # nor is it written to
            whole = torch.from_numpy(frames.packed)
        there[device] = whole.to(device) if whole.nbytes <= SHARE * _free(device) else whole
    return there[device]


def _free(device: torch.device) -> int:
    """Bytes of memory of its own that a device has to give; none, where it is the host's."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 0
