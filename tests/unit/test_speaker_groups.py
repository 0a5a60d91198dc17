"""Pairs of groups of speakers: the rule, its balance, what splits make of them, what is said of too few speakers."""

import pandas as pd
import pytest

from serflow.errors import UserError
from serflow.speaker_groups import describe_groups, sessions_of_two, speaker_groups
from serflow.split_checks import check_split
from serflow.splits import fingerprint, groups_of, make_split

CLASSES = ("angry", "sad")


def view(sexes, *, sessions=None, groups=None, turns=4):
    """One speaker a letter of `sexes` (s01, s02, ...), each a session alone unless told; turns of two classes."""
    rows = []
    for number, sex in enumerate(sexes):
        name = f"s{number + 1:02}"
        session = sessions[number] if sessions else name
        group = groups[number] if groups else ""
        rows += [(f"{name}_{turn}", CLASSES[turn % 2], name, name, session, 1.0, sex, group) for turn in range(turns)]
    names = ["utterance", "class", "speaker", "wearer", "session", "duration", "sex", "group"]
    return pd.DataFrame(rows, columns=names)


def strict(pairs):
    return {"kind": "speaker", "folds": 2 * pairs, "mate": "validates"}


def by_session(pairs):
    return {"kind": "session", "folds": pairs}


def sides(groups):
    """Group -> its speakers' sexes, sorted, in one text."""
    return groups.groupby("group")["sex"].agg(lambda sexes: "".join(sorted(sexes))).to_dict()


def test_four_speakers_are_two_pairs_of_a_woman_and_a_man():
    groups = speaker_groups(view("FFMM"), 2)
    assert groups.to_dict("list") == {
        "speaker": ["s01", "s03", "s02", "s04"],
        "sex": ["F", "M", "F", "M"],
        "pair": ["pair1", "pair1", "pair2", "pair2"],
        "group": ["pair1a", "pair1b", "pair2a", "pair2b"],
    }


def test_six_speakers_are_three_mixed_pairs():
    assert sides(speaker_groups(view("FFFMMM"), 3)) == dict.fromkeys(
        ["pair1a", "pair2a", "pair3a"], "F"
    ) | dict.fromkeys(["pair1b", "pair2b", "pair3b"], "M")


def test_twenty_four_actors_are_ten_groups_of_two_or_three_each_of_both_sexes():
    groups = speaker_groups(view("MF" * 12), 5)
    assert sorted(groups.groupby("group").size()) == [2] * 6 + [3] * 4
    assert all(set(sexes) == {"F", "M"} for sexes in sides(groups).values())


@pytest.mark.parametrize(
    ("sexes", "pairs", "sizes"),
    [
        ("FFFMMMM", 3, [1, 1, 1, 1, 1, 2]),
        ("FFFFFFFFFMM", 5, [1] * 9 + [2]),  # unequal sexes, an odd number
        ("F" * 7, 2, [1, 2, 2, 2]),
    ],
)
def test_odd_numbers_and_unequal_sexes_leave_groups_as_even_as_they_go(sexes, pairs, sizes):
    groups = speaker_groups(view(sexes), pairs)
    assert sorted(groups.groupby("group").size()) == sizes
    per_pair = groups.groupby("pair").size()
    assert per_pair.max() - per_pair.min() <= 1


def test_where_sexes_are_alike_speakers_with_the_same_classes_come_into_different_pairs():
    table = view("FFFF")
    table["class"] = table["speaker"].map({"s01": "angry", "s02": "angry", "s03": "sad", "s04": "sad"})
    pairs = speaker_groups(table, 2).set_index("speaker")["pair"]
    assert pairs["s01"] != pairs["s02"]
    assert pairs["s03"] != pairs["s04"]


def test_sessions_of_three_stay_in_one_pair():
    sessions = ["a"] * 3 + ["b"] * 3 + ["c"] * 3 + ["d"] * 3
    table = view("FMF" * 4, sessions=sessions)
    for pairs in (2, 4):
        groups = speaker_groups(table, pairs)
        whole = groups.assign(session=groups["speaker"].map(table.groupby("speaker")["session"].first()))
        assert (whole.groupby("session")["pair"].nunique() == 1).all()


def test_fewer_sessions_than_pairs_are_disregarded():
    table = view("FM" * 5, sessions=["one"] * 10)
    assert sorted(speaker_groups(table, 5).groupby("group").size()) == [1] * 10


def test_who_shares_a_group_is_in_one_group_and_counts_once():
    groups = ["", "", "x", "x", "", ""]
    found = speaker_groups(view("FMFMFM", groups=groups), 2).set_index("speaker")["group"]
    assert found["s03"] == found["s04"]
    with pytest.raises(UserError, match="6 speakers, who share values of `group` and so make 5 units: enough for 2"):
        speaker_groups(view("FMFMFM", groups=groups), 3)


def test_the_groups_depend_on_no_order_of_rows_and_on_no_draw():
    table = view("FMFMFFMMFMF")
    first = speaker_groups(table, 4)
    pd.testing.assert_frame_equal(first, speaker_groups(table.sample(frac=1, random_state=1), 4))


@pytest.mark.parametrize("speakers", [1, 2, 3])
def test_fewer_than_four_speakers_are_told_what_is_possible(speakers):
    with pytest.raises(UserError, match="too few; .* four speakers at least, or a random split"):
        make_split(view("FMF"[:speakers]), strict(2))


