"""What is read off a network for figures: blocks with attention, the time of a step, weights and hidden vectors."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import PackedFrames
from serflow.inspection.attention import Block, attention_blocks, step_edges, weights_and_energy
from serflow.layers.temporal_convolutions import ConvolutionGroups
from serflow.models.rlc import Rlc
from serflow.training.inputs import NetworkInput
from serflow.training.segments import Segments

GROUPS = {
    "filters": [2, 2, 2],
    "kernels": [3, 3, 3],
    "convolutions": [1, 4, 4],
    "strides": [2, 2, 2],
    "dilations": [1, 1, 1],
    "residual": True,
    "heads": 1,
    "attention_ratio": 1.0,
    "dropout": 0.0,
    "attention_dropout": 0.0,
}
RLC = {
    "dims": 1,
    "classes": 2,
    "dropout": 0.0,
    "units": 2,
    "gate_width": 2,
    "iterations": 3,
    "classifier": [2],
    "width_multiplier": 1,
}


def learner(**change):
    return SimpleNamespace(network=Rlc(**RLC, groups=GROUPS | change), settings={"model": {"name": "rlc"}})


def test_blocks_with_attention_are_named_by_group_and_place_with_the_frames_of_their_steps():
    assert attention_blocks(learner()) == [Block(2, 1, 4), Block(2, 2, 4), Block(3, 1, 8), Block(3, 2, 8)]


def test_a_network_without_attention_in_its_blocks_is_an_error():
    with pytest.raises(UserError, match="model 'rlc' has no self-attention in convolution blocks"):
        attention_blocks(learner(heads=0))


def test_a_step_reaches_half_way_to_its_neighbours_and_the_ends_to_the_ends():
    np.testing.assert_array_equal(step_edges(3, frames=20, frames_a_step=8), [0, 4, 12, 20])
    np.testing.assert_array_equal(step_edges(1, frames=5, frames_a_step=8), [0, 5])


@pytest.mark.parametrize("step", [10, 25])
def test_the_frame_that_a_step_is_centred_on_lies_in_the_middle_of_its_edges(step):
    groups = ConvolutionGroups(dims=1, **GROUPS | {"heads": 0}).double().eval()
    for parameter in groups.parameters():
        torch.nn.init.ones_(parameter)
    frames = torch.ones(1, 280, 1, dtype=torch.float64, requires_grad=True)
    sequence, lengths = groups(frames, torch.tensor([280]))
    assert int(lengths) == 35
    sequence[0, 0, step].backward()
    share = frames.grad[0, :, 0].numpy()  # of each frame in the step
    centre = (share * np.arange(280)).sum() / share.sum()
    edges = step_edges(35, frames=280, frames_a_step=groups.frames_a_step)
    assert centre == pytest.approx((edges[step] + edges[step + 1]) / 2)


class Weighing(torch.nn.Module):
    """Weights that grow with the first value of a frame, hidden vectors that are the frames."""

    shortest = 4

    def attention_weights(self, frames, lengths):
        return frames[..., 0] / frames[..., 0].sum(dim=1, keepdim=True)

    def hidden(self, frames, lengths):
        return frames


FRAMES = {"one": np.array([[1, 2], [3, 0], [4, -2]], dtype=np.float32)}  # what an encoder made of an utterance


def weighing(network=None, *, segments=None):
    """A learner that reads an encoder's hidden vectors, whatever it is given."""
    one = Examples(["one"], None, PackedFrames.of(FRAMES, hop_seconds=0.01), np.ones(1))
    read = NetworkInput(one, Segments(np.array([0]), np.array([0]), np.array([3])), None)
    settings = {"model": {"name": "weighing"}, "segments": segments}
    network = network or Weighing()
    return SimpleNamespace(
        network=network, settings=settings, device=torch.device("cpu"), network_input=lambda examples: read
    )


def test_weights_and_energy_are_of_the_networks_input_frame_by_frame():
    weights, energy = weights_and_energy(weighing(), None)
    np.testing.assert_allclose(weights, [1 / 8, 3 / 8, 4 / 8])
    np.testing.assert_allclose(energy, [5 / 2, 9 / 2, 20 / 2])  # mean squares; a fourth frame, of zeros, is no frame
    assert weights.dtype == energy.dtype == np.float64


def test_a_network_without_weights_or_of_segments_has_no_energy_to_hold_against():
    with pytest.raises(UserError, match="model 'rlc' has no attention weights over hidden vectors; name a system"):
        weights_and_energy(learner(), None)
    with pytest.raises(UserError, match="model 'weighing' reads segments of utterances"):
        weights_and_energy(weighing(segments={"seconds": 1}), None)
