"""Rule `score`: scores, runs, confusion counts and paired tests of one (paper, experiment, split)."""

import argparse
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.cli import run
from serflow.files import atomic_path, read_json
from serflow.metrics.run_files import Folds, read_run
from serflow.metrics.scoring import Scores
from serflow.plan.run_key import Run


def main(argv: list[str] | None = None) -> None:
    """Score stored predictions under every selection rule."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.score", description=main.__doc__)
    parser.add_argument("--run", required=True, type=json.loads, help="JSON: what the runs share of their key")
    parser.add_argument("--systems", required=True, type=json.loads, help="JSON: system -> digest_spec, folds, seeds")
    parser.add_argument("--split", required=True, type=Path, help="fingerprint of the fold table beside it")
    parser.add_argument("--features", type=Path, nargs="*", default=[], help="fingerprints of the features read")
    parser.add_argument("--references", required=True, help="systems to compare with, by commas; may be empty")
    parser.add_argument("--replicates", required=True, type=int, help="resamples of an interval or test")
    parser.add_argument("--output", required=True, help="the folder to write")
    args = parser.parse_args(argv)
    folds = Folds(pd.read_parquet(args.split.with_suffix(".parquet")))
    # One run at a time: what is kept of it is small, whatever its number of epochs.
    runs = [read_run(entry, folds) for entry in _entries(args.run, args.systems, args.features)]
    scores = Scores(runs, folds, replicates=args.replicates)
    tables = {
        "scores": scores.scores_table(),
        "runs": scores.runs_table(),
        "confusion": scores.confusion_table(),
        "pairs": scores.pairs_table([name for name in args.references.split(",") if name]),
    }
    with atomic_path(args.output) as folder:
        folder.mkdir()
        for name, table in tables.items():
            write_csv(table, folder / f"{name}.csv")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with six decimals, empty where unknown, and never -0.000000 (hence the zero added)."""
    numbers = table.select_dtypes("float").columns
    rounded = table.assign(**{name: table[name].round(6) + 0.0 for name in numbers})
    rounded.to_csv(path, index=False, float_format="%.6f", lineterminator="\n")


def _entries(
    shared: dict[str, Any], systems: dict[str, dict[str, Any]], features: list[Path]
) -> Iterator[dict[str, Any]]:
    """The key and folder of every run, and the spec, code and features that it must have been trained with."""
    digests = {path.stem: read_json(path)["digest"] for path in features} | {None: None}
    for system, expected in systems.items():
        wanted = {"digest_spec": expected["digest_spec"], "code": expected["code"]}
        for fold, seed in itertools.product(expected["folds"], expected["seeds"]):
            run = Run(**shared, system=system, fold=fold, seed=seed)
            yield run.key | {"folder": run.folder} | wanted | {"features": digests[expected["features"]]}


if __name__ == "__main__":
    sys.exit(run(main))
