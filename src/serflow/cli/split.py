"""Rule `split`: the fold table of a view, checked, and its fingerprint.

Where there can be no such table, the fingerprint says why (`unavailable`), and the table is empty: other splits go on.
Where speakers are put into pairs of groups, <split>_groups.csv beside it says who is in which.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from serflow.cli import run
from serflow.errors import UserError
from serflow.files import atomic_path, read_json, write_json
from serflow.parquet import intact
from serflow.speaker_groups import describe_groups
from serflow.split_checks import check_split
from serflow.splits import COLUMNS, Split, fingerprint, groups_of, make_split

READ = ["utterance", "class", "speaker", "wearer", "session", "duration", "sex", "group"]
OWN = ("fold", "part")  # the corpus's own folds, where its manifest has them


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
    path = intact(args.view)
    own = [name for name in OWN if name in pq.read_schema(path).names]
    view = pd.read_parquet(path, columns=[*READ, *own])
    fault = read_json(Path(args.view).with_suffix(".json")).get("unavailable")
    table, groups, told = _folds(view, fault, args.name, args.split, args.judged)
    with atomic_path(args.table) as temporary:
        table.to_parquet(temporary, index=False)
    listed = Path(args.fingerprint).with_name(f"{args.name}_groups.csv")
    if groups is None:
        listed.unlink(missing_ok=True)
    else:
        with atomic_path(listed) as temporary:
            describe_groups(view, groups).to_csv(temporary, index=False)
    write_json(args.fingerprint, told)


def _folds(
    view: pd.DataFrame, fault: str | None, name: str, split: Split, judged: dict[str, Split] | None
) -> tuple[pd.DataFrame, pd.DataFrame | None, dict[str, Any]]:
    """Fold table, pairs of groups of speakers (None: there are none) and fingerprint; `fault`: of the view."""
    try:
        if fault:
            raise UserError(fault)
        table = make_split(view, split, judged)
        check_split(table, view, split)
        groups = groups_of(view, split)
    except UserError as error:
        print(error)
        nothing = pd.DataFrame(columns=COLUMNS, dtype="str")
        return nothing, None, {"split": {"name": name, **split}, "unavailable": str(error)}
    return table, groups, fingerprint(table, name, split, groups)


if __name__ == "__main__":
    sys.exit(run(main))
