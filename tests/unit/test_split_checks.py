import pandas as pd
import pytest

from helpers.small_view import HALVES, MARKER, PARTS, RANDOM5, RANDOM10, SESSION, SPEAKER, corpus
from serflow.errors import UserError
from serflow.split_checks import check_split
from serflow.splits import make_split


def broken(split, fold, old, new, view):
    """Fold table with the first utterance of part `old` of the fold moved to `new`; and that utterance."""
    table = make_split(view, split)
    row = table.index[(table["fold"] == fold) & (table["part"] == old)][0]
    table.loc[row, "part"] = new
    return table, table.loc[row, "utterance"]


@pytest.mark.parametrize(
    ("split", "old", "new", "person"),
    [
        (SPEAKER, "test", "train", "speaker Ses01M"),
        (SPEAKER, "validation", "test", "speaker Ses01F"),
        (PARTS, "validation", "test", "speaker Ses02F"),
        (HALVES, "test", "train", "speaker Ses02F"),
        (MARKER, "test", "train", "wearer Ses01M"),
        (SESSION, "test", "train", "session 2"),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else str(value),
)
def test_a_person_on_two_sides_is_caught(split, old, new, person):
    view = corpus()
    table, _ = broken(split, 2, old, new, view)
    with pytest.raises(UserError, match=f"fold 2: {person} is on several sides"):
        check_split(table, view, split)


NETWORKS = SPEAKER | {"networks": "session_out"}


def test_folds_that_leave_out_the_sessions_of_their_networks_are_passed():
    check_split(make_split(corpus(), NETWORKS), corpus(), NETWORKS)


def test_folds_that_leave_out_other_sessions_than_their_networks_are_caught():
    view = corpus()
    table = make_split(view, NETWORKS)
    table["fold"] = table["fold"].map({1: 1, 2: 3, 3: 2, 4: 4, 5: 5, 6: 6})
    message = "fold 2: leaves out session 2, expected 1, which the networks of 'session_out' were not trained on; take"
    with pytest.raises(UserError, match=message):
        check_split(table, view, NETWORKS)
    check_split(table, view, SPEAKER)  # of networks of their own they are good folds


def test_an_utterance_on_two_sides_is_caught():
    view = corpus()
    table = make_split(view, RANDOM5)
    extra = table.query("fold == 3 and part == 'test'").head(1).assign(part="train")
    with pytest.raises(UserError, match=f"fold 3: utterance {extra['utterance'].item()} is there test, train"):
        check_split(pd.concat([table, extra]), view, RANDOM5)


@pytest.mark.parametrize(("old", "new", "times"), [("test", "train", 0), ("train", "test", 2)])
def test_an_utterance_never_or_twice_tested_is_caught(old, new, times):
    view = corpus()
    table, name = broken(RANDOM5, 2, old, new, view)
    with pytest.raises(UserError, match=f"utterance {name} is in the test part of {times} folds"):
        check_split(table, view, RANDOM5)


def test_an_utterance_missing_from_a_fold_or_foreign_to_the_view_is_caught():
    view = corpus()
    table = make_split(view, RANDOM5)
    with pytest.raises(UserError, match=f"fold 1: utterance {table['utterance'][0]} is missing"):
        check_split(table.drop(index=0), view, RANDOM5)
    with pytest.raises(UserError, match=f"utterance {view['utterance'][5]} is not in the view"):
        check_split(table, view.drop(index=5), RANDOM5)


def test_a_table_made_from_other_labels_is_caught():
    view = corpus()
    table = make_split(view, RANDOM5)
    view.loc[9, "class"] = "sad"
    with pytest.raises(UserError, match=f"utterance {view['utterance'][9]} has another class or speaker"):
        check_split(table, view, RANDOM5)


def test_a_class_absent_from_a_training_part_is_caught_with_fold_and_class():
    view = corpus()
    view.loc[(view["class"] == "sad") & (view["session"] != "1"), "class"] = "angry"
    with pytest.raises(UserError, match="fold 1: no training utterance of class sad, .*leave the class out"):
        check_split(make_split(view, SPEAKER), view, SPEAKER)


def test_a_lost_validation_part_is_caught():
    view = corpus()
    table = make_split(view, RANDOM10)
    table.loc[(table["fold"] == 4) & (table["part"] == "validation"), "part"] = "train"
    with pytest.raises(UserError, match="fold 4: parts test, train, expected test, train, validation"):
        check_split(table, view, RANDOM10)
