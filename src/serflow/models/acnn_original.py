"""The ACNN as its authors' public code has it, where that differs from the paper (docs/fidelity/xu2020.md).

Softmax over the channels of the element-wise product of Q and K, times V; heads laid side by side along the
coefficients, ReLU, global average pooling. The convolutions of the first pair lose one row and one column, as there,
and the kernel of 10 runs along the coefficients.
"""

import torch
from torch import Tensor, nn

from serflow.layers.acnn_convolutions import ConvolutionBlock
from serflow.layers.batch_norm import BatchNorm
from serflow.layers.masking import masked_mean, zero_beyond

__all__ = ["AcnnOriginal"]


class AcnnOriginal(nn.Module):
    """Parallel convolutions, one further one for each of `channels`, element-wise attention, one linear layer."""

    shortest = 5  # frames; the first pair of convolutions takes one, two poolings need four

    def __init__(self, *, dims: int, classes: int, parallel: int, channels: list[int], n_head: int, n_size: int):
        super().__init__()
        # there the image is (coefficients x time), so that 10 and 8 count the other axis than in the paper's text
        self.along_coefficients = nn.Conv2d(1, parallel, (2, 10), padding=(0, 4))
        self.along_time = nn.Conv2d(1, parallel, (8, 2), padding=(3, 0))
        self.norms = nn.ModuleList(BatchNorm(parallel) for _ in range(2))
        widths = [2 * parallel, *channels]
        self.blocks = nn.ModuleList(
            ConvolutionBlock(inputs=a, outputs=b, kernel=(3, 3), pool=i in (0, 1))
            for i, (a, b) in enumerate(zip(widths, widths[1:], strict=False))
        )
        self.n_head, self.n_size = n_head, n_size
        self.projection = nn.Conv2d(widths[-1], 3 * n_head * n_size, kernel_size=1)
        self.output = nn.Linear(n_size, classes)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        maps, lengths = self.convolve(frames, lengths)
        return self.output(masked_mean(self.attend(maps), lengths))

    def convolve(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The convolutions' output (B, C, T', F') and the lengths (B,) that are left."""
        image = zero_beyond(frames[:, None], lengths)
        lengths = lengths - 1
        pair = zip((self.along_coefficients, self.along_time), self.norms, strict=True)
        maps = torch.cat([torch.relu(norm(convolution(image))) for convolution, norm in pair], dim=1)
        maps = zero_beyond(maps, lengths)
        for block in self.blocks:
            maps, lengths = block(maps, lengths)
        return maps, lengths

    def attend(self, maps: Tensor) -> Tensor:
        """Heads side by side along the coefficients: (B, n_size, T', n_head * F')."""
        k, q, v = self.projection(maps).unflatten(1, (3, self.n_head, self.n_size)).unbind(1)
        scores = q * k
        weights = (scores - scores.amax(dim=2, keepdim=True).detach()).exp()  # softmax over a head's n_size channels
        heads = weights / weights.sum(dim=2, keepdim=True) * v
        return torch.relu(heads.movedim(1, 3).flatten(3))

    @torch.no_grad()
    def attention_map(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """The map averaged over feature points and heads (B, T', F'); for figures."""
        maps = self.attend(self.convolve(frames, lengths)[0])
        return maps.unflatten(3, (self.n_head, -1)).mean(dim=(1, 3))
