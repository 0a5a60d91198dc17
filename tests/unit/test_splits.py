import json

import pandas as pd
import pytest

from helpers.small_view import (
    ALL,
    HALVES,
    MARKER,
    MARKER_OUT,
    PARTS,
    RANDOM5,
    RANDOM10,
    SESSION,
    SPEAKER,
    SPEAKER_OUT,
    corpus,
    members,
)
from serflow.cli.split import main
from serflow.errors import UserError
from serflow.files import read_json, write_json
from serflow.split_checks import check_split
from serflow.splits import fingerprint, make_split, sessions_left_out, split_digest


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


def test_speaker_folds_go_by_session_then_by_speaker_whatever_the_names():
    names = {"Ses01F": "Zoe", "Ses01M": "Bob", "Ses02F": "Ann", "Ses02M": "Yan", "Ses03F": "Eve", "Ses03M": "Dan"}
    view = corpus()
    table = make_split(view.assign(speaker=view["speaker"].map(names)), SPEAKER)
    tested = [members(table, fold, "test", "speaker") for fold in range(1, 7)]
    assert tested == [{"Bob"}, {"Zoe"}, {"Ann"}, {"Yan"}, {"Dan"}, {"Eve"}]
    assert members(table, 3, "validation", "speaker") == {"Yan"}


def test_a_session_fold_tests_a_session_whole_and_validates_on_nobody():
    table = make_split(corpus(), SESSION)
    assert [members(table, fold, "test", "session") for fold in (1, 2, 3)] == [{"1"}, {"2"}, {"3"}]
    assert len(members(table, 2, "test")) == 40
    assert members(table, 2, "train", "session") == {"1", "3"}
    assert "validation" not in set(table["part"])
    assert list(table.columns) == list(make_split(corpus(), SPEAKER).columns)  # it judges no other fold


# of two sessions, each of two speakers who say a turn while each of them wears the markers
JUDGED = {"speaker": SPEAKER | {"folds": 4}, "marker": MARKER | {"folds": 4}, "session_parts": PARTS | {"folds": 2}}
VALIDATES = {
    1: {
        "Ses01F_impro01_F000": "marker/fold2 speaker/fold2",
        "Ses01F_impro01_M000": "marker/fold2 session_parts/fold1 speaker/fold1",
        "Ses01M_impro01_F000": "marker/fold1 speaker/fold2",
        "Ses01M_impro01_M000": "marker/fold1 session_parts/fold1 speaker/fold1",
    },
    2: {
        "Ses02F_impro01_F000": "marker/fold4 session_parts/fold2 speaker/fold4",
        "Ses02F_impro01_M000": "marker/fold4 speaker/fold3",
        "Ses02M_impro01_F000": "marker/fold3 session_parts/fold2 speaker/fold4",
        "Ses02M_impro01_M000": "marker/fold3 speaker/fold3",
    },
}


def validates(table, fold):
    """Utterance -> the folds that it validates, of those that validate any."""
    rows = table[(table["fold"] == fold) & (table["validates"] != "")]
    return dict(zip(rows["utterance"], rows["validates"], strict=True))


def test_a_session_fold_tells_which_folds_each_left_out_utterance_validates():
    view = corpus(sessions=2, turns=1)
    table = make_split(view.sample(frac=1, random_state=1), SESSION | {"folds": 2}, JUDGED)
    assert {fold: validates(table, fold) for fold in (1, 2)} == VALIDATES
    check_split(table, view, SESSION | {"folds": 2})


def test_a_judged_split_that_this_view_cannot_make_has_no_fold_there():
    judged = JUDGED | {"speaker": SPEAKER | {"folds": 10}}
    table = make_split(corpus(sessions=2, turns=1), SESSION | {"folds": 2}, judged)
    without = {name: " ".join(fold for fold in folds.split() if "speaker" not in fold)
               for name, folds in VALIDATES[1].items()}  # fmt: skip
    assert validates(table, 1) == without


def test_what_validates_in_a_judged_fold_is_what_validates_in_that_split_itself():
    judged = {"speaker": SPEAKER, "session_parts_random": HALVES}
    table = make_split(corpus(), SESSION, judged)
    for name, split in judged.items():
        folds = make_split(corpus(), split)
        for fold in range(1, split["folds"] + 1):
            told = table[table["validates"].str.split().map(lambda names, one=f"{name}/fold{fold}": one in names)]
            assert set(told["utterance"]) == members(folds, fold, "validation")
            assert set(told["session"]) == set(
                told["fold"].astype(str)
            )  # where its session is left out, and only there


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


def test_a_session_without_exactly_two_wearers_is_an_error():
    view = corpus()
    view.loc[view["wearer"] == "Ses02M", "wearer"] = "Ses02F"
    with pytest.raises(UserError, match=r"session '2' has 1 wearer\(s\) in this view \(Ses02F\), expected 2"):
        make_split(view, MARKER)


