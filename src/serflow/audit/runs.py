"""One run against its own record: key, spec, inputs, code, the files that it wrote, and what follows from them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.audit.findings import Step, agree
from serflow.audit.recompute import Predictions
from serflow.audit.records import file_steps, record_steps, versions_step
from serflow.features.store import Store
from serflow.files import read_json
from serflow.provenance.run_key import RunKey
from serflow.provenance.run_record import read_record
from serflow.split_kinds import VALIDATES

__all__ = ["Expected", "run_steps", "speakers_apart_step"]

INPUTS = ("split", "features", "transcripts", "vectors", "encoder", "maps", "code")
SAMPLE = 200  # training utterances at most that a run predicts


@dataclass(frozen=True)
class Expected:
    """What the configuration and the files on disk say of a run.

    Attributes
    ----------
    spec : the resolved spec.
    keeps_weights : whether the configuration has the run keep its networks, where the spec keeps any.
    code : digest of the source that the job imports.
    split, features, transcripts, vectors, encoder, maps : digests of the fold table, of the view's features and words,
        of given word vectors, of the network that the run starts from, and of the attention maps that it learns (None:
        it has no such input).
    lent : of the network that the run starts from, SHA-256 by file; empty where it starts from none.
    teacher_speakers : true speakers that the teacher of these maps was trained on, by its own fold table.
    table : rows of the fold: utterance, class, speaker, duration, part; of a session that is left out for the folds of
        other splits, also which of them each utterance validates.
    store : the feature store.
    words : words of each utterance, for a system that reads them.
    """

    spec: dict[str, Any]
    keeps_weights: bool
    code: str
    split: str
    features: str | None
    transcripts: str | None
    vectors: str | None
    encoder: str | None
    maps: str | None
    lent: Mapping[str, str]
    teacher_speakers: set[str] | None
    table: pd.DataFrame
    store: Store | None
    words: dict[str, list[str]] | None

    @cached_property
    def validating(self) -> dict[str, set[str]] | None:
        """The folds of other splits that the run's networks judge, and who validates in each; None: its own fold."""
        if VALIDATES not in self.table:
            return None
        left_out = self.table[self.table["part"] != "train"]
        found: dict[str, set[str]] = {}
        for name, folds in zip(left_out["utterance"], left_out[VALIDATES], strict=True):
            for fold in folds.split():
                found.setdefault(fold, set()).add(name)
        return found


def run_steps(run: RunKey, expected: Expected, predictions: Predictions | None) -> Iterator[Step]:
    """Check one run by its files; `predictions`: where they can be read.

    Raises
    ------
    UserError
        If a file is missing, mangled or of another format; other errors come from a record that lacks what
        every run records.
    """
    folder = Path(run.folder)
    record = read_record(folder)
    inputs = {name: getattr(expected, name) for name in INPUTS}
    yield from record_steps(record, run, expected.spec, inputs)
    if expected.teacher_speakers is not None:
        yield speakers_apart_step(run.fold, expected.table, expected.teacher_speakers)
    yield versions_step(record)
    yield from file_steps(record, folder)
    yield _epochs(record, folder, expected)
    if predictions is not None:
        yield _fold(record, predictions, expected)
        yield from _history(run, record, folder, predictions, expected.validating)


def speakers_apart_step(fold: int, table: pd.DataFrame, speakers: set[str]) -> Step:
    """Whom the fold validates or tests, against whom the teacher was trained on: nobody may be among both."""
    known = sorted(set(table.loc[table["part"] != "train", "speaker"]) & speakers)
    if known:
        said = f"the teacher was trained on {', '.join(known)}, whom fold {fold} validates or tests"
        return Step("speakers apart", False, said, "a teacher that was trained on none of them")
    said = f"fold {fold} validates and tests none of the {len(speakers)} that the teacher was trained on"
    return Step("speakers apart", True, said)


def _epochs(record: Mapping[str, Any], folder: Path, expected: Expected) -> Step:
    """model/epochs.json, which says what the weights are of, against the record, the spec and the configuration.

    Weights that the configuration does not ask for any more may be there still.
    """
    path = folder / "model/epochs.json"
    said = read_json(path)
    kept = expected.keeps_weights or expected.spec["keep_weights"] and said["kept"]
    wanted = {"last": record["epochs"], "best": record["best_epochs"], "kept": kept}
    return agree("kept epochs", said, wanted, said=f"{path}: last, best, whether weights are kept")


