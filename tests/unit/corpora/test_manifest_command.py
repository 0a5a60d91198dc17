"""The commands `manifest` and `accept`: what they write, and what they say of a broken release."""

import json

import pandas as pd
import pytest

from helpers.tiny_release import CORPUS, DIALOGS
from serflow.cli import accept, manifest
from serflow.errors import UserError
from serflow.files import file_digest, read_json, write_json

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
    folders = {f"Session{session}": 4 for session in range(1, 6)}
    counts = {"utterances": 20, "hours": 0.0, "published": {}, "absent": 0, "folders": folders}
    written = read_json(files["findings"])
    assert written.pop("dialogs") == sorted([*folders, *DIALOGS.values()])
    assert written.pop("counts") == counts | {"severities": severities, "codes": {}}
    digest = file_digest(files["manifest"])
    assert written == {"findings": [], "left_out": [], "table": None, "manifest": digest}


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


def test_what_is_odd_is_said_after_the_reading_a_line_a_kind(read, release, capsys):
    for path in release.root.rglob("*.wdseg"):
        path.unlink()
    read()
    assert capsys.readouterr().out.splitlines() == [
        "tiny: 20 utterances, 0.00 h; findings: 0 fatal, 20 odd, 0 expected",
        "  odd: the whole release: all 20: the turn has no word alignment; its words are empty",
    ]


def test_with_skip_broken_it_is_said_what_is_left_out(read, accepted, release, capsys):
    release.wav(FIRST).unlink()
    read()
    capsys.readouterr()
    accepted("--skip-broken")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "19 utterances, 0.00 h; findings: 1 fatal, 0 odd, 0 expected"
    assert lines[1] == "skip_broken: 1 utterances are left out"
    assert lines[2].endswith(f"{FIRST}.wav: the audio of a labelled turn is missing; copy it from the release")


@pytest.mark.parametrize("more", [(), ("--skip-broken",)])
def test_where_nothing_is_usable_all_is_written_and_skip_broken_is_not_offered(read, accepted, files, release, more):
    for path in release.root.rglob("*.wav"):
        path.unlink()
    read()
    assert len(read_json(files["findings"])["findings"]) == 20
    assert pd.read_parquet(files["manifest"]).empty
    with pytest.raises(UserError, match="20 fatal findings:\n  the whole release: all 20: the audio") as caught:
        accepted(*more)
    assert "no utterance is left: mend the release" in str(caught.value)
    assert "skip_broken" not in str(caught.value)


def test_an_unknown_reader_is_named(read):
    with pytest.raises(UserError, match="corpora/tiny.yaml, reader: reader 'nobody' is no file of"):
        read(reader="nobody")
    with pytest.raises(UserError, match="'counts' is no file of"):
        read(reader="counts")


def test_a_manifest_that_the_reading_did_not_write_is_not_accepted(read, accepted, files):
    read()
    accepted()
    frame = pd.read_parquet(files["manifest"])
    frame.loc[0, "label"] = "angry" if frame.loc[0, "label"] != "angry" else "sad"
    frame.to_parquet(files["manifest"], index=False)
    with pytest.raises(UserError, match=r"m\.parquet: not the manifest that the reading .* delete \S+ and \S+findings"):
        accepted()
    written = read_json(files["findings"])
    write_json(files["findings"], {name: value for name, value in written.items() if name != "manifest"})
    accepted()  # a reading of before said nothing of it
