"""Machines on sums of kernels: scikit-learn's on the plain sum, and Nyström's beside the exact ones."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.svm import SVC

from serflow.learners.parts import kernel_machines as module
from serflow.learners.parts.kernel_machines import ExactMachines, NystroemMachines, Task
from serflow.learners.parts.kernel_weights import learn_weights
from serflow.learners.parts.kernels import Scaling, kernel_values, kernels_of

SETTINGS = {"gammas": [0.05, 0.2], "degrees": [2], "offset": 1.0, "mean_squared_distance": 10.0}
COSTS = np.array([0.5, 1.0, 2.0])
TRAIN = 90


@pytest.fixture
def data():
    """Return labels, scaled training rows and scaled other rows of two modalities, the second less telling."""
    rng = np.random.default_rng(4)
    labels = rng.choice(3, TRAIN + 40, p=[0.5, 0.3, 0.2])
    train, others = {}, {}
    for name, dims, size in (("acoustic", 5, 1.0), ("text", 4, 0.4)):
        features = size * rng.standard_normal((3, dims))[labels] + rng.standard_normal((TRAIN + 40, dims))
        scaled = Scaling.fit(features[:TRAIN], mean_squared_distance=10.0)(features)
        train[name], others[name] = scaled[:TRAIN], scaled[TRAIN:]
    return labels[:TRAIN], train, others


@pytest.fixture
def kernels():
    return kernels_of(SETTINGS, ["acoustic", "text"])


def task(labels, *, precision=1e-5, seed=1):
    return Task(labels=labels, costs=COSTS, precision=precision, seed=seed)


def tight_linear(*, class_weight, **_unused):
    """Return libsvm's machine in the place of LinearSVC: the same, but its intercept is free."""
    machine = SVC(kernel="linear", C=1, class_weight=class_weight, tol=1e-6)

    def fit(features, signs):
        machine.fit(features, signs)
        found = {"coef_": machine.coef_, "intercept_": machine.intercept_, "n_iter_": machine.n_iter_.max()}
        vars(fitted).update(found)

    fitted = SimpleNamespace(fit=fit, decision_function=machine.decision_function)
    return fitted


def learn(machines):
    return learn_weights(machines.solve, kernels=6, norm=1.5, tolerance=1e-5, max_updates=50)


def plain(kernels, weights, left, train):
    """Return the sum of unit-variance kernels between `left` and training rows, and each among training rows."""
    own = list(kernel_values(kernels, train, train))
    variances = [1 - values.mean() for values in own]
    across = zip(weights, variances, kernel_values(kernels, left, train), strict=True)
    total = sum(weight / variance * values for weight, variance, values in across)
    return total, [values / variance for values, variance in zip(own, variances, strict=True)]


def test_exact_machines_decide_as_scikit_learns_do_on_the_plain_sum(data, kernels):
    labels, train, others = data
    weights = np.array([0.4, 0.1, 0.3, 0.2, 0.0, 0.6])
    machines = ExactMachines(kernels, train, task(labels))
    solution = machines.solve(weights)
    decisions = machines.expansion(weights, solution)(kernels, others)
    inside, own = plain(kernels, weights, train, train)
    across, _ = plain(kernels, weights, others, train)
    objective, forms = 0.0, np.zeros(6)
    for column, (first, second) in enumerate(combinations(range(3), 2)):
        chosen = np.flatnonzero((labels == first) | (labels == second))
        classes = {first: COSTS[first], second: COSTS[second]}
        machine = SVC(kernel="precomputed", C=1, class_weight=classes, tol=1e-5)
        machine.fit(inside[np.ix_(chosen, chosen)], labels[chosen])
        expected = -machine.decision_function(across[:, chosen])  # scikit-learn's sign stands for the second
        np.testing.assert_allclose(decisions[:, column], expected, atol=2e-3)
        vector = np.zeros(TRAIN)
        vector[chosen[machine.support_]] = machine.dual_coef_[0]
        missing = np.maximum(0, 1 - np.where(labels == first, -1, 1) * (inside @ vector + machine.intercept_))[chosen]
        objective += vector @ inside @ vector / 2 + COSTS[labels[chosen]] @ missing
        forms += [vector @ matrix @ vector for matrix in own]
    assert solution.objective == pytest.approx(objective, rel=1e-4)
    np.testing.assert_allclose(solution.forms, forms, rtol=2e-3)
    assert solution.steps > 0


