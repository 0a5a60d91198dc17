"""Typeset all tables and figures of the present configuration as one PDF."""

import argparse
import json
import sys

from serflow.cli import run
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.made_from import check_made_from
from serflow.reporting.document import libraries
from serflow.reporting.pdf import make_pdf


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and typeset the report."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.pdf", description=__doc__)
    parser.add_argument("--config", required=True, type=json.loads, help="the configuration, as JSON")
    parser.add_argument("--made-by", required=True, type=json.loads, help="version and digest of the source, as JSON")
    parser.add_argument("--template", required=True, help="the Typst template")
    parser.add_argument("--page", required=True, help="the Typst template of the page of findings")
    parser.add_argument("--output", required=True, help="the PDF to write")
    args = parser.parse_args(argv)
    report = Report(Plan(read_workflow(args.config)))
    check_made_from(report.scoring.asked_of)
    spec = report.printed(args.made_by)
    if differing := libraries(spec)[1]:
        print(f"made by different versions of libraries, as the first page says: {'; '.join(differing)}")
    make_pdf(spec, template=args.template, page=args.page, output=args.output)


if __name__ == "__main__":
    sys.exit(run(main))
