"""Batch normalisation (Ioffe and Szegedy 2015) by the statistics of whole optimiser steps, and of a population.

Forward passes in training mode only add to sums. Whoever trains settles them: once an optimiser step, whatever the
parts that its batch was cut into, and, over many batches without dropout, before anything is predicted (their
Algorithm 2). So what is evaluated is what was trained: a running mean of the last batches, taken with dropout on, is
not (docs/fidelity/all_papers.md).
"""

import torch
from torch import Tensor, nn

__all__ = ["BatchNorm", "batch_norms"]


class BatchNorm(nn.Module):
    """Normalises each channel by mean and variance over all other axes; padded positions do not count.

    In training mode a batch's own statistics serve, in evaluation mode `running_mean` and `running_var`, in which a
    forward pass changes nothing.

    Parameters
    ----------
    channels
        Size of the second axis.
    eps
        Added to the variance.
    momentum
        Share by which the running statistics move towards those of an optimiser step.
    """

    def __init__(self, channels: int, *, eps: float = 1e-5, momentum: float = 0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        # since they were last settled: positions a channel; their sums, and those of their squares, by channel
        self.register_buffer("count", torch.zeros((), dtype=torch.float64), persistent=False)
        self.register_buffer("sums", torch.zeros(2, channels, dtype=torch.float64), persistent=False)

    def forward(self, values: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, C, ...) -> the same; where `mask`, which broadcasts to it, is False, zeros come out."""
        if not self.training:
            normalised = nn.functional.batch_norm(
                values, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
            return normalised if mask is None else normalised * mask
        if mask is None:
            mean, unbiased = torch.zeros_like(self.running_mean), torch.ones_like(self.running_var)
            normalised = nn.functional.batch_norm(
                values, mean, unbiased, self.weight, self.bias, training=True, momentum=1.0, eps=self.eps
            )
            count = values.numel() // values.shape[1]
            self._add(count, mean, unbiased * ((count - 1) / count))
            return normalised
        axes = [axis for axis in range(values.dim()) if axis != 1]
        shape = [1, -1, *[1] * (values.dim() - 2)]
        count = mask.sum()
        mean = (values * mask).sum(dim=axes) / count
        centred = (values - mean.view(shape)) * mask
        variance = centred.square().sum(dim=axes) / count
        self._add(count, mean, variance)
        scale = self.weight * (variance + self.eps).rsqrt()
        return torch.addcmul(self.bias.view(shape) * mask, centred, scale.view(shape))

    @torch.no_grad()
    def _add(self, count: Tensor | int, mean: Tensor, variance: Tensor) -> None:
        mean, variance = mean.double(), variance.double()
        self.count += count
        self.sums += count * torch.stack([mean, variance + mean.square()])

    @torch.no_grad()
    def settle(self, momentum: float | None = None) -> None:
        """Move the running statistics towards those since the last call, by the norm's or a given share; 1 replaces.

        The variance is the unbiased one. Without a forward pass since the last call nothing moves.
        """
        share = (self.momentum if momentum is None else momentum) * (self.count > 0).double()
        mean, square = self.sums / self.count.clamp(min=1)
        variance = (square - mean.square()).clamp(min=0) * self.count / (self.count - 1).clamp(min=1)
        self.running_mean += share * (mean - self.running_mean)
        self.running_var += share * (variance - self.running_var)
        self.count.zero_()
        self.sums.zero_()


def batch_norms(network: nn.Module) -> list[BatchNorm]:
    """The batch norms of a network, its parts' among them."""
    return [module for module in network.modules() if isinstance(module, BatchNorm)]
