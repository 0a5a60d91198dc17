"""The reader of databases in audformat, held against databases that the library writes."""

import pickle
import shutil
import sys

import audformat
import pandas as pd
import pytest

from helpers import ROOT
from helpers.tiny_database import COLUMNS, database, read
from helpers.tiny_release import seen, stopped, write_wav
from serflow import corpora
from serflow.corpora.declaration import Corpus
from serflow.errors import UserError
from serflow.validation import faults

LABELS = {"wav/a.wav": "sad", "wav/b.wav": "angry", "wav/c.wav": "happy"}
SPEAKERS = {"wav/a.wav": "anna", "wav/b.wav": "ben", "wav/c.wav": "anna"}
SHOWN = ["utterance", "path", "raw_label", "speaker", "sex", "offset", "samples"]


@pytest.fixture(scope="module")
def corpus():
    own = {"columns": COLUMNS, "labels": {name: name for name in ("angry", "happy", "neutral", "sad")}}
    return corpora.load("audformat", root=ROOT) | own


@pytest.fixture
def release(tmp_path):
    for name in "abc":
        write_wav(tmp_path / "release" / "wav" / f"{name}.wav")
    return tmp_path / "release"


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_table_by_file_is_joined_with_the_speakers_of_another(release, corpus, form):
    database(LABELS, SPEAKERS).save(release, storage_format=form)
    frame, findings = read(release, corpus)
    assert seen(findings) == []
    assert findings.table == f"db.emotion.{form}"
    assert frame[SHOWN].to_numpy().tolist() == [
        ["wav/a", "wav/a.wav", "sad", "anna", "F", 0, 8000],
        ["wav/b", "wav/b.wav", "angry", "ben", "M", 0, 8000],
        ["wav/c", "wav/c.wav", "happy", "anna", "F", 0, 8000],
    ]
    assert frame["label"].tolist() == ["sad", "angry", "happy"]
    assert frame["session"].tolist() == ["anna", "ben", "anna"]
    assert frame[["start", "end"]].isna().all(axis=None)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_parts_are_cut_and_an_empty_end_is_the_end_of_the_file(release, corpus, form):
    parts = [
        ("wav/a.wav", 0.25, pd.NaT, "sad"),
        ("wav/a.wav", 0, pd.Timedelta("250ms"), "angry"),
        ("wav/b.wav", 0, pd.NaT, "happy"),
        ("wav/c.wav", 0.1, pd.Timedelta(300, "ms"), "neutral"),
    ]
    database({}, SPEAKERS, parts=parts).save(release, storage_format=form)
    frame, findings = read(release, corpus)
    assert seen(findings) == []
    assert frame[SHOWN].to_numpy().tolist() == [
        ["wav/a_00000000", "wav/a.wav", "angry", "anna", "F", 0, 4000],
        ["wav/a_00000250", "wav/a.wav", "sad", "anna", "F", 4000, 4000],
        ["wav/b", "wav/b.wav", "happy", "ben", "M", 0, 8000],
        ["wav/c_00000100", "wav/c.wav", "neutral", "anna", "F", 1600, 3200],
    ]
    assert frame["end"].tolist()[3] == 0.3


def test_speakers_of_parts_are_those_of_the_same_parts(release, corpus):
    parts = [("wav/a.wav", 0, pd.Timedelta("250ms"), "angry"), ("wav/a.wav", 0.25, pd.NaT, "sad")]
    made = database({}, {}, parts=parts)
    made["files"] = audformat.Table(made["emotion"].index[::-1])
    made["files"]["speaker"] = audformat.Column(scheme_id="speaker")
    made["files"]["speaker"].set(["ben", "anna"])
    made.save(release)
    assert read(release, corpus)[0]["speaker"].tolist() == ["anna", "ben"]


