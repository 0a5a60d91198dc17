import json

import pandas as pd
import pytest

from serflow.cli.split import main
from serflow.errors import UserError
from serflow.split_checks import check_split
from serflow.splits import fingerprint, make_split, sessions_left_out, split_digest

RANDOM5 = {"kind": "random", "folds": 5, "validation": False, "seed": 1}
RANDOM10 = {"kind": "random", "folds": 10, "validation": True, "seed": 1}
SPEAKER, MARKER = ({"kind": kind, "folds": 6, "mate": "validates"} for kind in ("speaker", "marker"))
SPEAKER_OUT, MARKER_OUT = (split | {"mate": "trains"} for split in (SPEAKER, MARKER))
PARTS = {"kind": "session_parts", "folds": 3}
HALVES = {"kind": "session_parts_random", "folds": 3, "seed": 1}
ALL = [RANDOM5, RANDOM10, SPEAKER, SPEAKER_OUT, MARKER, MARKER_OUT, PARTS, HALVES]


def corpus(sessions=3, turns=10):
    """Two speakers a session; every turn is said once while each of them wears the markers; two classes."""
    rows = []
    for session in range(1, sessions + 1):
        for wearer in "FM":
            for speaker in "FM":
                for turn in range(turns):
                    name = f"Ses{session:02}{wearer}_impro01_{speaker}{turn:03}"
                    people = (f"Ses{session:02}{speaker}", f"Ses{session:02}{wearer}")
                    rows.append((name, ("sad", "angry")[turn % 2], *people, str(session), 1.0 + turn))
    return pd.DataFrame(rows, columns=["utterance", "class", "speaker", "wearer", "session", "duration"])


def members(table, fold, part, column="utterance"):
    return set(table.query("fold == @fold and part == @part")[column])


@pytest.mark.parametrize("split", ALL, ids=lambda split: f"{split['kind']}{split['folds']}{split.get('mate', '')}")
def test_every_kind_keeps_its_promises_and_does_not_depend_on_the_order_of_rows(split):
    view = corpus()
    table = make_split(view, split)
    check_split(table, view, split)
    pd.testing.assert_frame_equal(table, make_split(view.sample(frac=1, random_state=3), split))


def test_the_table_has_every_utterance_once_a_fold_sorted_by_fold_and_utterance():
    table = make_split(corpus(), RANDOM5)
    assert list(table.columns) == ["utterance", "class", "speaker", "session", "duration", "fold", "part"]
    assert len(table) == 5 * 120
    assert table.sort_values(["fold", "utterance"]).index.tolist() == list(range(600))


def test_random_folds_have_equal_parts_and_no_validation_unless_asked():
    table = make_split(corpus(), RANDOM5)
    sizes = table.groupby(["fold", "part"]).size().unstack().to_dict("list")
    assert sizes == {"test": [24] * 5, "train": [96] * 5}


def test_in_random_folds_the_next_fold_s_test_part_validates_wrapping_around():
    table = make_split(corpus(), RANDOM10)
    for fold in range(1, 11):
        assert members(table, fold, "validation") == members(table, fold % 10 + 1, "test")


def test_another_seed_draws_other_random_folds():
    tests = [members(make_split(corpus(), RANDOM5 | {"seed": seed}), 1, "test") for seed in (1, 2)]
    assert tests[0] != tests[1]


def test_one_utterance_less_moves_at_most_one_utterance_across_each_border():
    view = corpus()
    before, after = (
        make_split(rows, RANDOM5).query("part == 'test'").set_index("utterance")["fold"]
        for rows in (view, view.drop(index=17))
    )
    assert (before.loc[after.index] != after).sum() <= 4


def test_a_random_order_is_the_same_on_every_machine():
    table = make_split(corpus(sessions=1, turns=2), RANDOM5 | {"folds": 2, "seed": 7})
    tested = table.query("part == 'test'")
    assert "".join(tested.sort_values("utterance")["fold"].astype(str)) == "11122221"  # the order of sha256sum


def test_a_speaker_fold_tests_one_speaker_and_validates_on_the_session_s_other():
    table = make_split(corpus(), SPEAKER)
    assert table["fold"].max() == 6
    assert members(table, 4, "test", "speaker") == {"Ses02M"}
    assert members(table, 4, "validation", "speaker") == {"Ses02F"}
    assert members(table, 4, "train", "session") == {"1", "3"}


def test_a_marker_fold_tests_the_turns_of_one_wearer_and_so_both_speakers():
    table = make_split(corpus(), MARKER)
    assert {name[:6] for name in members(table, 1, "test")} == {"Ses01F"}
    assert members(table, 1, "test", "speaker") == {"Ses01F", "Ses01M"}


def test_the_sessions_other_speaker_trains_where_asked_and_one_of_the_next_session_validates():
    table = make_split(corpus(), SPEAKER_OUT)
    assert members(table, 6, "test", "speaker") == {"Ses03M"}
    assert members(table, 6, "validation", "speaker") == {"Ses01M"}
    assert members(table, 6, "train", "speaker") == {"Ses01F", "Ses02F", "Ses02M", "Ses03F"}


def test_taking_the_wearer_for_the_speaker_trains_on_the_true_speakers_that_it_tests():
    tables = [make_split(corpus(), split) for split in (MARKER, MARKER_OUT)]
    tested, trained = ([members(table, 1, part, "speaker") for table in tables] for part in ("test", "train"))
    assert tested == [{"Ses01F", "Ses01M"}] * 2
    assert [bool(a & b) for a, b in zip(tested, trained, strict=True)] == [False, True]


