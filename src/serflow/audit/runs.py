"""One run against its own record: key, spec, inputs, code, the files that it wrote, and what its weights predict."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from serflow.audit.findings import Node, Step, agree
from serflow.audit.recompute import Predictions
from serflow.errors import UserError
from serflow.features.store import Store
from serflow.files import digest, file_digest, read_json
from serflow.learners.examples import Examples
from serflow.learners.loading import kept_epochs, load_learner
from serflow.plan.run_key import Run

__all__ = ["Expected", "run_node"]

TOLERANCE = 1e-5  # of a probability, weights loaded on the CPU
ELSEWHERE = 1e-3  # the same where the run was trained on another kind of device


@dataclass(frozen=True)
class Expected:
    """What the configuration and the files on disk say of a run.

    Attributes
    ----------
    spec : the resolved spec.
    code : digest of the source that the job imports.
    split, features : digests of the fold table and of the view's features (None: a system without features).
    table : rows of the fold: utterance, class, duration, part.
    store : the feature store.
    """

    spec: dict[str, Any]
    code: str
    split: str
    features: str | None
    table: pd.DataFrame
    store: Store | None


def run_node(run: Run, expected: Expected, predictions: Predictions | None, *, weights: bool) -> Node:
    """Check one run; with `weights`, load each kept model and predict validation and test anew."""
    node = Node(f"run {run.folder}")
    try:
        record = read_json(f"{run.folder}/run.json")
    except UserError as error:
        node.steps.append(Step("run.json", False, str(error)))
        return node
    node.steps += _record(record, run, expected)
    node.steps += _outputs(record.get("outputs"), Path(run.folder))
    if predictions is not None:
        node.steps += _fold(predictions, expected.table)
        node.steps += _history(record, Path(run.folder), predictions)
    if weights:
        node.steps += _weights(Path(run.folder), record, expected)
    return node


def _record(record: Mapping[str, Any], run: Run, expected: Expected) -> list[Step]:
    inputs = record.get("inputs", {})
    named = {"run": record.get("run"), "spec": record.get("spec"), "inputs": inputs, "device": record.get("device")}
    return [
        agree("key", record.get("run"), run.key, said="run.json names this run"),
        agree("spec", digest(record.get("spec")), digest(expected.spec), said="as the configuration resolves it"),
        agree("split", inputs.get("split"), expected.split, said="trained on the fold table on disk"),
        agree("features", inputs.get("features"), expected.features, said="trained on the features on disk")
        if expected.features
        else Step("features", True, "none: this system reads no features"),
        agree("code", inputs.get("code"), expected.code, said="trained by the present source"),
        agree("identity", record.get("digest"), digest(named), said="digest of key, spec, inputs and device"),
    ]


def _outputs(recorded: Mapping[str, str] | None, folder: Path) -> list[Step]:
    """Every file that the run wrote against its digest; files in model/ that it did not write."""
    if not recorded:
        return [Step("files", False, f"{folder}/run.json records no digests of the run's files", "`outputs`")]
    steps = []
    for name, sha256 in recorded.items():
        path = folder / name
        if not path.is_file():
            steps.append(Step("files", False, f"{path} is missing", f"a file of SHA-256 {sha256[:12]}"))
        elif (found := file_digest(path)) != sha256:
            steps.append(
                Step("files", False, f"{path} has SHA-256 {found[:12]}", f"{sha256[:12]}, as run.json records")
            )
    # Snakemake puts a hidden time stamp into a folder that is an output
    files = [path for path in (folder / "model").rglob("*") if path.is_file() and not path.name.startswith(".")]
    there = {path.relative_to(folder).as_posix() for path in files}
    steps += [
        Step("files", False, f"{folder / name} is not a file that the run wrote", "no such file")
        for name in sorted(there - set(recorded))
    ]
    return steps or [Step("files", True, f"all {len(recorded)} have the SHA-256 that run.json records")]


def _fold(predictions: Predictions, table: pd.DataFrame) -> list[Step]:
    """Utterances, parts and classes of the predictions against the fold table."""
    wanted = set(table[["part", "utterance", "class"]].itertuples(index=False, name=None))
    rows = predictions.rows
    found = set(rows[["part", "utterance", "class"]].drop_duplicates().itertuples(index=False, name=None))
    epochs = rows["epoch"].nunique()
    foreign = len(found - wanted)
    if foreign:
        said = f"{foreign} predicted utterances have another part or class than in the fold table"
        return [Step("fold", False, said, "those of the table")]
    if len(rows) != epochs * len(found):
        return [Step("fold", False, f"{len(rows)} rows for {len(found)} utterances and {epochs} epochs", "one each")]
    tested = sum(part == "test" for part, *_ in found)
    left = sum(part == "test" for part, *_ in wanted) - tested
    more = f"; {left} of the fold are not predicted (short_test: drop)" if left else ""
    return [Step("fold", True, f"{tested} test utterances in each of {epochs} epochs, all of the fold table{more}")]


def _history(record: Mapping[str, Any], folder: Path, predictions: Predictions) -> list[Step]:
    """UA on validation of every epoch, as training wrote it down, against the predictions."""
    best = predictions.best("validation", "ua")
    if best is None:
        return [agree("best epoch", record.get("best_epoch"), None, said="none: this split does not validate")]
    try:
        written = pd.read_csv(folder / "history.csv").set_index("epoch")["validation_ua"]
    except (OSError, KeyError, ValueError) as error:
        return [Step("history", False, f"{folder / 'history.csv'}: {error}", "epoch, validation_ua")]
    values = {epoch: predictions.validation_ua(epoch) for epoch in written.index}
    wrong = [epoch for epoch, value in values.items() if abs(written[epoch] - value) > 1e-9]
    if wrong:
        epoch = wrong[0]
        said = f"history.csv: UA on validation {written[epoch]:.6f} in epoch {epoch}"
        return [Step("history", False, said, f"{values[epoch]:.6f}, from the predictions")]
    return [
        Step("history", True, f"UA on validation of {len(values)} epochs follows from the predictions"),
        agree("best epoch", record.get("best_epoch"), best, said=f"epoch {best} is the best on validation"),
    ]


def _weights(folder: Path, record: Mapping[str, Any], expected: Expected) -> list[Step]:
    try:
        kept = kept_epochs(folder)
        if not kept:
            return [Step("weights", None, "none were kept (a cell of a sweep)")]
        stored = pd.read_parquet(folder / "predictions.parquet")
        return [_predicted_anew(folder, name, epoch, stored, record, expected) for name, epoch in kept.items()]
    except (UserError, KeyError, OSError) as error:
        return [Step("weights", False, str(error))]


def _predicted_anew(
    folder: Path, name: str, epoch: int, stored: pd.DataFrame, record: Mapping[str, Any], expected: Expected
) -> Step:
    """Load model/<name> on the CPU and compare what it predicts with what is stored for its epoch."""
    learner = load_learner(folder / "model" / name, device="cpu")
    title = f"weights of epoch {epoch}"
    where = f"{folder}/model/{name}"
    if digest(learner.spec) != digest(expected.spec) or learner.classes != expected.spec["classes"]:
        return Step(title, False, f"{where}/model.json: another spec or other classes", "those of the configuration")
    columns = [f"p_{label}" for label in learner.classes]
    rows = stored[stored["epoch"] == epoch].set_index(["part", "utterance"])[columns]
    tolerance = TOLERANCE if record.get("device") == "cpu" else ELSEWHERE
    worst, place = 0.0, ("", "")
    for part in rows.index.unique("part"):
        names, found = learner.predict(_examples(expected, part))
        there = rows.loc[part]
        if set(names) != set(there.index):
            return Step(
                title, False, f"{where} predicts {len(names)} {part} utterances", f"the {len(there)} stored ones"
            )
        differs = np.abs(there.loc[names].to_numpy() - found).max(axis=1)
        if differs.max() > worst or np.isnan(differs).any():
            worst, place = float(differs.max()), (part, names[int(differs.argmax())])
    said = f"{where} predicts anew what predictions.parquet has, to {worst:.0e}"
    if worst <= tolerance:
        return Step(title, True, said)
    said = f"{where} and predictions.parquet differ by up to {worst:.1e} ({place[0]} utterance {place[1]})"
    return Step(title, False, said, f"at most {tolerance:.0e}: weights or predictions were exchanged or edited")


def _examples(expected: Expected, part: str) -> Examples:
    rows = expected.table[expected.table["part"] == part]
    return Examples(
        utterances=rows["utterance"].tolist(),
        labels=None,
        store=expected.store,
        durations=rows["duration"].to_numpy(),
    )
