"""What the reader makes of a release in order, and of what the real one is known to contain."""

import math
import shutil

import pandas as pd
import pytest

from helpers.tiny_release import evaluation_line, seen, write_wav
from serflow.corpora.manifest import COLUMNS
from serflow.errors import UserError
from serflow.lexical.words import words_of

FIRST = "Ses01F_impro01_F000"


def test_a_release_in_order_gives_every_turn_and_no_finding(release):
    frame, findings = release.read()
    assert len(frame) == 20 == findings.utterances
    assert seen(findings) == []
    assert list(frame.columns) == list(COLUMNS)
    assert frame["utterance"].is_monotonic_increasing


def test_a_row_holds_what_the_files_say(release):
    frame, _ = release.read()
    row = frame.iloc[0].to_dict()
    assert row["utterance"] == FIRST
    assert row["path"] == f"Session1/sentences/wav/Ses01F_impro01/{FIRST}.wav"
    assert (row["sample_rate"], row["samples"], row["duration"]) == (16000, 8000, 0.5)
    assert (row["label"], row["raw_label"], row["style"]) == ("neutral", "neu", "improvised")
    assert (row["start"], row["end"]) == (1.0, 1.5)
    assert (row["valence"], row["activation"], row["dominance"]) == (2.5, 3.0, 3.5)
    assert row["text"] == "Some words."


def test_the_speaker_is_the_last_name_field_and_the_wearer_the_first(release):
    frame, _ = release.read()
    rows = frame.set_index("utterance")
    assert rows.loc["Ses02M_script01_1_F000", ["speaker", "wearer", "sex"]].tolist() == [
        "Ses02F",
        "Ses02M",
        "F",
    ]
    assert rows.loc["Ses05M_script01_1b_M001", ["speaker", "wearer", "sex"]].tolist() == [
        "Ses05M",
        "Ses05M",
        "M",
    ]
    assert rows.loc["Ses05M_script01_1b_M001", ["session", "style"]].tolist() == ["5", "scripted"]


def test_words_are_in_seconds_without_marks_and_variants(release):
    frame, _ = release.read()
    assert frame["words"].iloc[0] == [
        {"word": "SOME", "start": 0.1, "end": 0.3},
        {"word": "WORDS", "start": 0.3, "end": 0.4},
    ]


def test_hidden_files_are_counted_and_not_read(release):
    release.put(release.evaluation().with_name("._Ses01F_impro01.txt"), "Mac\0")
    release.put(release.wav(FIRST).with_name("._x.wav"), "Mac\0")
    frame, findings = release.read()
    assert seen(findings) == [("hidden_file", "expected")] * 2
    assert len(frame) == 20


def test_folders_beside_the_label_files_are_no_finding(release):
    (release.evaluation().parent / "Categorical").mkdir()
    assert seen(release.read()[1]) == []


def test_extra_turns_and_untagged_lines_of_a_transcript_are_expected(release):
    text = release.transcript().read_text() + "Ses01F_impro01_MXX0 [001.0000-002.0000]: Hm.\nM: Yeah.\n"
    release.put(release.transcript(), text)
    frame, findings = release.read()
    assert seen(findings) == [("xx_turn", "expected"), ("transcript_untagged", "expected")]
    assert [item.line for item in findings.items] == [5, 6]
    assert len(frame) == 20


@pytest.mark.parametrize(
    ("encode", "code"),
    [
        (lambda text: b"\xef\xbb\xbf" + text.encode(), "bom"),
        (lambda text: b"\xff\xfe" + text.encode("utf-16-le"), "bom"),
        (lambda text: text.replace("\n", "\r\n").encode(), "crlf"),
        (lambda text: text.replace("(curious)", "(curieux, \xe9mu)").encode("latin-1"), "not_utf8"),
    ],
)
def test_encodings_and_line_ends_of_label_files_change_no_row(release, encode, code):
    before, _ = release.read()
    path = release.evaluation()
    path.write_bytes(encode(path.read_text()))
    after, findings = release.read()
    assert seen(findings) == [(code, "expected")]
    assert after.equals(before)


