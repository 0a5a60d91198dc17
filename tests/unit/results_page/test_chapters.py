"""Which chapters are finished, which are not, and which are refused."""

import json
import os
import shutil
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.declared import CONFIG
from helpers.given import record_given
from helpers.written_runs import write_run
from serflow.errors import UserError
from serflow.files import digest, read_json, write_json
from serflow.paths import CODE
from serflow.provenance.closure import closure_digests
from serflow.provenance.code_fingerprint import fingerprint_path
from serflow.results_page import chapters
from serflow.results_page.chapters import chapter_report, read_chapter
from serflow.results_page.declaration import DeclaredChapter, read_declaration

COMMAND = "make this"
ASKED = {"paper": "xu2020", "preset": "demo", "protocols": ["as_published", "strict"], "seeds": [1], "folds": 1}
DECLARED = DeclaredChapter(**ASKED)


@pytest.fixture
def report(tmp_path):
    """The report of one fold of a paper, in a working folder of its own."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    return chapter_report(DECLARED, "demo")


@pytest.fixture
def scored(report, monkeypatch):
    """All of its runs, and what scoring writes, later than these; its tables are none of this file's business."""
    monkeypatch.setattr(chapters, "table_rows", lambda spec: [])
    for run in report.trainings:
        write_run(report.plan, run)
    for job in report.scoring.jobs:
        path = Path(report.scoring.folder(*job)) / "scores.csv"
        path.parent.mkdir(parents=True)
        path.write_text("system\n")
        Path(report.scoring.contrasts_file(*job[:2])).write_text("system\n")
    return report


def read():
    return read_chapter(DECLARED, corpus="demo", command=COMMAND)


def rewrite(run, **change):
    path = Path(run.folder) / "run.json"
    record = read_json(path)
    write_json(path, record | {"inputs": record["inputs"] | change})


def test_a_chapter_of_which_trainings_are_missing_has_their_number_and_no_tables(report):
    write_run(report.plan, report.trainings[0])
    found = read()
    assert not found.finished
    assert (found.done, found.wanted) == (1, len(report.trainings))
    assert (found.tables, found.specs, found.records) == ({}, {}, [])


def test_a_finished_chapter_has_its_tables_and_the_records_of_its_own_trainings(scored):
    write_run(scored.plan, scored.trainings[0], root="elsewhere")
    found = read()
    assert found.finished
    assert len(found.records) == len(scored.trainings)
    assert "table2" in found.tables
    assert "small widths" in found.text
    assert found.planned.seeds == 1 and found.planned.folds["random5"] == 2


def test_what_was_given_and_not_trained_here_is_no_row_of_a_chapter(scored):
    record_given()
    assert "mine" in {row["system"] for row in chapter_report(DECLARED, "demo").table("xu2020", "table2")["rows"]}
    systems = {row["system"] for row in read().specs["table2"]["rows"]}
    assert "acnn" in systems and "mine" not in systems
    assert read().given == ["My system (given)"]


def test_trainings_by_other_code_are_refused_with_the_command(scored):
    rewrite(scored.trainings[0], code="other")
    with pytest.raises(UserError) as told:
        read()
    assert str(told.value) == (
        "chapter xu2020, preset demo: 1 training was made by other code than the present; make it anew: make this"
    )


def test_a_chapter_that_is_not_finished_tells_of_other_code_and_shows_nothing(report):
    first, second = report.trainings[:2]
    for run in (first, second):
        write_run(report.plan, run)
    rewrite(second, code="other")
    found = read()
    assert (found.done, found.stale) == (1, "1 training was made by other code than the present")
    assert found.tables == {}


def test_what_changed_since_is_named_where_the_list_of_source_files_is_still_there(scored):
    run = scored.trainings[0]
    modules = ["serflow.cli.train", *scored.plan.modules(run)]
    then = closure_digests(*modules) | {"src/serflow/training/gradient.py": "other"}
    write_json(fingerprint_path(*modules), then)
    rewrite(run, code=digest(then))
    with pytest.raises(UserError, match=r"since changed: src/serflow/training/gradient.py\); make it anew: make this"):
        read()


