"""What the report asks for: every cell has scores or a reason, and every file that it names is made."""

import pytest

from helpers.declared import PAPERS, copy_of_workflow, emodb, iemocap, make_report, rewrite
from serflow.errors import UserError
from serflow.plan.figures import runs_drawn
from serflow.plan.scoring import scores_folders

NO_SCRIPTED = "Berlin EmoDB has no scripted part (`missing_styles.scripted` in workflow/corpora/emodb.yaml)"

CONFIGURATIONS = {
    "demo": {},
    "demo_strict": {"protocols": ["strict"]},
    "demo_no_sweeps": {"sweeps": False},
    "iemocap": iemocap(),
    "iemocap_demo_preset": iemocap(preset="demo", folds=1),
    "emodb": emodb(),
    "emodb_paper": emodb(preset="paper", protocols=["as_published", "strict"]),
}


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def report(request):
    return make_report(papers=PAPERS, **CONFIGURATIONS[request.param])


def tables(report, kind="scores"):
    found = [report.table(paper, item) for paper in report.workflow.papers for item in report.tables(paper)]
    return [table for table in found if table.get("kind", "scores") == kind]


def test_every_row_has_scores_or_a_reason_in_every_column(report):
    for table in tables(report):
        columns = [column["name"] for column in table["protocols"]]
        assert columns
        for row in table["rows"]:
            if row["system"] is None:
                assert (row["scores"], row["missing"]) == ({}, {})
                assert row["reported"]
                continue
            assert list(row["scores"]) == columns
            for column in columns:
                assert (row["scores"][column] is None) == bool(row["missing"].get(column)), (row["id"], column)


def test_every_row_of_a_teacher_has_scores_of_a_trained_one_or_a_reason(report):
    (table,) = tables(report, "asr")
    paper = table["id"].split("/")[0]
    teachers = {(entry["run"]["system"], entry["run"]["experiment"]) for entry in report.scoring.teachers(paper)}
    for row in table["rows"]:
        assert (row["scores"]["as_published"] is None) == bool(row["missing"].get("as_published"))
        assert (row["system"], row["experiment"]) in teachers


def test_every_score_that_a_row_names_is_of_runs_that_are_made(report):
    for table in tables(report):
        paper = table["id"].split("/")[0]
        for row in table["rows"]:
            for column in table["protocols"]:
                if row["scores"].get(column["name"]):
                    key = (paper, row["experiment"], row["system"], column["split"])
                    assert key in report.plan.required
                    assert row["scores"][column["name"]] == report.scoring.folder(
                        paper, row["experiment"], column["split"]
                    )
                    assert row["system"] in report.scoring.systems(paper, row["experiment"], column["split"])


def test_every_figure_names_scores_of_runs_that_are_made(report):
    made = {report.scoring.folder(*key[:2], key[3]) for key in report.plan.required}
    for paper in report.workflow.papers:
        for item in report.figures(paper):
            spec = report.figure(paper, item)
            assert set(scores_folders(spec)) <= made
            for panel in spec.get("panels", []):
                assert bool(panel["scores"]) != bool(panel.get("missing"))
            for point in spec.get("points", []):
                assert point["system"] in report.plan.systems[paper].named | report.plan.systems[paper].sweep_points
            if "attention" in spec:
                assert runs_drawn(report.scoring, paper, item)[0] in report.plan.runs


def test_a_scoring_job_reads_exactly_its_runs(report):
    total = 0
    for paper, experiment, split in {(key[0], key[1], key[3]) for key in report.plan.required}:
        runs = report.scoring.runs(paper, experiment, split)
        scored = report.scoring.systems(paper, experiment, split)
        assert {run.system for run in runs} == set(scored)
        assert len(runs) == sum(len(entry["folds"]) * len(entry["seeds"]) for entry in scored.values())
        total += len(runs)
    assert total == len(report.plan.runs)


def test_a_table_of_components_pairs_each_row_with_the_one_before_and_asks_for_the_test():
    report = make_report(papers=["li2019ijcai"])
    rows = {row["id"]: row["ablated"] for row in report.table("li2019ijcai", "table2")["rows"]}
    assert {key: value and value["id"] for key, value in rows.items()} == {
        "baseline": None, "baseline_table1": None, "s1": "baseline", "s2": "s1", "s3": "s2", "s3_80ms": None,
        "s3_40ms": None, "s3_original": None, "svm_compare": None, "majority": None,
    }  # fmt: skip
    for experiment in ("acoustic", "acoustic_lexical"):
        pairs = report.scoring.pairs("li2019ijcai", experiment, "random10")
        first = pairs.index(["s1", "poria2017"])
        assert pairs[first : first + 3] == [["s1", "poria2017"], ["s2", "s1"], ["rlc", "s2"]]
    strict = report.scoring.pairs(
        "li2019ijcai", "acoustic", "speaker"
    )  # the demo runs one system under strict, and yardsticks
    assert not any({"s1", "s2"} & set(pair) for pair in strict)


