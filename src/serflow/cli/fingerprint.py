"""Rule `fingerprint`: the digest of the features that a view's runs read."""

import argparse
import sys

import pyarrow.parquet as pq

from serflow.cli import run
from serflow.features.fingerprint import fingerprint
from serflow.features.store import Store
from serflow.files import write_json
from serflow.parquet import intact


def main(argv: list[str] | None = None) -> None:
    """Write the fingerprint of a view's features."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.fingerprint", description=main.__doc__)
    parser.add_argument("--view", required=True, help="view.parquet")
    parser.add_argument("--store", required=True, help="the folder of a feature store")
    parser.add_argument("--output", required=True, help="the JSON file to write")
    args = parser.parse_args(argv)
    utterances = pq.read_table(intact(args.view), columns=["utterance"])["utterance"].to_pylist()
    write_json(args.output, fingerprint(utterances, Store.open(args.store)))


if __name__ == "__main__":
    sys.exit(run(main))
