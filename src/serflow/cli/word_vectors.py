"""Rule `word_vectors`: of a file of word vectors, those of a view's words, so that no training reads the whole file."""

import argparse
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from serflow.cli import run
from serflow.files import atomic_path, write_json
from serflow.lexical.vectors_file import vectors_from_file
from serflow.lexical.word_files import read_transcripts


def main(argv: list[str] | None = None) -> None:
    """Look up every word that is said; a vector does not tell who said the word, so that no fold can leak by it."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.word_vectors", description=main.__doc__)
    parser.add_argument("--vectors", required=True, help="word2vec or GloVe file")
    parser.add_argument("--transcripts", required=True, type=Path, help="transcripts.parquet")
    parser.add_argument("--output", required=True, type=Path, help="the Parquet file to write")
    args = parser.parse_args(argv)
    said = read_transcripts(args.transcripts)
    found = vectors_from_file(args.vectors, {word for words in said.values() for word in words})
    kind = pa.list_(pa.float32(), found.dims)
    values = pa.FixedSizeListArray.from_arrays(pa.array(found.vectors.ravel(), pa.float32()), found.dims).cast(kind)
    with atomic_path(args.output) as temporary:
        pq.write_table(pa.table([pa.array(found.words, pa.string()), values], names=["word", "vector"]), temporary)
    # only what decides about a training: another name of the file, or a word that it lacks, changes nothing
    described = {"digest": found.digest, "dims": found.dims, "words": len(found.words)}
    write_json(args.output.with_suffix(".json"), described)


if __name__ == "__main__":
    sys.exit(run(main))
