"""Rule `train`: one run, from the fingerprints of its data to its predictions, model and run.json."""

import argparse
import sys
from pathlib import Path

from serflow.cli import run
from serflow.cli.inputs import add_inputs, add_job, folder_of, only, table_of
from serflow.jobs.train import Job, run_job
from serflow.training.gpu_choice import choose_gpu
from serflow.training.malloc import keep_freed_memory


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.train", description=__doc__)
    add_job(parser)
    add_inputs(parser, "split", optional=("features", "store", "transcripts", "vectors", "maps"))
    parser.add_argument("--encoder", type=Path, nargs="*", default=[], help="run.json of the run to start from")
    args = parser.parse_args(argv)
    keep_freed_memory()
    choose_gpu(args.job["run"], args.device)
    run_job(
        Job(
            **args.job,
            split=table_of(args.split),
            store=folder_of(only(args.store)),
            fingerprint=only(args.features),
            transcripts=table_of(only(args.transcripts)),
            vectors=table_of(only(args.vectors)),
            encoder=only(args.encoder),
            maps=folder_of(only(args.maps)),
            folder=args.folder,
            checkpoints=args.checkpoints,
            device=args.device,
        )
    )


if __name__ == "__main__":
    sys.exit(run(main))
