"""The multiple-kernel classifier: an encoder's representations in, probabilities and readable weights out."""

import json
from pathlib import Path

import numpy as np
import pytest

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.learners import mkl as module
from serflow.learners.mkl import Mkl

CLASSES = ["angry", "excited", "sad", "neutral"]
KERNELS = {"gammas": [0.01, 0.05], "degrees": [2], "offset": 1, "mean_squared_distance": 33.3}
PARAMETERS = {
    "kernels": KERNELS,
    "weights": "learned",
    "norm": 1.2,
    "C": 1,
    "class_weight": "none",
    "tolerance": 0.0001,
    "max_updates": 100,
    "exact_up_to": 1000,
    "landmarks": 30,
}
ROWS, TRAIN = 200, 140


class Encoder:
    """Stands for a trained network: a table of representations; utterances named in `without` have none."""

    def __init__(self, table, without=()):
        self.table, self.without, self.asked = table, set(without), []

    def represent(self, examples):
        assert examples.utterances, "an empty part"
        self.asked.append(examples.labels)
        kept = sorted(set(examples.utterances) - self.without, reverse=True)  # not in the order of the examples
        places = [int(name[1:]) for name in kept]
        return kept, {modality: values[places] for modality, values in self.table.items()}

    def save(self, folder):
        folder.mkdir(parents=True)
        tables = {modality: values.tolist() for modality, values in self.table.items()}
        (folder / "model.json").write_text(json.dumps(tables))

    @classmethod
    def load(cls, folder: Path, *, device):
        assert device == "cpu"
        tables = json.loads((folder / "model.json").read_text())
        return cls({modality: np.array(values, dtype=np.float32) for modality, values in tables.items()})


@pytest.fixture
def labels():
    return np.random.default_rng(5).choice(4, ROWS, p=[0.4, 0.25, 0.2, 0.15])


@pytest.fixture
def table(labels):
    """Return representations of overlapping classes on odd scales, the second modality less telling."""
    rng = np.random.default_rng(6)
    found = {}
    for modality, dims, size in (("acoustic", 8, 0.9), ("text", 6, 0.6)):
        features = size * rng.standard_normal((4, dims))[labels] + rng.standard_normal((ROWS, dims))
        found[modality] = (features * 10.0 ** rng.integers(-2, 3, dims)).astype(np.float32)
    return found


def mkl(encoder, *, seed=1, kernels=None, **change):
    parameters = PARAMETERS | change | {"kernels": KERNELS | (kernels or {})}
    spec = {"learner": "mkl", "parameters": parameters}
    return Mkl(spec=spec, classes=CLASSES, device="cpu", seed=seed, encoder=encoder)


def part(which, labels=None):
    chosen = list(which)
    return Examples(
        utterances=[f"u{i}" for i in chosen],
        labels=None if labels is None else labels[chosen],
        store=None,
        durations=np.ones(len(chosen)),
    )


def fitted(encoder, labels, which=range(TRAIN), **change):
    learner = mkl(encoder, **change)
    list(learner.fit(part(which, labels)))
    return learner


def described(learner, folder):
    learner.save(folder)
    return json.loads((folder / "model.json").read_text())


def test_it_learns_and_gives_float32_rows_that_sum_to_one(table, labels):
    learner = mkl(Encoder(table))
    history = list(learner.fit(part(range(TRAIN), labels)))
    assert [(row["epoch"], row["loss"], row["lr"]) for row in history] == [(1, None, None)]
    assert history[0]["steps"] > 0
    ids, probabilities = learner.predict(part(range(TRAIN, ROWS)))
    assert (probabilities.shape, probabilities.dtype) == ((ROWS - TRAIN, 4), np.float32)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    truth = labels[[int(name[1:]) for name in ids]]
    assert (probabilities.argmax(axis=1) == truth).mean() > 0.7  # the most frequent class alone has 0.4


def test_labels_follow_the_encoders_order_and_what_it_leaves_out_is_left_out(table, labels):
    encoder = Encoder(table, without=["u3", "u7", "u150"])
    learner = fitted(encoder, labels)
    assert {key: learner.counts[key] for key in ("train_utterances", "train_utterances_used", "landmarks")} == {
        "train_utterances": TRAIN,
        "train_utterances_used": TRAIN - 2,
        "landmarks": 0,
    }
    ids, probabilities = learner.predict(part([150, 151, 152]))
    assert ids == ["u152", "u151"]
    without = fitted(Encoder(table), labels, [i for i in range(TRAIN) if i not in (3, 7)])
    np.testing.assert_array_equal(without.predict(part([151, 152]))[1], probabilities)


