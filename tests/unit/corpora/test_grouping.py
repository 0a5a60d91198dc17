"""Findings that are alike are one line, and what is printed stays short whatever a release holds."""

import pytest

from serflow.corpora.findings import CODES, FatalFindings, Findings
from serflow.corpora.grouping import LINES


def found(code: str, files: list[str], message: str = "m", **more) -> Findings:
    findings = Findings(utterances=1, **more)
    for number, file in enumerate(files):
        findings.add(code, file, message, utterance=f"u{number}")
    return findings


def lines(findings: Findings, severity: str = "odd") -> list[str]:
    return [str(group) for group in findings.groups(severity)]


def test_three_of_a_kind_keep_their_places_and_four_are_one():
    files = [f"Session1/wav/d/{name}.wav" for name in "abcd"]
    assert lines(found("audio_silent", files[:3])) == [f"{file}: m" for file in files[:3]]
    assert lines(found("audio_silent", files)) == [f"Session1/wav/d: 4 utterances: m (first: {files[0]})"]


def test_that_all_are_concerned_is_said_of_a_folder_and_of_the_whole():
    files = [f"Session{session}/wav/{name}.wav" for session in "12" for name in "abcd"]
    assert lines(found("audio_silent", files[:4], folders={"Session1": 4, "Session2": 4})) == ["Session1/wav: all 4: m"]
    both = found("audio_silent", files, folders={"Session1": 4, "Session2": 5})
    assert lines(both) == ["Session1/wav: all 4: m", f"Session2/wav: 4 utterances: m (first: {files[4]})"]


def test_more_than_four_folders_are_told_by_the_one_above():
    files = [f"Session{session}/wav/{name}.wav" for session in "12345" for name in "ab"]
    assert lines(found("audio_silent", files)) == [f"the whole release: 10 utterances: m (first: {files[0]})"]


def test_few_messages_of_a_code_stay_apart_and_many_are_alike():
    findings = Findings()
    for number in range(8):
        findings.add("audio_rate", f"w/{number}.wav", f"{8000 + number % 2} Hz", utterance=str(number))
    assert [line.partition(" (")[0] for line in lines(findings, "fatal")] == [
        "w: 4 utterances: 8000 Hz",
        "w: 4 utterances: 8001 Hz",
    ]
    for number in range(8, 20):
        findings.add("audio_rate", f"w/{number}.wav", f"{number} Hz", utterance=str(number))
    assert lines(findings, "fatal") == ["w: 20 utterances: 8000 Hz; the others are alike (first: w/0.wav)"]


def test_the_largest_group_comes_first():
    findings = found("audio_silent", ["a/x.wav"])
    for number in range(9):
        findings.add("unexpected_file", f"b/{number}", "stranger")
    assert lines(findings) == ["b: 9 times: stranger (first: b/0)", "a/x.wav: m"]


@pytest.mark.parametrize("severity", ["odd", "fatal"])
def test_of_every_kind_in_every_place_no_more_is_printed_than_a_page_holds(severity):
    findings = Findings()
    for code in CODES[severity]:
        for number in range(500):
            findings.add(code, f"S{number % 7}/{number % 3}/{number}", f"m{number % 40}", utterance=str(number))
    assert len(lines(findings, severity)) <= max(LINES, len(CODES[severity]))


def test_a_file_s_name_of_any_bytes_can_be_written_and_printed(tmp_path):
    findings = found("unexpected_file", ["wav/caf\udce9"])
    findings.write(tmp_path / "f.json")
    assert Findings.read(tmp_path / "f.json").items[0].file == "wav/caf\\xe9"
    assert b"caf\\xe9" in str(FatalFindings(found("audio_nan", ["caf\udce9"]), release="r\udce9")).encode()


def test_a_session_that_is_not_there_counts_with_its_published_turns():
    findings = Findings(utterances=50, absent=2136)
    findings.add("session_missing", "Session4", "m")
    assert str(FatalFindings(findings, release="r")).endswith(
        "to do without the 2,136 of the sessions that are not there (50 utterances remain)"
    )
