"""The command `manifest`: what it writes, and what it says of a broken release."""

import json

import pandas as pd
import pytest
from tiny_release import CORPUS

from serflow.cli.manifest import main
from serflow.errors import UserError
from serflow.files import read_json

FIRST = "Ses01F_impro01_F000"


@pytest.fixture
def call(release, tmp_path):
    out = tmp_path / "out"
    names = {"--manifest": "m.parquet", "--findings": "findings.json", "--audio": "audio.json"}

    def call(*more, **corpus):
        files = [part for option, name in names.items() for part in (option, str(out / name))]
        spec = json.dumps(CORPUS | corpus)
        main(["--corpus", "tiny", "--corpus-spec", spec, "--release", str(release.root), *files, *more])

    call.out = out
    return call


def test_manifest_and_findings_are_written(call):
    call()
    assert len(pd.read_parquet(call.out / "m.parquet")) == 20
    severities = {"expected": 0, "odd": 0, "fatal": 0}
    counts = {"utterances": 20, "severities": severities, "codes": {}}
    assert read_json(call.out / "findings.json") == {"findings": [], "left_out": [], "counts": counts}


def test_the_audio_fingerprint_changes_with_audio_not_with_labels(call, release):
    call()
    first = read_json(call.out / "audio.json"), read_json(call.out / "m.json")
    release.edit(release.evaluation(), f"{FIRST}\tneu", f"{FIRST}\tsad")
    call()
    second = read_json(call.out / "audio.json"), read_json(call.out / "m.json")
    assert second[0] == first[0]
    assert second[1] != first[1]


def test_fatal_findings_stop_it_after_the_findings_are_written(call, release):
    release.wav(FIRST).unlink()
    with pytest.raises(UserError, match=f"(?s){FIRST}.wav: the audio of a labelled turn is missing.*findings.json"):
        call()
    written = read_json(call.out / "findings.json")
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
    assert written["left_out"] == []
    assert not (call.out / "m.parquet").exists()


def test_with_skip_broken_exactly_the_broken_turns_are_left_out_and_listed(call, release):
    release.wav(FIRST).unlink()
    call("--skip-broken")
    left = set(pd.read_parquet(call.out / "m.parquet")["utterance"])
    assert len(left) == 19
    assert FIRST not in left
    assert read_json(call.out / "findings.json")["left_out"] == [FIRST]


def test_more_than_twenty_fatal_findings_are_all_printed(call, release, capsys):
    for path in release.root.rglob("*.wav"):
        path.unlink()
    release.put(release.evaluation(), release.evaluation().read_text() + "\n[1.0\n")
    with pytest.raises(UserError, match="and 1 more"):
        call()
    assert capsys.readouterr().err.count("missing; copy it") == 20


def test_an_unknown_reader_is_named(call):
    with pytest.raises(UserError, match="corpora/tiny.yaml, reader: 'nobody' is no reader"):
        call(reader="nobody")
    with pytest.raises(UserError, match="'counts' is no reader"):
        call(reader="counts")
