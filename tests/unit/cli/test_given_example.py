"""The worked example of docs/given_predictions.md, run as it stands there: folds, scikit-learn, serflow score."""

import re
import shlex

import numpy as np
import pandas as pd

from helpers import ROOT
from helpers.exported import CLASSES, project, utterances
from serflow.cli import folds, score
from serflow.features.store import write_store
from serflow.given.stored import stored
from serflow.metrics.given import given_runs
from serflow.metrics.run_files import Folds
from serflow.metrics.system_scores import SystemScores

PAGE = (ROOT / "docs/given_predictions.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"^\$ serflow (folds|score) ((?:.*\\\n)*.*)$", re.MULTILINE)


def commands():
    """The page's commands: name -> arguments of the first one of it."""
    found = {}
    for name, text in COMMAND.findall(PAGE):
        found.setdefault(name, shlex.split(text.replace("\\\n", " ")))
    return found


def test_the_example_is_taken_and_scored(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = project(tmp_path)
    rng = np.random.default_rng(1)
    # the class shows in the first values, and the speakers differ little
    values = (
        (row["utterance"], rng.normal(size=(1, 8)).astype(np.float32) + 6 * np.eye(8)[CLASSES.index(row["class"])])
        for _, row in utterances().sort_values("utterance").iterrows()
    )
    store = {"spec": {}, "dims": 8, "hop_seconds": None, "versions": {}}
    write_store(
        "data/demo/features/compare", utterances=((name, frames.astype(np.float32)) for name, frames in values), **store
    )
    folds.main([*commands()["folds"], "--protocol", "strict"])
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(code, "docs/given_predictions.md", "exec"), {})
    score.main(commands()["score"])
    (given,) = stored("demo")
    assert (given.name, given.title, given.seeded) == ("logistic", "Logistic regression, ComParE", False)
    assert pd.read_csv("predictions.csv")["fold"].nunique() == 10
    runs = given_runs([given.record], Folds(table), {"logistic": range(1, 11)})
    scores = SystemScores(runs.runs, Folds(table), permutations=5).scores_table().set_index(["select", "metric"])
    assert scores.loc[("best_validation", "ua"), "pooled"] > 0.9
