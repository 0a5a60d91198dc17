"""Rule `train`: all seeds of a system on one fold, from the fingerprints of its data to their run.json."""

import argparse
import sys
from pathlib import Path

from serflow.cli import run
from serflow.cli.inputs import add_inputs, add_job, folder_of, only, table_of
from serflow.jobs.train import Data, Job, run_jobs
from serflow.paths import run_beside
from serflow.training.gpu_choice import choose_gpu
from serflow.training.malloc import keep_freed_memory


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.train", description=__doc__)
    add_job(parser)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--weights", type=int, nargs="*", help="seeds whose networks stay (default: all)")
    parser.add_argument("--output", type=Path, required=True, help="runs.json; each seed's folder stands beside it")
    add_inputs(parser, "split", optional=("features", "store", "transcripts", "vectors", "maps"))
    parser.add_argument("--encoder", type=Path, nargs="*", default=[], help="runs.json of the networks to start from")
    parser.add_argument("--at-once", type=int, default=1, help="seeds side by side, each on one core (default 1)")
    args = parser.parse_args(argv)
    keep_freed_memory()
    key = args.job["run"]
    choose_gpu(key, args.device)
    data = Data(
        spec=args.job["spec"],
        modules=args.job["modules"],
        fold=key["fold"],
        split=table_of(args.split),
        store=folder_of(only(args.store)),
        fingerprint=only(args.features),
        transcripts=table_of(only(args.transcripts)),
        vectors=table_of(only(args.vectors)),
        maps=folder_of(only(args.maps)),
    )
    encoder = only(args.encoder)
    jobs = [
        Job(
            run=key | {"seed": seed},
            data=data,
            folder=run_beside(args.output, seed),
            checkpoints=args.checkpoints,
            device=args.device,
            encoder=encoder and run_beside(encoder, seed) / "run.json",
            keeps_weights=args.weights is None or seed in args.weights,
        )
        for seed in args.seeds
    ]
    run_jobs(jobs, at_once=args.at_once, output=args.output)


if __name__ == "__main__":
    sys.exit(run(main))