def test_the_order_of_training_changes_nothing_but_rounding(table, labels, tmp_path):
    class InOrder(Encoder):
        def represent(self, examples):
            kept, places = list(examples.utterances), [int(name[1:]) for name in examples.utterances]
            return kept, {modality: values[places] for modality, values in self.table.items()}

    shuffled = np.random.default_rng(0).permutation(TRAIN)
    learners = [fitted(InOrder(table), labels, which) for which in (range(TRAIN), shuffled)]
    one, other = (learner.predict(part(range(TRAIN, ROWS)))[1] for learner in learners)
    np.testing.assert_allclose(one, other, atol=0.01)
    weights = [
        [kernel["weight"] for kernel in described(learner, tmp_path / str(number))["kernels"]]
        for number, learner in enumerate(learners)
    ]
    np.testing.assert_allclose(weights[0], weights[1], atol=0.02)


def test_what_is_not_in_training_changes_nothing_in_the_model(table, labels):
    other = {modality: values.copy() for modality, values in table.items()}
    for values in other.values():
        values[TRAIN:] = values[TRAIN:] * 100 + 7
    learners = [fitted(Encoder(rows), labels) for rows in (table, other)]
    for learner in learners:
        learner.encoder = Encoder(table)
    one, two = (learner.predict(part(range(TRAIN, ROWS)))[1] for learner in learners)
    assert one.tobytes() == two.tobytes()


def test_model_json_tells_names_and_weights_and_what_learning_brought(table, labels, tmp_path):
    model = described(fitted(Encoder(table), labels), tmp_path / "model")
    assert [kernel["name"] for kernel in model["kernels"]] == [
        f"{modality}: {function}"
        for modality in ("acoustic", "text")
        for function in ("rbf, gamma 0.01", "rbf, gamma 0.05", "polynomial, degree 2")
    ]
    weights = np.array([kernel["weight"] for kernel in model["kernels"]])
    assert (weights**1.2).sum() == pytest.approx(1)
    assert (model["learner"], model["form"], model["modalities"]) == ("mkl", "exact", ["acoustic", "text"])
    assert model["objective"] < model["objective_of_uniform_weights"]
    assert model["relative_gap"] <= 0.0001
    assert model["weight_updates"] > 0


def test_uniform_weights_are_equal_and_of_the_same_norm(table, labels, tmp_path):
    model = described(fitted(Encoder(table), labels, weights="uniform"), tmp_path / "model")
    np.testing.assert_allclose([kernel["weight"] for kernel in model["kernels"]], 6 ** (-1 / 1.2))
    assert model["objective"] == model["objective_of_uniform_weights"]
    assert model["weight_updates"] == 0
    learned = described(fitted(Encoder(table), labels), tmp_path / "learned")
    assert learned["objective_of_uniform_weights"] == model["objective"]


def test_a_modality_of_noise_gets_little_weight(table, labels, tmp_path):
    noise = np.random.default_rng(1).standard_normal((ROWS, 6)).astype(np.float32)
    model = described(fitted(Encoder(table | {"text": noise}), labels), tmp_path / "model")
    weights = np.array([kernel["weight"] for kernel in model["kernels"]])
    assert weights[3:].sum() < 0.25 * weights[:3].sum()


@pytest.mark.parametrize("exact_up_to", [1000, 10])
def test_a_loaded_model_predicts_the_same_bits(table, labels, tmp_path, monkeypatch, exact_up_to):
    monkeypatch.setattr(module, "load_learner", Encoder.load)
    learner = fitted(Encoder(table), labels, exact_up_to=exact_up_to)
    model = described(learner, tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "encoder",
        "model.json",
        "weights.safetensors",
    ]
    loaded = Mkl.load(tmp_path / "model", device="cpu")
    test = part(range(TRAIN, ROWS))
    assert loaded.predict(test)[0] == learner.predict(test)[0]
    assert loaded.predict(test)[1].tobytes() == learner.predict(test)[1].tobytes()
    assert (loaded.classes, loaded.spec, loaded.seed) == (CLASSES, learner.spec, 1)
    assert described(loaded, tmp_path / "again") == model


