"""Hidden Markov models by class: brute force over paths, maximum a posteriori by hand, order in time."""

import itertools

import numpy as np
import pytest

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.learners.gmm_hmm import GmmHmm

CLASSES = ["angry", "sad"]
PARAMETERS = {
    "states": 3,
    "mixtures": 2,
    "covariance": "diag",
    "iterations": 5,
    "prior_frames": 1.5,
    "every": 1,
    "class_prior": "training",
}


def gmm_hmm(*, seed=1, classes=CLASSES, **change):
    spec = {"learner": "gmm_hmm", "parameters": PARAMETERS | change}
    return GmmHmm(spec=spec, classes=classes, device="cpu", seed=seed)


@pytest.fixture
def part(tmp_path):
    """Return a function that gives utterances, arrays (T, D), as examples out of a store."""
    numbers = itertools.count()

    def make(utterances, labels=None, *, hop_seconds=0.01):
        folder = tmp_path / f"store{next(numbers)}"
        ids = [f"u{i:02d}" for i in range(len(utterances))]
        rows = ((name, frames.astype(np.float32)) for name, frames in zip(ids, utterances, strict=True))
        dims = utterances[0].shape[1]
        write_store(folder, spec={}, dims=dims, hop_seconds=hop_seconds, versions={}, utterances=rows)
        known = None if labels is None else np.array(labels)
        return Examples(utterances=ids, labels=known, store=Store.open(folder), durations=np.ones(len(ids)))

    return make


def draw(labels, *, dims=2, seed=0, frames=(4, 7, 5)):
    """Noise on a slope that rises in class 0 and falls in class 1: only the order of the frames tells them apart."""
    rng = np.random.default_rng(seed)
    found = []
    for i, label in enumerate(labels):
        length = frames[i % len(frames)]
        slope = np.linspace(-1, 1, length) if length > 1 else np.zeros(1)
        found.append(3 + 10 * ((-1) ** label * slope[:, None] + 0.4 * rng.standard_normal((length, dims))))
    return found


def fitted(examples, **change):
    learner = gmm_hmm(**change)
    history = list(learner.fit(examples))
    assert [(row["epoch"], row["loss"], row["lr"]) for row in history] == [(1, None, None)]
    return learner


def gaussian(x, mean, covariance):
    difference = x - mean
    exponent = difference @ np.linalg.solve(covariance, difference)
    return np.exp(-exponent / 2) / np.sqrt(np.linalg.det(2 * np.pi * covariance))


def matrix(covariances, kind, state, mixture, dims):
    """A Gaussian's covariance (D, D), however it is kept."""
    kept = covariances[state] if kind == "tied" else covariances[state, mixture]
    return kept if kind in ("tied", "full") else kept * np.eye(dims)


def likelihood(frames, values, k, kind):
    """p(frames | class k), summed over every path through the states."""
    states, mixtures, dims = values["means"].shape[1:]

    def emission(x, s):
        parts = [
            values["weights"][k, s, m]
            * gaussian(x, values["means"][k, s, m], matrix(values["covariances"][k], kind, s, m, dims))
            for m in range(mixtures)
        ]
        return sum(parts)

    emissions = [[emission(x, s) for s in range(states)] for x in frames]
    total = 0.0
    for path in itertools.product(range(states), repeat=len(frames)):
        p = float(path[0] == 0)
        for before, after in itertools.pairwise(path):
            p *= values["transitions"][k, before, after]
        for at_frame, s in zip(emissions, path, strict=True):
            p *= at_frame[s]
        total += p
    return total


@pytest.mark.parametrize("kind", ["diag", "spherical", "tied", "full"])
@pytest.mark.parametrize("class_prior", ["training", "uniform"])
def test_probabilities_are_likelihoods_over_all_paths_a_frame_times_the_prior(part, kind, class_prior):
    labels = [0, 1, 0, 0, 1, 0]
    learner = fitted(part(draw(labels), labels), covariance=kind, class_prior=class_prior)
    values, tested = learner.parameters, draw([0, 1], seed=3, frames=(4, 5))
    prior = [4 / 6, 2 / 6] if class_prior == "training" else [1 / 2, 1 / 2]
    ids, probabilities = learner.predict(part(tested))
    assert (ids, probabilities.dtype) == (["u00", "u01"], np.float32)
    for frames, found in zip(tested, probabilities, strict=True):
        scaled = (frames.astype(np.float32) - values["mean"]) / values["scale"]
        scores = [likelihood(scaled, values, k, kind) ** (1 / len(frames)) * prior[k] for k in (0, 1)]
        np.testing.assert_allclose(found, np.array(scores) / sum(scores), rtol=1e-4)


@pytest.mark.parametrize("kind", ["diag", "spherical", "tied", "full"])
@pytest.mark.parametrize("extra", [0.5, 2])
def test_a_gaussian_counts_frames_of_its_own_and_those_of_the_prior(part, kind, extra):
    labels = [0, 1, 0, 1, 1]
    utterances = [frames * [1, 4, 9] for frames in draw(labels, dims=3)]
    change = {"states": 1, "mixtures": 1, "covariance": kind, "iterations": 30, "prior_frames": extra}
    values = fitted(part(utterances, labels), **change).parameters
    every = np.concatenate(utterances).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(values["mean"], every.mean(axis=0))
    np.testing.assert_allclose(values["scale"], every.std(axis=0))
    for k in (0, 1):
        own = np.concatenate([u for u, label in zip(utterances, labels, strict=True) if label == k])
        own = (own.astype(np.float32) - values["mean"]) / values["scale"]
        mean = own.sum(axis=0) / (len(own) + extra)
        scatter = (own - mean).T @ (own - mean) + extra * (np.eye(3) + np.outer(mean, mean))
        covariance = scatter / (len(own) + extra)
        expected = {
            "diag": covariance.diagonal(),
            "spherical": covariance.diagonal().mean(),
            "tied": covariance,
            "full": covariance,
        }
        np.testing.assert_allclose(values["means"][k, 0, 0], mean, atol=1e-6)
        found = values["covariances"][k, 0] if kind == "tied" else values["covariances"][k, 0, 0]
        np.testing.assert_allclose(found, expected[kind], atol=1e-6)


