"""Attention transfer against eq. 9-12, one number at a time."""

import pytest
import torch

from helpers import structural_checks as checks
from helpers import zhao_reference as reference
from serflow.layers import attention_transfer
from serflow.layers.attention_transfer import (
    attention_map,
    attention_transfer_loss,
    interpolated,
    l1_normalised,
    total_loss,
)

LENGTHS = torch.tensor([6, 1, 4])


def drawn_maps(seed=0):
    return attention_map(checks.draw_frames(3, 6, 5, seed=seed).mT, LENGTHS, p=2)


def listed(maps):
    return [one[:length].tolist() for one, length in zip(maps, LENGTHS, strict=True)]


@pytest.mark.parametrize("p", [1, 2, 3.5])
def test_a_map_is_the_sum_over_channels_of_eq_10_and_zero_beyond_the_end(p):
    activations = checks.draw_frames(3, 6, 5).mT
    maps = attention_map(activations, LENGTHS, p=p)
    for one, found, length in zip(activations, maps, LENGTHS, strict=True):
        expected = reference.attention_map(one[:, :length].tolist(), p)
        torch.testing.assert_close(found[:length], torch.tensor(expected, dtype=torch.float64))
        assert found[length:].eq(0).all()


def test_a_power_below_one_is_refused():
    with pytest.raises(ValueError, match="p 0.5: expected at least 1"):
        attention_map(checks.draw_frames(1, 2, 2), torch.tensor([2]), p=0.5)


def check_loss_is_eq_12():
    student, teacher = [drawn_maps(0), drawn_maps(1)], [drawn_maps(2), drawn_maps(3)]
    found = attention_transfer_loss(student, teacher)
    own, other = ([listed(maps) for maps in side] for side in (student, teacher))
    expected = [reference.transfer_loss([m[row] for m in own], [m[row] for m in other]) for row in range(3)]
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))
    assert found[0] > 0.1
    assert found[1] == 0, "one step can only be attended to"


def test_the_loss_is_eq_12_summed_over_the_pairs_of_maps():
    check_loss_is_eq_12()


def test_a_loss_of_maps_that_are_not_normalised_fails(monkeypatch):
    monkeypatch.setattr(attention_transfer, "l1_normalised", lambda maps: maps)
    with pytest.raises(AssertionError):
        check_loss_is_eq_12()


def test_the_loss_is_zero_for_maps_of_one_shape_whatever_their_scale():
    maps = drawn_maps()
    torch.testing.assert_close(
        attention_transfer_loss([maps], [1e3 * maps]), torch.zeros(3, dtype=torch.float64), rtol=0, atol=1e-12
    )
    other = drawn_maps(1)
    torch.testing.assert_close(
        attention_transfer_loss([7 * maps], [other / 9]), attention_transfer_loss([maps], [other])
    )


def test_the_loss_is_two_where_no_step_is_shared():
    student, teacher = torch.tensor([[3.0, 1, 0, 0]]), torch.tensor([[0.0, 0, 5, 0]])
    assert attention_transfer_loss([student], [teacher]).tolist() == [2.0]


def test_padding_takes_no_part():
    activations = checks.draw_frames(3, 6, 5).mT
    before = attention_transfer_loss([attention_map(activations, LENGTHS, p=2)], [drawn_maps(1)])
    activations[2, :, 4:] = 100.0
    after = attention_transfer_loss([attention_map(activations, LENGTHS, p=2)], [drawn_maps(1)])
    assert torch.equal(before, after)


def test_gradients_reach_the_student_and_not_the_teacher():
    student, teacher = (checks.draw_frames(3, 6, 5, seed=seed).mT.requires_grad_() for seed in (0, 1))
    maps = [attention_map(one, LENGTHS, p=1) for one in (student, teacher)]
    attention_transfer_loss(maps[:1], maps[1:]).sum().backward()
    assert teacher.grad is None
    assert student.grad[0].abs().max() > 0
    assert student.grad[2, :, 4:].eq(0).all()


def test_long_utterances_keep_their_digits_at_high_powers():
    alpha = torch.full((1, 1, 3000), 1 / 3000)
    alpha[..., 0] *= 2
    normal = l1_normalised(attention_map(alpha, torch.tensor([3000]), p=6))
    torch.testing.assert_close(normal.sum(), torch.tensor(1.0))
    torch.testing.assert_close(normal[0, 0] / normal[0, 1], torch.tensor(64.0))


def test_a_map_of_zeros_stays_one_and_its_gradient_is_finite():
    activations = torch.zeros(1, 2, 3, requires_grad=True)
    normal = l1_normalised(attention_map(activations, torch.tensor([3]), p=1))
    assert normal.tolist() == [[0.0, 0.0, 0.0]]
    normal.sum().backward()
    assert activations.grad.isfinite().all()


@pytest.mark.parametrize("onto", [[12, 3, 9], [6, 1, 4], [2, 2, 5], [7, 10, 1]])
def test_each_map_is_interpolated_by_itself_over_its_real_steps(onto):
    maps, onto = drawn_maps(), torch.tensor(onto)
    found = interpolated(maps, LENGTHS, onto)
    assert found.shape == (3, int(onto.max()))
    for row, (values, steps) in enumerate(zip(listed(maps), onto.tolist(), strict=True)):
        expected = torch.tensor(reference.interpolated(values, steps), dtype=torch.float64)
        torch.testing.assert_close(found[row, :steps], expected)
        theirs = torch.nn.functional.interpolate(maps[row : row + 1, None, : len(values)], size=steps, mode="linear")
        torch.testing.assert_close(found[row, :steps], theirs[0, 0])
        assert found[row, steps:].eq(0).all()


def test_maps_that_are_long_enough_already_stay_as_they_are():
    maps = drawn_maps()
    assert torch.equal(interpolated(maps, LENGTHS, LENGTHS), maps)


def test_the_total_is_eq_11_for_each_utterance():
    logits, labels = checks.draw_frames(1, 3, 4)[0], torch.tensor([2, 0, 3])
    transfer = torch.tensor([0.5, 0.0, 1.5], dtype=torch.float64)
    expected = [
        -float(row[label].exp().div(row.exp().sum()).log()) + 3 * float(at)
        for row, label, at in zip(logits, labels, transfer, strict=True)
    ]
    found = total_loss(logits, labels, transfer, weight=3)
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))
