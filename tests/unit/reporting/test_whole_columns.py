"""Columns of the test utterances that hold a whole segment: beside all of them, with the paper's number."""

import pandas as pd
import pytest

from helpers.fabricated import PROTOCOLS, table_spec, write_scores
from serflow.reporting.captions import table_caption
from serflow.reporting.layout import table_layout
from serflow.reporting.reading import how_to_read
from serflow.reporting.table_rows import REPORTED_ONLY, table_rows

AS_PUBLISHED, BEST = PROTOCOLS[:2]


@pytest.fixture
def spec(world, tmp_path):
    """One system as published: 62.5 of 108 utterances, 70 of the 86 that hold a segment; a quoted row beneath."""
    folder = tmp_path / "random5"
    write_scores(folder, "random5", {"acnn": 0.625, "svm_compare": 0.5})
    scores = pd.read_csv(folder / "scores.csv")
    added = scores[(scores["metric"] == "wa") & (scores["system"] == "acnn")]
    added = added.assign(metric="wa_whole", pooled=0.7, mean=0.72, low_speakers=0.6, high_speakers=0.75, utterances=86)
    pd.concat([scores, added]).to_csv(folder / "scores.csv", index=False)
    made = table_spec(world) | {"columns": ["wa", "wa_whole"], "protocols": [AS_PUBLISHED, BEST], "comparable": True}
    row = made["rows"][0] | {"reported": {"wa_whole": 76.18}}
    row["scores"] = dict.fromkeys((AS_PUBLISHED["name"], BEST["name"]), str(folder))
    quoted = {"id": "quoted", "name": "Others", "reported": {"wa": 67.0}, "system": None}
    return made | {"rows": [row, quoted]}


def test_the_papers_number_is_held_against_the_utterances_that_hold_a_segment(spec):
    lines = {(line["column"], line["protocol"]): line for line in table_rows(spec) if line["system"]}
    ours, whole = (lines[column, "as_published"] for column in ("wa", "wa_whole"))
    assert (ours["reproduced"], ours["reported"], ours["difference"]) == ("62.50", "", "")
    assert (whole["reproduced"], whole["reported"], whole["difference"]) == ("70.00", "76.18", "-6.18")
    assert whole["verdict"] == "below"


def test_a_whole_column_is_a_line_of_its_own_and_the_caption_counts_it_apart(spec):
    rows = table_rows(spec)
    lines = table_layout(spec, rows)["rows"][0]["lines"]
    assert [(line["metric"], line["reported"], line["cells"][0]["text"]) for line in lines] == [
        ("WA", "", "62.5"), ("WA, whole segment", "76.18", "70.0"),
    ]  # fmt: skip
    said = table_caption(spec, rows)
    assert "Utterances tested: 108 as published and best of each. Of them hold a whole segment: 86." in said


def test_a_quoted_row_has_no_line_for_what_it_does_not_report(spec):
    (line,) = table_layout(spec, table_rows(spec))["rows"][1]["lines"]
    assert (line["metric"], line["reported"]) == ("WA", "67.0")
    assert {row["note"] for row in table_rows(spec) if row["row"] == "quoted"} == {REPORTED_ONLY}


def test_where_no_utterance_holds_a_segment_the_reason_stands_in_place_of_a_number(spec, world):
    spec["rows"][0]["scores"]["as_published"] = str(world / "scores/random5")
    (line,) = [row for row in table_rows(spec) if (row["column"], row["protocol"]) == ("wa_whole", "as_published")]
    assert (line["reproduced"], line["note"]) == ("", "no test utterance holds a whole segment")


def test_how_to_read_says_which_utterances_they_are_and_which_choose_the_epoch(spec):
    (said,) = [entry["text"] for entry in how_to_read([(spec, table_rows(spec))], []) if "segment" in entry["sign"]]
    assert said == (
        "WA over the test utterances that hold a whole segment, as training ones must; where the test part chooses the "
        "epoch, these alone choose it"
    )
