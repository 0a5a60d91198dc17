"""The project on a release of full size, with more and more made of what comes before training: what a plan finds."""

import os
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.mute import write_mute_release
from bench.processes import python
from bench.project import copy_of_project
from helpers.projects import jobs
from serflow.paths import CorpusPaths

__all__ = ["State", "states", "write_python"]

CORPUS = "mute"
DECLARED = "extends: iemocap\nreference_counts: null\n"  # whose published hours nothing silent has
BEFORE_TRAINING = ("split", "transcripts", "pronunciations", "alignments", "fingerprint")
# Features of a release without speech would say nothing and take minutes: their files are empty, all others are real.
PYTHON = """\
#!/usr/bin/env bash
set -eu
for given in "$@"; do [ "${before:-}" != --output ] || output=$given; before=$given; done
case "$*" in
    *serflow.cli.features*) mkdir -p "$output"; touch "$output"/{store.json,index.parquet,frames.npy} ;;
    *serflow.cli.fingerprint*) echo "{\\"digest\\": \\"$output\\"}" > "$output" ;;
    *) exec %s "$@" ;;
esac
"""


@dataclass(frozen=True)
class State:
    """A folder to run Snakemake in, and the configuration to run it with."""

    folder: Path
    config: tuple[str, ...]

    def command(self, *arguments: str) -> list[str]:
        """What this interpreter is given to run Snakemake with the state's configuration and these arguments."""
        return ["-m", "snakemake", "--cores", "2", *arguments, "--config", *self.config]

    def of(self, paper: str) -> "State":
        """The same with one paper configured."""
        return State(self.folder, (*self.config, f"papers=[{paper}]"))

    @cached_property
    def planned(self) -> dict[str, set[str]]:
        """Rule -> first outputs of its jobs, as a dry run lists them; looked up once."""
        return jobs(python(*self.command("-n"), folder=self.folder))

    def largest_paper(self) -> str:
        """The paper with the most training jobs."""
        return Counter(output.split("/")[3] for output in self.planned["train"]).most_common(1)[0][0]

    def copy(self, folder: Path) -> "State":
        """The same in another folder, with its time stamps."""
        shutil.copytree(self.folder, folder)
        return State(folder, self.config)

    def make(self, *arguments: str, targets: list[str] | None = None) -> None:
        """Run Snakemake, with empty features."""
        found = os.environ["PATH"]
        os.environ["PATH"] = f"{self.folder.parent / 'bin'}{os.pathsep}{found}"
        try:
            python(*self.command(*arguments), *(["--", *targets] if targets else []), folder=self.folder)
        finally:
            os.environ["PATH"] = found


def write_python(folder: Path) -> None:
    """Write the `python` that rules call while a state is made."""
    folder.mkdir()
    (folder / "python").write_text(PYTHON % sys.executable)
    (folder / "python").chmod(0o755)


def states(folder: Path, *, turns: int) -> dict[str, State]:
    """Each state by what it is called, all under the paper preset with sweeps.

    Raises
    ------
    RuntimeError
        Where a plan still holds what the state says is made.
    """
    folder.mkdir()
    write_mute_release(folder / "release", turns=turns)
    write_python(folder / "bin")
    release = f"release={folder / 'release'}"
    project = copy_of_project(folder / "fresh").folder
    (project / f"workflow/corpora/{CORPUS}.yaml").write_text(DECLARED, encoding="utf-8")
    fresh = State(project, ("preset=paper", f"corpus={CORPUS}", release, "sweeps=true"))
    views = sorted(fresh.planned["view"])
    half = fresh.copy(folder / "half")
    half.make(targets=views)
    _forget(half)
    whole = half.copy(folder / "whole")
    whole.make("--until", *BEFORE_TRAINING)
    interrupted = whole.copy(folder / "interrupted")
    _forget(interrupted)
    for state, made in ((half, {"manifest", "accept", "view"}), (whole, {"view", *BEFORE_TRAINING})):
        if left := made & set(state.planned):
            raise RuntimeError(f"{state.folder.name}: {', '.join(sorted(left))} should be made, and is planned")
    return {
        "fresh copy": fresh,
        "views made, then interrupted": half,
        "all made but the trainings": whole,
        "all but the trainings, then interrupted": interrupted,
    }


def _forget(state: State) -> None:
    """Take away what only a run that ended well leaves."""
    (state.folder / CorpusPaths(CORPUS).prepared).unlink()
