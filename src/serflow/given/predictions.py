"""Given predictions as scoring takes them: written once, and read with every digest held against given.json."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.errors import UserError
from serflow.files import atomic_path, file_digest, write_json
from serflow.given.checking import PROBABILITY
from serflow.given.stored import RECORD, TABLE, Given

__all__ = ["GivenRun", "read_given", "write_given"]

GivenRun = tuple[int, int, list[str], np.ndarray]  # fold, seed, utterances (u,) and probabilities (u, C), float32


def write_given(table: pd.DataFrame, record: dict) -> Given:
    """Store what `serflow.given.checking.read_predictions_file` gave, in place of what stood there.

    `record`: of `Given` all but `predictions`.
    """
    folder = Given(**record, predictions="0" * 64).folder
    with atomic_path(folder) as place:
        place.mkdir(parents=True)
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), place / TABLE, compression="zstd")
        found = Given(**record, predictions=file_digest(place / TABLE))
        write_json(place / RECORD, found.model_dump())
    return found


def read_given(given: Given, fold_table: str, folds: list[int]) -> Iterator[GivenRun]:
    """The runs of these folds; a class that was given alone is one with the probability 1.

    `fold_table`: digest of the present one.

    Raises
    ------
    UserError
        If the predictions were edited, or the fold table is another one than they were checked against.
    """
    if given.fold_table != fold_table:
        raise UserError(
            f"stale: the fold table of {given.experiment}, {given.split} has changed since {given.file} was given; "
            "export it anew (serflow folds), predict and give the file again (serflow score)"
        )
    try:
        found = file_digest(given.table)
    except OSError as error:
        raise UserError(f"{given.table} cannot be read ({error.strerror}); give {given.file} again") from None
    if found != given.predictions:
        raise UserError(f"{given.table} was changed after it was stored; give {given.file} again (serflow score)")
    table = pd.read_parquet(given.table)
    for fold, seed in ((fold, seed) for fold in folds for seed in given.seeds):
        rows = table[(table["fold"] == fold) & (table["seed"] == seed)]
        yield fold, seed, rows["utterance"].tolist(), _probabilities(rows, given)


def _probabilities(rows: pd.DataFrame, given: Given) -> np.ndarray:
    if given.probabilities:
        return rows[[f"{PROBABILITY}{name}" for name in given.classes]].to_numpy(np.float32)
    return np.eye(len(given.classes), dtype=np.float32)[[given.classes.index(name) for name in rows["class"]]]
