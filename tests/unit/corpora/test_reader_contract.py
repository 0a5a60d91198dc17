"""What every reader does alike, each on a tiny release of its own: columns, order, and what it says of spoilt audio."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from helpers import ROOT, tiny_database, tiny_table
from helpers.tiny_release import RATE, Release, seen, stopped, write_wav
from serflow import corpora
from serflow.corpora import manifest
from serflow.corpora.findings import Finding
from serflow.errors import UserError
from serflow.registry import READERS


@dataclass(frozen=True)
class Case:
    """A reader's tiny release: who writes it, the corpus's declaration, and one utterance (path, name, raw label)."""

    write: Callable[[Path], None]
    corpus: dict
    path: str
    utterance: str
    raw_label: str


def write_table(folder):
    for name in "abc":
        write_wav(folder / f"{name}.wav")
    tiny_table.put(folder, "path,label,speaker", "c.wav,happy,anna", "b.wav,sad,ben", "a.wav,sad,anna")


def write_database(folder):
    for name in "abc":
        write_wav(folder / f"{name}.wav")
    labels = {"c.wav": "happy", "b.wav": "sad", "a.wav": "sad"}
    tiny_database.database(labels, dict.fromkeys(labels, "ben")).save(folder)


def write_emodb(folder):
    for name in ("16a02Tc", "08b10Wb", "03a01Fa"):
        write_wav(folder / f"{name}.wav")


def write_iemocap(folder):
    Release(folder).write()


def declared(name, **changes):
    """A declaration that insists on the audio's form and compares no counts."""
    return corpora.load(name, root=ROOT) | {"reference_counts": None, "convert": None} | changes


TURN = "Ses03F_impro05a_F001"
OF_DATABASE = {"columns": tiny_database.COLUMNS, "labels": {"sad": "sad", "happy": "happy"}}
CASES = {
    "audformat": Case(write_database, declared("audformat", **OF_DATABASE), "b.wav", "b", "sad"),
    "emodb": Case(write_emodb, declared("emodb"), "08b10Wb.wav", "08b10Wb", "W"),
    "iemocap": Case(
        write_iemocap,
        declared("iemocap"),
        f"Session3/sentences/wav/Ses03F_impro05a/{TURN}.wav",
        TURN,
        "ang",
    ),
    "table": Case(write_table, declared("manifest"), "b.wav", "b", "sad"),
}


@pytest.fixture(params=sorted(CASES))
def name(request):
    return request.param


@pytest.fixture
def case(name):
    return CASES[name]


@pytest.fixture
def release(case, tmp_path):
    folder = tmp_path / "release"
    folder.mkdir()
    case.write(folder)
    return folder


@pytest.fixture
def read(name, case, release):
    """Return the reader of the case, bound to its release; keywords change the declaration."""
    module = READERS.load_module(name, where="")
    return lambda **changes: module.read(release, corpus=case.corpus | changes)


def test_every_reader_is_held_to_the_contract():
    assert sorted(CASES) == sorted(READERS.names())
    assert {name: case.corpus["reader"] for name, case in CASES.items()} == {name: name for name in CASES}


