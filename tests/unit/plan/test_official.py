"""The corpus's own folds as a protocol: a column of the tables, or an empty one with the reason."""

import pytest
import yaml

from helpers.declared import copy_of_workflow, make_plan
from serflow.files import write_json
from serflow.plan.report import Report
from serflow.plan.unavailable import protocols_file

PARTS = {"train": "train", "dev": "validation", "test": "test"}
PARTITION = {"by": "part", "folds": 1, "validation": "given", "parts": PARTS}
PROTOCOLS = ["as_published", "strict", "official"]


@pytest.fixture
def report(tmp_path, monkeypatch):
    root = copy_of_workflow(tmp_path)
    monkeypatch.chdir(tmp_path)

    def make(division=None, **change):
        own = {"extends": "manifest", "title": "Mine"} | ({"division": division} if division else {})
        (root / "workflow/corpora/mine.yaml").write_text(yaml.safe_dump(own))
        change = {"papers": ["xu2020"], "protocols": PROTOCOLS, "sweeps": False, "folds": "all"} | change
        return Report(make_plan(root=root, corpus="mine", release="some/folder", **change))

    return make


def columns(report, item="table2"):
    return {column["name"]: column for column in report.table("xu2020", item)["protocols"]}


def test_what_runs_under_strict_runs_on_the_corpus_s_folds(report):
    made = report(PARTITION)
    own, strict = (
        {item.system for item in made.plan.required if item.split == name} for name in ("official", "speaker")
    )
    assert own == strict == {"acnn", "svm_compare", "majority"}
    assert {run.fold for run in made.plan.runs if run.split == "official"} == {1}
    assert made.workflow.splits["official"] == {"kind": "given", "folds": 1, "validation": "given"}


def test_as_many_folds_as_the_corpus_says(report):
    made = report({"by": "fold", "folds": 7, "validation": "next_fold"})
    assert list(made.plan.folds_of("xu2020", "official")) == list(range(1, 8))


def test_its_column_is_called_as_the_corpus_says(report):
    assert columns(report(PARTITION))["official"]["label"] == "official"
    assert columns(report(PARTITION | {"name": "test set 1"}))["official"]["label"] == "test set 1"
    assert columns(report(PARTITION | {"name": "test set 1"}))["strict"]["label"] == "strict"


def test_only_as_published_stands_beside_reported_numbers(report):
    made = report(PARTITION)
    acnn = next(row for row in made.table("xu2020", "table2")["rows"] if row["id"] == "acnn")
    assert acnn["scores"]["official"].endswith("/scores/official")
    assert made.table("xu2020", "table2")["comparable"] is False


def test_the_first_page_says_what_it_is(report):
    texts = {row["label"]: row["split_text"] for row in report(PARTITION).document("1")["protocols"]}
    assert texts["official"] == "1 fold; as the corpus's own table gives them"


def test_a_corpus_that_gives_none_has_an_empty_column_with_the_reason(report):
    made = report()
    assert not [item for item in made.plan.wanted if item.split == "official"]
    acnn = next(row for row in made.table("xu2020", "table2")["rows"] if row["id"] == "acnn")
    assert acnn["scores"]["official"] is None
    assert acnn["missing"]["official"] == ("Mine gives no folds of its own (`division` in workflow/corpora/mine.yaml)")
    assert acnn["scores"]["strict"]


def test_speakers_in_two_parts_are_said_below_the_table(report):
    shared = {"full/official": {"1": 2, "2": 3}}
    write_json(protocols_file("mine", "xu2020"), {"unavailable": {}, "short": {}, "shared": shared})
    assert report(PARTITION).table("xu2020", "table2")["limits"] == [
        "Under official, by the corpus's own division, up to 3 test speakers of a fold train or validate too."
    ]


def test_folds_that_are_left_out_are_said(report):
    made = report({"by": "fold", "folds": 7, "validation": "next_fold"}, folds=2)
    said = made.table("xu2020", "table2")["limits"]
    assert said[1].startswith("Under official, the first 2 of 7 folds are run, so that not all utterances are tested; ")
