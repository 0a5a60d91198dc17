"""Kernels: scikit-learn's values, one size for all, the same sums in blocks, and Nyström's maps."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import euclidean_distances, polynomial_kernel, rbf_kernel

from serflow.learners.parts import kernels as module
from serflow.learners.parts.kernels import (
    Gram,
    Kernel,
    NystroemMaps,
    Polynomial,
    Rbf,
    Scaling,
    kernel_values,
    kernels_of,
)

SETTINGS = {"gammas": [0.02, 0.1], "degrees": [1, 3], "offset": 1.0, "mean_squared_distance": 20.0}
ROWS = 70


@pytest.fixture
def rows():
    """Return scaled rows of two modalities."""
    rng = np.random.default_rng(3)
    features = {"acoustic": rng.gamma(2, size=(ROWS, 6)) * [1, 5, 0.1, 2, 2, 9], "text": rng.standard_normal((ROWS, 4))}
    return {name: Scaling.fit(x, mean_squared_distance=20.0)(x) for name, x in features.items()}


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 32)


def plain(kernel, left, right):
    """Return the kernel's values straight from its definition."""
    left, right = left[kernel.modality].astype(float), right[kernel.modality].astype(float)
    if isinstance(kernel.function, Rbf):
        return rbf_kernel(left, right, gamma=kernel.function.gamma)
    settings = {"degree": kernel.function.degree, "gamma": 1 / kernel.function.unit, "coef0": kernel.function.offset}
    own = [np.diag(polynomial_kernel(x, x, **settings)) for x in (left, right)]
    return polynomial_kernel(left, right, **settings) / np.sqrt(np.outer(*own))


def unit_variance(matrix):
    """Return a kernel matrix over the variance of its rows in the feature space."""
    return matrix / (np.diag(matrix).mean() - matrix.mean())


def centred(matrix):
    return matrix - matrix.mean(axis=0) - matrix.mean(axis=1)[:, None] + matrix.mean()


def test_every_function_stands_on_every_modality():
    found = kernels_of(SETTINGS, ["acoustic", "text"])
    assert [kernel.name for kernel in found] == [
        "acoustic: rbf, gamma 0.02",
        "acoustic: rbf, gamma 0.1",
        "acoustic: polynomial, degree 1",
        "acoustic: polynomial, degree 3",
        "text: rbf, gamma 0.02",
        "text: rbf, gamma 0.1",
        "text: polynomial, degree 1",
        "text: polynomial, degree 3",
    ]
    assert found[3].function.unit == 10.0


def test_scaled_rows_have_the_wanted_mean_squared_distance_and_columns_of_one_size(rows):
    for values in rows.values():
        assert (euclidean_distances(values) ** 2).mean() == pytest.approx(20, rel=1e-5)
        np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(values.std(axis=0), values.std(), rtol=1e-4)
        assert values.dtype == np.float32


def test_a_constant_column_has_no_say():
    features = np.random.default_rng(1).standard_normal((50, 3)).astype(np.float32)
    constant = np.insert(features, 1, np.float32(0.1), axis=1)
    scaling = Scaling.fit(constant, mean_squared_distance=5)
    expected = Scaling.fit(features, mean_squared_distance=5)(features)
    constant[:, 1] = 1e6
    np.testing.assert_array_equal(scaling(constant), np.insert(expected, 1, 0, axis=1))


def test_equal_rows_cannot_be_scaled():
    with pytest.raises(ValueError, match="all rows are equal"):
        Scaling.fit(np.full((9, 3), 0.3, dtype=np.float32), mean_squared_distance=1)


def test_values_are_scikit_learns_with_ones_on_the_diagonal(rows):
    functions = kernels_of(SETTINGS, ["acoustic", "text"])
    some = {name: values[5:25] for name, values in rows.items()}
    for kernel, values in zip(functions, kernel_values(functions, some, rows), strict=True):
        np.testing.assert_allclose(values, plain(kernel, some, rows), rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(values[np.arange(20), np.arange(5, 25)], 1, rtol=1e-12)


def test_a_small_polynomial_by_hand():
    kernel = Kernel("acoustic", Polynomial(degree=2, offset=1.0, unit=2.0))
    (values,) = kernel_values([kernel], {"acoustic": np.array([[2.0, 0.0]])}, {"acoustic": np.array([[1.0, 1.0]])})
    np.testing.assert_allclose(values, [[(2 / 2 + 1) ** 2 / np.sqrt((4 / 2 + 1) ** 2 * (2 / 2 + 1) ** 2)]])


@pytest.mark.usefixtures("small_blocks")
def test_a_sum_of_kernels_has_each_at_unit_variance(rows):
    functions = kernels_of(SETTINGS, ["acoustic", "text"])
    weights = np.array([0.1, 0.5, 0.0, 0.2, 0.3, 0.7, 0.1, 0.4])
    expected = sum(w * unit_variance(plain(k, rows, rows)) for w, k in zip(weights, functions, strict=True))
    np.testing.assert_allclose(Gram(functions, rows).combined(weights), expected, rtol=2e-5)


@pytest.mark.usefixtures("small_blocks")
def test_quadratic_forms_are_summed_over_the_vectors(rows):
    functions = kernels_of(SETTINGS, ["acoustic", "text"])
    vectors = np.random.default_rng(2).standard_normal((ROWS, 3))
    matrices = [unit_variance(plain(kernel, rows, rows)) for kernel in functions]
    expected = [sum(v @ matrix @ v for v in vectors.T) for matrix in matrices]
    np.testing.assert_allclose(Gram(functions, rows).forms(vectors), expected, rtol=1e-4)


@pytest.mark.usefixtures("small_blocks")
def test_with_all_rows_as_landmarks_nystroems_products_are_the_centred_kernels(rows):
    functions = kernels_of(SETTINGS, ["acoustic", "text"])
    maps = NystroemMaps(functions, rows, np.arange(ROWS))
    for kernel, columns in zip(functions, maps.columns, strict=True):
        features = maps.features[:, columns].astype(float)
        expected = centred(unit_variance(plain(kernel, rows, rows)))
        np.testing.assert_allclose(features @ features.T, expected, atol=2e-5)


def test_with_few_landmarks_nystroems_maps_have_few_dimensions_and_unit_variance(rows):
    functions = kernels_of(SETTINGS, ["acoustic"])
    maps = NystroemMaps(functions, rows, np.array([3, 8, 21, 40, 66]))
    assert [columns.stop - columns.start for columns in maps.columns] == [5] * 4
    for columns in maps.columns:
        assert (maps.features[:, columns] ** 2).sum(axis=1).mean() == pytest.approx(1, rel=1e-5)
        np.testing.assert_allclose(maps.features[:, columns].mean(axis=0), 0, atol=1e-6)


def test_a_linear_kernels_map_is_no_wider_than_its_rank(rows):
    maps = NystroemMaps([Kernel("text", Polynomial(degree=1, offset=1.0, unit=10.0))], rows, np.arange(ROWS))
    assert maps.features.shape == (ROWS, 5)  # four columns and the offset
