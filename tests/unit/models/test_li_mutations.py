"""Each wrong reading of Li et al. (2019) is built and must be caught by a structural check."""

import pytest
import torch
from torch import nn

from helpers import li_checks as checks
from serflow.layers import gca_lstm, temporal_convolutions
from serflow.layers.batch_norm import BatchNorm
from serflow.layers.gca_lstm import GcaLstm
from serflow.layers.self_attention import MultiHeadSelfAttention
from serflow.layers.temporal_convolutions import Block, ConvolutionGroups
from serflow.models import local_attention_rnn
from serflow.models.drn import Drn
from serflow.models.local_attention_rnn import LocalAttentionRnn
from serflow.models.lstm import Lstm

sdpa = nn.functional.scaled_dot_product_attention


def without_dilation(**settings):
    return ConvolutionGroups(**settings | {"dilations": [1] * 5})


def dilation_of_the_first_convolution_lost(**settings):
    groups = ConvolutionGroups(**settings)
    for blocks in groups.groups:
        for layer in blocks[0].modules():
            if isinstance(layer, nn.Conv1d) and layer.dilation[0] > 1 and layer is blocks[0].first.convolution:
                layer.dilation = (1,)
                blocks[0].first.padding = (1, 1)
    return groups


def dilations_exchanged(**settings):
    dilations = [1, 1, 1, 4, 8] if max(settings["dilations"]) > 1 else settings["dilations"]
    return ConvolutionGroups(**settings | {"dilations": dilations})


def one_block_a_group(**settings):
    return ConvolutionGroups(**settings | {"convolutions": [2] * 5})


@pytest.mark.parametrize(
    "mutant",
    [without_dilation, dilation_of_the_first_convolution_lost, dilations_exchanged, one_block_a_group],
    ids=lambda f: f.__name__,
)
def test_wrong_dilations_or_convolutions_fail_the_receptive_field(mutant):
    with pytest.raises(AssertionError):
        checks.check_receptive_fields(mutant)


def last_group_strided(**settings):
    return ConvolutionGroups(**settings | {"strides": [*settings["strides"][:-1], 2]})


def first_group_unstrided(**settings):
    return ConvolutionGroups(**settings | {"strides": [1, *settings["strides"][1:]]})


@pytest.mark.parametrize(
    ("mutant", "strides", "frames"),
    [(last_group_strided, [1, 2, 2, 1, 1], 4), (first_group_unstrided, [2] * 5, 32)],
    ids=["last_group_strided", "first_group_unstrided"],
)
def test_a_wrong_stride_fails_the_frames_a_step(mutant, strides, frames):
    with pytest.raises(AssertionError):
        checks.check_steps(mutant, strides, frames)


class NotAdded(Block):
    """Attention in place of what it reads, instead of beside it."""

    def forward(self, sequence, mask):
        inner = self.inner(sequence, mask)
        return torch.relu(self.second(self.attention(inner, mask), mask) + self.around(sequence, mask))

    def around(self, sequence, mask):
        return sequence if self.shortcut is None else self.shortcut(sequence, mask)


class AfterTheSecond(NotAdded):
    def forward(self, sequence, mask):
        inner = self.second(self.inner(sequence, mask), mask)
        return torch.relu(inner + self.attention(inner, mask) + self.around(sequence, mask))


class BeforeTheFirstsRelu(NotAdded):
    def forward(self, sequence, mask):
        inner = self.first(sequence, mask)
        inner = torch.relu(inner + self.attention(inner, mask))
        return torch.relu(self.second(inner, mask) + self.around(sequence, mask))


class ReluBeforeNorm(NotAdded):
    def forward(self, sequence, mask):
        convolution, norm = self.first.convolution, self.first.norm
        inner = torch.relu(convolution(nn.functional.pad(sequence, self.first.padding)))
        inner = norm(inner, mask)
        inner = inner + self.attention(inner, mask)
        return torch.relu(self.second(inner, mask) + self.around(sequence, mask))


class ReluBeforeTheSum(NotAdded):
    def forward(self, sequence, mask):
        inner = self.inner(sequence, mask)
        inner = inner + self.attention(inner, mask)
        return torch.relu(self.second(inner, mask)) + self.around(sequence, mask)


