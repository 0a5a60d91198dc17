"""Runs of random predictions on disk, with many equal rates, for what is scored twice."""

import numpy as np
import pandas as pd

from serflow.files import digest, file_digest, write_json
from serflow.provenance.run_key import RunKey
from serflow.split_kinds import session_of
from serflow.splits import make_split, split_digest

CLASSES = ["sad", "angry", "neutral"]
SPEC = {"parameters": {"train": {}}, "encoder": None}
SAMPLE = 9  # training utterances that a run predicts
KEY = {"corpus": "demo", "preset": "demo", "paper": "p", "experiment": "e"}
SPEAKER = {"kind": "speaker", "folds": 6, "mate": "validates"}
SESSION = {"kind": "session", "folds": 3}


def make_folds():
    """A fold table of six speakers."""
    return make_split(_view(), SPEAKER)


def make_networks():
    """The fold table of the trainings that judge these speakers' folds: of their three sessions."""
    return make_split(_view(), SESSION, {"speaker": SPEAKER})


def _view():
    rows = [
        (f"u{s}{sex}{i}", CLASSES[(i * i + s) % (3 if sex == "F" else 2)], f"{s}{sex}", f"{s}{sex}", str(s), 1.0)
        for s in range(1, 4)
        for sex in "FM"
        for i in range(7)
    ]
    return pd.DataFrame(rows, columns=["utterance", "class", "speaker", "wearer", "session", "duration"])


def write_runs(folder, fold_table, system="s", seeds=(1, 2), drawn_by=(), spec=SPEC, networks=None):
    """(fold, seed) -> entry of each run as scoring reads it: four epochs.

    `networks`: the fold table of the trainings that judge the folds, in place of trainings of their own.
    """
    found = {}
    for fold in range(1, 7):
        for seed in seeds:
            run = training = RunKey(**KEY, split="speaker", system=system, fold=fold, seed=seed)
            inputs = {}
            if networks is not None:
                training = RunKey(**KEY, split="session_out", system=system, fold=session_of(SPEAKER, fold), seed=seed)
                inputs = {"split": split_digest(networks)}
            place = folder / training.folder
            if not place.exists():
                _write_training(place, training, fold_table if networks is None else networks, drawn_by, spec)
            found[fold, seed] = {"folder": str(place), "run": run.key, "training": training.key}
            found[fold, seed] |= {"digest_spec": digest(spec), "inputs": inputs}
    return found


def _write_training(place, run, fold_table, drawn_by, spec):
    rng = np.random.default_rng([run.fold, run.seed, *drawn_by])
    rows = fold_table[fold_table["fold"] == run.fold]
    trains = rows["part"] == "train"
    parts = (rows[~trains], rows[trains].sample(SAMPLE, random_state=run.seed))
    epochs = [
        part[["part", "utterance", "class"]].assign(epoch=np.int16(epoch)) for part in parts for epoch in range(1, 5)
    ]
    frame = pd.concat(epochs, ignore_index=True)
    drawn = rng.dirichlet([0.7] * 3, len(frame)).astype(np.float32)
    frame = frame.assign(**{f"p_{name}": drawn[:, i] for i, name in enumerate(CLASSES)})
    place.mkdir(parents=True)
    frame.to_parquet(place / "predictions.parquet", index=False)
    record = {"run": run.key, "spec": spec, "inputs": {"split": split_digest(fold_table)}}
    record["outputs"] = {"predictions.parquet": file_digest(place / "predictions.parquet")}
    write_json(place / "run.json", record)


def parts_of(fold_table, fold):
    """Utterance -> part in a fold."""
    rows = fold_table[fold_table["fold"] == fold]
    return dict(zip(rows["utterance"], rows["part"], strict=True))
