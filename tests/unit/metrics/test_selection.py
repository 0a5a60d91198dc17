import numpy as np
import pytest

from serflow.metrics.confusion import confusion_family
from serflow.metrics.selection import best_epoch, best_of_each, select_epochs

# Test UA by epoch: 0.5, 0.75, 0.75, 0.5; validation UA: 0.5, 0.5, 1, 1.
TEST = np.array([[[2, 2], [2, 2]], [[4, 0], [2, 2]], [[2, 2], [0, 4]], [[0, 4], [0, 4]]])
VALIDATION = np.array([[[1, 1], [1, 1]], [[2, 0], [2, 0]], [[2, 0], [0, 2]], [[2, 0], [0, 2]]])


def test_each_rule_picks_its_epoch_and_ties_go_to_the_earliest():
    assert select_epochs(TEST, VALIDATION) == {"last": 3, "best_validation": 2, "best_test": 1}


def test_without_a_validation_part_there_is_no_validation_rule():
    assert select_epochs(TEST, None) == {"last": 3, "best_test": 1}


def test_the_validation_and_last_rules_never_look_at_the_test_part():
    for other in (TEST[::-1], TEST[:, ::-1], np.roll(TEST, 1, 0)):
        chosen = select_epochs(other, VALIDATION)
        assert (chosen["best_validation"], chosen["last"]) == (2, 3)


def test_rates_equal_but_for_their_last_bit_are_a_tie():
    tenths = np.array([0.3, 0.1 + 0.2])
    assert tenths[1] > tenths[0]
    assert best_epoch(tenths) == 0


def test_a_value_that_is_not_a_number_never_wins():
    assert best_epoch(np.array([np.nan, 0.2, np.nan])) == 1
    assert best_epoch(np.array([np.nan, np.nan])) == 1


def test_best_of_each_takes_metrics_from_different_epochs():
    # Epoch 1: WA 8/10, UA 1/2; epoch 2: WA 6/10, UA (5/8 + 1/2) / 2.
    counts = np.array([[[8, 0], [2, 0]], [[5, 3], [1, 1]]])
    values = best_of_each(confusion_family(["a", "b"]), counts)
    assert values[0] == pytest.approx((5 / 8 + 1 / 2) / 2)
    assert values[1] == pytest.approx(0.8)
    assert values[4:].tolist() == [1.0, 0.5]


def test_of_what_is_better_the_lower_it_is_the_lowest_value_wins():
    assert best_epoch(np.array([0.3, 0.1, np.nan, 0.1]), lower_is_better=True) == 1
