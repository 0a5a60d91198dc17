"""YAML files: what is mangled or stands twice is named; a misspelt name has its nearest neighbour."""

import os

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


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(9 * [f'*{before}'])}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
ABSURD = {
    "[" * 50_000: "more than 50 lists and mappings within each other",  # libyaml crashed at it
    "- " * 50_000: "more than 50 lists and mappings within each other",
    BOMB: "more than 200,000 values, references",
    "a: &a [*a]": r"\*a is within itself",
    "a: *b": "not valid YAML",
    "9" * 6000: "not valid YAML",
    "!!timestamp x": "not valid YAML",
    "!!python/object/apply:os.system [ls]": "not valid YAML",
    "? [a]\n: b": "not valid YAML",
    "a: 1\n---\nb: 2": "not valid YAML",
}


@pytest.mark.parametrize("text", ABSURD, ids=lambda text: text[:10])
def test_an_absurd_file_is_refused_before_anything_is_made_of_it(write, text):
    with pytest.raises(UserError, match=rf"file\.yaml: .*{ABSURD[text]}"):
        read_yaml(write(text))


def test_references_are_counted_as_what_they_stand_for_and_may_be_used(write):
    assert read_yaml(write("a: &a [x, y]\nb: [*a, *a]\n"))["b"] == [["x", "y"], ["x", "y"]]


def test_what_is_no_small_file_is_refused(tmp_path):
    (tmp_path / "large.yaml").write_bytes(b"#" * 2_000_001)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "link.yaml").symlink_to("link.yaml")
    (tmp_path / "folder.yaml").mkdir()
    said = {"large": "2,000,001 bytes; expected a YAML file", "pipe": "no regular file", "link": "cannot be read",
            "folder": "a folder; expected a YAML file"}  # fmt: skip
    for name, message in said.items():
        with pytest.raises(UserError, match=rf"{name}\.yaml: {message}"):
            read_yaml(tmp_path / f"{name}.yaml")
