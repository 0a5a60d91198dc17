"""`serflow check`: read a copy of a corpus, and say whether it can be used and what is wrong with it."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from serflow import corpora
from serflow.cli import run
from serflow.corpora.findings import Findings, advice
from serflow.corpora.release_fingerprint import require_inside
from serflow.errors import UserError, printable
from serflow.registry import READERS


def main(argv: list[str] | None = None) -> None:
    """Parse the command line, read the release, print the verdict; nothing is written and nothing configured.

    Raises
    ------
    UserError
        Where there is a fatal finding, after all findings are printed.
    """
    parser = argparse.ArgumentParser(prog="serflow check", description=__doc__)
    parser.add_argument("release", type=Path, metavar="RELEASE", help="folder of the release")
    parser.add_argument(
        "--corpus", default="iemocap", help="a file of workflow/corpora, without .yaml (default iemocap)"
    )
    parser.add_argument("--follow-links", action="store_true", help="links within the release may lead out of it")
    args = parser.parse_args(argv)
    declared = corpora.load(args.corpus, root=".")
    if not args.follow_links and args.release.expanduser().is_dir():
        require_inside(args.release.expanduser(), reads=declared["reads"])
    reader = READERS.load_module(declared["reader"], where=f"workflow/corpora/{args.corpus}.yaml, reader: ")
    _, findings = reader.read(args.release.expanduser(), corpus=declared)
    print(printable("\n".join([f"{declared['title']}: {findings.summary}", *_lines(findings)])))
    if findings.fatal:
        raise UserError(f"{args.release}: not usable as it is; {advice(findings)}")


def _lines(findings: Findings) -> list[str]:
    """A line for findings that are alike, then the verdict where it is good."""
    lines = [f"  {severity}: {group}" for severity in ("fatal", "odd") for group in findings.groups(severity)]
    counts = Counter(item.code for item in findings.items if item.severity == "expected")
    if counts:
        known = ", ".join(f"{code} ({count:,})" for code, count in sorted(counts.items()))
        lines.append(f"  expected, known of the release and handled: {known}")
    odd = any(item.severity == "odd" for item in findings.items)
    return lines if findings.fatal else [*lines, "usable, but for what is odd" if odd else "usable as published"]


if __name__ == "__main__":
    sys.exit(run(main))
