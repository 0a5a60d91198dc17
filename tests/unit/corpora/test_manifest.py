"""The manifest: its schema is enforced, equal content gives equal bytes."""

import math

import numpy as np
import pytest

from serflow.corpora import manifest
from serflow.errors import UserError

ROW = {
    "utterance": "a", "path": "s/a.wav", "sha256": "0" * 64, "samples_sha256": "1" * 64,
    "file_rate": 16000, "file_channels": 1, "file_format": "WAV PCM_16", "mixdown": "", "sample_rate": 16000,
    "samples": 8000, "offset": 0, "file_samples": 8000, "duration": 0.5,
    "label": "happy", "raw_label": "hap", "speaker": "Ses01F", "wearer": "Ses01M", "session": "1", "sex": "F",
    "style": "", "dialog": "d", "start": math.nan, "end": math.nan, "valence": 5.5,
    "activation": math.nan, "dominance": 0.5, "text": "", "words": [{"word": "HI", "start": 0.1, "end": 0.2}],
}  # fmt: skip


@pytest.fixture
def frame():
    return manifest.from_rows([ROW | {"utterance": "b", "path": "s/b.wav", "words": []}, ROW])


def test_rows_are_sorted_and_come_back_as_they_were_written(frame, tmp_path):
    manifest.write(frame, tmp_path / "m.parquet")
    back = manifest.load(tmp_path / "m.parquet")
    assert back["utterance"].tolist() == ["a", "b"]
    assert back.drop(columns="words").equals(frame.drop(columns="words"))
    assert [list(words) for words in back["words"]] == frame["words"].tolist()
    manifest.validate(back)


def test_equal_manifests_are_equal_bytes(frame, tmp_path):
    manifest.write(frame, tmp_path / "1.parquet")
    manifest.write(frame.copy(), tmp_path / "2.parquet")
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


def test_an_unknown_number_is_nan_not_null(frame, tmp_path):
    import pyarrow.parquet as pq

    manifest.write(frame, tmp_path / "m.parquet")
    column = pq.read_table(tmp_path / "m.parquet")["activation"]
    assert column.null_count == 0
    assert np.isnan(column.to_numpy()).all()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("utterance", ""),
        ("utterance", "c"),
        ("path", "/abs/b.wav"),
        ("path", "../b.wav"),
        ("path", "s\\b.wav"),
        ("path", "s/a.wav"),
        ("sha256", "0" * 63),
        ("sample_rate", 0),
        ("samples", 0),
        ("duration", 0.6),
        ("duration", math.nan),
        ("label", "Joy"),
        ("raw_label", ""),
        ("speaker", ""),
        ("wearer", ""),
        ("session", ""),
        ("sex", "X"),
        ("style", "read"),
        ("start", -1.0),
        ("end", 0.5),
        ("valence", 7.0),
        ("activation", -1.0),
        ("dominance", math.inf),
        ("words", [{"word": "HI", "start": 0.2, "end": 0.1}]),
    ],
)
def test_a_value_out_of_range_is_named_with_column_and_utterance(frame, column, value):
    frame["start"], frame["end"] = 1.0, 1.5
    frame.at[1, column] = value
    # only the later row of two that are out of order, or alike, is at fault
    culprit = value if column == "utterance" and value == "" else frame["utterance"][1]
    if (column, value) == ("utterance", "c"):
        frame.at[0, column], culprit = "d", "c"
    with pytest.raises(UserError, match=rf"column {column}, utterance '{culprit}'"):
        manifest.validate(frame)


@pytest.mark.parametrize(("column", "value"), [("samples", "many"), ("text", 3), ("words", "HI"), ("duration", "x")])
def test_a_value_of_another_type_names_the_column(frame, column, value):
    frame[column] = frame[column].astype(object)
    frame.at[1, column] = value
    with pytest.raises(UserError, match=f"column {column}"):
        manifest.validate(frame)


def test_a_missing_text_names_the_utterance(frame):
    frame["text"] = ["", None]
    with pytest.raises(UserError, match="column text, utterance 'b': no value"):
        manifest.validate(frame)


def test_missing_and_unknown_columns_are_named(frame):
    with pytest.raises(UserError, match="missing columns: sex; unknown columns: gender"):
        manifest.validate(frame.rename(columns={"sex": "gender"}))


@pytest.mark.parametrize("content", [None, b"no parquet"])
def test_a_file_that_is_no_manifest_is_named(tmp_path, content):
    path = tmp_path / "m.parquet"
    if content:
        path.write_bytes(content)
    with pytest.raises(UserError, match="m.parquet: .* run snakemake --cores all"):
        manifest.load(path)
