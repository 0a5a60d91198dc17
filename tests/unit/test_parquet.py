"""Parquet without pandas: columns as Arrow itself would make them, rows of a fold by their values."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serflow.parquet import fold_rows, numbers, read_columns, texts


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
