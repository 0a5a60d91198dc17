"""EmoDB: the name of a file says all; and the real recordings, where a user names their folder."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from helpers import ROOT
from helpers.tiny_release import seen, write_wav
from serflow import corpora
from serflow.corpora.readers import emodb
from serflow.errors import UserError


@pytest.fixture(scope="module")
def corpus():
    return corpora.load("emodb", root=ROOT)


@pytest.fixture
def folder(tmp_path, corpus):
    for name in ("03a01Fa", "08b10Wb", "16a02Tc"):
        write_wav(tmp_path / f"{name}.wav")
    soundfile.write(tmp_path / "12b01La.flac", np.linspace(-0.1, 0.1, 8000), 16000)
    return tmp_path


def read(folder, corpus, **changes):
    return emodb.read(folder, corpus=corpus | {"reference_counts": None} | changes)


def test_speaker_session_sex_and_label_come_from_the_name(folder, corpus):
    frame, findings = read(folder, corpus)
    assert seen(findings) == []
    columns = [
        "utterance",
        "speaker",
        "wearer",
        "session",
        "sex",
        "label",
        "raw_label",
        "dialog",
        "style",
        "text",
    ]
    assert frame[columns].to_numpy().tolist() == [
        ["03a01Fa", "03", "03", "1", "M", "happy", "F", "a01", "", ""],
        ["08b10Wb", "08", "08", "1", "F", "angry", "W", "b10", "", ""],
        ["12b01La", "12", "12", "4", "M", "other", "L", "b01", "", ""],
        ["16a02Tc", "16", "16", "5", "F", "sad", "T", "a02", "", ""],
    ]
    assert frame["path"].tolist()[2] == "12b01La.flac"
    assert frame["start"].isna().all()


def test_what_is_no_recording_is_odd(folder, corpus):
    write_wav(folder / "99a01Fa.wav")
    (folder / "notes.txt").write_text("")
    soundfile.write(folder / "03a01Fa.flac", np.linspace(-0.2, 0.2, 8000), 16000)
    frame, findings = read(folder, corpus)
    assert seen(findings) == [
        ("duplicate_audio", "odd"),
        ("unexpected_file", "odd"),
        ("unexpected_file", "odd"),
    ]
    assert len(frame) == 4


def test_an_unknown_emotion_letter_is_odd(folder, corpus):
    write_wav(folder / "03a01Xa.wav")
    frame, findings = read(folder, corpus)
    assert seen(findings) == [("unknown_label", "odd")]
    assert frame.set_index("utterance").loc["03a01Xa", "label"] == "other"


def test_a_flac_file_that_is_cut_short_is_fatal(folder, corpus):
    path = folder / "12b01La.flac"
    path.write_bytes(path.read_bytes()[:-400])
    frame, findings = read(folder, corpus)
    (finding,) = findings.fatal
    assert finding.code in ("audio_truncated", "audio_unreadable")
    assert finding.utterance == "12b01La"
    assert len(frame) == 3


def test_the_folder_above_the_recordings_names_theirs(folder, corpus):
    (folder / "above" / "wav").mkdir(parents=True)
    with pytest.raises(UserError, match="set `release` in config.yaml to .*above/wav"):
        read(folder / "above", corpus)


@pytest.mark.skipif("SERFLOW_EMODB" not in os.environ, reason="SERFLOW_EMODB names no folder of recordings")
def test_the_real_recordings_are_as_published(corpus):
    frame, findings = emodb.read(Path(os.environ["SERFLOW_EMODB"]), corpus=corpus)
    assert seen(findings) == []
    assert len(frame) == 339
    assert frame["label"].value_counts().to_dict() == {"angry": 127, "neutral": 79, "happy": 71, "sad": 62}
    pairs = frame.groupby("session")["speaker"].unique().map(sorted).to_dict()
    assert pairs == {
        "1": ["03", "08"],
        "2": ["09", "10"],
        "3": ["11", "13"],
        "4": ["12", "14"],
        "5": ["15", "16"],
    }
    assert frame["duration"].sum() / 60 == pytest.approx(15.89, abs=0.005)
