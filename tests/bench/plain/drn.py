"""The network of Li et al. (ICASSP 2019) as one would write it at first: library layers, softmax, packed sequences.

Same parameters under the same names as `serflow.models.drn.Drn`, so that one's weights load into the other. Where a
batch is padded, each layer is masked, so that the result is the same, too.
"""

import torch
from torch import nn
from torch.nn.functional import linear, pad
from torch.nn.utils.rnn import pack_padded_sequence


class Norm(nn.BatchNorm1d):
    """Batch normalisation of the real steps, laid end to end."""

    def forward(self, x, mask):
        if mask is None:
            return super().forward(x)
        steps = x.transpose(1, 2)
        result = torch.zeros_like(steps)
        result[mask] = super().forward(steps[mask])
        return result.transpose(1, 2)


class Convolution(nn.Module):
    """Convolution and batch normalisation; T steps become ceil(T / stride)."""

    def __init__(self, inputs, outputs, kernel, stride, dilation):
        super().__init__()
        before = (kernel - 1) // 2 * dilation
        self.padding = (before, (kernel - 1) * dilation - before)
        self.convolution = nn.Conv1d(inputs, outputs, kernel, stride=stride, dilation=dilation, bias=False)
        self.norm = Norm(outputs)

    def forward(self, x, mask):
        return self.norm(self.convolution(pad(x, self.padding)), mask)


class SelfAttention(nn.Module):
    """softmax(Q K^T / sqrt d) V in each head."""

    def __init__(self, channels, width, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, nn.Dropout(dropout)
        self.projection = nn.Parameter(torch.empty(3, width, channels))
        self.head_projection = nn.Parameter(torch.empty(3, width, width))
        self.output = nn.Parameter(torch.empty(channels, width))

    def forward(self, x, mask):
        steps = x.transpose(1, 2)
        both = zip(self.projection, self.head_projection, strict=True)
        projected = [linear(linear(steps, first), second) for first, second in both]
        q, k, v = (one.unflatten(2, (self.heads, -1)).transpose(1, 2) for one in projected)
        scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None, None, :], float("-inf"))
        attended = (self.dropout(torch.softmax(scores, dim=-1)) @ v).transpose(1, 2).flatten(2)
        result = linear(attended, self.output).transpose(1, 2)
        return result if mask is None else result * mask[:, None, :]


class Single(nn.Module):
    """A group of one convolution."""

    def __init__(self, inputs, outputs, kernel, stride, dilation):
        super().__init__()
        self.first = Convolution(inputs, outputs, kernel, stride, dilation)

    def forward(self, x, mask):
        return torch.relu(self.first(x, mask))


class Block(nn.Module):
    """Two convolutions with attention between them and a shortcut around them."""

    def __init__(self, inputs, outputs, kernel, stride, dilation, attention, dropout):
        super().__init__()
        self.first = Convolution(inputs, outputs, kernel, stride, dilation)
        self.attention = attention
        self.second = Convolution(outputs, outputs, kernel, 1, dilation)
        same = inputs == outputs and stride == 1
        self.shortcut = None if same else Convolution(inputs, outputs, 1, stride, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        inner = self.dropout(torch.relu(self.first(x, mask)))
        inner = inner + self.attention(inner, mask)
        return torch.relu(self.second(inner, mask) + (x if self.shortcut is None else self.shortcut(x, mask)))


class Groups(nn.Module):
    """The groups of convolutions."""

    def __init__(self, dims, groups, heads, widths, dropout, attention_dropout):
        super().__init__()
        self.groups, self.strides, inputs = nn.ModuleList(), [group[2] for group in groups], dims
        for (outputs, kernel, stride, dilation, count), width in zip(groups, widths, strict=True):
            blocks = [Single(inputs, outputs, kernel, stride, dilation)] if count == 1 else []
            for number in range(count // 2):
                attention = SelfAttention(outputs, width, heads, attention_dropout)
                shape = (outputs if number else inputs, outputs, kernel, 1 if number else stride, dilation)
                blocks.append(Block(*shape, attention, dropout))
            self.groups.append(nn.ModuleList(blocks))
            inputs = outputs

    def forward(self, frames, lengths):
        x = frames.transpose(1, 2)
        for stride, blocks in zip(self.strides, self.groups, strict=True):
            steps = -(-x.shape[2] // stride)
            mask = None
            if lengths is not None:
                lengths = (lengths + stride - 1) // stride
                mask = torch.arange(steps) < lengths[:, None]
            for block in blocks:
                x = block(x, mask)
        return x, lengths


class PlainDrn(nn.Module):
    """Groups of convolutions, LSTM, dense layers.

    `groups`: (channels, kernel, stride, dilation, number of convolutions) of each; `widths`: of their attention.
    """

    def __init__(self, *, dims, classes, groups, heads, widths, dropout, attention_dropout, units, layers, classifier):
        super().__init__()
        self.convolutions = Groups(dims, groups, heads, widths, dropout, attention_dropout)
        self.lstm = nn.LSTM(groups[-1][0], units, num_layers=layers, batch_first=True)
        dense, inputs = [], units
        for outputs in classifier:
            dense += [nn.Linear(inputs, outputs), nn.ReLU()] + ([] if dense else [nn.Dropout(dropout)])
            inputs = outputs
        self.classifier = nn.Sequential(*dense, nn.Linear(inputs, classes))

    def forward(self, frames, lengths=None):
        """Logits of frames (B, T, D), zeros where padded; `lengths` (B,) where some are."""
        x, lengths = self.convolutions(frames, lengths)
        steps = x.transpose(1, 2)
        if lengths is not None:
            steps = pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = self.lstm(steps)
        return self.classifier(hidden[-1])
