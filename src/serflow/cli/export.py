"""`serflow export`: the finished report as one file that leaves the machine, an RO-Crate of the Workflow Run profile.

The report with its tables and figures, every run.json, predictions, fold tables, configuration and environment, each
with its SHA-256, and one root digest, which the PDF bears. Recordings are in it by their SHA-256 alone; of a corpus
whose YAML says show_text: false, no label and no word. Nothing in it names this machine, its user or a folder of it.
`serflow audit --crate ZIP` makes the numbers of such a file anew. docs/export.md says more.
"""

import argparse
import sys
from pathlib import Path

from serflow.cli import run
from serflow.cli.reports import changed_report
from serflow.crate.export import export
from serflow.plan.configuration import add_changes, parsed_changes
from serflow.provenance.version import checkout_version


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments and write the crate."""
    parser = argparse.ArgumentParser(
        prog="serflow export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--crate", required=True, type=Path, metavar="ZIP", help="the file to write")
    add_changes(parser)
    args = parser.parse_args(argv)
    report = changed_report(parsed_changes(args.config))
    files, size, root = export(report, args.crate, version=checkout_version())
    print(f"{args.crate}: {files:,} files, {size / 1e6:.1f} MB unpacked, {args.crate.stat().st_size / 1e6:.1f} MB")
    print(f"root digest {root}, as the report's first page bears it")
    print(f"to check it, anywhere: serflow audit --crate {args.crate.name} --root {root[:12]}")


if __name__ == "__main__":
    sys.exit(run(main))
