"""A table of UA by group: its lines beside groups.csv and scores.csv, and how it is printed."""

import csv

import pandas as pd
import pytest

from helpers.fabricated_groups import STRICT, groups_spec, write_grouped
from serflow.reporting.layout import table_layout
from serflow.reporting.rows import read_table, write_table
from serflow.reporting.table_rows import table_rows


@pytest.fixture(scope="module")
def grouped(tmp_path_factory):
    """A folder with fabricated scores of groups."""
    folder = tmp_path_factory.mktemp("grouped") / "scores"
    write_grouped(folder)
    return folder


@pytest.fixture
def rows(grouped):
    return table_rows(groups_spec(grouped))


def lines_of(rows, row):
    return {line["column"]: line for line in rows if line["row"] == row}


def table_of(folder, name):
    with open(folder / f"speaker/{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_a_line_a_group_follows_the_line_of_all_utterances(rows):
    assert list(lines_of(rows, "acnn")) == [
        "ua", "ua_sex_F", "ua_sex_M", "ua_style_improvised", "ua_style_scripted", "ua_duration_under_2_s",
        "ua_duration_2_to_7.5_s", "ua_duration_above_7.5_s", "ua_speaker_worst", "brier", "nll", "ece",
    ]  # fmt: skip
    line = lines_of(rows, "acnn")["ua_sex_F"]
    assert line["item"] == "xu2020/table_groups/acnn/ua_sex_F"
    assert [line[key] for key in ("group", "value", "protocol", "split")] == ["sex", "F", "strict", "speaker"]


@pytest.mark.parametrize("system", ["acnn", "svm_compare"])
def test_every_number_is_that_of_the_scores_in_per_cent(rows, grouped, system):
    lines = lines_of(rows, system)
    found = [line for line in table_of(grouped, "groups") if line["system"] == system and line["group"] != "speaker"]
    assert len(found) == 7
    for group in found:
        line = lines[f"ua_{group['group']}_{group['value'].replace(' ', '_')}"]
        for key, column in (("reproduced", "ua"), ("low", "low"), ("high", "high")):
            assert line[key] == f"{100 * float(group[column]):.2f}"
        assert all(line[key] == group[key] for key in ("utterances", "speakers", "seeds", "classes"))
    scores = {line["metric"]: line for line in table_of(grouped, "scores") if line["system"] == system}
    assert lines["ua"]["reproduced"] == f"{100 * float(scores['ua']['pooled']):.2f}"
    assert lines["nll"]["reproduced"] == f"{float(scores['nll']['pooled']):.4f}"


def test_the_worst_speaker_is_the_one_of_the_lowest_ua_and_is_named(rows, grouped):
    speakers = [line for line in table_of(grouped, "groups") if (line["system"], line["group"]) == ("acnn", "speaker")]
    assert len(speakers) == 8
    lowest = sorted(speakers, key=lambda line: (float(line["ua"]), line["value"]))[0]
    line = lines_of(rows, "acnn")["ua_speaker_worst"]
    assert (line["value"], line["reproduced"]) == (lowest["value"], f"{100 * float(lowest['ua']):.2f}")
    assert line["low"] == line["high"] == ""


def test_a_kind_of_group_with_one_value_is_left_out(grouped, tmp_path):
    folder = tmp_path / "speaker"
    folder.mkdir()
    for name in ("scores", "groups"):
        table = pd.read_csv(grouped / f"speaker/{name}.csv")
        if name == "groups":
            table = table[table["value"] != "scripted"]
        table.to_csv(folder / f"{name}.csv", index=False)
    rows = table_rows(groups_spec(tmp_path))
    assert not [line for line in rows if line["group"] == "style"]
    assert [line for line in rows if line["group"] == "sex"]


def test_lines_survive_their_csv(rows, tmp_path):
    write_table(rows, tmp_path / "table.csv")
    assert read_table(tmp_path / "table.csv") == rows


def test_it_is_printed_a_line_a_system_with_heads_over_its_columns(rows, grouped):
    laid_out = table_layout(groups_spec(grouped), rows)
    by_group = laid_out["by_group"]
    assert [(head["text"], head["span"]) for head in by_group["heads"]] == [
        ("UA", 1), ("sex", 2), ("style", 2), ("duration", 3), ("speaker", 1), ("calibration", 3),
    ]  # fmt: skip
    assert [column["label"] for column in by_group["columns"]] == [
        "all", "F", "M", "improvised", "scripted", "< 2 s", "2–7.5 s", "> 7.5 s", "worst", "Brier", "NLL", "ECE",
    ]  # fmt: skip
    tested = {column["label"]: column["tested"] for column in by_group["columns"]}
    assert (tested["all"], tested["F"], tested["> 7.5 s"], tested["worst"], tested["ECE"]) == (
        "128",
        "64",
        "32",
        "",
        "",
    )
    first = by_group["rows"][0]
    line = lines_of(rows, "acnn")["ua_sex_F"]
    assert (first["name"], first["sign"]) == ("ACNN with head fusion", "")
    assert first["cells"][1]["spread"] == f"[{float(line['low']):.1f}–{float(line['high']):.1f}]"
    assert first["cells"][8]["spread"].startswith("Ses0")


def test_a_group_without_a_class_says_over_how_many_its_ua_is(rows, grouped):
    laid_out = table_layout(groups_spec(grouped), rows)
    marks = [cell["mark"] for cell in laid_out["by_group"]["rows"][0]["cells"]]
    assert marks == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert laid_out["footnotes"] == ["UA over 2 of the 4 classes: the others have no test utterance there"]


def test_a_system_that_was_not_run_has_no_line_and_its_reason_beneath(rows, grouped):
    laid_out = table_layout(groups_spec(grouped), rows)
    assert [row["name"] for row in laid_out["by_group"]["rows"]] == [
        "ACNN with head fusion", "Yardstick: ComParE functionals, SVM",
    ]  # fmt: skip
    reason = "not run: `presets.demo.runs.strict` does not list it"
    assert laid_out["left_out"] == [f"1 convolutional layer: {reason}."]
    assert {line["note"] for line in rows if line["row"] == "conv1"} == {reason}


def test_the_caption_says_which_protocol_and_why_it_is_not_strict(rows, grouped):
    assert table_layout(groups_spec(grouped), rows)["caption"].startswith(
        "Under strict (the epoch with the best UA on the validation part is scored). 1 fold × 1 seed. "
        "Utterances tested: 128 strict."
    )
    published = STRICT | {"name": "as_published", "label": "as published"}
    spec = groups_spec(grouped, protocols=[published], strict=False)
    for row in spec["rows"]:
        row["scores"]["as_published"] = row["scores"].pop("strict")
        row["missing"] = {"as_published": "not run"}
    caption = table_layout(spec, table_rows(spec))["caption"]
    assert "Under as published (" in caption and "), as strict is not configured." in caption


def test_an_undertrained_system_is_marked_by_its_name(grouped):
    random = STRICT | {"name": "random10", "label": "random10", "split": "random10"}
    spec = groups_spec(grouped, protocols=[random])
    for row in spec["rows"]:
        row["scores"] = {"random10": row["scores"]["strict"] and str(grouped / "random10")}
        row["missing"] = {"random10": "not run"}
    laid_out = table_layout(spec, table_rows(spec))
    assert [row["sign"] for row in laid_out["by_group"]["rows"]] == ["§", ""]
    assert "§: undertrained" in laid_out["caption"]


def test_where_nothing_was_run_the_reason_stands_alone(grouped):
    spec = groups_spec(grouped)
    for row in spec["rows"]:
        row |= {"scores": {"strict": None}, "missing": {"strict": "no such part"}}
    laid_out = table_layout(spec, table_rows(spec))
    assert laid_out["by_group"]["rows"] == []
    assert laid_out["left_out"][0].endswith("1 convolutional layer: no such part.")
