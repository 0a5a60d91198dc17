"""Write all tables and figures of the present configuration as one web page."""

import argparse
import sys

from serflow.cli import run
from serflow.cli.reports import add_report, printed_report
from serflow.reporting.web_page import make_web_page


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and write the page."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.web_page", description=__doc__)
    add_report(parser)
    parser.add_argument("--template", required=True, help="the Jinja template")
    parser.add_argument("--output", required=True, help="the HTML to write")
    args = parser.parse_args(argv)
    make_web_page(printed_report(args), template=args.template, output=args.output)


if __name__ == "__main__":
    sys.exit(run(main))
