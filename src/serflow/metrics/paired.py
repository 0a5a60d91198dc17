"""Two systems, or recognisers, on the same utterances: difference of a metric, its interval, permutation tests.

A speaker's utterances are recognised well or badly together, so that speakers, not utterances, are independent:
the test that swaps utterances one by one finds differences where there are none and is kept as a second value only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from serflow.metrics.family import Family
from serflow.metrics.intervals import LEAST_SPEAKERS, block_sizes, by_group, percentile_interval, pooled, resampled

# Up to 4,096 swaps are gone through one by one, which makes p exact; of more units some are drawn.
MOST_EXACT = 12


@dataclass(frozen=True)
class Comparison:
    """Difference first minus second of each metric (M,), its interval over speakers, the two-sided p.

    `p` swaps whole speakers, `p_utterances` single utterances. Interval and `p` are NaN for fewer than
    `LEAST_SPEAKERS` speakers.
    """

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    p_utterances: np.ndarray


def compare(family: Family, pair: np.ndarray, speaker: np.ndarray, *, replicates: int, seed: int) -> Comparison:
    """Compare two systems in the metrics of a family, on the same utterances.

    Parameters
    ----------
    family : whose M metrics are compared.
    pair : (N, 2, S, *P), what each utterance adds to the sums of each system and seed; nothing to either in a seed
        that one of them lacks.
    speaker : (N,), whose utterance it is.
    replicates, seed : number of resamples and of permutations, generators' seed.

    Notes
    -----
    A permutation swaps the two systems' parts of some units, in all seeds together: under the null hypothesis the
    systems' names are exchangeable for each unit. With at most `MOST_EXACT` units p is the share of all swaps, the
    data's own among them, that differ by as much; else p = (1 + as large ones) / (1 + permutations). It is never 0.
    """

    def differences(sums: np.ndarray) -> np.ndarray:
        metrics = pooled(family, sums)
        return metrics[:, 0] - metrics[:, 1]

    difference = differences(pair.sum(0)[None])[0]
    low, high, p = np.full((3, len(difference)), np.nan)
    speakers = by_group(pair, speaker)
    if len(speakers) >= LEAST_SPEAKERS:
        drawn = resampled(speakers, replicates=replicates, seed=seed)
        low, high = percentile_interval(differences(drawn))
        p = _swap_p(speakers, difference, differences, replicates, seed)
    return Comparison(difference, low, high, p, _swap_p(pair, difference, differences, replicates, seed))


def _swap_p(
    pair: np.ndarray,
    difference: np.ndarray,
    differences: Callable[[np.ndarray], np.ndarray],
    permutations: int,
    seed: int,
) -> np.ndarray:
    """Two-sided p (M,) of `difference` when units of `pair` (N, 2, ...) are swapped."""
    total = pair.sum(0)
    change = pair[:, 1] - pair[:, 0]
    # To swap a unit that adds the same to both systems changes nothing.
    change = change[change.any(tuple(range(1, change.ndim)))]
    exact = len(change) <= MOST_EXACT
    flat = change.reshape(len(change), total[0].size)
    larger = np.zeros(len(difference), np.int64)
    for swapped in [_all_swaps(len(change))] if exact else _random_swaps(len(change), permutations, seed):
        moved = (swapped @ flat).reshape(len(swapped), *total.shape[1:])
        drawn = differences(np.stack([total[0] + moved, total[1] - moved], 1))
        # Equal differences may differ in their last bit: they count as equally large.
        larger += (np.abs(drawn) >= np.abs(difference) - 1e-12).sum(0)
    p = larger / 2 ** len(change) if exact else (1 + larger) / (1 + permutations)
    return np.where(np.isnan(difference), np.nan, p)


def _all_swaps(units: int) -> np.ndarray:
    """Rows (2^units, units) of float32 zeros and ones (swapped), each pattern once."""
    return (np.arange(2**units)[:, None] >> np.arange(units) & 1).astype(np.float32)


def _random_swaps(units: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Blocks (r, units) of random such rows, `permutations` in all."""
    generator = np.random.default_rng(seed)
    for size in block_sizes(units, permutations):
        yield generator.integers(0, 2, (size, units), np.int8).astype(np.float32)
