"""Rule `train`: one run, from the fingerprints of its data to its predictions, model and run.json."""

import argparse
import json
import sys
from pathlib import Path

from serflow import paths
from serflow.cli import run
from serflow.jobs.train import Job, run_job
from serflow.training.gpu_choice import choose_gpu
from serflow.training.malloc import keep_freed_memory


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=json.loads, required=True, help="JSON: run, spec, modules")
    parser.add_argument(
        "--split", type=Path, required=True, help="fingerprint of the split table, which stands beside it"
    )
    parser.add_argument("--features", type=Path, nargs="*", default=[], help="fingerprint of the view's features")
    parser.add_argument("--store", type=Path, nargs="*", default=[], help="store.json of the feature store")
    parser.add_argument("--transcripts", type=Path, nargs="*", default=[], help="fingerprint of the view's words")
    parser.add_argument("--vectors", type=Path, nargs="*", default=[], help="fingerprint of given word vectors")
    parser.add_argument("--encoder", type=Path, nargs="*", default=[], help="run.json of the run to start from")
    parser.add_argument("--maps", type=Path, nargs="*", default=[], help="store.json of attention maps to learn")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda, cuda:1")
    parser.add_argument("--folder", type=Path, required=True, help="folder of the run")
    parser.add_argument("--checkpoints", type=Path, default=Path(paths.CHECKPOINTS))
    given = parser.parse_args(argv)
    keep_freed_memory()
    choose_gpu(given.job["run"], given.device)
    run_job(
        Job(
            **given.job,
            split=given.split.with_suffix(".parquet"),
            store=given.store[0].parent if given.store else None,
            fingerprint=given.features[0] if given.features else None,
            transcripts=given.transcripts[0].with_suffix(".parquet") if given.transcripts else None,
            vectors=given.vectors[0].with_suffix(".parquet") if given.vectors else None,
            encoder=given.encoder[0] if given.encoder else None,
            maps=given.maps[0].parent if given.maps else None,
            folder=given.folder,
            checkpoints=given.checkpoints,
            device=given.device,
        )
    )


if __name__ == "__main__":
    sys.exit(run(main))
