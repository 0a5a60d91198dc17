"""Typeset all tables and figures of the present configuration as one PDF."""

import argparse
import sys

from serflow.cli import run
from serflow.cli.reports import add_report, printed_report
from serflow.reporting.document import libraries
from serflow.reporting.pdf import make_pdf


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and typeset the report."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.pdf", description=__doc__)
    add_report(parser)
    parser.add_argument("--template", required=True, help="the Typst template")
    parser.add_argument("--page", required=True, help="the Typst template of the page of findings")
    parser.add_argument("--output", required=True, help="the PDF to write")
    args = parser.parse_args(argv)
    spec = printed_report(args)
    if differing := libraries(spec)[1]:
        print(f"made by different versions of libraries, as the first page says: {'; '.join(differing)}")
    make_pdf(spec, template=args.template, page=args.page, output=args.output)


if __name__ == "__main__":
    sys.exit(run(main))
