"""Write, of every test utterance of a run, how its attention weights go along with the energy of its frames.

A line has utterance, class, frames, and the correlation of the weights with the energy of the signal (raw) and with
that of the hidden vectors (hidden); it is empty where there is none: for fewer than three frames, or a constant.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from serflow.cli import run
from serflow.cli.inputs import add_inputs, folder_of
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.files import atomic_path
from serflow.inspection.attention import weights_and_energy
from serflow.inspection.energies import frame_energy, open_energies
from serflow.inspection.network import open_network
from serflow.metrics.correlation import correlation
from serflow.parquet import fold_rows
from serflow.split_kinds import fold_name

COLUMNS = ["utterance", "class", "frames", "raw", "hidden"]


def main(argv: list[str] | None = None) -> None:
    """Parse the command line, write the CSV."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.energy_correlations", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="run.json of the run, beside its model folder")
    parser.add_argument("--weights", choices=["best", "last"], required=True, help="the epoch whose network is asked")
    add_inputs(parser, "split", "store", "energy")
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args(argv)
    fold = fold_name(args.split.stem, args.fold)
    learner, energies = open_network(args.run, args.weights, fold), open_energies(args.energy)
    rows = fold_rows(args.split, fold=args.fold, part="test")
    examples, lines = Examples.of(rows, store=Store.open(folder_of(args.store))), []
    for row in sorted(rows, key=lambda row: row["utterance"]):
        weights, hidden = weights_and_energy(learner, examples.alone(row["utterance"]))
        energy = frame_energy(energies, row["utterance"], frames=len(weights))
        correlations = correlation(weights, energy), correlation(weights, hidden)
        lines.append([row["utterance"], row["class"], len(weights), *correlations])
    with atomic_path(args.output) as temporary:
        table = pd.DataFrame(lines, columns=COLUMNS)
        table.to_csv(temporary, index=False, lineterminator="\n", float_format="%.6f")


if __name__ == "__main__":
    sys.exit(run(main))
