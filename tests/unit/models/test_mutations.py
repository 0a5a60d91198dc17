"""Every structural check is shown to fail: each wrong reading of the paper is built and must be caught."""

import pytest
import torch

from helpers import structural_checks as checks
from serflow.layers import acnn_convolutions as convolutions
from serflow.layers.batch_norm import batch_norms
from serflow.models import acnn, acnn_original
from serflow.models.acnn import Acnn
from serflow.models.acnn_original import AcnnOriginal

attend = acnn.attend


def axes_swapped(k, q, v, mask):
    """Coefficients attend to coefficients in place of steps to steps."""
    return attend(k.mT, q.mT, v.mT, None).mT


def mask_dropped(k, q, v, mask):
    return attend(k, q, v, None)


def softmax_over_the_wrong_axis(k, q, v, mask):
    scores = k @ q.mT
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    return scores.softmax(dim=-2) @ v


def softmax_over_heads(k, q, v, mask):
    return (k @ q.mT).softmax(dim=1) @ v


def v_forgotten(k, q, v, mask):
    return (k @ q.mT).softmax(dim=-1)


def k_in_place_of_v(k, q, v, mask):
    return attend(k, q, k, mask)


def k_and_q_exchanged(k, q, v, mask):
    return attend(q, k, v, mask)


def scaled(k, q, v, mask):
    return attend(k / k.shape[-1] ** 0.5, q, v, mask)


class HeadsSummed(Acnn):
    def fuse(self, maps, lengths):
        return super().fuse(maps, lengths) * self.n_head


class OnlyTheFirstHead(Acnn):
    def fuse(self, maps, lengths):
        size = (self.n_head, self.n_size)
        k, q, v = self.projection(maps).unflatten(1, (3, *size)).unbind(1)
        return attend(k, q, v, None)[:, 0]


class HeadsAndPointsExchanged(Acnn):
    def fuse(self, maps, lengths):
        size = (self.n_size, self.n_head)
        k, q, v = self.projection(maps).unflatten(1, (3, *size)).unbind(1)
        return attend(k, q, v, None).mean(dim=2)


class PoolingDropped(Acnn):
    def __init__(self, **settings):
        super().__init__(**settings)
        for block in self.blocks:
            block.pool = False


class PooledAfterConv4(Acnn):
    def __init__(self, **settings):
        super().__init__(**settings)
        for block, pool in zip(self.blocks, (True, False, True, False), strict=True):
            block.pool = pool


class MaxInPlaceOfMean(Acnn):
    def forward(self, frames, lengths):
        return self.output(self.fuse(*self.convolve(frames, lengths)).amax(dim=(2, 3)))


class RunningStatisticsInTraining(Acnn):
    def train(self, mode=True):
        super().train(mode)
        for norm in batch_norms(self):
            norm.eval()
        return self


class BiasedVarianceKept(Acnn):
    def __init__(self, **settings):
        super().__init__(**settings)
        for norm in batch_norms(self):
            norm.settle = lambda momentum, norm=norm: keep_biased(norm)


@torch.no_grad()
def keep_biased(norm):
    mean, square = norm.sums / norm.count
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(square - mean.square())


ATTENTIONS = [
    axes_swapped,
    softmax_over_the_wrong_axis,
    softmax_over_heads,
    v_forgotten,
    k_in_place_of_v,
    k_and_q_exchanged,
    scaled,
]
NETWORKS = [HeadsSummed, OnlyTheFirstHead, HeadsAndPointsExchanged, PoolingDropped, PooledAfterConv4, MaxInPlaceOfMean]
NETWORKS += [RunningStatisticsInTraining, BiasedVarianceKept]


@pytest.mark.parametrize("mutant", ATTENTIONS, ids=lambda f: f.__name__)
def test_a_wrong_attention_fails_the_papers_equations(monkeypatch, mutant):
    monkeypatch.setattr(acnn, "attend", mutant)
    with pytest.raises(AssertionError):
        checks.check_logits_are_the_papers(Acnn)


@pytest.mark.parametrize("mutant", ATTENTIONS, ids=lambda f: f.__name__)
def test_a_wrong_attention_between_coefficients_fails_its_reference(monkeypatch, mutant):
    monkeypatch.setattr(acnn, "attend", mutant)
    with pytest.raises(AssertionError):
        checks.check_logits_are_the_papers(Acnn, attend_over="coefficients")


def test_steps_that_attend_are_not_coefficients_that_do():
    class Steps(Acnn):
        def __init__(self, **settings):
            super().__init__(**settings | {"attend_over": "time"})

    with pytest.raises(AssertionError):
        checks.check_logits_are_the_papers(Steps, attend_over="coefficients")


@pytest.mark.parametrize("mutant", ATTENTIONS, ids=lambda f: f.__name__)
def test_a_wrong_attention_is_not_torchs(mutant):
    with pytest.raises(AssertionError):
        checks.check_attend_is_torchs(mutant, masked=False)


