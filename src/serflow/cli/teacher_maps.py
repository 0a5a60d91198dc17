"""Rule `teacher_maps`: what a trained teacher attends to in each utterance of a view, for systems that learn it.

The utterances that a system tests are among them, for figures; a training reads only those that it is trained on.
"""

import argparse
import sys
from pathlib import Path

import pyarrow.parquet as pq

from serflow.asr.recogniser import Recogniser
from serflow.asr.word_tables import read_pronunciations
from serflow.cli import run
from serflow.cli.inputs import add_inputs, folder_of, table_of
from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.files import read_json
from serflow.lexical.word_files import read_words_as_written
from serflow.parquet import intact
from serflow.provenance.run_record import check_written


def main(argv: list[str] | None = None) -> None:
    """Write the maps of eq. 10 of Zhao et al. (2021) as a store: one value a frame of the teacher's features."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.teacher_maps", description=__doc__)
    parser.add_argument("--teacher", type=Path, required=True, help="run.json of the teacher, beside its model folder")
    add_inputs(parser, "view", "store", "transcripts", "pronunciations")
    parser.add_argument("--p", type=float, required=True, help="the exponent of eq. 10")
    parser.add_argument("--output", type=Path, required=True, help="folder of the store to write")
    args = parser.parse_args(argv)
    record = read_json(args.teacher)
    check_written(args.teacher.parent, record, under="model/last", teacher=True)
    pronunciations = read_pronunciations(table_of(args.pronunciations))
    teacher = Recogniser.load(args.teacher.parent / "model/last", device="cpu", pronunciations=pronunciations)
    examples = _examples(args)
    maps = teacher.attention_maps(examples, p=args.p)
    spec = {
        "teacher": record["run"],
        "digest": record["digest"],
        "train_speakers": record["train_speakers"],
        "p": args.p,
    }
    write_store(
        args.output,
        spec=spec,
        dims=1,
        hop_seconds=examples.store.hop_seconds,
        versions=record["versions"],
        utterances=((name, maps[name][:, None]) for name in sorted(maps)),
    )


def _examples(args: argparse.Namespace) -> Examples:
    rows = pq.read_table(intact(table_of(args.view)), columns=["utterance", "duration"]).to_pylist()
    said = read_words_as_written(table_of(args.transcripts))
    return Examples.of(rows, store=Store.open(folder_of(args.store)), words=[said[row["utterance"]] for row in rows])


if __name__ == "__main__":
    sys.exit(run(main))
