"""The RLC as its authors' public code has it, where that differs from the paper (docs/fidelity/li2019ijcai.md).

Groups of a linear convolution, strided in the first three, and two residual units, in which ReLU stands before the
batch norm too and nothing after the sum; attention over sigmoids of scores, in the last three groups; layer norm
between the layers of the GCA-LSTM.
"""

import torch
from torch import Tensor, nn

from serflow.layers.batch_norm import BatchNorm
from serflow.layers.dense import dense_layers
from serflow.layers.gca_lstm import GcaLstm
from serflow.layers.initialisation import glorot
from serflow.layers.temporal_convolutions import step_mask
from serflow.layers.widths import scaled

__all__ = ["RlcOriginal"]


class RlcOriginal(nn.Module):
    """Convolution groups, GCA-LSTM with layer norm, dense layers.

    Parameters
    ----------
    dims, classes
        Values a frame; classes.
    filters, kernels, strides, heads
        By group: channels; kernel size of all its convolutions; stride of its linear one; heads of the attention in
        its units, 0: none. The first group is its linear convolution alone.
    units, iterations
        Of the GCA-LSTM: units of its layers and memory, and rows of W_e2; refinements.
    classifier
        Widths of the dense layers before the output.
    dropout, attention_dropout
        After both convolutions of a unit and after the first dense layer; on the attention's weights.
    width_multiplier
        All of these widths are multiplied by it (`serflow.layers.widths`).

    Attributes
    ----------
    shortest
        Frames that leave one step: the linear convolutions take whole kernels only.
    """

    def __init__(
        self,
        *,
        dims: int,
        classes: int,
        filters: list[int],
        kernels: list[int],
        strides: list[int],
        heads: list[int],
        units: int,
        iterations: int,
        classifier: list[int],
        dropout: float,
        attention_dropout: float,
        width_multiplier: float,
    ):
        super().__init__()
        if len({len(values) for values in (filters, kernels, strides, heads)}) != 1:
            raise ValueError("filters, kernels, strides, heads: expected one value a group in each")
        filters, (units,) = scaled(filters, width_multiplier), scaled([units], width_multiplier)
        self.shortest = 1
        for kernel, stride in zip(kernels[::-1], strides[::-1], strict=True):
            self.shortest = (self.shortest - 1) * stride + kernel
        self.linear, self.residual = nn.ModuleList(), nn.ModuleList()
        shapes = zip([dims, *filters], filters, kernels, strides, heads, strict=False)
        for number, (inputs, outputs, kernel, stride, count) in enumerate(shapes):
            self.linear.append(nn.Conv1d(inputs, outputs, kernel, stride=stride))
            shape = {"channels": outputs, "kernel": kernel, "heads": count}
            pair = [Unit(**shape, dropout=dropout, attention_dropout=attention_dropout) for _ in range(2)]
            self.residual.append(nn.ModuleList(pair if number else []))
        self.memory = NormalisedGcaLstm(inputs=filters[-1], units=units, width=units, iterations=iterations)
        self.classifier = dense_layers(units, scaled(classifier, width_multiplier), classes=classes, dropout=dropout)
        glorot(self.linear, self.residual, self.classifier)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.classifier(self.encode(frames, lengths))

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Representation (B, units): F after the last refinement."""
        return self.memory(*self.convolve(frames, lengths))

    def convolve(self, frames: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Suprasegmental features (B, C, T'), zero beyond their lengths (B,)."""
        sequence = frames.mT
        for linear, units in zip(self.linear, self.residual, strict=True):
            sequence = linear(sequence)
            lengths = (lengths - linear.kernel_size[0]) // linear.stride[0] + 1
            mask = step_mask(lengths, sequence.shape[2], sequence.device)
            if mask is not None:
                sequence = sequence * mask
            for unit in units:
                sequence = unit(sequence, mask)
        return sequence, lengths


class Unit(nn.Module):
    """Two convolutions, perhaps with attention between them, added to what goes in; nothing follows the sum."""

    def __init__(self, *, channels: int, kernel: int, heads: int, dropout: float, attention_dropout: float):
        super().__init__()
        self.first = Convolution(channels=channels, kernel=kernel, dropout=dropout)
        self.attention = None
        if heads:
            self.attention = SigmoidSelfAttention(channels=channels, heads=heads, dropout=attention_dropout)
        self.second = Convolution(channels=channels, kernel=kernel, dropout=dropout)

    def forward(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """(B, C, T) -> (B, C, T); `mask` (B, 1, T) is True where a step is real (None: everywhere)."""
        inner = self.first(sequence, mask)
        if self.attention is not None:
            inner = inner + self.attention(inner, mask)
        return sequence + self.second(inner, mask)


class Convolution(nn.Module):
    """Convolution, ReLU, batch norm, ReLU again, dropout; as many steps as before."""

    def __init__(self, *, channels: int, kernel: int, dropout: float):
        super().__init__()
        self.convolution = nn.Conv1d(channels, channels, kernel, padding="same")
        self.norm = BatchNorm(channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """(B, C, T) -> (B, C, T), zero beyond the end."""
        return self.dropout(torch.relu(self.norm(torch.relu(self.convolution(sequence)), mask)))


class SigmoidSelfAttention(nn.Module):
    """Self-attention with one projection each for Q, K and V, and a sigmoid before the softmax."""

    def __init__(self, *, channels: int, heads: int, dropout: float):
        super().__init__()
        if channels % heads:
            raise ValueError(f"heads: {heads}; expected a divisor of the group's {channels} channels")
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(channels, channels, bias=False) for _ in range(4))
        self.dropout = nn.Dropout(dropout)

    def forward(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """(B, C, T) -> (B, C, T), zero beyond the end; `mask` (B, 1, T) is True where a step is real."""
        steps = sequence.mT
        query, key, value = (
            layer(steps).unflatten(2, (self.heads, -1)).transpose(1, 2) for layer in (self.query, self.key, self.value)
        )
        scores = torch.sigmoid(query @ key.mT / query.shape[-1] ** 0.5)
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None], -torch.inf)
        heads = self.dropout(scores.softmax(dim=-1)) @ value
        result = self.output(heads.transpose(1, 2).flatten(2)).mT
        return result if mask is None else result * mask


class NormalisedGcaLstm(GcaLstm):
    """GCA-LSTM whose first layer's hidden states are normalised, all steps and units of an utterance together."""

    def __init__(self, *, inputs: int, units: int, width: int, iterations: int):
        super().__init__(inputs=inputs, units=units, width=width, iterations=iterations)
        self.scale, self.shift = nn.Parameter(torch.ones(units)), nn.Parameter(torch.zeros(units))

    def read(self, steps: Tensor, mask: Tensor) -> Tensor:
        hidden, real = super().read(steps, mask).to(self.scale.dtype), mask[..., None]
        count = mask.sum(dim=0)[:, None] * self.units
        mean = (hidden * real).sum(dim=(0, 2))[:, None] / count
        centred = (hidden - mean) * real
        variance = centred.square().sum(dim=(0, 2))[:, None] / count
        # TensorFlow's layer norm adds as little
        return centred * (variance + 1e-12).rsqrt() * self.scale + self.shift
