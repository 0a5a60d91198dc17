"""`serflow demo-release`: write the stand-in release, synthesised speech in the layout of IEMOCAP."""

import argparse
import os
import sys
from pathlib import Path

from serflow.cli import run
from serflow.corpora.release_fingerprint import refresh
from serflow.standin.release import write_release


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and write the release."""
    parser = argparse.ArgumentParser(prog="serflow demo-release", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="release root to make: absent, or empty")
    parser.add_argument("--turns", type=int, default=600, help="labelled turns (default 600)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: cores)")
    parser.add_argument(
        "--floor", type=int, default=4, help="least turns of each main class by each speaker (default 4)"
    )
    parser.add_argument("--fingerprint", type=Path, help="JSON file to write: digest of the release")
    parser.add_argument("--reads", nargs="+", metavar="GLOB", help="what a reader reads of it, for the fingerprint")
    args = parser.parse_args(argv)
    if args.fingerprint and not args.reads:
        parser.error("--fingerprint needs --reads: the patterns that the corpus's YAML file declares")
    write_release(args.folder, turns=args.turns, seed=args.seed, jobs=args.jobs, floor=args.floor)
    if args.fingerprint:
        refresh(args.folder, args.fingerprint, reads=args.reads)


if __name__ == "__main__":
    sys.exit(run(main))
