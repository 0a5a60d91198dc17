"""The commands `manifest` and `accept`: what they write, and what they say of a broken release."""

import json

import pandas as pd
import pytest

from helpers.tiny_release import CORPUS
from serflow.cli import accept, manifest
from serflow.errors import UserError
from serflow.files import read_json

FIRST = "Ses01F_impro01_F000"


@pytest.fixture
def files(tmp_path):
    return {
        name: str(tmp_path / "out" / file)
        for name, file in {
            "manifest": "m.parquet",
            "findings": "findings.json",
            "fingerprint": "m.json",
            "audio": "audio.json",
        }.items()
    }


@pytest.fixture
def read(release, files):
    def read(**corpus):
        declared = ["--corpus", "tiny", "--corpus-spec", json.dumps(CORPUS | corpus), "--release", str(release.root)]
        manifest.main([*declared, "--manifest", files["manifest"], "--findings", files["findings"]])

    return read


@pytest.fixture
def accepted(release, files):
    def accepted(*more):
        accept.main(
            ["--release", str(release.root), *(part for name in files for part in (f"--{name}", files[name])), *more]
        )
        return read_json(files["audio"]), read_json(files["fingerprint"])

    return accepted


def test_manifest_and_findings_are_written(read, files):
    read()
    assert len(pd.read_parquet(files["manifest"])) == 20
    severities = {"expected": 0, "odd": 0, "fatal": 0}
    counts = {"utterances": 20, "severities": severities, "codes": {}}
    assert read_json(files["findings"]) == {"findings": [], "left_out": [], "table": None, "counts": counts}


def test_the_audio_fingerprint_changes_with_audio_not_with_labels(read, accepted, release):
    read()
    first = accepted()
    release.edit(release.evaluation(), f"{FIRST}\tneu", f"{FIRST}\tsad")
    read()
    second = accepted()
    assert second[0] == first[0]
    assert second[1] != first[1]


def test_fatal_findings_are_read_to_the_end_and_stop_what_follows(read, accepted, files, release, tmp_path):
    release.wav(FIRST).unlink()
    read()
    written = read_json(files["findings"])
    assert written["findings"] == [
        {
            "code": "audio_missing",
            "severity": "fatal",
            "file": f"Session1/sentences/wav/Ses01F_impro01/{FIRST}.wav",
            "line": None,
            "utterance": FIRST,
            "message": "the audio of a labelled turn is missing; copy it from the release",
            "quote": None,
        }
    ]
    assert written["left_out"] == [FIRST]
    with pytest.raises(UserError, match=f"(?s){FIRST}.wav: the audio of a labelled turn is missing.*findings.json"):
        accepted()
    assert not (tmp_path / "out/m.json").exists()
    assert not (tmp_path / "out/audio.json").exists()


def test_with_skip_broken_exactly_the_broken_turns_are_left_out(read, accepted, files, release):
    release.wav(FIRST).unlink()
    read()
    assert accepted("--skip-broken")[1]["utterances"] == 19
    left = set(pd.read_parquet(files["manifest"])["utterance"])
    assert len(left) == 19
    assert FIRST not in left


def test_more_than_twenty_fatal_findings_are_all_printed(read, accepted, release, capsys):
    wavs = sorted(release.root.rglob("*.wav"))
    for path in wavs[:-1]:
        path.unlink()
    release.put(release.evaluation(), release.evaluation().read_text() + "\n[1.0\n[2.0\n")
    read()
    with pytest.raises(UserError, match="and 1 more"):
        accepted()
    assert capsys.readouterr().err.count("missing; copy it") == 19


def test_a_release_without_a_usable_turn_names_what_is_wrong_with_it(read, release):
    for path in release.root.rglob("*.wav"):
        path.unlink()
    with pytest.raises(UserError, match="20 fatal findings"):
        read()


def test_an_unknown_reader_is_named(read):
    with pytest.raises(UserError, match="corpora/tiny.yaml, reader: reader 'nobody' is no file of"):
        read(reader="nobody")
    with pytest.raises(UserError, match="'counts' is no file of"):
        read(reader="counts")
