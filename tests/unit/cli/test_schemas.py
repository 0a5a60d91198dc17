"""The JSON schemas for editors are what the types say, and take what the repository holds."""

import pytest
import yaml
from jsonschema import Draft202012Validator

from helpers import ROOT
from serflow import corpora
from serflow.cli.schemas import main, schemas
from serflow.config import read_yaml

FOLDER = ROOT / "workflow/schemas"
PAPERS = sorted((ROOT / "workflow/papers").glob("*.yaml"))


def test_the_schemas_of_the_repository_are_those_of_the_types():
    found = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert found == schemas(), "run `make schemas`"


def test_the_command_writes_them(tmp_path):
    main([str(tmp_path)])
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in FOLDER.iterdir()}


def errors(name, value):
    (path,) = FOLDER.glob(f"{name}.schema.*")
    validator = Draft202012Validator(yaml.safe_load(path.read_text()))  # JSON is YAML
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


def test_the_schema_of_the_configuration_is_a_table_with_the_shipped_values():
    """As the catalogue prints it: no references, each key with a type or several, a description and a default."""
    schema, shipped = read_yaml(FOLDER / "config.schema.yaml"), read_yaml(ROOT / "config.yaml")

    def defaults(properties):
        return {
            key: defaults(one["properties"]) if "properties" in one else one["default"]
            for key, one in properties.items()
        }

    assert defaults(schema["properties"]) == shipped
    assert "$ref" not in str(schema)
    assert all(one["description"] for one in schema["properties"].values())
