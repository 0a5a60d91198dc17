"""Folds that a corpus gives itself: a column of parts, of folds, or both."""

import pandas as pd
import pytest

from helpers.small_view import corpus, members
from serflow.errors import UserError
from serflow.split_checks import check_split
from serflow.splits import fingerprint, make_split

GIVEN = {"kind": "given", "folds": 1, "validation": "given"}


def view(fold="", part="", **changes):
    """Three sessions of two speakers; `fold` and `part`: a value for all, or a function of the row."""
    rows = corpus().assign(wearer="")
    for name, value in {"fold": fold, "part": part, **changes}.items():
        rows[name] = rows.apply(value, axis=1) if callable(value) else value
    return rows


def by_session(row):
    return {"1": "train", "2": "validation", "3": "test"}[row["session"]]


def made(rows, **changes):
    split = GIVEN | changes
    table = make_split(rows, split)
    check_split(table, rows, split)
    return table


def refused(rows, **changes):
    with pytest.raises(UserError) as error:
        made(rows, **changes)
    return str(error.value)


def test_an_official_partition_is_one_fold_as_it_is():
    table = made(view(part=by_session))
    assert set(table["fold"]) == {1}
    for part, session in {"train": "1", "validation": "2", "test": "3"}.items():
        assert members(table, 1, part, "session") == {session}


def test_order_of_rows_does_not_matter():
    rows = view(part=by_session)
    pd.testing.assert_frame_equal(made(rows), made(rows.sample(frac=1, random_state=1)))


def test_an_unused_utterance_is_in_no_part():
    table = made(view(part=lambda row: "unused" if row.name % 7 == 0 else by_session(row)))
    assert len(table) == 120 - 18
    assert not set(table["utterance"]) & set(corpus()["utterance"][::7])


def test_each_fold_tests_its_own_and_the_next_one_validates_wrapping_in_the_order_of_their_numbers():
    rows = view(fold=lambda row: {"1": "9", "2": "10", "3": "2"}[row["session"]])
    table = made(rows, folds=3, validation="next_fold")
    sessions = [members(table, fold, part, "session") for fold in (1, 2, 3) for part in ("test", "validation")]
    assert sessions == [{"3"}, {"1"}, {"1"}, {"2"}, {"2"}, {"3"}]


def test_a_part_a_fold_is_taken_fold_by_fold():
    parts = {"1": "train test", "2": "validation validation", "3": "test train"}
    table = made(view(fold="a b", part=lambda row: parts[row["session"]]), folds=2)
    assert [members(table, fold, "test", "session") for fold in (1, 2)] == [{"3"}, {"1"}]
    assert [members(table, fold, "train", "session") for fold in (1, 2)] == [{"1"}, {"3"}]


def test_where_there_is_no_validation_part_whole_training_speakers_are_drawn_until_they_have_a_tenth():
    rows = view(part=lambda row: "test" if row["session"] == "3" else "train")
    table = made(rows, validation="speakers")
    (drawn,) = members(table, 1, "validation", "speaker")
    assert drawn in {"Ses01F", "Ses01M", "Ses02F", "Ses02M"}
    assert len(members(table, 1, "validation")) == 20  # a speaker of four, each of a quarter
    assert members(table, 1, "train", "speaker") & {drawn} == set()
    again = made(rows.sample(frac=1, random_state=5), validation="speakers")
    pd.testing.assert_frame_equal(table, again)


def test_a_speaker_without_whom_a_class_would_not_train_is_not_drawn():
    rows = view(part=lambda row: "test" if row["session"] == "3" else "train")
    drawn = members(made(rows, validation="speakers"), 1, "validation", "speaker").pop()
    rows["class"] = rows["class"].where(rows["speaker"] != drawn, "calm")
    other = members(made(rows, validation="speakers"), 1, "validation", "speaker").pop()
    assert other != drawn
    alone = rows[rows["speaker"].isin([drawn, "Ses03F"])]
    assert "no training speaker can be spared" in refused(alone, validation="speakers")


def test_an_utterance_without_a_part_is_refused_by_name():
    rows = view(part=lambda row: "unknown" if row.name in (4, 5) else by_session(row))
    said = refused(rows)
    assert "fold 1: 2 of 120 utterances have no part" in said
    assert corpus()["utterance"][4] in said
    assert "1 of 120 utterances have no part" in refused(
        view(fold=lambda row: "" if row.name == 3 else row["session"]), folds=3, validation="next_fold"
    )
    first = {"fold": lambda row: "1" if row["session"] == "1" else "1 2"}
    first["part"] = lambda row: "train" if row["session"] == "1" else "test train"
    assert "fold 2: 40 of 120 utterances have no part" in refused(view(**first), folds=2)


def test_an_empty_part_is_refused():
    assert "parts test, train, expected test, train, validation" in refused(
        view(part=lambda row: by_session(row).replace("validation", "train"))
    )


def test_a_class_that_does_not_train_is_refused():
    rows = view(part=by_session)
    rows.loc[rows["session"] == "3", "class"] = "calm"
    assert "no training utterance of class calm" in refused(rows)


def test_a_group_is_never_parted():
    rows = view(part=by_session, group=lambda row: "copies" if row.name in (0, 119) else "")
    assert "group 'copies' is in several parts" in refused(rows)


def test_an_utterance_that_two_folds_test_is_refused():
    rows = view(fold="1 2", part=lambda row: f"{by_session(row)} {by_session(row)}")
    assert "of 2 folds (1, 2), expected 1; give each utterance to the test part of one fold" in refused(rows, folds=2)


def test_another_number_of_folds_is_refused_with_the_key_to_mend():
    assert "makes 1 folds, expected 2; set `division.folds` in the corpus's YAML" in refused(
        view(part=by_session), folds=2
    )


def test_a_manifest_without_the_columns_is_refused():
    assert "no columns `fold` and `part`" in refused(corpus().assign(wearer=""))


def test_a_fold_table_that_was_edited_is_refused():
    rows = view(part=by_session)
    table = make_split(rows, GIVEN)
    table.loc[0, "part"] = "test"
    with pytest.raises(UserError, match="is in test, expected train"):
        check_split(table, rows, GIVEN)
    with pytest.raises(UserError, match="is missing from the fold"):
        check_split(make_split(rows, GIVEN).iloc[1:], rows, GIVEN)


def test_speakers_in_two_parts_are_counted():
    rows = view(part=lambda row: ("train", "validation", "test")[row.name % 3])
    assert fingerprint(made(rows), "given", GIVEN)["speakers_shared"] == {"1": 6}
