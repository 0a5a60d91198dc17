"""Masks over time: what lies beyond an example's length takes no part in anything."""

import torch
from torch import Tensor

__all__ = ["time_mask", "all_full", "zero_beyond", "masked_mean", "softmax_over_time", "last_real"]


def time_mask(lengths: Tensor, steps: int) -> Tensor:
    """True where a step is real: lengths (B,) -> (B, steps)."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def all_full(lengths: Tensor, steps: int) -> bool:
    """Whether no example is padded, so that masking would change nothing but the time it takes."""
    return int(lengths.min()) >= steps


def zero_beyond(maps: Tensor, lengths: Tensor) -> Tensor:
    """Maps (B, C, T, F) with zeros beyond each example's length."""
    if all_full(lengths, maps.shape[2]):
        return maps
    return maps * time_mask(lengths, maps.shape[2])[:, None, :, None]


def masked_mean(maps: Tensor, lengths: Tensor) -> Tensor:
    """Mean of maps (B, C, T, F) over the real steps and over F: (B, C)."""
    return zero_beyond(maps, lengths).sum(dim=(2, 3)) / (lengths[:, None] * maps.shape[3])


def softmax_over_time(scores: Tensor, lengths: Tensor) -> Tensor:
    """Weights (B, T) of scores (B, T): over the real steps they sum to one, beyond they are zero."""
    return scores.masked_fill(~time_mask(lengths, scores.shape[1]), -torch.inf).softmax(dim=1)


def last_real(hidden: Tensor, lengths: Tensor) -> Tensor:
    """Of hidden states (B, T, H), each example's last real one: (B, H).

    Of a recurrence that runs forward: what is padded after the end cannot have reached it.
    """
    return hidden[torch.arange(len(lengths), device=hidden.device), lengths - 1]
