"""A family of metrics: what an utterance adds to a sum, and which metrics come of the sum.

That everything is a function of sums makes pooling over folds exact, and gives every metric its intervals and paired
tests: resamples and permutations are other sums of the same parts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from serflow.metrics.names import metric_of

__all__ = ["Family", "ZTest", "epoch_sums", "mean_known", "ratio"]

ZTest = Callable[[np.ndarray, np.ndarray], Mapping[str, tuple[float, float]]]
_BLOCK = 2**20  # outputs that are worked through at once, whatever the number of epochs


@dataclass(frozen=True)
class Family:
    """Metrics of one sum.

    Attributes
    ----------
    names : of its M metrics, in the order of `values`; `serflow.metrics.names` knows each.
    parts : of the truth (U, ...) and a system's outputs (..., U, K) what each utterance adds, (..., U, *P).
    values : of sums (..., *P) the metrics (..., M); NaN where a metric has no value.
    z_test : a paper's own test: of the sums (S, *P) of two systems, z and one-tailed p by the name of a metric.
    """

    names: tuple[str, ...]
    parts: Callable[[np.ndarray, np.ndarray], np.ndarray]
    values: Callable[[np.ndarray], np.ndarray]
    z_test: ZTest | None = None

    @property
    def lower_is_better(self) -> tuple[bool, ...]:
        """Of each metric, whether a lower value is the better one."""
        return tuple(metric_of(name).lower_is_better for name in self.names)


def epoch_sums(family: Family, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Sums (E, *P) over the utterances of outputs (E, U, K), epoch by epoch."""
    step = max(1, _BLOCK // max(outputs[0].size, 1))
    return np.concatenate([family.parts(truth, outputs[i : i + step]).sum(1) for i in range(0, len(outputs), step)])


def mean_known(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean over `axis` of the values that are not NaN; NaN where there are none."""
    return ratio(np.nansum(values, axis), (~np.isnan(values)).sum(axis))


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part / whole` as float64; NaN where the whole is zero."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
