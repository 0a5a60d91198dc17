"""Rule `recognition`: phone and word error rates of a paper's teachers, and how they fell epoch by epoch."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.cli import run
from serflow.cli.score import write_csv
from serflow.files import atomic_path, read_json
from serflow.lexical.tables import read_transcripts
from serflow.metrics.recognition import curves_table, recognition_table
from serflow.metrics.transcription_files import read_transcribed
from serflow.plan.run_key import Run
from serflow.recognition.tables import read_spellings


def main(argv: list[str] | None = None) -> None:
    """Score stored transcriptions."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.recognition", description=main.__doc__)
    parser.add_argument("--teachers", required=True, type=json.loads, help="JSON: [{run, digest_spec, code}]")
    parser.add_argument("--split", required=True, type=Path, help="fingerprint of the fold table beside it")
    parser.add_argument("--features", required=True, type=Path, help="fingerprint of the features")
    parser.add_argument("--transcripts", required=True, type=Path, help="fingerprint of the words beside it")
    parser.add_argument("--pronunciations", required=True, type=Path, help="fingerprint of their phones beside it")
    parser.add_argument("--replicates", required=True, type=int, help="resamples of an interval")
    parser.add_argument("--output", required=True, help="the folder to write")
    args = parser.parse_args(argv)
    table = pd.read_parquet(args.split.with_suffix(".parquet"))
    said = read_transcripts(args.transcripts.with_suffix(".parquet"))
    spellings = read_spellings(args.pronunciations.with_suffix(".parquet"))
    present = {name: read_json(getattr(args, name))["digest"] for name in PRESENT}
    runs = [read_transcribed(_entry(teacher) | present, table, said, spellings) for teacher in args.teachers]
    tables = {"scores": recognition_table(runs, replicates=args.replicates), "curves": curves_table(runs)}
    with atomic_path(args.output) as folder:
        folder.mkdir()
        for name, content in tables.items():
            write_csv(content, folder / f"{name}.csv")


PRESENT = ("split", "features", "transcripts", "pronunciations")


def _entry(teacher: dict[str, Any]) -> dict[str, Any]:
    return {key: teacher[key] for key in ("digest_spec", "code")} | {"folder": Run(**teacher["run"]).folder}


if __name__ == "__main__":
    sys.exit(run(main))
