"""Whether what is made before any training is known to be as it was when a run last ended well."""

import json

import pytest

from helpers.declared import copy_of_workflow, make_report, rewrite
from serflow.files import write_json
from serflow.plan.prepared import Prepared

RELEASE = "data/demo/release.json"


@pytest.fixture(autouse=True)
def made(tmp_path, monkeypatch):
    """A folder in which a release was read."""
    monkeypatch.chdir(tmp_path)
    write_json(tmp_path / RELEASE, {"digest": "of it"})


def prepared(dictionary="1.0", root=None, **config):
    report = make_report(root=root, **config) if root else make_report(**config)
    return Prepared(report.workflow, dictionary=dictionary)


def test_it_holds_once_a_run_has_ended_well():
    first = prepared()
    assert not first.holds()
    first.remember()
    assert prepared().holds()


def test_a_release_that_a_run_made_itself_counts(tmp_path):
    (tmp_path / RELEASE).unlink()
    first = prepared()
    write_json(tmp_path / RELEASE, {"digest": "of it"})
    first.remember()
    assert prepared().holds()


@pytest.mark.parametrize("change", ["release", "dictionary", "skip_broken", "view", "code"])
def test_it_holds_no_more_when_something_has_changed(tmp_path, monkeypatch, change):
    prepared().remember()
    given = {}
    if change == "release":
        write_json(tmp_path / RELEASE, {"digest": "of another"})
    elif change == "dictionary":
        given = {"dictionary": "2.0"}
    elif change == "skip_broken":
        given = {"skip_broken": True}
    elif change == "view":
        root = copy_of_workflow(tmp_path / "root")
        rewrite(
            root, lambda data: data["experiments"]["improvised"]["classes"].update(sad=["frustrated"]), paper="xu2020"
        )
        given = {"root": root}
    else:
        monkeypatch.setattr("serflow.plan.prepared.closure_digest", lambda *modules: "other code")
    assert not prepared(**given).holds()


def test_seeds_folds_protocols_and_systems_change_nothing(tmp_path):
    prepared().remember()
    root = copy_of_workflow(tmp_path / "root")
    rewrite(root, lambda data: data["systems"].update(wide={"parameters": {"model": {"depth": 1}}}), paper="xu2020")
    assert prepared(root=root, seeds=[4, 5], folds=1, protocols=["strict"]).holds()


def test_each_paper_is_known_by_itself():
    prepared(papers=["xu2020"]).remember()
    assert prepared(papers=["xu2020"]).holds()
    assert not prepared(papers=["xu2020", "huang2016"]).holds()
    prepared(papers=["huang2016"]).remember()
    assert prepared(papers=["xu2020", "huang2016"]).holds()


@pytest.mark.parametrize("content", ["", "[]", '{"made_of": {}}'])
def test_a_mangled_file_of_it_holds_nothing(tmp_path, content):
    first = prepared()
    first.path.write_text(content)
    assert not prepared().holds()
    prepared().remember()
    assert prepared().holds()
    assert set(json.loads(first.path.read_text())) == {"made_of"}
