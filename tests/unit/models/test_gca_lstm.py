"""GCA-LSTM against equations 4-12 step by step."""

import pytest
import torch

from helpers import li_checks as checks
from serflow.layers.gca_lstm import GatedLstm, GcaLstm, normalised_gate


@pytest.mark.parametrize("iterations", [1, 3])
def test_memory_gates_and_gradients_are_those_of_the_equations(iterations):
    checks.check_gca_is_the_equations(GcaLstm, iterations=iterations)


def test_the_written_out_gradient_of_the_recurrence_is_the_numerical_one():
    layer = GatedLstm(inputs=2, units=3).double()
    frames, gate = checks.draw_frames(4, 2, 2).requires_grad_(), torch.rand(4, 2, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda x, r: layer(layer.project(x), r), (frames, gate))


def test_under_autocast_memory_and_gradients_are_rougher_and_close():
    torch.manual_seed(0)
    network = GcaLstm(inputs=3, units=8, width=8, iterations=3)
    sequence, lengths = checks.draw_frames(2, 9, 3).mT.float(), torch.tensor([9, 6])
    memory = network(sequence, lengths)
    expected = torch.autograd.grad(memory.sum(), list(network.parameters()))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = network(sequence, lengths)
    assert not torch.equal(rough.float(), memory)
    torch.testing.assert_close(rough.float(), memory, rtol=0.05, atol=0.02)
    for a, b in zip(torch.autograd.grad(rough.sum(), list(network.parameters())), expected, strict=True):
        assert torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), dim=0) > 0.95 or b.norm() < 1e-3


def test_the_gate_is_the_softmax_normalised_to_0_and_1_over_the_real_steps():
    scores = torch.tensor([[0.3, -2.0], [1.7, 5.0], [-0.4, 1.0], [0.9, 99.0]], dtype=torch.float64)
    mask = torch.tensor([[True, True], [True, True], [True, True], [True, False]])
    gate = normalised_gate(scores, mask)
    for column, count in ((0, 4), (1, 3)):
        r = scores[:count, column].softmax(dim=0)
        torch.testing.assert_close(gate[:count, column], (r - r.min()) / (r.max() - r.min()))
    assert gate[3, 1] == 0


def test_a_gate_of_scores_far_apart_or_close_together_keeps_its_digits():
    apart = normalised_gate(
        torch.tensor([[-300.0], [0.0], [300.0]]).requires_grad_(), torch.ones(3, 1, dtype=torch.bool)
    )
    assert apart[:, 0].tolist() == [0.0, 0.0, 1.0]
    close = normalised_gate(torch.tensor([[1.0], [1.0 + 1e-5], [1.0 + 2e-5]]), torch.ones(3, 1, dtype=torch.bool))
    torch.testing.assert_close(close[:, 0], torch.tensor([0.0, 0.5, 1.0]), rtol=0, atol=0.02)


def test_gradients_of_scores_far_apart_are_finite():
    scores = torch.tensor([[-300.0], [0.0], [300.0]]).requires_grad_()
    normalised_gate(scores, torch.ones(3, 1, dtype=torch.bool)).sum().backward()
    assert torch.isfinite(scores.grad).all()


def test_steps_that_are_all_alike_are_all_taken_in():
    assert normalised_gate(torch.tensor([[2.0], [2.0], [7.0]]), torch.tensor([[True], [True], [False]])).tolist() == [
        [1.0],
        [1.0],
        [0.0],
    ]


def test_a_gate_of_one_leaves_no_memory_and_a_gate_of_zero_takes_nothing_in():
    layer = GatedLstm(inputs=2, units=3)
    frames = checks.draw_frames(4, 1, 2).float()
    shut = layer(layer.project(frames), torch.zeros(4, 1))
    assert shut.eq(0).all()
    gate = torch.tensor([[0.3], [0.8], [0.5], [1.0]])
    before, after = frames.clone(), frames.clone()
    after[0] += 1  # what lies before a gate of 1 reaches it through h alone, not through the cell
    with torch.no_grad():
        layer.recurrent.zero_()
        a, b = (layer(layer.project(x), gate) for x in (before, after))
    torch.testing.assert_close(a[3], b[3])
    assert not torch.allclose(a[2], b[2])
