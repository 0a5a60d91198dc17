"""Holm's correction against published values, and against the closure of Bonferroni's test, whose shortcut it is."""

import itertools
import random

import pytest

from serflow.reporting.holm import holm

# Benjamini and Hochberg 1995, section 4.1: of these 15 tests Bonferroni's correction rejects the first three at 0.05
FIFTEEN = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def closure(values):
    """Of each test the largest of Bonferroni's p of all families that it is in."""
    places = range(len(values))
    families = [set(chosen) for size in places for chosen in itertools.combinations(places, size + 1)]
    local = [min(1.0, len(family) * min(values[place] for place in family)) for family in families]
    return [max(p for p, family in zip(local, families, strict=True) if place in family) for place in places]


@pytest.mark.parametrize(
    ("values", "corrected"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]),  # R, p.adjust(p, "holm")
        ([0.03], [0.03]),
        ([0.6, 0.7], [1.0, 1.0]),
        ([], []),
    ],
)
def test_values_are_those_of_other_programs(values, corrected):
    assert holm(values) == pytest.approx(corrected)


def test_of_fifteen_published_tests_the_same_three_remain_as_by_bonferroni():
    corrected = holm(FIFTEEN)
    assert [p < 0.05 for p in corrected] == [True] * 3 + [False] * 12
    assert corrected[:4] == pytest.approx([0.0015, 0.0056, 0.0247, 0.114])


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_closure_of_bonferronis_test(seed):
    draw = random.Random(seed)
    values = [round(draw.random() ** 3, 2) for _ in range(draw.randint(1, 7))]  # with ties
    assert holm(values) == pytest.approx(closure(values))