def test_trainings_of_another_spec_are_refused_with_the_reason(scored):
    run = scored.trainings[0]
    write_run(scored.plan, run, spec=scored.plan.spec(run) | {"steps": 7})
    with pytest.raises(UserError, match=r"1 training made otherwise, the first: .* spec is not .*make this"):
        read()


def test_scores_that_are_missing_or_older_than_their_runs_are_refused(scored):
    (job, *_) = scored.scoring.jobs
    path = Path(scored.scoring.folder(*job)) / "scores.csv"
    runs = Path(scored.plan.training(scored.scoring.runs(*job)[0]).runs_file)
    runs.write_text("{}")
    os.utime(runs, (path.stat().st_mtime + 5,) * 2)
    with pytest.raises(UserError, match="is older than the runs or the code .*make this"):
        read()
    path.unlink()
    with pytest.raises(UserError, match="scores.csv is missing"):
        read()


def test_the_differences_between_protocols_are_asked_for_once_a_view(report):
    root = "results/demo/demo/xu2020"
    assert report.scoring.contrasts_files == [
        f"{root}/{view}/scores/contrasts.csv" for view in ("full", "improvised", "scripted")
    ]
    alone = DeclaredChapter(**ASKED | {"protocols": ["strict"]})
    assert chapter_report(alone, "demo").scoring.contrasts_files == []


def test_differences_between_protocols_that_are_missing_are_refused(scored):
    (job, *_) = scored.scoring.jobs
    Path(scored.scoring.contrasts_file(*job[:2])).unlink()
    with pytest.raises(UserError, match="contrasts.csv is missing; make it anew: make this"):
        read()


def test_scores_by_other_code_are_refused(scored):
    path = Path(CODE) / "cli.score_runs.json"
    write_json(path, {"src/serflow/metrics/rates.py": "other"})
    os.utime(path, (0, 0))
    with pytest.raises(UserError, match="its scores were made by other code than the present; make it anew: make this"):
        read()
    write_json(path, closure_digests("serflow.cli.score_runs"))
    os.utime(path, (0, 0))
    assert read().finished


def test_a_chapter_changes_what_it_names_in_the_configuration_and_leaves_sweeps_out():
    changes = DECLARED.changes("emodb")
    assert changes.keys() <= CONFIG.keys()
    assert changes == {
        "corpus": "emodb", "papers": ["xu2020"], "preset": "demo", "protocols": ["as_published", "strict"],
        "seeds": [1], "folds": 1, "sweeps": False,
    }  # fmt: skip


PAGE = ROOT / "docs/results-emodb.yaml"


@pytest.mark.parametrize("declared", read_declaration(PAGE).chapters, ids=lambda declared: declared.name)
def test_every_chapter_of_the_page_can_be_planned(declared, monkeypatch):
    monkeypatch.chdir(ROOT)
    report = chapter_report(declared, read_declaration(PAGE).corpus)
    assert report.trainings
    assert {run.preset for run in report.trainings} == {declared.preset}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"chapterz": []}, "chapterz"),
        ({"chapters": []}, "chapters"),
        ({"chapters": [ASKED | {"sedes": [1]}]}, "sedes"),
        ({"chapters": [ASKED | {"seeds": ["one"]}]}, "seeds"),
        ({"chapters": [ASKED | {"folds": 0}]}, "folds"),
        ({"chapters": [{key: value for key, value in ASKED.items() if key != "paper"}]}, "paper"),
        ({"command": ""}, "command"),
    ],
)
def test_a_misspelt_declaration_is_refused_by_name(tmp_path, change, told):
    path = tmp_path / "page.yaml"
    path.write_text(json.dumps({"corpus": "emodb", "command": "make", "chapters": [ASKED]} | change))
    with pytest.raises(UserError, match=told):
        read_declaration(path)
