"""Rule `features`: the store of one feature set of a corpus."""

import argparse
import json
import sys

from serflow.cli import run
from serflow.features.extract import extract


def main(argv: list[str] | None = None) -> None:
    """Extract the features of every utterance of a manifest."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.features", description=main.__doc__)
    parser.add_argument("--manifest", required=True, help="manifest.parquet")
    parser.add_argument("--release", required=True, help="folder that the manifest's paths start from")
    parser.add_argument("--spec", required=True, type=json.loads, help="JSON: extractor and its values")
    parser.add_argument("--jobs", required=True, type=int, choices=range(1, 1025), metavar="N")
    parser.add_argument("--output", required=True, help="the store's folder to write")
    args = parser.parse_args(argv)
    extract(manifest=args.manifest, release=args.release, spec=args.spec, jobs=args.jobs, folder=args.output)


if __name__ == "__main__":
    sys.exit(run(main))
