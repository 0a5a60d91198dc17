"""Rule `transcripts`: the words of a view's utterances. Systems of sound alone do not depend on it."""

import argparse
import sys
from pathlib import Path

import pyarrow.parquet as pq

from serflow.cli import run
from serflow.errors import UserError
from serflow.lexical.word_files import write_transcripts
from serflow.lexical.words import words_as_written
from serflow.parquet import intact


def main(argv: list[str] | None = None) -> None:
    """Write utterances and their words, and a fingerprint of them beside."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.transcripts", description=main.__doc__)
    parser.add_argument("--view", required=True, help="view.parquet")
    parser.add_argument("--output", required=True, type=Path, help="the Parquet file to write")
    args = parser.parse_args(argv)
    view = pq.read_table(intact(args.view), columns=["utterance", "text"]).to_pydict()
    rows = {name: words_as_written(text) for name, text in zip(view["utterance"], view["text"], strict=True)}
    if not any(rows.values()):
        raise UserError(
            f"{args.view}: no utterance has a transcript; set `transcripts: false` in the corpus's YAML, and the "
            "systems that read text are left out"
        )
    write_transcripts(rows, args.output)


if __name__ == "__main__":
    sys.exit(run(main))
