"""Rule `digests`: the digests of all that an export of the report holds but for the PDF, which prints their own."""

import argparse
import json
import sys
from pathlib import Path

from serflow.cli import run
from serflow.crate.members import digests_of, members
from serflow.files import atomic_path
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and write the list."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.digests", description=__doc__)
    parser.add_argument("--config", required=True, type=json.loads, help="the configuration, as JSON")
    parser.add_argument("--output", required=True, type=Path, help="the text to write, as sha256sum -c reads it")
    args = parser.parse_args(argv)
    text = digests_of(members(Report(Plan(read_workflow(args.config)))))
    with atomic_path(args.output) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(run(main))
