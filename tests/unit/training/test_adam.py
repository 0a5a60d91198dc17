"""Adam against PyTorch's own class, to the byte, and resumed from its state."""

import pytest
import torch

from serflow.training.adam import Adam

SETTINGS = {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-6, "weight_decay": 0.1}
SHAPES = [(3, 4), (5,), (2, 2)]
STEPS = 6
LATE = 2  # the parameter that has no gradient in the first and the fourth step


def parameters():
    generator = torch.Generator().manual_seed(1)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in SHAPES]


def give_gradients(weights, step):
    generator = torch.Generator().manual_seed(100 + step)
    for place, weight in enumerate(weights):
        gradient = torch.randn(weight.shape, generator=generator)
        weight.grad = None if place == LATE and step % 3 == 0 else gradient


def bytes_of(weights):
    return [weight.detach().numpy().tobytes() for weight in weights]


def test_its_steps_are_those_of_pytorchs_class():
    ours, theirs = parameters(), parameters()
    adam, other = Adam(ours, **SETTINGS), torch.optim.Adam(theirs, **SETTINGS, fused=True)
    for step in range(STEPS):
        adam.lr = other.param_groups[0]["lr"] = SETTINGS["lr"] / (1 + step)
        give_gradients(ours, step)
        give_gradients(theirs, step)
        before = bytes_of(ours)
        adam.step()
        other.step()
        assert bytes_of(ours) == bytes_of(theirs)
        assert (bytes_of(ours)[LATE] == before[LATE]) == (step % 3 == 0)
    assert [state["step"].item() for state in other.state.values()] == [6, 6, 4]
    state = adam.tensors()
    assert [state[f"{i}.step"].item() for i in range(3)] == [6, 6, 4]


@pytest.mark.parametrize("restored", [True, False])
def test_it_goes_on_from_its_state_and_not_without(restored):
    whole, first = parameters(), parameters()
    adam, stopped = Adam(whole, **SETTINGS), Adam(first, **SETTINGS)
    for step in range(STEPS):
        give_gradients(whole, step)
        adam.step()
        if step == 3:
            second = [torch.nn.Parameter(weight.detach().clone()) for weight in first]
            kept = {name: value.clone() for name, value in stopped.tensors().items()}
            first, stopped = second, Adam(second, **SETTINGS)
            if restored:
                stopped.restore(kept)
        give_gradients(first, step)
        stopped.step()
    assert (bytes_of(first) == bytes_of(whole)) == restored
