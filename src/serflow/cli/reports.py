"""The report that a command or a rule is about."""

import argparse
import json
from typing import Any

from serflow.plan.configuration import changed_configuration
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.made_from import check_made_from

__all__ = ["add_report", "changed_report", "printed_report"]


def changed_report(changes: dict[str, Any]) -> Report:
    """The report of config.yaml with `changes`."""
    return Report(Plan(read_workflow(changed_configuration(changes))))


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add the options of a rule that prints the whole report."""
    parser.add_argument("--config", required=True, type=json.loads, help="the configuration, as JSON")
    parser.add_argument("--made-by", required=True, type=json.loads, help="version and digest of the source, as JSON")


def printed_report(args: argparse.Namespace) -> dict[str, Any]:
    """What these options ask to be printed (`serflow.plan.report.Report.printed`); its scores are those of the plan.

    Raises
    ------
    UserError
        If scores are of another configuration, or were made from other runs than are there.
    """
    report = Report(Plan(read_workflow(args.config)))
    check_made_from(report.scoring.asked_of)
    return report.printed(args.made_by)
