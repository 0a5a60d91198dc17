"""Rule `score_asr`: error rates of a paper's teachers, one against another, and how they fell epoch by epoch."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

from serflow.asr.hypotheses import read_hypotheses
from serflow.asr.word_tables import read_pronunciations
from serflow.cli import run as run_command
from serflow.cli.inputs import add_inputs, table_of
from serflow.cli.score_runs import write_csv
from serflow.files import atomic_path, read_json
from serflow.lexical.word_files import read_words_as_written
from serflow.metrics.error_rates import curves_table, pairs_table, scores_table
from serflow.parquet import intact
from serflow.provenance.closure import closure_digest
from serflow.provenance.libraries import write_libraries
from serflow.provenance.made_from import write_made_from
from serflow.provenance.run_key import RunKey
from serflow.splits import read_folds

PRESENT = ("split", "features", "transcripts", "pronunciations")  # what teachers were trained with


def main(argv: list[str] | None = None) -> None:
    """Score stored hypotheses."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.score_asr", description=main.__doc__)
    parser.add_argument("--teachers", required=True, type=json.loads, help="JSON: [{run, digest_spec, code}]")
    parser.add_argument("--pairs", required=True, type=json.loads, help="JSON: [[teacher, against], ...]")
    add_inputs(parser, "view", *PRESENT, optional=("alignments",))
    parser.add_argument("--permutations", required=True, type=int, help="swaps of a test that are drawn")
    parser.add_argument("--output", required=True, help="the folder to write")
    args = parser.parse_args(argv)
    table = read_folds(table_of(args.split))
    view = pd.read_parquet(intact(table_of(args.view)), columns=["utterance", "style"])
    improvised = frozenset(view.loc[view["style"] == "improvised", "utterance"])
    said = read_words_as_written(table_of(args.transcripts))
    pronunciations = read_pronunciations(table_of(args.pronunciations))
    present = {name: read_json(getattr(args, name))["digest"] for name in PRESENT}
    present["alignments"] = read_json(args.alignments[0])["digest"] if args.alignments else None
    runs, curves = [], []
    for teacher in args.teachers:  # of a run's epochs only their counts are kept
        entry = {name: teacher[name] for name in ("run", "digest_spec")} | {"folder": RunKey(**teacher["run"]).folder}
        entry["inputs"] = present | {"code": teacher["code"]}
        run = read_hypotheses(entry, table, said, pronunciations, improvised)
        curves.append(curves_table([run]))
        runs.append(replace(run, greedy={}))
    tables = {
        "scores": scores_table(runs, permutations=args.permutations),
        "pairs": pairs_table(runs, args.pairs, permutations=args.permutations),
        "curves": pd.concat(curves, ignore_index=True),
    }
    with atomic_path(args.output) as folder:
        folder.mkdir()
        for name, content in tables.items():
            write_csv(content, folder / f"{name}.csv")
        write_libraries(folder / "libraries.json", (RunKey(**teacher["run"]) for teacher in args.teachers))
        asked = {"teachers": args.teachers, "pairs": args.pairs, "code": closure_digest("serflow.cli.score_asr")}
        write_made_from(folder, asked, _read(args))


def _read(args: argparse.Namespace) -> list[Path]:
    """Fingerprints of what the error rates were made from, and run.json of the teachers."""
    runs = [Path(RunKey(**teacher["run"]).folder) / "run.json" for teacher in args.teachers]
    return [args.view, *(getattr(args, name) for name in PRESENT), *args.alignments, *runs]


if __name__ == "__main__":
    sys.exit(run_command(main))
