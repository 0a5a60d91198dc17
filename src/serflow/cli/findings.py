"""Write the page of findings: every system on one axis, the claims' verdicts, and what protocols are worth."""

import argparse
import json
import sys

from serflow.cli import run
from serflow.provenance.made_from import check_made_from
from serflow.reporting.findings_files import make_findings

FILES = {
    "systems": "the rows of the picture, as CSV",
    "claims": "how many claims have which verdict, as CSV",
    "picture": "the picture alone, as SVG",
    "page": "the page as SVG",
    "pdf": "the page as PDF",
    "text": "the sentences and the caption, a line each",
}


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and write the page."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.findings", description=__doc__)
    parser.add_argument("--spec", required=True, type=json.loads, help="the resolved page, as JSON")
    parser.add_argument("--template", required=True, help="the Typst template of the page")
    for name, what in FILES.items():
        parser.add_argument(f"--{name}", required=True, help=what)
    args = parser.parse_args(argv)
    check_made_from(args.spec["asked"])
    make_findings(args.spec, template=args.template, files={name: getattr(args, name) for name in FILES})


if __name__ == "__main__":
    sys.exit(run(main))
