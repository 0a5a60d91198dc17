"""Rule `score_cross`: scores, tests and confusions of the networks that predict another corpus's view."""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from serflow.cli import run
from serflow.cli.inputs import add_inputs, table_of
from serflow.cli.score_runs import write_csv
from serflow.errors import UserError, remade
from serflow.files import atomic_path, file_digest, read_json
from serflow.metrics.cross_scores import CrossScores, PredictedView, read_networks
from serflow.metrics.scoring import PAIRS, SCORES
from serflow.metrics.system_scores import CONFUSION
from serflow.parquet import intact

RUNS = ["system", "select", "fold", "seed"]
TRAINING = ["ua_train", "undertrained"]


def main(argv: list[str] | None = None) -> None:
    """Score the stored predictions of every system."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.score_cross", description=__doc__)
    parser.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="records of predictions, a system each"
    )
    add_inputs(parser, "view")
    parser.add_argument("--classes", type=json.loads, required=True, help="JSON: the networks' classes, in order")
    parser.add_argument("--unseeded", type=json.loads, required=True, help="JSON: systems that no seed changes")
    parser.add_argument("--pairs", required=True, type=json.loads, help="JSON: [[system, what it is tested against]]")
    parser.add_argument("--trained", required=True, help="scores.csv of the same runs on their own corpus")
    parser.add_argument("--permutations", required=True, type=int, help="swaps of a test that are drawn")
    parser.add_argument("--output", required=True, help="the folder to write")
    args = parser.parse_args(argv)
    view = PredictedView.of(pd.read_parquet(intact(table_of(args.view))), args.classes)
    if len(view.classes) < 2:
        heads = {"scores": [*SCORES, *TRAINING], "pairs": PAIRS, "runs": RUNS, "confusion": CONFUSION}
        tables = {name: pd.DataFrame(columns=columns) for name, columns in heads.items()}
    else:
        runs = [one for path in args.predictions for one in _networks(path, view, read_json(args.view)["digest"])]
        scores = CrossScores(runs, view, permutations=args.permutations, unseeded=args.unseeded)
        tables = {
            "scores": scores.scores_table().join(_training(args.trained), on="system"),
            "pairs": scores.pairs_table(args.pairs),
            "runs": scores.runs_table().drop(columns="epoch"),
            "confusion": scores.confusion_table(),
        }
    with atomic_path(args.output) as folder:
        folder.mkdir()
        for name, table in tables.items():
            write_csv(table, folder / f"{name}.csv")


def _networks(path: Path, view: PredictedView, digest: str) -> list:
    """The networks of a record's predictions, which are as they were written, and of this view."""
    record, table = read_json(path), table_of(path)
    if record["view"] != digest or record["predictions"] != file_digest(table):
        raise UserError(f"{table}: not the predictions that {path} is of; {remade(table, path)}")
    return read_networks(table, view, path.stem)


def _training(path: str) -> pd.DataFrame:
    """What is said of each system's training, by system."""
    table = pd.read_csv(path, dtype={"undertrained": str}, keep_default_na=False, na_values={"ua_train": [""]})
    return table.drop_duplicates("system").set_index("system")[TRAINING]


if __name__ == "__main__":
    sys.exit(run(main))
