import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from helpers.fabricated import PROTOCOLS, quoted_spec, table_spec, with_components
from serflow.cli import table
from serflow.errors import UserError
from serflow.reporting.captions import table_caption
from serflow.reporting.layout import table_layout
from serflow.reporting.rows import COLUMNS, read_table
from serflow.reporting.table_rows import table_rows


def cell(rows: list[dict], row: str, column: str, protocol: str) -> dict:
    (found,) = [r for r in rows if (r["row"], r["column"], r["protocol"]) == (row, column, protocol)]
    return found


def test_a_cell_holds_the_pooled_score_its_intervals_and_its_id(world):
    line = cell(table_rows(table_spec(world)), "acnn", "wa", "as_published")
    expected = {
        "item": "xu2020/table2/acnn/wa", "reported": "76.18", "reproduced": "62.50", "statistic": "pooled",
        "low": "56.25", "high": "68.75", "low_utterances": "57.50", "high_utterances": "67.50",
        "low_sessions": "55.00", "high_sessions": "70.00", "mean": "63.50", "sd": "2.00", "sd_seeds": "0.80",
        "folds": "2", "seeds": "2", "utterances": "108", "speakers": "10", "sessions": "5",
        "split": "random5", "select": "best_test",
    }  # fmt: skip
    assert {key: line[key] for key in expected} == expected


def test_best_of_each_prints_the_mean_since_nothing_can_be_pooled(world):
    line = cell(table_rows(table_spec(world)), "acnn", "ua", "best_of_each")
    assert (line["reproduced"], line["statistic"], line["low"]) == ("62.25", "mean", "")


def test_a_missing_protocol_gives_its_reason_and_no_number(world):
    line = cell(table_rows(table_spec(world)), "conv1", "wa", "strict")
    assert line["note"] == "not run: the demo runs strict for acnn only"
    assert line["reproduced"] == line["low"] == line["folds"] == ""


def test_neither_scores_nor_a_reason_is_an_error(world):
    spec = table_spec(world)
    spec["rows"][3]["missing"] = {}
    with pytest.raises(UserError, match="row conv1, protocol strict"):
        table_rows(spec)


def test_a_score_that_was_not_written_is_an_error_naming_the_file(world):
    spec = table_spec(world)
    spec["rows"][0]["system"] = "absent"
    with pytest.raises(UserError, match=r"random5/scores\.csv.*system absent, select best_test, metric wa"):
        table_rows(spec)


def test_a_reported_number_never_stands_among_the_reproduced(world):
    rows = table_rows(table_spec(world))
    lines = [line for line in rows if line["row"] in ("li2018", "neumann2019")]
    assert [line["reported"] for line in lines] == ["71.75", "68.06", "62.11", ""]
    assert all(line["reproduced"] == line["protocol"] == line["mean"] == "" for line in lines)
    assert all(line["reported"] == "" for line in rows if line["row"] == "svm_compare")


def test_differences_are_left_out_where_the_corpus_is_not_comparable(world):
    rows = table_rows(table_spec(world))
    assert {line["difference"] for line in rows} == {""}
    assert not table_layout(table_spec(world), rows)["differences"]


@pytest.mark.parametrize(("column", "difference", "verdict"), [("wa", "-13.68", "below"), ("ua", "+1.25", "within")])
def test_difference_and_verdict_follow_the_interval(world, column, difference, verdict):
    line = cell(table_rows(table_spec(world, comparable=True)), "acnn", column, "as_published")
    assert (line["difference"], line["verdict"]) == (difference, verdict)


def test_a_number_from_one_seed_has_no_verdict_unless_its_system_depends_on_none(world, tmp_path):
    shutil.copytree(world / "scores", tmp_path / "scores")
    for path in tmp_path.glob("scores/*/scores.csv"):
        pd.read_csv(path).assign(seeds=1).to_csv(path, index=False)
    spec = table_spec(tmp_path, comparable=True)
    line = cell(table_rows(spec), "acnn", "wa", "as_published")
    assert (line["difference"], line["verdict"]) == ("-13.68", "one seed")
    spec["rows"][0]["seeded"] = False
    assert cell(table_rows(spec), "acnn", "wa", "as_published")["verdict"] == "below"


