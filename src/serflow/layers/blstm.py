"""Bidirectional LSTM layers over padded sequences: each example's backward pass starts at its own end."""

import torch
from torch import Tensor, nn

from serflow.layers.masking import time_mask
from serflow.layers.placing import to_device

__all__ = ["Blstm"]


class Blstm(nn.Module):
    """`layers` bidirectional LSTM layers of `units` a direction, each on what the one before gives.

    Two LSTMs a layer and an index stand in for torch's packed sequences, which train several times slower on a CPU.

    Attributes
    ----------
    outputs
        Values a step: both directions, forward first.
    """

    def __init__(self, *, inputs: int, units: int, layers: int):
        super().__init__()
        self.outputs = 2 * units
        self.forwards, self.backwards = nn.ModuleList(), nn.ModuleList()
        for width in [inputs, *[self.outputs] * (layers - 1)]:
            self.forwards.append(nn.LSTM(width, units, batch_first=True))
            self.backwards.append(nn.LSTM(width, units, batch_first=True))

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Hidden vectors (B, T, 2 units) of frames (B, T, D), of which the first `lengths` (B,) are real."""
        steps = torch.arange(frames.shape[1], device=frames.device)
        real, last = time_mask(lengths, len(steps), frames.device), to_device(lengths - 1, frames.device)[:, None]
        turned = torch.where(real, last - steps, steps)  # each at its own end
        rows = torch.arange(len(lengths), device=frames.device)[:, None]
        for forwards, backwards in zip(self.forwards, self.backwards, strict=True):
            back = backwards(frames[rows, turned])[0][rows, turned]
            frames = torch.cat([forwards(frames)[0], back], dim=2)
        return frames
