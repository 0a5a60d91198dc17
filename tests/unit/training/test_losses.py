"""Losses of an epoch: added up as they always were, and refused by the number of the step where one is not finite."""

import struct

import numpy as np
import pytest
import torch

from helpers.tiny_job import CLASSES, SPEC, changed, make_examples
from serflow.errors import UserError
from serflow.learners.network import Network
from serflow.training.gradient import GradientLearner


def trained_with_losses(folder, monkeypatch, losses=None, **settings):
    """Rows of a training, and the loss of each part of each step as `item()` reads it; `losses` stand in for them."""
    given, read, step = iter(losses or ()), [], GradientLearner._step

    def reading(self, inputs, targets, batch):
        parts = [torch.tensor(next(given))] if losses else step(self, inputs, targets, batch)
        read.append([part.item() for part in parts])
        return parts

    monkeypatch.setattr(GradientLearner, "_step", reading)
    learner = Network(spec=changed(SPEC, **settings), classes=CLASSES, device="cpu", seed=1)
    examples = make_examples(folder, count=16, frames=(40, 33))
    return learner, learner.fit(examples), read


def test_the_mean_loss_is_to_the_bit_that_of_losses_read_one_by_one(tmp_path, monkeypatch):
    learner, rows, read = trained_with_losses(tmp_path, monkeypatch, train__frames_at_once=50, train__epochs=1)
    (row,) = rows
    steps = []
    for parts in read:
        total = 0.0
        for part in parts:
            total += part
        steps.append(total)
    assert max(map(len, read)) > 1
    assert struct.pack("d", row["loss"]) == struct.pack("d", float(np.mean(steps)))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_told_with_its_step_and_epoch(tmp_path, monkeypatch, value):
    _, rows, _ = trained_with_losses(tmp_path, monkeypatch, [1.0, 2.0, 1.0, value, value, 1.0], steps=12)
    assert next(rows)["loss"] == pytest.approx(4 / 3)
    with pytest.raises(UserError, match=f"training loss is {value} at step 4, in epoch 2: expected a finite number"):
        next(rows)


def test_no_predictions_are_made_with_a_network_whose_loss_was_not_finite(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(GradientLearner, "_estimate_population", lambda self, *given: seen.append("population"))
    learner = Network(spec=changed(SPEC, train__optimizer__lr=1e30), classes=CLASSES, device="cpu", seed=1)
    with pytest.raises(UserError, match="training loss is"):
        for _ in learner.fit(make_examples(tmp_path, count=16, frames=(40, 33))):
            seen.append("row")
    assert seen == []
