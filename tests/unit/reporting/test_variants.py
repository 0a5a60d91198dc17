"""Rows of one name, protocols that are the same, and what a table says of two protocols."""

import pytest
from fabricated import PROTOCOLS, table_spec

from serflow.reporting.captions import table_caption
from serflow.reporting.layout import table_layout
from serflow.reporting.tables import table_rows
from serflow.reporting.words import printed_protocols


def with_variants(world):
    """The table with its rows `acnn` and `conv1` as two variants of one name."""
    spec = table_spec(world)
    rows = {row["id"]: row for row in spec["rows"]}
    pair = [rows[key] | {"name": "ACNN", "variant": f"eq. {k}"} for key, k in (("acnn", 8), ("conv1", 9))]
    return spec | {"rows": [*pair, rows["svm_compare"]]}


def test_variants_of_one_name_are_a_row_with_a_line_each_metric_after_metric(world):
    spec = with_variants(world)
    first, second = table_layout(spec, table_rows(spec))["rows"]
    assert (first["name"], second["name"]) == ("ACNN", "SVM on ComParE functionals")
    assert [line["metric"] for line in first["lines"]] == ["WA, eq. 8", "WA, eq. 9", "UA, eq. 8", "UA, eq. 9"]
    assert [line["reported"] for line in first["lines"]] == ["76.18", "63.94", "60", "60.14"]
    assert [line["metric"] for line in second["lines"]] == ["WA", "UA"]


def test_a_gain_names_the_variant(world):
    spec = with_variants(world) | {"columns": ["wa"]}
    spec["rows"][1]["without"] = {"id": "acnn", "system": "acnn"}
    (gain,) = table_layout(spec, table_rows(spec))["components"]
    assert (gain["name"], gain["beside"]) == ("ACNN, eq. 9", "ACNN, eq. 8")


def test_variants_stand_in_the_csv_as_rows_of_their_own(world):
    rows = table_rows(with_variants(world))
    assert {(line["row"], line["name"], line["variant"]) for line in rows} == {
        ("acnn", "ACNN", "eq. 8"),
        ("conv1", "ACNN", "eq. 9"),
        ("svm_compare", "SVM on ComParE functionals", ""),
    }


def test_protocols_of_one_split_and_rule_are_one_printed_column():
    same = PROTOCOLS[3] | {"name": "as_published", "label": "as published"}
    printed = printed_protocols([same, PROTOCOLS[2], PROTOCOLS[3]])
    assert [(p["name"], p["label"]) for p in printed] == [
        ("as_published", "as published, strict"),
        ("random10", "random10 + validation"),
    ]
    assert [p["name"] for p in printed_protocols(PROTOCOLS)] == [p["name"] for p in PROTOCOLS]


def test_a_column_that_is_two_protocols_is_printed_once_and_counted_once(world):
    spec = table_spec(world)
    spec["protocols"] = [*PROTOCOLS, PROTOCOLS[2] | {"name": "again", "label": "again"}]
    for row in spec["rows"]:
        if row.get("scores"):
            row["scores"]["again"] = row["scores"]["random10"]
    rows = table_rows(spec)
    layout = table_layout(spec, rows)
    assert [p["label"] for p in layout["protocols"]][2] == "random10 + validation, again"
    assert all(len(line["cells"]) == 4 for row in layout["rows"] for line in row["lines"])
    assert {line["protocol"] for line in rows} >= {"random10", "again"}, "each can be looked up by its name"


@pytest.mark.parametrize(("second", "points"), [("random10", "+0.0"), ("strict", "+7.5")])
def test_a_contrast_says_in_points_how_far_ua_changes(world, second, points):
    spec = table_spec(world)
    spec["rows"] = spec["rows"][:1]
    rows = [
        line | {"reproduced": "70.00"} if (line["protocol"], line["column"]) == ("strict", "ua") else line
        for line in table_rows(spec)
    ]
    rows = [
        line | {"reproduced": "62.50"} if line["protocol"] in ("as_published", "random10") else line for line in rows
    ]
    caption = table_caption(spec | {"contrasts": [["as_published", second]]}, rows)
    label = next(p["label"] for p in PROTOCOLS if p["name"] == second)
    expected = f"From as published to {label} UA changes by {points} points (ACNN, head fusion (this paper))."
    assert f"{expected} These differences are not tested." in caption


def test_a_contrast_of_what_was_not_run_is_left_out(world):
    spec = table_spec(world) | {"contrasts": [["as_published", "strict"]]}
    rows = [line | {"reproduced": ""} if line["protocol"] == "strict" else line for line in table_rows(spec)]
    assert "UA changes" not in table_caption(spec, rows)


def test_a_table_of_which_nothing_is_reported_has_no_column_for_it(world):
    spec = table_spec(world)
    assert table_layout(spec, table_rows(spec))["reported"]
    spec["rows"] = [row | {"reported": None} for row in spec["rows"] if row["system"]]
    rows = table_rows(spec)
    assert not table_layout(spec, rows)["reported"]
    assert "Italic" not in table_caption(spec, rows)
