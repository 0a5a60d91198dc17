import numpy as np
import pytest

from helpers.predicted import one_hot
from serflow.metrics import intervals
from serflow.metrics.confusion import confusion_family
from serflow.metrics.intervals import bootstrap, by_group, percentile_interval, pooled

WA = 1
FAMILY = confusion_family(["a", "b"])


def parts(seed=0, utterances=300, right=0.7, seeds=2):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, utterances)
    predicted = np.where(generator.random((seeds, utterances)) < right, truth, 1 - truth)
    return FAMILY.parts(truth, one_hot(predicted, 2)).swapaxes(0, 1)


def test_pooled_averages_the_seeds_metrics_not_their_counts():
    counts = np.array([[[1, 0], [0, 0]], [[1, 1], [1, 1]]])
    assert pooled(FAMILY, counts)[WA] == pytest.approx((1 + 0.5) / 2)


def test_groups_are_summed_in_ascending_order():
    assert by_group(np.array([[1.0], [2.0], [4.0]]), np.array([7, 3, 7])).tolist() == [[2.0], [5.0]]


def test_the_bootstrap_is_the_same_for_the_same_seed_only():
    first, again, other = (bootstrap(FAMILY, parts(), replicates=50, seed=seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_a_replicate_draws_as_many_units_as_there_are():
    weights = np.concatenate(list(intervals.resamples(7, 20, 0)))
    assert weights.shape == (20, 7)
    assert (weights.sum(1) == 7).all()


def test_memory_is_bounded_by_blocks(monkeypatch):
    monkeypatch.setattr(intervals, "_BLOCK", 1000)
    blocks = list(intervals.resamples(300, 10, 0))
    assert [len(block) for block in blocks] == [3, 3, 3, 1]


def test_all_seeds_share_a_resample():
    one = parts(seeds=1)
    twice = np.concatenate([one, one], 1)
    assert np.allclose(bootstrap(FAMILY, one, replicates=20, seed=3), bootstrap(FAMILY, twice, replicates=20, seed=3))


def test_units_that_are_all_alike_have_an_interval_of_no_width():
    alike = np.tile(np.array([[[[3.0, 1.0], [2.0, 2.0]]]], np.float32), (5, 1, 1, 1))
    low, high = percentile_interval(bootstrap(FAMILY, alike, replicates=30, seed=0))
    assert np.allclose(low, high)
    assert low[WA] == pytest.approx(5 / 8)


def test_the_interval_is_the_central_95_percent_and_leaves_out_nan():
    values = np.append(np.arange(101.0), np.nan)[:, None]
    low, high = percentile_interval(values)
    assert (low[0], high[0]) == pytest.approx((2.5, 97.5))
    assert np.isnan(percentile_interval(np.full((3, 1), np.nan))).all()


def test_the_interval_covers_the_true_rate_about_as_often_as_it_says():
    covered = 0
    for seed in range(200):
        low, high = percentile_interval(bootstrap(FAMILY, parts(seed, 100, seeds=1), replicates=200, seed=seed))
        covered += low[WA] <= 0.7 <= high[WA]
    assert 0.89 <= covered / 200 <= 0.99
