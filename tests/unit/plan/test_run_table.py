"""The run table, against counts made by hand from config.yaml and the paper's YAML."""

from collections import Counter

import pytest

from helpers.declared import CONFIG, copy_of_workflow, emodb, iemocap, make_plan, make_report, rewrite
from serflow.errors import UserError

XU = {"papers": ["xu2020"]}
NAMED = ["acnn", "acnn_original", "conv1", "conv2", "conv3", "no_attention", "one_head", "other_axis"]
NAMED += ["svm_compare", "majority"]
THREE = ["acnn", "svm_compare", "majority"]
NO_SCRIPTED = "Berlin EmoDB has no scripted part (`missing_styles.scripted` in workflow/corpora/emodb.yaml)"


def by_split(plan):
    return Counter(run.split for run in plan.runs)


def test_the_demo_has_80_runs():
    plan = make_plan(**XU)
    # as published, one seed, two folds:
    #   improvised, the 10 named systems of Tables II and IV; scripted and full, the 3 of Table III: 10 + 3 + 3 = 16
    #   sweeps: heads 3 x 2 = 6 cells, sizes 3 x 2 = 6, of which 2 x 2 are heads' too: 8, of which 2 are named: 6
    # random10, strict: 3 systems in 3 experiments
    assert by_split(plan) == {"random5": 2 * (16 + 6), "random10": 2 * 9, "speaker": 2 * 9}
    assert len(plan.runs) == 80


def test_the_paper_preset_has_2175_runs():
    plan = make_plan(**XU | iemocap())
    # seeded: 8 improvised + ACNN scripted and full = 10, five seeds each; SVM and majority in 3 experiments = 6, one
    # cells: 8 x 3 + 6 x 3 less 3 x 3 in both = 33, less 2 named = 31
    assert by_split(plan) == {
        "random5": 5 * (10 * 5 + 6) + 5 * 5 * 31,
        "random10": 10 * (10 * 5 + 6),
        "speaker": 10 * (10 * 5 + 6),
    }
    assert len(plan.runs) == 280 + 775 + 560 + 560


def test_without_sweeps_only_named_systems_run():
    plan = make_plan(**XU | {"sweeps": False})
    assert by_split(plan) == {"random5": 32, "random10": 18, "speaker": 18}
    assert {run.system for run in plan.runs} == set(NAMED)


def test_the_demo_runs_three_systems_under_the_other_protocols():
    plan = make_plan(**XU)
    assert {run.system for run in plan.runs if run.split == "speaker"} == set(THREE)
    reason = plan.skip_reason("xu2020", "conv1", "strict")
    assert reason == "not run: `presets.demo.runs.strict` in workflow/papers/xu2020.yaml does not list it"
    assert plan.skip_reason("xu2020", "acnn", "strict") is None


def test_every_run_stands_once_and_in_order():
    runs = make_plan(**XU).runs
    assert len(set(runs)) == len(runs)
    assert runs == sorted(runs)


def test_a_run_has_a_folder_of_its_own():
    plan = make_plan(**XU)
    assert len({run.folder for run in plan.runs}) == len(plan.runs)
    assert plan.runs_of("xu2020", "full", "acnn", "random10")[1].folder == (
        "results/demo/demo/xu2020/full/acnn/random10/fold2/seed1"
    )


def test_the_configuration_decides_seeds_and_folds():
    plan = make_plan(**XU | {"seeds": [3, 5], "folds": 1})
    assert {(run.fold, run.seed) for run in plan.runs if run.system == "acnn"} == {(1, 3), (1, 5)}
    assert {(run.fold, run.seed) for run in plan.runs if run.system == "majority"} == {(1, 3)}


def test_more_folds_than_a_split_has_are_all_of_it():
    plan = make_plan(**XU | {"folds": 99})
    assert {run.split: run.fold for run in plan.runs} == {"random5": 5, "random10": 10, "speaker": 10}


def test_a_protocol_that_is_not_configured_does_not_run():
    plan = make_plan(**XU | {"protocols": ["strict"]})
    assert by_split(plan) == {"speaker": 18}
    reason = plan.skip_reason("xu2020", "acnn", "as_published")
    assert reason == "not run: `protocols` in config.yaml does not list as_published"


