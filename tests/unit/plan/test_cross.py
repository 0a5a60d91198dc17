"""Protocols cross:<corpus>: what is predicted of the other corpus, by whom, and what is refused."""

import json
from types import SimpleNamespace

import pytest

from helpers.declared import emodb, make_plan, make_report
from helpers.given import record_given
from serflow.errors import UserError
from serflow.files import write_json
from serflow.forecast.jobs import planned_jobs
from serflow.paths import ViewPaths
from serflow.plan.cross import shared_classes
from serflow.plan.cross_inputs import CrossInputs

PROTOCOLS = ["as_published", "strict", "cross:emodb"]
EMODB = {"protocols": PROTOCOLS, "releases": {"emodb": "some/folder"}}


@pytest.fixture(scope="module")
def report():
    return make_report(**EMODB)


def refused(**change):
    with pytest.raises(UserError) as error:
        make_plan(**change)
    return str(error.value)


def test_a_corpus_that_is_misspelt_is_told_with_its_nearest():
    said = refused(protocols=["strict", "cross:emodn"])
    assert "cross:emodn" in said and "'emodb'" in said


def test_the_corpus_that_is_trained_on_is_no_other_corpus():
    assert "name another one" in refused(protocols=["strict", "cross:demo"])


def test_strict_must_be_configured_whose_networks_predict():
    assert "list strict, too" in refused(protocols=["as_published", "cross:emodb"], releases={"emodb": "x"})


def test_the_other_release_must_be_named_but_that_of_a_generated_corpus():
    assert "releases: {emodb: /path/to/the/release}" in refused(protocols=PROTOCOLS)
    plan = make_plan(**emodb(protocols=["strict", "cross:demo"]))
    assert plan.workflow.others["demo"].release.as_posix() == "data/demo/release"


def test_a_release_of_a_corpus_that_nothing_predicts_is_no_silent_typo():
    assert "releases: 'emodb'" in refused(protocols=["strict"], releases={"emodb": "x"})


def test_protocols_of_other_corpora_are_no_columns_and_train_nothing(report):
    assert list(report.workflow.protocols_of("xu2020")) == ["as_published", "strict"]
    assert report.plan.trainings == make_plan(protocols=["as_published", "strict"]).trainings


def test_the_view_follows_what_the_other_corpus_says_of_styles_and_labels(report):
    view = report.cross.view("xu2020", "improvised", "emodb")
    assert view.spec["style"] == "any"
    assert list(view.spec["classes"]) == ["angry", "sad", "excited", "neutral"]
    assert view.notes == (
        "Berlin EmoDB has no improvised part: all its recordings stand in",
        "Berlin EmoDB has no label 'excited': 'happy' stands in",
    )
    assert "no scripted part" in report.cross.view("xu2020", "scripted", "emodb").reason


def test_systems_that_read_text_are_left_out_where_the_other_corpus_has_none():
    report = make_report(**EMODB | {"preset": "paper"})
    rows = report.table("li2019ijcai", "table_cross_emodb")["rows"]
    reading = [row for row in rows if row["missing"]]
    views = report.workflow.papers["li2019ijcai"]["experiments"]
    assert reading and all("no transcripts" in row["missing"]["cross:emodb"] for row in reading)
    assert {row["declared"] for row in reading} == {
        row["declared"] for row in rows if views[row["declared"]].get("inputs", "acoustic") != "acoustic"
    }


def test_classes_are_those_that_have_a_label_of_their_own_or_one_that_stands_in():
    corpus = {"labels": {"W": "angry", "F": "happy", "T": "sad"}, "missing_labels": {"excited": "happy"}}
    classes = {"angry": ["angry"], "joy": ["happy", "excited"], "neutral": ["neutral"]}
    assert shared_classes(classes, corpus) == (
        {"angry": ["angry"], "joy": ["happy", "excited"]},
        {"excited": "happy"},
    )


def test_a_label_that_is_a_class_s_own_stands_in_for_no_other():
    corpus = {"labels": {"F": "happy", "T": "sad"}, "missing_labels": {"excited": "happy"}}
    classes = {"happy": ["happy"], "excited": ["excited"], "sad": ["sad"]}
    assert shared_classes(classes, corpus) == ({"happy": ["happy"], "sad": ["sad"]}, {})


