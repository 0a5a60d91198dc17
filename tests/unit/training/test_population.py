"""What is evaluated is what was trained: batch norms take the population's statistics before each prediction."""

import itertools

import numpy as np
import pytest
import torch

from helpers import li_checks, tiny_job
from helpers.tiny_job import CLASSES, changed, make_examples
from serflow.layers.batch_norm import BatchNorm, batch_norms
from serflow.learners.network import Network
from serflow.models import build
from serflow.training.seeding import derive
from serflow.training.segments import training_segments

MODEL = {
    "name": "drn",
    "groups": li_checks.OF_A_SPEC | {"filters": [8, 8, 16, 16, 16], "dropout": 0.5, "attention_dropout": 0.1},
    "units": 16,
    "layers": 1,
    "classifier": [16, 16],
    "dropout": 0.5,
    "width_multiplier": 1,
}
SPEC = changed(
    tiny_job.SPEC,
    model=MODEL,
    segments=None,
    train__epochs=4,
    train__batch_size=16,
    train__schedule=None,
    steps=80,
)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return make_examples(tmp_path_factory.mktemp("store"), count=64, frames=(40, 90, 25, 60, 33), apart=0.8)


def learner(spec=SPEC, kind=Network):
    return kind(spec=spec, classes=CLASSES, device="cpu", seed=1)


def trained(examples, spec=SPEC, kind=Network):
    made = learner(spec, kind)
    rows = list(made.fit(examples))
    return made, rows


@pytest.fixture(scope="module")
def ours(examples):
    """A trained network, and its rows of history."""
    return trained(examples)


@pytest.fixture(scope="module")
def usual(examples):
    """The same, evaluated as is usual."""
    return trained(examples, kind=RunningStatistics)


class RunningStatistics(Network):
    """Evaluates by a running mean of the last steps, taken with dropout on, as is usual."""

    def _estimate_population(self, inputs, targets):
        pass


def losses_in_both_modes(made, examples):
    """Mean cross-entropy of the training part: in training mode, and as predicted."""
    inputs, labels = made._network_inputs(examples, training_segments), torch.from_numpy(examples.labels)
    torch.manual_seed(0)
    made.network.train()
    batches = [np.sort(batch) for batch in np.array_split(np.random.default_rng(0).permutation(len(examples)), 4)]
    with torch.no_grad():
        total = sum(made._loss(inputs, batch, labels[torch.from_numpy(batch)]).item() for batch in batches * 5)
    _, probabilities = made.predict(examples)
    evaluated = -np.log(probabilities[np.arange(len(examples)), examples.labels]).mean()
    return total / (5 * len(examples)), evaluated


def deviations(made, examples):
    """For each norm, the deviation of what it is given in evaluation by the one that it divides by; by channel."""
    ratios = []

    def look(norm, given):
        values, mask = (*given, None)[:2]
        real = values.transpose(0, 1).flatten(1)
        if mask is not None:
            real = real[:, mask.expand(values.shape[0], 1, *values.shape[2:]).transpose(0, 1).flatten()]
        ratios.append((real.std(dim=1) / norm.running_var.sqrt()).numpy())

    hooks = [norm.register_forward_pre_hook(look) for norm in batch_norms(made.network)]
    made.predict(examples)
    for hook in hooks:
        hook.remove()
    return ratios


def test_the_training_part_is_evaluated_about_as_it_was_trained(ours, usual, examples):
    """With dropout 0.5; without it the loss is a little lower, never higher by much."""
    training, evaluated = losses_in_both_modes(ours[0], examples)
    assert evaluated < 1.1 * training
    by_running = losses_in_both_modes(usual[0], examples)
    assert by_running[0] == pytest.approx(training, rel=1e-5), "the same weights"
    assert by_running[1] > evaluated


def test_every_norm_divides_by_the_deviation_of_what_it_is_given(ours, usual, examples):
    ratios = deviations(ours[0], examples)
    assert len(ratios) == len(batch_norms(ours[0].network)) == 19
    assert all(0.8 < np.median(ratio) < 1.25 for ratio in ratios)
    assert not all(0.8 < np.median(ratio) < 1.25 for ratio in deviations(usual[0], examples)), "cannot fail"


