"""Draw one figure of a report: vector graphics, the numbers behind it, its caption."""

import argparse
import json
import sys

from serflow.cli import run
from serflow.provenance.made_from import check_made_from
from serflow.reporting.charts import make_figure


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and draw the figure."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.figure", description=__doc__)
    parser.add_argument("--spec", required=True, type=json.loads, help="the resolved figure, as JSON")
    parser.add_argument("--svg", required=True, help="the figure as SVG")
    parser.add_argument("--pdf", required=True, help="the figure as PDF")
    parser.add_argument("--csv", required=True, help="the numbers behind the figure")
    parser.add_argument("--caption", required=True, help="the caption as a text file")
    args = parser.parse_args(argv)
    check_made_from(args.spec["asked"])
    make_figure(args.spec, svg=args.svg, pdf=args.pdf, csv=args.csv, caption=args.caption)


if __name__ == "__main__":
    sys.exit(run(main))
