"""Scores say what they were made from, and nothing is shown of those of another configuration, run or fold table."""

import pytest

from serflow.errors import UserError
from serflow.files import digest, write_json
from serflow.provenance.made_from import check_made_from, write_made_from

ASKED = {"systems": {"acnn": {"digest_spec": "a", "seeds": [1, 2]}}, "pairs": []}


@pytest.fixture
def scores(tmp_path, monkeypatch):
    """Scores that were made from a fold table and a run."""
    monkeypatch.chdir(tmp_path)
    for file in ("split.json", "run.json"):
        write_json(tmp_path / file, {"digest": f"of {file}"})
    (tmp_path / "scores").mkdir()
    write_made_from(tmp_path / "scores", ASKED, ["split.json", "run.json"])
    return tmp_path / "scores"


def test_scores_of_what_is_asked_and_there_are_taken(scores):
    check_made_from({"scores": digest(ASKED)})


@pytest.mark.parametrize("change", [{"pairs": [["a", "b"]]}, {"systems": {"acnn": {"digest_spec": "b", "seeds": [1]}}}])
def test_scores_of_other_settings_are_refused(scores, change):
    with pytest.raises(UserError, match="^scores: scores of other settings .*; delete scores and run snakemake"):
        check_made_from({"scores": digest(ASKED | change)})


@pytest.mark.parametrize("file", ["split.json", "run.json"])
def test_scores_of_another_run_or_fold_table_are_refused(scores, file):
    write_json(scores.parent / file, {"digest": "another"})
    with pytest.raises(UserError, match=f"^scores: made from another {file} than is there; delete scores and run"):
        check_made_from({"scores": digest(ASKED)})


def test_scores_that_do_not_say_it_are_refused(scores):
    (scores / "made_from.json").unlink()
    with pytest.raises(UserError, match=r"scores/made_from\.json: this file is missing; run snakemake --cores all"):
        check_made_from({"scores": digest(ASKED)})
