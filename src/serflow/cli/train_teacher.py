"""Rule `train_teacher`: one speech recogniser, from the fingerprints of its data to hypotheses, model, run.json."""

import argparse
import json
import sys
from pathlib import Path

from serflow import paths
from serflow.asr.job import TeacherJob, run_teacher_job
from serflow.cli import run
from serflow.training.malloc import keep_freed_memory


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and teach."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.train_teacher", description=__doc__)
    parser.add_argument("--job", type=json.loads, required=True, help="JSON: run, spec, modules")
    parser.add_argument("--split", type=Path, required=True, help="fingerprint of the fold table beside it")
    parser.add_argument("--features", type=Path, required=True, help="fingerprint of the view's features")
    parser.add_argument("--store", type=Path, required=True, help="store.json of the feature store")
    parser.add_argument("--transcripts", type=Path, required=True, help="fingerprint of the view's words")
    parser.add_argument("--pronunciations", type=Path, required=True, help="fingerprint of the words' phones")
    parser.add_argument("--alignments", type=Path, nargs="*", default=[], help="fingerprint of the words' times")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda, cuda:1")
    parser.add_argument("--folder", type=Path, required=True, help="folder of the run")
    parser.add_argument("--checkpoints", type=Path, default=Path(paths.CHECKPOINTS))
    given = parser.parse_args(argv)
    keep_freed_memory()
    run_teacher_job(
        TeacherJob(
            **given.job,
            split=given.split.with_suffix(".parquet"),
            store=given.store.parent,
            fingerprint=given.features,
            transcripts=given.transcripts.with_suffix(".parquet"),
            pronunciations=given.pronunciations.with_suffix(".parquet"),
            alignments=given.alignments[0].with_suffix(".parquet") if given.alignments else None,
            folder=given.folder,
            checkpoints=given.checkpoints,
            device=given.device,
        )
    )


if __name__ == "__main__":
    sys.exit(run(main))
