"""`serflow results`: a page of results, every number and sentence of it from the tables of a report."""

import argparse
import sys
from pathlib import Path

from serflow.cli import run
from serflow.errors import UserError
from serflow.files import atomic_path
from serflow.paths import RESULTS
from serflow.reporting.results_page import results_page


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and write the page."""
    parser = argparse.ArgumentParser(prog="serflow results", description=__doc__)
    parser.add_argument("page", type=Path, metavar="OUT.md", help="the Markdown file to write")
    parser.add_argument(
        "--report",
        type=Path,
        required=True,
        nargs="+",
        help="folders of reports of one corpus, e.g. reports/emodb-paper",
    )
    parser.add_argument("--results", type=Path, default=Path(RESULTS), help="folder of all results")
    parser.add_argument("--papers", type=Path, default=Path("workflow/papers"), help="folder of the papers' YAML")
    parser.add_argument("--command", required=True, help="the command that makes the report, as printed")
    args = parser.parse_args(argv)
    if args.page.is_dir():
        raise UserError(f"{args.page}: this is a folder; expected the name of a file to write")
    text = results_page(args.report, results=args.results, papers=args.papers, command=args.command)
    with atomic_path(args.page) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(run(main))
