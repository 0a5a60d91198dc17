"""What befalls jobs on a cluster; each fault in the middle of training, in a project of its own."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from safetensors import safe_open

from helpers.projects import Project
from slurm.project import (
    LONG,
    RUNS,
    SHORT,
    SLURM,
    SUBMITTED,
    Snakemake,
    copy_of,
    forget,
    go_on,
    runs_of,
    stop,
    trainings,
)

RUN_NAMES = runs_of("baseline", "att_eq9")
TARGETS = [f"{RUNS}/{name}/predictions.parquet" for name in RUN_NAMES]
WRONG = "att_eq9"  # the system that is given a learning rate to fail by
LOST = "n1"  # the node that fails; nothing else is sent there
# the runs of the group beside each other, so that the time limit of one is that of all; away from the one GPU
COMMON = [*SLURM, "--cores", "4", "--config", "device=cpu", "--", *TARGETS]
SECONDS = 900  # a call of Snakemake may take, on a busy machine


def _command(*options: str, elsewhere: bool = True) -> list[str]:
    away = ["--slurm-exclude-failed-nodes", LOST] if elsewhere else []
    return [*away, *options, *COMMON]


def interrupted(project: Project, running: Snakemake) -> str:
    """Wait until a long run is under way, and stop the trainings there; the SLURM job's id."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if _under_way(project):
            stopped = trainings(project)
            stop(stopped)
            if _under_way(project):
                return SUBMITTED.findall(running.log.read_text())[-1]
            go_on(stopped)  # it was done before it was stopped
        assert running.process.poll() is None, f"ended before the fault: {running.told()}"
        time.sleep(0.02)
    raise AssertionError(f"no training was under way: {running.told()}")


def _under_way(project: Project) -> bool:
    """Whether a long run has some of its epochs behind it and many to go."""
    checkpoints = project.folder.glob("results/checkpoints/*/state.safetensors")
    return any(SHORT < _epochs(path) < LONG - 10 for path in checkpoints)


def _epochs(checkpoint: Path) -> int:
    """Epochs that a checkpoint has behind it; 0 where it is gone."""
    try:
        with safe_open(checkpoint, framework="np") as file:
            return len(json.loads(file.metadata()["state"])["history"])
    except FileNotFoundError:
        return 0


def cancelled(project: Project) -> str:
    """`scancel` of a job, which SLURM was not let to send again by itself."""
    running = Snakemake(project, *_command())
    job = interrupted(project, running)
    requeued = subprocess.run(["scontrol", "requeue", job], capture_output=True).returncode == 0
    assert not requeued, f"SLURM sends job {job} again by itself"
    subprocess.run(["scancel", job], check=True)
    return _sent_again(running, job, "CANCELLED")


def out_of_time(project: Project) -> str:
    """A time limit that the first attempt cannot keep."""
    running = Snakemake(project, *_command("--set-resources", "train:runtime=attempt"))
    return _sent_again(running, interrupted(project, running), "TIMEOUT")


def node_down(project: Project) -> str:
    """The node of a job fails."""
    there = f"train:slurm_extra='--nodelist={LOST}' if attempt < 2 else ''"
    running = Snakemake(project, *_command("--set-resources", there, elsewhere=False))
    job = interrupted(project, running)
    subprocess.run(["scontrol", "update", f"nodename={LOST}", "state=down", "reason=test"], check=True)
    return _sent_again(running, job, "NODE_FAIL")


def stopped(project: Project) -> str:
    """Ctrl-C, and Snakemake called again."""
    running = Snakemake(project, *_command())
    job = interrupted(project, running)
    running.process.send_signal(signal.SIGINT)
    status = running.process.wait(SECONDS)
    assert status, "Snakemake was stopped, and says that all is done"
    assert _state(job) == "CANCELLED", f"SLURM says that job {job} is {_state(job)}, not CANCELLED"
    Snakemake(project, *_command()).wait(SECONDS)
    return "its job cancelled by Snakemake, called again"


