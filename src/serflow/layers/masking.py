"""Masks over time: what lies beyond an example's length takes no part in anything.

Lengths are on the host (`serflow.layers.placing`), or beside the values.
"""

import torch
from torch import Tensor

from serflow.layers.placing import to_device

__all__ = ["time_mask", "all_full", "zero_beyond", "masked_mean", "softmax_over_time", "last_real"]


def time_mask(lengths: Tensor, steps: int, device: torch.device) -> Tensor:
    """True where a step is real: lengths (B,) -> (B, steps) on the device."""
    return torch.arange(steps, device=device) < to_device(lengths, device)[:, None]


def all_full(lengths: Tensor, steps: int) -> bool:
    """Whether no example is padded, so that masking would change nothing but the time it takes.

    Lengths that are not on the host make it wait for the device.
    """
    return int(lengths.min()) >= steps


def zero_beyond(maps: Tensor, lengths: Tensor) -> Tensor:
    """Maps (B, C, T, F) with zeros beyond each example's length."""
    if all_full(lengths, maps.shape[2]):
        return maps
    return maps * time_mask(lengths, maps.shape[2], maps.device)[:, None, :, None]


def masked_mean(maps: Tensor, lengths: Tensor) -> Tensor:
    """Mean of maps (B, C, T, F) over the real steps and over F: (B, C)."""
    return zero_beyond(maps, lengths).sum(dim=(2, 3)) / (to_device(lengths, maps.device)[:, None] * maps.shape[3])


def softmax_over_time(scores: Tensor, lengths: Tensor) -> Tensor:
    """Weights (B, T) of scores (B, T): over the real steps they sum to one, beyond they are zero."""
    return scores.masked_fill(~time_mask(lengths, scores.shape[1], scores.device), -torch.inf).softmax(dim=1)


def last_real(hidden: Tensor, lengths: Tensor) -> Tensor:
    """Of hidden states (B, T, H), each example's last real one: (B, H).

    Of a recurrence that runs forward: what is padded after the end cannot have reached it.
    """
    return hidden[torch.arange(len(lengths), device=hidden.device), to_device(lengths - 1, hidden.device)]
