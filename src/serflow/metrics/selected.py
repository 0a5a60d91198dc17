"""selected.parquet: what every system gives for every scored utterance at the epoch that a selection takes.

Whatever compares systems over several splits, or over parts of the test utterances, needs no run beside it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.errors import not_made
from serflow.metrics.run_files import Folds
from serflow.metrics.selection import POOLED_SELECTIONS
from serflow.metrics.system_scores import SystemScores

__all__ = ["Selected", "read_selected", "write_selected"]

KEYS = ("system", "select", "seed", "utterance", "speaker", "session", "truth")
PROBABILITY = "p_"


@dataclass(frozen=True)
class Selected:
    """The outputs of one (paper, experiment, split).

    Attributes
    ----------
    classes : of the outputs' columns.
    utterances, speakers, sessions : str (U,), of the utterances that some system tests, in ascending order.
    truth : int (U,), the place of an utterance's class.
    outputs : (system, selection) -> seed -> probabilities float32 (U, C), NaN where the system does not test one.
    """

    classes: list[str]
    utterances: np.ndarray
    speakers: np.ndarray
    sessions: np.ndarray
    truth: np.ndarray
    outputs: dict[tuple[str, str], dict[int, np.ndarray]]


def write_selected(scores: SystemScores, folds: Folds, path: Path) -> None:
    """Write the outputs of all systems, sorted by system, selection, seed and utterance."""
    blocks = [
        _block(scores, folds, system, select, seed, output)
        for system, select in scores.cells(POOLED_SELECTIONS)
        for seed, output in scores.outputs(system, select).items()
    ]
    pq.write_table(pa.concat_tables(blocks).unify_dictionaries(), path, compression="zstd")


def _block(scores: SystemScores, folds: Folds, system: str, select: str, seed: int, output: np.ndarray) -> pa.Table:
    there = np.flatnonzero(~np.isnan(output[:, 0]))
    columns = {"system": system, "select": select, "seed": seed, "utterance": folds.utterances[there]}
    columns |= {"speaker": folds.speakers[there], "session": folds.sessions[there], "truth": folds.labels[there]}
    columns |= {f"{PROBABILITY}{name}": output[there, place] for place, name in enumerate(scores.classes)}
    table = pd.DataFrame(columns).astype({"seed": "int32"})
    for name in KEYS:
        table[name] = table[name] if name == "seed" else table[name].astype(str).astype("category")
    return pa.Table.from_pandas(table, preserve_index=False)


def read_selected(path: Path) -> Selected:
    """Read what `write_selected` wrote.

    Raises
    ------
    UserError
        If the file is missing.
    """
    if not path.is_file():
        raise not_made(path)
    table = pq.read_table(path).to_pandas()
    classes = [name.removeprefix(PROBABILITY) for name in table.columns if name.startswith(PROBABILITY)]
    people = table.drop_duplicates("utterance").sort_values("utterance", key=lambda column: column.astype(str))
    utterances = pd.Index(people["utterance"].astype(str))
    place = utterances.get_indexer(table["utterance"].astype(str))
    probabilities = table[[f"{PROBABILITY}{name}" for name in classes]].to_numpy(np.float32)
    outputs: dict[tuple[str, str], dict[int, np.ndarray]] = {}
    for (system, select, seed), rows in table.groupby(["system", "select", "seed"], observed=True).indices.items():
        output = np.full((len(utterances), len(classes)), np.nan, np.float32)
        output[place[rows]] = probabilities[rows]
        outputs.setdefault((system, select), {})[int(seed)] = output
    columns = (people[name].astype(str).to_numpy(object) for name in ("speaker", "session"))
    truth = pd.Index(classes).get_indexer(people["truth"].astype(str))
    return Selected(classes, utterances.to_numpy(object), *columns, truth, outputs)
