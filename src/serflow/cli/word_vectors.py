"""Rule `word_vectors`: of a file of word vectors, those of a view's words, so that no training reads the whole file."""

import argparse
import sys
from pathlib import Path

from serflow.cli import run
from serflow.lexical.vectors_file import vectors_from_file
from serflow.lexical.word_files import read_transcripts, write_vectors


def main(argv: list[str] | None = None) -> None:
    """Look up every word that is said; a vector does not tell who said the word, so that no fold can leak by it."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.word_vectors", description=main.__doc__)
    parser.add_argument("--vectors", required=True, help="word2vec or GloVe file")
    parser.add_argument("--transcripts", required=True, type=Path, help="transcripts.parquet")
    parser.add_argument("--output", required=True, type=Path, help="the Parquet file to write")
    args = parser.parse_args(argv)
    said = read_transcripts(args.transcripts)
    found = vectors_from_file(args.vectors, {word for words in said.values() for word in words})
    write_vectors(found, args.output)


if __name__ == "__main__":
    sys.exit(run(main))