def test_the_sex_may_come_of_a_miscellaneous_table_by_name_or_by_scheme(release, corpus):
    made = database(LABELS, SPEAKERS)
    made["people"] = audformat.MiscTable(pd.Index(["ben", "anna"], name="speaker", dtype="string"))
    made["people"]["gender"] = audformat.Column()
    made["people"]["gender"].set(["male", "female"])
    made.save(release)
    by_name = COLUMNS | {"sex": {"table": "people", "column": "gender"}}
    assert read(release, corpus, columns=by_name)[0]["sex"].tolist() == ["F", "M", "F"]
    made.schemes["speaker"].replace_labels("people")
    made.save(release)
    assert read(release, corpus)[0]["sex"].tolist() == ["F", "M", "F"]
    with pytest.raises(UserError, match="no pattern matches 'db.people.parquet'"):
        read(release, corpus, reads=["db.yaml", "db.emotion.*", "db.files.*", "*.wav"])


def test_session_and_text_are_columns_too_and_no_others_are_read(release, corpus):
    made = database(LABELS, SPEAKERS)
    for name, values in {"scene": [1, 2, 2], "said": ["one", None, "two, three"]}.items():
        made.schemes[name] = audformat.Scheme("int" if name == "scene" else "str")
        made["emotion"][name] = audformat.Column(scheme_id=name)
        made["emotion"][name].set(values)
    made.save(release)
    more = {"session": {"table": "emotion", "column": "scene"}, "text": {"table": "emotion", "column": "said"}}
    frame, findings = read(release, corpus, columns=COLUMNS | more)
    assert seen(findings) == []
    assert frame[["session", "text"]].to_numpy().tolist() == [["1", "one"], ["2", ""], ["2", "two, three"]]


def test_a_folder_of_audbs_cache_is_read_without_its_pickles_and_by_its_flavor(release, corpus):
    made = database(LABELS, SPEAKERS)
    made.save(release, storage_format="csv")
    made.meta["audb"] = {"root": str(release), "version": "1.0.0", "flavor": {"format": "flac"}}
    made.save(release, storage_format="pkl", update_other_formats=False)
    (release / "db.emotion.pkl").write_bytes(pickle.dumps("what would be loaded"))
    (release / "db.csv").write_text("a table of dependencies\n")
    (release / ".db.lock").touch()
    for path in (release / "wav").iterdir():
        path.rename(path.with_suffix(".flac"))
    frame, findings = read(release, corpus)
    assert seen(findings) == []
    assert frame["path"].tolist() == ["wav/a.flac", "wav/b.flac", "wav/c.flac"]
    (release / "db.emotion.csv").unlink()
    with pytest.raises(UserError, match="table 'emotion' is there as a pickle alone"):
        read(release, corpus)


def test_rows_without_label_or_speaker_are_fatal_at_their_line(release, corpus):
    database(LABELS | {"wav/b.wav": None}, {"wav/a.wav": "anna", "wav/b.wav": "ben"}).save(
        release, storage_format="csv"
    )
    found = stopped(lambda: read(release, corpus))
    assert [(item.code, item.file, item.line) for item in found.items] == [
        ("table_row_mangled", "db.emotion.csv", 3),
        ("table_row_mangled", "db.emotion.csv", 4),
    ]
    assert "column label" in found.items[0].message
    assert "column speaker" in found.items[1].message
    assert found.left_out == {"db.emotion.csv:3", "db.emotion.csv:4"}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"label": {"table": "emotoin", "column": "emotion"}}, "no table 'emotoin'.*did you mean 'emotion'"),
        ({"speaker": {"table": "files", "column": "speakr"}}, "no column 'speakr'.*did you mean 'speaker'"),
        ({"sex": {"table": "files", "column": "speaker", "map": "gendre"}}, "gendre.*correct `map` of `columns: sex`"),
        ({"sex": {"table": "emotion", "column": "emotion", "map": "sex"}}, "correct `map` of `columns: sex`"),
    ],
)
def test_a_choice_that_the_database_has_not_is_refused_by_name(release, corpus, columns, message):
    database(LABELS, SPEAKERS).save(release)
    with pytest.raises(UserError, match=message):
        read(release, corpus, columns=COLUMNS | columns)


def test_a_folder_without_header_is_refused_and_one_below_is_named(release, corpus):
    database(LABELS, SPEAKERS).save(release)
    with pytest.raises(UserError, match="set `release` in config.yaml to its folder release"):
        read(release.parent, corpus)
    (release / "db.yaml").unlink()
    with pytest.raises(UserError, match="no header db.yaml in this folder"):
        read(release, corpus)