def test_with_all_rows_as_landmarks_nystroems_machines_are_the_exact_ones(data, kernels, monkeypatch):
    monkeypatch.setattr(module, "LinearSVC", tight_linear)
    labels, train, others = data
    exact = ExactMachines(kernels, train, task(labels))
    nystroem = NystroemMachines(kernels, train, task(labels), np.arange(TRAIN))
    one, other = learn(exact), learn(nystroem)
    assert other.solution.objective == pytest.approx(one.solution.objective, rel=1e-4)
    np.testing.assert_allclose(other.solution.forms, one.solution.forms, rtol=5e-3)
    np.testing.assert_allclose(other.weights, one.weights, atol=1e-3)
    assert one.weights.max() > 1.5 * one.weights.min()
    decisions = [m.expansion(x.weights, x.solution)(kernels, others) for m, x in ((exact, one), (nystroem, other))]
    np.testing.assert_allclose(decisions[1], decisions[0], atol=5e-3)


def test_the_linear_solvers_shrunken_intercept_changes_little_even_for_few_utterances(data, kernels):
    labels, train, others = data
    exact = ExactMachines(kernels, train, task(labels))
    nystroem = NystroemMachines(kernels, train, task(labels, precision=1e-3), np.arange(TRAIN))
    one, other = learn(exact), learn(nystroem)
    assert other.solution.objective == pytest.approx(one.solution.objective, rel=0.02)
    np.testing.assert_allclose(other.weights, one.weights, atol=0.03)
    decisions = [m.expansion(x.weights, x.solution)(kernels, others) for m, x in ((exact, one), (nystroem, other))]
    assert np.abs(decisions[1] - decisions[0]).mean() < 0.1


def test_a_third_of_the_rows_as_landmarks_comes_near(data, kernels):
    labels, train, others = data
    exact = ExactMachines(kernels, train, task(labels))
    one = learn(exact)
    nystroem = NystroemMachines(kernels, train, task(labels), np.arange(0, TRAIN, 3))
    other = learn(nystroem)
    found = nystroem.expansion(other.weights, other.solution)(kernels, others)
    expected = exact.expansion(one.weights, one.solution)(kernels, others)
    assert ((found > 0) == (expected > 0)).mean() > 0.9
    assert found.shape == (40, 3)


def test_nystroems_expansion_gives_what_the_machines_gave_on_their_maps(data, kernels):
    labels, train, _ = data
    machines = NystroemMachines(kernels, train, task(labels), np.arange(0, TRAIN, 4))
    weights = np.array([0.4, 0.1, 0.3, 0.2, 0.0, 0.6])
    solution = machines.solve(weights)
    widths = [columns.stop - columns.start for columns in machines.maps.columns]
    expected = machines.maps.features * np.repeat(np.sqrt(weights), widths) @ solution.vectors + solution.intercepts
    np.testing.assert_allclose(machines.expansion(weights, solution)(kernels, train), expected, atol=1e-4)
    assert solution.forms[4] == 0  # of a kernel without weight nothing is known, and it stays without


def test_only_support_vectors_are_kept(data, kernels):
    labels, train, _ = data
    machines = ExactMachines(kernels, train, task(labels))
    weights = np.full(6, 1 / 6)
    solution = machines.solve(weights)
    kept = len(machines.expansion(weights, solution).anchors["text"])
    assert kept == solution.vectors.any(axis=1).sum() < TRAIN


def test_a_class_of_higher_cost_is_less_often_missed(data, kernels):
    labels, train, _ = data
    weights = np.full(6, 1 / 6)
    missed = []
    for cost in (0.05, 5.0):
        machines = ExactMachines(
            kernels, train, Task(labels=labels, costs=np.array([0.05, cost, 0.05]), precision=1e-4, seed=1)
        )
        decisions = machines.expansion(weights, machines.solve(weights))(kernels, train)
        missed.append((decisions[labels == 1, 0] >= 0).mean())
    assert missed[1] < missed[0]