class ShortcutWithoutNorm(Block):
    def __init__(self, **settings):
        super().__init__(**settings)
        self.shortcut.forward = lambda sequence, mask: self.shortcut.convolution(sequence) * mask


@pytest.mark.parametrize(
    "mutant",
    [NotAdded, AfterTheSecond, BeforeTheFirstsRelu, ReluBeforeNorm, ReluBeforeTheSum, ShortcutWithoutNorm],
    ids=lambda kind: kind.__name__,
)
def test_a_wrong_block_fails_the_figure(mutant):
    with pytest.raises(AssertionError):
        checks.check_block_is_the_figure(mutant, ["attention, strided"])


def mask_dropped(q, k, v, attn_mask=None, **rest):
    return sdpa(q, k, v, **rest)


def axes_swapped(q, k, v, attn_mask=None, **rest):
    return sdpa(q.mT, k.mT, v.mT).mT


def queries_and_keys_exchanged(q, k, v, attn_mask=None, **rest):
    return sdpa(k, q, v, attn_mask=attn_mask)


def unscaled(q, k, v, attn_mask=None, **rest):
    return sdpa(q, k, v, attn_mask=attn_mask, scale=1.0)


def scaled_by_all_heads(q, k, v, attn_mask=None, **rest):
    return sdpa(q, k, v, attn_mask=attn_mask, scale=(q.shape[1] * q.shape[-1]) ** -0.5)


def heads_summed(q, k, v, attn_mask=None, **rest):
    return sdpa(q, k, v, attn_mask=attn_mask).mean(dim=1, keepdim=True).expand_as(v)


def sigmoid_before_softmax(q, k, v, attn_mask=None, **rest):
    scores = torch.sigmoid(q @ k.mT / q.shape[-1] ** 0.5)
    return (scores if attn_mask is None else scores.masked_fill(~attn_mask, -torch.inf)).softmax(dim=-1) @ v


@pytest.mark.parametrize(
    "mutant",
    [
        mask_dropped,
        axes_swapped,
        queries_and_keys_exchanged,
        unscaled,
        scaled_by_all_heads,
        heads_summed,
        sigmoid_before_softmax,
    ],
    ids=lambda f: f.__name__,
)
def test_a_wrong_attention_fails_the_equations(monkeypatch, mutant):
    checks.check_attention_is_the_equations(MultiHeadSelfAttention)
    monkeypatch.setattr(nn.functional, "scaled_dot_product_attention", mutant)
    with pytest.raises(AssertionError):
        checks.check_attention_is_the_equations(MultiHeadSelfAttention)


def test_a_head_projection_left_out_fails_the_equations():
    class WithoutHeadProjection(MultiHeadSelfAttention):
        def _heads(self, sequence):
            projected = (self.projection.flatten(0, 1) @ sequence).unflatten(1, (3, self.heads, -1)).mT
            return projected.unbind(1)

    with pytest.raises(AssertionError):
        checks.check_attention_is_the_equations(WithoutHeadProjection)


def min_max_left_out(scores, mask):
    return scores.masked_fill(~mask, -torch.inf).softmax(dim=0)


def softmax_left_out(scores, mask):
    low, high = scores.masked_fill(~mask, torch.inf).amin(dim=0), scores.masked_fill(~mask, -torch.inf).amax(dim=0)
    return (scores - low) / (high - low) * mask


def min_max_over_padding_too(scores, mask):
    r = scores.softmax(dim=0)
    return (r - r.amin(dim=0)) / (r.amax(dim=0) - r.amin(dim=0)) * mask


def last_of_the_batch(hidden, lengths):
    return hidden[-1]


genuine_gate = gca_lstm.normalised_gate


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("normalised_gate", min_max_left_out),
        ("normalised_gate", softmax_left_out),
        ("normalised_gate", min_max_over_padding_too),
        ("normalised_gate", lambda scores, mask: (1 - genuine_gate(scores, mask)) * mask),
        ("normalised_gate", lambda scores, mask: genuine_gate(scores, mask).detach()),
        ("last", last_of_the_batch),
    ],
    ids=["min_max_left_out", "softmax_left_out", "min_max_over_padding", "turned_round", "detached", "last_of_batch"],
)
def test_a_wrong_gate_fails_the_equations(monkeypatch, name, mutant):
    monkeypatch.setattr(gca_lstm, name, mutant)
    with pytest.raises(AssertionError):
        checks.check_gca_is_the_equations(GcaLstm)


