"""Learned kernel weights: a slow solver's optimum, and what must hold of any optimum."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, minimize
from sklearn.svm import SVC

from serflow.learners.parts.kernel_weights import learn_weights, relative_gap, uniform_weights

COST = 0.7


def centred_unit(matrix):
    matrix = matrix - matrix.mean(axis=0) - matrix.mean(axis=1)[:, None] + matrix.mean()
    return matrix / np.diag(matrix).mean()


@pytest.fixture(scope="module")
def problem():
    """Return labels of three classes and four kernels: a good one, its noisy kin, one of another view, noise."""
    rng = np.random.default_rng(8)
    labels = np.repeat([0, 1, 2], 10)
    one, other = rng.standard_normal((3, 3))[labels], rng.standard_normal((3, 2))[labels]
    views = [
        one + 0.6 * rng.standard_normal((30, 3)),
        one + 1.5 * rng.standard_normal((30, 3)),
        other + 0.8 * rng.standard_normal((30, 2)),
        rng.standard_normal((30, 3)),
    ]
    return labels, [centred_unit(np.exp(-0.3 * ((x[:, None] - x) ** 2).sum(axis=2))) for x in views]


def machines(labels, kernels):
    """Return a solver of all pairs of classes on a list of kernel matrices, tight and in double precision."""

    def solve(weights):
        total = sum(weight * kernel for weight, kernel in zip(weights, kernels, strict=True))
        objective, forms = 0.0, np.zeros(len(kernels))
        for first, second in combinations(range(labels.max() + 1), 2):
            chosen = np.flatnonzero((labels == first) | (labels == second))
            signs, values = np.where(labels[chosen] == first, 1, -1), total[np.ix_(chosen, chosen)]
            machine = SVC(kernel="precomputed", C=COST, tol=1e-7).fit(values, signs)
            vector = np.zeros(len(labels))
            vector[chosen[machine.support_]] = machine.dual_coef_[0]
            decisions = (total @ vector)[chosen] + machine.intercept_
            objective += vector @ total @ vector / 2 + COST * np.maximum(0, 1 - signs * decisions).sum()
            forms += [vector @ kernel @ vector for kernel in kernels]
        return SimpleNamespace(objective=objective, forms=forms)

    return solve


def learn(labels, kernels, *, norm=1.2, tolerance=1e-7, max_updates=1000):
    solve = machines(labels, kernels)
    return learn_weights(solve, kernels=len(kernels), norm=norm, tolerance=tolerance, max_updates=max_updates)


def slow_optimum(labels, kernels, norm):
    """Return optimum and weights by the dual: maximise sum(a) - |forms(a)|_q / 2 over the duals of all pairs."""
    pairs = [np.flatnonzero((labels == i) | (labels == j)) for i, j in combinations(range(labels.max() + 1), 2)]
    signs = [np.where(labels[pair] == labels[pair[0]], 1, -1) for pair in pairs]
    ends = np.cumsum([0, *map(len, pairs)])
    parts = [slice(a, b) for a, b in zip(ends[:-1], ends[1:], strict=True)]
    q = norm / (norm - 1)
    inner = [
        [kernel[np.ix_(pair, pair)] * np.outer(sign, sign) for pair, sign in zip(pairs, signs, strict=True)]
        for kernel in kernels
    ]

    def forms(duals):
        return np.array([sum(duals[p] @ m @ duals[p] for p, m in zip(parts, ms, strict=True)) for ms in inner])

    def value(duals):
        return np.linalg.norm(forms(duals), q) / 2 - duals.sum()

    def slope(duals):
        found = forms(duals)
        shares = (found / np.linalg.norm(found, q)) ** (q - 1)
        return np.concatenate(
            [sum(s * ms[k] @ duals[p] for s, ms in zip(shares, inner, strict=True)) - 1 for k, p in enumerate(parts)]
        )

    balance = np.zeros((len(pairs), ends[-1]))
    for row, part, sign in zip(balance, parts, signs, strict=True):
        row[part] = sign
    found = minimize(
        value,
        np.full(ends[-1], COST / 2),
        jac=slope,
        method="SLSQP",
        bounds=Bounds(0, COST),
        constraints=LinearConstraint(balance, 0, 0),
        options={"maxiter": 1000, "ftol": 1e-12},
    )
    assert found.success
    weights = forms(found.x) ** (1 / (norm - 1))
    return -found.fun, weights / np.linalg.norm(weights, norm)


@pytest.mark.parametrize("norm", [1.2, 2.0])
def test_it_reaches_the_optimum_of_a_slow_solver_of_the_dual(problem, norm):
    learned = learn(*problem, norm=norm)
    optimum, weights = slow_optimum(*problem, norm)
    assert learned.settled
    assert learned.solution.objective == pytest.approx(optimum, rel=1e-5)
    np.testing.assert_allclose(learned.weights, weights, atol=2e-3)
    assert weights.max() > 2 * weights.min()


def test_half_the_forms_are_the_slopes_of_the_objective(problem):
    labels, kernels = problem
    solve, weights, step = machines(labels, kernels), np.array([0.5, 0.2, 0.4, 0.3]), 1e-3
    for number, form in enumerate(solve(weights).forms):
        change = step * np.eye(4)[number]
        slope = (solve(weights + change).objective - solve(weights - change).objective) / (2 * step)
        assert slope == pytest.approx(-form / 2, rel=1e-3)


@pytest.mark.parametrize("norm", [1.05, 1.2, 2.0])
def test_the_gap_bounds_what_is_left_and_learning_never_loses(problem, norm):
    final = learn(*problem, norm=norm)
    assert final.gap <= 1e-7
    before = np.inf
    for updates in (0, 1, 2, 4, 8):
        learned = learn(*problem, norm=norm, max_updates=updates)
        objective = learned.solution.objective
        assert np.linalg.norm(learned.weights, norm) == pytest.approx(1)
        assert objective <= before
        assert objective * (1 - learned.gap) <= final.solution.objective * (1 + 1e-6)
        assert learned.uniform_objective >= objective
        before = objective
    assert final.solution.objective < 0.99 * final.uniform_objective


def test_without_updates_the_weights_are_equal_and_its_gap_is_told(problem):
    learned = learn(*problem, norm=2.0, max_updates=0)
    np.testing.assert_array_equal(learned.weights, uniform_weights(4, 2.0))
    np.testing.assert_allclose(learned.weights, 0.5)
    assert (learned.updates, learned.settled) == (0, False)
    assert learned.solution.objective == learned.uniform_objective
    assert learned.gap == relative_gap(learned.weights, learned.solution, 2.0) > 0.01


def test_a_gap_by_hand():
    solution = SimpleNamespace(objective=10.0, forms=np.array([3.0, 4.0]))
    assert relative_gap(np.array([1.0, 0.0]), solution, 2.0) == pytest.approx((5 - 3) / 20)


def test_noise_gets_a_small_weight_beside_a_kernel_that_tells(problem):
    labels, kernels = problem
    learned = learn(labels, [kernels[0], kernels[3]], norm=1.1)
    assert learned.weights[1] < 0.1 * learned.weights[0]


def test_equal_kernels_get_equal_weights(problem):
    labels, kernels = problem
    learned = learn(labels, [kernels[2], kernels[0], kernels[2]])
    assert learned.weights[0] == pytest.approx(learned.weights[2], rel=1e-12)
    assert learned.weights[1] != pytest.approx(learned.weights[0], rel=0.1)


def test_a_large_norm_evens_the_weights(problem):
    sparse, even = learn(*problem, norm=1.1).weights, learn(*problem, norm=100.0).weights
    assert even.min() / even.max() > 0.95
    assert sparse.min() / sparse.max() < 0.5


def test_it_stops_at_the_tolerance_or_says_that_it_did_not(problem):
    loose, tight = learn(*problem, tolerance=1e-2), learn(*problem, tolerance=1e-5)
    assert loose.settled and tight.settled
    assert loose.updates < tight.updates
    assert not learn(*problem, tolerance=1e-5, max_updates=1).settled
