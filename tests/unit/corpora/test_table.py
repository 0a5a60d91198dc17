"""The reader of a user's own table: what a row becomes, and what is said of rows that cannot be used."""

import csv
import os

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.tiny_release import RATE, SECONDS, seen, write_wav
from helpers.tiny_table import fatal, put, read
from serflow.corpora import audio_files, manifest, table_file
from serflow.corpora.findings import FatalFindings, Findings
from serflow.errors import UserError
from serflow.features.extract import utterance_features


@pytest.fixture
def release(tmp_path):
    """Return a folder of three files, a.wav to c.wav, and a function `put` that writes its table."""
    folder = tmp_path / "release"
    for name in "abc":
        write_wav(folder / "wav" / f"{name}.wav")
    return folder


def test_three_columns_are_enough_and_the_rest_follows_the_stated_rule(release, corpus):
    put(release, "path,label,speaker", "wav/b.wav,sad,anna", "wav/a.wav,surprised,ben")
    frame, findings = read(release, corpus)
    assert seen(findings) == []
    columns = ["utterance", "path", "label", "raw_label", "speaker", "wearer", "session"]
    assert frame[columns].to_numpy().tolist() == [
        ["wav/a", "wav/a.wav", "surprised", "surprised", "ben", "ben", "ben"],
        ["wav/b", "wav/b.wav", "sad", "sad", "anna", "anna", "anna"],
    ]
    assert (frame[["sex", "style", "dialog", "text"]] == "").all(axis=None)
    assert frame[["start", "end", "valence", "activation", "dominance"]].isna().all(axis=None)
    assert frame["words"].tolist() == [[], []]
    assert frame[["samples", "offset", "file_samples"]].to_numpy().tolist() == [[8000, 0, 8000]] * 2
    assert frame["duration"].tolist() == [SECONDS] * 2


def test_all_columns_are_taken_as_they_stand(release, corpus):
    header = "text,utterance,path,label,speaker,session,dialog,style,sex"
    put(release, header, '"Yes, ""now""",u1,wav/a.wav,ang,s1,one,d7,scripted,f')
    (row,) = read(release, corpus, labels={"ang": "angry"})[0].to_dict("records")
    expected = {
        "utterance": "u1", "label": "angry", "raw_label": "ang", "speaker": "s1", "session": "one", "dialog": "d7",
        "style": "scripted", "sex": "F", "text": 'Yes, "now"',
    }  # fmt: skip
    assert {key: row[key] for key in expected} == expected


def test_a_parquet_table_gives_the_same_manifest_whatever_its_types(release, corpus):
    put(release, "path,label,speaker,start,end", "wav/a.wav,sad,3,,", "wav/b.wav,happy,4,0.1,0.3")
    frame, _ = read(release, corpus)
    content = {
        "path": ["wav/a.wav", "wav/b.wav"],
        "label": pd.Categorical(["sad", "happy"]),
        "speaker": [3, 4],
        "start": [np.nan, 0.1],
        "end": [np.nan, 0.3],
    }
    pd.DataFrame(content).to_parquet(release / "table.parquet", index=False)
    again, findings = read(release, corpus, table="table.parquet")
    assert seen(findings) == []
    pd.testing.assert_frame_equal(again, frame)


def test_a_part_of_a_file_is_read_to_the_sample_and_nothing_else(release, corpus):
    samples = (np.arange(3 * RATE) % 20000 - 10000).astype(np.int16)
    soundfile.write(release / "long.wav", samples, RATE)
    put(
        release,
        "path,label,speaker,start,end",
        "long.wav,sad,x,1.5,2.25",
        "long.wav,sad,x,0.25,0.5",
        "long.wav,sad,x,2.9,",
    )
    frame, _ = read(release, corpus)
    assert frame["utterance"].tolist() == ["long_00000250", "long_00001500", "long_00002900"]
    assert frame[["offset", "samples", "file_samples"]].to_numpy().tolist() == [
        [4000, 4000, 48000],
        [24000, 12000, 48000],
        [46400, 1600, 48000],
    ]
    assert frame["sha256"].nunique() == 1

    class Samples:
        sample_rate = RATE

        def __call__(self, samples):
            return samples[:, None]

    for row in frame.to_dict("records"):
        found = utterance_features(Samples(), release, row)[:, 0]
        expected = samples[row["offset"] : row["offset"] + row["samples"]] / np.float32(32768)
        np.testing.assert_array_equal(found, expected)
    soundfile.write(release / "long.wav", samples[:-1], RATE)
    with pytest.raises(UserError, match="47999 samples .* expected 48000"):
        utterance_features(Samples(), release, row | {"offset": 0})


