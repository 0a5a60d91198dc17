"""The convolutional front of the ACNN (Xu & Zhang 2020, Fig. 1 and Table I), shared by its variants."""

import torch
from torch import Tensor, nn

from serflow.layers.batch_norm import BatchNorm
from serflow.layers.masking import zero_beyond

__all__ = ["ConvolutionBlock", "ParallelConvolutions"]


class ConvolutionBlock(nn.Module):
    """Convolution that keeps the size, batch normalisation, ReLU, and 2x2 max-pooling where `pool` is set."""

    def __init__(self, *, inputs: int, outputs: int, kernel: tuple[int, int], pool: bool):
        super().__init__()
        # "same" padding of an even kernel: the odd row or column of zeros goes to the end
        height, width = ((size - 1) // 2 for size in kernel)
        self.padding = (width, kernel[1] - 1 - width, height, kernel[0] - 1 - height)
        self.convolution = nn.Conv2d(inputs, outputs, kernel)
        self.norm = BatchNorm(outputs)
        self.pool = pool

    def forward(self, maps: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, T, F), (B,) -> (B, C', T', F'), (B,); steps beyond a length come out as zeros."""
        maps = torch.relu(self.norm(self.convolution(nn.functional.pad(maps, self.padding))))
        if self.pool:
            maps, lengths = nn.functional.max_pool2d(maps, 2), lengths // 2
        return zero_beyond(maps, lengths), lengths


class ParallelConvolutions(nn.Module):
    """conv1a (10, 2) along time and conv1b (2, 8) along the coefficients, side by side, concatenated."""

    def __init__(self, *, outputs: int):
        super().__init__()
        self.along_time = ConvolutionBlock(inputs=1, outputs=outputs, kernel=(10, 2), pool=False)
        self.along_coefficients = ConvolutionBlock(inputs=1, outputs=outputs, kernel=(2, 8), pool=False)

    def forward(self, maps: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, T, F) -> (B, 2 * outputs, T, F)."""
        time, _ = self.along_time(maps, lengths)
        coefficients, _ = self.along_coefficients(maps, lengths)
        return torch.cat([time, coefficients], dim=1), lengths
