"""The network of frames: probabilities of utterances as sums over every labelling of their frames."""

import itertools
import math

import numpy as np
import pytest
import torch

from helpers.structural_checks import check_padding_changes_nothing, draw_frames, randomised
from serflow.models.frame_blstm import FrameBlstm

SETTINGS = {"dims": 3, "classes": 3, "units": 8, "layers": 2, "dropout": 0.0, "width_multiplier": 1}
NULL = 3


def network(**change):
    return randomised(FrameBlstm(**SETTINGS | change))


def of_frames(model, frames, length):
    """Probabilities (length, classes + 1) of the frames, Null's last, with none of the model's own sums."""
    hidden = model.recurrent(frames[:length][None], torch.tensor([length]))[0]
    logits = model.classifier(hidden).numpy()
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


def over_labellings(probabilities, label):
    """The sum over the labellings of the frames with the label and Null, the label somewhere."""
    total = 0.0
    for labelling in itertools.product((label, NULL), repeat=len(probabilities)):
        if label in labelling:
            total += math.prod(p[k] for p, k in zip(probabilities, labelling, strict=True))
    return total


@torch.no_grad()
def test_a_class_has_the_probability_of_all_labellings_that_hold_it():
    model, frames, lengths = network(), draw_frames(3, 7, 3), [7, 1, 4]
    found = model(frames, torch.tensor(lengths)).exp().numpy()
    for row, one, length in zip(found, frames, lengths, strict=True):
        probabilities = of_frames(model, one, length)
        np.testing.assert_allclose(row, [over_labellings(probabilities, k) for k in range(3)], rtol=1e-9)
    assert np.ptp(found) > 0.05


@torch.no_grad()
def test_frames_have_the_probabilities_of_the_softmax_without_nulls():
    model, frames = network(), draw_frames(2, 6, 3)
    found = model.frame_probabilities(frames, torch.tensor([6, 4])).numpy()
    for rows, one, length in zip(found, frames, (6, 4), strict=True):
        np.testing.assert_allclose(rows[:length], of_frames(model, one, length)[:, :NULL], atol=1e-12)


@torch.no_grad()
def test_the_loss_is_of_the_labels_summed_over_the_examples():
    model, frames, lengths, labels = network(), draw_frames(3, 6, 3), [6, 2, 5], [2, 0, 1]
    found = model.loss(frames, torch.tensor(lengths), torch.tensor(labels))
    each = [
        over_labellings(of_frames(model, one, length), label)
        for one, length, label in zip(frames, lengths, labels, strict=True)
    ]
    assert float(found) == pytest.approx(-sum(map(math.log, each)), rel=1e-9)


def test_padding_and_batch_mates_change_nothing():
    model = network()
    check_padding_changes_nothing(model, 3, [9, 1, 5], steps=9)
    with torch.no_grad():
        frames = draw_frames(2, 9, 3)
        together = model.frame_probabilities(frames, torch.tensor([9, 5]))[1, :5]
        alone = model.frame_probabilities(frames[1:, :5], torch.tensor([5]))[0]
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


def test_every_parameter_has_a_gradient():
    model = network()
    model.loss(draw_frames(2, 6, 3), torch.tensor([6, 4]), torch.tensor([0, 2])).backward()
    # LSTMs have two biases a gate; hidden weights of a first step alone would have none
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


@pytest.mark.parametrize("shift", [-300.0, 300.0])
def test_loss_and_gradient_stay_finite_where_null_is_certain_or_impossible(shift):
    model = network().float()
    with torch.no_grad():
        model.classifier[-1].bias[NULL] += shift
    model.loss(draw_frames(2, 900, 3).float(), torch.tensor([900, 3]), torch.tensor([0, 1])).backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())
    scores = model(draw_frames(2, 900, 3).float(), torch.tensor([900, 3]))
    assert scores.isfinite().all()


def test_a_label_that_frames_bear_only_at_times_is_learned():
    # noise, but for one frame in ten that leans to the class
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    labels = torch.arange(12) % 3
    frames = 0.3 * torch.randn(12, 10, 3, generator=generator)
    places = torch.randint(10, (12,), generator=generator)
    frames[torch.arange(12), places] += 3 * torch.eye(3)[labels]
    model, lengths = FrameBlstm(**SETTINGS | {"layers": 1}), torch.full((12,), 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(30):
        optimizer.zero_grad()
        model.loss(frames, lengths, labels).backward()
        optimizer.step()
    with torch.no_grad():
        assert (model(frames, lengths).argmax(dim=1) == labels).all()
        highest = model.frame_probabilities(frames, lengths).amax(dim=1)
    assert (highest.argmax(dim=1) == labels).all()