def test_a_transition_too_counts_the_priors_frames(part):
    # two frames far apart, the first always in the first state, the second in the second: one step each, none back
    utterances = [np.array([[-5.0], [5.0]]) for _ in range(6)]
    learner = fitted(part(utterances, [0, 1] * 3), states=2, mixtures=1, prior_frames=0.5, iterations=3)
    np.testing.assert_allclose(learner.parameters["transitions"][0], [[0.5 / 4, 3.5 / 4], [0, 1]], atol=0.02)


def test_states_lead_from_left_to_right(part):
    labels = [0, 1] * 6
    transitions = fitted(part(draw(labels, frames=(12,)), labels)).parameters["transitions"]
    assert ((transitions > 0) == (np.eye(3) + np.eye(3, k=1) > 0)).all()
    np.testing.assert_allclose(transitions.sum(axis=2), 1)


def test_the_order_of_frames_tells_classes_apart_and_one_state_cannot(part):
    labels = [0, 1] * 10
    train, test = part(draw(labels, frames=(20, 30)), labels), part(draw(labels, seed=1, frames=(25,)))
    _, found = fitted(train).predict(test)
    assert found.argmax(axis=1).tolist() == labels
    _, found = fitted(train, states=1).predict(test)
    assert np.abs(found[:, 0] - 0.5).max() < 0.1


def test_it_lives_on_very_few_frames(part):
    one = np.array([[1.0, 2.0]])
    learner = fitted(part([one, one + 1, one, np.repeat(one, 2, axis=0)], [0, 1, 0, 1]), states=5, mixtures=4)
    assert all(np.isfinite(values).all() for values in learner.parameters.values())
    _, probabilities = learner.predict(part([one, one + 1, one + 1000]))
    assert np.isfinite(probabilities).all()
    assert probabilities[0, 0] > probabilities[1, 0]


def test_every_second_frame_is_as_features_of_every_second_frame(part):
    labels = [0, 1] * 4
    utterances, tested = draw(labels, frames=(9, 14)), draw(labels, seed=1, frames=(11,))
    thin = fitted(part(utterances, labels), every=2)
    same = fitted(part([u[::2] for u in utterances], labels))
    _, found = thin.predict(part(tested))
    _, expected = same.predict(part([u[::2] for u in tested]))
    assert found.tobytes() == expected.tobytes()
    assert thin.counts["train_frames"] == same.counts["train_frames"] == 4 * (5 + 7)


def test_the_seed_decides(part):
    labels = [0, 1] * 4
    train = part(draw(labels), labels)
    one, same, other = (fitted(train, seed=seed, iterations=1).parameters for seed in (1, 1, 2))
    assert all(one[name].tobytes() == same[name].tobytes() for name in one)
    assert not np.allclose(one["means"], other["means"])


def test_a_loaded_model_predicts_the_same_bits(part, tmp_path):
    labels = [0, 1] * 4
    learner = fitted(part(draw(labels), labels))
    learner.save(tmp_path / "model")
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == ["model.json", "weights.safetensors"]
    loaded = GmmHmm.load(tmp_path / "model", device="cpu")
    test = part(draw(labels, seed=1))
    assert loaded.predict(test)[1].tobytes() == learner.predict(test)[1].tobytes()
    assert (loaded.classes, loaded.spec, loaded.seed) == (CLASSES, learner.spec, 1)
    loaded.save(tmp_path / "again")
    for name in ("model.json", "weights.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "model" / name).read_bytes()


def test_predicting_changes_nothing_in_the_model(part):
    labels = [0, 1] * 4
    learner = fitted(part(draw(labels), labels))
    before = {name: values.tobytes() for name, values in learner.parameters.items()}
    learner.predict(part([100 * frames for frames in draw(labels)]))
    assert before == {name: values.tobytes() for name, values in learner.parameters.items()}


def test_a_class_absent_from_training_is_named(part):
    with pytest.raises(UserError, match="gmm_hmm: no training utterance of class sad"):
        fitted(part(draw([0, 0]), [0, 0]))


def test_a_feature_that_is_not_finite_names_the_utterance(part):
    utterances = draw([0, 1, 0])
    utterances[2][1, 1] = np.nan
    with pytest.raises(UserError, match="utterance u02 .*NaN"):
        fitted(part(utterances, [0, 1, 0]))


def test_features_by_utterance_are_refused(part):
    with pytest.raises(UserError, match="one row a frame"):
        fitted(part(draw([0, 1], frames=(1,)), [0, 1], hop_seconds=None))


@pytest.mark.parametrize(
    "change",
    [
        {"states": 0},
        {"mixtures": 1.5},
        {"covariance": "diagonal"},
        {"iterations": 0},
        {"prior_frames": 0},
        {"every": 0},
        {"class_prior": "none"},
        {"units": 3},
    ],
)
def test_other_parameters_are_refused(change):
    with pytest.raises(UserError, match=f"gmm_hmm.*{next(iter(change))}"):
        gmm_hmm(**change)
