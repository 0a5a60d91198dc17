"""Masks over time, by hand."""

import pytest
import torch

from serflow.layers.masking import all_full, masked_mean, time_mask, zero_beyond


def test_a_step_is_real_below_the_length():
    assert time_mask(torch.tensor([2, 0, 3]), 3, torch.device("cpu")).tolist() == [
        [True, True, False],
        [False] * 3,
        [True] * 3,
    ]


@pytest.mark.parametrize(("lengths", "full"), [([3, 3], True), ([3, 2], False)])
def test_all_full_is_true_only_where_no_example_is_padded(lengths, full):
    assert all_full(torch.tensor(lengths), 3) is full


def test_steps_beyond_the_length_become_zero_and_the_others_stay():
    maps = torch.arange(1.0, 13.0).reshape(2, 1, 3, 2)
    zeroed = zero_beyond(maps, torch.tensor([1, 3]))
    assert zeroed[0, 0].tolist() == [[1, 2], [0, 0], [0, 0]]
    assert zeroed[1].equal(maps[1])


def test_the_mean_is_over_real_steps_and_coefficients():
    maps = torch.arange(1.0, 13.0).reshape(2, 1, 3, 2)
    assert masked_mean(maps, torch.tensor([2, 3])).tolist() == [[(1 + 2 + 3 + 4) / 4], [9.5]]