def test_above_the_limit_kernels_are_nystroems(table, labels, tmp_path):
    exact = fitted(Encoder(table), labels)
    learner = fitted(Encoder(table), labels, exact_up_to=TRAIN - 1)
    assert learner.counts["landmarks"] == 30
    assert described(learner, tmp_path / "model")["form"] == "Nyström, 30 landmarks"
    one, other = (x.predict(part(range(TRAIN, ROWS)))[1].argmax(axis=1) for x in (exact, learner))
    assert (one == other).mean() > 0.8
    assert fitted(Encoder(table), labels, exact_up_to=TRAIN).counts["landmarks"] == 0
    assert fitted(Encoder(table), labels, exact_up_to=0, landmarks=5000).counts["landmarks"] == TRAIN


def test_the_seed_draws_the_landmarks_and_plays_no_part_in_exact_kernels(table, labels):
    def learner(seed, limit):
        return fitted(Encoder(table), labels, seed=seed, exact_up_to=limit)

    def probabilities(of):
        return of.predict(part(range(TRAIN, ROWS)))[1].tobytes()

    one, same, other = (learner(seed, 0) for seed in (1, 1, 2))
    assert probabilities(one) == probabilities(same)
    assert not np.array_equal(one.expansion.anchors["text"], other.expansion.anchors["text"])
    assert probabilities(learner(1, 1000)) == probabilities(learner(2, 1000))


def test_no_label_reaches_prediction(table, labels):
    encoder = Encoder(table)
    learner = fitted(encoder, labels)
    learner.predict(part([150, 160]))
    assert encoder.asked[-1] is None


def test_balanced_costs_raise_a_rare_class(table, labels):
    share = []
    for weighting in ("none", "balanced"):
        learner = fitted(Encoder(table), labels, class_weight=weighting, C=0.05)
        share.append(learner.predict(part(range(TRAIN, ROWS)))[1].argmax(axis=1).tolist().count(3))
    assert share[1] > share[0]


def test_weights_that_do_not_settle_are_told(table, labels, capsys):
    fitted(Encoder(table), labels, tolerance=1e-9, max_updates=2)
    assert "not settled after 2 updates" in capsys.readouterr().err
    fitted(Encoder(table), labels, weights="uniform", tolerance=1e-9)
    assert capsys.readouterr().err == ""


def test_a_class_absent_from_training_is_named(table, labels):
    labels[labels == 2] = 0
    with pytest.raises(UserError, match="mkl: no training utterance of class sad"):
        fitted(Encoder(table), labels)


def test_a_representation_that_is_not_finite_names_modality_and_utterance(table, labels):
    table["text"][7, 3] = np.inf
    with pytest.raises(UserError, match="text representation of utterance u7"):
        fitted(Encoder(table), labels)


def test_a_representation_that_never_varies_is_refused(table, labels):
    table["acoustic"][:] = 0.25
    with pytest.raises(UserError, match="acoustic representation says nothing"):
        fitted(Encoder(table), labels)


def test_without_an_encoder_it_says_what_to_do(labels):
    with pytest.raises(UserError, match="no encoder"):
        fitted(None, labels)


@pytest.mark.parametrize(
    "change",
    [
        {"weights": "equal"},
        {"norm": 1},
        {"norm": "2"},
        {"C": 0},
        {"C": True},
        {"class_weight": None},
        {"tolerance": 0},
        {"max_updates": 0},
        {"exact_up_to": -1},
        {"landmarks": 0.5},
        {"c": 1},
    ],
)
def test_other_parameters_are_refused(change):
    with pytest.raises(UserError, match=f"mkl.*{next(iter(change))}"):
        mkl(None, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"gammas": 0.1},
        {"gammas": [0.1, -1]},
        {"degrees": [2.5]},
        {"degrees": [0]},
        {"offset": 0},
        {"mean_squared_distance": float("nan")},
        {"width": 1},
    ],
)
def test_other_kernels_are_refused(change):
    with pytest.raises(UserError, match=f"mkl, parameters: kernels.*{next(iter(change))}"):
        mkl(None, kernels=change)


def test_no_kernel_at_all_is_refused():
    with pytest.raises(UserError, match="both empty"):
        mkl(None, kernels={"gammas": [], "degrees": []})
