"""One run's stored predictions: checked against the expected spec and the fold table, then reduced."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.errors import UserError, not_made, remade
from serflow.metrics.family import epoch_sums
from serflow.metrics.scored_run import ScoredRun
from serflow.metrics.selection import DEVELOPED_SELECTIONS, best_of_each, select_epochs
from serflow.metrics.system_families import all_metrics, system_families
from serflow.provenance.run_record import changed_files, check_record, stale
from serflow.splits import split_digest

KEYS = ("epoch", "part", "utterance", "class")
PARTS = ("validation", "test", "train")  # of the last one a sample


class Folds:
    """A fold table ready for look-up: utterances in order, their class, speaker, session, and part in each fold."""

    def __init__(self, table: pd.DataFrame) -> None:
        people = table.drop_duplicates("utterance").sort_values("utterance")
        self.utterances = pd.Index(people["utterance"])
        self.labels = people["class"].to_numpy(object)
        self.speakers, self.sessions = people["speaker"].to_numpy(object), people["session"].to_numpy(object)
        self.classes = set(self.labels)
        self.digest = split_digest(table)
        self.validates = bool((table["part"] == "validation").any())
        self._parts = {
            fold: rows.set_index("utterance")["part"].reindex(self.utterances).to_numpy(object)
            for fold, rows in table.groupby("fold")
        }

    def members(self, fold: int, part: str) -> np.ndarray:
        """For each utterance (U,), whether it is in that part of the fold."""
        return self._of(fold) == part

    def parts_in(self, fold: int, rows: Mapping[str, np.ndarray]) -> np.ndarray:
        """The part in the fold of each row (part, utterance) of a training that tests whom the fold also validates."""
        validates = (rows["part"] == "test") & self.members(fold, "validation")[rows["utterance"]]
        return np.where(validates, "validation", rows["part"])

    def _of(self, fold: int) -> np.ndarray:
        if fold not in self._parts:
            there = f"has {len(self._parts)} folds"
            raise UserError(f"split: no fold {fold} (it {there}); correct the configuration's folds")
        return self._parts[fold]


@dataclass(frozen=True)
class StoredRun:
    """A run's predictions, checked against its training's record and the fold table.

    Attributes
    ----------
    run : its key.
    record : run.json of its training.
    classes : of the probabilities' columns.
    truth : int (U,), the position among them of each utterance's class.
    parts : part -> which utterances of the fold table it predicts, int (u,), and probabilities float32 (E, u, C).
    validates : whether the split has a validation part.
    """

    run: Mapping[str, Any]
    record: Mapping[str, Any]
    classes: list[str]
    truth: np.ndarray
    parts: Mapping[str, tuple[np.ndarray, np.ndarray]]
    validates: bool


def read_run(entry: Mapping[str, Any], folds: Folds, *, part: str = "test") -> ScoredRun:
    """Read, check and reduce a run: `reduced` of what `stored_run` gives."""
    return reduced(stored_run(entry, folds), part=part)


def stored_run(entry: Mapping[str, Any], folds: Folds) -> StoredRun:
    """Read and check the training in `entry["folder"]`, and take from it what it predicts of a run's fold.

    `entry` also holds the whole key of the training as `training`, and of the run that it judges as `run`, the SHA-256
    of the expected spec as `digest_spec`, and as `inputs` digests, by name, of what it must have been trained with
    (`serflow.provenance.run_record`); among them the fold table `split`, where that is not `folds`. A training that
    differs, or whose predictions do not fit the fold or are not those that it wrote, is a `UserError`.
    """
    path, fold = Path(entry["folder"]) / "predictions.parquet", entry["run"]["fold"]
    inputs = {"split": folds.digest} | entry["inputs"]
    record = check_record(path.parent, key=entry["training"], spec=entry["digest_spec"], inputs=inputs)
    table = _read_predictions(path)
    if changed_files(path.parent, record, under=path.name):
        raise stale(path, "the file was changed after the run wrote it (its SHA-256 is not that of run.json)")
    classes = [name.removeprefix("p_") for name in table.column_names if name.startswith("p_")]
    if set(classes) != folds.classes:
        raise stale(path, f"classes {', '.join(classes)}, the split has {', '.join(sorted(folds.classes))}")
    truth = pd.Index(classes).get_indexer(folds.labels)
    rows = _rows(table, folds, classes, path)
    if entry["training"] != entry["run"]:
        rows["part"] = folds.parts_in(fold, rows)
    parts = {name: _by_epoch(rows, folds, fold, name, path) for name in PARTS}
    for name in PARTS:
        if not len(parts[name][0]) and (name != "validation" or folds.validates):
            raise stale(path, f"no utterance of the {name} part")
    return StoredRun(entry["run"], record, classes, truth, parts, folds.validates)


def _read_predictions(path: Path) -> pa.Table:
    try:
        table = pq.read_table(path, read_dictionary=list(KEYS[1:]))
    except FileNotFoundError:
        raise not_made(path) from None
    except pa.ArrowInvalid as error:
        raise UserError(f"{path}: not readable as Parquet ({error}); {remade(path)}") from None
    missing = [name for name in KEYS if name not in table.column_names]
    if missing:
        raise stale(path, f"no column {', '.join(missing)}")
    return table.unify_dictionaries().combine_chunks()


def _rows(table: pa.Table, folds: Folds, classes: list[str], path: Path) -> dict[str, np.ndarray]:
    """Per row: epoch from 0, part, position of the utterance in the split, probabilities."""
    probabilities = np.stack([table[f"p_{name}"].to_numpy() for name in classes], 1)
    if not np.isfinite(probabilities).all():
        row = int(np.flatnonzero(~np.isfinite(probabilities).all(1))[0])
        raise stale(path, f"probability of {table['utterance'][row].as_py()} is not a finite number")
    names, utterance = _codes(table["utterance"])
    position = folds.utterances.get_indexer(names)
    if (position[utterance] < 0).any():
        raise stale(path, f"utterance {names[utterance[position[utterance] < 0][0]]} is not in the split")
    labels, label = _codes(table["class"])
    wrong = labels[label] != folds.labels[position[utterance]]
    if wrong.any():
        raise stale(path, f"utterance {names[utterance[wrong][0]]} has another class than in the split")
    parts, part = _codes(table["part"])
    return {
        "epoch": table["epoch"].to_numpy().astype(np.int64) - 1,
        "part": parts[part],
        "utterance": position[utterance],
        "probabilities": probabilities,
    }


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values (objects) and each row's position among them, of a dictionary column."""
    encoded = column.combine_chunks()
    return encoded.dictionary.to_numpy(zero_copy_only=False).astype(object), encoded.indices.to_numpy()


