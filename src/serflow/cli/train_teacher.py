"""Rule `train_teacher`: one speech recogniser, from the fingerprints of its data to hypotheses, model, run.json."""

import argparse
import sys
from pathlib import Path

from serflow.asr.job import TeacherJob, run_teacher_job
from serflow.cli import run
from serflow.cli.inputs import add_inputs, add_job, folder_of, only, table_of
from serflow.training.malloc import keep_freed_memory


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.train_teacher", description=__doc__)
    add_job(parser)
    parser.add_argument("--folder", type=Path, required=True, help="folder of the run")
    add_inputs(parser, "split", "features", "store", "transcripts", "pronunciations", optional=("alignments",))
    args = parser.parse_args(argv)
    keep_freed_memory()
    run_teacher_job(
        TeacherJob(
            **args.job,
            split=table_of(args.split),
            store=folder_of(args.store),
            fingerprint=args.features,
            transcripts=table_of(args.transcripts),
            pronunciations=table_of(args.pronunciations),
            alignments=table_of(only(args.alignments)),
            folder=args.folder,
            checkpoints=args.checkpoints,
            device=args.device,
        )
    )


if __name__ == "__main__":
    sys.exit(run(main))
