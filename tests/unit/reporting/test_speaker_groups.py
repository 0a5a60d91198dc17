"""Pairs of groups of speakers in the report."""

from serflow.reporting.speaker_groups import group_tables

LINES = [
    "speaker,sex,pair,group,utterances,angry,no_hope",
    "ann,F,pair1,pair1a,1003,1000,3",
    "bob,M,pair1,pair1a,5,2,3",
    "eve,,pair1,pair1b,4,4,0",
]


def written(folder, name, lines=LINES):
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(folder / name)


def test_a_group_is_a_row_with_its_speakers_and_the_sums_of_their_utterances(tmp_path):
    (table,) = group_tables([{"view": "xu2020 full", "files": [written(tmp_path, "speaker_groups.csv")]}])
    assert table["classes"] == ["angry", "no hope"]
    assert table["rows"] == [
        {"group": "pair1a", "speakers": "ann (F), bob (M)", "counts": ["1,008", "1,002", "6"]},
        {"group": "pair1b", "speakers": "eve", "counts": ["4", "4", "0"]},
    ]


def test_views_with_the_same_groups_share_a_table_and_others_have_their_own(tmp_path):
    one, same, other = (written(tmp_path, name) for name in ("a.csv", "b.csv", "c.csv"))
    written(tmp_path, "c.csv", LINES[:-1])
    views = [{"view": name, "files": [file]} for name, file in (("xu", one), ("li", same), ("zhao", other))]
    assert [table["views"] for table in group_tables(views)] == ["xu, li", "zhao"]


def test_a_view_without_groups_has_no_table(tmp_path):
    assert group_tables([{"view": "xu", "files": [str(tmp_path / "none.csv")]}]) == []