def test_a_wearer_in_two_sessions_is_an_error():
    view = corpus()
    view.loc[view["wearer"] == "Ses02M", "wearer"] = "Ses01M"
    with pytest.raises(UserError, match="wearer 'Ses01M' is in 2 sessions, expected 1"):
        make_split(view, MARKER)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"kind": "speakers"}, "did you mean 'speaker'"),
        ({"kind": "random", "folds": 5, "seed": 1}, "expected folds, seed, validation"),
        (SPEAKER | {"folds": 10}, "^this view has 6 speakers: enough for 3 pairs of groups, not for 5"),
        (SESSION | {"folds": 5}, "^this view has 6 speakers: enough for 3 pairs of groups, not for 5"),
        (MARKER | {"folds": 10}, "'marker': this view makes 6 folds, expected 10"),
        (SESSION | {"seed": 1}, "'session': parameters folds, seed, expected folds;"),
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


def test_the_digest_sees_which_folds_an_utterance_validates():
    plain, judging = make_split(corpus(), SESSION), make_split(corpus(), SESSION, {"speaker": SPEAKER})
    assert len({split_digest(table) for table in (plain, judging, judging.assign(validates=""))}) == 3
    assert split_digest(judging.sample(frac=1, random_state=1)) == split_digest(judging)


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
    put(tmp_path, corpus().assign(sex="", group=""))
    paths = [str(tmp_path / name) for name in ("view.parquet", "table.parquet", "table.json")]
    names = ["--view", paths[0], "--table", paths[1], "--fingerprint", paths[2]]
    main([*names, "--name", "random5", "--split", json.dumps(RANDOM5)])
    table = pd.read_parquet(paths[1])
    with open(paths[2], encoding="utf-8") as file:
        assert json.load(file)["digest"] == split_digest(table) == split_digest(make_split(corpus(), RANDOM5))


def test_the_command_writes_which_folds_are_validated(tmp_path):
    put(tmp_path, corpus().assign(sex="", group=""))
    paths = [str(tmp_path / name) for name in ("view.parquet", "table.parquet", "table.json")]
    given = ["--view", paths[0], "--table", paths[1], "--fingerprint", paths[2], "--name", "session_out"]
    main([*given, "--split", json.dumps(SESSION), "--judged", json.dumps({"speaker": SPEAKER})])
    pd.testing.assert_frame_equal(pd.read_parquet(paths[1]), make_split(corpus(), SESSION, {"speaker": SPEAKER}))
    assert read_json(paths[2])["digest"] == split_digest(pd.read_parquet(paths[1]))


@pytest.mark.parametrize(
    ("split", "left_out"),
    [
        (SESSION, ["1", "2", "3"]),
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


def test_a_split_that_cannot_be_had_is_an_empty_table_and_a_reason_and_no_failure(tmp_path, capsys):
    put(tmp_path, corpus(sessions=1).assign(sex="", group=""))
    split(tmp_path, SPEAKER | {"folds": 10})
    told = read_json(tmp_path / "speaker.json")
    assert told["unavailable"].startswith("this view has 2 speakers: too few")
    assert "digest" not in told
    assert pd.read_parquet(tmp_path / "speaker.parquet").empty
    assert told["unavailable"] in capsys.readouterr().out


def test_the_groups_stand_beside_the_fold_table_and_go_where_sessions_are_of_two(tmp_path):
    view = corpus().assign(sex="", group="")
    put(tmp_path, view.assign(session=view["speaker"]))
    split(tmp_path, SPEAKER)
    listed = pd.read_csv(tmp_path / "speaker_groups.csv")
    assert listed["group"].tolist() == [f"pair{pair}{side}" for pair in (1, 2, 3) for side in "ab"]
    assert listed["utterances"].tolist() == [20] * 6
    assert read_json(tmp_path / "speaker.json")["groups"]["pair1a"] == [listed["speaker"][0]]
    put(tmp_path, view)
    split(tmp_path, SPEAKER)
    assert not (tmp_path / "speaker_groups.csv").exists()


def test_a_view_that_cannot_be_used_gives_no_folds_for_its_own_reason(tmp_path):
    put(tmp_path, corpus().assign(sex="", group=""), unavailable="class 'sad' wants label sad")
    split(tmp_path, SPEAKER)
    told = read_json(tmp_path / "speaker.json")
    assert told == {"split": {"name": "speaker", **SPEAKER}, "unavailable": "class 'sad' wants label sad"}
    assert pd.read_parquet(tmp_path / "speaker.parquet").empty


def put(folder, view, **told):
    """Write a view and its fingerprint."""
    view.to_parquet(folder / "view.parquet")
    write_json(folder / "view.json", {"utterances": len(view)} | told)


def split(folder, spec):
    """Run rule `split` on view.parquet of a folder."""
    files = {"view": "view.parquet", "table": "speaker.parquet", "fingerprint": "speaker.json"}
    options = [word for option, file in files.items() for word in (f"--{option}", str(folder / file))]
    main([*options, "--name", "speaker", "--split", json.dumps(spec)])
