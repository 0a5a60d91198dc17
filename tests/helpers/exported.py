"""A folder with the workflow's YAML and a fold table of the demo, as rule `split` leaves it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import ROOT
from serflow.splits import fingerprint, make_split

CLASSES = ["angry", "sad", "excited", "neutral"]
SPEAKER = {"kind": "speaker", "folds": 10, "mate": "validates"}
VIEW = Path("data/demo/xu2020/improvised")


def utterances():
    """A view: five sessions of two speakers, eight utterances each."""
    rows = [
        (f"Ses0{session}_{sex}{number}", CLASSES[number % 4], f"Ses0{session}{sex}", str(session))
        for session in range(1, 6)
        for sex in "FM"
        for number in range(8)
    ]
    table = pd.DataFrame(rows, columns=["utterance", "class", "speaker", "session"])
    return table.assign(wearer=table["speaker"], duration=1.0)


def project(folder, corpus="demo"):
    """Write the workflow's YAML, config.yaml and the folds of xu2020's `strict`, of `corpus`, under `folder`."""
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    shutil.copy(ROOT / "config.yaml", folder)
    table = make_split(utterances(), SPEAKER)
    splits = folder / Path(str(VIEW).replace("demo", corpus)) / "splits"
    splits.mkdir(parents=True)
    table.to_parquet(splits / "speaker.parquet", index=False)
    (splits / "speaker.json").write_text(json.dumps(fingerprint(table, "speaker", SPEAKER)))
    return table


def predictions(table, seeds=(1,)):
    """Probabilities of every test utterance, drawn by chance."""
    rng = np.random.default_rng(1)
    tested = table.loc[table["part"] == "test", ["utterance", "fold"]]
    found = [
        tested.assign(seed=seed, **dict(zip((f"p_{name}" for name in CLASSES), drawn.T, strict=True)))
        for seed in seeds
        for drawn in [rng.dirichlet([1] * 4, len(tested))]
    ]
    return pd.concat(found, ignore_index=True)
