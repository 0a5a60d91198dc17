"""Machine, commit and versions, for the head of the page."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version

import psutil

from bench.page import Circumstances
from bench.processes import ROOT
from serflow.forecast.times import processor

__all__ = ["circumstances", "cores"]

PACKAGES = ["torch", "numpy", "librosa", "opensmile", "pyarrow", "snakemake"]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def circumstances(command: str) -> Circumstances:
    """Those of a run that starts now."""
    memory = psutil.virtual_memory().total / 2**30
    return Circumstances(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=_commit(),
        command=command,
        machine=f"{processor()}, {cores()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}",
        cores=cores(),
        load=psutil.cpu_percent(interval=3) / 100 * cores(),
        versions={"Python": platform.python_version()} | {name: version(name) for name in PACKAGES},
    )


def _commit() -> str:
    """Short hash, with `-dirty` where the checkout has changes of its own; `unknown` without git."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"
