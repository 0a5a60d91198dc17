"""The audit's own scores against those of scoring: two implementations that share no code."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from serflow.audit.recompute import REPLICATES, Recomputed, rate, read_predictions
from serflow.files import digest, file_digest, write_json
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.scoring import Scores
from serflow.plan.run_key import Run
from serflow.splits import make_split, split_digest

CLASSES = ["sad", "angry", "neutral"]
KEY = {"corpus": "demo", "preset": "demo", "paper": "p", "experiment": "e", "split": "speaker"}


@pytest.fixture(scope="module")
def fold_table():
    rows = [
        (f"u{s}{sex}{i}", CLASSES[(i * i + s) % (3 if sex == "F" else 2)], f"{s}{sex}", f"{s}{sex}", str(s), 1.0)
        for s in range(1, 4)
        for sex in "FM"
        for i in range(7)
    ]
    view = pd.DataFrame(rows, columns=["utterance", "class", "speaker", "wearer", "session", "duration"])
    return make_split(view, {"kind": "speaker", "folds": 6, "mate": "validates"})


@pytest.fixture(scope="module")
def runs(fold_table, tmp_path_factory):
    """Folders of runs of random predictions, four epochs, with many equal rates, by fold and seed."""
    folder, found = tmp_path_factory.mktemp("runs"), {}
    for fold in range(1, 7):
        for seed in (1, 2):
            rng = np.random.default_rng([fold, seed])
            rows = fold_table[(fold_table["fold"] == fold) & (fold_table["part"] != "train")]
            epochs = [rows[["part", "utterance", "class"]].assign(epoch=np.int16(epoch)) for epoch in range(1, 5)]
            frame = pd.concat(epochs, ignore_index=True)
            drawn = rng.dirichlet([0.7] * 3, len(frame)).astype(np.float32)
            frame = frame.assign(**{f"p_{name}": drawn[:, i] for i, name in enumerate(CLASSES)})
            run = Run(**KEY, system="s", fold=fold, seed=seed)
            place = folder / run.folder
            place.mkdir(parents=True)
            frame.to_parquet(place / "predictions.parquet", index=False)
            record = {"run": run.key, "spec": {}, "inputs": {"split": split_digest(fold_table)}}
            record["outputs"] = {"predictions.parquet": file_digest(place / "predictions.parquet")}
            write_json(place / "run.json", record)
            found[fold, seed] = {"folder": str(place), "digest_spec": digest({}), **run.key}
    return found


@pytest.mark.parametrize("metric", ["ua", "wa", "f1_macro", "f1_weighted", "recall_angry"])
@pytest.mark.parametrize(
    ("rule", "part"),
    [("last", "test"), ("validation", "test"), ("test", "test"), ("test_each", "test"),
     ("last", "validation"), ("validation", "validation")],
)  # fmt: skip
def test_every_value_of_scores_csv_comes_out_the_same(fold_table, runs, rule, part, metric):
    folds = Folds(fold_table)
    read = [read_run(entry, folds, part=part) for entry in runs.values()]
    scored = Scores(read, folds, replicates=REPLICATES).scores_table()
    expected = scored[(scored["rule"] == rule) & (scored["metric"] == metric)].iloc[0]
    own = [read_predictions(runs[key]["folder"], fold=key[0], seed=key[1]) for key in runs]
    own = [replace(one, part=part) for one in own]
    speakers = dict(zip(fold_table["utterance"], fold_table["speaker"], strict=True))
    row = Recomputed(own, speakers, rule).row(metric)
    assert set(row) == set(expected.index) - {"system", "rule", "metric"}
    for name, value in row.items():
        if value is None:
            assert pd.isna(expected[name]), name
        else:
            assert value == pytest.approx(expected[name], abs=1e-9), name


def test_the_epochs_are_those_that_scoring_chooses(fold_table, runs):
    folds = Folds(fold_table)
    for (fold, seed), entry in runs.items():
        own = read_predictions(entry["folder"], fold=fold, seed=seed)
        assert {rule: own.epoch(rule) for rule in ("last", "validation", "test")} == read_run(entry, folds).epochs


def test_rates_by_hand():
    counts = {("a", "a"): 3, ("a", "b"): 1, ("b", "b"): 1, ("b", "a"): 1}

    found = {name: float(rate(Counter(counts), name)) for name in ("ua", "wa", "recall_a", "f1_macro")}
    assert found == pytest.approx({"ua": 0.625, "wa": 4 / 6, "recall_a": 0.75, "f1_macro": (6 / 8 + 2 / 4) / 2})
