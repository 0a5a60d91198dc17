"""Kernels on representations of utterances: radial basis functions and polynomials, of comparable size.

A modality's representation is standardised on the training part and scaled to a stated mean squared distance: a
width (gamma) means nothing without the scale of the features. Every kernel has ones on its diagonal, and is divided by
the variance of the training part in its feature space, so that weights of kernels can be compared (the multiplicative
normalisation in Kloft et al., "lp-norm multiple kernel learning", JMLR 12, 2011).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "Gram",
    "Kernel",
    "NystroemMaps",
    "Polynomial",
    "Rbf",
    "Rows",
    "Scaling",
    "blocks",
    "kernel_values",
    "kernels_of",
]

Rows = dict[str, np.ndarray]  # scaled rows (N, D) of each modality

BLOCK = 512  # rows of a kernel matrix computed at a time
SMALLEST = 1e-8  # eigenvalues of a landmark matrix, relative to its largest, that are taken for zero


@dataclass(frozen=True)
class Rbf:
    """exp(-gamma |x - y|^2)."""

    gamma: float

    @property
    def name(self) -> str:
        """What a table of weights calls it."""
        return f"rbf, gamma {self.gamma:g}"

    def __call__(self, products: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Values (R, A) from dot products (R, A) and squared norms (R), (A)."""
        distances = left[:, None] + right - 2 * products
        return np.exp(-self.gamma * np.maximum(distances, 0))


