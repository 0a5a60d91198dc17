"""Runs of random predictions on disk, with many equal rates, for what is scored twice."""

import numpy as np
import pandas as pd

from serflow.files import digest, file_digest, write_json
from serflow.provenance.run_key import RunKey
from serflow.splits import make_split, split_digest

CLASSES = ["sad", "angry", "neutral"]
SPEC = {"parameters": {"train": {}}, "encoder": None}
SAMPLE = 9  # training utterances that a run predicts
KEY = {"corpus": "demo", "preset": "demo", "paper": "p", "experiment": "e", "split": "speaker"}


def make_folds():
    """A fold table of six speakers."""
    rows = [
        (f"u{s}{sex}{i}", CLASSES[(i * i + s) % (3 if sex == "F" else 2)], f"{s}{sex}", f"{s}{sex}", str(s), 1.0)
        for s in range(1, 4)
        for sex in "FM"
        for i in range(7)
    ]
    view = pd.DataFrame(rows, columns=["utterance", "class", "speaker", "wearer", "session", "duration"])
    return make_split(view, {"kind": "speaker", "folds": 6, "mate": "validates"})


def write_runs(folder, fold_table, system="s", seeds=(1, 2), drawn_by=(), spec=SPEC):
    """(fold, seed) -> entry of each run as scoring reads it: four epochs."""
    found = {}
    for fold in range(1, 7):
        for seed in seeds:
            rng = np.random.default_rng([fold, seed, *drawn_by])
            rows = fold_table[fold_table["fold"] == fold]
            trains = rows["part"] == "train"
            parts = (rows[~trains], rows[trains].sample(SAMPLE, random_state=seed))
            epochs = [
                part[["part", "utterance", "class"]].assign(epoch=np.int16(epoch))
                for part in parts
                for epoch in range(1, 5)
            ]
            frame = pd.concat(epochs, ignore_index=True)
            drawn = rng.dirichlet([0.7] * 3, len(frame)).astype(np.float32)
            frame = frame.assign(**{f"p_{name}": drawn[:, i] for i, name in enumerate(CLASSES)})
            run = RunKey(**KEY, system=system, fold=fold, seed=seed)
            place = folder / run.folder
            place.mkdir(parents=True)
            frame.to_parquet(place / "predictions.parquet", index=False)
            record = {"run": run.key, "spec": spec, "inputs": {"split": split_digest(fold_table)}}
            record["outputs"] = {"predictions.parquet": file_digest(place / "predictions.parquet")}
            write_json(place / "run.json", record)
            found[fold, seed] = {"folder": str(place), "run": run.key, "digest_spec": digest(spec), "inputs": {}}
    return found
