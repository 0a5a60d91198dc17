"""Predictions of systems that were trained elsewhere: their files against given.json, and against the fold table."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from serflow.audit.data import Data
from serflow.audit.findings import Step, agree, unchecked
from serflow.audit.recompute import Predictions
from serflow.errors import UserError
from serflow.files import file_digest
from serflow.given.stored import Given
from serflow.metrics.names import CALIBRATION

__all__ = ["given_predictions", "given_steps", "is_scored"]

GIVEN = "predictions that came from elsewhere"
SUMS_TO_1 = 0.01


def is_scored(given: Given, data: Data, column: str) -> bool:
    """Whether there is a number: not of an edited file or another fold table, nor of calibration without probabilities.

    `column`: of a table.
    """
    if not given.probabilities and column.startswith(CALIBRATION):
        return False
    return given.fold_table == data.digest and file_digest(given.table) == given.predictions


def given_predictions(given: Given, data: Data, folds: list[int]) -> list[Predictions]:
    """The runs of these folds, each with its part of the file; a class alone has the probability 1.

    Raises
    ------
    UserError
        If the file cannot be read, or lacks a column.
    """
    table, found = _read(given), []
    classes = dict(zip(data.table["utterance"], data.table["class"], strict=True))
    columns = [f"p_{name}" for name in given.classes]
    for fold in folds:
        for seed in given.seeds:
            rows = table[(table["fold"] == fold) & (table["seed"] == seed)].reset_index(drop=True)
            rows = rows.assign(part="test", epoch=1, **{"class": rows["utterance"].map(classes)})
            guess = pd.Categorical.from_codes(rows[columns].to_numpy().argmax(axis=1), given.classes)
            told = rows[["epoch", "part", "utterance", "class"]].assign(guess=guess)
            told = told.astype({"part": "category", "class": pd.CategoricalDtype(given.classes)})
            kept = rows[["epoch", "utterance", "class", *columns]]
            found.append(Predictions(fold, seed, told, list(given.classes), given.folder, probabilities=kept))
    return found


def _read(given: Given) -> pd.DataFrame:
    """utterance, fold, seed and a probability of each class."""
    try:
        table = pd.read_parquet(given.table)
        if not given.probabilities:
            table = table.assign(**{f"p_{name}": np.float32(table["class"] == name) for name in given.classes})
        return table[["utterance", "fold", "seed", *(f"p_{name}" for name in given.classes)]]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{given.table}: cannot be read ({error}); give {given.file} again") from None


def given_steps(given: Given, data: Data, folds: list[int]) -> Iterator[Step]:
    """The file's digest, the fold table that it was checked against, and that every test part is covered, once."""
    said = f"{given.table}, taken from {given.file}"
    yield agree("predictions", file_digest(given.table), given.predictions, said=said)
    yield agree("split", given.fold_table, data.digest, said="given for the fold table on disk")
    declared = list(data.workflow.papers[data.paper]["experiments"][data.experiment]["classes"])
    yield agree("classes", list(given.classes), declared, said="those of the experiment")
    table, wrong = _read(given), []
    for fold in folds:
        rows = data.fold(fold)
        tested = Counter(rows.loc[rows["part"] == "test", "utterance"])
        for seed in given.seeds:
            found = Counter(table.loc[(table["fold"] == fold) & (table["seed"] == seed), "utterance"])
            if found != tested:
                name = min((found - tested) + (tested - found))
                said = f"fold {fold}, seed {seed}: {name} stands {found[name]} times"
                wrong.append(Step("covered", False, said, f"{tested[name]} times: each test utterance once"))
    runs = len(folds) * len(given.seeds)
    yield from wrong or [Step("covered", True, f"{runs} runs have each test utterance of their fold once")]
    values = table[[f"p_{name}" for name in given.classes]].to_numpy(np.float64)
    off = (values < 0).any() or (np.abs(values.sum(axis=1) - 1) > SUMS_TO_1).any()
    yield Step("probabilities", not off, "from 0 to 1, of sum 1", "of each row from 0 to 1, of sum 1" if off else "")
    yield unchecked("training", "trained elsewhere, on what is not known", GIVEN, [str(given.folder)])