def test_the_first_norms_statistics_are_those_of_all_training_frames(examples):
    """Fewer segments than `POPULATION`: all count once, whatever went through the network at once."""
    for at_once in (10_000, 200):
        made, _ = trained(examples, changed(SPEC, train__frames_at_once=at_once, train__epochs=1, steps=2))
        first = made.network.convolutions.groups[0][0].first
        made.network.eval()
        outputs = []
        for index in range(len(examples)):
            frames = torch.from_numpy(examples.frames(index).copy())[None]
            outputs.append(first.convolution(torch.nn.functional.pad(frames.mT, first.padding))[0].detach())
        every = torch.cat(outputs, dim=1)
        torch.testing.assert_close(first.norm.running_mean, every.mean(dim=1), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(first.norm.running_var, every.var(dim=1), rtol=1e-4, atol=1e-5)


def test_an_utterance_scores_the_same_alone_and_in_company(ours, examples):
    made, _ = ours
    names, together = made.predict(examples)
    for name, row in itertools.islice(zip(names, together, strict=True), 6):
        (_, alone) = made.predict(examples.alone(name))
        np.testing.assert_allclose(alone[0], row, atol=1e-5)


def test_the_estimate_changes_no_weight_and_no_later_step(ours, usual):
    """Training goes on as if nothing had been estimated: same weights, same losses."""
    (with_it, rows), (without, same) = ours, usual
    assert [row["loss"] for row in rows] == [row["loss"] for row in same]
    for one, other in zip(with_it.network.parameters(), without.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_seed_decides_whom_the_population_is_of(examples, monkeypatch):
    monkeypatch.setattr("serflow.training.gradient.POPULATION", 16)
    drawn = []
    original = Network._loss_of_part

    def noted(self, inputs, targets, indices):
        if not self.network.training:
            drawn.append(sorted(indices.tolist()))
        return original(self, inputs, targets, indices)

    monkeypatch.setattr(Network, "_loss_of_part", noted)
    list(learner(changed(SPEC, train__epochs=3, steps=6)).fit(examples))
    assert [len(one) for one in drawn] == [16, 16, 16]
    assert len({tuple(one) for one in drawn}) == 3, "drawn anew in each epoch"
    again, drawn[:] = list(drawn), []
    list(learner(changed(SPEC, train__epochs=3, steps=6)).fit(examples))
    assert drawn == again
    assert derive("population", 1, 1) != derive("population", 2, 1)


def test_a_network_without_batch_norms_costs_nothing_more(examples, monkeypatch):
    monkeypatch.setattr(Network, "_parts", lambda self, batch, frames: parts.append(batch) or [batch])
    parts = []
    plain = {key: value for key, value in MODEL.items() if key != "groups"} | {"name": "lstm"}
    list(learner(changed(SPEC, model=plain, train__epochs=2, steps=6)).fit(examples))
    assert len(parts) == 6


def test_gradients_are_clipped_to_a_norm(examples):
    def largest(clip):
        spec = changed(SPEC, train__epochs=1, steps=3, **({"train__clip": clip} if clip else {}))
        made, norms = learner(spec), []
        rows = made.fit(examples)
        step = torch.nn.utils.get_total_norm

        class Noted:
            def __init__(self, optimizer):
                self.optimizer = optimizer

            def step(self):
                norms.append(float(step([p.grad for p in made.network.parameters() if p.grad is not None])))
                self.optimizer.step()

            def __getattr__(self, name):
                return getattr(self.optimizer, name)

        original = made._step

        def stepped(*given):
            made.optimizer = made.optimizer if isinstance(made.optimizer, Noted) else Noted(made.optimizer)
            return original(*given)

        made._step = stepped
        next(rows)
        return norms

    assert max(largest(None)) > 0.5
    clipped = largest(0.25)
    assert len(clipped) == 3
    assert max(clipped) <= 0.25 + 1e-5


def test_rows_say_how_many_steps_had_the_initial_rate(examples):
    schedule = {"name": "late_cut", "after": 0.5, "factor": 0.1}
    spec = changed(SPEC, train__schedule=schedule, train__epochs=4, steps=12)
    rows = list(learner(spec).fit(examples))
    assert [row["steps"] for row in rows] == [3, 6, 9, 12]
    assert [row["steps_at_initial_rate"] for row in rows] == [3, 6, 6, 6]
    assert [row["lr"] for row in rows] == pytest.approx([0.01, 0.01, 0.001, 0.001])


def test_every_batch_norm_of_a_network_is_ours():
    """PyTorch's own would move at every part and never see the population."""
    acnn = {"name": "acnn_original", "parallel": 2, "channels": [2, 3, 4], "n_head": 2, "n_size": 4}
    for model in (MODEL, tiny_job.MODEL, acnn):
        modules = list(build(model, dims=13, classes=4).modules())
        assert any(isinstance(module, BatchNorm) for module in modules)
        assert not any(isinstance(module, torch.nn.modules.batchnorm._BatchNorm) for module in modules)
