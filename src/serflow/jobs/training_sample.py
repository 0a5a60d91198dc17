"""The training utterances that a run predicts after every epoch: they show whether its network was trained."""

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from serflow.training.seeding import derive

__all__ = ["LARGEST", "training_sample"]

LARGEST = 200  # utterances


def training_sample(labels: Sequence[Hashable], *, seed: int) -> list[int]:
    """Positions, ascending, of at most `LARGEST` of the utterances with these labels: the same in every epoch.

    The seed alone draws them. Classes take turns, so that they have equally many utterances, or one more; a class
    that has fewer gives all that it has.
    """
    turns: Counter[Hashable] = Counter()
    dealt = []
    for place in np.random.default_rng(derive("train sample", seed)).permutation(len(labels)):
        turns[labels[place]] += 1
        dealt.append((turns[labels[place]], int(place)))
    return sorted(place for _, place in sorted(dealt, key=lambda item: item[0])[:LARGEST])
