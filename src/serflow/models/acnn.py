"""ACNN with attention head fusion.

M. Xu and F. Zhang, "Improve accuracy of speech emotion recognition with attention head fusion", CCWC 2020:
section III.B, Table I and Fig. 1 (convolutions), section III.C, eq. 1-3 and Fig. 2 (head fusion).

The text leaves open which axes K Q^T runs over and where the softmax goes. Here every head of every feature
point has one map a K, Q and V, made by 1x1 convolutions; its rows are the time steps and its columns the
coefficients, so K Q^T is (time x time), and the softmax goes over the last axis, the steps that are attended to.
With `attend_over` "coefficients" the maps are turned: K Q^T is (coefficients x coefficients), summed over the steps.
Without attention, global average pooling over the convolutions' channels stands in its place.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from serflow.layers.acnn_convolutions import ConvolutionBlock, ParallelConvolutions
from serflow.layers.masking import all_full, masked_mean, time_mask, zero_beyond

__all__ = ["Acnn"]

POOLED = (0, 1)  # conv2 and conv3 are followed by max-pooling (section III.B)


def attend(k: Tensor, q: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Softmax(K Q^T) V (eq. 2) over the last two axes (T, F); `mask` is True where a row of V may be attended to.

    Equal to `scaled_dot_product_attention(k, q, v, mask, scale=1)`, K in the part that libraries call the query,
    and over twice as fast on a CPU for maps this small: softmax over rows of 15 is what takes the time there.
    """
    scores = k @ q.mT
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.sub_(scores.detach().amax(dim=-1, keepdim=True)).exp_()
    sums = weights @ torch.cat([v, torch.ones_like(v[..., :1])], dim=-1)  # the last column: the weights' own sum
    return sums[..., :-1] / sums[..., -1:]


class Acnn(nn.Module):
    """Parallel convolutions, `depth` further ones, head fusion, one linear layer.

    Parameters
    ----------
    dims, classes
        MFCC a frame; classes.
    parallel
        Channels of conv1a and of conv1b.
    channels
        Channels of conv2, conv3, ...; the first `depth` of them are built (Table IV).
    attention
        False: global average pooling takes the place of head fusion (Table IV, last row).
    attend_over
        What attends to what in eq. 2: "time" steps to steps, or "coefficients" to coefficients.
    n_head, n_size
        Heads fused in a feature point; feature points.
    """

    shortest = 4  # frames; fewer would leave nothing after the two poolings

    def __init__(
        self,
        *,
        dims: int,
        classes: int,
        parallel: int,
        channels: list[int],
        depth: int,
        attention: bool,
        attend_over: Literal["time", "coefficients"],
        n_head: int,
        n_size: int,
    ):
        super().__init__()
        if not 1 <= depth <= len(channels):
            raise ValueError(f"depth {depth}: expected 1 to {len(channels)}, the number of channels given")
        self.front = ParallelConvolutions(outputs=parallel)
        widths = [2 * parallel, *channels[:depth]]
        self.blocks = nn.ModuleList(
            ConvolutionBlock(inputs=a, outputs=b, kernel=(3, 3), pool=i in POOLED)
            for i, (a, b) in enumerate(zip(widths, widths[1:], strict=False))
        )
        self.n_head, self.n_size, self.attend_over = n_head, n_size, attend_over
        self.projection = nn.Conv2d(widths[-1], 3 * n_head * n_size, kernel_size=1) if attention else None
        self.output = nn.Linear(n_size if attention else widths[-1], classes)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        maps, lengths = self.convolve(frames, lengths)
        if self.projection is not None:
            maps = self.fuse(maps, lengths)  # (B, n_size, T', F')
        return self.output(masked_mean(maps, lengths))

    def convolve(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """X_cnn (B, C, T', F') and the lengths (B,) that are left after pooling."""
        maps, lengths = self.front(zero_beyond(frames[:, None], lengths), lengths)
        for block in self.blocks:
            maps, lengths = block(maps, lengths)
        return maps, lengths

    def fuse(self, maps: Tensor, lengths: Tensor) -> Tensor:
        """X_mattn (B, n_size, T', F'), eq. 1-3: the mean over heads of softmax(K Q^T) V."""
        size = (self.n_head, self.n_size)
        k, q, v = self.projection(maps).unflatten(1, (3, *size)).unbind(1)  # (B, n_head, n_size, T', F')
        if self.attend_over == "coefficients":
            # No mask: in a padded step K and Q are their biases, which add the same to every product.
            return attend(k.mT, q.mT, v.mT, None).mean(dim=1).mT
        steps = maps.shape[2]
        mask = None if all_full(lengths, steps) else time_mask(lengths, steps, maps.device)[:, None, None, None, :]
        return attend(k, q, v, mask).mean(dim=1)

    @torch.no_grad()
    def attention_map(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """The fused map X_mattn, averaged over feature points (B, T', F'); for figures."""
        if self.projection is None:
            raise ValueError("this system has no attention layer, so it has no map to draw")
        return self.fuse(*self.convolve(frames, lengths)).mean(dim=1)
