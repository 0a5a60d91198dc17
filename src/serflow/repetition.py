"""A run trained anew, elsewhere, as its rule would train it: equal code, data and seed give equal bytes."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from serflow import paths
from serflow.errors import MAKE, UserError
from serflow.files import read_json
from serflow.plan.report import Report
from serflow.plan.training_inputs import TrainingInputs
from serflow.provenance.run_key import RunKey

__all__ = ["drawn", "other_files", "repeat"]

INPUTS = ("split", "features", "store", "transcripts", "vectors", "encoder", "maps")  # of rule `train`
TEACHER_INPUTS = ("split", "features", "store", "transcripts", "pronunciations", "alignments")  # of `train_teacher`


def drawn(runs: Iterable[RunKey], number: int | None, *, seed: int) -> list[RunKey]:
    """So many of the runs, drawn by a seed, sorted; all of them where None, or fewer than that."""
    known = sorted(set(runs))
    return known if number is None or number >= len(known) else sorted(random.Random(seed).sample(known, number))


def repeat(report: Report, run: RunKey, folder: Path) -> dict[str, Any]:
    """Train one run, or teacher, by the present code below `folder`, as its rule would; its run.json.

    Raises
    ------
    UserError
        If the training fails, or an input is missing; the message ends with what it said last.
    """
    command, made = _command(report, run, folder)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as rules have it
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if ended.returncode:
        raise UserError(
            f"{run.folder}: cannot be trained anew: {ended.stderr.strip().splitlines()[-1:] or ended.returncode}"
        )
    return read_json(made / "run.json")


def other_files(run: RunKey, before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """Names of the files in which two trainings of a run differ, by its two run.json.

    Raises
    ------
    UserError
        If they were trained on different kinds of device, which round otherwise.
    """
    if before["device"] != after["device"]:
        raise UserError(
            f"{run.folder}: was trained on {before['device']}, and is repeated on {after['device']}; expected the same "
            "kind of device, as other ones round otherwise: set `device` in config.yaml"
        )
    names = sorted(before["outputs"].keys() | after["outputs"].keys())
    return tuple(name for name in names if before["outputs"].get(name) != after["outputs"].get(name))


def _command(report: Report, run: RunKey, folder: Path) -> tuple[list[str], Path]:
    """What is called, and where the run's files will stand."""
    inputs = TrainingInputs(report, fingerprint=_fingerprint(run), ancient=str, group=lambda _: None)
    teacher = run.experiment in report.workflow.teacher_experiments
    job = SimpleNamespace(**{name: value for name, value in run.key.items() if teacher or name != "seed"})
    output = folder / "runs.json"
    made = folder / "teacher" if teacher else paths.run_beside(output, run.seed)
    command = [sys.executable, "-m", f"serflow.cli.{'train_teacher' if teacher else 'train'}", "--job", inputs.job(job)]
    if teacher:
        command += ["--folder", str(made)]
    else:
        command += ["--seeds", str(run.seed), "--output", str(output)]
        command += ["--weights", *([str(run.seed)] if report.plan.keeps_weights(run) else [])]
    for name in TEACHER_INPUTS if teacher else INPUTS:
        method = "teacher_transcripts" if teacher and name == "transcripts" else name
        given = getattr(inputs, method)(job)
        command += [f"--{name}", *([given] if isinstance(given, str) else given)]
    return [*command, "--device", inputs.device(job), "--checkpoints", str(folder / "checkpoints")], made


def _fingerprint(run: RunKey) -> Callable[..., str]:
    """Path of what a rule before training makes, which is there."""
    corpus = paths.CorpusPaths(run.corpus)

    def path(rule: str, **place: str) -> str:
        view = paths.ViewPaths(run.corpus, place.get("paper", ""), place.get("experiment", ""))
        made = {"split": view.split, "fingerprint": view.features}
        if rule == "accept":
            return corpus.manifest_fingerprint
        found = made[rule](place.get("split") or place["features"]) if rule in made else view.words_fingerprint(rule)
        if not Path(found).is_file():
            raise UserError(f"{found}: this file is missing; {MAKE} first")
        return found

    return path
