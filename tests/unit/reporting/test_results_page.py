import json

import pytest

from serflow.errors import UserError
from serflow.reporting.results_page import results_page
from serflow.reporting.rows import COLUMNS, write_table

SPLITS = {"as_published": "random5", "best": "random5", "strict": "speaker", "random10": "random10"}


def line(system, protocol, metric, reproduced, p="", experiment="full", **other):
    given = {
        "item": f"x/table2/{system}/{metric}", "row": system, "name": system, "column": metric, "system": system,
        "experiment": experiment, "protocol": protocol, "split": SPLITS[protocol], "select": "best_validation",
        "reproduced": reproduced, "statistic": "pooled", "low": "40.00", "high": "60.00",
        "folds": "10", "seeds": "3", "utterances": "339", "p": p,
        "against": "svm_compare" if system != "svm_compare" else "",
    }  # fmt: skip
    return dict.fromkeys(COLUMNS, "") | given | other


ROWS = [
    line("acnn", "as_published", "ua", "70.00"), line("acnn", "strict", "ua", "61.50", p="0.010000"),
    line("svm_compare", "as_published", "ua", "90.00"), line("svm_compare", "strict", "ua", "85.00"),
]  # fmt: skip


def write(folder, rows, name="table2"):
    write_table(rows, folder / f"reports/emodb-paper/x/{name}.csv")


@pytest.fixture
def report(tmp_path):
    write(tmp_path, ROWS)
    (tmp_path / "papers").mkdir()
    for paper in ("x", "y"):
        presets = {"paper": {"text": "as stated"}, "eighth": {"text": "an eighth"}}
        (tmp_path / f"papers/{paper}.yaml").write_text(json.dumps({"presets": presets, "tables": {}}))
    return tmp_path


def record(folder, experiment="full", system="acnn", fold=1, seconds=1800, training=None, **counts):
    """Write the record of a run of 50 epochs."""
    folder = folder / f"results/emodb/paper/x/{experiment}/{system}/random5/fold{fold}/seed1"
    folder.mkdir(parents=True)
    content = {"counts": counts, "epochs": 50, "seconds": seconds, "versions": {"torch": "2", "python": "3"}}
    content |= {"run": {"experiment": experiment, "system": system}, "training": training}
    (folder / "run.json").write_text(json.dumps(content))


def page(folder, *names):
    folders = [folder / "reports" / name for name in names or ["emodb-paper"]]
    return results_page(folders, results=folder / "results", papers=folder / "papers", command="snakemake this")


def test_the_page_says_what_the_protocols_differ_by_with_both_intervals(report):
    text = page(report)
    assert "- `acnn` +8.5: 70.0 [40.0, 60.0] as published, 61.5 [40.0, 60.0] strict\n- `svm_compare` +5.0: 90.0" in text
    assert "The two use different folds and no paired test of them is made" in text
    assert "snakemake this" in text


def test_utterances_of_a_whole_segment_have_a_table_and_an_order_of_their_own(report):
    rows = []
    for system, all_tested, whole, reported in (("acnn", "70.00", "73.00", "76.36"), ("conv1", "60.00", "74.00", "60")):
        rows += [line(system, "as_published", "ua", all_tested)]
        rows += [line(system, "as_published", "ua_whole", whole, reported=reported)]
    write(report, rows)
    text = page(report)
    first, second = text.split("Over the test utterances that hold a whole segment:")
    assert "| system | as published UA | runs |" in first
    assert "| `acnn` | 70.0 [40.0, 60.0] |" in first
    assert "| system | as published UA, whole segment | runs |" in second
    assert "| `acnn` | 73.0 [40.0, 60.0] |" in second
    assert "of the pairs of systems that the paper's UA, whole segment puts apart" in second
    assert "0 of 1 as published" in second


def test_the_page_says_where_the_yardstick_stands(report):
    text = page(report)
    assert "The yardstick `svm_compare` stands at UA 85.0 under strict. Of 1 systems, those above it: none." in text
    tested = "paired permutation of speakers, not corrected for several tests"
    assert f"Of 1 tested, those that differ from it at p < 0.05 ({tested}): `acnn`." in text


def test_the_yardstick_is_the_one_that_the_lines_are_tested_against(report):
    rows = [row | {"against": row["against"] and "acnn2"} for row in ROWS]
    write(report, [*rows, line("acnn2", "strict", "ua", "60.00", against="")])
    text = page(report)
    assert "The yardstick `acnn2` stands at UA 60.0 under strict. Of 2 systems, those above it: `acnn`, " in text


def test_a_system_of_two_experiments_stands_twice_with_its_own_yardstick(report):
    rows = [line("acnn", "strict", "ua", "33.00", experiment="improvised")]
    rows += [line("svm_compare", "strict", "ua", "30.00", experiment="improvised")]
    write(report, rows, "table3")
    text = page(report)
    assert "| `acnn` (full) | 70.0 [40.0, 60.0] | 61.5 [40.0, 60.0] |" in text
    assert "| `acnn` (improvised) | not run | 33.0 [40.0, 60.0] |" in text
    assert (
        "The yardstick `svm_compare` (full) stands at UA 85.0 under strict. Of 1 systems, those above it: none" in text
    )
    assert (
        "The yardstick `svm_compare` (improvised) stands at UA 30.0 under strict. Of 1 systems, those above it: `a"
        in text
    )