def test_a_copied_paper_grows_the_run_table_by_exactly_its_runs(tmp_path):
    root = copy_of_workflow(tmp_path)
    rewrite(root, lambda content: None, new="copy2020")
    before, after = (make_plan(root=root, papers=papers).runs for papers in (["xu2020"], ["xu2020", "copy2020"]))
    assert set(before) < set(after)
    added = set(after) - set(before)
    assert len(added) == len(before)
    assert {run.paper for run in added} == {"copy2020"}
    assert {run.key["system"] for run in added} == {run.system for run in before}


def test_another_system_adds_its_runs_alone(tmp_path):
    root = copy_of_workflow(tmp_path)

    def change(content):
        content["systems"]["two_heads_wide"] = {"parameters": {"model": {"n_head": 2, "n_size": 48}}}
        content["tables"]["table4"]["rows"].append({"id": "wide", "name": "Wide", "system": "two_heads_wide"})

    before = make_plan(root=root, **XU).runs
    rewrite(root, change)
    added = set(make_plan(root=root, **XU).runs) - set(before)
    assert {(run.system, run.experiment, run.split, run.fold) for run in added} == {
        ("two_heads_wide", "improvised", "random5", fold) for fold in (1, 2)
    }


def test_emodb_serves_the_improvised_part_by_the_whole_and_says_so():
    plan = make_plan(**XU | emodb())
    made, note = plan.experiment("xu2020", "improvised")
    assert made == "full"
    assert note == "Berlin EmoDB has no improvised part: all its recordings stand in"
    assert plan.experiment("xu2020", "full") == ("full", None)


def test_emodb_has_no_scripted_part_and_says_so():
    assert make_plan(**XU | emodb()).experiment("xu2020", "scripted") == (
        None,
        NO_SCRIPTED,
    )


def test_emodb_lets_happy_stand_in_for_excited_and_says_so():
    plan = make_plan(**XU | emodb())
    assert plan.stand_ins("xu2020", "full") == ["Berlin EmoDB has no label 'excited': 'happy' stands in"]
    assert make_plan(**XU).stand_ins("xu2020", "full") == []


def test_emodb_has_44_runs_all_of_them_on_the_whole():
    plan = make_plan(**XU | emodb())
    # improvised and full fall together: 10 named + 6 cells as published, 3 systems under each of the others
    assert by_split(plan) == {"random5": 2 * (10 + 6), "random10": 2 * 3, "speaker": 2 * 3}
    assert {run.experiment for run in plan.runs} == {"full"}


def test_a_row_of_emodb_carries_reason_or_note():
    rows = {row["id"]: row for row in make_report(**XU | emodb()).table("xu2020", "table3")["rows"]}
    assert set(rows["acnn_scripted"]["missing"].values()) == {NO_SCRIPTED}
    assert set(rows["acnn_scripted"]["scores"].values()) == {None}
    assert rows["acnn_improvised"]["experiment"] == "full"
    assert rows["acnn_improvised"]["note"] == (
        "Berlin EmoDB has no improvised part: all its recordings stand in; "
        "Berlin EmoDB has no label 'excited': 'happy' stands in"
    )
    assert rows["acnn_full"]["note"] == "Berlin EmoDB has no label 'excited': 'happy' stands in"


def test_a_corpus_with_both_parts_has_no_note():
    rows = make_report(**XU).table("xu2020", "table3")["rows"]
    assert {row["note"] for row in rows} == {None}


def misspelt_row(content):
    content["tables"]["table4"]["rows"][0]["system"] = "conv11"


def misspelt_experiment(content):
    content["tables"]["table3"]["rows"][1]["experiment"] = "scriptd"


def misspelt_split(content):
    content["as_published"]["split"] = "random6"


def misspelt_named(content):
    content["presets"]["demo"]["runs"]["strict"] = ["acn"]


def misspelt_grid(content):
    content["figures"]["fig5"]["sweep"] = "head"


@pytest.mark.parametrize("change", [misspelt_row, misspelt_experiment, misspelt_split, misspelt_named, misspelt_grid])
def test_a_misspelt_reference_within_a_paper_is_an_error_of_the_user(tmp_path, change):
    root = copy_of_workflow(tmp_path)
    rewrite(root, change)
    with pytest.raises(UserError, match="xu2020.yaml"):
        report = make_report(root=root, **XU)
        assert report.plan.runs
        report.figure("xu2020", "fig5")


def test_the_committed_configuration_is_the_demo():
    assert (CONFIG["corpus"], CONFIG["preset"], CONFIG["release"]) == ("demo", "demo", None)
