"""What a crate withholds of a corpus, put back by somebody who has the corpus's release."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.corpora import manifest
from serflow.errors import UserError
from serflow.files import read_json
from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.report import Report
from serflow.registry import READERS
from serflow.splits import make_split, split_digest
from serflow.view import make_view, view_classes

__all__ = ["restore"]

KEYS = ["fold", "part", "utterance"]


def restore(report: Report, release: Path) -> None:
    """Read the release anew, and give the unpacked crate in the working folder its labels, folds and words again.

    Raises
    ------
    UserError
        If the release cannot be read, or gives other folds than those that the report was made with.
    """
    workflow = report.workflow
    corpus = workflow.corpus
    if not release.is_dir():
        raise UserError(f"--release {release}: no such folder; name the folder of {corpus['title']}")
    reader = READERS.load_module(corpus["reader"], where=f"workflow/corpora/{workflow.config['corpus']}.yaml, reader: ")
    read, _ = reader.read(release, corpus=corpus)
    paths = CorpusPaths(workflow.config["corpus"])
    manifest.write(read, paths.manifest)
    table = manifest.load(paths.manifest)
    classes: dict[tuple[str, str], dict[str, str]] = {}
    for paper, experiment, split in report.plan.folds:
        declared = workflow.papers[paper]["experiments"][experiment]
        view = ViewPaths(paths.corpus, paper, experiment)
        found = make_view(table, declared, corpus)
        _write_view(paths.manifest, view_classes(table, declared, corpus), view.utterances)
        classes[paper, experiment] = dict(zip(found["utterance"], found["class"], strict=True))
        _folds(report, view, split, found)
    for run in report.trainings:
        path = Path(run.folder) / "predictions.parquet"
        if path.is_file():
            _labelled(path, classes[run.paper, run.experiment])


def _write_view(manifest_file: str, classes: pd.Series, path: str) -> None:
    """Write the rows of a view as its rule does: taken in Arrow, so that nested columns keep their type."""
    whole = pq.read_table(manifest_file).replace_schema_metadata(None)
    names = pa.array(classes.tolist(), pa.string())
    pq.write_table(whole.take(pa.array(classes.index)).append_column("class", names), path)


def _folds(report: Report, view: ViewPaths, split: str, rows: pd.DataFrame) -> None:
    """Make a fold table anew, if it can be had, and hold it against what the crate says of it."""
    told = read_json(view.split(split))
    if "unavailable" in told:
        return
    declared = report.workflow.splits[split]
    judged = report.workflow.judged(split) if declared["kind"] == "session" else None
    made = make_split(rows, declared, judged)
    held = pd.read_parquet(view.fold_table(split))
    same = set(made[KEYS].itertuples(index=False)) == set(held[KEYS].itertuples(index=False))
    if not same or split_digest(made) != told["digest"]:
        raise UserError(
            f"--release: gives other folds of {view.folder}, split {split}, than the report was made with; expected "
            "the release that its recordings.csv and release.json are of"
        )
    made.to_parquet(view.fold_table(split), index=False)


def _labelled(path: Path, classes: dict[str, str]) -> None:
    """Give the rows of predictions their true class."""
    rows = pd.read_parquet(path)
    rows["class"] = rows["utterance"].map(classes)
    if rows["class"].isna().any():
        raise UserError(f"{path}: predicts utterances that the release does not have")
    rows.to_parquet(path, index=False)
