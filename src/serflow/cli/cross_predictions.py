"""Rule `cross_predictions`: what every network of a system says of every utterance of another corpus's view."""

import argparse
import json
import sys
from pathlib import Path

import pyarrow.parquet as pq

from serflow.cli import run
from serflow.cli.inputs import add_inputs, folder_of, only, table_of
from serflow.cross_prediction import Judging, OtherView, predict, predictions_table
from serflow.features.store import Store
from serflow.files import atomic_path, file_digest, read_json, write_json
from serflow.lexical.word_files import read_transcripts
from serflow.parquet import intact
from serflow.provenance.closure import closure_digest
from serflow.provenance.run_key import RunKey


def main(argv: list[str] | None = None) -> None:
    """Load each network, predict the view, write the predictions and, beside them, what they were made of."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.cross_predictions", description=__doc__)
    parser.add_argument("--job", type=json.loads, required=True, help="JSON: networks (run, training), spec, modules")
    add_inputs(parser, "view", optional=("features", "store", "transcripts"))
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda, cuda:1")
    parser.add_argument("--output", type=Path, required=True, help="the Parquet file to write")
    args = parser.parse_args(argv)
    spec, store, transcripts = args.job["spec"], only(args.store), only(args.transcripts)
    view = OtherView(
        rows=pq.read_table(intact(table_of(args.view)), columns=["utterance", "duration"]).to_pylist(),
        store=Store.open(folder_of(store)) if store else None,
        words=read_transcripts(table_of(transcripts)) if transcripts else None,
    )
    networks = [_network(entry) for entry in args.job["networks"]]
    code = closure_digest("serflow.cli.train", *args.job["modules"])
    table = predictions_table(
        predict(networks, view, spec=spec, inputs={"code": code}, device=args.device), spec["classes"]
    )
    with atomic_path(args.output) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    record = {
        "view": read_json(args.view)["digest"],
        "features": read_json(only(args.features))["digest"] if args.features else None,
        "transcripts": read_json(transcripts)["digest"] if transcripts else None,
        "networks": [
            {"fold": one.run["fold"], "seed": one.run["seed"], "training": str(one.folder), "digest": one.digest}
            for one in networks
        ],
        "predictions": file_digest(args.output),
    }
    write_json(args.output.with_suffix(".json"), record)


def _network(entry: dict) -> Judging:
    judged, training = (RunKey(**entry[key]) for key in ("run", "training"))
    return Judging(judged.key, training.key, Path(training.folder), judged.fold_name)


if __name__ == "__main__":
    sys.exit(run(main))
