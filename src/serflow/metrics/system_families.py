"""The families of metrics that a system is scored by: all that come of its probabilities."""

import numpy as np

from serflow.metrics.calibration import CALIBRATION
from serflow.metrics.confusion import confusion_family
from serflow.metrics.family import Family

__all__ = ["all_metrics", "system_families"]


def system_families(classes: list[str]) -> tuple[Family, ...]:
    """The families, in the order of their metrics in scores.csv."""
    return (confusion_family(classes), CALIBRATION)


def all_metrics(families: tuple[Family, ...], truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Metrics (M,) of all families, of the outputs (U, K) of utterances with these truths (U, ...)."""
    return np.concatenate([family.values(family.parts(truth, outputs).sum(0)) for family in families])
