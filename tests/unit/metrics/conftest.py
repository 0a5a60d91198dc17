"""A tiny experiment on disk: 3 sessions, 6 speakers, leave one speaker out, runs with chosen predictions."""

import json

import numpy as np
import pandas as pd
import pytest

from serflow.files import digest, file_digest, write_json
from serflow.provenance.run_key import RunKey
from serflow.splits import fingerprint, make_split, split_digest

CLASSES = ["sad", "angry"]
DURATIONS = [1.0, 1.9, 2.0, 7.5, 7.6, 12.0]  # seconds, of turns 0 to 5
STYLES = ["improvised", "improvised", "scripted"]  # of turns, in turn
SPEAKER = {"kind": "speaker", "folds": 6, "mate": "validates"}
SHARED = {
    "corpus": "demo",
    "preset": "demo",
    "paper": "xu2020",
    "experiment": "improvised",
    "split": "speaker",
}
CODE = "0" * 64
SPEC = {"parameters": {"model": "acnn", "train": {"lr": 0.001}}, "encoder": None}


@pytest.fixture(scope="session")
def view():
    """Per speaker 6 utterances; the classes alternate."""
    rows = []
    for session in "123":
        for sex in "FM":
            for turn in range(6):
                speaker = f"Ses0{session}{sex}"
                about = (CLASSES[turn % 2], DURATIONS[turn], STYLES[turn % 3])
                rows.append((f"{speaker}_{turn}", *about, speaker, speaker, session, sex))
    return pd.DataFrame(
        rows, columns=["utterance", "class", "duration", "style", "speaker", "wearer", "session", "sex"]
    )


@pytest.fixture(scope="session")
def split(view):
    return make_split(view, SPEAKER)


@pytest.fixture
def fold_table(tmp_path, monkeypatch, split, view):
    """The folds and their view as files in the temporary folder, where the test goes on; the folds' fingerprint."""
    monkeypatch.chdir(tmp_path)
    view.to_parquet("view.parquet")
    write_json("view.json", {})
    split.to_parquet("speaker.parquet")
    write_json("speaker.json", fingerprint(split, "speaker", SPEAKER))
    return "speaker.json"


@pytest.fixture
def shared_key():
    """Part of the run key that all runs share."""
    return SHARED


@pytest.fixture
def spec():
    """Spec of all runs."""
    return SPEC


@pytest.fixture
def code():
    """Digest of the code of all runs."""
    return CODE


@pytest.fixture
def expected(code):
    """What the command is told of a system: the runs of three folds and one seed, but for what is changed."""

    def told(spec=SPEC, **change):
        nothing = dict.fromkeys(("features", "segment", "learns", "encoder"))
        flags = {"text": False, "seeded": True, "networks": False}
        return {"digest_spec": digest(spec), "code": code, "folds": [1, 2, 3], "seeds": [1]} | nothing | flags | change

    return told


@pytest.fixture
def write_run(tmp_path, split):
    """Write a run of two epochs; `right(part, epoch, turn)`: is it recognised? Returns its list entry.

    `trained(epoch, turn)`: is it, of the training part? `spec`: of the run.
    """

    def write(
        system,
        fold,
        seed,
        right,
        keep=lambda turn: True,
        change=lambda frame: frame,
        table=split,
        trained=lambda epoch, turn: True,
        spec=SPEC,
    ):
        rows = []
        for part in ("validation", "test", "train"):
            for _, row in table.query("fold == @fold and part == @part").iterrows():
                turn = int(row["utterance"][-1])
                for epoch in (1, 2):
                    found = trained(epoch, turn) if part == "train" else right(part, epoch, turn)
                    hit = found == (row["class"] == CLASSES[0])
                    rows.append((epoch, part, row["utterance"], row["class"], 0.9 if hit else 0.1, turn))
        frame = pd.DataFrame(rows, columns=["epoch", "part", "utterance", "class", "p_sad", "turn"])
        frame = frame[frame.pop("turn").map(keep)].assign(p_angry=lambda frame: 1 - frame["p_sad"])
        frame = frame.astype({"epoch": np.int16, "p_sad": np.float32, "p_angry": np.float32})
        run = RunKey(**SHARED, system=system, fold=fold, seed=seed)
        folder = tmp_path / run.folder
        folder.mkdir(parents=True)
        change(frame).to_parquet(folder / "predictions.parquet", index=False)
        record = {
            "run": run.key,
            "spec": spec,
            "inputs": {"split": split_digest(table), "code": CODE},
            "outputs": {"predictions.parquet": file_digest(folder / "predictions.parquet")},
        }
        (folder / "run.json").write_text(json.dumps(record))
        entry = {"folder": str(folder), "run": run.key, "training": run.key}
        return entry | {"digest_spec": digest(spec), "inputs": {"code": CODE}}

    return write
