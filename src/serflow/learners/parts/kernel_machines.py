"""Support vector machines of all pairs of classes on one weighted sum of kernels, exact or by explicit maps."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.svm import SVC, LinearSVC

from serflow.learners.parts.kernels import Gram, Kernel, NystroemMaps, Rows, blocks, kernel_values
from serflow.learners.parts.voting import class_pairs

__all__ = ["ExactMachines", "Expansion", "NystroemMachines", "Solution", "Task"]

# liblinear adds b^2 / (2 scale^2) to the objective, b the intercept: nothing beside the errors of thousands of
# utterances, and a larger scale takes many times longer.
INTERCEPT_SCALE = 1.0


@dataclass(frozen=True)
class Solution:
    """The machines of all pairs at given weights.

    Attributes
    ----------
    objective : half the machines' squared norms plus the cost of their errors, summed over the pairs.
    forms : float64 (kernels), see `serflow.learners.parts.kernel_weights.learn_weights`.
    vectors : a column a pair: signed dual coefficients (N, P), or weights of the explicit maps (dimensions, P).
    intercepts : (P).
    steps : iterations of the solver.
    """

    objective: float
    forms: np.ndarray
    vectors: np.ndarray
    intercepts: np.ndarray
    steps: int


@dataclass(frozen=True)
class Expansion:
    """Decisions of the pairs as sums of kernel values between an utterance and anchors.

    Attributes
    ----------
    anchors : scaled rows (A, D) of each modality.
    coefficients : float64 (kernels, A, P).
    intercepts : float64 (P).
    """

    anchors: Rows
    coefficients: np.ndarray
    intercepts: np.ndarray

    def __call__(self, kernels: list[Kernel], rows: Rows) -> np.ndarray:
        """Decisions float64 (N, P), positive for a pair's first class."""
        size = len(next(iter(rows.values())))
        found = np.tile(self.intercepts, (size, 1))
        for block in blocks(size):
            part = {name: values[block] for name, values in rows.items()}
            for values, coefficients in zip(kernel_values(kernels, part, self.anchors), self.coefficients, strict=True):
                found[block] += values @ coefficients
        return found


@dataclass(frozen=True)
class Task:
    """What the machines learn.

    Attributes
    ----------
    labels : int (N), positions of classes.
    costs : float (classes), the cost of a margin violation by an utterance of each class.
    precision : the largest violation of the optimality conditions that a solver may leave.
    seed : of the linear solver, which visits utterances in random order.
    """

    labels: np.ndarray
    costs: np.ndarray
    precision: float
    seed: int

    def pairs(self) -> Iterator[tuple[np.ndarray, np.ndarray, dict[int, float]]]:
        """Of each pair: its utterances (n), their signs (n; 1 for the first class, else -1), and the costs by sign."""
        for first, second in class_pairs(len(self.costs)):
            chosen = np.flatnonzero((self.labels == first) | (self.labels == second))
            signs = np.where(self.labels[chosen] == first, 1, -1)
            yield chosen, signs, {1: self.costs[first], -1: self.costs[second]}


class ExactMachines:
    """Machines on exact kernels, by libsvm.

    Memory for N utterances: 4 N^2 bytes a modality and 4 N^2 for the sum; 12 n^2 for the largest pair's n utterances;
    libsvm's cache of at most 200 MB.
    """

    def __init__(self, kernels: list[Kernel], rows: Rows, task: Task) -> None:
        self.gram = Gram(kernels, rows)
        self.rows = rows
        self.task = task

    def solve(self, weights: np.ndarray) -> Solution:
        """Train all pairs on the kernels' sum with `weights` (kernels)."""
        kernel = self.gram.combined(weights)
        vectors, intercepts, objective, steps = [], [], 0.0, 0
        for chosen, signs, costs in self.task.pairs():
            values = kernel[np.ix_(chosen, chosen)].astype(np.float64)
            machine = SVC(kernel="precomputed", C=1, class_weight=costs, tol=self.task.precision)
            machine.fit(values, signs)
            vector = np.zeros(len(kernel))
            vector[chosen[machine.support_]] = machine.dual_coef_[0]
            images = values @ vector[chosen]
            objective += _objective(vector[chosen] @ images, images + machine.intercept_[0], signs, costs)
            vectors.append(vector)
            intercepts.append(machine.intercept_[0])
            steps += int(machine.n_iter_[0])
        columns = np.stack(vectors, axis=1)
        return Solution(objective, self.gram.forms(columns), columns, np.array(intercepts), steps)

    def expansion(self, weights: np.ndarray, solution: Solution) -> Expansion:
        """The decisions; anchors are the support vectors of any pair."""
        used = np.flatnonzero(solution.vectors.any(axis=1))
        scale = weights / self.gram.variances
        anchors = {name: values[used] for name, values in self.rows.items()}
        return Expansion(anchors, scale[:, None, None] * solution.vectors[used], solution.intercepts)


class NystroemMachines:
    """Machines on Nyström maps, by liblinear: for corpora whose kernels are too large.

    Memory for N utterances and d dimensions (kernels times landmarks): 4 N d bytes; 24 n d for the largest pair's n.
    """

    def __init__(self, kernels: list[Kernel], rows: Rows, task: Task, landmarks: np.ndarray) -> None:
        self.maps = NystroemMaps(kernels, rows, landmarks)
        self.task = task

    def solve(self, weights: np.ndarray) -> Solution:
        """Train all pairs on the maps, each times the root of its kernel's weight."""
        widths = [columns.stop - columns.start for columns in self.maps.columns]
        factors = np.repeat(np.sqrt(weights), widths)
        vectors, intercepts, objective, steps = [], [], 0.0, 0
        for chosen, signs, costs in self.task.pairs():
            features = self.maps.features[chosen] * factors
            machine = LinearSVC(
                loss="hinge",
                C=1,
                class_weight=costs,
                tol=self.task.precision,
                intercept_scaling=INTERCEPT_SCALE,
                random_state=self.task.seed,
            )
            machine.fit(features, signs)
            vector = machine.coef_[0]
            objective += _objective(vector @ vector, machine.decision_function(features), signs, costs)
            vectors.append(vector)
            intercepts.append(machine.intercept_[0])
            steps += int(machine.n_iter_)
        columns = np.stack(vectors, axis=1)
        return Solution(objective, self._forms(weights, columns), columns, np.array(intercepts), steps)

    def _forms(self, weights: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        squares = np.array([(vectors[columns] ** 2).sum() for columns in self.maps.columns])
        return np.divide(squares, weights, out=np.zeros_like(squares), where=weights > 0)

    def expansion(self, weights: np.ndarray, solution: Solution) -> Expansion:
        """The decisions; anchors are the landmarks."""
        coefficients, intercepts = [], solution.intercepts.copy()
        maps = zip(self.maps.roots, self.maps.means, self.maps.columns, np.sqrt(weights), strict=True)
        for root, mean, columns, factor in maps:
            vectors = factor * solution.vectors[columns]
            coefficients.append(root @ vectors)
            intercepts -= mean @ vectors
        return Expansion(self.maps.landmarks, np.stack(coefficients), intercepts)


def _objective(squares: float, decisions: np.ndarray, signs: np.ndarray, costs: dict[int, float]) -> float:
    """Half a machine's squared norm plus the cost of its errors: of each utterance what its margin lacks to 1."""
    lacking = np.maximum(0, 1 - signs * decisions)
    return float(squares / 2 + lacking @ np.where(signs == 1, costs[1], costs[-1]))
