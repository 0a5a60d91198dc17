"""Rule `release_check`: counts, durations and findings of a reading beside what is published, as JSON."""

import argparse
import json
import sys
from pathlib import Path

from serflow.cli import run
from serflow.files import write_json
from serflow.reporting.release_check import release_check


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and write the check of the release."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.release_check", description=__doc__)
    parser.add_argument("--spec", required=True, type=json.loads, help="JSON: see serflow.reporting.release_check")
    parser.add_argument("--output", required=True, type=Path, help="the JSON file to write")
    args = parser.parse_args(argv)
    write_json(args.output, release_check(args.spec))


if __name__ == "__main__":
    sys.exit(run(main))