def test_the_manifest_has_the_same_columns_and_is_sorted_and_a_second_reading_gives_equal_bytes(case, read, tmp_path):
    written = []
    for number in "12":
        frame, findings = read()
        assert seen(findings) == []
        manifest.validate(frame)
        assert tuple(frame.columns) == manifest.COLUMNS
        assert frame["utterance"].tolist() == sorted(frame["utterance"])
        manifest.write(frame, tmp_path / f"{number}.parquet")
        findings.write(tmp_path / f"{number}.json")
        written.append(((tmp_path / f"{number}.parquet").read_bytes(), (tmp_path / f"{number}.json").read_bytes()))
    assert written[0] == written[1]
    row = frame.set_index("utterance").loc[case.utterance]
    assert (row["path"], row["raw_label"], row["label"]) == (
        case.path,
        case.raw_label,
        case.corpus["labels"][case.raw_label],
    )
    assert (row["sample_rate"], row["samples"], row["duration"]) == (RATE, RATE // 2, 0.5)


def dangle(path):
    path.unlink()
    path.symlink_to(path.with_name("gone"))


def spoil_with_nan(path):
    samples = np.linspace(-0.5, 0.5, RATE // 2, dtype=np.float32)
    samples[100] = np.nan
    soundfile.write(path, samples, RATE, subtype="FLOAT")


SPOILT = {
    "a link to nothing": (dangle, "audio_missing"),
    "empty": (lambda path: path.write_bytes(b""), "audio_empty"),
    "no audio": (lambda path: path.write_bytes(b"<html>log in</html>"), "audio_unreadable"),
    "NaN": (spoil_with_nan, "audio_nan"),
    "another rate": (lambda path: write_wav(path, rate=8000), "audio_rate"),
    "two channels": (lambda path: write_wav(path, channels=2), "audio_channels"),
    "cut short": (lambda path: path.write_bytes(path.read_bytes()[:4044]), "audio_truncated"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_audio_that_cannot_be_used_is_fatal_and_leaves_out_its_utterance_alone(case, release, read, fault):
    before, _ = read()
    spoil, code = SPOILT[fault]
    spoil(release / case.path)
    said: list[Finding] = []

    def again():
        frame, findings = read()
        said.extend(findings.items)
        expected = before[before["utterance"] != case.utterance].reset_index(drop=True)
        pd.testing.assert_frame_equal(frame, expected)
        return frame, findings

    findings = stopped(again)
    assert [(item.code, item.file, item.utterance) for item in said] == [(code, case.path, case.utterance)]
    assert findings.left_out == {case.utterance}
    assert findings.utterances == len(before) - 1


def test_a_file_that_was_removed_is_missing_wherever_something_names_it(name, case, release, read):
    (release / case.path).unlink()
    if name == "emodb":  # the folder's listing is all that names its files
        assert case.utterance not in read()[0]["utterance"].tolist()
        return
    found = stopped(read)
    assert [(item.code, item.file, item.utterance) for item in found.items] == [
        ("audio_missing", case.path, case.utterance)
    ]


def test_a_silent_file_and_a_copy_are_odd_and_stay(case, release, read):
    other = next(path for path in sorted(release.rglob("*.wav")) if path != release / case.path)
    (release / case.path).write_bytes(other.read_bytes())
    frame, findings = read()
    assert case.utterance in frame["utterance"].tolist()
    assert seen(findings) == [("duplicate_audio", "odd")] * 2
    soundfile.write(release / case.path, np.zeros(RATE // 2), RATE)
    frame, findings = read()
    assert case.utterance in frame["utterance"].tolist()
    assert [(item.code, item.severity, item.file) for item in findings.items] == [("audio_silent", "odd", case.path)]


def test_an_unknown_label_is_odd_and_counts_as_other(case, read):
    before, _ = read()
    labels = {raw: label for raw, label in case.corpus["labels"].items() if raw != case.raw_label}
    frame, findings = read(labels=labels)
    assert set(seen(findings)) == {("unknown_label", "odd")}
    assert {item.quote for item in findings.items} == {case.raw_label}
    assert frame.loc[frame["raw_label"] == case.raw_label, "label"].unique().tolist() == ["other"]
    pd.testing.assert_frame_equal(frame.drop(columns="label"), before.drop(columns="label"))


@pytest.mark.parametrize("there", [False, True])
def test_a_release_that_is_no_folder_is_told_with_the_key_to_set(name, case, tmp_path, there):
    place = tmp_path / "nowhere"
    if there:
        place.write_text("")
    module = READERS.load_module(name, where="")
    with pytest.raises(UserError, match="set `release` in config.yaml"):
        module.read(place, corpus=case.corpus)