def test_every_network_of_strict_predicts_by_seed_and_fold(report):
    view = report.cross.view("xu2020", "improvised", "emodb")
    runs = report.cross.networks(view, "acnn")
    assert [(run.split, run.seed, run.fold) for run in runs] == [("speaker", 1, 1), ("speaker", 1, 2)]


def test_networks_whose_weights_are_not_kept_do_not_predict():
    report = make_report(**EMODB | {"seeds": [1, 2], "keep_weights": "first_seed"})
    view = report.cross.view("xu2020", "improvised", "emodb")
    assert {run.seed for run in report.cross.networks(view, "conv1")} == {1}
    assert report.table("xu2020", "table_cross_emodb")["first_seed"]


def test_a_paper_has_a_table_of_each_other_corpus_of_what_strict_runs(report):
    assert report.tables("xu2020")[-1] == "table_cross_emodb"
    spec = report.table("xu2020", "table_cross_emodb")
    assert spec["title"] == "Trained on Stand-in for IEMOCAP, tested on Berlin EmoDB"
    assert [protocol["name"] for protocol in spec["protocols"]] == ["strict", "cross:emodb"]
    assert {row["system"] for row in spec["rows"]} == {"acnn", "svm_compare", "majority"}
    assert len({row["id"] for row in spec["rows"]}) == len(spec["rows"])


def test_inputs_are_of_the_other_corpus_and_networks_of_the_one_that_is_trained_on(report):
    inputs = CrossInputs(report, ancient=lambda path: f"ancient {path}")
    place = {"paper": "xu2020", "experiment": "improvised", "other": "emodb", "declared": "improvised"}
    job = SimpleNamespace(**place, system="acnn")
    check = json.loads(inputs.release_check(job))
    assert check["manifest"] == "data/emodb/manifest.parquet" and check["corpus"]["title"] == "Berlin EmoDB"
    assert check["compared"] and check["published"] == report.workflow.others["emodb"].declared["reference_counts"]
    assert report.other_checks == {"Berlin EmoDB": "reports/demo-demo/release_check_emodb.json"}
    assert inputs.features(job) == "data/emodb/cross/demo/xu2020/improvised/features/mfcc13.json"
    assert inputs.store(job) == "ancient data/emodb/features/mfcc13/store.json"
    assert inputs.trained(job) == ["results/demo/demo/xu2020/improvised/acnn/session_out/fold1/runs.json"]
    assert json.loads(inputs.job(job))["networks"][0]["training"]["split"] == "session_out"
    folder = "results/demo/demo/xu2020/improvised/cross/emodb/improvised"
    assert f"{folder}/predictions/acnn.json" in inputs.predictions(job)


def test_the_plan_counts_what_predicts_another_corpus():
    jobs = planned_jobs(make_report(**EMODB | {"papers": ["xu2020"]}))
    found = {rule: number for rule, number in jobs.items() if "cross" in rule}
    # acnn, the SVM and the majority class on the improvised and the full part; the scripted one is not there
    assert found == {
        "cross_view": 2, "cross_features": 2, "cross_fingerprint": 4, "cross_transcripts": 0, "cross_predictions": 6,
        "score_cross": 2,
    }  # fmt: skip
    assert "cross_view" not in planned_jobs(make_report(papers=["xu2020"]))


def test_where_strict_has_no_folds_both_cells_are_empty_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    change = EMODB | {"papers": ["xu2020"]}
    split = make_plan(**change).workflow.splits["speaker"]
    path = ViewPaths("demo", "xu2020", "improvised").split("speaker")
    write_json(path, {"split": {"name": "speaker", **split}, "unavailable": "too few speakers"})
    report = make_report(**change)
    rows = report.table("xu2020", "table_cross_emodb")["rows"]
    (row,) = [row for row in rows if row["id"] == "improvised_acnn"]
    assert row["scores"] == {"strict": None, "cross:emodb": None}
    assert set(row["missing"].values()) == {"not run: too few speakers"}
    assert "improvised" not in {view.declared for view in report.cross.views("xu2020", "emodb")}
    (other,) = [row for row in rows if row["id"] == "full_acnn"]
    assert all(other["scores"].values())


def test_what_was_given_for_strict_is_no_row_and_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert make_report(**EMODB).table("xu2020", "table_cross_emodb")["given"] == []
    record_given()
    spec = make_report(**EMODB).table("xu2020", "table_cross_emodb")
    assert spec["given"] == ["My system"]
    assert "mine" not in {row["system"] for row in spec["rows"]}
