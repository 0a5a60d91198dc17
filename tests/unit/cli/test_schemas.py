"""The JSON schemas for editors are what the types say, and take what the repository holds."""

import json

import pytest
from jsonschema import Draft202012Validator

from helpers import ROOT
from serflow import corpora
from serflow.cli.schemas import main, schemas
from serflow.config import read_yaml

FOLDER = ROOT / "workflow/schemas"
PAPERS = sorted((ROOT / "workflow/papers").glob("*.yaml"))


def test_the_schemas_of_the_repository_are_those_of_the_types():
    found = {path.name.removesuffix(".schema.json"): path.read_text() for path in FOLDER.iterdir()}
    assert found == schemas(), "run `make schemas`"


def test_the_command_writes_them(tmp_path):
    main([str(tmp_path)])
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in FOLDER.iterdir()}


def errors(name, value):
    validator = Draft202012Validator(json.loads((FOLDER / f"{name}.schema.json").read_text()))
    return [error.message for error in validator.iter_errors(value)]


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_an_editor_accepts_every_paper(path):
    assert errors("paper", read_yaml(path)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("config", read_yaml(ROOT / "config.yaml")),
        ("corpus", corpora.load("iemocap", root=ROOT)),
        ("features", read_yaml(ROOT / "workflow/features.yaml")),
        ("protocols", read_yaml(ROOT / "workflow/protocols.yaml")),
        ("results", read_yaml(ROOT / "docs/results-emodb.yaml")),
    ],
)
def test_an_editor_accepts_the_other_files(name, value):
    assert errors(name, value) == []


def test_an_editor_marks_a_misspelt_key():
    paper = read_yaml(ROOT / "workflow/papers/xu2020.yaml")
    paper["figures"]["fig5"]["pannel"] = paper["figures"]["fig5"].pop("panel")
    assert errors("paper", paper)


def test_an_editor_marks_a_key_of_another_form():
    paper = read_yaml(ROOT / "workflow/papers/xu2020.yaml")
    paper["systems"]["Bad Name"] = {}
    assert errors("paper", paper)
