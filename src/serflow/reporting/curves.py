"""Learning curves of runs: loss, and UA by epoch on the validation and the test part and the training sample."""

from pathlib import Path
from typing import Any

import pandas as pd

from serflow.errors import not_made


def run_curves(run: dict[str, Any], folds: pd.DataFrame) -> pd.DataFrame:
    """Take the curves of one run from history.csv and predictions.parquet of its training.

    Parameters
    ----------
    run : dict
        ``fold``, ``seed``, ``folder``.
    folds : DataFrame
        The fold table of the run: utterance, fold, part.

    Returns
    -------
    DataFrame
        fold, seed, epoch, series (loss, train, validation, test), value (UA in per cent); no validation lines where
        the split has no validation part.
    """
    folder = Path(run["folder"])
    for name in ("history.csv", "predictions.parquet"):
        if not (folder / name).is_file():
            raise not_made(folder / name)
    history = pd.read_csv(folder / "history.csv", usecols=["epoch", "loss"])
    loss = history.rename(columns={"loss": "value"}).assign(series="loss")
    parts = folds[folds["fold"] == run["fold"]].set_index("utterance")["part"]
    predictions = pd.read_parquet(folder / "predictions.parquet")
    tested = predictions["part"] == "test"  # of whom a training may judge several folds
    predictions["part"] = predictions["part"].where(~tested, predictions["utterance"].map(parts))
    accuracy = accuracy_by_epoch(predictions)
    curves = pd.concat([loss, accuracy], ignore_index=True)
    return curves.assign(fold=run["fold"], seed=run["seed"])[["fold", "seed", "epoch", "series", "value"]]


def accuracy_by_epoch(predictions: pd.DataFrame) -> pd.DataFrame:
    """Compute UA (per cent) by epoch and part; of equally probable classes the first counts."""
    columns = [column for column in predictions.columns if column.startswith("p_")]
    chosen = predictions[columns].to_numpy().argmax(axis=1)
    names = pd.Index([column.removeprefix("p_") for column in columns])
    lines = predictions[["epoch", "part", "class"]].astype({"part": str, "class": str})
    lines["right"] = names[chosen] == lines["class"]
    recalls = lines.groupby(["part", "epoch", "class"], sort=True)["right"].mean()
    accuracy = 100 * recalls.groupby(level=["part", "epoch"]).mean()
    return accuracy.rename("value").reset_index().rename(columns={"part": "series"})
