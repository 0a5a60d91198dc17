"""Write all tables and figures of the present configuration as one web page."""

import argparse
import json
import sys

from serflow.cli import run
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.made_from import check_made_from
from serflow.reporting.web_page import make_web_page


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and write the page."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.web_page", description=__doc__)
    parser.add_argument("--config", required=True, type=json.loads, help="the configuration, as JSON")
    parser.add_argument("--made-by", required=True, type=json.loads, help="version and digest of the source, as JSON")
    parser.add_argument("--template", required=True, help="the Jinja template")
    parser.add_argument("--output", required=True, help="the HTML to write")
    args = parser.parse_args(argv)
    report = Report(Plan(read_workflow(args.config)))
    check_made_from(report.scoring.asked_of)
    spec = report.printed(args.made_by)
    make_web_page(spec, template=args.template, output=args.output)


if __name__ == "__main__":
    sys.exit(run(main))