def test_a_row_whose_reported_number_is_of_another_setting_has_neither_difference_nor_verdict(world):
    spec = table_spec(world, comparable=True)
    spec["rows"][3]["comparable"] = False
    rows = table_rows(spec)
    assert {line["row"] for line in rows if line["difference"]} == {"acnn"}
    line = cell(rows, "conv1", "wa", "as_published")
    assert (line["reported"], line["difference"], line["verdict"]) == ("63.94", "", "")
    assert table_caption(spec, rows).endswith(
        "1 convolutional layer: the reported numbers are of other features or folds, so that no Δ is printed."
    )
    assert "other features" not in table_caption(table_spec(world, comparable=True), rows)
    spec["comparable"] = False  # of nothing is a difference printed: there is none to explain
    assert "other features" not in table_caption(spec, table_rows(spec))


def test_holms_correction_is_over_the_rows_of_a_column_and_protocol(world, tmp_path):
    shutil.copytree(world / "scores", tmp_path / "scores")
    pairs = pd.read_csv(tmp_path / "scores/random10/pairs.csv")
    pairs.loc[pairs["system"] == "svm_compare", "p"] = 0.04
    pairs.to_csv(tmp_path / "scores/random10/pairs.csv", index=False)
    rows = table_rows(table_spec(tmp_path))
    found = {(line["row"], line["protocol"]): (line["p"], line["p_holm"]) for line in rows if line["p"]}
    assert found == {("conv1", "random10"): ("0.02", "0.040000"), ("svm_compare", "random10"): ("0.04", "0.040000")}
    spec = table_spec(tmp_path)
    spec["rows"] = [row for row in spec["rows"] if row["id"] != "conv1"]  # alone in its family
    assert cell(table_rows(spec), "svm_compare", "wa", "random10")["p_holm"] == "0.040000"
    pairs.loc[pairs["system"] == "acnn_1conv", "p"] = 0.03
    pairs.to_csv(tmp_path / "scores/random10/pairs.csv", index=False)
    assert cell(table_rows(table_spec(tmp_path)), "conv1", "wa", "random10")["p_holm"] == "0.060000"


@pytest.mark.parametrize(("speakers", "said"), [("5", True), ("6", False)])
@pytest.mark.parametrize(("split", "folds"), [("session_parts", "2"), ("random5", "5"), ("speaker", "10")])
def test_how_small_a_p_can_be_goes_by_the_speakers_tested_and_by_nothing_else(world, split, folds, speakers, said):
    change = {"speakers": speakers, "split": split, "folds": folds}
    rows = [line | change if line["protocol"] == "random10" else line for line in table_rows(table_spec(world))]
    expected = "Random10 + validation: 5 test speakers, so that no p can be below 0.062."
    assert (expected in table_caption(table_spec(world), rows)) is said


def test_of_one_seed_the_caption_says_that_nothing_is_called_significant(world):
    spec = table_spec(world)
    rows = [line | {"test_seeds": "1"} for line in table_rows(spec)]
    caption = table_caption(spec, rows)
    assert caption.endswith("A difference of networks of one seed is not called significant.")
    assert "differs from" not in caption and "No tested difference" not in caption
    cells = [cell for row in table_layout(spec, rows)["rows"] for line in row["lines"] for cell in line["cells"]]
    assert not any(cell["stars"] for cell in cells)


def test_a_reported_number_under_the_interval_reads_above(world):
    spec = table_spec(world, comparable=True)
    spec["rows"][0]["reported"]["wa"] = 56.2
    assert cell(table_rows(spec), "acnn", "wa", "as_published")["verdict"] == "above"


def test_only_the_protocol_of_the_reported_number_has_a_difference_and_a_verdict(world):
    # The reported 60 lies above every interval under random10 too, but is no number of that protocol.
    rows = table_rows(table_spec(world, comparable=True))
    told = {line["protocol"] for line in rows if line["difference"] or line["verdict"]}
    assert told == {"as_published"}
    layout = table_layout(table_spec(world, comparable=True), rows)
    cells = layout["rows"][0]["lines"][0]["cells"]
    assert [cell["difference"] for cell in cells] == ["−13.7", "", "", ""]
    assert [cell["verdict"] for cell in cells] == ["below", "", "", ""]


def test_best_of_each_is_the_papers_protocol_too_but_has_no_interval_for_a_verdict(world):
    spec = table_spec(world, comparable=True)
    spec["protocols"] = [PROTOCOLS[1] | {"name": "as_published_best"}]
    for row in spec["rows"]:
        row["scores"] = {"as_published_best": str(world / "scores/random5")}
    line = cell(table_rows(spec), "acnn", "wa", "as_published_best")
    assert (line["difference"], line["verdict"]) == ("-12.68", "")


