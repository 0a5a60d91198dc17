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
    SEEDS,
    SHORT,
    SLURM,
    SUBMITTED,
    Snakemake,
    copy_of,
    forget,
    go_on,
    jobs_of,
    stop,
    trainings,
)

MANY = "att_eq9"  # the system of many epochs, whose job a fault meets; in another it has a learning rate to fail by
JOBS = jobs_of("baseline", MANY)
TARGETS = [f"{RUNS}/{job}/runs.json" for job in JOBS]
NAMES = [f"{job}/seed{seed}" for job in JOBS for seed in SEEDS]
SPARED = "finished by an earlier job; nothing is trained"  # as the log of a job says it of a seed
LOST = "n1"  # the node that fails; nothing else is sent there
# the jobs of the group beside each other, so that the time limit of one is that of all; away from the one GPU
COMMON = [*SLURM, "--cores", "4", "--config", "device=cpu", "--", *TARGETS]
SECONDS = 900  # a call of Snakemake may take, on a busy machine


def _command(*options: str, elsewhere: bool = True) -> list[str]:
    away = ["--slurm-exclude-failed-nodes", LOST] if elsewhere else []
    return [*away, *options, *COMMON]


def interrupted(project: Project, running: Snakemake) -> str:
    """Wait until a long job has a seed behind it and one under way, and stop the trainings there; the SLURM job's id.

    What is finished then is noted down, to be held against the end.
    """
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if _under_way(project):
            stopped = trainings(project)
            stop(stopped)
            if _under_way(project):
                _finished_file(project).write_text(json.dumps(_finished(project)))
                return SUBMITTED.findall(running.log.read_text())[-1]
            go_on(stopped)  # it was done before it was stopped
        assert running.process.poll() is None, f"ended before the fault: {running.told()}"
        time.sleep(0.02)
    raise AssertionError(f"no training was under way: {running.told()}")


def _under_way(project: Project) -> bool:
    """Whether a seed of many epochs is finished, and the next one has some of them behind it and many to go."""
    checkpoints = project.folder.glob("results/checkpoints/*/state.safetensors")
    first = any(name.startswith(MANY) for name in _finished(project))
    return first and any(SHORT < _epochs(path) < LONG - 10 for path in checkpoints)


def _finished(project: Project) -> dict[str, str]:
    """run.json of each seed that is finished."""
    files = {name: project.folder / RUNS / name / "run.json" for name in NAMES}
    return {name: file.read_text() for name, file in files.items() if file.exists()}


def _finished_file(project: Project) -> Path:
    return project.folder / "finished.json"


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
    """A job that cannot end well: it is named, those beside it are done, and all is done once it is mended."""
    project.paper(lambda data: _rate(data, 1e38), "huang2016")
    running = Snakemake(project, *_command("--retries", "1"))
    assert running.process.wait(SECONDS), "a job failed, and Snakemake says that all is done"
    told = running.log.read_text()
    assert jobs_of(MANY)[0] in told, "the job that failed is not named"
    assert "training loss is" in told, "why it failed is not said"
    project.paper(lambda data: _rate(data, None), "huang2016")
    again = Snakemake(project, *_command()).wait(SECONDS)
    return f"named, with its error; {len(SUBMITTED.findall(told))} jobs, {len(SUBMITTED.findall(again))} once mended"


def _rate(data: dict, rate: float | None) -> None:
    """Give a system a learning rate, or take it away."""
    train = data["systems"][MANY]["parameters"]["train"]
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
    "a job that cannot end well": failing,
}


def survived(base: Project, folder: Path, fault: Callable[[Project], str]) -> str:
    """Train some jobs anew under a fault: they end in the bytes that `base` has; what was seen.

    A seed that was finished when the fault came is not trained again, and the one under way goes on.
    """
    project = copy_of(base, folder)
    forget(project, JOBS)
    seen = fault(project)
    for target in [*TARGETS, *(f"{RUNS}/{name}/predictions.parquet" for name in NAMES)]:
        assert (project.folder / target).read_bytes() == (base.folder / target).read_bytes(), f"{target} differs"
    spared = {job: _log(project, job).count(SPARED) for job in JOBS}
    seen = f"{seen}; finished seeds not trained again: {sum(spared.values())}"
    if fault is failing:
        assert any(spared.values()), "no finished seed was spared another training"
        return seen
    finished, ended = json.loads(_finished_file(project).read_text()), _finished(project)
    lost = [name for name, record in finished.items() if ended[name] != record]
    assert not lost, f"finished before the fault, and trained again: {', '.join(lost)}"
    before = sum(name.startswith(MANY) for name in finished)
    assert spared[JOBS[1]] >= before, f"{before} seeds were finished before the fault, and {spared[JOBS[1]]} spared"
    resumed = [epoch for record in ended.values() if (epoch := json.loads(record)["resumed_after_epoch"])]
    assert resumed, "no seed was resumed: the fault came too early or too late"
    return f"{seen}; resumed after epoch {', '.join(map(str, resumed))}"


def _log(project: Project, job: str) -> str:
    """What the trainings of a job said, when it was sent last."""
    return (project.folder / "logs/train" / RUNS.removeprefix("results/") / f"{job}.log").read_text()
