"""YAML and schemas: what is wrong is named, with its nearest neighbour."""

import json

import pytest

from serflow.config import nearest, read_yaml, validate
from serflow.errors import UserError

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["corpus"],
    "properties": {
        "corpus": {"type": "string", "description": "a file of workflow/corpora"},
        "preset": {"enum": ["demo", "paper"]},
        "train": {"type": "object", "additionalProperties": False, "properties": {"epochs": {"type": "integer"}}},
    },
}


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "file.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def check(tmp_path):
    def held(value):
        (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
        validate(value, tmp_path / "schema.json", where="config.yaml")

    return held


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: 2\na: 3\n", 1), ("x:\n  y: 1\n  y: 1\n", 2), ("- {k: 1, k: 2}\n", 1)]
)
def test_a_key_that_stands_twice_is_refused(write, text, line):
    with pytest.raises(UserError, match=rf"file\.yaml: line {line}: key '[ayk]' stands twice"):
        read_yaml(write(text))


def test_a_merged_key_may_be_given_anew(write):
    text = "a: &base {style: improvised, n: 1}\nb: {<<: *base, style: scripted}\n"
    assert read_yaml(write(text))["b"] == {"style": "scripted", "n": 1}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.yaml: no such file"):
        read_yaml(tmp_path / "none.yaml")


@pytest.mark.parametrize("content", [b"a: [1, 2\nb: 3\n", b"a: \xff\xfe\n"])
def test_a_mangled_file_is_named(tmp_path, content):
    (tmp_path / "bad.yaml").write_bytes(content)
    with pytest.raises(UserError, match=r"bad\.yaml: not valid YAML"):
        read_yaml(tmp_path / "bad.yaml")


def test_a_valid_value_passes(check):
    check({"corpus": "demo", "preset": "paper", "train": {"epochs": 3}})


def test_a_misspelt_key_names_its_nearest_neighbour(check):
    with pytest.raises(UserError) as caught:
        check({"corpus": "demo", "prset": "demo"})
    known = "Known: corpus, preset, train"
    assert str(caught.value) == f"config.yaml: top level: unknown key 'prset'; did you mean 'preset'? {known}"


def test_a_misspelt_value_names_its_nearest_neighbour(check):
    with pytest.raises(UserError, match=r"preset: 'papr'; did you mean 'paper'\? Known: demo, paper"):
        check({"corpus": "demo", "preset": "papr"})


def test_every_violation_is_told_with_its_place(check):
    with pytest.raises(UserError) as caught:
        check({"corpus": 3, "train": {"epochs": 1.5, "epoch": 2}})
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["corpus", "train", "train.epochs"]
    assert "(a file of workflow/corpora)" in lines[0]
    assert "did you mean 'epochs'?" in lines[1]


def test_a_missing_key_is_named(check):
    with pytest.raises(UserError, match="'corpus' is a required property"):
        check({"preset": "demo"})


def test_nothing_near_gives_no_hint():
    assert nearest("zzz", ["demo", "paper"]) == ". Known: demo, paper"
