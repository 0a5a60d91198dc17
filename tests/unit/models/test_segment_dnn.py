"""The network of segments: frames side by side, dense layers; only segments of its own length."""

import numpy as np
import pytest
import torch

from helpers.structural_checks import draw_frames, randomised
from serflow.errors import UserError
from serflow.models.segment_dnn import SegmentDnn

SETTINGS = {"dims": 3, "classes": 4, "frames": 5, "classifier": [16, 8], "dropout": 0.0, "width_multiplier": 1}


def network(**change):
    return randomised(SegmentDnn(**SETTINGS | change))


def test_logits_are_dense_layers_on_all_values_of_the_segment():
    model, frames = network(), draw_frames(2, 5, 3)
    layers = [layer for layer in model.classifier if isinstance(layer, torch.nn.Linear)]
    assert [tuple(layer.weight.shape) for layer in layers] == [(16, 15), (8, 16), (4, 8)]
    with torch.no_grad():
        found = model(frames, torch.tensor([5, 5])).numpy()
    for row, segment in zip(found, frames.numpy(), strict=True):
        values = [value for frame in segment for value in frame]
        for number, layer in enumerate(layers):
            weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            values = [
                sum(w * v for w, v in zip(ws, values, strict=True)) + b for ws, b in zip(weight, bias, strict=True)
            ]
            if number < 2:
                values = [max(v, 0) for v in values]
        np.testing.assert_allclose(row, values, atol=1e-10)


def test_batch_mates_and_what_lies_beyond_the_segment_change_nothing():
    model, frames = network(), draw_frames(3, 9, 3)
    with torch.no_grad():
        together = model(frames, torch.tensor([5, 5, 5]))
        alone = model(frames[1:2, :5], torch.tensor([5]))
    torch.testing.assert_close(together[1:2], alone, rtol=0, atol=1e-12)


def test_every_parameter_has_a_gradient():
    model = network()
    model(draw_frames(8, 5, 3), torch.full((8,), 5)).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_widths_are_multiplied():
    assert [layer.out_features for layer in network(width_multiplier=2).classifier if hasattr(layer, "weight")] == [
        32,
        16,
        4,
    ]


@pytest.mark.parametrize("length", [4, 6])
def test_a_segment_of_another_length_is_refused(length):
    with pytest.raises(UserError, match=f"a segment of {length} frames, expected 5; let segments.seconds"):
        network()(draw_frames(2, 6, 3), torch.tensor([5, length]))