@pytest.mark.parametrize("text", ["", "tables: [", "name: tiny\n", "a: {b: c}\n"])
def test_a_header_that_is_none_is_refused(release, corpus, text):
    database(LABELS, SPEAKERS).save(release)
    (release / "db.yaml").write_text(text)
    with pytest.raises(UserError, match="db.yaml: (no header of an audformat database|not valid YAML)"):
        read(release, corpus)


def test_python_in_a_header_is_not_run(release, corpus, tmp_path):
    """The library's own loader would run it."""
    database(LABELS, SPEAKERS).save(release)
    header, ran = release / "db.yaml", tmp_path / "ran"
    text = header.read_text(encoding="utf-8")
    header.write_text(f"{text}more: !!python/object/apply:os.mkdir [{ran}]\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"db\.yaml: not valid YAML"):
        read(release, corpus)
    assert not ran.exists()


def test_a_table_that_is_none_or_away_is_refused(release, corpus):
    database(LABELS, SPEAKERS).save(release, storage_format="parquet")
    (release / "db.files.parquet").write_bytes(b"no parquet")
    with pytest.raises(UserError, match=r"db.files.parquet: not the table that db.yaml describes"):
        read(release, corpus)
    (release / "db.files.parquet").unlink()
    with pytest.raises(UserError, match=r"table 'files' has no file; expected db.files.csv or .parquet"):
        read(release, corpus)


def test_a_header_that_nothing_watches_is_refused(release, corpus):
    database(LABELS, SPEAKERS).save(release)
    with pytest.raises(UserError, match="no pattern matches 'db.yaml'"):
        read(release, corpus, reads=["db.*.csv", "db.*.parquet", "*.wav"])


def test_without_the_library_it_is_said_how_to_install_it(release, corpus, monkeypatch):
    database(LABELS, SPEAKERS).save(release)
    monkeypatch.setitem(sys.modules, "audformat", None)
    with pytest.raises(UserError, match='python -m pip install "audformat'):
        read(release, corpus)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": {"label": {"table": "a", "column": "b"}}}, "columns: speaker: missing; reader 'audformat'"),
        ({"columns": COLUMNS | {"path": "file"}}, "'path': reader 'audformat' has it from the label's table"),
        ({"columns": COLUMNS | {"sex": "gender"}}, "columns: sex: 'gender'; reader 'audformat' expects {table"),
        ({"columns": COLUMNS | {"sex": {"table": "files"}}}, "missing (one of its columns); add this key"),
        (
            {"columns": COLUMNS | {"sex": {"table": "files", "colum": "sex"}}},
            "unknown key 'colum'; did you mean 'column'?",
        ),
        ({"columns": COLUMNS | {"sx": {"table": "files", "column": "sex"}}}, "'sx'; did you mean 'sex'?"),
        ({"reader": "table", "table": "t.csv"}, "a mapping; reader 'table' expects the name of a column"),
    ],
)
def test_the_yaml_says_what_is_wrong_with_its_columns(corpus, changes, message):
    assert faults(corpus, Corpus) == []
    (fault,) = faults(corpus | changes, Corpus)
    assert message in fault.message


def test_a_copy_of_the_folder_gives_the_same_manifest(release, corpus, tmp_path):
    database(LABELS, SPEAKERS).save(release)
    shutil.copytree(release, tmp_path / "copy")
    pd.testing.assert_frame_equal(read(release, corpus)[0], read(tmp_path / "copy", corpus)[0])


def test_the_corpus_s_own_division_is_a_column_too(release, corpus):
    made = database(LABELS, SPEAKERS)
    made["files"]["split"] = audformat.Column()
    made["files"]["split"].set(["dev", "train", "test"])
    made.save(release)
    parts = {"train": "train", "dev": "validation", "test": "test"}
    division = {"by": "part", "folds": 1, "validation": "given", "parts": parts}
    columns = COLUMNS | {"part": {"table": "files", "column": "split"}}
    frame, findings = read(release, corpus, columns=columns, division=division)
    assert seen(findings) == []
    listed = made["files"].index.get_level_values("file")
    expected = dict(zip(listed, ["validation", "train", "test"], strict=True))
    assert dict(zip(frame["path"], frame["part"], strict=True)) == expected
