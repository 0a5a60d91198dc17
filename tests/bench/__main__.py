"""Run benchmarks and write docs/benchmarks.md: `python -m bench [NAME ...]`, as `make bench` does."""

import argparse
import sys
from pathlib import Path

from bench.processes import ROOT
from bench.runner import names, run_benchmarks
from serflow.cli import run


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names())}; none: all that take a minute or so each")
    parser.add_argument("--repetitions", type=int, help="of every benchmark (default: each benchmark's own)")
    parser.add_argument("--quick", action="store_true", help="only to see that they run: sizes that say nothing")
    parser.add_argument("--cpu", action="store_true", help="processor time in place of the wall clock")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/benchmarks.md", help="the page to write")
    args = parser.parse_args()
    run_benchmarks(args.names, page=args.page, repetitions=args.repetitions, quick=args.quick, cpu=args.cpu)


if __name__ == "__main__":
    sys.exit(run(main))