def test_a_mean_of_one_run_stands_without_a_deviation(report):
    best = {"statistic": "mean", "low": "", "high": ""}
    write(report, [line("acnn", "best", "wa", "62.50", **best), line("acnn", "best", "ua", "60.00", sd="2.00", **best)])
    assert "| `acnn` | 62.5 | 60.0 ± 2.0 |" in page(report)


def test_a_number_stands_with_its_interval_and_a_missing_one_is_said(report):
    text = page(report)
    assert "| `acnn` | 70.0 [40.0, 60.0] | 61.5 [40.0, 60.0] |" in text


def test_the_steps_come_from_the_run_records(report):
    record(report, training={"steps": 900, "steps_at_initial_rate": 720})
    expected = "1 runs, 0.5 hours of training processes; torch 2, Python 3. Networks: 900 optimiser steps a run.\n"
    assert expected in page(report)


def test_runs_that_no_table_shows_are_not_counted(report):
    record(report)
    record(report, system="acnn_old")
    record(report, experiment="improvised")
    assert "1 runs, 0.5 hours" in page(report)


def test_the_share_of_the_training_utterances_that_gave_segments_is_said(report):
    record(report, train_utterances=200, train_utterances_used=154)
    record(report, fold=2, train_utterances=200, train_utterances_used=158)
    record(report, system="svm_compare", train_utterances=200, train_utterances_used=200)
    expected = "give no training segment: 77.0 to 79.0 % of the training utterances were used in 2 of the runs, all in"
    assert expected in page(report)


def test_nothing_is_said_of_short_recordings_where_all_were_used(report):
    record(report, train_utterances=200, train_utterances_used=200)
    assert "Recordings shorter" not in page(report)


def test_an_empty_report_is_an_error_that_names_the_folder(tmp_path):
    with pytest.raises(UserError, match="emodb-paper: no tables here"):
        page(tmp_path)


def test_reports_of_several_presets_are_chapters_of_one_page(report):
    write_table(ROWS, report / "reports/emodb-eighth/y/table1.csv")
    text = page(report, "emodb-paper", "emodb-eighth")
    assert text.startswith("# Results on emodb\n")
    assert text.index("## x, preset paper") < text.index("## y, preset eighth")
    assert "## y, preset eighth\n\nPreset eighth: an eighth.\n" in text


def test_reports_of_several_corpora_are_refused(report):
    write_table(ROWS, report / "reports/demo-paper/x/table1.csv")
    with pytest.raises(UserError, match="emodb, demo: expected those of one corpus"):
        page(report, "emodb-paper", "demo-paper")


LADDER = [
    line("plain", "strict", "ua", "50.00", reported="60.3", name="Baseline: CNN"),
    line("res", "strict", "ua", "54.00", reported="61.8", name="S1: residual", ablated="plain", gain="4.00",
         gain_low="-1.00", gain_high="9.00", gain_p="0.125000"),
    line("dil", "strict", "ua", "53.00", reported="63.1", name="S2: dilated", ablated="res", gain="-1.00"),
    line("svm_compare", "strict", "ua", "85.00"),
]  # fmt: skip


def test_what_each_component_is_worth_stands_beside_what_the_paper_has(report):
    write(report, LADDER, "table9")
    text = page(report)
    first = '- S1: residual, over "Baseline: CNN": +4.0 ([-1.0, +9.0], p = 0.12) strict, +1.5 in the paper\n'
    assert first + '- S2: dilated, over "S1: residual": -1.0 strict, +1.3 in the paper\n' in text
    assert text.count("What each component adds") == 1


def test_how_many_pairs_stand_in_the_papers_order_is_counted(report):
    write(report, LADDER, "table9")
    assert "Order in `table9`: of the pairs of systems that the paper's UA puts apart, so many stand" in page(report)
    assert "as it has them: 2 of 3 strict." in page(report)
    assert "Order in `table2`" not in page(report)  # nothing is reported there


def test_a_metric_that_other_tables_show_is_a_dash_not_a_run_left_out(report):
    write(report, [line("acnn", "strict", "ua_unshared", "40.00")], "table_text")
    text = page(report)
    assert "| `acnn` | 70.0 [40.0, 60.0] | – | 61.5 [40.0, 60.0] | 40.0 [40.0, 60.0] |" in text
    assert "| `svm_compare` | 90.0 [40.0, 60.0] | – | 85.0 [40.0, 60.0] | – |" in text


def test_systems_are_put_in_order_within_an_experiment(report):
    rows = [line(name, "strict", "ua", made, reported=said, experiment=experiment)
            for experiment, name, said, made in (("full", "a", "70", "50"), ("full", "b", "60", "60"),
                                                 ("part", "a", "10", "90"), ("part", "b", "5", "80"))]  # fmt: skip
    write(report, rows, "table9")
    assert "as it has them: 1 of 2 strict." in page(report)


