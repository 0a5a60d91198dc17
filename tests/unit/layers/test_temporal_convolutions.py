"""Convolution groups of Li et al. (2019): resolution, receptive field, shortcuts, masks."""

import pytest
import torch

from helpers import li_checks as checks
from serflow.layers.batch_norm import BatchNorm
from serflow.layers.self_attention import MultiHeadSelfAttention
from serflow.layers.temporal_convolutions import Block, ConvolutionGroups, TemporalConvolution


@pytest.mark.parametrize(
    ("strides", "frames"), [([1, 2, 2, 1, 1], 4), ([1, 2, 2, 2, 2], 16), ([2, 2, 2, 2, 2], 32), ([2, 2, 2, 1, 1], 8)]
)
def test_strides_decide_the_frames_a_step(strides, frames):
    checks.check_steps(ConvolutionGroups, strides, frames)


def test_receptive_fields_are_219_of_the_cnn_243_of_the_drn_and_115_without_dilation():
    checks.check_receptive_fields(ConvolutionGroups)


@pytest.mark.parametrize("kernel", [3, 10])
def test_a_convolution_is_centred_and_an_even_kernel_has_its_odd_zero_at_the_end(kernel):
    layer = TemporalConvolution(inputs=1, outputs=1, kernel=kernel, stride=2, dilation=1).eval()
    torch.nn.init.ones_(layer.convolution.weight)
    frames = torch.zeros(1, 1, 41)
    frames[0, 0, 20] = 1.0
    reached = layer(frames, None)[0, 0].nonzero()[:, 0] * 2  # centres of the steps that see frame 20
    before, after = (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2
    assert reached.tolist() == [t for t in range(0, 41, 2) if t - before <= 20 <= t + after]


def test_padded_steps_do_not_count_in_the_statistics_of_a_batch():
    checks.check_norm_ignores_padding(BatchNorm)


@pytest.mark.parametrize("change", [{}, {"heads": 0, "residual": False}, {"strides": [2] * 5, "dilations": [1] * 5}])
def test_features_are_the_same_alone_and_in_company(change):
    checks.check_groups_ignore_padding(ConvolutionGroups, **change)


@pytest.mark.parametrize("shape", checks.BLOCKS)
def test_a_block_is_that_of_figure_2_in_training_and_in_evaluation(shape):
    checks.check_block_is_the_figure(Block, [shape])


def test_dropout_stands_once_in_a_block_after_the_first_convolutions_relu():
    torch.manual_seed(0)
    attention = MultiHeadSelfAttention(channels=4, width=4, heads=2, dropout=0.0)
    settings = {"inputs": 3, "outputs": 4, "kernel": 5, "stride": 1, "dilation": 1, "residual": True}
    block = Block(**settings, attention=attention, dropout=0.5).double().train()
    (dropout,) = [module for module in block.modules() if isinstance(module, torch.nn.Dropout)]
    assert dropout.p == 0.5
    seen = {}
    for name, module in (("first", block.first), ("dropout", dropout), ("second", block.second)):
        module.register_forward_hook(lambda _, given, output, name=name: seen.update({name: (given[0], output)}))
    block(checks.draw_frames(2, 50, 3).mT, None)
    torch.testing.assert_close(seen["dropout"][0], torch.relu(seen["first"][1]))
    dropped = seen["dropout"][1]
    torch.testing.assert_close(seen["second"][0], dropped + attention(dropped, None))
    lost = (dropped == 0) & (seen["dropout"][0] > 0)
    assert 0.3 < lost.sum() / (seen["dropout"][0] > 0).sum() < 0.7
    torch.testing.assert_close(dropped[~lost], 2 * seen["dropout"][0][~lost])


def test_a_block_without_its_convolutions_is_its_shortcut():
    groups = checks.randomised(ConvolutionGroups(**checks.GROUPS))
    block = groups.groups[1][1]
    torch.nn.init.zeros_(block.second.norm.weight)
    torch.nn.init.zeros_(block.second.norm.bias)
    sequence = checks.draw_frames(1, 8, 4).mT
    with torch.no_grad():
        torch.testing.assert_close(block(sequence, None), torch.relu(sequence))


def test_a_cnn_has_no_shortcut_and_a_residual_network_one_convolution_for_each_change_of_shape():
    count = {}
    for residual in (True, False):
        groups = ConvolutionGroups(**checks.GROUPS | {"residual": residual})
        count[residual] = [block.shortcut is not None for blocks in groups.groups[1:] for block in blocks]
    # filters 4 -> 4 (stride 2) -> 8 (stride 2) -> 8 -> 8
    assert count == {True: [True, False, True, False, False, False, False, False], False: [False] * 8}


def test_attention_stands_in_both_blocks_of_groups_2_to_5():
    frames, lengths = checks.draw_frames(2, 40, 3).float(), torch.tensor([40, 24])
    maps = ConvolutionGroups(**checks.GROUPS).eval().correlation_maps(frames, lengths)
    assert [tuple(one.shape) for one in maps] == [(2, 2, 20, 20)] * 2 + [(2, 2, 10, 10)] * 6
    for one in maps:
        torch.testing.assert_close(one.sum(dim=-1), torch.ones(one.shape[:3]))
    assert maps[0][1, :, :, 12:].eq(0).all()
    assert ConvolutionGroups(**checks.GROUPS | {"heads": 0}).eval().correlation_maps(frames, lengths) == []


@pytest.mark.parametrize("change", [{"convolutions": [1, 4, 3, 4, 4]}, {"strides": [1, 2, 2]}])
def test_groups_that_do_not_fit_are_refused(change):
    with pytest.raises(ValueError, match="expected"):
        ConvolutionGroups(**checks.GROUPS | change)
