"""Parquet without pandas: columns as Arrow itself would make them, rows of a fold by their values."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serflow.asr.word_tables import read_alignments, read_pronunciations, write_alignments, write_pronunciations
from serflow.errors import UserError
from serflow.files import digest, file_digest, write_json
from serflow.lexical.vectors import WordVectors
from serflow.lexical.word_files import read_transcripts, read_vectors, write_transcripts, write_vectors
from serflow.parquet import fold_digest, fold_rows, intact, numbers, read_columns, texts
from serflow.split_kinds import VALIDATES
from serflow.splits import read_folds, split_digest


@pytest.mark.parametrize("values", [["a", "", "Ses01F_impro01_F000"], ["häßlich", "悲しい", "🙂"], []])
def test_texts(values):
    column = texts(values)
    column.validate(full=True)
    assert column.equals(pa.array(values, pa.string()))


@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.float32, np.float64])
def test_numbers(dtype):
    table = np.arange(12).reshape(4, 3).astype(dtype)
    column = numbers(table[:, 1])  # not contiguous
    column.validate(full=True)
    assert column.equals(pa.array([1, 4, 7, 10], pa.from_numpy_dtype(dtype)))


def test_columns_come_back_as_they_were_written(tmp_path):
    table = pa.table({"name": texts(["a", "b"]), "value": numbers(np.array([0.5, 2.0]))})
    pq.write_table(table, tmp_path / "table.parquet")
    assert read_columns(tmp_path / "table.parquet") == {"name": ["a", "b"], "value": [0.5, 2.0]}


@pytest.mark.parametrize(
    ("wanted", "places"),
    [({}, [0, 1, 2, 3]), ({"fold": 2}, [2, 3]), ({"fold": 1, "part": "test"}, [1]), ({"fold": 3}, [])],
)
def test_fold_rows_are_those_of_the_values_by_the_table_or_its_fingerprint(tmp_path, wanted, places):
    rows = [
        {"utterance": name, "fold": fold, "part": part}
        for fold, parts in ((1, ("train", "test")), (2, ("test", "train")))
        for name, part in zip("ab", parts, strict=True)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "speaker.parquet")
    for suffix in (".parquet", ".json"):
        assert fold_rows(tmp_path / f"speaker{suffix}", **wanted) == [rows[place] for place in places]


COLUMNS = {
    "utterance": ["b", "a"], "class": ["sad", "angry"], "speaker": ["x", "y"], "session": ["1", "2"],
    "duration": [1.5, 2.0], "fold": [1, 1], "part": ["test", "train"],
}  # fmt: skip


def folds(folder, columns, digest):
    pq.write_table(pa.table(columns), folder / "split.parquet")
    write_json(folder / "split.json", {"digest": digest})
    return folder / "split.json"


def test_the_digest_of_folds_is_that_of_pandas_and_of_no_order_of_rows():
    turned = {name: values[::-1] for name, values in COLUMNS.items()}
    assert fold_digest(COLUMNS) == fold_digest(turned) == split_digest(pd.DataFrame(COLUMNS))
    assert fold_digest(COLUMNS) == digest({name: values[::-1] for name, values in COLUMNS.items()})
    assert fold_digest(COLUMNS) != fold_digest(COLUMNS | {"part": ["train", "test"]})
    marked = COLUMNS | {VALIDATES: ["", "speaker/fold1"]}
    assert fold_digest(COLUMNS) != fold_digest(marked) == split_digest(pd.DataFrame(marked))


def test_folds_that_are_not_those_of_their_fingerprint_are_refused(tmp_path):
    path = folds(tmp_path, COLUMNS, fold_digest(COLUMNS))
    assert [row["utterance"] for row in fold_rows(path, fold=1)] == ["b", "a"]
    assert read_folds(path.with_suffix(".parquet"))["part"].tolist() == ["test", "train"]
    folds(tmp_path, COLUMNS | {"class": ["sad", "sad"]}, fold_digest(COLUMNS))
    message = r"split\.parquet: not the table that was written .* delete \S+split\.parquet and \S+split\.json and run"
    with pytest.raises(UserError, match=message):
        fold_rows(path, fold=1)
    with pytest.raises(UserError, match=message):
        read_folds(path.with_suffix(".parquet"))


def test_a_table_is_held_against_its_fingerprint_where_there_is_one(tmp_path):
    path = tmp_path / "view.parquet"
    assert intact(path) == path
    path.write_bytes(b"one")
    assert intact(str(path)) == path
    write_json(tmp_path / "view.json", {"digest": file_digest(path)})
    assert intact(path) == path
    path.write_bytes(b"two")
    with pytest.raises(UserError, match=r"view\.parquet: not the table that was written"):
        intact(path)


WORDS = {
    "transcripts": (lambda path: write_transcripts({"a": ["oh", "no"], "b": []}, path), read_transcripts),
    "word_vectors": (
        lambda path: write_vectors(WordVectors(["oh"], np.ones((1, 3), np.float32)), path),
        lambda path: read_vectors(path).words,
    ),
    "pronunciations": (lambda path: write_pronunciations({"oh": ("OW",)}, path), read_pronunciations),
    "alignments": (
        lambda path: write_alignments({"a": [{"word": "oh", "start": 0.1, "end": 0.25}], "b": []}, path),
        read_alignments,
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_words_that_are_not_those_of_their_fingerprint_are_refused(tmp_path, name):
    write, read = WORDS[name]
    path = tmp_path / f"{name}.parquet"
    write(path)
    assert len(read(path)) > 0
    write_json(path.with_suffix(".json"), {"digest": "0" * 64})
    with pytest.raises(UserError, match=rf"{name}\.parquet: not the table that was written"):
        read(path)


@pytest.mark.parametrize("content", [None, b"", b"PAR1", b"PAR1" + bytes(100)])
def test_a_table_that_is_missing_or_torn_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "split.parquet").write_bytes(content)
    for read in (read_columns, read_folds, lambda path: fold_rows(path, fold=1)):
        with pytest.raises(UserError, match=r"split\.parquet: (this file is missing|cannot be read).* run snakemake"):
            read(tmp_path / "split.parquet")
