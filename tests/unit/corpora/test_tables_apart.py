"""A table that calls its columns otherwise, lies elsewhere than the audio, or is none."""

import datetime
import os

import pandas as pd
import pytest

from helpers.tiny_release import seen, write_wav
from helpers.tiny_table import fatal, put, read
from serflow.corpora.release_fingerprint import scan
from serflow.errors import UserError


@pytest.fixture
def release(tmp_path):
    folder = tmp_path / "release"
    for name in "ab":
        write_wav(folder / "wav" / f"{name}.wav")
    return folder


def test_columns_are_read_by_the_names_that_the_yaml_gives(release, corpus):
    put(release, "file,emotion,who,gender,label", "wav/a.wav,sad,x,female,7", "wav/b.wav,happy,y,Male,8")
    columns = {"path": "file", "label": "emotion", "speaker": "who", "sex": "gender"}
    frame, findings = read(release, corpus, columns=columns)
    assert frame[["path", "label", "speaker", "sex"]].to_numpy().tolist() == [
        ["wav/a.wav", "sad", "x", "F"],
        ["wav/b.wav", "happy", "y", "M"],
    ]
    (found,) = findings.items  # `label` is not what the YAML calls the label
    assert (found.code, found.quote) == ("table_column_unknown", "label")


def test_a_column_that_the_yaml_names_and_the_table_lacks_is_refused(release, corpus):
    put(release, "path,emotions,speaker", "wav/a.wav,sad,x")
    with pytest.raises(UserError, match="no column 'emotion'; correct `columns`.*did you mean 'emotions'"):
        read(release, corpus, columns={"label": "emotion"})


@pytest.mark.parametrize("path", ["wav/a.wav", "{release}/wav/a.wav"])
def test_a_table_elsewhere_has_paths_within_the_release(release, corpus, tmp_path, path):
    put(tmp_path / "lists", "path,label,speaker", f"{path.format(release=release)},sad,x")
    frame, findings = read(release, corpus, table=str(tmp_path / "lists/table.csv"))
    assert seen(findings) == []
    assert frame["path"].tolist() == ["wav/a.wav"]


def test_an_absolute_table_within_the_release_is_as_one_named_from_there(release, corpus):
    put(release, "path,label,speaker", "../wav/a.wav,sad,x", file="lists/table.csv")
    frame, _ = read(release, corpus, table=str(release / "lists/table.csv"))
    assert frame["path"].tolist() == ["wav/a.wav"]


def test_a_change_of_a_table_elsewhere_changes_the_fingerprint(release, tmp_path):
    table = tmp_path / "lists/table.csv"
    put(table.parent, "path,label,speaker", "wav/a.wav,sad,x")

    def digest(table):
        return scan(release, tmp_path / "inventory.tsv", reads=["*.wav"], table=table)["digest"]

    first, without = digest(str(table)), digest(None)
    assert first != without
    assert digest("table.csv") == without  # within the release `reads` says what is watched
    os.utime(table, (1, 1))
    assert digest(str(table)) == first
    put(table.parent, "path,label,speaker", "wav/a.wav,happy,x")
    assert digest(str(table)) not in (first, without)
    table.unlink()
    assert digest(str(table)) not in (first, without)


def test_whole_numbers_with_gaps_and_durations_of_parquet_are_read(release, corpus):
    content = {
        "path": ["wav/a.wav", "wav/b.wav"],
        "label": ["sad", "happy"],
        "speaker": [3.0, 12.0],
        "session": [1, None],
        "start": pd.to_timedelta([0.1, None], unit="s"),
        "end": [datetime.timedelta(seconds=0.4), None],
    }
    pd.DataFrame(content).to_parquet(release / "table.parquet", index=False)
    frame, findings = read(release, corpus, table="table.parquet")
    assert seen(findings) == []
    rows = frame.sort_values("path")
    assert rows[["speaker", "session"]].to_numpy().tolist() == [["3", "1"], ["12", "12"]]
    assert rows[["offset", "samples"]].to_numpy().tolist() == [[1600, 4800], [0, 8000]]


@pytest.mark.parametrize(
    ("content", "message"), [(b"PK\x03\x04\x00\xff", "workbook of a spreadsheet.*save it as CSV"), (b"", "empty;")]
)
def test_a_workbook_or_an_empty_file_is_called_so(release, corpus, content, message):
    (release / "table.csv").write_bytes(content)
    with pytest.raises(UserError, match=message):
        read(release, corpus)


def test_what_lies_outside_stays_outside(release, corpus, tmp_path):
    write_wav(tmp_path / "lists/wav/a.wav")
    put(tmp_path / "lists", "path,label,speaker", "../lists/wav/a.wav,sad,x")
    (found,) = fatal(release, corpus | {"table": str(tmp_path / "lists/table.csv")}).fatal
    assert found.code == "table_path_outside"


def test_one_cell_in_the_middle_of_a_table_counts_and_the_order_of_its_rows_does_not(release, corpus):
    rows = [f"wav/a.wav,{'sad' if number % 2 else 'happy'},x,{number / 10},{number / 10 + 0.1}" for number in range(5)]
    put(release, "path,label,speaker,start,end", *rows)
    frame = read(release, corpus)[0]
    put(release, "path,label,speaker,start,end", rows[3], *rows[:3], rows[4])
    assert read(release, corpus)[0].equals(frame)
    put(release, "path,label,speaker,start,end", *rows[:2], rows[2].replace("happy", "sad"), *rows[3:])
    again = read(release, corpus)[0]
    assert (again["label"] != frame["label"]).tolist() == [False, False, True, False, False]


def test_audio_within_a_parquet_table_is_told_to_be_written_into_files(release, corpus):
    audio = [{"bytes": b"RIFF\xff", "path": "a.wav"}]
    pd.DataFrame({"path": audio, "label": ["sad"], "speaker": ["x"]}).to_parquet(release / "table.parquet")
    with pytest.raises(UserError, match=r"column path: struct<bytes: binary.*write each recording into one"):
        read(release, corpus, table="table.parquet")
