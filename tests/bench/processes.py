"""Processes to measure: whole commands, and sides that repeat one thing on demand."""

import multiprocessing
import os
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from bench.clock import CPU, clock

__all__ = ["ROOT", "Side", "peak_private", "prepare_environment", "python", "seconds", "wall_and_cpu", "watched"]

ROOT = Path(__file__).resolve().parents[2]
INTERVAL = 0.01  # s between two looks at a process's memory


def prepare_environment(*, cpu: bool = False) -> None:
    """What the rules set for their jobs (one thread each), where processes find both packages, which clock counts."""
    os.environ |= {CPU: "1"} if cpu else {}
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])


def python(*arguments: str | Path, folder: Path | None = None) -> str:
    """Run this interpreter in `folder`; what it printed. A failure ends the benchmark and shows what was said."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:300]}: exit status {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def seconds(*arguments: str | Path, folder: Path | None = None) -> float:
    """Seconds of `python`, from the start of the process to its end; processor time is that of all below it, too."""
    before = _children()
    python(*arguments, folder=folder)
    return _children() - before


def wall_and_cpu(*arguments: str | Path, folder: Path) -> tuple[float, float]:
    """Seconds of `python` by the wall's clock, and of processor time of it and all below it."""
    wall, cpu = time.monotonic(), _cpu_of_children()
    python(*arguments, folder=folder)
    return time.monotonic() - wall, _cpu_of_children() - cpu


def _children() -> float:
    return _cpu_of_children() if CPU in os.environ else clock()


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peak_private(*arguments: str | Path, folder: Path) -> float:
    """Highest sum of anonymous memory (MB, 10^6 bytes) of a process and all below it; mapped files do not count."""
    return watched(*arguments, folder=folder)[1]


def watched(*arguments: str | Path, folder: Path) -> tuple[float, float]:
    """Run this interpreter in `folder`: its seconds as `seconds` counts them, and its memory as `peak_private`."""
    before = _children()
    with (
        open(folder / "said.txt", "w+", encoding="utf-8") as said,
        subprocess.Popen([sys.executable, *map(str, arguments)], cwd=folder, stdout=said, stderr=said) as process,
    ):
        watched, highest = psutil.Process(process.pid), 0
        while process.poll() is None:
            highest = max(highest, sum(map(_anonymous, _family(watched))))
            time.sleep(INTERVAL)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{arguments}: exit status {process.returncode}\n{said.read()[-3000:]}")
    return _children() - before, highest / 1e6


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _anonymous(process: psutil.Process) -> int:
    """RssAnon in bytes (Linux); 0 for a process that has just ended."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


class Side:
    """A process of its own that makes an action once and repeats it on demand.

    So neither side runs with what the other has changed or warmed (allocator, threads, caches).

    Parameters
    ----------
    make : function of a module, called in the process with `values`; it returns the action.
    """

    def __init__(self, make: Callable[..., Callable[[], Any]], **values: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make, values), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> "Side":
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(10)

    def __call__(self) -> Any:
        """What one more repetition returns."""
        self._pipe.send("again")
        failed, value = self._pipe.recv()
        if failed:
            raise RuntimeError(value)
        return value


def _serve(pipe: Any, make: Callable[..., Callable[[], Any]], values: dict[str, Any]) -> None:
    try:
        action = make(**values)
        while pipe.recv():
            pipe.send((False, action()))
    except (EOFError, BrokenPipeError):
        return
    except BaseException:
        pipe.send((True, traceback.format_exc()))
