"""Faults of a user's own table that would train on wrong rows without a word: quotes, overlaps, copies, patterns."""

import json
import shutil

import pytest

from helpers import ROOT
from helpers.tiny_release import Release, seen, write_wav
from helpers.tiny_table import fatal, put, read
from serflow import corpora
from serflow.corpora import manifest
from serflow.errors import UserError
from serflow.files import read_json
from serflow.reporting.release_check import release_check

PARTS = "path,label,speaker,start,end"


@pytest.fixture
def release(tmp_path):
    folder = tmp_path / "release"
    for name in "abcd":
        write_wav(folder / f"{name}.wav")
    return folder


def test_a_quote_left_open_costs_its_own_row_and_swallows_none(release, corpus):
    rows = ['a.wav,angry,s1,"oops', "b.wav,sad,s2,hm", 'c.wav,happy,s3,yes"', "d.wav,sad,s1,x"]
    put(release, "path,label,speaker,text", *rows)
    found = fatal(release, corpus)
    assert [(item.code, item.line) for item in found.items] == [("table_row_mangled", 2)]
    frame, _ = read(release, corpus)
    assert frame["path"].tolist() == ["b.wav", "c.wav", "d.wav"]


def test_a_line_break_within_a_value_is_mangled(release, corpus):
    put(release, "path,label,speaker,text", 'a.wav,angry,s1,"two', 'lines"', 'b.wav,"sa"d,s2,x')
    found = fatal(release, corpus)
    assert [(item.code, item.line) for item in found.items] == [("table_row_mangled", line) for line in (2, 3, 4)]
    assert "no value holds a line break" in found.items[0].message


def test_empty_rows_that_a_spreadsheet_left_are_no_rows(release, corpus):
    put(release, "path,label,speaker", "a.wav,sad,x", ",,", " , , ", ",,,,", "")
    frame, findings = read(release, corpus)
    assert (len(frame), seen(findings)) == (1, [])


@pytest.mark.parametrize(
    ("rows", "lines", "left"),
    [
        (["a.wav,angry,s1,0,0.3", "a.wav,sad,s2,0.2,0.5"], [3], []),
        (["a.wav,sad,s2,0.2,0.5", "a.wav,angry,s1,0,0.3"], [2], []),
        (["a.wav,angry,s1,,", "a.wav,sad,s2,0.1,0.3", "a.wav,sad,s2,0.3,0.5"], [3, 4], []),
        (["a.wav,angry,s1,0,0.2", "a.wav,sad,s2,0.2,0.35", "a.wav,sad,s2,0.3,"], [4], ["a_00000000"]),
        (
            ["a.wav,angry,s1,0,0.1", "a.wav,sad,s2,0.1,0.3", "b.wav,sad,s2,0.0,0.3"],
            [],
            ["a_00000000", "a_00000100", "b_00000000"],
        ),
    ],
    ids=["two", "order", "whole file", "to the end", "apart"],
)
def test_parts_that_share_speech_are_fatal_and_all_left_out(release, corpus, rows, lines, left):
    put(release, PARTS, *rows, "c.wav,sad,s3,,")
    frame, findings = read(release, corpus)
    assert [(item.code, item.line) for item in findings.items] == [("table_parts_overlap", line) for line in lines]
    assert len(findings.left_out) == len(rows) - len(left)
    assert frame["utterance"].tolist() == [*left, "c"]


def test_a_recording_under_two_names_is_odd_at_both(release, corpus):
    shutil.copyfile(release / "a.wav", release / "again.wav")
    put(release, PARTS, "a.wav,sad,x,,", "again.wav,happy,y,0.2,0.5", "b.wav,sad,y,0,0.2", "b.wav,sad,y,0.2,0.4")
    frame, findings = read(release, corpus)
    assert seen(findings) == [("duplicate_audio", "odd")] * 2
    assert [(item.file, item.quote) for item in findings.items] == [("a.wav", "again.wav"), ("again.wav", "a.wav")]
    assert len(frame) == 4


def test_a_recording_under_two_names_is_odd_in_a_release_too(release, tmp_path):
    made = Release(tmp_path / "iemocap")
    made.write()
    first, second = (made.wav(f"Ses01F_impro01_F00{index}") for index in range(2))
    shutil.copyfile(first, second)
    _, findings = made.read()
    assert [(item.code, item.utterance) for item in findings.items if item.severity == "odd"] == [
        ("duplicate_audio", first.stem),
        ("duplicate_audio", second.stem),
    ]
    shutil.copyfile(first, made.wav("Ses01F_impro01_M000"))
    _, findings = made.read()
    quotes = [item.quote for item in findings.items if item.code == "duplicate_audio"]
    assert [quote.rpartition("/")[2] for quote in quotes] == [
        f"{second.name} and 1 more",
        *[f"{first.name} and 1 more"] * 2,
    ]


