"""Rule `pronunciations`: the phones of a view's words, so that a word more in the dictionary teaches no one anew."""

import argparse
import sys
from pathlib import Path

import pyarrow.parquet as pq

from serflow.asr.pronunciations import count_words, look_up, read_dictionary
from serflow.asr.word_tables import write_pronunciations
from serflow.cli import run
from serflow.errors import UserError
from serflow.lexical.words import words_as_written
from serflow.parquet import intact

SHOWN = 50  # words without a pronunciation that the fingerprint names, the most frequent first


def main(argv: list[str] | None = None) -> None:
    """Look up every word that is said; how a word sounds does not tell who said it, so that no fold can leak by it."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.pronunciations", description=main.__doc__)
    parser.add_argument("--view", required=True, type=Path, help="view.parquet")
    parser.add_argument("--dictionary", type=Path, nargs="*", default=[], help="in CMU's format; without: CMU's own")
    parser.add_argument("--output", required=True, type=Path, help="the Parquet file to write")
    args = parser.parse_args(argv)
    texts = pq.read_table(intact(args.view), columns=["text"])["text"].to_pylist()
    transcripts = [words_as_written(text) for text in texts]
    dictionary = read_dictionary(args.dictionary[0] if args.dictionary else None)
    found = look_up({word for words in transcripts for word in words}, dictionary)
    said, unknown = count_words(transcripts, found)
    if unknown.total() == said:
        where = args.dictionary[0] if args.dictionary else "the CMU Pronouncing Dictionary"
        raise UserError(
            f"{where}: none of the {said} words of {args.view} is in it; expected a dictionary of their language"
        )
    write_pronunciations(
        found,
        args.output,
        different_words=len(found) + len(unknown),
        words=said,
        without_pronunciation={"different_words": len(unknown), "words": unknown.total()},
        most_frequent=dict(sorted(unknown.items(), key=lambda entry: (-entry[1], entry[0]))[:SHOWN]),
    )


if __name__ == "__main__":
    sys.exit(run(main))
