"""Batches of segments: shuffled or sorted, bucketed by length, split where a batch would be too large for memory."""

from collections.abc import Callable, Iterator

import numpy as np

__all__ = ["endless_batches", "shuffled_batches", "sorted_batches", "micro_batches"]

BUCKET = 8  # batches at most whose segments are sorted by length together, so that little is padded
SHARE = 4  # and at most one over this of all: were all sorted together, the same segments would meet in every epoch


def shuffled_batches(frames: np.ndarray, *, batch_size: int, seed: int, alike: bool) -> list[np.ndarray]:
    """Indices of every segment once, in batches of at most `batch_size`, alike in size to one, each in order of length.

    `alike`: like lengths meet, so that little is padded; else whatever the seed draws, as a network with a batch
    normalisation wants it: by the statistics of one length it would learn nothing of the others. With segments of one
    length either is a plain shuffle. `seed` alone decides the order. No batch is a small rest: it would weigh as much
    as the others in Adam, and have poor statistics.
    """
    generator = np.random.default_rng(seed)
    count = -(-len(frames) // batch_size)
    drawn = np.array_split(generator.permutation(len(frames)), count)
    together = max(1, min(BUCKET, count // SHARE)) if alike else 1
    batches = []
    for first in range(0, count, together):
        group = drawn[first : first + together]
        pool = np.concatenate(group)
        pool = pool[np.argsort(frames[pool], kind="stable")]
        batches += np.split(pool, np.cumsum([len(batch) for batch in group])[:-1])
    return [batches[i] for i in generator.permutation(len(batches))]


def endless_batches(
    frames: np.ndarray, *, batch_size: int, seeds: Callable[[int], int], first: int, alike: bool
) -> Iterator[np.ndarray]:
    """Batches of one shuffled pass after the other, from the batch with number `first` on.

    `seeds` gives the seed of a pass by its number: what batch k holds depends on nothing else, so that training can
    go on from any step.
    """
    batches = -(-len(frames) // batch_size)
    number, position = divmod(first, batches)
    while True:
        yield from shuffled_batches(frames, batch_size=batch_size, seed=seeds(number), alike=alike)[position:]
        number, position = number + 1, 0


def sorted_batches(frames: np.ndarray, *, max_frames: int) -> list[np.ndarray]:
    """Indices of every segment once, longest first, at most `max_frames` padded frames a batch (one at least)."""
    return micro_batches(np.argsort(-frames, kind="stable"), frames, max_frames=max_frames)


def micro_batches(batch: np.ndarray, frames: np.ndarray, *, max_frames: int) -> list[np.ndarray]:
    """`batch` in parts of at most `max_frames` padded frames; their gradients add up to the batch's."""
    parts: list[list[int]] = []
    longest = 0
    for index in batch:
        longest = max(longest, int(frames[index]))
        if not parts or longest * (len(parts[-1]) + 1) > max_frames:
            parts.append([])
            longest = int(frames[index])
        parts[-1].append(int(index))
    return [np.array(part) for part in parts]
