"""The TCN of Zhao et al. (2021) against eq. 6 and Bai et al.'s residual block, one number at a time."""

import pytest
import torch

from helpers import structural_checks as checks
from helpers import zhao_checks as zhao
from helpers import zhao_reference as reference
from serflow.layers import causal_convolutions
from serflow.layers.causal_convolutions import CausalConvolution, CausalConvolutions

SETTINGS = {"inputs": 3, "channels": 4, "kernel": 3, "dilations": [1, 2], "dropout": 0.0}
PAPER = {"kernel": 3, "dilations": [1, 2, 4, 8, 16]}


def network(**change):
    torch.manual_seed(3)
    return zhao.drawn_anew(CausalConvolutions(**SETTINGS | change))


def blocks_of(built, dilations):
    for block, dilation in zip(built.blocks, dilations, strict=True):
        convolutions = []
        for layer in block.convolutions:
            if isinstance(layer, CausalConvolution):
                magnitudes, directions, bias = zhao.listed_convolution(layer)
                convolutions.append((reference.weight_normalised(magnitudes, directions), bias))
        around = block.shortcut
        shortcut = None
        if isinstance(around, torch.nn.Conv1d):
            shortcut = (around.weight.tolist(), around.bias.tolist())
        yield dilation, convolutions, shortcut


def check_equations(built, dilations):
    frames = checks.draw_frames(1, 9, 3)
    expected = reference.tcn(frames[0].tolist(), list(blocks_of(built, dilations)))
    found = built(frames, torch.tensor([9]))[0]
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), rtol=0, atol=1e-10)
    assert (found > 0).double().mean() > 0.2, "nothing to tell apart"


def check_the_future_leaves_the_past(built, dims=3, steps=40):
    frames = checks.draw_frames(1, steps, dims).to(next(built.parameters()).dtype)
    lengths = torch.tensor([steps])
    before = built(frames, lengths)
    for step in range(1, steps):
        changed = frames.clone()
        changed[:, step:] = 9.0
        after = built(changed, lengths)
        assert torch.equal(after[:, :step], before[:, :step]), step
        assert not torch.equal(after[:, step:], before[:, step:])


def read_frames(built, steps):
    """Which frames the last step's gradient reaches; everything positive, so that nothing cancels."""
    for parameter in built.parameters():
        torch.nn.init.constant_(parameter, 0.5)
    frames = torch.ones(1, steps, built.blocks[0].convolutions[0].in_channels, dtype=torch.float64, requires_grad=True)
    built(frames, torch.tensor([steps]))[0, -1].sum().backward()
    return frames.grad[0].abs().sum(dim=1).nonzero()[:, 0].tolist()


@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_a_convolution_is_eq_6(kernel, dilation):
    torch.manual_seed(0)
    convolution = CausalConvolution(inputs=2, outputs=3, kernel=kernel, dilation=dilation).double()
    frames = checks.draw_frames(1, 8, 2)
    expected = reference.causal_convolution(
        frames[0].tolist(), convolution.weight.tolist(), convolution.bias.tolist(), dilation
    )
    found = convolution(frames.mT)[0].mT
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), rtol=0, atol=1e-12)


@pytest.mark.parametrize("training", [False, True])
def test_blocks_are_those_of_the_text(training):
    check_equations(network().train(training), [1, 2])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_change_of_the_future_leaves_the_past_as_it_was_bit_for_bit(dtype):
    check_the_future_leaves_the_past(network(**PAPER).to(dtype))


@pytest.mark.parametrize(
    ("change", "frames"),
    [(PAPER, 125), ({"kernel": 2, "dilations": [1, 2, 4]}, 15), ({"kernel": 5, "dilations": [3]}, 25)],
)
def test_the_receptive_field_is_as_long_as_it_says(change, frames):
    built = network(channels=2, **change)
    assert built.receptive_field == frames
    frames_read = read_frames(built, frames + 10)
    assert (frames_read[0], frames_read[-1]) == (10, frames + 9)


def test_padding_and_batch_mates_change_nothing_and_padding_comes_out_as_zeros():
    zhao.check_without_padding(network(), checks.draw_frames(3, 7, 3), zhao.LENGTHS)


def test_gradients_reach_every_parameter():
    torch.manual_seed(3)
    built = CausalConvolutions(**SETTINGS | PAPER | {"channels": 16}).double()
    built(checks.draw_frames(2, 40, 3), torch.tensor([40, 30])).square().sum().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in built.parameters())


def test_dropout_silences_whole_channels_in_training_alone():
    built = network(dropout=0.5).train()
    given = {}
    dropout = built.blocks[0].convolutions[2]
    dropout.register_forward_hook(lambda module, inputs, output: given.update(before=inputs[0], after=output))
    frames, lengths = checks.draw_frames(8, 20, 3), torch.full((8,), 20)
    built(frames, lengths)
    silent = given["after"].eq(0).all(dim=2)
    assert (silent & given["before"].gt(0).any(dim=2)).double().mean() > 0.2
    torch.testing.assert_close(given["after"][~silent], 2 * given["before"][~silent])
    built.eval()
    assert torch.equal(built(frames, lengths), built(frames, lengths))


class LooksAhead(CausalConvolution):
    def forward(self, sequence):
        half = self.before // 2
        return torch.nn.Conv1d.forward(self, torch.nn.functional.pad(sequence, (self.before - half, half)))


class Undilated(CausalConvolution):
    def __init__(self, *, inputs, outputs, kernel, dilation):
        super().__init__(inputs=inputs, outputs=outputs, kernel=kernel, dilation=1)


class WithoutShortcut(causal_convolutions.ResidualBlock):
    def forward(self, sequence):
        return torch.relu(self.convolutions(sequence))


@pytest.mark.parametrize(
    ("name", "mutant"),
    [("CausalConvolution", LooksAhead), ("CausalConvolution", Undilated), ("ResidualBlock", WithoutShortcut)],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_wrong_convolutions_fail_the_equations(monkeypatch, name, mutant):
    monkeypatch.setattr(causal_convolutions, name, mutant)
    with pytest.raises(AssertionError):
        check_equations(network(), [1, 2])


def test_a_glimpse_of_the_future_fails_causality_and_padding(monkeypatch):
    monkeypatch.setattr(causal_convolutions, "CausalConvolution", LooksAhead)
    with pytest.raises(AssertionError):
        check_the_future_leaves_the_past(network())
    with pytest.raises(AssertionError):
        zhao.check_without_padding(network(), checks.draw_frames(3, 7, 3), zhao.LENGTHS)
