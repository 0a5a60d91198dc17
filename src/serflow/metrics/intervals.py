"""Percentile bootstrap intervals of a pooled metric, over utterances or over speakers.

A seed's sums are pooled over the folds, the metric is taken of them, and seeds are averaged. One replicate
draws utterances (or speakers with all their utterances) with replacement, the same draw for all seeds.
"""

from collections.abc import Iterator

import numpy as np

from serflow.metrics.family import Family, mean_known

LEVEL = 0.95
# Two speakers give three different resamples: an interval from them would say nothing.
LEAST_SPEAKERS = 3
# Cells of a block of resampling weights: bounds the memory at 16 MiB whatever the corpus.
_BLOCK = 2**22


def pooled(family: Family, sums: np.ndarray) -> np.ndarray:
    """Metrics (..., M) of a family's sums (..., S, *P), averaged over the S seeds."""
    return mean_known(family.values(sums), -2)


def by_group(parts: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Sum `parts` (U, ...) over each value of `group` (U,), in ascending order: (G, ...)."""
    _, index = np.unique(group, return_inverse=True)
    sums = np.zeros((index.max(initial=-1) + 1, *parts.shape[1:]), parts.dtype)
    np.add.at(sums, index, parts)
    return sums


def bootstrap(family: Family, parts: np.ndarray, *, replicates: int, seed: int) -> np.ndarray:
    """Metrics (R, M) of `replicates` resamples of the units.

    Parameters
    ----------
    family : whose metrics these are.
    parts : (N, S, *P), what each unit (utterance or speaker) adds to the sums of each seed.
    replicates : number of resamples, > 0.
    seed : of the generator; equal seeds and numbers of units give equal resamples.
    """
    return pooled(family, resampled(parts, replicates=replicates, seed=seed))


def resampled(parts: np.ndarray, *, replicates: int, seed: int) -> np.ndarray:
    """Sums (R, ...) of resamples of units, which add `parts` (N, ...) to them; as `bootstrap`."""
    flat = parts.reshape(len(parts), -1)
    blocks = [weights @ flat for weights in resamples(len(parts), replicates, seed)]
    return np.concatenate(blocks).reshape(replicates, *parts.shape[1:])


def percentile_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (M,), (M,) of the central 95% of replicates (R, M); NaN replicates are left out."""
    low, high = np.full((2, values.shape[1]), np.nan)
    for column, replicate in enumerate(values.T):
        known = replicate[~np.isnan(replicate)]
        if len(known):
            low[column], high[column] = np.percentile(known, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return low, high


def resamples(units: int, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Blocks (r, units) of float32 weights: how often each replicate drew each unit."""
    generator = np.random.default_rng(seed)
    for size in block_sizes(units, replicates):
        drawn = generator.integers(0, units, (size, units)) + np.arange(size)[:, None] * units
        yield np.bincount(drawn.ravel(), minlength=size * units).reshape(size, units).astype(np.float32)


def block_sizes(units: int, replicates: int) -> Iterator[int]:
    """Sizes of the blocks in which `replicates` rows of `units` cells are worked through."""
    step = max(1, _BLOCK // max(units, 1))
    for start in range(0, replicates, step):
        yield min(step, replicates - start)
