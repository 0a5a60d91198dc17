"""The paper's own z-test in a table: a column of the CSV, a dagger in print, and what it takes for granted."""

import pytest

from helpers.fabricated import PROTOCOLS, table_spec, with_z_test
from serflow.reporting.captions import table_caption
from serflow.reporting.layout import table_layout
from serflow.reporting.table_rows import table_rows


def daggers(spec):
    """(row, metric, protocol) of all numbers with a dagger."""
    rows = table_layout(spec, table_rows(spec))["rows"]
    return [
        (row["name"], line["metric"], protocol["name"])
        for row in rows
        for line in row["lines"]
        for protocol, cell in zip(PROTOCOLS, line["cells"], strict=True)
        if cell.get("dagger")
    ]


def test_the_p_of_the_z_test_stands_beside_that_of_the_paired_test(world):
    rows = {(row["row"], row["protocol"]): row for row in table_rows(with_z_test(world)) if row["column"] == "wa"}
    line = rows["conv1", "random10"]
    assert (line["against"], line["p"], line["z_against"], line["p_z"]) == ("acnn", "0.02", "svm_compare", "0.16")
    assert line["p_paired"] == "0.02"
    untested = rows["acnn", "as_published"]
    assert (untested["z_against"], untested["p_z"], untested["p_paired"]) == ("", "", "")
    assert rows["svm_compare", "random10"]["p_z"] == ""


def test_only_what_is_better_than_the_named_system_has_a_dagger(world):
    assert daggers(with_z_test(world)) == [
        ("ACNN, head fusion (this paper)", "WA", "random10"), ("ACNN, head fusion (this paper)", "WA", "strict"),
    ]  # fmt: skip
    assert daggers(table_spec(world)) == []


def test_the_caption_says_once_against_what_the_test_is(world):
    said = table_caption(with_z_test(world), table_rows(with_z_test(world)))
    assert said.count("†") == 1
    assert "†: better than SVM on ComParE functionals." in said
    assert "†" not in table_caption(table_spec(world), table_rows(table_spec(world)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"folds": "10"}, "The paired permutation of speakers finds 2 of 2 such differences at p < 0.05."),
        (
            {"p_paired": "0.06", "folds": "10"},
            "The paired permutation of speakers finds 0 of 2 such differences at p < 0.05.",
        ),
        ({"p_paired": "", "folds": "10"}, "Too few speakers are tested for the paired test to say whether it agrees."),
        ({"p_paired": "0.0625", "split": "session_parts", "folds": "5"}, "Too few speakers are tested for the paired"),
        ({"p_z": "0.06"}, "In the paper's z-test no system is better than SVM on ComParE functionals."),
    ],
)
def test_the_caption_says_how_often_the_paired_test_agrees(world, change, said):
    spec = with_z_test(world)
    rows = [row | (change if row["p_z"] else {}) for row in table_rows(spec)]
    assert said in table_caption(spec, rows)
