"""`serflow plan`: what the configuration would run, what of it is done, and the hours and bytes that are left."""

import argparse
import os
import sys
from typing import Any

from serflow.cli import run
from serflow.forecast.estimate import Estimates
from serflow.forecast.jobs import planned_jobs, snakemake_jobs
from serflow.forecast.past_runs import past_runs
from serflow.forecast.progress import progress
from serflow.forecast.text import forecast_text
from serflow.plan.configuration import UNNAMED, add_changes, changed_configuration, parsed_changes
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and print the plan."""
    parser = argparse.ArgumentParser(prog="serflow plan", description=__doc__)
    parser.add_argument("--paper", action="append", metavar="P", help="this paper alone; may be given several times")
    parser.add_argument("--preset", help="in place of config.yaml's")
    parser.add_argument("--corpus", help="in place of config.yaml's")
    add_changes(parser)
    parser.add_argument("--cores", type=_cores, default=os.cpu_count() or 1, metavar="N", help="default: all")
    parser.add_argument("--measure", action="store_true", help="time some steps of what no finished run tells")
    parser.add_argument("--jobs", action="store_true", help="ask Snakemake what it would run now (a dry run)")
    args = parser.parse_args(argv)
    shortcuts = {"papers": args.paper, "preset": args.preset, "corpus": args.corpus}
    changes = parsed_changes(args.config) | {key: value for key, value in shortcuts.items() if value is not None}
    report = Report(Plan(read_workflow(changed_configuration(changes))))
    config = report.workflow.config
    device = _device(config["device"])
    estimates = Estimates(report.plan, past_runs(), device=device, measure=_timer() if args.measure else None)
    jobs = {"the plan": planned_jobs(report)}
    if args.jobs:
        named = {key: value for key, value in config.items() if value != UNNAMED}
        jobs["snakemake, now"] = snakemake_jobs(named)
    print(forecast_text(report, progress(report), estimates, jobs=jobs, cores=args.cores), end="")


def _cores(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1")
    return int(text)


def _device(configured: str) -> str:
    """The kind of device that the configuration means on this machine."""
    if configured != "auto":
        return configured.split(":")[0]
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _timer() -> Any:
    """`measure` with a line on the terminal for every system that is timed."""
    from serflow.forecast.measure import measure

    def timed(spec: dict[str, Any], device: str) -> Any:
        model = spec["parameters"].get("model", {})
        varied = ", ".join(f"{key} {value}" for key, value in model.items() if key != "name")
        print(f"timing {model.get('name', spec['learner'])} {varied}".rstrip(), file=sys.stderr)
        return measure(spec, device=device)

    return timed


if __name__ == "__main__":
    sys.exit(run(main))