def test_a_windows_ellipsis_does_not_break_a_transcript_line(release):
    path = release.transcript()
    path.write_bytes(path.read_bytes().replace(b"Some words.", b"Some\x85 words.", 1))
    frame, findings = release.read()
    assert seen(findings) == [("not_utf8", "expected")]
    assert frame["text"].iloc[0] == "Some\N{HORIZONTAL ELLIPSIS} words."


def test_bytes_of_windows_1252_are_read_as_such_so_that_a_word_keeps_its_apostrophe(release):
    path = release.transcript()
    path.write_bytes(path.read_bytes().replace(b"Some words.", b"That\x92s it \x96 d\xe9j\xe0.", 1))
    frame, findings = release.read()
    assert [item.message for item in findings.items] == ["bytes that are not utf-8; the file was read as Windows-1252"]
    assert words_of(frame["text"].iloc[0]) == ["that's", "it", "d\xe9j\xe0"]


def test_bytes_that_mean_nothing_in_windows_1252_are_read_as_latin_1(release):
    path = release.transcript()
    path.write_bytes(path.read_bytes().replace(b"Some words.", b"Some \x81\xe9 words.", 1))
    assert release.read()[0]["text"].iloc[0] == "Some \x81\xe9 words."


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read_as_such(release, encoding):
    before, _ = release.read()
    for path in (release.evaluation(), release.transcript()):
        path.write_bytes(path.read_text().encode(encoding))
    after, findings = release.read()
    assert [item.message for item in findings.items] == [f"{encoding} without a byte order mark; read as such"] * 2
    assert after.equals(before)


def test_missing_and_far_ratings_and_semicolons_are_expected(release):
    path = release.evaluation()
    release.edit(path, "[2.5000, 3.0000, 3.5000]", "[5.5000, 3.0000, ]")
    release.edit(path, "dom  2;", "dom  ;")
    release.edit(path, "C-E2:\tNeutral;\t()", "C-E2:\tNeutral; ;\t()")
    frame, findings = release.read()
    codes = ["rating_missing", "rating_out_of_range", "stray_semicolon", "rating_missing"]
    assert seen(findings) == [(code, "expected") for code in codes]
    assert frame["valence"].iloc[0] == 5.5
    assert math.isnan(frame["dominance"].iloc[0])


def test_the_two_known_gaps_in_the_alignments_are_expected_and_others_odd(release):
    known = "Ses03M_impro03"
    turns = [f"{known}_M000", f"{known}_M001"]
    release.put(
        release.evaluation("3").with_name(f"{known}.txt"),
        "\n\n".join(evaluation_line(t, "hap", 1.0) for t in turns),
    )
    release.put(release.transcript("3").with_name(f"{known}.txt"), "".join(f"{t} [1.0-1.5]: A.\n" for t in turns))
    for turn in turns:
        write_wav(release.wav(turn))
    frame, findings = release.read()
    assert seen(findings) == [("alignment_missing", "odd"), ("alignment_known_missing", "expected")]
    assert len(frame) == 22


def test_a_missing_release_names_what_to_set(tmp_path):
    from serflow.corpora.readers import iemocap

    with pytest.raises(UserError, match="nowhere: no such folder; set `release` in config.yaml"):
        iemocap.read(tmp_path / "nowhere", corpus={})


def test_a_folder_above_the_release_names_the_one_below(release):
    from serflow.corpora.readers import iemocap

    with pytest.raises(UserError, match="release, which holds them"):
        iemocap.read(release.root.parent, corpus={})


def test_where_nothing_is_left_there_are_no_rows_and_all_findings(release):
    for session in "12345":
        shutil.rmtree(release.session(session) / "sentences" / "wav")
    frame, findings = release.read()
    assert frame.empty
    assert findings.utterances == 0
    assert len(findings.fatal) == len(findings.left_out) == 20


def test_blanks_in_the_place_of_tabs_change_no_row(release):
    before, _ = release.read()
    release.edit(release.evaluation(), "\tneu\t", "  neu  ")
    after, findings = release.read()
    assert seen(findings) == []
    pd.testing.assert_frame_equal(after, before)
