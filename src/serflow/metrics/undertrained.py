"""The rule that calls a network undertrained. It was stated before any number was looked at, and is stated here alone.

Only the standard library is imported, so that tables of a report start at once.
"""

__all__ = ["ENCODER", "MARKED", "NO", "RULE", "YES", "is_undertrained", "least_training_ua"]

YES, ENCODER, NO = "yes", "encoder", "no"  # in scores.csv; ENCODER: not the system's own network, the one it rests on
MARKED = (YES, ENCODER)
RULE = (
    "after its last epoch, over all runs of the column's split, its UA on a fixed sample of the very utterances that "
    "it was trained on is under half way between chance (1 / classes) and 1; or it rests on the network of a system "
    "of which that is so. What such a number says is that the training was too short or failed, and nothing of the "
    "system"
)


def least_training_ua(classes: int) -> float:
    """UA on its own training sample from which on a network counts as trained: 0.625 of four classes."""
    return (1 / classes + 1) / 2


def is_undertrained(ua: float, *, classes: int) -> bool:
    """Whether the UA (0..1) of a network on its own training sample, after the last epoch, is under that."""
    return round(ua, 12) < round(least_training_ua(classes), 12)  # equal rates may differ in their last bit
