"""Batch norm: a batch's own statistics in training, and running ones that only `settle` moves."""

import pytest
import torch
from torch import nn

from serflow.layers.batch_norm import BatchNorm, batch_norms

SHAPES = {"sequence": (6, 3, 11), "maps": (6, 3, 7, 5), "vectors": (6, 3)}


def draw(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * 2 + 1


def plain(values, norm, mask=None):
    """The definition, channel by channel; with mean and unbiased variance of what is real."""
    mask = torch.ones_like(values, dtype=torch.bool) if mask is None else mask.expand_as(values)
    result, means, variances = torch.zeros_like(values), [], []
    for channel in range(values.shape[1]):
        real = values[:, channel][mask[:, channel]]
        scaled = (values[:, channel] - real.mean()) / (real.var(correction=0) + norm.eps).sqrt()
        result[:, channel] = (norm.weight[channel] * scaled + norm.bias[channel]) * mask[:, channel]
        means.append(real.mean())
        variances.append(real.var())
    return result, torch.stack(means), torch.stack(variances)


@pytest.fixture
def norm():
    made = BatchNorm(3).double()
    nn.init.uniform_(made.weight, 0.5, 1.5)
    nn.init.uniform_(made.bias)
    return made


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
@pytest.mark.parametrize("masked", [False, True])
def test_in_training_a_batch_is_normalised_by_what_is_real_of_it(norm, shape, masked):
    values = draw(*shape).requires_grad_()
    mask = None
    if masked:
        mask = torch.rand(shape[0], 1, *shape[2:], generator=torch.Generator().manual_seed(1)) < 0.7
    result, (expected, mean, variance) = norm(values, mask), plain(values, norm, mask)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-9)
    weights = draw(*shape, seed=2)
    (ours,) = torch.autograd.grad((result * weights).sum(), values)
    (theirs,) = torch.autograd.grad((expected * weights).sum(), values)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)
    norm.settle(1.0)
    torch.testing.assert_close(norm.running_mean, mean, rtol=0, atol=1e-9)
    torch.testing.assert_close(norm.running_var, variance, rtol=0, atol=1e-9)


@pytest.mark.parametrize("parts", [1, 7], ids=["whole", "in seven parts"])
def test_running_statistics_move_once_a_step_whatever_its_parts(norm, parts):
    """A running mean that moves at every part would lie nearest to the last one, the one with the longest segments."""
    batch = draw(28, 3, 11) * torch.linspace(0.5, 2, 28)[:, None, None]
    for part in batch.chunk(parts):
        norm(part)
    norm.settle()
    torch.testing.assert_close(norm.running_mean, 0.1 * batch.mean(dim=(0, 2)), rtol=0, atol=1e-9)
    expected = 0.9 + 0.1 * batch.transpose(0, 1).flatten(1).var(dim=1)
    torch.testing.assert_close(norm.running_var, expected, rtol=0, atol=1e-9)


def test_the_population_is_that_of_all_batches_together(norm):
    batches = [draw(4, 3, steps, seed=steps) * steps for steps in (5, 11, 30)]
    norm(draw(4, 3, 5, seed=9))
    norm.settle()
    for batch in batches:
        norm(batch)
    norm.settle(1.0)
    frames = torch.cat([batch.transpose(0, 1).flatten(1) for batch in batches], dim=1)
    torch.testing.assert_close(norm.running_mean, frames.mean(dim=1), rtol=0, atol=1e-9)
    torch.testing.assert_close(norm.running_var, frames.var(dim=1), rtol=0, atol=1e-9)


def test_nothing_moves_without_settling_nor_in_evaluation(norm):
    before = [norm.running_mean.clone(), norm.running_var.clone()]
    norm(draw(6, 3, 11))
    norm.eval()
    norm(draw(6, 3, 11))
    norm.sums.zero_()
    norm.count.zero_()
    norm.settle()
    assert torch.equal(norm.running_mean, before[0])
    assert torch.equal(norm.running_var, before[1])


def test_in_evaluation_running_statistics_serve_and_padding_comes_out_as_zeros(norm):
    norm.running_mean += draw(3)
    norm.running_var += 3
    norm.eval()
    values, mask = draw(2, 3, 5), torch.tensor([[True] * 5, [True] * 2 + [False] * 3])[:, None]
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    expected = (values - norm.running_mean[:, None]) * scale[:, None] + norm.bias[:, None]
    torch.testing.assert_close(norm(values), expected, rtol=0, atol=1e-9)
    torch.testing.assert_close(norm(values, mask), expected * mask, rtol=0, atol=1e-9)


def test_what_is_saved_are_weights_and_running_statistics(norm):
    assert list(norm.state_dict()) == ["weight", "bias", "running_mean", "running_var"]
    assert batch_norms(nn.Sequential(nn.Linear(2, 2), nn.Sequential(norm))) == [norm]
