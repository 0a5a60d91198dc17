"""Columns `fold` and `part` of a table: as the manifest has them, and what is said of those that are not read."""

import json

import pandas as pd
import pytest

from helpers import ROOT
from helpers.tiny_release import seen, write_wav
from helpers.tiny_table import put, read
from serflow import corpora
from serflow.cli.split import main as split_command
from serflow.cli.view import main as view_command
from serflow.corpora import manifest
from serflow.corpora.declaration import Corpus
from serflow.corpora.own_folds import found_division
from serflow.errors import UserError
from serflow.files import read_json
from serflow.validation import validate

PARTS = {"Train": "train", "Dev set": "validation", "Test1": "test"}
BY_PART = {"by": "part", "folds": 1, "validation": "given", "parts": PARTS}
BY_FOLD = {"by": "fold", "folds": 3, "validation": "next_fold"}
BOTH = BY_PART | {"by": "both", "folds": 2}


@pytest.fixture
def release(tmp_path):
    for name in "abc":
        write_wav(tmp_path / f"{name}.wav")
    return tmp_path


def columns(frame):
    return frame[["utterance", "fold", "part"]].to_numpy().tolist()


def test_an_official_partition_is_translated(release, corpus):
    put(release, "path,label,speaker,Set", "a.wav,sad,x,Train", "b.wav,sad,y,Dev set", "c.wav,sad,z,Test1")
    frame, findings = read(release, corpus, division=BY_PART, columns={"part": "Set"})
    assert seen(findings) == []
    assert columns(frame) == [["a", "", "train"], ["b", "", "validation"], ["c", "", "test"]]
    manifest.write(frame, release / "manifest.parquet")
    assert columns(manifest.load(release / "manifest.parquet")) == columns(frame)


def test_folds_alone_have_no_parts(release, corpus):
    put(release, "path,label,speaker,fold", "a.wav,sad,x,1", "b.wav,sad,y,fold 2", "c.wav,sad,z,")
    frame, findings = read(release, corpus, division=BY_FOLD)
    assert seen(findings) == []
    assert columns(frame) == [["a", "1", ""], ["b", "fold_2", ""], ["c", "", ""]]


def test_a_row_an_utterance_and_fold_becomes_one_utterance(release, corpus):
    rows = ["a.wav,sad,x,1,Train", "b.wav,sad,y,1,Test1", "a.wav,sad,x,2,Dev set", "b.wav,sad,y,2,Train"]
    put(release, "path,label,speaker,fold,part", *rows)
    frame, findings = read(release, corpus, division=BOTH)
    assert seen(findings) == []
    assert columns(frame) == [["a", "1 2", "train validation"], ["b", "1 2", "test train"]]


@pytest.mark.parametrize("second", ["a.wav,sad,x,1,Test1", "a.wav,happy,x,2,Test1"], ids=["fold twice", "other label"])
def test_rows_that_differ_in_more_or_not_in_the_fold_are_a_repeated_utterance(release, corpus, second):
    put(release, "path,label,speaker,fold,part", "a.wav,sad,x,1,Train", second, "b.wav,sad,y,1,Train")
    frame, findings = read(release, corpus, division=BOTH)
    assert [code for code, *_ in seen(findings)] == ["table_row_repeated"]
    assert frame["utterance"].tolist() == ["b"]


def test_a_value_without_a_meaning_is_odd_and_no_part(release, corpus):
    put(release, "path,label,speaker,part", "a.wav,sad,x,train", "b.wav,sad,y,", "c.wav,sad,z,Test1")
    frame, findings = read(release, corpus, division=BY_PART)
    assert [part for *_, part in columns(frame)] == ["unknown", "unknown", "test"]
    assert {item.code for item in findings.items} == {"table_value_unknown"}
    first = findings.items[0]
    assert "unknown part (in one row); did you mean 'Train'?" in first.message
    assert "the split of kind `given` refuses" in first.message


def test_without_the_key_the_columns_are_not_read_and_the_manifest_is_as_ever(release, corpus):
    put(release, "path,label,speaker,fold,part", "a.wav,sad,x,1,Train")
    frame, findings = read(release, corpus)
    assert tuple(frame.columns) == manifest.COLUMNS
    assert [(item.code, item.quote) for item in findings.items] == [
        ("table_column_unknown", "fold"),
        ("table_column_unknown", "part"),
    ]


def test_a_column_that_the_key_wants_and_the_table_lacks_is_named(release, corpus):
    put(release, "path,label,speaker,part", "a.wav,sad,x,Train")
    with pytest.raises(UserError, match="no column 'fold', which `division` in the corpus's YAML reads"):
        read(release, corpus, division=BY_FOLD)