@dataclass(frozen=True)
class Polynomial:
    """(x . y / unit + offset)^degree, divided by the root of its values at (x, x) and (y, y)."""

    degree: int
    offset: float
    unit: float

    @property
    def name(self) -> str:
        """What a table of weights calls it."""
        return f"polynomial, degree {self.degree}"

    def __call__(self, products: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Values (R, A) from dot products (R, A) and squared norms (R), (A)."""
        left, right = (np.sqrt(norms / self.unit + self.offset) for norms in (left, right))
        base = (products / self.unit + self.offset) / (left[:, None] * right)
        values = base.copy()
        for _ in range(self.degree - 1):  # numpy's power is many times slower above 2
            values *= base
        return values


@dataclass(frozen=True)
class Kernel:
    """A function of two utterances by one modality's representation."""

    modality: str
    function: Rbf | Polynomial

    @property
    def name(self) -> str:
        """What a table of weights calls it."""
        return f"{self.modality}: {self.function.name}"


def kernels_of(settings: dict[str, Any], modalities: list[str]) -> list[Kernel]:
    """Every function of `settings` on every modality.

    `settings` holds `gammas`, `degrees`, `offset` of the polynomials, and the `mean_squared_distance` of the rows.
    Half of that, the mean squared norm of centred rows, is the polynomials' unit.
    """
    functions = [Rbf(gamma) for gamma in settings["gammas"]]
    functions += [
        Polynomial(degree, settings["offset"], settings["mean_squared_distance"] / 2) for degree in settings["degrees"]
    ]
    return [Kernel(modality, function) for modality in modalities for function in functions]


@dataclass(frozen=True)
class Scaling:
    """Mean and divisor of each column of a representation, float64 (D)."""

    mean: np.ndarray
    divisor: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray, *, mean_squared_distance: float) -> "Scaling":
        """Standardise, then scale to the mean squared distance of two rows; a constant column gets no say.

        Raises
        ------
        ValueError
            If all rows are equal.
        """
        features = features.astype(np.float64)
        mean, std = features.mean(axis=0), features.std(axis=0)
        varies = std > 1e-6 * np.abs(mean)  # below is the rounding of float32
        if not varies.any():
            raise ValueError("all rows are equal")
        length = np.sqrt(2 * varies.sum() / mean_squared_distance)
        return cls(mean, np.where(varies, std * length, np.inf))

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Scaled rows float32 (N, D)."""
        return ((features - self.mean) / self.divisor).astype(np.float32)


def blocks(rows: int) -> Iterator[slice]:
    """Slices that cover `rows` rows."""
    return (slice(start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK))


def kernel_values(kernels: list[Kernel], left: Rows, right: Rows) -> Iterator[np.ndarray]:
    """Values (R, A) of each kernel between rows (R, D) and rows (A, D), float64, one matrix at a time."""
    left, right = ({name: rows.astype(np.float64) for name, rows in side.items()} for side in (left, right))
    products = {name: rows @ right[name].T for name, rows in left.items()}
    for kernel in kernels:
        one, other = left[kernel.modality], right[kernel.modality]
        yield kernel.function(products[kernel.modality], _squared_norms(one), _squared_norms(other))


class Gram:
    """All kernels among N training rows, recomputed from stored dot products whenever they are needed.

    Kept are the dot products of each modality in float32, 4 N^2 bytes, however many the kernels.
    """

    def __init__(self, kernels: list[Kernel], rows: Rows) -> None:
        self.kernels = kernels
        self.products = {name: values @ values.T for name, values in rows.items()}
        self.norms = {name: np.diagonal(values).copy() for name, values in self.products.items()}
        self.size = len(next(iter(rows.values())))
        sums = np.zeros(len(kernels))
        for _, number, values in self._values():
            sums[number] += values.sum(dtype=np.float64)
        self.variances = 1 - sums / self.size**2  # the mean of the diagonal is one

    def combined(self, weights: np.ndarray) -> np.ndarray:
        """Sum of the weighted kernels, float32 (N, N)."""
        total = np.zeros((self.size, self.size), dtype=np.float32)
        for block, number, values in self._values():
            total[block] += values * np.float32(weights[number] / self.variances[number])
        return total

    def forms(self, vectors: np.ndarray) -> np.ndarray:
        """Quadratic forms of each kernel, summed over the columns of `vectors` (N, P): float64 (kernels)."""
        found = np.zeros(len(self.kernels))
        narrow = vectors.astype(np.float32)
        for block, number, values in self._values():
            found[number] += (vectors[block] * (values @ narrow)).sum()
        return np.maximum(found / self.variances, 0)

    def _values(self) -> Iterator[tuple[slice, int, np.ndarray]]:
        """Rows of the kernel matrices: which rows, which kernel, values float32 (B, N)."""
        for block in blocks(self.size):
            for number, kernel in enumerate(self.kernels):
                norms = self.norms[kernel.modality]
                yield block, number, kernel.function(self.products[kernel.modality][block], norms[block], norms)


class NystroemMaps:
    """Explicit maps of N training rows, whose dot products stand for the kernels that are too large to compute.

    C. Williams and M. Seeger, "Using the Nyström method to speed up kernel machines", NIPS 2000: with k(x) the values
    between x and the landmarks and K those among the landmarks, x is mapped to K^(-1/2) k(x). The maps are centred,
    which changes no machine that has an intercept, and divided by their deviation.

    Attributes
    ----------
    features : float32 (N, sum of the kernels' dimensions), maps side by side.
    columns : where each kernel's map lies in them.
    """

    def __init__(self, kernels: list[Kernel], rows: Rows, landmarks: np.ndarray) -> None:
        self.kernels = kernels
        self.landmarks = {name: values[landmarks] for name, values in rows.items()}
        roots = [_inverse_root(values) for values in kernel_values(kernels, self.landmarks, self.landmarks)]
        ends = np.cumsum([0, *(root.shape[1] for root in roots)])
        self.columns = [slice(start, end) for start, end in zip(ends[:-1], ends[1:], strict=True)]
        size = len(next(iter(rows.values())))
        self.features = np.empty((size, ends[-1]), dtype=np.float32)
        for block in blocks(size):
            part = {name: values[block] for name, values in rows.items()}
            for number, values in enumerate(kernel_values(kernels, part, self.landmarks)):
                self.features[block, self.columns[number]] = values @ roots[number]
        self._normalise(roots)

    def _normalise(self, roots: list[np.ndarray]) -> None:
        """Centre every map and divide it by its deviation, in place; keep what undoes it."""
        mean = self.features.mean(axis=0, dtype=np.float64)
        self.features -= mean.astype(np.float32)
        squares = sum(
            np.square(self.features[block], dtype=np.float64).sum(axis=0) for block in blocks(len(self.features))
        )
        self.means, self.roots = [], []
        for root, columns in zip(roots, self.columns, strict=True):
            deviation = np.sqrt(squares[columns].sum() / len(self.features))
            self.features[:, columns] /= np.float32(deviation)
            self.roots.append(root / deviation)
            self.means.append(mean[columns] / deviation)


def _inverse_root(matrix: np.ndarray) -> np.ndarray:
    """K^(-1/2) of a positive semidefinite K (L, L), by its eigenvectors of eigenvalues above zero: (L, R)."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > SMALLEST * values[-1]
    return vectors[:, kept] / np.sqrt(values[kept])


def _squared_norms(rows: np.ndarray) -> np.ndarray:
    return np.einsum("nd,nd->n", rows, rows)
