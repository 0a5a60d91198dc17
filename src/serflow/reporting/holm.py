"""Holm's correction of several tests' p values for how many there are."""

from collections.abc import Iterable, Sequence

from serflow.reporting.rows import Line

__all__ = ["correct", "holm"]


def holm(values: Sequence[float]) -> list[float]:
    """Correct the p values of one family of tests, step down (Holm 1979), so that the family errs at the level of one.

    Parameters
    ----------
    values : p of each test, in 0..1, in any order, however the tests depend on each other.

    Returns
    -------
    list of float
        In the order given: the k-th smallest of m times (m - k + 1), at least what the one before it has, at most 1.
        A test whose corrected p is below a level is rejected at that level.
    """
    corrected = [0.0] * len(values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = largest
    return corrected


def correct(lines: Iterable[Line], p: str) -> None:
    """Set `<p>_holm` of the lines of one family that have a value in the column `p`."""
    tested = [line for line in lines if line.get(p)]
    for line, corrected in zip(tested, holm([float(line[p]) for line in tested]), strict=True):
        line[f"{p}_holm"] = f"{corrected:.6f}"
