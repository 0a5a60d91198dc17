"""Odd findings: named, and the run goes on."""

import shutil

import numpy as np
import pytest
import soundfile

from helpers.tiny_release import evaluation_line, seen, write_wav

FIRST = "Ses01F_impro01_F000"


def test_audio_without_a_label_line_is_odd_and_left_out(release):
    write_wav(release.wav("Ses01F_impro01_F009"))
    frame, findings = release.read()
    assert seen(findings) == [("audio_extra", "odd")]
    assert findings.items[0].utterance == "Ses01F_impro01_F009"
    assert len(frame) == 20
    assert findings.left_out == set()


def test_an_unknown_label_is_odd_and_counts_as_other(release):
    release.edit(release.evaluation(), f"{FIRST}\tneu", f"{FIRST}\tjoy")
    frame, findings = release.read()
    assert seen(findings) == [("unknown_label", "odd")]
    assert findings.items[0].line == 3
    assert frame.loc[0, ["label", "raw_label"]].tolist() == ["other", "joy"]


def test_of_two_blocks_of_a_turn_the_first_is_used(release):
    text = release.evaluation().read_text() + "\n" + evaluation_line(FIRST, "ang", 1.0) + "\n"
    release.put(release.evaluation(), text)
    frame, findings = release.read()
    assert seen(findings) == [("duplicate_block", "odd")]
    assert findings.items[0].utterance == FIRST
    assert frame["label"].iloc[0] == "neutral"


@pytest.mark.parametrize(("end", "codes"), [("1.5400", []), ("1.5600", [("duration_differs", "odd")])])
def test_a_duration_that_is_off_by_more_than_50_ms_is_odd(release, end, codes):
    release.edit(release.evaluation(), "[1.0000 - 1.5000]", f"[1.0000 - {end}]")
    frame, findings = release.read()
    assert seen(findings) == codes
    assert frame["duration"].iloc[0] == 0.5


def test_a_number_without_four_decimals_is_odd(release):
    release.edit(release.evaluation(), "[2.5000, 3.0000", "[2.000, 3.0000")
    _, findings = release.read()
    assert seen(findings) == [("number_format", "odd")]
    assert findings.items[0].utterance == FIRST


def test_a_turn_without_transcript_line_has_an_empty_text(release):
    release.edit(release.transcript(), f"{FIRST} [001.0000-001.5000]: Some words.\n", "")
    frame, findings = release.read()
    assert seen(findings) == [("transcript_missing", "odd")]
    assert frame["text"].tolist()[:2] == ["", "Some words."]


@pytest.mark.parametrize("state", ["gone", "folder"])
def test_a_transcript_file_that_is_not_there_is_one_finding(release, state):
    release.transcript().unlink()
    if state == "folder":
        release.transcript().mkdir()
    frame, findings = release.read()
    assert seen(findings) == [("transcript_file_missing", "odd")]
    assert frame["text"].tolist()[:4] == [""] * 4


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        (f"{FIRST} [001.0000001.5000] Some words.", ["transcript_mangled", "transcript_missing"]),
        (f"{FIRST} [-01.0000-001.5000]: Some words.", ["transcript_mangled"]),
        ("Ses01F_impro01_F009 [001.0000-001.5000]: Some words.", ["transcript_missing", "transcript_extra"]),
        (
            "Ses01F_impro01_F001 [001.0000-001.5000]: Some words.",
            ["transcript_duplicate", "transcript_missing"],
        ),
    ],
)
def test_a_mangled_transcript_line_is_odd(release, line, codes):
    release.edit(release.transcript(), f"{FIRST} [001.0000-001.5000]: Some words.", line)
    frame, findings = release.read()
    assert seen(findings) == [(code, "odd") for code in codes]
    assert len(frame) == 20


def test_a_turn_without_alignment_has_no_words(release):
    release.alignment(FIRST).unlink()
    frame, findings = release.read()
    assert seen(findings) == [("alignment_missing", "odd")]
    assert findings.items[0].utterance == FIRST
    assert frame["words"].iloc[0] == []


def test_without_any_alignments_the_run_goes_on(release):
    shutil.rmtree(release.session("1") / "sentences" / "ForcedAlignment")
    frame, findings = release.read()
    assert seen(findings) == [("alignment_missing", "odd")] * 4
    assert len(frame) == 20


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\0garbage\n",
        "SFrm EFrm SegAScr Word\n10 29 -7 SOME\n",
        "SFrm EFrm SegAScr Word\n-3 29 -7 SOME\nTotal score: -7\n",
        "SFrm EFrm SegAScr Word\n29 10 -7 SOME\nTotal score: -7\n",
        "SFrm EFrm SegAScr Word\n10 29 SOME\nTotal score: -7\n",
        "SFrm EFrm SegAScr Word\n10 99 -7 SOME\nTotal score: -7\n",
    ],
    ids=["empty", "garbage", "cut short", "negative", "backwards", "a column less", "beyond the audio"],
)
def test_an_alignment_that_cannot_be_right_gives_no_words(release, text):
    release.put(release.alignment(FIRST), text)
    frame, findings = release.read()
    assert seen(findings) == [("alignment_mangled", "odd")]
    assert frame["words"].iloc[0] == []


def test_files_that_belong_to_no_dialog_are_odd(release):
    release.put(release.evaluation().with_name("notes.txt"), "")
    release.put(release.evaluation().with_name("Ses02F_impro01.txt"), "")
    release.put(release.wav(FIRST).with_name("Ses01F_impro02_F000.wav"), "")
    _, findings = release.read()
    assert seen(findings) == [("unexpected_file", "odd")] * 3


def test_audio_of_zeros_is_odd(release):
    soundfile.write(release.wav(FIRST), np.zeros(8000), 16000)
    frame, findings = release.read()
    assert seen(findings) == [("audio_silent", "odd")]
    assert len(frame) == 20


def test_a_stray_line_is_odd_where_every_turn_has_its_label(release):
    release.put(release.evaluation(), release.evaluation().read_text() + "\nend of file\n")
    _, findings = release.read()
    assert seen(findings) == [("evaluation_line_unknown", "odd")]


def test_counts_other_than_the_published_are_odd(release):
    reference = {"source": "ours", "counts": {"all": {"neutral": 5, "angry": 6}}}
    _, findings = release.read(reference_counts=reference)
    assert seen(findings) == [("count_differs", "odd")]
    assert findings.items[0].message == "all: angry: 5 utterances found, 6 published"