@pytest.mark.parametrize(("speakers", "said"), [("5", True), ("6", False)])
def test_too_few_test_speakers_for_any_significance_are_said(report, speakers, said):
    write(report, [row | {"speakers": speakers} for row in ROWS])
    assert ("As published and strict: 5 test speakers, so that no p can be below 0.062." in page(report)) is said


def test_a_paper_that_is_strict_as_published_has_one_column_and_no_fall(tmp_path, report):
    same = [dict(row, split="speaker") for row in ROWS]
    for row in same:
        row["reproduced"] = {"acnn": "61.50", "svm_compare": "85.00"}[row["system"]]
    write(report, same)
    text = page(report)
    assert "| system | as published, strict UA | runs |" in text
    assert "as published minus UA strict" not in text
    assert "The yardstick `svm_compare` stands at UA 85.0 under strict." in text


def test_what_teachers_recognise_stands_in_a_table_of_its_own_and_counts_in_none(report):
    other = {"as_published": line("tcn_self", "as_published", "per", "41.00")}
    count = dict.fromkeys(COLUMNS, "") | {"item": "x/table1/session1/sad", "column": "sad", "reproduced": "104"}
    write(report, list(other.values()), "table_teachers")
    write(report, [count], "table1")
    declared = {"table_teachers": {"kind": "asr"}, "table1": {"kind": "counts"}}
    content = json.loads((report / "papers/x.yaml").read_text()) | {"tables": declared}
    (report / "papers/x.yaml").write_text(json.dumps(content))
    first, second = page(report).split("Error rates of the teachers:")
    assert "tcn_self" not in first and "PER" not in first and "104" not in first + second
    assert "| system | as published PER | runs |" in second
    assert "| `tcn_self` | 41.0 [40.0, 60.0] |" in second


def test_what_a_teacher_makes_fewer_errors_by_is_said_of_every_rate(report):
    rows = [line("wrong", "as_published", "per", "90.00", name="Wrong transcripts")]
    rows.append(
        line("tcn", "as_published", "per", "80.00", name="TCN", ablated="wrong", gain="-10.00", gain_p="0.0625")
    )
    write(report, rows, "table_teachers")
    content = json.loads((report / "papers/x.yaml").read_text())
    content["tables"] = {"table_teachers": {"kind": "asr"}}
    (report / "papers/x.yaml").write_text(json.dumps(content))
    text = page(report)
    assert "How far each row lies from the row named beside it (PER, points" in text
    assert '- TCN, minus "Wrong transcripts": -10.0 (p = 0.062) as published\n' in text


FITTED = [
    line("acnn", "as_published", "ua", "70.00", ua_train="91.25", undertrained="no"),
    line("acnn", "strict", "ua", "61.50", p="0.010000", ua_train="40.04", undertrained="yes"),
    line("svm_compare", "as_published", "ua", "90.00", ua_train="100.00"),
    line("svm_compare", "strict", "ua", "85.00", ua_train="100.00"),
]


def test_training_ua_stands_beside_test_ua_with_the_steps(report):
    write(report, FITTED)
    record(report, training={"steps": 1500, "steps_at_initial_rate": 1200})
    record(report, fold=2, training={"steps": 1500, "steps_at_initial_rate": 1199})
    record(report, system="svm_compare")
    text = page(report)
    head = "as published: UA in training / in test | strict: UA in training / in test | optimiser steps"
    assert f"| system | {head} | at the initial rate |" in text
    assert "| `acnn` | 91.2 / 70.0 | 40.0§ / 61.5 | 1,500 | 1,199 to 1,200 |" in text
    assert "| `svm_compare` | 100.0 / 90.0 | 100.0 / 85.0 | – | – |" in text


def test_an_undertrained_system_has_its_mark_and_takes_no_part_in_what_compares(report):
    write(report, FITTED)
    text = page(report)
    assert "| `acnn` | 70.0 [40.0, 60.0] | 61.5§ [40.0, 60.0] |" in text
    assert "- `acnn` +8.5§: 70.0 [40.0, 60.0] as published, 61.5§ [40.0, 60.0] strict" in text
    assert text.count("§: undertrained, that is, after its last epoch") == 1
    assert "Of 0 systems that are not undertrained, those above it: none. Of 0 tested" in text
    write(report, ROWS)
    assert "§" not in page(report)
    assert "undertrained" not in page(report)


@pytest.mark.parametrize("beside", ["undertrained", "ablated_undertrained"])
def test_a_gain_of_an_undertrained_row_or_over_one_has_the_mark_in_place_of_its_test(report, beside):
    write(report, [row | {beside: "yes"} if row["system"] == "res" else row for row in LADDER], "table9")
    first = '- S1: residual, over "Baseline: CNN": +4.0§ strict, +1.5 in the paper\n'
    assert first + '- S2: dilated, over "S1: residual": -1.0 strict, +1.3 in the paper\n' in page(report)


def test_undertrained_systems_are_in_no_order(report):
    write(report, [row | {"undertrained": "yes"} if row["system"] == "res" else row for row in LADDER], "table9")
    assert "as it has them: 1 of 1 strict; undertrained ones are left out." in page(report)
