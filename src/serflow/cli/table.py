"""Write one table of a paper as CSV, from the scores and the published numbers."""

import argparse
import json
import sys

from serflow.cli import run
from serflow.provenance.made_from import check_made_from
from serflow.reporting.rows import write_table
from serflow.reporting.table_rows import table_columns, table_rows


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and write the table."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.table", description=__doc__)
    parser.add_argument("--spec", required=True, type=json.loads, help="the resolved table, as JSON")
    parser.add_argument("--output", required=True, help="the CSV to write")
    args = parser.parse_args(argv)
    check_made_from(args.spec["asked"])
    write_table(table_rows(args.spec), args.output, table_columns(args.spec))


if __name__ == "__main__":
    sys.exit(run(main))
