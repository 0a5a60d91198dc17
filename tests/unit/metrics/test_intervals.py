import numpy as np
import pytest

from helpers.predicted import one_hot
from serflow.metrics.confusion import confusion_family
from serflow.metrics.intervals import by_group, jackknife, metric_interval, pooled

WA = 1
FAMILY = confusion_family(["a", "b"])


def parts(seed=0, utterances=300, right=0.7, seeds=2):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, utterances)
    predicted = np.where(generator.random((seeds, utterances)) < right, truth, 1 - truth)
    return FAMILY.parts(truth, one_hot(predicted, 2)).swapaxes(0, 1)


def mean(sums):
    """Of sums (..., 2) of a value and of ones."""
    return sums[..., :1] / sums[..., 1:]


def test_pooled_averages_the_seeds_metrics_not_their_counts():
    counts = np.array([[[1, 0], [0, 0]], [[1, 1], [1, 1]]])
    assert pooled(FAMILY, counts)[WA] == pytest.approx((1 + 0.5) / 2)


def test_groups_are_summed_in_ascending_order():
    assert by_group(np.array([[1.0], [2.0], [4.0]]), np.array([7, 3, 7])).tolist() == [[2.0], [5.0]]


def test_of_a_mean_the_jackknife_is_the_t_interval_of_every_textbook():
    values = np.array([3.0, 5.0, 4.0, 8.0])  # mean 5, standard deviation sqrt(14/3), error sqrt(14/12)
    found = jackknife(mean, np.stack([values, np.ones(4)], 1))
    assert found.value[0] == 5
    assert found.error[0] == pytest.approx((14 / 12) ** 0.5)
    low, high = found.interval
    assert (low[0], high[0]) == pytest.approx(
        (5 - 3.18245 * (14 / 12) ** 0.5, 5 + 3.18245 * (14 / 12) ** 0.5), abs=1e-4
    )


@pytest.mark.parametrize("values", [(3.0, 5.0, 4.0, 8.0), (0.3, -0.2, 0.4), (1.0, 1.1, 0.9, 1.2, 1.0)])
def test_p_is_below_5_percent_where_the_interval_leaves_out_zero(values):
    found = jackknife(mean, np.stack([values, np.ones(len(values))], 1))
    low, high = found.interval
    assert (found.p[0] < 0.05) == (not low[0] <= 0 <= high[0])


def test_p_by_hand():
    # Student's t with 2 degrees of freedom: p = 1 - t / sqrt(2 + t^2)
    values = np.array([1.0, 2.0, 6.0])  # mean 3, standard deviation sqrt(7), t = 3 / sqrt(7/3)
    t = 3 / (7 / 3) ** 0.5
    assert jackknife(mean, np.stack([values, np.ones(3)], 1)).p[0] == pytest.approx(1 - t / (2 + t**2) ** 0.5)


def test_units_that_all_agree_have_an_interval_of_no_width_and_p_0_or_1():
    alike = np.tile(np.array([[[[3.0, 1.0], [2.0, 2.0]]]], np.float32), (5, 1, 1, 1))
    low, high = metric_interval(FAMILY, alike)
    assert np.allclose(low, high)
    assert low[WA] == pytest.approx(5 / 8)
    ones = np.ones((4, 2))
    assert jackknife(mean, ones).p[0] == 0
    assert jackknife(mean, ones * [0, 1]).p[0] == 1


def test_two_units_have_no_interval_and_no_p():
    found = jackknife(mean, np.stack([[1.0, 2.0], np.ones(2)], 1))
    assert found.value[0] == 1.5
    assert np.isnan([*found.error, *found.p, *found.interval[0]]).all()


def test_all_seeds_are_left_out_together():
    """Five identical seeds hold no more evidence than one."""
    one = parts(seeds=1)
    assert np.allclose(metric_interval(FAMILY, one), metric_interval(FAMILY, np.repeat(one, 5, 1)))


def test_an_interval_ends_where_the_metric_does():
    """One of three speakers is recognised worse: value plus reach would lie above 1."""
    counts = np.array([[[10, 0], [0, 10]], [[10, 0], [0, 10]], [[6, 4], [4, 6]]], float)[:, None]
    low, high = metric_interval(FAMILY, counts)
    assert high[WA] == 1
    assert 0 <= low[WA] < 26 / 30


def test_against_a_loop():
    found = jackknife(lambda sums: pooled(FAMILY, sums), parts())
    whole = parts().sum(0)
    left_out = np.array([pooled(FAMILY, whole - one) for one in parts()])
    units = len(left_out)
    expected = [((units - 1) / units * sum((row - found.value) ** 2 for row in left_out)) ** 0.5]
    assert np.allclose(found.error, expected)