@pytest.mark.parametrize("kind", NETWORKS, ids=lambda kind: kind.__name__)
def test_a_wrong_network_fails_the_papers_equations(kind):
    with pytest.raises(AssertionError):
        checks.check_logits_are_the_papers(kind)


@pytest.mark.parametrize("kind", [PoolingDropped], ids=lambda kind: kind.__name__)
def test_dropped_pooling_fails_the_size_of_the_maps(kind):
    with pytest.raises(AssertionError):
        checks.check_convolutions_leave_15_by_3(kind)


def test_a_dropped_mask_fails_padding_and_torchs_attention(monkeypatch):
    with pytest.raises(AssertionError):
        checks.check_attend_is_torchs(mask_dropped, masked=True)
    with pytest.raises(AssertionError):
        checks.check_masked_steps_take_no_part(mask_dropped)
    monkeypatch.setattr(acnn, "attend", mask_dropped)
    with pytest.raises(AssertionError):
        checks.check_tiny_padding_changes_nothing(Acnn)


def mean_over_padding_too(maps, lengths):
    return maps.mean(dim=(2, 3))


def padding_left_as_it_is(maps, lengths):
    return maps


@pytest.mark.parametrize(
    ("kind", "module", "settings", "lengths"),
    [(Acnn, acnn, checks.TINY, (24, 8, 16)), (AcnnOriginal, acnn_original, checks.TINY_ORIGINAL, (21, 9, 17))],
    ids=["acnn", "acnn_original"],
)
def test_a_pooling_or_convolution_that_sees_padding_fails(monkeypatch, kind, module, settings, lengths):
    with monkeypatch.context() as patch, pytest.raises(AssertionError):
        patch.setattr(module, "masked_mean", mean_over_padding_too)
        checks.check_tiny_padding_changes_nothing(kind, settings, lengths)
    with monkeypatch.context() as patch, pytest.raises(AssertionError):
        patch.setattr(convolutions, "zero_beyond", padding_left_as_it_is)
        checks.check_tiny_padding_changes_nothing(kind, settings, lengths)
    checks.check_tiny_padding_changes_nothing(kind, settings, lengths)


class SoftmaxOverTime(AcnnOriginal):
    def attend(self, maps):
        k, q, v = self.projection(maps).unflatten(1, (3, self.n_head, self.n_size)).unbind(1)
        return torch.relu(((q * k).softmax(dim=3) * v).movedim(1, 3).flatten(3))


class SoftmaxOverAllHeads(AcnnOriginal):
    def attend(self, maps):
        k, q, v = self.projection(maps).unflatten(1, (3, self.n_head, self.n_size)).unbind(1)
        weights = (q * k).flatten(1, 2).softmax(dim=1).unflatten(1, (self.n_head, self.n_size))
        return torch.relu((weights * v).movedim(1, 3).flatten(3))


class WithoutRelu(AcnnOriginal):
    def attend(self, maps):
        k, q, v = self.projection(maps).unflatten(1, (3, self.n_head, self.n_size)).unbind(1)
        return ((q * k).softmax(dim=2) * v).movedim(1, 3).flatten(3)


class HeadsAveraged(AcnnOriginal):
    def attend(self, maps):
        k, q, v = self.projection(maps).unflatten(1, (3, self.n_head, self.n_size)).unbind(1)
        return torch.relu(((q * k).softmax(dim=2) * v).mean(dim=1))


class OriginalVForgotten(AcnnOriginal):
    def attend(self, maps):
        k, q, _ = self.projection(maps).unflatten(1, (3, self.n_head, self.n_size)).unbind(1)
        return (q * k).softmax(dim=2).movedim(1, 3).flatten(3)


class OriginalPoolingDropped(AcnnOriginal):
    def __init__(self, **settings):
        super().__init__(**settings)
        for block in self.blocks:
            block.pool = False


class FirstPairExchanged(AcnnOriginal):
    def __init__(self, **settings):
        super().__init__(**settings)
        parallel = settings["parallel"]
        self.along_time = torch.nn.Conv2d(1, parallel, (10, 2), padding=(4, 0))
        self.along_coefficients = torch.nn.Conv2d(1, parallel, (2, 8), padding=(0, 3))


@pytest.mark.parametrize(
    "kind",
    [
        FirstPairExchanged,
        SoftmaxOverTime,
        SoftmaxOverAllHeads,
        WithoutRelu,
        HeadsAveraged,
        OriginalVForgotten,
        OriginalPoolingDropped,
    ],
    ids=lambda kind: kind.__name__,
)
def test_a_wrong_original_fails_the_authors_code(kind):
    with pytest.raises(AssertionError):
        checks.check_logits_are_the_codes(kind)