class OneRefinementLess(GcaLstm):
    def _run(self, sequence, lengths):
        self.iterations -= 1
        try:
            memory, gates = super()._run(sequence, lengths)
        finally:
            self.iterations += 1
        return memory, [*gates, gates[-1]]


class ReadsTheInputs(GcaLstm):
    """Layer 2 gets layer 1's inputs in place of its hidden states."""

    def _run(self, sequence, lengths):
        steps, project = sequence.permute(2, 0, 1), self.second.project
        self.second.project = lambda hidden: project(nn.functional.pad(steps, (0, self.units - steps.shape[2])))
        try:
            return super()._run(sequence, lengths)
        finally:
            del self.second.project


class OldCellKeptWhole(GcaLstm):
    """Eq. 11 without its (1 - r)."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.second = KeepsAll(inputs=settings["units"], units=settings["units"])


class KeepsAll(gca_lstm.GatedLstm):
    def forward(self, projected, gate):
        units = projected.shape[2] // 4
        h = c = projected.new_zeros(projected.shape[1], units)
        hidden = []
        for x, r in zip(projected, gate, strict=True):
            o, f, i, g = (x + h @ self.recurrent.T).chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh() * r[:, None]
            h = o.sigmoid() * c.tanh()
            hidden.append(h)
        return torch.stack(hidden)


@pytest.mark.parametrize("kind", [OneRefinementLess, ReadsTheInputs, OldCellKeptWhole], ids=lambda kind: kind.__name__)
def test_a_wrong_gca_lstm_fails_the_equations(kind):
    with pytest.raises(AssertionError):
        checks.check_gca_is_the_equations(kind)


class CountsPadding(BatchNorm):
    def forward(self, sequence, mask=None):
        return super().forward(sequence, None) * (1 if mask is None else mask)


def test_a_norm_that_counts_padding_fails():
    with pytest.raises(AssertionError):
        checks.check_norm_ignores_padding(CountsPadding)


def test_convolutions_that_see_padding_fail(monkeypatch):
    monkeypatch.setattr(temporal_convolutions, "step_mask", lambda lengths, steps, device: None)
    with pytest.raises(AssertionError):
        checks.check_groups_ignore_padding(ConvolutionGroups)
    with pytest.raises(AssertionError):
        checks.check_network_ignores_padding(Drn, checks.DRN)


class LastOfTheBatch(Lstm):
    def encode(self, frames, lengths):
        return self.lstm(frames)[0][:, -1]


SMALL = {"dims": 3, "classes": 4, "dropout": 0.0, "width_multiplier": 1}


def test_the_last_padded_state_in_place_of_the_last_real_one_fails():
    settings = SMALL | {"units": 5, "layers": 1, "classifier": [6]}
    checks.check_network_ignores_padding(Lstm, settings)
    with pytest.raises(AssertionError):
        checks.check_network_ignores_padding(LastOfTheBatch, settings)


def test_local_attention_that_sees_padding_fails(monkeypatch):
    monkeypatch.setattr(local_attention_rnn, "softmax_over_time", lambda scores, lengths: scores.softmax(dim=1))
    with pytest.raises(AssertionError):
        checks.check_network_ignores_padding(LocalAttentionRnn, SMALL | {"front": [4], "units": 5})


def test_a_backward_direction_that_starts_in_the_padding_fails():
    class StartsAtTheBatchsEnd(LocalAttentionRnn):
        def _hidden(self, frames, lengths):
            sequence = self.front(frames)
            back = self.recurrent.backwards[0](sequence.flip(1))[0].flip(1)
            return torch.cat([self.recurrent.forwards[0](sequence)[0], back], dim=2)

    with pytest.raises(AssertionError):
        checks.check_network_ignores_padding(StartsAtTheBatchsEnd, SMALL | {"front": [4], "units": 5})
