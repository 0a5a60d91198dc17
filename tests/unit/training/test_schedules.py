"""Learning rates and steps an epoch, by hand."""

import pytest

from serflow.training.schedules import learning_rate, steps_at_initial_rate, steps_per_epoch
from serflow.training.seeding import derive


def rates(schedule, steps_asked, *, an_epoch=100, steps=5_000, initial=1e-3):
    given = {"initial": initial, "schedule": schedule, "an_epoch": an_epoch, "steps": steps}
    return {step: learning_rate(step, **given) for step in steps_asked}


def test_the_rate_is_a_tenth_after_every_ten_epochs():
    found = rates({"name": "step", "every": 10, "factor": 0.1}, (1, 1_000, 1_001, 2_000, 2_001, 4_001, 5_000))
    assert found == pytest.approx(
        {1: 1e-3, 1_000: 1e-3, 1_001: 1e-4, 2_000: 1e-4, 2_001: 1e-5, 4_001: 1e-7, 5_000: 1e-7}
    )


def test_the_rate_halves_smoothly_after_a_number_of_steps():
    found = rates({"name": "halving", "after": 1_000, "every": 2_000}, (1, 1_001, 2_001, 3_001, 5_001))
    assert found == pytest.approx({1: 1e-3, 1_001: 1e-3, 2_001: 1e-3 * 0.5**0.5, 3_001: 5e-4, 5_001: 2.5e-4})


def test_the_rate_is_cut_once_late():
    found = rates({"name": "late_cut", "after": 0.8, "factor": 0.1}, (1, 4_000, 4_001, 5_000))
    assert found == pytest.approx({1: 1e-3, 4_000: 1e-3, 4_001: 1e-4, 5_000: 1e-4})


def test_without_a_schedule_the_rate_stays():
    assert rates(None, (1, 5_000), initial=0.25) == {1: 0.25, 5_000: 0.25}


@pytest.mark.parametrize(
    ("schedule", "done", "expected"),
    [
        (None, 700, 700),
        ({"name": "step", "every": 10, "factor": 0.1}, 700, 700),
        ({"name": "step", "every": 10, "factor": 0.1}, 5_000, 1_000),
        ({"name": "halving", "after": 1_000, "every": 2_000}, 5_000, 1_001),
        ({"name": "late_cut", "after": 0.8, "factor": 0.1}, 5_000, 4_000),
    ],
)
def test_steps_at_the_initial_rate_are_counted(schedule, done, expected):
    assert steps_at_initial_rate(schedule=schedule, an_epoch=100, steps=5_000, done=done) == expected


@pytest.mark.parametrize(
    ("steps", "epochs", "batches", "expected"),
    [(None, 50, 37, 37), (900, 50, 37, 18), (900, 50, 2, 18), (74, 50, 9, 1), (10, 50, 9, 1)],
)
def test_an_epoch_is_one_pass_or_a_share_of_the_corpuss_steps(steps, epochs, batches, expected):
    assert steps_per_epoch(steps=steps, epochs=epochs, batches=batches) == expected


def test_a_derived_seed_depends_on_each_of_its_parts_and_on_nothing_else():
    parts = [("order", 1, 2), ("order", 2, 1), ("weights", 1, 2), ("order", 1), ("order", 12)]
    seeds = [derive(*part) for part in parts]
    assert len(set(seeds)) == 5
    assert all(0 <= seed < 2**63 for seed in seeds)
    # first 15 hex digits of sha256 of '["weights",1]'
    assert derive("weights", 1) == int("8d953d01705a9d5", 16)
