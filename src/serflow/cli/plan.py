"""`serflow plan`: what the configuration would run, what of it is done, and the hours and bytes that are left."""

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tqdm import tqdm

from serflow.cli import run
from serflow.forecast.estimate import Estimates
from serflow.forecast.jobs import planned_jobs, snakemake_jobs
from serflow.forecast.measure import Limits
from serflow.forecast.measuring import Told, measure_settings, told_text, unmeasured
from serflow.forecast.past_runs import past_runs
from serflow.forecast.progress import Progress, progress
from serflow.forecast.text import forecast_text
from serflow.forecast.times import Times, here, shipped
from serflow.plan.configuration import UNNAMED, add_changes, changed_configuration, parsed_changes
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

MINUTES = 10.0  # that --measure takes, unless told otherwise


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and print the plan."""
    args = _parser().parse_args(argv)
    shortcuts = {"papers": args.paper, "preset": args.preset, "corpus": args.corpus}
    changes = parsed_changes(args.config) | {key: value for key, value in shortcuts.items() if value is not None}
    report = Report(Plan(read_workflow(changed_configuration(changes))))
    config = report.workflow.config
    device, done = _device(config["device"]), progress(report)
    kept, path = here()
    estimates = _estimates(report, kept, path, device)
    if args.measure is not None:
        _measure(report, estimates, done, path, minutes=args.measure, limits=Limits(gigabytes=args.memory))
        estimates = Estimates(report.plan, estimates.runs, device=device, kept=kept, shipped=estimates.shipped)
    jobs = {"the plan": planned_jobs(report)}
    if args.jobs:
        jobs |= _snakemake({key: value for key, value in config.items() if value != UNNAMED})
    print(forecast_text(report, done, estimates, jobs=jobs, cores=args.cores), end="")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="serflow plan", description=__doc__)
    parser.add_argument("--paper", action="append", metavar="P", help="this paper alone; may be given several times")
    parser.add_argument("--preset", help="in place of config.yaml's")
    parser.add_argument("--corpus", help="in place of config.yaml's")
    add_changes(parser)
    parser.add_argument("--cores", type=_whole, default=os.cpu_count() or 1, metavar="N", help="default: all")
    parser.add_argument(
        "--measure",
        type=_positive,
        nargs="?",
        const=MINUTES,
        metavar="MINUTES",
        help="time some steps of what no finished run tells, the dearest first, for about so many minutes (default: "
        f"{MINUTES:g}); what was measured is kept, and a second call goes on",
    )
    parser.add_argument(
        "--memory",
        type=_positive,
        default=Limits().gigabytes,
        metavar="GB",
        help="that --measure may take, about (default: %(default)g); where a job would take more, its hours are an "
        "upper bound",
    )
    parser.add_argument("--jobs", action="store_true", help="ask Snakemake what it would run now (a dry run)")
    return parser


def _estimates(report: Report, kept: Times, path: Path, device: str) -> Estimates:
    """Estimates by finished runs, what is kept and what is shipped; the latter need a probe of the machine, once."""
    runs, times = past_runs(), shipped()
    estimates = Estimates(report.plan, runs, device=device, kept=kept)
    if not any(estimates.of(run).basis in ("E", "-") for run in report.trainings):
        return estimates
    kinds = [kind for kind in {device, "cpu"} if kind in times.probes]
    if missing := [kind for kind in kinds if kind not in kept.probes]:
        print(f"probing how fast this machine is ({', '.join(missing)}), once: seconds", file=sys.stderr)
    slowdowns = {kind: kept.slowdown(times, kind) for kind in kinds}
    if missing:
        kept.save(path)
    return Estimates(report.plan, runs, device=device, kept=kept, shipped=times.slowed(slowdowns))


def _measure(
    report: Report, estimates: Estimates, done: Progress, path: Path, *, minutes: float, limits: Limits
) -> None:
    """Time what nothing tells, with a bar on a terminal, and a line for each system as it comes."""
    settings = unmeasured(report, estimates, done.done)
    with tqdm(total=len(settings), desc="measuring", unit="system", disable=None) as bar:

        def tell(told: Told) -> None:
            bar.update()
            tqdm.write(told_text(told, estimates), file=sys.stderr)

        timed = measure_settings(
            settings,
            estimates.kept,
            path,
            device=estimates.device,
            minutes=minutes,
            limits=limits,
            tell=tell,
            begin=lambda setting: bar.set_postfix_str(setting.name),
        )
    if timed < len(settings):
        text = f"measured {timed} of {len(settings)} systems; the same command goes on with the rest"
        print(f"{text} (kept in {path})", file=sys.stderr)


def _snakemake(config: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Columns of jobs that Snakemake would run now: in all, and where there are several, by paper."""
    by_paper = snakemake_jobs(config)
    together = sum((Counter(counts) for counts in by_paper.values()), Counter())
    return {"snakemake, now": dict(together)} | (by_paper if len(by_paper) > 1 else {})


def _whole(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number above 0")
    return value


def _device(configured: str) -> str:
    """The kind of device that the configuration means on this machine."""
    if configured != "auto":
        return configured.split(":")[0]
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    sys.exit(run(main))
