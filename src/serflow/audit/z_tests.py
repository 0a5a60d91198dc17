"""The z-test of a table made anew, plainly: one-tailed, that a first system is better than a second."""

import math
from collections import Counter
from fractions import Fraction

from serflow.audit.recompute import Counts, Predictions, rate

__all__ = ["z_test"]


def z_test(
    first: list[Predictions], second: list[Predictions], select: str, metric: str
) -> tuple[float | None, float | None]:
    """Z and p of "wa" or "ua" of the utterances that both systems tested; None without variance, or of chosen epochs.

    Counts are those of a seed's folds together, averaged over the seeds that both have; a single seed stands for each
    of the other's.
    """
    if select == "best_test":
        return None, None
    counts = _counts(first, second, select)
    values = [rate(one, metric) for one in counts]
    if None in values:
        return None, None
    variance = _of_wa(counts) if metric == "wa" else sum(map(_of_ua, counts))
    if not variance:
        return None, None
    z = float(values[0] - values[1]) / math.sqrt(variance)
    return z, math.erfc(z / math.sqrt(2)) / 2


def _counts(first: list[Predictions], second: list[Predictions], select: str) -> tuple[Counts, Counts]:
    """(truth, guess) -> utterances, of each system, averaged over seeds."""
    ours, theirs = _by_seed(first, select), _by_seed(second, select)
    pairs = [(ours[seed], theirs[seed]) for seed in ours if seed in theirs]
    if len(ours) == 1 or len(theirs) == 1:
        pairs = [(one, other) for one in ours.values() for other in theirs.values()]
    found: tuple[Counts, Counts] = Counter(), Counter()
    for pair in pairs:
        for name in pair[0].keys() & pair[1].keys():
            for counts, tested in zip(found, pair, strict=True):
                counts[tested[name]] += Fraction(1, len(pairs))
    return found


def _by_seed(runs: list[Predictions], select: str) -> dict[int, dict[str, tuple[str, str]]]:
    """Seed -> tested utterance -> its class and the guess, of all folds together."""
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for run in runs:
        for name, truth, guess in run.tested(select).itertuples(index=False):
            found.setdefault(run.seed, {})[name] = truth, guess
    return found


def _of_wa(counts: tuple[Counts, Counts]) -> Fraction:
    """Variance of the difference of two proportions, from that of both together."""
    together = rate(counts[0] + counts[1], "wa")
    return together * (1 - together) * sum(1 / one.total() for one in counts)


def _of_ua(counts: Counts) -> Fraction:
    """Variance of the mean of the recalls, each a proportion of its class's utterances."""
    true = Counter()
    for (truth, _), number in counts.items():
        true[truth] += number
    recalls = {name: rate(counts, f"recall_{name}") for name in true}
    return sum(recalls[name] * (1 - recalls[name]) / true[name] for name in true) / len(true) ** 2
