"""`serflow systems`: every system and teacher with its inputs and its number of parameters, built and published."""

import argparse
import csv
import sys

from tabulate import tabulate

from serflow.cli import run
from serflow.forecast.parameters import SystemEntry, system_entries
from serflow.plan.configuration import changed_configuration
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

HEAD = {
    "paper": "left",
    "system": "left",
    "learner": "left",
    "features": "left",
    "inputs": "left",
    "classes": "right",
    "parameters": "right",
    "published": "right",
    "deviation": "right",
    "source": "left",
}
FIELDS = ["paper", "system", "learner", "features", "dims", "per", "inputs", "classes", "parameters"]
FIELDS += ["published_parameters", "deviation_percent", "source"]


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(prog="serflow systems", description=__doc__)
    parser.add_argument("--paper", action="append", metavar="P", help="this paper alone; may be given several times")
    parser.add_argument("--preset", help="in place of config.yaml's")
    parser.add_argument("--corpus", help="in place of config.yaml's")
    parser.add_argument("--sweeps", action="store_true", help="the points of parameter sweeps, too")
    parser.add_argument("--csv", action="store_true", help="print CSV")
    args = parser.parse_args(argv)
    changes = {"papers": args.paper, "preset": args.preset, "corpus": args.corpus}
    changes = {key: value for key, value in changes.items() if value is not None} | {"sweeps": args.sweeps}
    plan = Plan(read_workflow(changed_configuration(changes)))
    entries = system_entries(plan, sweep_points=args.sweeps)
    if args.csv:
        _print_csv(entries)
    else:
        preset = plan.workflow.config["preset"]
        reduced = "" if preset == "paper" else ": widths are reduced; published numbers are of the paper's own"
        print(f"preset {preset}{reduced}")
        print(tabulate([_cells(entry) for entry in entries], list(HEAD), colalign=HEAD.values(), disable_numparse=True))


def _cells(entry: SystemEntry) -> list[str]:
    article = "an" if entry.per == "utterance" else "a"
    inputs = f"{entry.features}, {entry.dims:,} {article} {entry.per}" if entry.features else "-"
    published = "-" if entry.published is None else f"{entry.published:,.0f}"
    deviation = "-" if entry.deviation is None else f"{entry.deviation:+.1f} %"
    numbers = [str(entry.classes), entry.counted, published, deviation]
    return [entry.paper, entry.system, entry.learner, inputs, entry.inputs, *numbers, entry.source or "-"]


def _print_csv(entries: list[SystemEntry]) -> None:
    """Plain numbers, empty where there is none."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(FIELDS)
    for entry in entries:
        described = [entry.paper, entry.system, entry.learner, entry.features, entry.dims, entry.per, entry.inputs]
        deviation = None if entry.deviation is None else f"{entry.deviation:.2f}"
        writer.writerow([*described, entry.classes, entry.parameters, entry.published, deviation, entry.source])


if __name__ == "__main__":
    sys.exit(run(main))