def test_a_row_without_a_name_is_left_out_by_its_place(release, corpus):
    put(release, "utterance,path,label,speaker", ",a.wav,,x", "u,b.wav,,x", ",/etc/x.wav,sad,x", "v,c.wav,sad,x")
    assert fatal(release, corpus).left_out == {"table.csv:2", "u", "table.csv:4"}


@pytest.mark.parametrize("value", ["1_0e-1", "١", "0x1", "1e999", "1 0", "."])
def test_a_time_in_another_notation_is_fatal(release, corpus, value):
    put(release, PARTS, f"a.wav,sad,x,{value},")
    (finding,) = fatal(release, corpus).items
    assert (finding.code, finding.line) == ("table_row_mangled", 2)


@pytest.mark.parametrize("value", ["0.25", ".25", "2.5e-1", "+0.25", "25E-2"])
def test_a_time_may_be_written_as_numbers_are(release, corpus, value):
    put(release, PARTS, f"a.wav,sad,x,{value},")
    assert read(release, corpus)[0]["offset"].tolist() == [4000]


def test_an_utterance_too_short_for_speech_is_fatal(release, corpus):
    write_wav(release / "short.wav", seconds=0.09)
    put(release, PARTS, "a.wav,sad,x,0.1,0.1001", "short.wav,sad,x,,", "b.wav,sad,x,0.1,0.2")
    found = fatal(release, corpus)
    assert [(item.code, item.line) for item in found.items] == [("table_row_short", 2), ("table_row_short", 3)]


def declared(tmp_path, **changes):
    (tmp_path / "workflow" / "corpora").mkdir(parents=True)
    own = corpora.load("manifest", root=ROOT) | changes
    (tmp_path / "workflow" / "corpora" / "mine.yaml").write_text(json.dumps(own))
    return corpora.load("mine", root=tmp_path)


def test_a_table_that_no_pattern_matches_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"mine.yaml, key reads: no pattern matches the table 'labels.csv'"):
        declared(tmp_path, table="labels.csv")


@pytest.mark.parametrize("table", ["./table.csv", "../table.csv", "/data/../table.csv", "a//table.csv"])
def test_a_table_by_a_path_that_no_listing_has_is_refused(tmp_path, table):
    with pytest.raises(UserError, match="key table: .*expected a plain path within the release"):
        declared(tmp_path, table=table, reads=["*"])


def test_audio_that_no_pattern_matches_is_fatal(release, corpus):
    put(release, "path,label,speaker", "a.wav,sad,x", "far.ogg,sad,x")
    (finding,) = fatal(release, corpus).items
    assert (finding.code, finding.line, finding.quote) == ("table_path_unwatched", 3, "far.ogg")


def test_audio_of_another_form_says_how_to_convert_it(release, corpus):
    write_wav(release / "a.wav", rate=8000)
    write_wav(release / "b.wav", channels=2)
    put(release, "path,label,speaker", "a.wav,sad,x", "b.wav,sad,x")
    found = fatal(release, corpus | {"convert": None})
    assert [item.code for item in found.items] == ["audio_rate", "audio_channels"]
    assert all("set `convert: {channels: mean}` in the corpus's YAML" in item.message for item in found.items)


@pytest.mark.parametrize("dialog", ["", "d1"])
def test_a_private_table_keeps_the_places_of_its_findings(release, corpus, tmp_path, dialog):
    put(release, "path,label,speaker,dialog", f"a.wav,joy,s1,{dialog}", f"b.wav,sad,s2,{dialog}", "zz.wav,sad,s2,")
    frame, findings = read(release, corpus)
    manifest.write(frame, tmp_path / "m.parquet")
    findings.write(tmp_path / "f.json")
    spec = {"corpus": {"id": "x", "title": "X"}, "show_text": False, "published": None, "compared": False, "checks": []}
    audit = release_check(spec | {"manifest": str(tmp_path / "m.parquet"), "findings": str(tmp_path / "f.json")})
    places = [(item["code"], item["file"], item["line"]) for item in audit["findings"]]
    assert places == [("audio_missing", ".", None), ("unknown_label", "table.csv", 2)]
    assert "zz" not in json.dumps(audit)
    assert read_json(tmp_path / "f.json")["table"] == "table.csv"
