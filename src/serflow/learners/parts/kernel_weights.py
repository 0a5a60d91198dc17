"""Weights of kernels that stand in one sum: equal ones, or learned together with the machines.

M. Kloft, U. Brefeld, S. Sonnenburg and A. Zien, "lp-norm multiple kernel learning", JMLR 12 (2011): minimise over
weights w >= 0 of p-norm 1 what the machines reach on the weighted sum of the kernels. That is convex in w, and is
solved by turns: the machines for fixed weights, then the weights in closed form.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Learned", "learn_weights", "relative_gap", "uniform_weights"]


@dataclass(frozen=True)
class Learned:
    """The outcome of `learn_weights`.

    Attributes
    ----------
    weights : float64 (M), of p-norm 1.
    solution : what `solve` gave for them.
    uniform_objective : the objective at equal weights, where the search began.
    updates : of the weights.
    gap : `relative_gap` of the solution.
    settled : whether a gap within the tolerance was reached.
    """

    weights: np.ndarray
    solution: Any
    uniform_objective: float
    updates: int
    gap: float
    settled: bool


def uniform_weights(kernels: int, norm: float) -> np.ndarray:
    """Equal weights (kernels) of p-norm 1."""
    return np.full(kernels, kernels ** (-1 / norm))


def learn_weights(
    solve: Callable[[np.ndarray], Any], *, kernels: int, norm: float, tolerance: float, max_updates: int
) -> Learned:
    """Start from equal weights and update them until they are within `tolerance` of the best ones.

    Parameters
    ----------
    solve : from weights (kernels) to a solution with `objective` (half the squared norms of all machines plus the cost
        of their errors) and `forms` (kernels): a'Ka of each kernel K, summed over the machines, a the signed dual
        coefficients.
    norm : p of the weights' norm, above 1; near 1 few kernels are kept, a large p makes weights equal.
    tolerance : the relative duality gap to stop at.
    max_updates : 0 keeps the weights equal.

    Returns
    -------
    The solution of the lowest objective: never worse than equal weights.
    """
    weights = uniform_weights(kernels, norm)
    tried = [(weights, solve(weights))]
    gap = relative_gap(*tried[-1], norm)
    while gap > tolerance and len(tried) <= max_updates:
        weights = _updated(*tried[-1], norm)
        tried.append((weights, solve(weights)))
        gap = relative_gap(*tried[-1], norm)
    weights, solution = min(tried, key=lambda one: one[1].objective)
    return Learned(
        weights=weights,
        solution=solution,
        uniform_objective=tried[0][1].objective,
        updates=len(tried) - 1,
        gap=relative_gap(weights, solution, norm),
        settled=gap <= tolerance,
    )


def relative_gap(weights: np.ndarray, solution: Any, norm: float) -> float:
    """Upper bound of what other weights could still take off the objective, as a part of it.

    The dual's value at any dual coefficients bounds the optimum over all weights from below. At those of the machines
    for these weights it falls short of the objective by half of |forms|_q - weights . forms, with 1/p + 1/q = 1.
    """
    dual_norm = np.linalg.norm(solution.forms, norm / (norm - 1))
    return float((dual_norm - weights @ solution.forms) / (2 * solution.objective))


def _updated(weights: np.ndarray, solution: Any, norm: float) -> np.ndarray:
    """The best weights for fixed machines, whose squared norm in a kernel's space is weight^2 * form."""
    wanted = (weights**2 * solution.forms) ** (1 / (norm + 1))
    return wanted / np.linalg.norm(wanted, norm)