def failing(project: Project) -> str:
    """A run that cannot end well: it is named, those beside it are done, and all is done once it is mended."""
    project.paper(lambda data: _rate(data, 1e38), "huang2016")
    running = Snakemake(project, *_command("--retries", "1"))
    assert running.process.wait(SECONDS), "a run failed, and Snakemake says that all is done"
    told = running.log.read_text()
    assert f"{WRONG}/speaker/fold1/seed1" in told, "the run that failed is not named"
    assert "training loss is" in told, "why it failed is not said"
    project.paper(lambda data: _rate(data, None), "huang2016")
    again = Snakemake(project, *_command()).wait(SECONDS)
    return f"named, with its error; {len(SUBMITTED.findall(told))} jobs, {len(SUBMITTED.findall(again))} once mended"


def _rate(data: dict, rate: float | None) -> None:
    """Give a system a learning rate, or take it away."""
    train = data["systems"][WRONG]["parameters"]["train"]
    train.pop("optimizer", None)
    if rate is not None:
        train["optimizer"] = {"lr": rate}


def snakemake_killed(project: Project) -> str:
    """`kill -9` of Snakemake, and what docs/cluster.md says to do then."""
    running = Snakemake(project, *_command())
    interrupted(project, running)
    running.kill()
    own = """scancel $(squeue --me -h -o '%i %Z' | awk -v here="$PWD" '$2 == here {print $1}')"""
    subprocess.run(own, shell=True, cwd=project.folder, check=True)
    Snakemake(project, "--profile", "workflow/profiles/slurm", "--unlock").wait(60)
    Snakemake(project, *_command()).wait(SECONDS)
    return "its job cancelled, unlocked, called again"


def _sent_again(running: Snakemake, job: str, state: str) -> str:
    """Wait for the end; what SLURM says of the job that the fault befell, and how many were sent."""
    printed = running.wait(SECONDS)
    assert _state(job) == state, f"SLURM says that job {job} was {_state(job)}, not {state}"
    return f"{state}, {len(SUBMITTED.findall(printed))} jobs"


def _state(job: str) -> str:
    """What SLURM says of a job, once its processes are gone."""
    query, told = ["squeue", "--states=all", "-h", "-o", "%T", "-j", job], "COMPLETING"
    while told == "COMPLETING":
        time.sleep(0.5)
        told = subprocess.run(query, check=True, text=True, capture_output=True).stdout.strip()
    return told


FAULTS: dict[str, Callable[[Project], str]] = {
    "job killed by scancel": cancelled,
    "time limit reached": out_of_time,
    "node down": node_down,
    "Snakemake stopped by Ctrl-C": stopped,
    "Snakemake killed by -9": snakemake_killed,
    "a run that cannot end well": failing,
}


def survived(base: Project, folder: Path, fault: Callable[[Project], str]) -> str:
    """Train some runs anew under a fault: they end in the bytes that `base` has; what was seen."""
    project = copy_of(base, folder)
    forget(project, RUN_NAMES)
    seen = fault(project)
    for target in TARGETS:
        assert (project.folder / target).read_bytes() == (base.folder / target).read_bytes(), f"{target} differs"
    records = [json.loads((project.folder / RUNS / name / "run.json").read_text()) for name in RUN_NAMES]
    resumed = [record["resumed_after_epoch"] for record in records if record["resumed_after_epoch"]]
    assert resumed or fault is failing, "no run was resumed: the fault came too early or too late"
    logs = [path.read_text() for path in (project.folder / "logs/train").glob("**/*.log")]
    taken = sum("its files are taken" in log for log in logs)
    assert taken or fault is not failing, "no finished run was spared another training"
    epochs = f"; resumed after epoch {', '.join(map(str, resumed))}" if resumed else ""
    return f"{seen}{epochs}; finished runs not trained again: {taken}"
