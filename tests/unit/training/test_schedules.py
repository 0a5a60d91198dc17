"""Learning rates and steps an epoch, by hand."""

import pytest

from serflow.training.schedules import learning_rate, steps_per_epoch
from serflow.training.seeding import derive


def test_the_rate_is_a_tenth_after_every_ten_epochs():
    schedule = {"every": 10, "factor": 0.1}
    rates = {e: learning_rate(e, initial=1e-3, schedule=schedule) for e in (1, 10, 11, 20, 21, 41, 50)}
    assert rates == pytest.approx({1: 1e-3, 10: 1e-3, 11: 1e-4, 20: 1e-4, 21: 1e-5, 41: 1e-7, 50: 1e-7})


def test_without_a_schedule_the_rate_stays():
    assert learning_rate(50, initial=0.25, schedule=None) == 0.25


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
