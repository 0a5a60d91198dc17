"""openSMILE functionals."""

import numpy as np
import pytest

from serflow.errors import UserError
from serflow.features.extractors.functionals import Functionals


@pytest.fixture(scope="module")
def compare():
    return Functionals(sample_rate=16000, feature_set="ComParE_2016")


def test_compare_gives_one_row_of_6373_values_without_a_hop(compare):
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * 0.1
    row = compare(noise)
    assert (row.shape, row.dtype) == ((1, 6373), np.float32)
    assert (compare.dims, compare.hop_seconds) == (6373, None)
    assert np.isfinite(row).all()


def test_the_same_samples_give_the_same_bits_whatever_came_before(compare):
    rng = np.random.default_rng(1)
    first, second = (rng.standard_normal(12000).astype(np.float32) * 0.1 for _ in range(2))
    before = compare(first)
    compare(second)
    assert compare(first).tobytes() == before.tobytes()


def test_a_misspelt_feature_set_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match=r"'ComParE_2061'.*ComParE_2016"):
        Functionals(sample_rate=16000, feature_set="ComParE_2061")