def test_every_system_is_tested_once_against_the_papers_first_one_and_the_yardstick():
    report = make_report(papers=["huang2016"])
    pairs = [tuple(pair) for pair in report.scoring.pairs("huang2016", "full", "speaker")]
    scored = set(report.scoring.systems("huang2016", "full", "speaker"))
    assert len(pairs) == len(set(pairs))
    for reference in ("baseline", "svm_compare"):
        assert {system for system, other in pairs if other == reference} == scored - {reference}
    assert ("greedy_att_eq9", "att_eq9") in pairs


def test_the_document_lists_every_table_and_figure(report):
    document = report.document("0")
    assert [paper["key"] for paper in document["papers"]] == list(report.workflow.papers)
    for paper in document["papers"]:
        assert [table["spec"]["id"] for table in paper["tables"]] == [
            f"{paper['key']}/{item}" for item in report.tables(paper["key"])
        ]
        assert [figure["id"] for figure in paper["figures"]] == [
            f"{paper['key']}/{item}" for item in report.figures(paper["key"])
        ]


def test_columns_are_the_protocols_and_the_papers_best_of_each():
    columns = make_report(papers=["xu2020"]).table("xu2020", "table2")["protocols"]
    assert [(c["name"], c["split"], c["select"]) for c in columns] == [
        ("as_published", "random5", "best_test"),
        ("as_published_best", "random5", "best_test_each"),
        ("random10", "random10", "best_validation"),
        ("strict", "speaker", "best_validation"),
    ]


def test_a_table_that_names_protocols_has_those_columns_and_the_others_do_not():
    report = make_report(papers=["huang2016"])
    marker, table1 = (report.table("huang2016", item) for item in ("table_marker", "table1"))
    assert [column["split"] for column in marker["protocols"]] == [
        "speaker", "marker", "speaker_one_out", "marker_one_out",
    ]  # fmt: skip
    assert [column["name"] for column in table1["protocols"]] == ["as_published", "random10", "strict"]
    listed = [column["label"] for column in report.document("0")["protocols"]]
    assert listed == ["as published (huang2016), strict", "random10", "marker (huang2016)",
                      "speaker one out (huang2016)", "marker one out (huang2016)"]  # fmt: skip


def test_a_papers_own_protocols_run_where_as_published_does_and_where_wearers_are_known():
    systems = {"papers": ["huang2016"], "preset": "paper"}
    splits = [
        {split for *_, split in make_report(**systems | change).plan.required}
        for change in (iemocap(), iemocap(protocols=["strict"]), emodb(preset="paper"))
    ]
    assert splits[0] == {"speaker", "random10", "marker", "speaker_one_out", "marker_one_out"}
    assert splits[1] == {"speaker"}
    assert splits[2] == {"speaker", "random10"}, "nothing is trained that has nothing to be held against"
    row = make_report(**systems | emodb(preset="paper")).table("huang2016", "table_marker")["rows"][0]
    unknown = "Berlin EmoDB does not say who wore markers (`wearers` in workflow/corpora/emodb.yaml)"
    assert row["missing"] == {
        "marker": unknown,
        "marker_one_out": unknown,
        "speaker_one_out": f"not run, for want of what to hold it against: {unknown}",
    }


@pytest.mark.parametrize(
    ("change", "comparable"),
    [({}, False), (iemocap(), True), (iemocap(preset="demo"), False), (emodb(preset="paper"), False)],
)
def test_only_real_iemocap_under_the_paper_preset_is_compared_with_the_paper(change, comparable):
    assert make_report(papers=["xu2020"], **change).table("xu2020", "table2")["comparable"] is comparable