def test_the_paired_test_is_taken_from_the_same_rule(world):
    rows = table_rows(table_spec(world))
    line = cell(rows, "conv1", "wa", "random10")
    assert (line["against"], line["p"], line["p_utterances"]) == ("acnn", "0.02", "0.01")
    assert cell(rows, "conv1", "ua", "random10")["p"] == ""


def test_no_star_where_the_epoch_is_chosen_on_the_test_part(world):
    spec = table_spec(world)
    rows = table_rows(spec)
    line = cell(rows, "conv1", "wa", "as_published")
    assert (line["against"], line["p"], line["p_utterances"]) == ("acnn", "", "")
    by_name = {row["name"]: row for row in table_layout(spec, rows)["rows"]}
    cells = by_name["1 convolutional layer"]["lines"][0]["cells"][:3]
    assert [cell["stars"] for cell in cells] == ["", "", "**"]


def test_only_the_p_over_speakers_gives_a_star(world):
    spec = table_spec(world)
    rows = [line | {"p": line["p"] and "0.06"} for line in table_rows(spec)]
    layout = table_layout(spec, rows)
    assert not any(cell["stars"] for row in layout["rows"] for line in row["lines"] for cell in line["cells"])


def test_equal_footnotes_share_a_mark(world):
    spec = table_spec(world)
    layout = table_layout(spec, table_rows(spec))
    assert layout["footnotes"] == [
        "not run: the demo runs strict for acnn only",
        "not in the paper: added for comparison",
    ]
    by_name = {row["name"]: row for row in layout["rows"]}
    assert [item["mark"] for item in by_name["1 convolutional layer"]["lines"][0]["cells"]] == [0, 0, 0, 1]
    assert by_name["SVM on ComParE functionals"]["marks"] == [2]
    assert by_name["Li et al. 2018"]["lines"][0]["reported"] == "71.75"


def test_a_printed_cell_is_rounded_to_one_decimal(world):
    spec = table_spec(world)
    first = table_layout(spec, table_rows(spec))["rows"][0]["lines"][0]
    printed = [(cell["text"], cell["seeds"], cell["spread"]) for cell in first["cells"][:2]]
    assert printed == [("62.5", "±0.8", "[56.2–68.8]"), ("63.5", "", "± 2.0")]


def test_the_caption_says_from_how_many_runs_and_utterances_and_what_a_star_is_against(world):
    spec = table_spec(world)
    assert table_caption(spec, table_rows(spec)) == (
        "2 folds × 2 seeds. Utterances tested: 108 as published, best of each, random10 + validation and strict. "
        "**: differs from ACNN, head fusion (this paper)."
    )


def test_the_papers_yaml_may_end_the_caption_with_a_note(world):
    spec = table_spec(world)
    plain = table_caption(spec, table_rows(spec))
    assert table_caption(spec | {"note": "Mind the context."}, table_rows(spec)) == f"{plain} Mind the context."


def test_no_caption_explains_a_star_that_is_not_printed(world):
    spec = table_spec(world)
    rows = [row | {"p": row["p"] and "0.2"} for row in table_rows(spec)]
    assert table_caption(spec, rows).endswith(
        "No tested difference from ACNN, head fusion (this paper) is significant."
    )


def test_where_one_row_tests_other_utterances_it_is_named_and_where_several_do_the_range_is_given(world):
    spec = table_spec(world)
    rows = [row | {"utterances": "90"} if row["row"] == "conv1" else row for row in table_rows(spec)]
    assert "108 (1 convolutional layer: 90) as published" in table_caption(spec, rows)
    rows = [row | {"utterances": "95"} if row["row"] == "svm_compare" else row for row in rows]
    assert "Utterances tested: 90–108 as published" in table_caption(spec, rows)


def test_a_system_of_several_rows_is_called_by_what_their_names_have_in_common(world):
    spec = table_spec(world)
    first, *others = spec["rows"]
    spec["rows"] = [first | {"name": f"ACNN, {part}", "id": part} for part in ("improvised", "full")] + others
    assert "**: differs from ACNN on the same data." in table_caption(spec, table_rows(spec))


def test_a_reference_that_the_table_does_not_show_is_called_as_elsewhere(world):
    spec = table_spec(world)
    spec |= {"rows": [row for row in spec["rows"] if row["system"] != "acnn"], "reference_name": "ACNN of Table 1"}
    assert "from ACNN of Table 1 on the same data" in table_caption(spec, table_rows(spec))


def test_the_command_writes_all_columns_in_order(world, tmp_path):
    path = tmp_path / "xu2020/table2.csv"
    table.main(["--spec", json.dumps(table_spec(world) | {"asked": {}}), "--output", str(path)])
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert read_table(path) == table_rows(table_spec(world))


