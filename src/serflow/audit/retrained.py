"""Trainings that are repeated for the audit, elsewhere, and compared byte by byte; and those that are not."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from serflow.audit.findings import Step, unchecked
from serflow.errors import UserError
from serflow.files import read_json, temporary_folder
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey
from serflow.repetition import other_files, repeat

__all__ = ["TRAININGS", "Retrained"]

TRAININGS = "trainings that were not repeated"
TOLD = ("epochs", "best_epochs", "counts")  # beside its files, what a record says of a training


class Retrained:
    """`runs` of a report, trained anew, `at_once` of them side by side; it begins at once."""

    def __init__(self, report: Report, runs: Iterable[RunKey], *, at_once: int):
        pool = ThreadPoolExecutor(at_once)
        self._found: dict[RunKey, Future[dict[str, Any]]] = {run: pool.submit(_repeat, report, run) for run in runs}
        pool.shutdown(wait=False)

    def __contains__(self, run: RunKey) -> bool:
        return run in self._found

    def steps(self, run: RunKey) -> Iterator[Step]:
        """The files of a run, or teacher, against those of the same training now."""
        if run not in self._found:
            yield unchecked("training", f"{run.folder}: it was not repeated", TRAININGS, [run.folder])
            return
        try:
            before, after = read_json(Path(run.folder) / "run.json"), self._found[run].result()
            differing = list(other_files(run, before, after))
        except UserError as error:
            yield Step("training", False, str(error), "a training that can be repeated")
            return
        differing += [f"{name} in run.json" for name in TOLD if before.get(name) != after.get(name)]
        said = f"{run.folder}: trained anew"
        if differing:
            yield Step("training", False, f"{said}, other: {', '.join(differing)}", "the same bytes")
        else:
            yield Step("training", True, f"{said}, the same bytes in all {len(after['outputs'])} files")


def _repeat(report: Report, run: RunKey) -> dict[str, Any]:
    with temporary_folder() as folder:
        return repeat(report, run, folder)