def test_session_parts_test_one_speaker_of_the_left_out_session_alternating():
    table = make_split(corpus(), PARTS)
    tested = [members(table, fold, "test", "speaker") for fold in (1, 2, 3)]
    assert tested == [{"Ses01F"}, {"Ses02M"}, {"Ses03F"}]
    assert members(table, 1, "validation", "speaker") == {"Ses01M"}
    assert members(table, 1, "train", "session") == {"2", "3"}


def test_session_halves_are_equal_and_mix_the_session_s_speakers():
    table = make_split(corpus(), HALVES)
    assert len(members(table, 2, "test")) == len(members(table, 2, "validation")) == 20
    assert members(table, 2, "test", "speaker") == {"Ses02F", "Ses02M"}


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
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else str(value),
)
def test_a_person_on_two_sides_is_caught(split, old, new, person):
    view = corpus()
    table, _ = broken(split, 2, old, new, view)
    with pytest.raises(UserError, match=f"fold 2: {person} is on several sides"):
        check_split(table, view, split)


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


@pytest.mark.parametrize("split", [SPEAKER, PARTS], ids=["speaker", "session_parts"])
def test_a_session_without_exactly_two_speakers_is_an_error(split):
    view = corpus()
    view.loc[view["speaker"] == "Ses02M", "speaker"] = "Ses02F"
    with pytest.raises(UserError, match=r"session '2' has 1 speaker\(s\) in this view \(Ses02F\), expected 2"):
        make_split(view, split)


def test_a_speaker_in_two_sessions_is_an_error():
    view = corpus()
    view.loc[view["speaker"] == "Ses02M", "speaker"] = "Ses01M"
    with pytest.raises(UserError, match="speaker 'Ses01M' is in 2 sessions, expected 1"):
        make_split(view, SPEAKER)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"kind": "speakers"}, "did you mean 'speaker'"),
        ({"kind": "random", "folds": 5, "seed": 1}, "expected folds, seed, validation"),
        (SPEAKER | {"folds": 10}, "'speaker': this view makes 6 folds, expected 10"),
        (SPEAKER | {"mate": "sleeps"}, "'speaker', mate 'sleeps': expected validates or trains"),
        (RANDOM5 | {"folds": 1}, "folds 1: expected 2 to 120"),
        (RANDOM10 | {"folds": 2}, "folds 2: expected 3 to 120"),
        (RANDOM5 | {"folds": 121}, "folds 121: expected 2 to 120"),
    ],
)
def test_a_split_that_cannot_be_made_says_what_was_expected(split, message):
    with pytest.raises(UserError, match=message):
        make_split(corpus(), split)


def test_the_digest_ignores_the_order_of_rows_and_sees_every_column():
    table = make_split(corpus(), RANDOM5)
    assert split_digest(table.sample(frac=1, random_state=1)) == split_digest(table)
    for column, value in {
        "part": "none",
        "duration": 0.5,
        "speaker": "x",
        "class": "x",
        "session": "9",
    }.items():
        changed = table.copy()
        changed.loc[0, column] = value
        assert split_digest(changed) != split_digest(table)


def test_the_fingerprint_counts_utterances_and_shared_speakers():
    found = fingerprint(make_split(corpus(), MARKER), "marker", MARKER)
    assert found["split"] == {"name": "marker"} | MARKER
    held_out = {"angry": 10, "sad": 10}
    assert found["folds"]["1"] == {
        "train": {"angry": 40, "sad": 40},
        "validation": held_out,
        "test": held_out,
    }
    assert found["speakers_shared"] == dict.fromkeys("123456", 2)
    apart = fingerprint(make_split(corpus(), SPEAKER), "speaker", SPEAKER)
    assert apart["speakers_shared"] == dict.fromkeys("123456", 0)


def test_the_command_writes_table_and_fingerprint(tmp_path):
    corpus().to_parquet(tmp_path / "view.parquet")
    paths = [str(tmp_path / name) for name in ("view.parquet", "table.parquet", "table.json")]
    names = ["--view", paths[0], "--table", paths[1], "--fingerprint", paths[2]]
    main([*names, "--name", "random5", "--split", json.dumps(RANDOM5)])
    table = pd.read_parquet(paths[1])
    with open(paths[2], encoding="utf-8") as file:
        assert json.load(file)["digest"] == split_digest(table) == split_digest(make_split(corpus(), RANDOM5))


@pytest.mark.parametrize(
    ("split", "left_out"),
    [
        (PARTS, ["1", "2", "3"]),
        (HALVES, ["1", "2", "3"]),
        (SPEAKER, ["1", "1", "2", "2", "3", "3"]),
        (MARKER, ["1", "1", "2", "2", "3", "3"]),
        (SPEAKER_OUT, [None] * 6),  # the session's other speaker trains, and one of another session validates
        (RANDOM5, [None] * 5),
        (RANDOM10, [None] * 10),
    ],
    ids=lambda value: f"{value['kind']} {value.get('mate', '')}" if isinstance(value, dict) else "",
)
def test_a_fold_tells_the_session_that_it_leaves_out_whole(split, left_out):
    table = make_split(corpus(), split)
    expected = {str(fold): session for fold, session in enumerate(left_out, start=1)}
    assert sessions_left_out(table) == fingerprint(table, "name", split)["sessions_left_out"] == expected


def test_a_session_of_which_one_utterance_trains_is_not_left_out():
    table = make_split(corpus(), PARTS)
    first = table.index[(table["fold"] == 2) & (table["part"] == "validation")][0]
    table.loc[first, "part"] = "train"
    assert sessions_left_out(table) == {"1": "1", "2": None, "3": "3"}


def test_of_two_sessions_that_are_scored_neither_is_the_one_left_out():
    table = make_split(corpus(), PARTS)
    table.loc[(table["fold"] == 1) & (table["session"] == "2"), "part"] = "validation"
    assert sessions_left_out(table)["1"] is None
