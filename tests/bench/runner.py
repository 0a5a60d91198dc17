"""Finds the benchmarks, runs them one after the other, and keeps the page up to date after each."""

import importlib
import inspect
import pkgutil
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from bench import rows
from bench.machine import circumstances
from bench.page import Circumstances, Result, read_results, write_page
from bench.processes import prepare_environment
from serflow.config import nearest
from serflow.errors import UserError

__all__ = ["Bench", "chosen", "names", "run_benchmarks"]


@dataclass(frozen=True)
class Bench:
    """What a benchmark is given.

    Attributes
    ----------
    folder : for its files; shared by the benchmarks of a run, gone afterwards.
    asked : repetitions asked for on the command line, if any.
    quick : whether only to see that the benchmarks run, at sizes that say nothing.
    """

    folder: Path
    asked: int | None = None
    quick: bool = False

    def repetitions(self, usual: int) -> int:
        """How often to measure: `usual`, unless the command line says otherwise."""
        return self.asked or (1 if self.quick else usual)

    def size(self, usual: int, *, quick: int) -> int:
        """A size of the data: `usual`, or the one that is enough to see the benchmark run."""
        return quick if self.quick else usual


def names() -> list[str]:
    """All benchmarks, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(rows.__path__))


def chosen(asked: list[str]) -> list[str]:
    """The benchmarks to run: those asked for, or all but those that run only by name; a `UserError` names others."""
    for name in asked:
        if name not in names():
            raise UserError(f"benchmark {name!r} is unknown{nearest(name, names())}")
    return asked or [name for name in names() if not getattr(_module(name), "ONLY_BY_NAME", False)]


def run_benchmarks(
    asked: list[str], *, page: Path, repetitions: int | None = None, quick: bool = False, cpu: bool = False
) -> None:
    """Run benchmarks and write the page; rows of others stay. A failure is told at the end, and keeps the old rows."""
    prepare_environment(cpu=cpu)
    made, failed = circumstances(_command(asked, repetitions, quick, cpu)), []
    with tempfile.TemporaryDirectory(prefix="serflow-bench-") as folder:
        for name in chosen(asked):
            print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
            before = time.perf_counter()
            try:
                result = _run(name, Bench(Path(folder), repetitions, quick), made)
            except Exception:
                traceback.print_exc()
                failed.append(name)
                continue
            kept = {key: value for key, value in read_results(page).items() if key in names()}
            write_page(kept | {name: result}, page)
            print(f"{time.perf_counter() - before:.0f} s", file=sys.stderr)
    if failed:
        raise UserError(f"{', '.join(failed)}: failed, see above; what {page} holds of them is from before")


def _command(asked: list[str], repetitions: int | None, quick: bool, cpu: bool) -> str:
    """What was typed, for the page."""
    options = ["--quick"] * quick + ["--cpu"] * cpu + ([f"--repetitions {repetitions}"] if repetitions else [])
    if options:
        return " ".join(["python -m bench", *asked, *options])
    return "make bench" + (f' BENCH="{" ".join(asked)}"' if asked else "")


def _run(name: str, bench: Bench, made: Circumstances) -> Result:
    module = _module(name)
    return Result(benchmark=name, text=inspect.getdoc(module), rows=module.run(bench), made=made)


def _module(name: str):
    return importlib.import_module(f"bench.rows.{name}")
