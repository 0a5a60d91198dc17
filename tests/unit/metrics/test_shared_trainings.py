"""Scores of folds that are views of one training: each fold says who of the left-out session validates and tests."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from serflow.cli.score_runs import main
from serflow.errors import UserError
from serflow.files import digest, file_digest, read_json, write_json
from serflow.metrics.run_files import Folds, read_run, stored_run
from serflow.metrics.system_scores import SystemScores
from serflow.provenance.encoders import encoder_digest
from serflow.provenance.run_key import RunKey
from serflow.splits import fingerprint, make_split

SPEAKER = {"kind": "speaker", "folds": 6, "mate": "validates", "networks": "session_out"}
SESSION = {"kind": "session", "folds": 3}
TABLES = ("scores.csv", "runs.csv", "confusion.csv", "pairs.csv")


def right(speaker, epoch, turn):
    """The first speaker of a session is recognised better in epoch 1 (4 of 6, then 2), the other one in epoch 2."""
    return turn < (4 if (epoch == 1) == speaker.endswith("F") else 2)


def predictions(rows):
    """Those of a fold, of two epochs, all of the training part right; in this order: epoch, part, utterance."""
    frames = []
    for epoch in (1, 2):
        turns = rows["utterance"].str[-1].astype(int)
        found = [
            part == "train" or right(speaker, epoch, turn)
            for part, speaker, turn in zip(rows["part"], rows["speaker"], turns, strict=True)
        ]
        sad = np.where(np.array(found) == (rows["class"] == "sad"), 0.9, 0.1).astype(np.float32)
        frame = rows[["part", "utterance", "class"]].assign(epoch=np.int16(epoch), p_sad=sad)
        frames.append(frame.assign(p_angry=1 - frame["p_sad"]))
    return pd.concat(frames).sort_values(["epoch", "part", "utterance"], ignore_index=True)


@pytest.fixture
def tables(tmp_path, monkeypatch, view):
    """The fold tables by the name of their split, which stand in the temporary folder, where the test goes on."""
    monkeypatch.chdir(tmp_path)
    found = {"speaker": make_split(view, SPEAKER), "session_out": make_split(view, SESSION, {"speaker": SPEAKER})}
    view.to_parquet("view.parquet")
    write_json("view.json", {})
    for (name, table), split in zip(found.items(), (SPEAKER, SESSION), strict=True):
        table.to_parquet(f"{name}.parquet")
        write_json(f"{name}.json", fingerprint(table, name, split))
    return found


@pytest.fixture
def train(tables, shared_key, spec, code):
    """Write a training of a fold of a split, after `change`d its predictions; gives its key."""

    def write(split, fold, system="a", change=lambda frame: frame, inputs=None):
        run = RunKey(**shared_key | {"split": split}, system=system, fold=fold, seed=1)
        folder = Path(run.folder)
        folder.mkdir(parents=True)
        table = tables[split]
        change(predictions(table[table["fold"] == fold])).to_parquet(folder / "predictions.parquet", index=False)
        inputs = {"split": read_json(f"{split}.json")["digest"], "code": code} | (inputs or {})
        outputs = {"predictions.parquet": file_digest(folder / "predictions.parquet")}
        write_json(folder / "run.json", {"run": run.key, "spec": spec, "inputs": inputs, "outputs": outputs})
        return run

    return write


@pytest.fixture
def entry(spec, code):
    """How scoring asks for a fold of `speaker` of a training."""

    def of(training, fold):
        run = replace(training, split="speaker", fold=fold)
        inputs = {"code": code, "split": read_json("session_out.json")["digest"]}
        told = {"folder": training.folder, "run": run.key, "training": training.key}
        return told | {"digest_spec": digest(spec), "inputs": inputs}

    return of


@pytest.fixture
def score(shared_key, spec, code):
    """Call the command on all folds of `speaker`; gives the bytes of its tables."""

    def call(output, *options, system="a", networks=True, encoder=None):
        asked = {"digest_spec": digest(spec), "folds": [1, 2, 3, 4, 5, 6], "seeds": [1], "code": code}
        asked |= {"features": None, "text": False, "seeded": True, "learns": None, "segment": None}
        systems = {system: asked | {"networks": networks, "encoder": encoder}}
        given = ["--run", json.dumps(shared_key), "--systems", json.dumps(systems), "--split", "speaker.json"]
        given += [
            "--view",
            "view.json",
            "--networks",
            "session_out.json",
            "--pairs",
            "[]",
            "--permutations",
            "20",
            "--output",
            output,
        ]
        main([*given, *options])
        return {name: Path(output, name).read_bytes() for name in TABLES}

    return call


def test_two_folds_read_the_same_predictions_with_validation_and_test_exchanged(tables, train, entry):
    training, folds = train("session_out", 1), Folds(tables["speaker"])
    first, second = (stored_run(entry(training, fold), folds).parts for fold in (1, 2))
    for one, other in (("test", "validation"), ("validation", "test"), ("train", "train")):
        for mine, its in zip(first[one], second[other], strict=True):
            np.testing.assert_array_equal(mine, its)
    assert {folds.utterances[place][:6] for place in first["test"][0]} == {"Ses01F"}
    assert {folds.utterances[place][:6] for place in second["test"][0]} == {"Ses01M"}


def test_each_fold_chooses_its_own_epoch_by_its_own_validation_part(tables, train, entry):
    training, folds = train("session_out", 2), Folds(tables["speaker"])
    runs = [read_run(entry(training, fold), folds) for fold in (3, 4)]
    assert [run.fold for run in runs] == [3, 4]
    assert [run.epochs for run in runs] == [  # Ses02M is best in epoch 2 and validates fold 3, which tests Ses02F
        {"last": 2, "best_validation": 2, "best_test": 1},
        {"last": 2, "best_validation": 1, "best_test": 2},
    ]
    table = SystemScores(runs, folds, permutations=20).scores_table().set_index(["select", "metric"])["pooled"]
    assert table["best_test", "wa"] == pytest.approx(8 / 12)
    assert table["best_validation", "wa"] == pytest.approx(4 / 12)
    assert table["last", "wa"] == pytest.approx(6 / 12)


def test_the_tables_are_those_of_trainings_of_each_fold_alone_that_predict_the_same(train, score):
    for session in (1, 2, 3):
        train("session_out", session)
    for fold in range(1, 7):
        train("speaker", fold)
    shared, own = score("shared", "--development"), score("own", "--development", networks=False)
    assert shared == own
    assert b"ua_development" in shared["scores.csv"] and b"best_validation" in shared["runs.csv"]


def test_trainings_on_another_fold_table_of_sessions_are_refused(train, score, view):
    for session in (1, 2, 3):
        train("session_out", session)
    other = make_split(view, SESSION, {"speaker": SPEAKER, "session_parts": {"kind": "session_parts", "folds": 3}})
    write_json("session_out.json", fingerprint(other, "session_out", SESSION))
    with pytest.raises(UserError, match="session_out/fold1/seed1/run.json: stale .* trained on another fold table"):
        score("scores")


def test_trainings_of_a_folds_own_pass_for_no_shared_ones(tables, train, score):
    for session in (1, 2, 3):
        train("session_out", session, inputs={"split": read_json("speaker.json")["digest"]})
    with pytest.raises(UserError, match="session_out/fold1/seed1/run.json: stale .* trained on another fold table"):
        score("scores")


def of_one_epoch(frame):
    return frame.drop(index=frame.index[(frame["utterance"] == "Ses01M_3") & (frame["epoch"] == 2)])


def without_a_speaker(frame):
    return frame[~frame["utterance"].str.startswith("Ses01M")]


def with_who_trains(frame):
    return frame.assign(part=frame["part"].where(frame["utterance"] != "Ses03F_0", "test"))


def with_parts_of_its_own(frame):
    return frame.assign(part=frame["part"].where(frame["utterance"] != "Ses01F_0", "validation"))


@pytest.mark.parametrize(
    ("fold", "change", "message"),
    [
        (1, of_one_epoch, "validation: not every utterance once in each of the epochs 1 to 2"),
        (2, of_one_epoch, "test: not every utterance once in each of the epochs 1 to 2"),
        (1, without_a_speaker, "no utterance of the validation part"),
        (2, without_a_speaker, "no utterance of the test part"),
        (1, with_who_trains, "utterance Ses03F_0 is not in the test part of fold 1"),
        (1, with_parts_of_its_own, "utterance Ses01F_0 is not in the validation part of fold 1"),
    ],
)
def test_predictions_that_are_not_the_session_are_refused(tables, train, entry, fold, change, message):
    training = train("session_out", 1, change=change)
    with pytest.raises(UserError, match=f"predictions.parquet: stale .*{message}"):
        read_run(entry(training, fold), Folds(tables["speaker"]))


def test_a_training_of_another_session_is_refused(tables, train, entry):
    training = train("session_out", 2)
    with pytest.raises(UserError, match="utterance Ses02F_0 is not in the test part of fold 1"):
        read_run(entry(training, 1), Folds(tables["speaker"]))


def start_from(train, fold_of):
    """Trainings of each fold that start from the network that a fold chose of its session's: `fold_of` (fold)."""
    starts = {}
    for session in (1, 2, 3):
        training = train("session_out", session)
        best = {f"speaker/fold{2 * session - 1}": 1, f"speaker/fold{2 * session}": 2}
        write_json(Path(training.folder, "model/epochs.json"), {"last": 3, "best": best, "kept": True})
        path = Path(training.folder, "run.json")
        networks = {f"model/{name}/weights.safetensors": f"{session} {name}" for name in ("epoch1", "epoch2", "last")}
        record = read_json(path)
        write_json(path, record | {"outputs": record["outputs"] | networks})
        starts[session] = path
    for fold in range(1, 7):
        encoder = encoder_digest(starts[(fold + 1) // 2], "best", f"speaker/fold{fold_of(fold)}")
        train("speaker", fold, system="b", inputs={"encoder": encoder})


ENCODER = {"system": "a", "weights": "best", "networks": True}


def test_a_training_that_starts_from_the_network_that_its_fold_chose_is_scored(train, score):
    start_from(train, lambda fold: fold)
    assert b"b,best_validation,1," in score("scores", system="b", networks=False, encoder=ENCODER)["runs.csv"]


def test_a_training_that_starts_from_the_network_that_another_fold_chose_is_refused(train, score):
    start_from(train, lambda fold: 1 + (fold - 1) // 2 * 2)
    with pytest.raises(UserError, match="b/speaker/fold2/seed1/run.json: stale"):
        score("scores", system="b", networks=False, encoder=ENCODER)
