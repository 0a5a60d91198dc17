"""What a table says of its numbers: folds that were not run, utterances that no training uses."""

import pytest

from helpers.declared import emodb, make_plan, make_report
from serflow.files import write_json
from serflow.plan.limits import limits, pieces
from serflow.plan.unavailable import protocols_file
from serflow.reporting.captions import table_caption

FEW = "the first 2 of 10 folds are run, so that not all speakers are tested; `folds: all` in config.yaml runs all."


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def said(**change):
    report = make_report(**emodb(papers=["xu2020"], **change))
    return report.table("xu2020", "table2")["limits"]


def test_fewer_than_all_folds_by_speaker_are_said_and_none_by_utterance():
    assert said(folds=None) == [f"Under strict, {FEW}"]


def test_all_folds_are_run_where_the_configuration_says_all():
    assert said(folds="all") == []
    plan = make_plan(**emodb(papers=["xu2020"], folds="all"))
    assert list(plan.folds_of("xu2020", "speaker")) == list(range(1, 11))


def test_all_is_the_papers_own_number_of_folds_and_the_preset_s_is_less():
    assert list(make_plan(**emodb(folds=None)).folds_of("xu2020", "speaker")) == [1, 2]
    assert list(make_plan(**emodb(folds=3)).folds_of("xu2020", "speaker")) == [1, 2, 3]


def test_short_utterances_are_counted_by_the_pieces_of_the_paper_s_systems():
    plan = make_plan(**emodb(papers=["xu2020"], folds="all"))
    assert pieces(plan, "xu2020") == {"full": [2.0]}
    write_json(protocols_file("emodb", "xu2020"), {"unavailable": {}, "short": {"full": {"2": [1063, 1276]}}})
    assert limits(plan, "xu2020", "full", []) == [
        "1,063 of 1,276 utterances are shorter than a piece of 2 s: systems that are trained on such pieces learn "
        "nothing from them."
    ]
    assert limits(plan, "xu2020", None, []) == []


def test_the_caption_says_it_where_there_are_numbers(tmp_path):
    spec = {"protocols": [], "limits": ["Only two."], "contrasts": [], "rows": []}
    assert "Only two." not in table_caption(spec, [])


def test_protocols_that_are_cut_alike_are_named_in_one_sentence():
    limits_of_table = make_report(papers=["huang2016"]).table("huang2016", "table_marker")["limits"]
    assert limits_of_table == [f"Under as published, marker, speaker one out and marker one out, {FEW}"]
