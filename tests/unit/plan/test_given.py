"""Given predictions in the plan: they stand in the tables of their paper and nowhere else, and are tested like ours."""

import json

import pytest

from helpers.declared import emodb, make_inputs, make_report, wildcards
from helpers.given import record_given as give
from serflow.errors import UserError
from serflow.files import write_json
from serflow.plan.given import NOTE


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def row_of(report, table, name="mine"):
    rows = [row for row in report.table("xu2020", table)["rows"] if row["system"] == name]
    assert len(rows) <= 1
    return rows[0] if rows else None


def test_without_any_a_plan_is_what_it_was():
    report = make_report()
    assert report.scoring.given.places == {} and not any(
        row.get("given") for row in report.table("xu2020", "table2")["rows"]
    )
    assert make_inputs(report).scored_given(wildcards("xu2020", experiment="improvised", split="speaker")) == []


def test_it_stands_below_the_systems_of_every_table_of_its_experiment():
    give()
    report = make_report()
    row = row_of(report, "table2")
    ids = [row["id"] for row in report.table("xu2020", "table2")["rows"]]
    assert ids.index("given_mine") == ids.index("majority") + 1 and ids[-1] == "neumann2017"
    assert (row["name"], row["note"], row["reported"]) == ("My system (given)", NOTE, None)
    assert row["scores"]["strict"] == "results/demo/demo/xu2020/improvised/scores/speaker"
    assert row["missing"] == dict.fromkeys(
        ("as_published", "as_published_best", "random10"), "not given: no predictions for this protocol"
    )
    assert row_of(report, "table4") and row_of(report, "table_groups")
    assert row_of(report, "table_calibration") is None, "that table has no strict"
    assert all(row["system"] != "mine" for row in report.table("huang2016", "table1")["rows"])


def test_of_another_experiment_it_stands_where_that_is_shown_and_says_which():
    give(experiment="scripted")
    report = make_report()
    assert row_of(report, "table2") is None
    assert row_of(report, "table3")["name"] == "My system (given), scripted"


def test_it_is_scored_with_the_systems_and_tested_against_what_they_are():
    given = give(seeded=False)
    report, place = make_report(), ("xu2020", "improvised", "speaker")
    at = wildcards("xu2020", experiment="improvised", split="speaker")
    inputs = make_inputs(report)
    assert inputs.scored_given(at) == [str(given.record)]
    assert inputs.given_predictions(at) == [str(given.table)]
    assert [pair for pair in report.scoring.pairs(*place) if "mine" in pair] == [
        ["mine", "acnn"],
        ["mine", "svm_compare"],
    ]
    told = json.loads(inputs.of_given(at))["mine"]
    assert told["folds"] == [1, 2] and told["seeded"] is False, "the preset's folds"
    assert told["segment"] == {"features": "mfcc13", "seconds": 2.0}, "as of the paper's first system"
    assert "mine" in report.scoring.unseeded("xu2020", "improvised")
    assert inputs.scored_given(wildcards("xu2020", experiment="improvised", split="random5")) == []


def test_classes_alone_are_told_to_what_compares_protocols():
    give(probabilities=False)
    give(split="random10")
    assert make_report().scoring.classes_only("xu2020", "improvised") == ["mine"]


def test_folds_that_are_lacking_leave_the_cells_empty_with_the_reason():
    give(folds=[1])
    report = make_report()
    assert row_of(report, "table2")["missing"]["strict"] == "not given: fold 2 of the 2 that this configuration scores"
    assert report.scoring.given_together("xu2020", "improvised", "speaker") == {}


def test_the_page_of_findings_has_it_with_both_protocols():
    give()
    give(split="random5")
    (paper, *_) = make_report().findings_spec()["papers"]
    rows = {row["system"]: row for row in paper["experiments"][0]["rows"]}
    assert rows["mine"]["given"] and not rows["acnn"]["given"]
    assert set(rows["mine"]["scores"]) == {"as_published", "random10", "strict"}
    assert rows["mine"]["scores"]["as_published"].endswith("random5")
    assert rows["mine"]["missing"] == {"random10": "not given: no predictions for this protocol"}


def test_a_system_of_the_paper_that_has_its_name_now_is_told():
    give(name="conv1")
    with pytest.raises(UserError, match=r"xu2020 has a system of its own called 'conv1'.*serflow score --remove conv1"):
        make_report().table("xu2020", "table2")


def test_what_is_given_of_another_corpus_or_for_a_paper_that_is_not_asked_for_is_left_alone():
    give(corpus="emodb")
    give(name="conv1", paper="huang2016")
    assert make_report(papers=["xu2020"]).scoring.given.places == {}
    assert row_of(make_report(**emodb()), "table2") is None, "its experiment is another one there"


def test_a_record_that_was_moved_or_mangled_is_told():
    given = give()
    content = given.model_dump()
    write_json(given.record, content | {"split": "random10"})
    with pytest.raises(UserError, match="move it back"):
        make_report().table("xu2020", "table2")
    write_json(given.record, content | {"folds": "all"})
    with pytest.raises(UserError, match="folds: .*expected a list"):
        make_report().table("xu2020", "table2")


def test_other_folds_on_disk_are_told():
    give()
    report = make_report()
    assert report.scoring.given.faults() == []
    write_json("data/demo/xu2020/improvised/splits/speaker.json", {"digest": "1" * 64})
    (fault,) = report.scoring.given.faults()
    assert "speaker.parquet has changed since mine.csv was given" in fault and "serflow score --remove mine" in fault
    write_json("data/demo/xu2020/improvised/splits/speaker.json", {"digest": "0" * 64})
    assert report.scoring.given.faults() == []
