"""Fewer training utterances: the same number of each class, smaller sets within larger ones."""

from serflow.training.seeding import derive

__all__ = ["nested_subset"]


def nested_subset(utterances: list[str], labels: list[str], *, most: int, seed: int) -> list[int]:
    """Positions of `most` utterances of each class, in their order; a class with fewer gives all that it has.

    They are the first in an order that the seed draws by their names, so that a smaller number gives a subset and
    other utterances in the corpus change nothing for these.
    """
    order = sorted(range(len(utterances)), key=lambda i: derive("subset", seed, utterances[i]))
    taken: dict[str, int] = {}
    kept = []
    for i in order:
        taken[labels[i]] = taken.get(labels[i], 0) + 1
        if taken[labels[i]] <= most:
            kept.append(i)
    return sorted(kept)
