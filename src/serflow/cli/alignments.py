"""Rule `alignments`: when each word of a view's utterances is said, for what cuts utterances at words."""

import argparse
import sys
from pathlib import Path

import pyarrow.parquet as pq

from serflow.asr.word_tables import write_alignments
from serflow.cli import run
from serflow.parquet import intact


def main(argv: list[str] | None = None) -> None:
    """Write utterances, their words and the words' times, and a fingerprint of them beside."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.alignments", description=main.__doc__)
    parser.add_argument("--view", required=True, help="view.parquet")
    parser.add_argument("--output", required=True, type=Path, help="the Parquet file to write")
    args = parser.parse_args(argv)
    view = pq.read_table(intact(args.view), columns=["utterance", "words"]).to_pydict()
    aligned = {name: words or [] for name, words in zip(view["utterance"], view["words"], strict=True)}
    write_alignments(aligned, args.output)


if __name__ == "__main__":
    sys.exit(run(main))