WRONG = {
    "folds of a partition": (BY_PART | {"folds": 2}, "folds: 2; expected 1"),
    "no test": (BY_PART | {"parts": {"a": "train", "b": "validation"}}, "no value of the column `part` means test"),
    "no validation": (BY_PART | {"parts": {"a": "train", "b": "test"}}, "expected speakers"),
    "drawn beside given": (BY_PART | {"validation": "speakers"}, "has a validation part; expected given"),
    "next of a partition": (BY_PART | {"validation": "next_fold"}, "is of `by: fold`"),
    "parts of folds": (BY_FOLD | {"parts": PARTS}, "reads no column `part`"),
    "given of folds": (BY_FOLD | {"validation": "given"}, "expected next_fold or speakers"),
    "too few folds": (BY_FOLD | {"folds": 2}, "expected 3 or more"),
    "another word": (BY_PART | {"parts": PARTS | {"x": "dev"}}, "'dev'"),
}


@pytest.mark.parametrize(("division", "said"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_together_is_refused(corpus, division, said):
    with pytest.raises(UserError) as error:
        validate(corpus | {"division": division}, Corpus, where="mine.yaml")
    assert said in str(error.value)
    assert "division" in str(error.value)


def test_a_reader_without_a_table_has_no_such_key():
    emodb = corpora.load("emodb", root=ROOT)
    with pytest.raises(UserError, match="reader 'emodb' reads no columns"):
        validate(emodb | {"division": BY_FOLD}, Corpus, where="emodb.yaml")


def rows(*pairs):
    return [{"fold": fold, "part": part} for fold, part in pairs]


@pytest.mark.parametrize(
    ("found", "division"),
    [
        (rows(("", "Training"), ("", "devel"), ("", "Test2"), ("", "Test3"), ("", "spare")), "part given"),
        (rows(("", "train"), ("", "test")), "part speakers"),
        (rows(("1", "train"), ("2", "test")), "part speakers"),
        (rows(("1", ""), ("2", ""), ("3", "")), "fold next_fold"),
        (rows(("1", ""), ("2", "")), "fold speakers"),
        (rows(("1\x1f2", "train\x1ftest"), ("1\x1f2", "test\x1ftrain")), "both speakers"),
        (rows(("1", ""), ("1", "")), None),
        (rows(("1", ""), ("", "")), None),
        (rows(("", "red"), ("", "blue")), None),
    ],
)
def test_how_a_table_divides_itself_is_found_by_its_values(corpus, found, division):
    told = found_division(found)
    assert (told and f"{told['by']} {told['validation']}") == division
    if told:
        validate(corpus | {"division": told}, Corpus, where="mine.yaml")
    if division == "part given":
        assert told["parts"] == {
            "Training": "train", "devel": "validation", "Test2": "test", "Test3": "test", "spare": "unused"
        }  # fmt: skip


def test_from_a_table_to_its_folds_by_the_commands_of_the_rules(release, corpus):
    wavs = [f"{speaker}{take}" for speaker in "xyz" for take in "12"]
    for name in wavs:
        write_wav(release / f"{name}.wav")
    parts = {"x": "Train", "y": "Dev set", "z": "Test1"}
    rows = [f"{name}.wav,{'sad' if name[1] == '1' else 'angry'},{name[0]},{parts[name[0]]}" for name in wavs]
    put(release, "path,label,speaker,part", *rows)
    frame, _ = read(release, corpus, division=BY_PART)
    manifest.write(frame, release / "manifest.parquet")
    experiment = {"style": "any", "classes": {"angry": ["angry"], "sad": ["sad"]}}
    view = str(release / "view.parquet")
    told = ["--manifest", str(release / "manifest.parquet"), "--view", view, "--corpus-spec", "{}"]
    view_command([*told, "--experiment", json.dumps(experiment)])
    files = ["--table", str(release / "official.parquet"), "--fingerprint", str(release / "official.json")]
    split = json.dumps({"kind": "given", "folds": 1, "validation": "given"})
    split_command(["--view", view, "--name", "official", "--split", split, *files])
    table = pd.read_parquet(release / "official.parquet")
    assert dict(zip(table["utterance"], table["part"], strict=True)) == {
        "x1": "train", "x2": "train", "y1": "validation", "y2": "validation", "z1": "test", "z2": "test"
    }  # fmt: skip
    found = read_json(release / "official.json")
    assert found["speakers_shared"] == {"1": 0}
    assert found["folds"]["1"]["test"] == {"angry": 1, "sad": 1}
