"""Fatal findings: all named, the run stops, or exactly the turns concerned are left out."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from helpers.tiny_release import seen, write_wav
from serflow.corpora.findings import FatalFindings

FIRST = "Ses01F_impro01_F000"
DIALOG = [f"Ses01F_impro01_{turn}" for turn in ("F000", "F001", "M000", "M001")]


def truncate(path):
    path.write_bytes(path.read_bytes()[:4000])


def write_nan(path):
    soundfile.write(path, np.full(8000, np.nan), 16000, subtype="FLOAT")


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


BREAKS = {
    "audio_missing": Path.unlink,
    "audio_empty": lambda path: path.write_bytes(b""),
    "audio_truncated": truncate,
    "audio_rate": lambda path: write_wav(path, rate=8000),
    "audio_channels": lambda path: write_wav(path, channels=2),
    "audio_nan": write_nan,
}


def left_out_when_skipped(release):
    frame, findings = release.read()
    assert not findings.left_out & set(frame["utterance"])
    assert len(frame) + len(findings.left_out) == 20
    return sorted(findings.left_out)


@pytest.mark.parametrize("code", BREAKS)
def test_a_labelled_turn_whose_audio_is_not_as_published_is_fatal(release, code):
    BREAKS[code](release.wav(FIRST))
    findings = release.fatal()
    assert seen(findings) == [(code, "fatal")]
    assert findings.items[0].file == f"Session1/sentences/wav/Ses01F_impro01/{FIRST}.wav"
    assert left_out_when_skipped(release) == [FIRST]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"no audio at all"),
        replace_by_folder,
        lambda path: path.write_bytes(b"RIFF"),
    ],
    ids=["text", "folder", "four bytes"],
)
def test_audio_that_cannot_be_decoded_is_fatal(release, spoil):
    spoil(release.wav(FIRST))
    assert seen(release.fatal()) == [("audio_unreadable", "fatal")]
    assert left_out_when_skipped(release) == [FIRST]


def test_a_wav_of_no_samples_is_empty(release):
    write_wav(release.wav(FIRST), seconds=0)
    assert seen(release.fatal()) == [("audio_empty", "fatal")]


def test_a_wav_written_to_a_pipe_is_read_although_its_header_has_no_length(release):
    data = bytearray(release.wav(FIRST).read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xff" * 4
    release.wav(FIRST).write_bytes(data)
    frame, findings = release.read()
    assert seen(findings) == []
    assert frame["samples"].iloc[0] == 8000


def test_files_that_may_not_be_read_are_findings_not_tracebacks(release, monkeypatch):
    forbidden = {release.wav(FIRST), release.evaluation("2"), release.transcript("3")}
    original = Path.open

    def refuse(path, *arguments, **settings):
        if path in forbidden:
            raise PermissionError(13, "Permission denied")
        return original(path, *arguments, **settings)

    monkeypatch.setattr(Path, "open", refuse)
    assert seen(release.fatal()) == [
        ("audio_unreadable", "fatal"),
        ("evaluation_unreadable", "fatal"),
        ("transcript_file_missing", "odd"),
    ]


@pytest.mark.parametrize("state", ["gone", "folder", "empty"])
def test_a_dialog_without_label_file_is_fatal_and_leaves_out_its_audio(release, state):
    release.evaluation().unlink()
    if state == "folder":
        release.evaluation().mkdir()
    if state == "empty":
        release.put(release.evaluation(), "")
    code = {"gone": "missing", "folder": "unreadable", "empty": "empty"}[state]
    assert seen(release.fatal()) == [(f"evaluation_{code}", "fatal")]
    assert left_out_when_skipped(release) == DIALOG


def test_a_missing_session_is_fatal(release):
    shutil.rmtree(release.session("4"))
    assert seen(release.fatal()) == [("session_missing", "fatal")]
    frame, findings = release.read()
    assert len(frame) == 16
    assert findings.left_out == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[1.0000 - 1.5000]", "1.0000 - 1.5000]"),
        ("[1.0000 - 1.5000]", "[-1.0000 - 1.5000]"),
        ("[1.0000 - 1.5000]", "[1.5000 - 1.0000]"),
        ("\tneu\t[2.5000, 3.0000, 3.5000]", "\tneu"),
        ("\tneu\t", "\t\t"),
        ("[2.5000, 3.0000, 3.5000]", "[2.5000, 3.0000]"),
        ("[2.5000, 3.0000, 3.5000]", "[25.0000, 3.0000, 3.5000]"),
    ],
    ids=["bracket", "negative", "backwards", "cut short", "no label", "two ratings", "rating 25"],
)
def test_a_mangled_label_line_is_fatal_for_its_turn(release, old, new):
    release.edit(release.evaluation(), old, new)
    findings = release.fatal()
    assert seen(findings)[0] == ("label_line_mangled", "fatal")
    assert (findings.items[0].line, findings.items[0].utterance) == (3, FIRST)
    assert left_out_when_skipped(release) == [FIRST]


@pytest.mark.parametrize("line", ["", "garbage", "[1.0000 - 1.5000]\tneu", "% lost"])
def test_a_label_line_that_lost_its_name_leaves_out_the_audio_without_label(release, line):
    text = release.evaluation().read_text().split("\n")
    text[2] = line
    release.put(release.evaluation(), "\n".join(text))
    findings = release.fatal()
    assert ("label_line_mangled", "fatal") in seen(findings)
    assert ("audio_extra", "odd") in seen(findings)
    assert left_out_when_skipped(release) == [FIRST]


def test_the_label_line_of_another_dialog_is_mangled(release):
    release.edit(release.evaluation(), FIRST, "Ses02F_impro01_F000")
    assert ("label_line_mangled", "fatal") in seen(release.fatal())
    assert left_out_when_skipped(release) == [FIRST]


def test_a_mangled_line_that_bears_the_name_of_a_sound_one_leaves_that_turn_in(release):
    release.put(release.evaluation(), release.evaluation().read_text() + f"\n[9.0000\t{FIRST}\tneu\n")
    assert seen(release.fatal()) == [("label_line_mangled", "fatal")]
    frame, findings = release.read()
    assert FIRST in set(frame["utterance"])
    assert findings.left_out == set()


def test_a_name_with_a_digit_too_many_is_no_turn(release):
    release.edit(release.evaluation(), FIRST, f"{FIRST}0")
    findings = release.fatal()
    assert [(item.code, item.utterance) for item in findings.items] == [
        ("label_line_mangled", None),
        ("audio_extra", FIRST),
    ]
    assert left_out_when_skipped(release) == [FIRST]


def test_all_fatal_findings_are_collected_and_those_alike_are_one_line(release):
    for path in release.root.rglob("*_M00?.wav"):
        path.unlink()
    release.put(release.evaluation(), release.evaluation().read_text() + "\n[1.0\n")
    _, findings = release.read()
    assert len(findings.fatal) == 11
    lines = str(FatalFindings(findings, release=release.root)).split("\n")
    assert lines[0].endswith("11 fatal findings:")
    first = "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_M000.wav"
    missing = "the audio of a labelled turn is missing; copy it from the release"
    assert lines[1] == f"  the whole release: 10 utterances: {missing} (first: {first})"
    assert lines[2].startswith("  Session1/dialog/EmoEvaluation/Ses01F_impro01.txt:23: mangled label line")
    assert len(lines) == 4
    assert lines[3] == (
        "mend the release, or set `skip_broken: true` in config.yaml to leave out exactly the 10 utterances concerned "
        "(10 utterances remain)"
    )
