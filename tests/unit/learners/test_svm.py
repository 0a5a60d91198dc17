"""The linear SVM: scikit-learn's machine, a scaler that sees training only, a model without pickle."""

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.learners.svm import Svm

CLASSES = ["angry", "excited", "sad", "neutral"]
PARAMETERS = {"kernel": "linear", "C": 0.01, "class_weight": "none"}
ROWS, DIMS, TRAIN = 160, 12, 100


@pytest.fixture
def data():
    """Return overlapping classes of unequal size: features (ROWS, DIMS) on odd scales, labels (ROWS)."""
    rng = np.random.default_rng(5)
    labels = rng.choice(4, ROWS, p=[0.5, 0.2, 0.2, 0.1])
    features = 0.8 * rng.standard_normal((4, DIMS))[labels] + rng.standard_normal((ROWS, DIMS))
    features = features * 10.0 ** rng.integers(-3, 4, DIMS) + rng.integers(-50, 50, DIMS)
    return features.astype(np.float32), labels


@pytest.fixture
def part(tmp_path):
    """Return a function that gives rows of features as examples out of a store."""

    def make(features, which, labels=None, *, hop_seconds=None, name="store"):
        ids = [f"u{i:03d}" for i in range(len(features))]
        pairs = ((key, row[None]) for key, row in zip(ids, features, strict=True))
        folder = tmp_path / name
        write_store(folder, spec={}, dims=features.shape[1], hop_seconds=hop_seconds, versions={}, utterances=pairs)
        chosen = [ids[i] for i in which]
        return Examples(
            utterances=chosen,
            labels=None if labels is None else labels[list(which)],
            store=Store.open(folder),
            durations=np.ones(len(chosen)),
        )

    return make


def svm(**change):
    return Svm(spec={"learner": "svm", "parameters": PARAMETERS | change}, classes=CLASSES, device="cpu", seed=1)


@pytest.mark.parametrize("class_weight", ["none", "balanced"])
@pytest.mark.parametrize("C", [0.02, 0.1, 10])
def test_it_predicts_what_scikit_learns_svm_predicts(data, part, class_weight, C):  # noqa: N803
    features, labels = data
    learner = svm(C=C, class_weight=class_weight)
    list(learner.fit(part(features, range(TRAIN), labels)))
    _, probabilities = learner.predict(part(features, range(TRAIN, ROWS)))
    weight = None if class_weight == "none" else "balanced"
    other = make_pipeline(StandardScaler(), SVC(kernel="linear", C=C, class_weight=weight, break_ties=True, tol=1e-3))
    other.fit(features[:TRAIN].astype(np.float64), labels[:TRAIN])
    test = features[TRAIN:].astype(np.float64)
    assert len(set(other.predict(test))) > 2
    assert probabilities.argmax(axis=1).tolist() == other.predict(test).tolist()
    powers = np.exp(other.decision_function(test))
    np.testing.assert_allclose(probabilities, powers / powers.sum(axis=1, keepdims=True), atol=1e-3)


def test_probabilities_are_float32_rows_that_sum_to_one(data, part):
    features, labels = data
    learner = svm()
    history = list(learner.fit(part(features, range(TRAIN), labels)))
    ids, probabilities = learner.predict(part(features, [3, 1, 2]))
    assert ids == ["u003", "u001", "u002"]
    assert (probabilities.shape, probabilities.dtype) == ((3, 4), np.float32)
    assert (probabilities > 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert [(row["epoch"], row["loss"], row["lr"]) for row in history] == [(1, None, None)]


def test_what_is_not_in_training_changes_nothing_in_the_model(data, part):
    features, labels = data
    other = features.copy()
    other[TRAIN:] = other[TRAIN:] * 100 + 7
    learners = [svm(), svm()]
    for learner, rows, name in zip(learners, (features, other), ("one", "two"), strict=True):
        list(learner.fit(part(rows, range(TRAIN), labels, name=name)))
    for key, value in learners[0].parameters.items():
        assert value.tobytes() == learners[1].parameters[key].tobytes()
    expected = features[:TRAIN].astype(np.float64)
    np.testing.assert_allclose(learners[0].parameters["mean"], expected.mean(axis=0))
    np.testing.assert_allclose(learners[0].parameters["scale"], expected.std(axis=0))


def test_a_loaded_model_predicts_the_same_bits(data, part, tmp_path):
    features, labels = data
    learner = svm()
    list(learner.fit(part(features, range(TRAIN), labels)))
    learner.save(tmp_path / "model")
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == ["model.json", "weights.safetensors"]
    loaded = Svm.load(tmp_path / "model", device="cpu")
    test = part(features, range(TRAIN, ROWS))
    assert loaded.predict(test)[1].tobytes() == learner.predict(test)[1].tobytes()
    assert (loaded.classes, loaded.spec, loaded.seed) == (CLASSES, learner.spec, 1)


def test_a_column_constant_in_training_has_no_say(data, part):
    features, labels = data
    features[:, 4] = 3.25
    learner = svm()
    list(learner.fit(part(features, range(TRAIN), labels, name="one")))
    _, before = learner.predict(part(features, range(TRAIN, ROWS), name="one"))
    features[TRAIN:, 4] = 1e6
    _, after = learner.predict(part(features, range(TRAIN, ROWS), name="two"))
    assert before.tobytes() == after.tobytes()


def test_a_class_absent_from_training_is_named(data, part):
    features, labels = data
    labels[labels == 2] = 0
    with pytest.raises(UserError, match="no training utterance of class sad"):
        list(svm().fit(part(features, range(TRAIN), labels)))


def test_a_feature_that_is_not_finite_names_the_utterance(data, part):
    features, labels = data
    features[7, 3] = np.nan
    with pytest.raises(UserError, match="u007"):
        list(svm().fit(part(features, range(TRAIN), labels)))


def test_features_by_frame_are_refused(data, part):
    features, labels = data
    with pytest.raises(UserError, match="one row an utterance"):
        list(svm().fit(part(features, range(TRAIN), labels, hop_seconds=0.01)))


@pytest.mark.parametrize("change", [{"kernel": "rbf"}, {"C": 0}, {"C": "1"}, {"class_weight": None}, {"c": 1}])
def test_other_parameters_are_refused(change):
    with pytest.raises(UserError, match=f"svm.*{next(iter(change))}"):
        svm(**change)


@pytest.mark.skipif("SERFLOW_EMODB" not in os.environ, reason="SERFLOW_EMODB (folder of EmoDB's FLAC files) not set")
@pytest.mark.slow
def test_on_emodb_with_a_speaker_left_out_it_reaches_the_fields_yardstick(part):
    import soundfile

    from serflow.features.extractors.functionals import Functionals

    files = sorted(Path(os.environ["SERFLOW_EMODB"]).glob("*.flac"))
    compare = Functionals(sample_rate=16000, feature_set="ComParE_2016")
    features = np.concatenate([compare(soundfile.read(file, dtype="float32")[0]) for file in files])
    labels = np.array(["WFTN".index(file.name[5]) for file in files])
    speakers = np.array([file.name[:2] for file in files])
    hits = np.zeros(len(files))
    for speaker in sorted(set(speakers)):
        learner, test = svm(C=0.001), np.flatnonzero(speakers == speaker)
        list(learner.fit(part(features, np.flatnonzero(speakers != speaker), labels)))
        hits[test] = learner.predict(part(features, test))[1].argmax(axis=1) == labels[test]
    assert 0.83 < np.mean([hits[labels == k].mean() for k in range(4)]) < 0.88
