"""What dry runs are measured on: a release without speech that is read as IEMOCAP, and features that are empty."""

import subprocess
from pathlib import Path

import pytest

from bench.mute import write_mute_release
from bench.states import State, write_python
from helpers import ROOT
from serflow import corpora
from serflow.corpora.readers import iemocap


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mute")
    write_mute_release(folder, turns=225)
    return iemocap.read(folder, corpus=corpora.load("iemocap", root=ROOT) | {"reference_counts": None})


def test_the_release_holds_every_turn_with_its_words_and_nothing_fatal(release):
    frame, findings = release
    assert len(frame) == 225
    assert not findings.fatal
    assert frame["text"].ne("").all()
    assert frame["sha256"].is_unique


def test_each_speaker_has_turns_of_each_style(release):
    frame, _ = release
    assert frame.groupby(["speaker", "style"]).size().shape == (20,)


def test_the_python_of_a_state_writes_empty_features_and_runs_all_else(tmp_path):
    write_python(tmp_path / "bin")

    def python(*arguments) -> str:
        return subprocess.run([tmp_path / "bin/python", *arguments], check=True, capture_output=True, text=True).stdout

    python("-m", "serflow.cli.features", "--jobs", "2", "--output", tmp_path / "store")
    assert {file.name: file.stat().st_size for file in (tmp_path / "store").iterdir()} == {
        "store.json": 0,
        "index.parquet": 0,
        "frames.npy": 0,
    }
    digests = [tmp_path / "one.json", tmp_path / "other.json"]
    for path in digests:
        python("-m", "serflow.cli.fingerprint", "--output", path)
    assert digests[0].read_text() != digests[1].read_text()  # none is taken for another's
    assert python("-c", "print('ran')") == "ran\n"


def test_the_largest_paper_is_that_with_the_most_training_jobs():
    state = State(Path(), ())
    folders = [
        f"results/iemocap/paper/{paper}/all/system/random10/fold{k}" for paper, k in [("a", 1), ("b", 1), ("b", 2)]
    ]
    state.__dict__["planned"] = {"train": {f"{folder}/runs.json" for folder in folders}}
    assert state.largest_paper() == "b"
