"""Groups of 1-D temporal convolutions, plain, residual or dilated, with attention in their blocks.

R. Li et al., ICASSP 2019 ("DRN"), section 2.1, eq. 1-2 and Fig. 2; R. Li et al., IJCAI 2019 ("RCN"), section 3.1 and
Fig. 2; blocks after He et al. 2016. Sequences are (B, C, T); whatever lies beyond an example's length is zero between
any two layers, so that a convolution sees beyond the end what it sees before the start.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from serflow.layers.batch_norm import BatchNorm
from serflow.layers.masking import all_full, time_mask
from serflow.layers.self_attention import MultiHeadSelfAttention
from serflow.layers.widths import attention_width, scaled

__all__ = ["ConvolutionGroups", "TemporalConvolution", "convolution_groups", "step_mask"]


def step_mask(lengths: Tensor, steps: int, device: torch.device) -> Tensor | None:
    """True where a step is real: lengths (B,) -> (B, 1, steps) on the device; None where no example is padded."""
    return None if all_full(lengths, steps) else time_mask(lengths, steps, device)[:, None]


class TemporalConvolution(nn.Module):
    """Convolution with batch normalisation; T steps become ceil(T / stride), centred on 0, stride, ..."""

    def __init__(self, *, inputs: int, outputs: int, kernel: int, stride: int, dilation: int):
        super().__init__()
        before = (kernel - 1) // 2 * dilation  # of an even kernel the odd zero goes to the end
        self.padding = (before, (kernel - 1) * dilation - before)
        # without bias: the normalisation has one
        self.convolution = nn.Conv1d(inputs, outputs, kernel, stride=stride, dilation=dilation, bias=False)
        self.norm = BatchNorm(outputs)

    def forward(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """(B, C, T) -> (B, C', ceil(T / stride)); `mask` is that of the output."""
        return self.norm(self.convolution(nn.functional.pad(sequence, self.padding)), mask)


class Block(nn.Module):
    """Two convolutions, perhaps with self-attention between them, perhaps with a shortcut around them."""

    def __init__(
        self,
        *,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int,
        dilation: int,
        residual: bool,
        attention: MultiHeadSelfAttention | None,
        dropout: float,
    ):
        super().__init__()
        shape = {"outputs": outputs, "kernel": kernel, "dilation": dilation}
        self.first = TemporalConvolution(inputs=inputs, stride=stride, **shape)
        self.attention = attention
        self.second = TemporalConvolution(inputs=outputs, stride=1, **shape)
        self.residual = residual
        # a shortcut between unlike shapes is a 1x1 convolution (He et al. 2016, option B)
        self.shortcut = None
        if residual and (inputs != outputs or stride != 1):
            self.shortcut = TemporalConvolution(inputs=inputs, outputs=outputs, kernel=1, stride=stride, dilation=1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """(B, C, T) -> (B, C', T'); `mask` is that of the output."""
        inner = self.inner(sequence, mask)
        if self.attention is not None:
            inner = inner + self.attention(inner, mask)
        result = self.second(inner, mask)
        if self.residual:
            result = result + (sequence if self.shortcut is None else self.shortcut(sequence, mask))
        return torch.relu(result)

    def inner(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """What the block's attention is given, (B, C', T')."""
        return self.dropout(torch.relu(self.first(sequence, mask)))


class Single(nn.Module):
    """A group of one convolution."""

    attention = None

    def __init__(self, *, inputs: int, outputs: int, kernel: int, stride: int, dilation: int):
        super().__init__()
        self.first = TemporalConvolution(
            inputs=inputs, outputs=outputs, kernel=kernel, stride=stride, dilation=dilation
        )

    def forward(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """(B, C, T) -> (B, C', T'); `mask` is that of the output."""
        return torch.relu(self.first(sequence, mask))


class ConvolutionGroups(nn.Module):
    """Groups of convolutions, one entry of each list a group.

    Parameters
    ----------
    dims
        Values a frame.
    filters, kernels, convolutions, strides, dilations
        By group: channels, kernel size, number of convolutions (1, or two a block), stride of the first
        convolution, dilation of all.
    residual
        Shortcuts around the blocks.
    heads
        Heads of the attention in every block; 0: none.
    attention_ratio
        d_k = d_v, all heads together, as a share of the group's channels; rounded to a multiple of 4.
    dropout, attention_dropout
        After the first convolution of a block; on the attention's weights.
    """

    def __init__(
        self,
        *,
        dims: int,
        filters: list[int],
        kernels: list[int],
        convolutions: list[int],
        strides: list[int],
        dilations: list[int],
        residual: bool,
        heads: int,
        attention_ratio: float,
        dropout: float,
        attention_dropout: float,
    ):
        super().__init__()
        if len({len(values) for values in (filters, kernels, convolutions, strides, dilations)}) != 1:
            raise ValueError("filters, kernels, convolutions, strides, dilations: expected one value a group in each")
        self.strides = strides
        self.outputs = filters[-1]
        self.groups = nn.ModuleList()
        shapes = zip([dims, *filters], filters, kernels, strides, dilations, convolutions, strict=False)
        for inputs, outputs, kernel, stride, dilation, count in shapes:
            if count != 1 and count % 2:
                raise ValueError(f"convolutions: {count}; expected 1 or an even number, two a block")
            shape = {"outputs": outputs, "kernel": kernel, "dilation": dilation}
            if count == 1:
                self.groups.append(nn.ModuleList([Single(inputs=inputs, stride=stride, **shape)]))
                continue
            blocks = nn.ModuleList()
            for number in range(count // 2):
                attention = None
                if heads:
                    width = attention_width(outputs, attention_ratio)
                    attention = MultiHeadSelfAttention(
                        channels=outputs, width=width, heads=heads, dropout=attention_dropout
                    )
                blocks.append(
                    Block(
                        inputs=outputs if number else inputs,
                        stride=1 if number else stride,
                        residual=residual,
                        attention=attention,
                        dropout=dropout,
                        **shape,
                    )
                )
            self.groups.append(blocks)

    @property
    def frames_a_step(self) -> int:
        """Frames from one output step to the next."""
        return math.prod(self.strides)

    def forward(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Frames (B, T, dims), lengths (B,) -> suprasegmental features (B, C, T'), zero beyond their lengths (B,)."""
        sequence, lengths, _ = self._run(frames, lengths, maps=False)
        return sequence, lengths

    @torch.no_grad()
    def correlation_maps(self, frames: Tensor, lengths: Tensor) -> list[Tensor]:
        """Attention weights (B, heads, T', T') of every block with attention, in order; for figures."""
        return self._run(frames, lengths, maps=True)[2]

    def _run(self, frames: Tensor, lengths: Tensor, *, maps: bool) -> tuple[Tensor, Tensor, list[Tensor]]:
        sequence, found = frames.mT, []
        mask = step_mask(lengths, sequence.shape[2], sequence.device)
        if mask is not None:
            sequence = sequence * mask
        for stride, blocks in zip(self.strides, self.groups, strict=True):
            if stride > 1:
                lengths = (lengths + stride - 1) // stride
                mask = step_mask(lengths, -(-sequence.shape[2] // stride), sequence.device)
            for block in blocks:
                if maps and block.attention is not None:
                    found.append(block.attention.maps(block.inner(sequence, mask), mask))
                sequence = block(sequence, mask)
        return sequence, lengths, found


def convolution_groups(groups: dict[str, Any], *, dims: int, width_multiplier: float) -> ConvolutionGroups:
    """Convolution groups as a spec's `groups:` describes them, their filters times `width_multiplier`."""
    return ConvolutionGroups(dims=dims, **groups | {"filters": scaled(groups["filters"], width_multiplier)})