def test_the_noise_of_floats_and_digits_beyond_a_sample_change_no_part(release, corpus):
    rows = ["0.30000000000000004,0.49999999999999994", "0.3,0.5", "0.2999999,0.5000001"]
    found = []
    for span in rows:
        put(release, "path,label,speaker,start,end,utterance", f"wav/a.wav,sad,x,{span},a")
        frame, findings = read(release, corpus)
        assert seen(findings) == []
        found.append(frame[["offset", "samples"]].to_numpy().tolist())
    assert found == [[[4800, 3200]]] * 3


def test_a_minute_of_speech_is_an_utterance_as_any_other(release, corpus):
    soundfile.write(release / "long.wav", np.tile(np.arange(-8000, 8000, dtype=np.int16), 61), RATE)
    put(release, "path,label,speaker", "long.wav,sad,x")
    frame, findings = read(release, corpus)
    assert seen(findings) == []
    assert frame["duration"].tolist() == [61.0]


@pytest.mark.parametrize("span", ["0.4,0.2", "0.2,0.2", "0.1,0.6", "0.7,0.9"])
def test_a_part_that_the_file_has_not_is_fatal(release, corpus, span):
    put(release, "path,label,speaker,start,end", f"wav/a.wav,sad,x,{span}", "wav/b.wav,sad,x,,")
    (finding,) = fatal(release, corpus).items
    assert (finding.code, finding.line, finding.utterance) == (
        "table_part_outside",
        2,
        f"wav/a_{int(float(span[:3]) * 1000):08d}",
    )


def test_an_end_within_the_tolerance_is_that_of_the_file(release, corpus):
    put(release, "path,label,speaker,start,end", "wav/a.wav,sad,x,0.25,0.53")
    frame, findings = read(release, corpus)
    assert seen(findings) == []
    assert frame["samples"].tolist() == [4000]


@pytest.mark.parametrize("value", ["-1", "1:30", "nan", "inf", "1,5"])
def test_a_time_that_is_none_is_fatal(release, corpus, value):
    put(release, "path;label;speaker;start", f"wav/a.wav;sad;x;{value}")
    (finding,) = fatal(release, corpus).items
    assert (finding.code, finding.line) == ("table_row_mangled", 2)


def test_audio_that_is_missing_or_unreadable_is_fatal_and_may_be_left_out(release, corpus):
    (release / "wav" / "b.wav").write_bytes(b"RIFF....")
    put(release, "path,label,speaker", "wav/a.wav,sad,x", "wav/b.wav,sad,x", "wav/z.wav,sad,x")
    found = fatal(release, corpus)
    assert seen(found) == [("audio_unreadable", "fatal"), ("audio_missing", "fatal")]
    assert found.left_out == {"wav/b", "wav/z"}
    frame, _ = read(release, corpus)
    assert frame["utterance"].tolist() == ["wav/a"]


def test_paths_may_be_absolute_within_the_release_or_relative_to_the_tables_folder(release, corpus):
    rows = [f"{release}/wav/a.wav,sad,x", "../wav/b.wav,sad,x", "..\\wav\\c.wav,sad,x"]
    put(release, "path,label,speaker", *rows, file="meta/table.csv")
    frame, findings = read(release, corpus, table="meta/table.csv")
    assert seen(findings) == []
    assert frame["path"].tolist() == ["wav/a.wav", "wav/b.wav", "wav/c.wav"]


@pytest.mark.parametrize("path", ["../a.wav", "/etc/a.wav", "wav/../../a.wav", "."])
def test_a_path_outside_the_release_is_fatal(release, corpus, path):
    put(release, "path,label,speaker", f"{path},sad,x", "wav/a.wav,sad,x")
    (finding,) = fatal(release, corpus).items
    assert (finding.code, finding.line, finding.quote) == ("table_path_outside", 2, path)


def test_an_unknown_label_is_one_odd_finding_with_the_nearest_one(release, corpus):
    put(release, "path,label,speaker", "wav/a.wav,sad,x", "wav/b.wav,hapy,x", "wav/c.wav,hapy,x")
    frame, findings = read(release, corpus)
    (finding,) = findings.items
    assert (finding.code, finding.severity, finding.line, finding.quote) == ("unknown_label", "odd", 3, "hapy")
    assert "in 2 rows" in finding.message
    assert "did you mean 'happy'" in finding.message
    assert frame["label"].tolist() == ["sad", "other", "other"]


def test_unknown_styles_sexes_and_columns_are_odd(release, corpus):
    put(release, "path,label,speaker,style,sex,sesion", "wav/a.wav,sad,x,read,?,1")
    frame, findings = read(release, corpus)
    assert seen(findings) == [
        ("table_column_unknown", "odd"),
        ("table_value_unknown", "odd"),
        ("table_value_unknown", "odd"),
    ]
    assert "did you mean 'session'" in findings.items[0].message
    assert frame[["style", "sex", "session"]].to_numpy().tolist() == [["", "", "x"]]