def test_sweep_figures_hold_every_point_of_their_sweep_once():
    report = make_report(papers=["xu2020"], **iemocap())
    points = report.figure("xu2020", "fig5")["points"]
    assert sorted((p["panel"], p["x"]) for p in points) == [(s, h) for s in (32, 64, 128) for h in range(1, 9)]
    assert next(p["system"] for p in points if (p["panel"], p["x"]) == (64, 4)) == "acnn"
    points = report.figure("xu2020", "fig6")["points"]
    assert sorted((p["panel"], p["x"]) for p in points) == [(h, 2**i) for h in (2, 4, 8) for i in range(3, 9)]


def test_what_is_not_made_is_said():
    report = make_report(papers=["xu2020"], sweeps=False)
    assert not {"fig5", "fig6"} & set(report.figures("xu2020"))
    notes = report.document("0")["papers"][0]["notes"]
    assert "Fig. 5, accuracy against the number of heads: not made (`sweeps` in config.yaml is false)." in notes


def test_a_budget_is_said():
    notes = make_report(papers=["xu2020"], **emodb()).document("0")["papers"][0]["notes"]
    said = "its epochs share 1,200 optimiser steps, and the learning rate is constant for 85 % of them, then times 0.1."
    assert any(note.endswith(said) for note in notes)
    assert f"{NO_SCRIPTED}." in notes


def test_of_teachers_views_nothing_is_said_where_there_are_no_teachers(tmp_path):
    def change(content):
        content["experiments"]["spoken"]["style"] = "scripted"

    rewrite(copy_of_workflow(tmp_path), change, "zhao2021")
    report = make_report(root=tmp_path, papers=["zhao2021"], **emodb())
    assert report.plan.experiment("zhao2021", "spoken")[1] == NO_SCRIPTED
    notes = report.document("0")["papers"][0]["notes"]
    assert f"{NO_SCRIPTED}." not in notes
    assert any(note.startswith("Berlin EmoDB has no improvised part") for note in notes)


def test_expected_counts_are_summed_over_the_labels_of_a_class():
    checks = make_report(papers=["xu2020"]).release_check_spec()["checks"]
    expected = {check["name"]: check["expected"] for check in checks}
    assert expected["xu2020, improvised"] == {"angry": 289, "sad": 608, "excited": 663, "neutral": 1099}
    assert expected["xu2020, full"] == {"angry": 1103, "sad": 1084, "excited": 1041, "neutral": 1708}


def test_classes_that_several_papers_count_are_checked_once_and_name_them_all():
    report = make_report(papers=["li2019icassp", "huang2016", "li2019ijcai"])
    names = [check["name"] for check in report.release_check_spec()["checks"]]
    assert names == ["li2019icassp, acoustic; li2019ijcai, acoustic", "huang2016, full"]


@pytest.mark.parametrize(
    ("change", "shown"),
    [({}, True), (iemocap(), False), (iemocap(private=True), True), (emodb(), True)],
)
def test_words_of_a_licensed_corpus_are_shown_in_private_alone(change, shown):
    assert make_report(papers=["xu2020"], **change).figure("xu2020", "attention_sad")["show_text"] is shown


def test_an_item_that_no_paper_has_is_named_with_its_nearest():
    report = make_report(papers=["xu2020"])
    with pytest.raises(UserError, match="xu2020.yaml: tables: 'table9' is not declared; did you mean 'table"):
        report.table("xu2020", "table9")
    with pytest.raises(UserError, match="figures: 'table2' is not declared"):
        report.figure("xu2020", "table2")


def test_the_validation_part_is_scored_only_for_a_paper_with_a_column_of_it(tmp_path):
    rewrite(copy_of_workflow(tmp_path), lambda content: content["tables"]["table2"]["columns"].append("ua_development"))
    report = make_report(root=tmp_path, papers=["xu2020", "huang2016"])
    assert [report.scoring.shows_development(paper) for paper in ("xu2020", "huang2016")] == [True, False]


def test_a_z_test_pairs_every_system_of_its_table_with_the_one_that_it_is_against(tmp_path):
    declared = {"against": "majority"}
    rewrite(
        copy_of_workflow(tmp_path), lambda content: content["tables"]["table1"].update(z_test=declared), "huang2016"
    )
    report = make_report(root=tmp_path, papers=["huang2016"])
    assert report.table("huang2016", "table1")["z_test"] == declared
    pairs = [tuple(pair) for pair in report.scoring.pairs("huang2016", "full", "random10")]
    assert len(pairs) == len(set(pairs))
    assert [system for system, other in pairs if other == "majority"] == [
        "baseline",
        "greedy_dropout_att_mlp_eq9",
        "svm_compare",
    ]
