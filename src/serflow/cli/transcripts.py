"""Rule `transcripts`: the words of a view's utterances. Systems of sound alone do not depend on it."""

import argparse
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from serflow.cli import run
from serflow.errors import UserError
from serflow.files import atomic_path, digest, write_json
from serflow.lexical.words import words_of


def main(argv: list[str] | None = None) -> None:
    """Write utterances and their words, and a fingerprint of them beside."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.transcripts", description=main.__doc__)
    parser.add_argument("--view", required=True, help="view.parquet")
    parser.add_argument("--output", required=True, type=Path, help="the Parquet file to write")
    args = parser.parse_args(argv)
    view = pq.read_table(args.view, columns=["utterance", "text"]).to_pydict()
    rows = {name: words_of(text) for name, text in zip(view["utterance"], view["text"], strict=True)}
    if not any(rows.values()):
        raise UserError(
            f"{args.view}: no utterance has a transcript; set `transcripts: false` in the corpus's YAML, and the "
            "systems that read text are left out"
        )
    table = pa.table(
        [pa.array(list(rows), pa.string()), pa.array(list(rows.values()), pa.list_(pa.string()))],
        names=["utterance", "words"],
    )
    with atomic_path(args.output) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    said = list(rows.values())
    write_json(
        args.output.with_suffix(".json"),
        {
            "digest": digest(rows),
            "utterances": len(rows),
            "without_words": sum(not words for words in said),
            "words": sum(map(len, said)),
            "different_words": len({word for words in said for word in words}),
        },
    )


if __name__ == "__main__":
    sys.exit(run(main))
