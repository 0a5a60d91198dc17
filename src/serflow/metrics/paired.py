"""Two sets of outputs for the same utterances: difference of a metric, its interval, permutation tests.

A speaker's utterances are recognised well or badly together, so that speakers, not utterances, are taken for
independent: the test that swaps utterances one by one finds differences where there are none and is kept as a second
value only. Both speakers of a session may be judged by one network, whose luck moves them together: so whole sessions
are swapped, too, and an interval over them stands beside. Of five sessions no such p is below 2/2^5 = 0.0625.

What a p is about is these trained networks, not systems as they would be trained anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from serflow.metrics.family import Family
from serflow.metrics.intervals import LEAST_UNITS, by_group, jackknife, pooled

# Up to 4,096 swaps are gone through one by one, which makes p exact; of more units some are drawn.
MOST_EXACT = 12
# Cells of a block of swaps: bounds the memory at 16 MiB whatever the corpus.
_BLOCK = 2**22


@dataclass(frozen=True)
class Comparison:
    """Difference first minus second of each metric (M,), its intervals and two-sided p.

    `low`, `high` and `p_interval` (of the t test that this interval inverts) are over speakers, as `p`, which swaps
    whole speakers; `p_sessions` swaps whole sessions, `p_utterances` single utterances. Over fewer than `LEAST_UNITS`
    units there are none: NaN. `by_seed` (S, M) has the difference in each seed.
    """

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    p_interval: np.ndarray
    low_sessions: np.ndarray
    high_sessions: np.ndarray
    p_sessions: np.ndarray
    p_utterances: np.ndarray
    by_seed: np.ndarray


def compare(
    family: Family, pair: np.ndarray, speaker: np.ndarray, session: np.ndarray, *, permutations: int, seed: int
) -> Comparison:
    """Compare two systems, or one under two protocols, in the metrics of a family, on the same utterances.

    Parameters
    ----------
    family : whose M metrics are compared.
    pair : (N, 2, S, *P), what each utterance adds to the sums of each system and seed; nothing to either in a seed
        that one of them lacks.
    speaker, session : (N,), whose utterance it is, and of which session.
    permutations, seed : how many swaps are drawn where they are too many to go through; generators' seed.

    Notes
    -----
    A permutation swaps the two systems' parts of some units, in all seeds together: under the null hypothesis the
    systems' names are exchangeable for each unit. With at most `MOST_EXACT` units p is the share of all swaps, the
    data's own among them, that differ by as much; else p = (1 + as large ones) / (1 + permutations). It is never 0.
    """

    def differences(sums: np.ndarray) -> np.ndarray:
        metrics = pooled(family, sums)
        return metrics[..., 0, :] - metrics[..., 1, :]

    def swaps(units: np.ndarray) -> np.ndarray:
        return _swap_p(units, difference, differences, permutations, seed)

    total = pair.sum(0)
    difference = differences(total[None])[0]
    speakers, sessions = by_group(pair, speaker), by_group(pair, session)
    over_speakers, over_sessions = jackknife(differences, speakers), jackknife(differences, sessions)
    unknown = np.full(difference.shape, np.nan)
    each = family.values(total)
    return Comparison(
        difference,
        *over_speakers.interval,
        swaps(speakers) if len(speakers) >= LEAST_UNITS else unknown,
        over_speakers.p,
        *over_sessions.interval,
        swaps(sessions) if len(sessions) >= LEAST_UNITS else unknown,
        swaps(pair),
        each[0] - each[1],
    )


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
    step = max(1, _BLOCK // max(units, 1))
    for start in range(0, permutations, step):
        yield generator.integers(0, 2, (min(step, permutations - start), units), np.int8).astype(np.float32)
