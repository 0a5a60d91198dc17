"""What rules make of a plan: each file once, and what of it is missing without being made because of what follows."""

from pathlib import Path

import pytest

from helpers.declared import make_inputs, make_report
from serflow.plan.made import Job, Made

SCORES = "results/demo/demo/xu2020/improvised/scores/random5/scores.csv"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def made():
    return Made(make_inputs(make_report(papers=["xu2020", "zhao2021"])))


def make(made, but=()):
    """Let all files be there, but some."""
    for file in {file for job in made.jobs() for file in job.files} - set(but):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch()


def test_a_file_is_one_jobs(made):
    files = [file for job in made.jobs() for file in job.files]
    assert len(files) == len(set(files))


def test_a_corpus_that_is_predicted_has_files_of_its_own():
    crossed = Made(make_inputs(make_report(papers=["xu2020"], protocols=["strict", "cross:demo"], corpus="emodb",
                                           release="some/folder")))  # fmt: skip
    rules = {job.rule for job in crossed.of_other_corpora()}
    assert {"demo_release", "cross_manifest", "cross_features", "cross_predictions", "score_cross"} <= rules


def test_nothing_is_missing_of_what_is_all_there_or_not_there_at_all(made):
    assert made.missing() == []
    make(made)
    assert made.missing() == []


def test_nothing_is_missing_behind_which_nothing_is_there(made):
    last = [*made.preparing()][-1]
    make(made, but=[file for job in [*made.jobs()][[*made.jobs()].index(last) + 1 :] for file in job.files])
    assert made.missing() == []


def test_what_was_made_of_a_missing_file_does_not_hide_it(made):
    gone = ["data/demo/manifest.parquet", "reports/demo-demo/xu2020/table3.csv", SCORES]
    make(made, but=gone)
    assert sorted(made.missing()) == sorted(gone)


def test_of_a_job_without_a_file_one_is_asked_for(made):
    (job,) = [job for job in made.jobs() if SCORES in job.files]
    make(made, but=job.files)
    assert made.missing() == [SCORES]


def test_a_job_tells_which_of_its_files_are_missing():
    Path("a").touch()
    assert Job("rule", ("a", "b")).missing() == ["b"]
