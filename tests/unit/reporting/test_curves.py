"""Learning curves of a run: its loss, and UA by epoch of the parts that its fold has, whichever training judges it."""

import pandas as pd
import pytest

from serflow.reporting.curves import run_curves

# a session of two speakers, f and m, of whom each says one sad and one angry turn; and another one, that trains
SAID = {name: ("sad", "angry")[number % 2] for number, name in enumerate(["f0", "f1", "m0", "m1", "t0", "t1"])}
RIGHT = [{"f0", "f1", "m0", "t0"}, {"f0", "m0", "m1", "t0", "t1"}]  # by epoch
TRUE = {"f": [100, 50], "m": [50, 100], "t": [50, 100]}  # UA by epoch, of each speaker


@pytest.fixture
def folds():
    """Two folds: f validates and m tests, and the other way round."""
    parts = [{"f": "validation", "m": "test", "t": "train"}, {"f": "test", "m": "validation", "t": "train"}]
    rows = [(name, fold, part[name[0]]) for fold, part in enumerate(parts, start=1) for name in SAID]
    return pd.DataFrame(rows, columns=["utterance", "fold", "part"])


def write_training(folder, parts):
    """A training of two epochs whose predictions name these parts, by speaker."""
    history = {"epoch": [1, 2], "loss": [0.9, 0.5], "speaker/fold1 validation_ua": [1, 0.5], "train_ua": [0.5, 1]}
    pd.DataFrame(history).to_csv(folder / "history.csv", index=False)
    rows = [
        (epoch, parts[name[0]], name, label, 0.9 if (name in right) == (label == "sad") else 0.1)
        for epoch, right in enumerate(RIGHT, start=1)
        for name, label in SAID.items()
    ]
    frame = pd.DataFrame(rows, columns=["epoch", "part", "utterance", "class", "p_sad"])
    frame.assign(p_angry=1 - frame["p_sad"]).to_parquet(folder / "predictions.parquet", index=False)
    return folder


def by_series(curves):
    return {series: rows["value"].tolist() for series, rows in curves.groupby("series")}


@pytest.mark.parametrize(("fold", "validates", "tests"), [(1, "f", "m"), (2, "m", "f")])
def test_of_a_shared_training_the_fold_says_who_validates_and_who_tests(tmp_path, folds, fold, validates, tests):
    folder = write_training(tmp_path, {"f": "test", "m": "test", "t": "train"})
    curves = run_curves({"fold": fold, "seed": 3, "folder": str(folder)}, folds)
    assert by_series(curves) == {
        "loss": [0.9, 0.5],
        "train": TRUE["t"],
        "validation": TRUE[validates],
        "test": TRUE[tests],
    }
    assert set(curves["fold"]) == {fold} and set(curves["seed"]) == {3}


def test_a_folds_own_training_has_the_same_curves(tmp_path, folds):
    for name in ("own", "shared"):
        (tmp_path / name).mkdir()
    own = write_training(tmp_path / "own", {"f": "validation", "m": "test", "t": "train"})
    shared = write_training(tmp_path / "shared", {"f": "test", "m": "test", "t": "train"})
    one, other = (run_curves({"fold": 1, "seed": 1, "folder": str(folder)}, folds) for folder in (own, shared))
    pd.testing.assert_frame_equal(one, other)
