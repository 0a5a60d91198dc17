"""YAML files: what is mangled or stands twice is named; a misspelt name has its nearest neighbour."""

import pytest

from serflow.config import nearest, read_yaml
from serflow.errors import UserError


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "file.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


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


def test_nothing_near_gives_no_hint():
    assert nearest("zzz", ["demo", "paper"]) == ". Known: demo, paper"


def test_a_name_of_earlier_versions_is_told_with_its_new_one():
    assert nearest("pieces", ["normalise", "segments"]) == ": it is called 'segments' now. Known: normalise, segments"
    assert nearest("validation", ["last", "best_validation"]).startswith(": it is called 'best_validation' now")
    assert "called" not in nearest("pieces", ["normalise"])


def test_a_key_that_lies_deeper_now_is_told_with_its_place():
    assert nearest("heads", ["name", "groups"]) == ": it is called 'groups.heads' now. Known: name, groups"
    assert nearest("heads", ["n_head", "n_size"]).startswith("; did you mean 'n_head'?")


def test_a_name_in_other_letters_is_near():
    assert nearest("HAPPY", ["sad", "happy"]).startswith("; did you mean 'happy'?")
    assert nearest("angry", ["SAD", "ANGRY"]).startswith("; did you mean 'ANGRY'?")
