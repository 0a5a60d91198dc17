"""The ACNN of Xu & Zhang 2020 as one would write it at first: library layers, softmax, a mask where there is padding.

Same parameters under the same names as `serflow.models.acnn.Acnn`, so that one's weights load into the other.
"""

import torch
from torch import nn


class Block(nn.Module):
    """Convolution, batch normalisation, ReLU, perhaps max-pooling."""

    def __init__(self, inputs, outputs, kernel, pool):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, padding="same")
        self.norm = nn.BatchNorm2d(outputs)
        self.pool = nn.MaxPool2d(2) if pool else nn.Identity()

    def forward(self, x, mask):
        x = self.pool(torch.relu(self.norm(self.convolution(x))))
        return x if mask is None else x * mask[:, None, : x.shape[2], None]


class Front(nn.Module):
    """The two parallel convolutions."""

    def __init__(self, outputs):
        super().__init__()
        self.along_time = Block(1, outputs, (10, 2), False)
        self.along_coefficients = Block(1, outputs, (2, 8), False)

    def forward(self, x, mask):
        return torch.cat([self.along_time(x, mask), self.along_coefficients(x, mask)], dim=1)


class PlainAcnn(nn.Module):
    """Convolutions, head fusion with softmax(K Q^T) V, mean, linear layer."""

    def __init__(self, *, classes, parallel, channels, n_head, n_size):
        super().__init__()
        self.front = Front(parallel)
        widths = [2 * parallel, *channels]
        self.blocks = nn.ModuleList(
            Block(a, b, (3, 3), pool=i in (0, 1)) for i, (a, b) in enumerate(zip(widths, widths[1:], strict=False))
        )
        self.n_head, self.n_size = n_head, n_size
        self.projection = nn.Conv2d(widths[-1], 3 * n_head * n_size, kernel_size=1)
        self.output = nn.Linear(n_size, classes)

    def forward(self, frames, lengths=None):
        """Logits of frames (B, T, D); `lengths` (B,) where some are padded."""
        mask = self.mask(lengths, frames.shape[1])
        x = self.front(frames[:, None], mask)
        for block in self.blocks:
            if block.pool.__class__ is nn.MaxPool2d and lengths is not None:
                lengths = lengths // 2
                mask = self.mask(lengths, x.shape[2] // 2)
            x = block(x, mask)
        k, q, v = self.projection(x).unflatten(1, (3, self.n_head, self.n_size)).unbind(1)
        scores = k @ q.transpose(-1, -2)
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None, None, None, :], float("-inf"))
        x = (torch.softmax(scores, dim=-1) @ v).mean(dim=1)
        if mask is None:
            return self.output(x.mean(dim=(2, 3)))
        x = x * mask[:, None, :, None]
        return self.output(x.sum(dim=(2, 3)) / (lengths[:, None] * x.shape[3]))

    @staticmethod
    def mask(lengths, steps):
        return None if lengths is None else torch.arange(steps) < lengths[:, None]
