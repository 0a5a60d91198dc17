"""A small project of two papers, and Snakemake in it: on this machine, or through the profile."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from helpers.projects import Project, one_student, small_project

RUNS = "results/demo/demo/huang2016/full"
SUBMITTED = re.compile(r"submitted with SLURM jobid (\d+)")  # as Snakemake says it
COMPARED = ("predictions.parquet", "hypotheses.parquet", "frames.npy", "scores.csv")  # frames: maps of a teacher
SEEDS = (1, 2, 3)  # of a job
SHORT, LONG = 6, 40  # epochs: a fault meets a system of many while it is under way
LOCAL = ["--cores", "2"]
# as a user calls it, but for how soon a job is looked at, and for the two cores that are here
SLURM = ["--profile", "workflow/profiles/slurm", "--cores", "2", "--latency-wait", "10"]
SLURM += ["--slurm-init-seconds-before-status-checks", "5"]


def slurm_project(folder: Path) -> Project:
    """Baseline, attention and final system of Huang and Narayanan, and a student of Zhao et al. with its teacher.

    Three seeds, narrow networks, 225 turns, and the two folds by speaker that one training for each seed judges.
    """
    folder.mkdir(parents=True)
    project = small_project(folder, huang2016=_shrink, zhao2021=one_student)
    project.configure(seeds=list(SEEDS))
    return project


def _shrink(data):
    tables, demo = data["tables"], data["presets"]["demo"]
    listening = ["baseline", "att_eq9", "greedy_dropout_att_mlp_eq9"]
    kept = [*listening, "svm_compare", "majority"]
    tables["table1"]["rows"] = [row for row in tables["table1"]["rows"] if row["id"] in kept]
    tables["table1"]["ablation"] = [listening]
    data["tables"] = {"table1": tables["table1"]}
    data["figures"] = {"curves": data["figures"]["curves"]}
    demo["system"]["parameters"]["model"]["width_multiplier"] = 0.05
    demo["system"]["parameters"]["train"]["epochs"] = SHORT
    data["systems"]["att_eq9"]["parameters"]["train"] = {"epochs": LONG}


def jobs_of(*systems: str) -> list[str]:
    """Folders of the systems' training jobs, under `RUNS`: each trains all seeds, of which each has a folder there."""
    return [f"{system}/session_out/fold1" for system in systems]


def forget(project: Project, jobs: list[str]) -> None:
    """Delete the files of some jobs, so that all their seeds are trained anew."""
    for job in jobs:
        shutil.rmtree(project.folder / RUNS / job)


def copy_of(project: Project, folder: Path) -> Project:
    """The project with all that is made in it."""
    shutil.copytree(project.folder, folder, symlinks=True)
    return Project(folder)


class Snakemake:
    """One call of Snakemake in a project, with a limit on its time."""

    def __init__(self, project: Project, *arguments: str):
        self.project, self.log = project, project.folder / f"snakemake-{time.time_ns()}.log"
        self.command = [sys.executable, "-m", "snakemake", *arguments]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("SLURM_CONF", None)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.command, cwd=project.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self, seconds: float) -> str:
        """What it printed, once it has ended well; it is killed after `seconds`."""
        try:
            status = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"not done after {seconds:.0f} s: {self.told()}") from None
        assert status == 0, f"exit status {status}: {self.told()}"
        return self.log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def told(self) -> str:
        """Its command and its last words."""
        return f"{' '.join(self.command)} in {self.project.folder}\n{self.log.read_text(encoding='utf-8')[-3000:]}"


def predicted(project: Project) -> dict[str, str]:
    """Digest of each file of predictions, transcriptions, maps and scores."""
    found = [path for name in COMPARED for path in project.folder.glob(f"results/demo/**/{name}")]
    return {
        path.relative_to(project.folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in sorted(found)
    }


def trainings(project: Project) -> list[int]:
    """Process ids of the trainings that run in a project."""
    return [pid for pid, words in _processes(project.folder) if "serflow.cli.train" in words and "-c" not in words]


def end_all(folder: Path) -> None:
    """Kill what still runs in a folder, stopped trainings of a lost node among them."""
    for pid, _ in _processes(folder):
        if pid != os.getpid():
            _signal(pid, signal.SIGKILL)


def stop(pids: list[int]) -> None:
    """Stop processes where they are."""
    for pid in pids:
        _signal(pid, signal.SIGSTOP)


def go_on(pids: list[int]) -> None:
    """Let stopped processes go on."""
    for pid in pids:
        _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _processes(folder: Path) -> list[tuple[int, list[str]]]:
    """Process ids and command lines of what runs in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and Path(os.readlink(entry / "cwd")).is_relative_to(folder):
                found.append((int(entry.name), (entry / "cmdline").read_text().split("\0")))
        except OSError:  # gone, or not ours
            continue
    return found
