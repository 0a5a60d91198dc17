"""What a configuration would run: by protocol, by system and by paper, what is done and what is left, and its cost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from serflow.forecast.estimate import Cost, Estimates
from serflow.forecast.progress import Progress
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey

__all__ = ["DAY", "MOST_DAYS", "Dear", "SummaryLine", "Total", "by_protocol", "by_system", "dearest", "wall_seconds"]

TEACHERS = "(teachers)"  # stands where a protocol's name stands
DAY = 24 * 3600  # seconds; a network that takes longer on one core is out of reach without a GPU,
MOST_DAYS = 30  # and so is one whose trainings take more core-days together


@dataclass(frozen=True)
class Total:
    """Sums over some trainings; what is unknown is left out and counted.

    Attributes
    ----------
    runs, systems
        Numbers of trainings and of (paper, system).
    seconds, unknown
        Of one core, the start of each job's process among them, and number of trainings whose seconds are not known.
    bytes, weights, unknown_bytes
        Of the files, those of weights among them, and number of trainings whose bytes are not known.
    """

    runs: int
    systems: int
    seconds: float
    unknown: int
    bytes: float
    weights: float
    unknown_bytes: int

    @classmethod
    def of(cls, runs: Iterable[RunKey], estimates: Estimates) -> "Total":
        """Add up the costs of `runs`."""
        runs = list(runs)
        costs = [estimates.of(run) for run in runs]
        starts = {_job(run): cost.start for run, cost in zip(runs, costs, strict=True) if cost.seconds is not None}
        known = [cost for cost in costs if cost.bytes is not None]
        return cls(
            runs=len(runs),
            systems=len({(run.paper, run.system) for run in runs}),
            seconds=sum(cost.seconds or 0.0 for cost in costs) + sum(starts.values()),
            unknown=sum(cost.seconds is None for cost in costs),
            bytes=sum(cost.bytes for cost in known),
            weights=sum(cost.weights for cost in known),
            unknown_bytes=len(costs) - len(known),
        )


def _job(run: RunKey) -> tuple[str, str, str, str, int]:
    """What the seeds of a job have in common."""
    return run.paper, run.experiment, run.system, run.split, run.fold


@dataclass(frozen=True)
class SummaryLine:
    """What is shown together: trainings in all, those that are done, those that are there and do not count.

    Attributes
    ----------
    judged
        Folds x seeds that a protocol has predictions of; several may be views of one training.
    reason
        Of a protocol without trainings of its own, why.
    """

    paper: str
    name: str
    runs: list[RunKey]
    done: int
    stale: int
    left: list[RunKey]
    judged: list[RunKey]
    reason: str | None = None

    @property
    def systems(self) -> int:
        """Number of (paper, system)."""
        return len({(run.paper, run.system) for run in self.judged})


def by_protocol(report: Report, progress: Progress) -> list[SummaryLine]:
    """One line a paper and protocol, and one for its teachers; a training stands with the first that it is for."""
    plan, lines = report.plan, []
    for paper in report.workflow.papers:
        first: dict[str, str] = {}  # split -> the protocol that its runs stand with
        told: dict[RunKey, str] = {}  # training -> the protocol that it stands with
        for name, protocol in report.workflow.protocols_shown(paper).items():
            split = protocol["split"]
            if (of := first.setdefault(split, name)) != name:
                lines.append(_line(paper, name, [], progress, reason=f"the same as {of}, by its split ({split})"))
                continue
            judged = [run for run in plan.runs if (run.paper, run.split) == (paper, split)]
            trainings = sorted(set(map(plan.training, judged)))
            own = [run for run in trainings if told.setdefault(run, name) == name]
            others = ", ".join(sorted({told[run] for run in trainings} - {name}))
            reason = f"its networks, or some, are those of {others}" if others else None
            if not judged:
                reason = "; ".join(plan.skip_reasons(paper, name)) or "no table or figure has it"
            lines.append(_line(paper, name, own, progress, judged=judged, reason=reason))
        if teachers := [run for run in report.teachers if run.paper == paper]:
            lines.append(_line(paper, TEACHERS, teachers, progress, judged=teachers))
    return lines


def by_system(
    report: Report, progress: Progress, estimates: Estimates
) -> Iterator[tuple[SummaryLine, str, list[Cost]]]:
    """Lines with one basis each, and the costs of what is left: a line a named system, one for all sweep points."""
    teachers = set(report.teachers)
    for paper, systems in report.plan.systems.items():
        groups: dict[tuple[str, str], list[RunKey]] = {}
        for run in report.trainings:
            if run.paper == paper and run not in progress.done:
                name = "sweep points" if run.system in systems.sweep_points else run.system
                name = f"{name} (teacher)" if run in teachers else name
                groups.setdefault((name, estimates.of(run).basis), []).append(run)
        order = [*(f"{name} (teacher)" for name in systems.teachers), *systems.named, "sweep points"]
        for (name, basis), runs in sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1])):
            yield _line(paper, name, runs, progress, judged=runs), basis, [estimates.of(run) for run in runs]


def _line(
    paper: str,
    name: str,
    runs: list[RunKey],
    progress: Progress,
    *,
    judged: Iterable[RunKey] = (),
    reason: str | None = None,
) -> SummaryLine:
    left = [run for run in runs if run not in progress.done]
    stale = sum(run in progress.stale for run in runs)
    return SummaryLine(paper, name, runs, len(runs) - len(left), stale, left, list(judged), reason)


@dataclass(frozen=True)
class Dear:
    """A network of a paper's experiment: what its trainings take.

    Attributes
    ----------
    runs
        Number of trainings.
    longest, seconds
        Of the longest of them, and of all together, on one core.
    """

    paper: str
    experiment: str
    system: str
    runs: int
    longest: float
    seconds: float

    @property
    def out_of_reach(self) -> bool:
        """Whether it is out of reach of one core: a training takes over a day, or all of them over `MOST_DAYS`."""
        return self.longest > DAY or self.seconds > MOST_DAYS * DAY


def dearest(runs: Iterable[RunKey], estimates: Estimates) -> list[Dear]:
    """By experiment and system, what is known to take time: the dearest first."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    for run in runs:
        if (seconds := estimates.of(run).seconds) is not None:
            groups.setdefault((run.paper, run.experiment, run.system), []).append(seconds)
    found = [Dear(*place, len(times), max(times), sum(times)) for place, times in groups.items()]
    return sorted(found, key=lambda one: (-one.seconds, one.paper, one.experiment, one.system))


def wall_seconds(runs: Iterable[RunKey], estimates: Estimates, *, cores: int) -> float:
    """Seconds on `cores` cores, one job each at a time: no less than the longest job takes, its seeds in turn."""
    jobs: dict[tuple, list[RunKey]] = {}
    for run in runs:
        jobs.setdefault(_job(run), []).append(run)
    seconds = [Total.of(seeds, estimates).seconds for seeds in jobs.values()]
    return max(sum(seconds) / cores, max(seconds, default=0.0))
