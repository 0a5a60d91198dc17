"""What a configuration would run: by protocol and by system, what is done and what is left, and its cost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from serflow.forecast.estimate import Cost, Estimates
from serflow.forecast.progress import Progress
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey

__all__ = ["SummaryLine", "Total", "by_protocol", "by_system", "wall_seconds"]

TEACHERS = "(teachers)"  # stands where a protocol's name stands


@dataclass(frozen=True)
class Total:
    """Sums over some runs; what is unknown is left out and counted.

    Attributes
    ----------
    runs, systems
        Numbers of runs and of (paper, system).
    seconds, unknown
        Of one core, and number of runs whose seconds are not known.
    bytes, unknown_bytes
        Of the runs' files, and number of runs whose bytes are not known.
    """

    runs: int
    systems: int
    seconds: float
    unknown: int
    bytes: float
    unknown_bytes: int

    @classmethod
    def of(cls, runs: Iterable[RunKey], estimates: Estimates) -> "Total":
        """Add up the costs of `runs`."""
        runs = list(runs)
        costs = [estimates.of(run) for run in runs]
        return cls(
            runs=len(runs),
            systems=len({(run.paper, run.system) for run in runs}),
            seconds=sum(cost.seconds or 0.0 for cost in costs),
            unknown=sum(cost.seconds is None for cost in costs),
            bytes=sum(cost.bytes or 0.0 for cost in costs),
            unknown_bytes=sum(cost.bytes is None for cost in costs),
        )


@dataclass(frozen=True)
class SummaryLine:
    """Runs that are shown together: all of them, those that are done, those that are there and do not count.

    `reason`: of a protocol without runs of its own, why.
    """

    paper: str
    name: str
    runs: list[RunKey]
    done: int
    stale: int
    left: list[RunKey]
    reason: str | None = None

    @property
    def systems(self) -> int:
        """Number of (paper, system)."""
        return len({(run.paper, run.system) for run in self.runs})


def by_protocol(report: Report, progress: Progress) -> list[SummaryLine]:
    """One line a paper and protocol, and one for its teachers; runs of protocols of one split stand with the first."""
    lines = []
    for paper in report.workflow.papers:
        first: dict[str, str] = {}  # split -> the protocol that its runs stand with
        for name, protocol in report.workflow.protocols_shown(paper).items():
            split = protocol["split"]
            if (of := first.setdefault(split, name)) != name:
                lines.append(_line(paper, name, [], progress, reason=f"the same as {of}, by its split ({split})"))
                continue
            runs = [run for run in report.plan.runs if (run.paper, run.split) == (paper, split)]
            reason = None if runs else "; ".join(report.plan.skip_reasons(paper, name)) or "no table or figure has it"
            lines.append(_line(paper, name, runs, progress, reason=reason))
        if teachers := [run for run in report.teachers if run.paper == paper]:
            lines.append(_line(paper, TEACHERS, teachers, progress))
    return lines


def by_system(
    report: Report, progress: Progress, estimates: Estimates
) -> Iterator[tuple[SummaryLine, str, list[Cost]]]:
    """Lines with one basis each, and the costs of what is left: a line a named system, one for all sweep points."""
    for paper, systems in report.plan.systems.items():
        groups: dict[tuple[str, str], list[RunKey]] = {}
        for run in report.trainings:
            if run.paper == paper and run not in progress.done:
                name = "sweep points" if run.system in systems.sweep_points else run.system
                name = f"{name} (teacher)" if run in report.teachers else name
                groups.setdefault((name, estimates.of(run).basis), []).append(run)
        order = [*(f"{name} (teacher)" for name in systems.teachers), *systems.named, "sweep points"]
        for (name, basis), runs in sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1])):
            yield _line(paper, name, runs, progress), basis, [estimates.of(run) for run in runs]


def _line(paper: str, name: str, runs: list[RunKey], progress: Progress, *, reason: str | None = None) -> SummaryLine:
    left = [run for run in runs if run not in progress.done]
    stale = sum(run in progress.stale for run in runs)
    return SummaryLine(paper, name, runs, len(runs) - len(left), stale, left, reason)


def wall_seconds(runs: Iterable[RunKey], estimates: Estimates, *, cores: int) -> float:
    """Seconds on `cores` cores, one run each at a time: no less than the longest run takes."""
    seconds = [estimates.of(run).seconds or 0.0 for run in runs]
    return max(sum(seconds) / cores, max(seconds, default=0.0))
