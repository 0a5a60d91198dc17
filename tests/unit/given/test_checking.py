"""A user's file of predictions against a fold table: what is taken, and what is refused in one sentence."""

import numpy as np
import pandas as pd
import pytest

from serflow.errors import UserError
from serflow.given.checking import read_predictions_file

CLASSES = ["sad", "angry"]
TESTED = {1: ["01", "02"], 2: ["03", "04"]}


@pytest.fixture
def folds():
    """Utterances 01 to 04: two test in each fold, of the others one validates."""
    rows = []
    for fold, tested in TESTED.items():
        others = [name for name in ("01", "02", "03", "04") if name not in tested]
        rows += [(name, fold, "test") for name in tested]
        rows += [(others[0], fold, "validation"), (others[1], fold, "train")]
    return pd.DataFrame(rows, columns=["utterance", "fold", "part"])


@pytest.fixture
def table():
    """Probabilities of both classes for every test utterance, of seeds 1 and 2."""
    rows = [(name, fold, seed, 0.25, 0.75) for seed in (2, 1) for fold in TESTED for name in TESTED[fold]]
    return pd.DataFrame(rows, columns=["utterance", "fold", "seed", "p_angry", "p_sad"])


@pytest.fixture
def read(tmp_path, folds):
    def read(table, *, needed=(1, 2), encoding="utf-8"):
        path = tmp_path / "mine.csv"
        table.to_csv(path, index=False, encoding=encoding)
        return read_predictions_file(path, folds, classes=CLASSES, needed=needed)

    return read


def test_rows_are_sorted_and_columns_are_in_the_order_of_the_classes(read, table):
    found = read(table)
    assert list(found) == ["utterance", "fold", "seed", "p_sad", "p_angry"]
    assert found["utterance"].tolist() == ["01", "02"] * 2 + ["03", "04"] * 2
    assert found["seed"].tolist() == [1, 1, 2, 2] * 2
    assert found["p_sad"].dtype == np.float32 and set(found["p_sad"]) == {np.float32(0.75)}


def test_a_class_alone_is_taken(read, table):
    found = read(table.drop(columns=["p_sad", "p_angry"]).assign(**{"class": "angry"}))
    assert set(found["class"]) == {"angry"}


def test_a_file_with_the_mark_that_spreadsheets_write_is_read(read, table):
    assert len(read(table, encoding="utf-8-sig")) == 8


def test_whole_numbers_that_pandas_wrote_as_1_0_are_whole(read, table):
    assert read(table.astype({"fold": float, "seed": float}))["fold"].tolist() == [1] * 4 + [2] * 4


def test_probabilities_that_were_rounded_are_taken_as_they_are(read, table):
    found = read(table.assign(p_sad=0.746))
    assert set(found["p_sad"]) == {np.float32(0.746)}


def test_folds_that_are_not_needed_may_be_left_out(read, table):
    assert set(read(table[table["fold"] == 1], needed=[1])["fold"]) == {1}


REFUSED = {
    "a column less": (lambda t: t.drop(columns="seed"), "no column seed"),
    "no prediction": (lambda t: t.drop(columns=["p_sad", "p_angry"]), "no column p_sad"),
    "a class less": (lambda t: t.drop(columns="p_sad"), "no column p_sad; expected utterance, fold, seed"),
    "a class that is none": (lambda t: t.assign(p_happy=0.0), "'p_happy' names a class that the experiment has not"),
    "a misspelt class": (lambda t: t.rename(columns={"p_angry": "p_angri"}), "did you mean 'p_angry'"),
    "both": (lambda t: t.assign(**{"class": "sad"}), "not both"),
    "another column": (lambda t: t.assign(epoch=1), "column 'epoch' is unknown"),
    "no row": (lambda t: t[:0], "no row below its head"),
    "a fold in words": (lambda t: t.assign(fold="one"), "line 2: fold is 'one'; expected a whole number"),
    "half a seed": (lambda t: t.assign(seed=1.5), "seed is '1.5'; expected a whole number"),
    "an unknown fold": (lambda t: t.assign(fold=3), "there is no fold 3; expected 1 to 2"),
    "an unknown utterance": (lambda t: _renamed(t, "1"), "line 2: utterance '1' is not in the fold table"),
    "one that validates": (lambda t: _renamed(t, "03"), "utterance 03 validates in fold 1; expected rows of the test"),
    "one that trains": (lambda t: _renamed(t, "04"), "utterance 04 trains in fold 1"),
    "one twice": (lambda t: pd.concat([t, t[3:4]]), "line 10: utterance 04 stands twice in fold 2, seed 2"),
    "one utterance less": (lambda t: t[1:], "fold 1, seed 2: 1 of its 2 test utterances have no prediction, 01 among"),
    "a fold less": (lambda t: t[t["fold"] == 1], "fold 2, seed 1: all of its 2 test utterances have no prediction"),
    "a fold less of a seed": (lambda t: t[(t["fold"] == 1) | (t["seed"] == 1)], "fold 2, seed 2: all of its 2"),
    "above 1": (lambda t: t.assign(p_sad=1.25, p_angry=-0.25), "line 2: p_sad is '1.25'; expected a probability"),
    "no number": (lambda t: t.assign(p_angry="much"), "p_angry is 'much'; expected a probability, from 0 to 1"),
    "nothing": (lambda t: t.assign(p_angry=""), "p_angry is ''; expected a probability"),
    "not a number": (lambda t: t.assign(p_angry="nan"), "p_angry is 'nan'; expected a probability"),
    "a sum": (lambda t: t.assign(p_sad=0.5), "the probabilities sum to 0.75; expected 1"),
    "a class that is no class": (
        lambda t: t.drop(columns=["p_sad", "p_angry"]).assign(**{"class": "happy"}),
        "the experiment has no class 'happy'; expected one of sad, angry",
    ),
}


def _renamed(table, name):
    """The first row as of another utterance."""
    return table.assign(utterance=[name, *table["utterance"][1:]])


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_is_refused_in_one_sentence(read, table, what):
    spoil, said = REFUSED[what]
    with pytest.raises(UserError) as error:
        read(spoil(table))
    assert said in str(error.value) and "mine.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_none_is_refused(tmp_path, folds):
    with pytest.raises(UserError, match="no such file"):
        read_predictions_file(tmp_path / "none.csv", folds, classes=CLASSES, needed=[1])
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff\xfe\x00\n")
    with pytest.raises(UserError, match=r"picture\.csv"):
        read_predictions_file(tmp_path / "picture.csv", folds, classes=CLASSES, needed=[1])