def _by_epoch(
    rows: dict[str, np.ndarray], folds: Folds, fold: int, part: str, path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Scored utterances (u,) of a part of the fold and their probabilities (E, u, C), checked to be the fold's."""
    mine = rows["part"] == part
    scored, column = np.unique(rows["utterance"][mine], return_inverse=True)
    foreign = scored[~folds.members(fold, part)[scored]]
    if len(foreign):
        name = folds.utterances[foreign[0]]
        raise stale(path, f"utterance {name} is not in the {part} part of fold {fold}")
    epoch = rows["epoch"][mine]
    epochs = int(rows["epoch"].max(initial=-1)) + 1
    if (epoch < 0).any():
        raise stale(path, "an epoch below 1")
    times = np.bincount(epoch * len(scored) + column, minlength=epochs * len(scored))
    if (times != 1).any():
        raise stale(path, f"{part}: not every utterance once in each of the epochs 1 to {epochs}")
    probabilities = np.empty((epochs, len(scored), rows["probabilities"].shape[1]), np.float32)
    probabilities[epoch, column] = rows["probabilities"][mine]
    return scored, probabilities


def reduced(run: StoredRun, *, part: str = "test", kept: np.ndarray | None = None) -> ScoredRun:
    """What is kept of a run: outputs and metrics of a part, at the epochs that each selection chooses.

    Parameters
    ----------
    part
        The one that is scored. Of the part "validation" that is done at the epochs that the test part is scored at;
        there is nothing in it under the selections that choose by the test part.
    kept
        bool (U,): the utterances of the fold table that the test part is taken to be of; where it chooses the epoch,
        they alone choose. Without it, all.
    """
    parts, truth = dict(run.parts), run.truth
    if kept is not None:
        tested, by_epoch = parts["test"]
        parts["test"] = tested[kept[tested]], by_epoch[:, kept[tested]]
    confusion, *others = families = system_families(run.classes)
    counts = {name: epoch_sums(confusion, truth[scored], by_epoch) for name, (scored, by_epoch) in parts.items()}
    key, spec = run.run, run.record["spec"]
    chosen = select_epochs(counts["test"], counts["validation"] if run.validates else None)
    if part != "test":
        chosen = {select: epoch for select, epoch in chosen.items() if select in DEVELOPED_SELECTIONS}
    scored, by_epoch = parts[part]
    outputs = {select: by_epoch[epoch].copy() for select, epoch in chosen.items()}  # a view would keep every epoch
    metrics = {select: all_metrics(families, truth[scored], output) for select, output in outputs.items()}
    if part == "test":
        sums = [counts["test"], *(epoch_sums(family, truth[scored], by_epoch) for family in others)]
        metrics["best_test_each"] = np.concatenate(list(map(best_of_each, families, sums)))
    return ScoredRun(
        system=key["system"],
        fold=key["fold"],
        seed=key["seed"],
        classes=run.classes,
        epochs={select: epoch + 1 for select, epoch in chosen.items()},
        metrics=metrics,
        outputs=outputs,
        tested=scored,
        training_counts=counts["train"][-1].astype(np.float64),
        in_steps="train" in spec["parameters"],
        encoder=spec["encoder"] and spec["encoder"]["system"],
    )
