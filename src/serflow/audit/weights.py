"""What the stored networks of a run predict, on the CPU, against the predictions that it wrote."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from serflow.audit.data import Sample
from serflow.audit.findings import Step, unchecked
from serflow.audit.runs import Expected
from serflow.examples import Examples
from serflow.files import read_json
from serflow.jobs.subset import nested_subset
from serflow.jobs.transcripts import words_of_part
from serflow.learners.parts.loading import kept_epochs, load_learner
from serflow.provenance.run_key import RunKey

__all__ = ["ELSEWHERE", "TOLERANCE", "TRAINING_SAMPLES", "weights_steps"]

TOLERANCE = 1e-5  # of a probability, weights loaded on the CPU
ELSEWHERE = 1e-3  # the same where the run was trained on another kind of device
TRAINING_SAMPLES = "training samples that were not all predicted again"


def weights_steps(run: RunKey, expected: Expected, sample: Sample | None) -> Iterator[Step]:
    """Load each kept network of a run and predict validation, test and training sample anew.

    `sample`: of how many utterances of the run's training sample; None: of all.

    Raises
    ------
    UserError
        If a file is missing or mangled; other errors come from weights that do not fit the rest.
    """
    folder = Path(run.folder)
    record, kept, left = read_json(folder / "run.json"), kept_epochs(folder), 0
    if not kept:
        yield Step("weights", None, "none were kept (a point of a sweep, or as config.yaml's keep_weights says)")
    stored = pd.read_parquet(folder / "predictions.parquet")
    for name, epoch in kept.items():
        rows = stored[stored["epoch"] == epoch]
        if sample is not None:
            trained = rows.loc[rows["part"] == "train", "utterance"]
            rows = rows[(rows["part"] != "train") | rows["utterance"].isin(sample.draw(trained))]
            left = trained.nunique() - (rows["part"] == "train").sum()
        yield _predicted_anew(folder, name, epoch, rows, record, expected)
    if left:
        said = f"{left} utterances of the training sample, which decide whether it is undertrained"
        yield unchecked("weights", said, TRAINING_SAMPLES, [run.folder])


def _predicted_anew(
    folder: Path, name: str, epoch: int, stored: pd.DataFrame, record: Mapping[str, Any], expected: Expected
) -> Step:
    """Load model/<name> on the CPU and compare what it predicts with what is stored for its epoch."""
    learner = load_learner(folder / "model" / name, device="cpu")
    title = f"weights of epoch {epoch}"
    where = f"{folder}/model/{name}"
    tolerance = TOLERANCE if record.get("device") == "cpu" else ELSEWHERE
    worst, place = 0.0, ("", "")
    for part in sorted(set(expected.table["part"])):
        there = stored[stored["part"] == part].set_index("utterance")[[f"p_{label}" for label in learner.classes]]
        blocks = _examples(expected, part, record["run"])
        if part == "train":
            blocks = [x.unlabelled(np.flatnonzero(np.isin(x.utterances, there.index))) for x in blocks]
        names, found = _predict(learner, blocks)
        if not names or set(names) != set(there.index):
            said = f"{where} predicts {len(names)} {part} utterances"
            return Step(title, False, said, f"the {len(there)} stored ones")
        differs = np.abs(there.loc[names].to_numpy() - found).max(axis=1)
        if differs.max() > worst or np.isnan(differs).any():
            worst, place = float(differs.max()), (part, names[int(differs.argmax())])
    if worst <= tolerance:
        return Step(title, True, f"{where} predicts anew what predictions.parquet has, to {worst:.0e}")
    said = f"{where} and predictions.parquet differ by up to {worst:.1e} ({place[0]} utterance {place[1]})"
    return Step(title, False, said, f"at most {tolerance:.0e}: weights or predictions were exchanged or edited")


def _examples(expected: Expected, part: str, run: Mapping[str, Any]) -> list[Examples]:
    """A part in the blocks that are predicted at once: whole, but speaker by speaker where other folds are judged."""
    rows = expected.table[expected.table["part"] == part]
    if part == "train" and (most := expected.spec["parameters"].get("train_per_class")):
        rows = rows.iloc[nested_subset(rows["utterance"].tolist(), rows["class"].tolist(), most=most, seed=run["seed"])]
    apart = part == "test" and expected.validating is not None
    blocks = [block for _, block in rows.groupby("speaker")] if apart else [rows]
    return [_block(expected, block, part, run) for block in blocks]


def _block(expected: Expected, rows: pd.DataFrame, part: str, run: Mapping[str, Any]) -> Examples:
    names, words = rows["utterance"].tolist(), expected.words
    words = words and words_of_part(words, names, spec=expected.spec, run=run, part=part)
    return Examples.of(rows.to_dict("records"), store=expected.store, words=words)


def _predict(learner: Any, blocks: list[Examples]) -> tuple[list[str], np.ndarray]:
    found = [learner.predict(block) for block in blocks]
    return [name for names, _ in found for name in names], np.concatenate([block for _, block in found])