def _fold(record: Mapping[str, Any], predictions: Predictions, expected: Expected) -> Step:
    """Every utterance of validation and test once in every epoch, with its class; what is too short may be left out.

    Of the training part as many as the run's sample has.
    """
    rows, epochs = predictions.rows, record["epochs"]
    predicted = sorted(rows["epoch"].unique())
    if predicted != list(range(1, epochs + 1)):
        return Step("fold", False, f"predictions of epochs {', '.join(map(str, predicted))}", f"1 to {epochs}")
    columns = ["part", "utterance", "class"]
    scored = expected.table["part"] != "train"
    table = expected.table[scored]
    wanted = set(table[columns].itertuples(index=False, name=None))
    trained = set(expected.table.loc[~scored, columns].itertuples(index=False, name=None))
    found = set(rows[columns].drop_duplicates().itertuples(index=False, name=None))
    foreign = len(found - wanted - trained)
    if foreign:
        said = f"{foreign} predicted utterances have another part or class than in the fold table"
        return Step("fold", False, said, "those of the table")
    if rows.duplicated(["epoch", "part", "utterance"]).any() or len(rows) != epochs * len(found):
        return Step("fold", False, f"{len(rows)} rows for {len(found)} utterances and {epochs} epochs", "one each")
    sample, usable = len(found & trained), record["counts"]["train_utterances_used"]
    if sample != min(SAMPLE, usable):
        said = f"{sample} training utterances are predicted, of {usable} that were trained on"
        return Step("fold", False, said, f"{SAMPLE} of them, or all")
    short = set(table.loc[table["duration"] < _shortest(expected.spec), "utterance"])
    absent = sorted(name for _, name, _ in wanted - found if name not in short)
    if absent:
        said = f"{len(absent)} utterances of the fold are not predicted, {absent[0]} among them"
        return Step("fold", False, said, "all but those that the spec leaves out as too short")
    left = len(wanted) - len(found & wanted)
    more = f"; {left} shorter than a segment are left out (short_test: drop)" if left else ""
    tested = sum(part == "test" for part, *_ in found)
    return Step("fold", True, f"{tested} test utterances in each of {epochs} epochs, all of the fold table{more}")


def _shortest(spec: Mapping[str, Any]) -> float:
    """Seconds below which the spec lets an utterance be left out of testing."""
    segments = spec["parameters"].get("segments") or {}
    return segments["seconds"] if segments.get("short_test") == "drop" else 0


def _history(
    run: RunKey,
    record: Mapping[str, Any],
    folder: Path,
    predictions: Predictions,
    validating: Mapping[str, set[str]] | None,
) -> Iterator[Step]:
    """UA on validation, of every fold that is judged, and on the training sample: as written down, and as predicted.

    Then the epochs that are best on validation, fold by fold.
    """
    path = folder / "history.csv"
    written = pd.read_csv(path).set_index("epoch")
    epochs = sorted(predictions.rows["epoch"].unique())
    if sorted(written.index) != epochs:
        said = f"{path} has epochs {', '.join(map(str, written.index)) or 'none'}"
        yield Step("history", False, said, ", ".join(map(str, epochs)))
        return
    folds, columns = {run.fold_name: predictions}, {run.fold_name: "validation_ua"}
    if validating is not None:
        # of such a fold just this matters here: who validates in it
        folds = {fold: predictions.of_fold(0, dict.fromkeys(names, "validation")) for fold, names in validating.items()}
        columns = {fold: f"{fold} validation_ua" for fold in folds}
    found, known = sorted(name for name in written if name.endswith("_ua")), sorted([*columns.values(), "train_ua"])
    if found != known:
        yield Step("history", False, f"{path} has UA in the columns {', '.join(found) or 'none'}", ", ".join(known))
        return
    shown = [(columns[fold], f"validation of {fold}", "validation", rows) for fold, rows in folds.items()]
    for column, name, part, rows in [*shown, ("train_ua", "the training sample", "train", predictions)]:
        for epoch in epochs:
            value, said = rows.ua(part, epoch), float(written[column][epoch])
            if not (abs(said - value) <= 1e-9 or math.isnan(said) and math.isnan(value)):
                said = f"{path}: UA on {name} {said:.6f} in epoch {epoch}"
                yield Step("history", False, said, f"{value:.6f}, from the predictions")
                return
    best = {fold: epoch for fold, rows in folds.items() if (epoch := rows.best("validation", "ua")) is not None}
    named = f"validation of {', '.join(sorted(best))} and on the training sample" if best else "the training sample"
    yield Step("history", True, f"UA on {named} of {len(epochs)} epochs follows from the predictions")
    if record["best_epochs"] != best:
        said = f"run.json has {_by_fold(record['best_epochs'])}"
        yield Step("best epochs", False, said, f"{_by_fold(best)}, from the predictions")
        return
    yield Step("best epochs", True, f"best on validation: {_by_fold(best)}")


def _by_fold(epochs: Mapping[str, int]) -> str:
    return ", ".join(f"{epoch} of {fold}" for fold, epoch in sorted(epochs.items())) or "none"
