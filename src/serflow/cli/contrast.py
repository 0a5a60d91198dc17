"""Rule `contrast`: every system of one (paper, experiment) under each protocol against itself under the others."""

import argparse
import json
import sys
from pathlib import Path

from serflow.cli import run
from serflow.cli.score_runs import write_csv
from serflow.files import atomic_path, read_json
from serflow.metrics.contrasts import contrasts_table
from serflow.metrics.selected import read_selected
from serflow.provenance.made_from import check_made_from


def main(argv: list[str] | None = None) -> None:
    """Compare protocols on the same utterances."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.contrast", description=main.__doc__)
    parser.add_argument("--selected", type=Path, nargs="*", default=[], help="selected.parquet of each split")
    parser.add_argument("--splits", type=Path, nargs="*", default=[], help="fingerprints of the splits' fold tables")
    parser.add_argument("--pairs", required=True, type=json.loads, help="JSON: [[[split, select], [split, select]]]")
    parser.add_argument("--unseeded", required=True, type=json.loads, help="JSON: systems that no seed changes")
    parser.add_argument("--classes-only", required=True, type=json.loads, help="JSON: systems without probabilities")
    parser.add_argument("--permutations", required=True, type=int, help="swaps of a test that are drawn")
    parser.add_argument("--output", required=True, help="CSV")
    parser.add_argument("--asked", required=True, type=json.loads, help="JSON: folder of scores -> what is asked")
    args = parser.parse_args(argv)
    check_made_from(args.asked)
    table = contrasts_table(
        {path.parent.name: read_selected(path) for path in args.selected},
        [tuple(map(tuple, pair)) for pair in args.pairs],
        shared={path.stem: any(read_json(path)["speakers_shared"].values()) for path in args.splits},
        unseeded=args.unseeded,
        permutations=args.permutations,
        classes_only=args.classes_only,
    )
    with atomic_path(args.output) as path:
        write_csv(table, path)


if __name__ == "__main__":
    sys.exit(run(main))
