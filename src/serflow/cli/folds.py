"""`serflow folds`: fold tables as CSV, for systems that are trained elsewhere.

A file a fold table, <corpus>_<paper>_<experiment>_<split>.csv, a row an utterance and fold: utterance, speaker, class,
fold, part (train, validation, test). Of a corpus whose licence keeps its rows private (`show_text: false` in its YAML)
the files have utterance, fold and part alone, unless config.yaml says `private: true`. Rule `split` makes the tables;
where one is not made yet, the command that makes it is printed. What to do with them: docs/given_predictions.md.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from serflow.cli import run
from serflow.cli.places import Place, add_place, chosen_places, require_tables, scoring_of
from serflow.errors import UserError
from serflow.files import atomic_path
from serflow.plan.scoring import Scoring

COLUMNS = ["utterance", "speaker", "class", "fold", "part"]
NAMES = ["utterance", "fold", "part"]


def main(argv: list[str] | None = None) -> None:
    """Write the CSV files, and README.txt beside them."""
    parser = argparse.ArgumentParser(
        prog="serflow folds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--export", type=Path, required=True, metavar="DIR", help="folder to write them into")
    add_place(parser)
    args = parser.parse_args(argv)
    scoring = scoring_of(args.config)
    places = chosen_places(scoring, args)
    views = require_tables(scoring, places, args.config)
    if args.export.exists() and not args.export.is_dir():
        raise UserError(f"--export {args.export}: is a file; name a folder")
    columns = COLUMNS if scoring.shows_text else NAMES
    args.export.mkdir(parents=True, exist_ok=True)
    for view, place in zip(views, places, strict=True):
        table = pd.read_parquet(view.fold_table(place[2]), columns=columns)
        path = args.export / _file(scoring, place)
        with atomic_path(path) as temporary:
            table.to_csv(temporary, index=False, lineterminator="\n")
        print(f"{path}: {table['utterance'].nunique():,} utterances, {table['fold'].nunique()} folds")
    (args.export / "README.txt").write_text(_readme(scoring, places, columns), encoding="utf-8")
    if columns is NAMES:
        corpus = scoring.workflow.corpus["title"]
        print(f"{corpus}: names alone, as its licence keeps speakers and labels private (private: true in config.yaml)")


def _file(scoring: Scoring, place: Place) -> str:
    return f"{'_'.join((scoring.workflow.config['corpus'], *place))}.csv"


def _readme(scoring: Scoring, places: list[Place], columns: list[str]) -> str:
    """What the files are, how they were made, and the command that takes predictions of each."""
    corpus = scoring.workflow.corpus
    lines = [
        f"Fold tables of {corpus['title']} (licence: {corpus['licence']}).",
        f"Columns: {', '.join(columns)}. A row an utterance and fold; part is train, validation or test.",
        "Train on train, choose by validation where there is one, predict the test part of every fold.",
        "They are made by serflow, rule split: snakemake, then serflow folds --export.",
        "",
        "Predictions: a CSV with utterance, fold, seed and either p_<class> of every class or class, a row for each",
        "test utterance of each fold. To have them scored, by file:",
    ]
    for place in places:
        paper, experiment, split = place
        classes = ", ".join(scoring.workflow.papers[paper]["experiments"][experiment]["classes"])
        lines += [
            "",
            f"{_file(scoring, place)}: classes {classes}",
            f"  serflow score PREDICTIONS.csv --as NAME --paper {paper} --experiment {experiment} --split {split}",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(run(main))