def test_the_table_command_loads_nothing_heavy():
    code = "import sys, serflow.cli.table; print({'matplotlib', 'pandas', 'numpy'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": "src"})
    assert result.stdout.strip() == "set()"


def test_the_gain_over_the_row_without_a_component_is_that_of_the_paired_test(world):
    rows = table_rows(with_components(world))
    line = cell(rows, "conv1", "wa", "random10")
    keys = ("ablated", "gain", "gain_low", "gain_high", "gain_p", "gain_p_sessions", "gain_seeds", "gain_sd_seeds")
    assert [line[key] for key in keys] == ["acnn", "-10.00", "-20.00", "-1.00", "0.02", "0.0625", "2", "1.40"]
    assert line["gain_by_seed"] == "-11.00 -9.00"
    assert all(line["gain"] == "" for line in rows if line["row"] != "conv1")
    assert cell(rows, "conv1", "wa", "as_published")["gain_p"] == ""  # the epoch is chosen on the test part


def test_gains_stand_beneath_the_table_beside_the_reported_ones(world):
    spec = with_components(world)
    rows = table_rows(spec)
    (line,) = table_layout(spec, rows)["ablation"]
    assert (line["name"], line["beside"], line["reported"]) == (
        "1 convolutional layer", "ACNN, head fusion (this paper)", "−12.2",
    )  # fmt: skip
    by_protocol = dict(zip([protocol["name"] for protocol in PROTOCOLS], line["cells"], strict=True))
    assert by_protocol["random10"] == {
        "text": "−10.0", "seeds": "±1.4", "spread": "[−20.0, −1.0]",
        "stars": "**", "dagger": False, "mark": 0, "sign": "",
    }  # fmt: skip
    assert by_protocol["strict"]["text"] == ""  # not run
    assert table_layout(table_spec(world), table_rows(table_spec(world)))["ablation"] == []


def test_a_table_without_a_number_of_this_run_quotes_what_was_reported_and_says_why(world):
    spec = quoted_spec(world)
    laid_out = table_layout(spec, table_rows(spec))
    assert "rows" not in laid_out
    assert [row["values"] for row in laid_out["quoted"]["rows"]] == [
        ["76.18", "60"], ["71.75", "68.06"], ["62.11", ""], ["63.94", "60.14"], ["", ""],
    ]  # fmt: skip
    assert laid_out["caption"] == "Reported numbers alone, of IEMOCAP. Not made: needs the corpus rid."


def test_a_table_of_which_nothing_is_reported_nor_made_is_its_reason_alone(world):
    spec = table_spec(world)
    spec["rows"] = [row | {"reported": None, "scores": {}, "missing": {item["name"]: "not made: no text"
                    for item in PROTOCOLS}} for row in spec["rows"] if row["system"]]  # fmt: skip
    laid_out = table_layout(spec, table_rows(spec))
    assert laid_out["quoted"]["rows"] == []
    assert laid_out["caption"] == "Not made: no text."


def test_a_table_of_quoted_rows_alone_has_a_caption(world):
    spec = table_spec(world)
    spec["rows"] = [row for row in spec["rows"] if not row["system"]]
    assert table_layout(spec, table_rows(spec))["caption"] == "Reported numbers alone, of IEMOCAP."


def test_a_reported_number_says_of_which_corpus_it_is(world):
    spec = table_spec(world)
    rows = table_rows(spec)
    assert {row["reported_on"] for row in rows if row["reported"]} == {"IEMOCAP"}
    assert {row["reported_on"] for row in rows if not row["reported"]} == {""}
    assert table_layout(spec, rows)["published_on"] == "IEMOCAP"


def test_a_recall_is_of_the_class_as_the_corpus_calls_it(world):
    spec = table_spec(world) | {"class_names": {"excited": "happy"}}
    rows = [row | {"column": "recall_excited"} for row in table_rows(spec) if row["column"] == "ua"]
    metrics = {line["metric"] for row in table_layout(spec, rows)["rows"] for line in row["lines"]}
    assert metrics == {"recall happy"}


@pytest.mark.parametrize(("classes", "told"), [(1, True), (100, False)])
def test_where_the_majority_class_is_below_chance_it_is_said_why(world, classes, told):
    spec = table_spec(world) | {"guessing": ["acnn"], "classes": classes}
    caption = table_layout(spec, table_rows(spec))["caption"]
    chance = f"a UA below chance ({100 / classes:.1f}) is of the pooling"
    assert (chance in caption) == told