def test_rows_with_missing_values_or_another_number_of_them_are_fatal(release, corpus):
    put(release, "path,label,speaker", "wav/a.wav,sad", "", "wav/b.wav,,x", "wav/c.wav,sad,x,y", "wav/c.wav,sad,x")
    found = fatal(release, corpus)
    assert [(item.code, item.line) for item in found.items] == [
        ("table_row_mangled", 2),
        ("table_row_mangled", 5),
        ("table_row_mangled", 4),
    ]
    assert found.left_out == {"table.csv:2", "table.csv:4", "table.csv:5"}
    assert "leave out exactly the 3 utterances" in str(FatalFindings(found, release=release))


def test_an_utterance_or_a_file_in_two_rows_is_fatal_and_both_are_left_out(release, corpus):
    header = "utterance,path,label,speaker"
    put(
        release,
        header,
        "u,wav/a.wav,sad,x",
        "u,wav/b.wav,sad,x",
        "v,wav/c.wav,sad,x",
        "w,wav/c.wav,happy,x",
        "k,wav/../k.wav,sad,x",
    )
    write_wav(release / "k.wav")
    found = fatal(release, corpus)
    assert [(item.code, item.line) for item in found.items] == [("table_row_repeated", 3), ("table_parts_overlap", 5)]
    assert "line 2" in found.items[0].message
    assert found.left_out == {"u", "table.csv:3", "v", "w"}
    frame, _ = read(release, corpus)
    assert frame["utterance"].tolist() == ["k"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["path,label,speakr", "a.wav,sad,x"], "no column 'speaker'; .*; did you mean 'speakr'"),
        (["path,label,speaker,path", "a.wav,sad,x,a.wav"], "column 'path' stands twice"),
        ([""], "no column 'path'"),
        (['path,label,"speaker', "a.wav,sad,x"], "line 1: not valid CSV"),
    ],
)
def test_a_table_that_is_none_is_refused(release, corpus, lines, message):
    put(release, *lines)
    with pytest.raises(UserError, match=message):
        read(release, corpus)


def test_a_table_without_a_row_is_fatal(release, corpus):
    put(release, "path,label,speaker")
    assert [item.code for item in fatal(release, corpus).items] == ["corpus_empty"]


def test_a_missing_table_names_those_that_are_there(release, corpus):
    put(release, "path,label,speaker", file="tabel.csv")
    with pytest.raises(UserError, match="no such table; .*did you mean 'tabel.csv'"):
        read(release, corpus)
    with pytest.raises(UserError, match="lacks the key `table`"):
        read(release, {key: value for key, value in corpus.items() if key != "table"})
    (release / "table.parquet").write_bytes(b"no parquet")
    with pytest.raises(UserError, match="not a Parquet file"):
        read(release, corpus, table="table.parquet")


def test_files_read_in_parallel_are_as_those_read_one_by_one(release, monkeypatch):
    (release / "wav" / "b.wav").write_bytes(b"")
    paths = [f"wav/{name}.wav" for name in "abcd"]
    alone = audio_files.inspect_all(release, paths, convert=None)
    monkeypatch.setattr(audio_files, "FEW", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert audio_files.inspect_all(release, paths, convert=None) == alone
    assert [alone[path].found[:1] and alone[path].found[0][0] for path in paths] == [
        (),
        "audio_empty",
        (),
        "audio_missing",
    ]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\ufeff"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=6),
    order=st.permutations(["path", "label", "speaker", "text"]),
    separator=st.sampled_from(table_file.SEPARATORS),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
)
def test_what_a_csv_writer_wrote_comes_back(tmp_path_factory, rows, order, separator, end, bom):
    folder = tmp_path_factory.mktemp("csv")
    with open(folder / "t.csv", "w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
        writer.writerows([order, *rows])
    found = table_file.load(folder, "t.csv", findings=Findings())
    expected = [dict(zip(order, (cell.strip() for cell in row), strict=True)) for row in rows]
    full = [index for index, row in enumerate(expected) if any(row.values())]
    assert [{name: values[name] for name in order} for _, values in found] == [expected[index] for index in full]
    assert found.lines == [2 + index for index in full]


def test_the_manifest_is_written_and_read_with_its_parts(release, corpus, tmp_path):
    put(release, "path,label,speaker,start,end", "wav/a.wav,sad,x,0,0.25", "wav/a.wav,sad,x,0.25,0.5")
    frame, _ = read(release, corpus)
    manifest.write(frame, tmp_path / "m.parquet")
    assert manifest.load(tmp_path / "m.parquet")["offset"].tolist() == [0, 4000]
