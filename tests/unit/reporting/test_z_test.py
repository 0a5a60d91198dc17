"""The paper's own z-test in a table: a column of the CSV, a dagger in print, and what it takes for granted."""

import shutil

import pandas as pd
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
    assert line["p_paired"] == "0.010000"  # one-tailed: half of the two-sided p, since it is ahead
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
    assert "†: better than SVM on ComParE functionals; 2 of 2 remain after Holm's correction." in said
    assert "†" not in table_caption(table_spec(world), table_rows(table_spec(world)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "one-tailed too, finds 2 of 2 such differences at p < 0.05."),
        ({"p_paired": "0.06"}, "one-tailed too, finds 0 of 2 such differences at p < 0.05."),
        ({"p_z_holm": "0.06"}, "0 of 2 remain after Holm's correction."),
        ({"p_paired": ""}, "Too few speakers are tested for the paired test to say whether it agrees."),
        ({"p_paired": "0.0625", "speakers": "4"}, "Too few speakers are tested for the paired"),
        ({"p_z": "0.06"}, "In the paper's z-test no system is better than SVM on ComParE functionals."),
    ],
)
def test_the_caption_says_how_many_daggers_remain_and_how_often_the_paired_test_agrees(world, change, said):
    spec = with_z_test(world)
    rows = [row | (change if row["p_z"] else {}) for row in table_rows(spec)]
    assert said in table_caption(spec, rows)


def test_of_five_speakers_the_paired_test_can_agree_since_it_is_one_tailed_too(world):
    spec = with_z_test(world)
    rows = [row | ({"p_paired": "0.031250", "speakers": "5"} if row["p_z"] else {}) for row in table_rows(spec)]
    assert "finds 2 of 2 such differences" in table_caption(spec, rows)


@pytest.mark.parametrize(
    ("difference", "p", "one_tailed"), [(0.1, 0.04, "0.020000"), (-0.1, 0.04, "0.980000"), (0.1, "", "")]
)
def test_the_paired_p_is_halved_where_its_sign_agrees_and_no_where_else(world, tmp_path, difference, p, one_tailed):
    shutil.copytree(world / "scores", tmp_path / "scores")
    for path in tmp_path.glob("scores/*/pairs.csv"):
        pairs = pd.read_csv(path).assign(difference=difference, p=p)
        pairs.to_csv(path, index=False)
    rows = [row for row in table_rows(with_z_test(tmp_path)) if row["p_z"]]
    assert {row["p_paired"] for row in rows} == {one_tailed}


def test_a_dagger_from_one_seed_is_not_printed_nor_said_to_be_missing(world):
    spec = with_z_test(world)
    rows = [row | ({"z_seeds": "1"} if row["p_z"] else {}) for row in table_rows(spec)]
    caption = table_caption(spec, rows)
    assert "†" not in caption and "no system is better" not in caption
    assert "A difference of networks of one seed is not called significant." in caption


def test_holms_correction_of_daggers_is_over_the_column_and_protocol(world):
    rows = table_rows(with_z_test(world))
    found = {(row["row"], row["protocol"]): row["p_z_holm"] for row in rows if row["p_z"] and row["column"] == "wa"}
    assert found["acnn", "random10"] == "0.002000"  # 0.001 of two
    assert found["conv1", "random10"] == "0.160000"
    assert found["acnn", "strict"] == "0.001000"  # the only one there
