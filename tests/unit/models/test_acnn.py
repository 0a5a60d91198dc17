"""The ACNN against the paper's text: equations 1-3, Table I, Table IV's variants."""

import pytest
import torch

from helpers import structural_checks as checks
from serflow.models.acnn import Acnn, attend

PAPER = {
    "dims": 13,
    "classes": 4,
    "parallel": 8,
    "channels": [32, 48, 64, 80],
    "depth": 4,
    "attention": True,
    "attend_over": "time",
    "n_head": 4,
    "n_size": 64,
}


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_logits_are_those_of_the_papers_equations(depth):
    checks.check_logits_are_the_papers(Acnn, depth=depth)


def test_one_head_is_plain_self_attention():
    checks.check_logits_are_the_papers(Acnn, n_head=1)


@pytest.mark.parametrize("depth", [1, 4])
def test_coefficients_may_attend_to_coefficients(depth):
    checks.check_logits_are_the_papers(Acnn, depth=depth, attend_over="coefficients")


@pytest.mark.parametrize("depth", [1, 4])
def test_without_attention_the_convolutions_are_averaged(depth):
    checks.check_logits_are_the_papers(Acnn, depth=depth, attention=False)


def test_two_seconds_leave_15_by_3_maps():
    checks.check_convolutions_leave_15_by_3(Acnn)


@pytest.mark.parametrize("change", [{}, {"attend_over": "coefficients"}, {"attention": False}])
def test_an_utterance_scores_the_same_alone_and_padded(change):
    checks.check_tiny_padding_changes_nothing(Acnn, checks.TINY | change)


@pytest.mark.parametrize("masked", [False, True])
def test_attend_is_torchs_attention_without_scaling(masked):
    checks.check_attend_is_torchs(attend, masked)


def test_masked_steps_take_no_part_in_attention():
    checks.check_masked_steps_take_no_part(attend)


def test_attend_stays_finite_for_scores_beyond_the_range_of_exp():
    k = torch.tensor([[[1e3], [-1e3]]])
    v = torch.tensor([[[1.0], [2.0]]])
    assert attend(k, k, v, None).flatten().tolist() == [1.0, 2.0]


def test_the_convolutions_are_those_of_table_1():
    network = Acnn(**PAPER)
    pair = [network.front.along_time, network.front.along_coefficients]
    layers = [block.convolution for block in [*pair, *network.blocks]]
    assert [(c.kernel_size, c.stride, c.in_channels, c.out_channels) for c in layers] == [
        ((10, 2), (1, 1), 1, 8),
        ((2, 8), (1, 1), 1, 8),
        ((3, 3), (1, 1), 16, 32),
        ((3, 3), (1, 1), 32, 48),
        ((3, 3), (1, 1), 48, 64),
        ((3, 3), (1, 1), 64, 80),
    ]
    assert [block.pool for block in [*pair, *network.blocks]] == [False, False, True, True, False, False]


def test_the_number_of_parameters_is_that_of_table_1_and_the_final_model():
    front = (10 * 2 + 1) * 8 + (2 * 8 + 1) * 8
    further = sum((9 * a + 1) * b for a, b in [(16, 32), (32, 48), (48, 64), (64, 80)])
    norms = 2 * (16 + 32 + 48 + 64 + 80)
    heads, output = 3 * 4 * 64 * (80 + 1), 4 * (64 + 1)
    assert sum(p.numel() for p in Acnn(**PAPER).parameters()) == front + further + norms + heads + output


@pytest.mark.parametrize(("depth", "shape"), [(1, (32, 31, 6)), (2, (48, 15, 3)), (3, (64, 15, 3)), (4, (80, 15, 3))])
def test_table_4_takes_the_last_convolutions_away(depth, shape):
    network = Acnn(**PAPER | {"depth": depth}).eval()
    maps, lengths = network.convolve(torch.zeros(1, 63, 13), torch.tensor([63]))
    assert (tuple(maps.shape[1:]), lengths.tolist()) == (shape, [shape[1]])
    assert network.projection.in_channels == shape[0]


def test_without_attention_there_is_no_projection_and_no_map():
    network = Acnn(**PAPER | {"attention": False})
    assert network.projection is None
    assert network.output.in_features == 80
    with pytest.raises(ValueError, match="no attention layer"):
        network.attention_map(torch.zeros(1, 63, 13), torch.tensor([63]))


def test_the_attention_map_is_the_mean_over_feature_points():
    network = checks.randomised(Acnn(**checks.TINY))
    frames, lengths = checks.draw_frames(2, 16, 9), checks.full(2, 16)
    maps = network.fuse(*network.convolve(frames, lengths))
    assert tuple(maps.shape) == (2, 2, 4, 2)
    expected = (maps[:, 0] + maps[:, 1]) / 2
    torch.testing.assert_close(network.attention_map(frames, lengths), expected.detach())


@pytest.mark.parametrize("depth", [0, 5])
def test_a_depth_without_channels_is_refused(depth):
    with pytest.raises(ValueError, match="expected 1 to 4"):
        Acnn(**PAPER | {"depth": depth})
