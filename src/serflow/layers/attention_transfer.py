"""Attention transfer: maps of what a network attends to, and the loss that draws a student's towards a teacher's.

Z. Zhao et al. (2021), section 3.5, eq. 9-12, after Zagoruyko and Komodakis (2016). Speech has one axis beside the
channels, so eq. 10's (i, j) is a step t, and the activation tensor A is (C, T): what an attention layer makes of the
utterance's steps before anything is summed over them.

- Self-attention: A is Z of eq. 8, which the paper calls the attention matrix; its d_k values are the channels.
- Soft attention: A is alpha of eq. 1, one channel an output i: the teacher has one for every unit that it writes, the
  student, whose only output is the emotion, has one. The sum over channels leaves one map a step either way.
"""

import torch
from torch import Tensor, nn

from serflow.layers.masking import time_mask
from serflow.layers.placing import to_device

__all__ = ["attention_map", "attention_transfer_loss", "interpolated", "l1_normalised", "total_loss"]


def attention_map(activations: Tensor, lengths: Tensor, *, p: float) -> Tensor:
    """Eq. 10: sum over channels of |A|^p, (B, C, T) -> (B, T), zeros beyond the first `lengths` (B,) steps.

    `p` is at least 1: below that the gradient is infinite where an activation is zero.
    """
    if p < 1:
        raise ValueError(f"p {p}: expected at least 1")
    return activations.abs().pow(p).sum(dim=1) * time_mask(lengths, activations.shape[2], activations.device)


def l1_normalised(maps: Tensor) -> Tensor:
    """Maps (B, T), not negative and zero beyond their real steps, divided by their sums; without any, all zeros."""
    return maps / maps.sum(dim=1, keepdim=True).clamp(min=torch.finfo(maps.dtype).tiny)


def interpolated(maps: Tensor, lengths: Tensor, onto: Tensor) -> Tensor:
    """Maps (B, T) of `lengths` (B,) steps, linearly interpolated to `onto` (B,) steps: (B, max of `onto`), then zeros.

    Both sequences of steps span the same utterance, so the centre of step j is at (j + 1/2) / onto of it: that is
    `torch.nn.functional.interpolate(mode="linear", align_corners=False)` of each map by itself.
    """
    steps = torch.arange(int(onto.max()), device=maps.device)
    last = to_device(lengths - 1, maps.device)[:, None]
    ratios = to_device(lengths.to(maps.dtype) / onto, maps.device)
    places = ((steps + 0.5) * ratios[:, None] - 0.5).clamp(min=0).minimum(last.to(maps.dtype))
    before = places.long()
    left, right = maps.gather(1, before), maps.gather(1, (before + 1).minimum(last))
    return torch.lerp(left, right, places - before) * time_mask(onto, len(steps), maps.device)


def attention_transfer_loss(student: list[Tensor], teacher: list[Tensor]) -> Tensor:
    """L_AT of eq. 12, (B,): the sum over pairs of maps (B, T) of the l1 distance of the l1-normalised maps.

    Each pair adds 0 (the same shape) to 2 (no step in common). Gradients reach the student alone.
    """
    distances = [
        (l1_normalised(own) - l1_normalised(other.detach())).abs().sum(dim=1)
        for own, other in zip(student, teacher, strict=True)
    ]
    return torch.stack(distances).sum(dim=0)


def total_loss(logits: Tensor, labels: Tensor, transfer: Tensor, *, weight: float) -> Tensor:
    """L_T = L_SER + W_AT L_AT, eq. 11, of each utterance (B,): L_SER is the cross-entropy of logits (B, classes)."""
    return nn.functional.cross_entropy(logits, labels, reduction="none") + weight * transfer
