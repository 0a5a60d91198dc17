"""Temporal convolutional network: residual blocks of dilated causal convolutions.

Z. Zhao et al., "Self-attention transfer networks for speech emotion recognition", Virtual Reality & Intelligent
Hardware 3(1), 2021: section 3.3, eq. 6, Fig. 2, and section 4.3 ("5-layer 1D convolutional modules", dilations 1 to
16). What a module holds is left open. The section follows Bai, Kolter and Koltun (2018), so a module is their residual
block: two convolutions of one dilation, each weight-normalised and followed by ReLU and dropout of whole channels, and
a shortcut around both.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from serflow.layers.masking import time_mask

__all__ = ["CausalConvolution", "CausalConvolutions"]


class CausalConvolution(nn.Conv1d):
    """Eq. 6 on every channel: y_s = sum over i of f(i) x_(s - d i), zeros before the first frame.

    The text has x_(<(T - d i)) there; the s that it defines F for is meant. As in torch, the last value of the kernel
    is f(0), the frame's own.
    """

    def __init__(self, *, inputs: int, outputs: int, kernel: int, dilation: int):
        super().__init__(inputs, outputs, kernel, dilation=dilation)
        self.before = (kernel - 1) * dilation

    def forward(self, sequence: Tensor) -> Tensor:
        """(B, C, T) -> (B, C', T); step t depends on steps t - `before` to t."""
        return super().forward(nn.functional.pad(sequence, (self.before, 0)))


class ResidualBlock(nn.Module):
    """relu(x + F(x)), F being two convolutions with ReLU and dropout (Bai et al. 2018, Fig. 1b)."""

    def __init__(self, *, inputs: int, outputs: int, kernel: int, dilation: int, dropout: float):
        super().__init__()
        layers: list[nn.Module] = []
        for width in (inputs, outputs):
            convolution = CausalConvolution(inputs=width, outputs=outputs, kernel=kernel, dilation=dilation)
            layers += [weight_norm(convolution), nn.ReLU(), nn.Dropout1d(dropout)]
        self.convolutions = nn.Sequential(*layers)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv1d(inputs, outputs, kernel_size=1)

    def forward(self, sequence: Tensor) -> Tensor:
        """(B, C, T) -> (B, C', T)."""
        return torch.relu(self.shortcut(sequence) + self.convolutions(sequence))


class CausalConvolutions(nn.Module):
    """One residual block for each of `dilations`.

    Parameters
    ----------
    inputs
        Values a frame.
    channels
        Of every convolution.
    kernel
        Taps of every convolution, k of eq. 6.
    dilations
        Of the blocks, from the input on.
    dropout
        Probability, in training, that a channel is silenced after a convolution.

    Attributes
    ----------
    outputs
        Values a step, `channels`.
    receptive_field
        Frames that a step depends on, its own and those before it; 125 with a kernel of 3 and the paper's dilations.
    """

    def __init__(self, *, inputs: int, channels: int, kernel: int, dilations: list[int], dropout: float):
        super().__init__()
        self.outputs = channels
        self.receptive_field = 1 + 2 * (kernel - 1) * sum(dilations)
        widths = [inputs] + [channels] * (len(dilations) - 1)
        self.blocks = nn.Sequential(
            *(
                ResidualBlock(inputs=width, outputs=channels, kernel=kernel, dilation=dilation, dropout=dropout)
                for width, dilation in zip(widths, dilations, strict=True)
            )
        )

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Hidden vectors (B, T, channels) of frames (B, T, inputs), zeros beyond the first `lengths` (B,).

        Nothing is masked on the way: what stands after the end cannot reach a frame before it.
        """
        return self.blocks(frames.mT).mT * time_mask(lengths, frames.shape[1], frames.device)[..., None]
