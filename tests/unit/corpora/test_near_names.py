"""Names in a table that are nearly those of something else: of a file, of another row, of another person."""

import unicodedata

import pytest

from helpers.tiny_release import seen, write_wav
from helpers.tiny_table import fatal, put, read

NFC = unicodedata.normalize("NFC", "wav/ärger.wav")
NFD = unicodedata.normalize("NFD", NFC)


@pytest.fixture
def release(tmp_path):
    folder = tmp_path / "release"
    for name in ("a.wav", "b.wav", "Loud.WAV"):
        write_wav(folder / "wav" / name)
    return folder


@pytest.mark.parametrize(("on_disk", "in_table"), [(NFC, NFD), (NFD, NFC), (NFD, NFD)])
def test_a_name_is_found_in_either_unicode_form(release, corpus, on_disk, in_table):
    write_wav(release / on_disk)
    put(release, "path,label,speaker", f"{in_table},sad,x")
    frame, findings = read(release, corpus)
    assert seen(findings) == []
    assert frame["path"].tolist() == [on_disk]


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("wav/A.wav", "wav/a.wav"),
        ("WAV/b.wav", "wav/b.wav"),
        ("wav/a.flac", "wav/a.wav"),
        ("wav/a", "wav/a.wav"),
        ("wav/loud.wav", "wav/Loud.WAV"),
    ],
)
def test_a_missing_file_is_told_with_the_one_that_nearly_bears_its_name(release, corpus, path, there):
    put(release, "path,label,speaker", f"{path},sad,x")
    (found,) = fatal(release, corpus | {"reads": ["*"]}).fatal
    assert (found.code, found.file, found.quote) == ("audio_missing", path, there)
    assert "correct the path in the table" in found.message


def test_a_path_without_suffix_is_told_so_where_the_patterns_of_reads_name_one(release, corpus):
    put(release, "path,label,speaker", "wav/a,sad,x")
    (found,) = fatal(release, corpus).fatal
    assert (found.code, found.quote) == ("table_path_unwatched", "wav/a (there is wav/a.wav)")


def test_nothing_is_offered_for_a_file_that_resembles_none(release, corpus):
    put(release, "path,label,speaker", "wav/c.wav,sad,x")
    (found,) = fatal(release, corpus).fatal
    assert (found.code, found.quote) == ("audio_missing", None)


def test_a_path_on_a_drive_of_windows_is_called_so(release, corpus):
    put(release, "path,label,speaker", r"C:\data\a.wav,sad,x")
    (found,) = fatal(release, corpus).fatal
    assert found.code == "table_path_outside"
    assert "on a drive of Windows" in found.message


def test_two_files_that_differ_in_their_suffix_alone_are_told_how_to_be_named(release, corpus):
    write_wav(release / "wav" / "a.flac")
    put(release, "path,label,speaker", "wav/a.wav,sad,x", "wav/a.flac,happy,y")
    (found,) = fatal(release, corpus).fatal
    assert found.code == "table_row_repeated"
    assert "differ in their suffix alone" in found.message
    put(release, "path,label,speaker,utterance", "wav/a.wav,sad,x,one", "wav/a.flac,happy,y,two")
    assert read(release, corpus)[0]["utterance"].tolist() == ["one", "two"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("01", "1"), ("S01", "s01"), ("s1", "s01"), ("Anna", "anna"), ("3", "3.0"),
        (unicodedata.normalize("NFC", "Zoë"), unicodedata.normalize("NFD", "Zoë")),
    ],
)  # fmt: skip
def test_speakers_that_are_alike_are_one_odd_finding(release, corpus, one, other):
    put(release, "path,label,speaker", f"wav/a.wav,sad,{one}", f"wav/b.wav,happy,{other}")
    frame, findings = read(release, corpus)
    (found,) = findings.items
    assert (found.code, found.severity, found.file) == ("names_alike", "odd", "table.csv")
    assert found.message.startswith("speakers that differ by leading zeros")
    assert found.quote == f"{one!r} and {other!r}"
    assert frame["speaker"].tolist() == [one, other]


def test_names_that_differ_otherwise_are_no_finding(release, corpus):
    put(release, "path,label,speaker", "wav/a.wav,sad,s10", "wav/b.wav,happy,s1", "wav/Loud.WAV,sad,s100")
    assert seen(read(release, corpus | {"reads": ["*"]})[1]) == []


def test_sessions_and_utterances_are_compared_too(release, corpus):
    put(release, "path,label,speaker,session,utterance", "wav/a.wav,sad,x,One,u1", "wav/b.wav,happy,y,one,u01")
    messages = [item.message for item in read(release, corpus)[1].items]
    assert [message.split()[0] for message in messages] == ["sessions", "utterances"]
