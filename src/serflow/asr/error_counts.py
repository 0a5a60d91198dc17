"""Errors of a recogniser: what has to be changed, taken away and put in to make its hypothesis of the reference.

The word error rate is equation 13 of Zhao et al. (2021); on phones instead of words it is the phone error rate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

__all__ = ["Errors", "count_errors"]


@dataclass(frozen=True)
class Errors:
    """Counts over utterances.

    The total is the smallest possible; where several shortest ways lead from the reference to the hypothesis, which
    errors of the total are substitutions depends on the way taken.

    Attributes
    ----------
    substitutions, deletions, insertions : words (or phones) that are wrong, missing and too many.
    reference : how many words (or phones) the reference has.
    """

    substitutions: int
    deletions: int
    insertions: int
    reference: int

    @property
    def total(self) -> int:
        """Errors of all three kinds."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors a word of the reference (eq. 13, as a share); above 1 if enough is inserted.

        Raises
        ------
        ValueError
            If there is no word in the reference.
        """
        if not self.reference:
            raise ValueError("error rate: nothing was said in these utterances; expected some with words")
        return self.total / self.reference


def count_errors(references: Iterable[Sequence[str]], outputs: Iterable[Sequence[str]]) -> Errors:
    """Errors of all utterances together, so that each word counts alike.

    Parameters
    ----------
    references, outputs : words (or phones) of each utterance, in the same order of utterances.

    Raises
    ------
    ValueError
        If there are not as many of the one as of the other.
    """
    tally = dict.fromkeys(("replace", "delete", "insert"), 0)
    length = 0
    for reference, output in zip(references, outputs, strict=True):
        length += len(reference)
        for step in Levenshtein.editops(reference, output):
            tally[step.tag] += 1
    return Errors(tally["replace"], tally["delete"], tally["insert"], length)
