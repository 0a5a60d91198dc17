"""The one reader of what rule `score_runs` wrote."""

import math

import pytest

from serflow.errors import UserError
from serflow.reporting.scores import read_lines, read_numbers, read_pair, read_score, scored_selections

HEAD = (
    "system,select,metric,pooled,mean,sd,folds,seeds,utterances,"
    "low_speakers,high_speakers,low_utterances,high_utterances\n"
)
UA = "acnn,last,ua,0.5,0.51,0.02,2,1,44,0.25,0.75,0.4,0.6\n"
BRIER = "acnn,last,brier,0.7,0.7,0.01,2,1,44,,,0.6,0.8\n"
LAST = {"system": "acnn", "select": "last"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "scores.csv").write_text(HEAD + UA + BRIER)
    return tmp_path


def test_a_line_is_found_by_system_rule_and_metric(folder):
    assert read_score(folder, **LAST, metric="ua")["pooled"] == "0.5"
    assert read_score(folder, **LAST, metric="wa") is None
    assert scored_selections(folder) == {"last"}


def test_shares_are_drawn_in_per_cent_and_what_is_no_share_as_it_is(folder):
    share, other = (read_numbers(folder, **LAST, metric=metric) for metric in ("ua", "brier"))
    assert (share["value"], share["low"], share["high"], share["utterances"]) == (50, 25, 75, 44)
    assert other["value"] == 0.7 and math.isnan(other["low"])


def test_a_file_that_is_written_again_is_read_again(folder):
    read_score(folder, **LAST, metric="ua")
    (folder / "scores.csv").write_text(HEAD + UA.replace("0.5,", "0.625,", 1))
    assert read_score(folder, **LAST, metric="ua")["pooled"] == "0.625"


def test_without_pairs_there_is_no_test_and_without_scores_an_error(folder):
    assert read_pair(folder, **LAST, against="svm", metric="ua") is None
    with pytest.raises(UserError, match=r"runs\.csv: this file is missing; run snakemake --cores all"):
        read_lines(folder / "runs.csv", **LAST)
    with pytest.raises(
        UserError, match=r"scores\.csv: no line for system svm, select last; delete .* and run snakemake"
    ):
        read_lines(folder / "scores.csv", system="svm", select="last")
