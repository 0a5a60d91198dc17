"""Folds that cannot be had: an empty cell with its reason, and everything else as it was."""

from types import SimpleNamespace

import pytest

from helpers.declared import emodb, make_inputs, make_plan, make_report, wildcards
from serflow.files import write_json
from serflow.paths import ViewPaths
from serflow.plan.unavailable import protocols_file

REASON = "this view has 3 speakers: too few"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refuse(plan, experiment, split, *, paper="xu2020", **changed):
    """Leave the fingerprint of folds that could not be made."""
    spec = {"name": split, **plan.workflow.splits[split], **changed}
    corpus = plan.workflow.config["corpus"]
    write_json(ViewPaths(corpus, paper, experiment).split(split), {"split": spec, "unavailable": REASON})


def configured(**change):
    return emodb(papers=["xu2020", "huang2016"], sweeps=False) | change


def test_systems_are_not_run_on_folds_that_cannot_be_had():
    refuse(make_plan(**configured()), "full", "speaker")
    plan = make_plan(**configured())
    assert plan.skip_reason("xu2020", "acnn", "strict", "full") == f"not run: {REASON}"
    assert not [item for item in plan.required if item.paper == "xu2020" and item.split == "speaker"]
    assert [item for item in plan.required if item.paper == "xu2020" and item.split == "random10"]
    assert [item for item in plan.required if item.paper == "huang2016" and item.split == "speaker"]


def test_folds_without_their_networks_cannot_be_had_either():
    refuse(make_plan(**configured()), "full", "session_out")
    assert make_plan(**configured()).no_folds("xu2020", "full", "speaker") == f"not run: {REASON}"


def test_the_folds_that_are_asked_for_stay_the_same():
    before = make_plan(**configured())
    refuse(before, "full", "speaker")
    after = make_plan(**configured())
    assert after.folds == before.folds
    assert ("xu2020", "full", "session_out") in after.folds


def test_what_was_found_of_another_split_is_not_believed():
    refuse(make_plan(**configured()), "full", "speaker", folds=48)
    assert make_plan(**configured()).unavailable == {}


def test_a_table_has_an_empty_column_with_the_reason():
    report = make_report(**configured())
    refuse(report.plan, "full", "speaker")
    report.learn()
    row = next(row for row in report.table("xu2020", "table2")["rows"] if row["system"] == "acnn")
    assert row["scores"]["strict"] is None
    assert row["missing"]["strict"] == f"not run: {REASON}"
    assert row["scores"]["random10"]


def test_the_page_of_findings_has_the_reason():
    report = make_report(**configured())
    refuse(report.plan, "full", "speaker")
    report.learn()
    paper = report.findings_spec()["papers"][0]
    rows = [row for experiment in paper["experiments"] for row in experiment["rows"]]
    assert {row["missing"].get("strict") for row in rows if row["system"] == "acnn"} == {f"not run: {REASON}"}


def test_what_is_learnt_on_the_way_changes_what_follows():
    report = make_report(**configured())
    inputs = make_inputs(report)
    table = wildcards("xu2020", item="table2")
    before = inputs.table_files(table)
    assert any("/speaker/" in file for file in before)
    refuse(report.plan, "full", "speaker")
    assert inputs.protocols(table) == ["data/emodb/xu2020/protocols.json"]
    assert inputs.table_files(table) == [file for file in before if "/speaker/" not in file]


def test_a_figure_whose_folds_cannot_be_had_is_not_drawn():
    report = make_report(**configured(protocols=["strict"]))
    figures = report.figures("xu2020")
    refuse(report.plan, "full", "speaker")
    inputs = make_inputs(report)
    inputs.protocols(wildcards("xu2020"))
    gone = [item for item in figures if item not in report.figures("xu2020")]
    assert gone
    for item in gone:
        assert inputs.figure_files(wildcards("xu2020", item=item)) == []
        assert inputs.figure_spec(wildcards("xu2020", item=item)) == "{}"
        assert inputs.weights(wildcards("xu2020", item=item)) == "last"


def test_the_rule_waits_for_all_folds_of_the_paper():
    report = make_report(**configured())
    asked = make_inputs(report).paper_splits(wildcards("xu2020"))
    assert "data/emodb/xu2020/full/splits/session_out.json" in asked
    assert all("/xu2020/" in file for file in asked)
    assert protocols_file("emodb", "xu2020") == "data/emodb/xu2020/protocols.json"


def test_a_job_of_no_paper_waits_for_all_of_them():
    inputs = make_inputs(make_report(**configured()))
    assert inputs.protocols(SimpleNamespace()) == [
        "data/emodb/xu2020/protocols.json",
        "data/emodb/huang2016/protocols.json",
    ]


def test_all_folds_are_known_when_each_is_made_or_refused():
    plan = make_plan(**configured(papers=["xu2020"]))
    assert not plan.folds_made
    for _, experiment, split in plan.folds:
        refuse(plan, experiment, split)
    assert plan.folds_made