@pytest.mark.parametrize(("speakers", "most"), [(4, 2), (6, 3), (7, 3)])
def test_more_pairs_than_speakers_make_are_told_how_many_there_are(speakers, most):
    with pytest.raises(UserError, match=f"{speakers} speakers: enough for {most} pairs of groups, not for 5"):
        make_split(view("FMFMFMF"[:speakers]), strict(5))


@pytest.mark.parametrize(("speakers", "pairs"), [(4, 2), (6, 3), (7, 3), (11, 5), (24, 5)])
def test_each_group_tests_once_its_mate_validates_and_all_others_train(speakers, pairs):
    table = view(("FM" * 12)[:speakers])
    groups = groups_of(table, strict(pairs)).groupby("group")["speaker"].agg(set)
    folds = make_split(table, strict(pairs))
    check_split(folds, table, strict(pairs))
    mate = {name: name[:-1] + "ba"["ab".index(name[-1])] for name in groups.index}
    for fold, name in enumerate(groups.index, start=1):
        parts = folds[folds["fold"] == fold].groupby("part")["speaker"].agg(set)
        assert parts["test"] == groups[name]
        assert parts["validation"] == groups[mate[name]]
        assert parts["train"] == set(table["speaker"]) - parts["test"] - parts["validation"]
    assert set(folds["session"]) == {f"pair{number}" for number in range(1, pairs + 1)}


def test_networks_by_session_leave_out_the_pair_whose_groups_are_judged():
    table, split = view("FM" * 12), strict(5) | {"networks": "session_out"}
    check_split(make_split(table, split), table, split)
    networks = make_split(table, by_session(5), {"speaker": split})
    tested = networks[(networks["fold"] == 2) & (networks["part"] == "test")]
    strict_folds = make_split(table, split)
    alone = strict_folds[strict_folds["fold"].isin([3, 4]) & (strict_folds["part"] == "test")]
    assert set(tested["utterance"]) == set(alone["utterance"])
    assert set(tested["validates"]) == {"speaker/fold3", "speaker/fold4"}


@pytest.mark.parametrize("kind", ["session_parts", "session_parts_random"])
def test_the_other_splits_by_session_go_by_pairs_too(kind):
    table, split = view("FM" * 6), {"kind": kind, "folds": 3} | ({"seed": 1} if kind.endswith("random") else {})
    check_split(make_split(table, split), table, split)


def test_ten_pairs_and_more_keep_their_order_by_name():
    groups = speaker_groups(view("FM" * 12), 12)
    assert groups["pair"].iloc[0] == "pair01"
    assert groups["speaker"].iloc[0] == "s01"
    assert groups["pair"].is_monotonic_increasing


def test_sessions_of_two_are_the_pairs_themselves():
    table = view("FMFM", sessions=["a", "a", "b", "b"])
    assert sessions_of_two(table, 2)
    assert groups_of(table, strict(2)) is None
    assert set(make_split(table, strict(2))["session"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("sessions", "pairs"), [(["a", "a", "b", "b"], 3), (["a", "a", "a", "b"], 2), (["a", "b", "c", "d"], 2)]
)
def test_other_sessions_are_none(sessions, pairs):
    assert not sessions_of_two(view("FMFM", sessions=sessions), pairs)


def test_a_speaker_in_two_sessions_makes_them_no_pairs():
    table = view("FMFM", sessions=["a", "a", "b", "b"])
    table.loc[0, "session"] = "b"
    assert not sessions_of_two(table, 2)


def test_the_fingerprint_names_each_group_s_speakers():
    table = view("FMFM")
    folds, groups = make_split(table, strict(2)), groups_of(table, strict(2))
    assert fingerprint(folds, "speaker", strict(2), groups)["groups"] == {
        "pair1a": ["s01"],
        "pair1b": ["s02"],
        "pair2a": ["s03"],
        "pair2b": ["s04"],
    }
    assert "groups" not in fingerprint(folds, "speaker", strict(2))


def test_the_groups_are_described_by_their_utterances_of_each_class():
    table = view("FMFM")
    rows = describe_groups(table, speaker_groups(table, 2))
    assert list(rows.columns) == ["speaker", "sex", "pair", "group", "utterances", "angry", "sad"]
    assert rows[["utterances", "angry", "sad"]].to_numpy().tolist() == [[4, 2, 2]] * 4


# no split parts a `group`

RANDOM = {"kind": "random", "folds": 4, "validation": True, "seed": 1}


def copies():
    """Eight recordings and an augmented copy of each, which bears another name."""
    table = view("FM")
    return pd.concat(
        [
            table.assign(group=table["utterance"]),
            table.assign(group=table["utterance"], utterance="noisy_" + table["utterance"]),
        ],
        ignore_index=True,
    )


def test_random_folds_keep_copies_of_a_recording_together():
    table = copies()
    folds = make_split(table, RANDOM)
    check_split(folds, table, RANDOM)
    parts = folds.merge(table[["utterance", "group"]]).groupby(["fold", "group"])["part"].nunique()
    assert (parts == 1).all()


def test_a_column_of_no_groups_changes_nothing():
    table = view("FM", turns=20)
    pd.testing.assert_frame_equal(make_split(table, RANDOM), make_split(table.drop(columns="group"), RANDOM))


def test_a_table_that_parts_a_group_is_refused():
    table = copies()
    folds = make_split(table.drop(columns="group"), RANDOM)
    with pytest.raises(UserError, match=r"group 's0\d_\d' is in several parts \(.*\), expected one"):
        check_split(folds, table, RANDOM)
