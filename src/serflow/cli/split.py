"""Rule `split`: the fold table of a view, checked, and its fingerprint."""

import argparse
import json
import sys

import pandas as pd

from serflow.cli import run
from serflow.files import atomic_path, write_json
from serflow.split_checks import check_split
from serflow.splits import fingerprint, make_split

COLUMNS = ["utterance", "class", "speaker", "wearer", "session", "duration"]


def main(argv: list[str] | None = None) -> None:
    """Divide a view into folds."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.split", description=main.__doc__)
    parser.add_argument("--view", required=True, help="view.parquet")
    parser.add_argument("--name", required=True, help="name of the split in the protocols file")
    parser.add_argument("--split", required=True, type=json.loads, help="JSON: kind and its parameters")
    parser.add_argument("--judged", type=json.loads, help="JSON: splits whose folds these networks judge, by name")
    parser.add_argument("--table", required=True, help="the Parquet file to write")
    parser.add_argument("--fingerprint", required=True, help="the JSON file to write")
    args = parser.parse_args(argv)
    view = pd.read_parquet(args.view, columns=COLUMNS)
    table = make_split(view, args.split, args.judged)
    check_split(table, view, args.split)
    with atomic_path(args.table) as temporary:
        table.to_parquet(temporary, index=False)
    write_json(args.fingerprint, fingerprint(table, args.name, args.split))


if __name__ == "__main__":
    sys.exit(run(main))
