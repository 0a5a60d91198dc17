"""Rule `manifest`: read a corpus's release, write its manifest and what was found on the way."""

import argparse
import json
import sys
from pathlib import Path

from serflow.cli import run
from serflow.corpora import manifest
from serflow.files import file_digest
from serflow.registry import READERS


def main(argv: list[str] | None = None) -> None:
    """Read the release named on the command line: the rows that can be used, and all findings, fatal ones too."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.manifest", description=main.__doc__)
    parser.add_argument("--corpus-spec", required=True, type=json.loads, help="JSON: the corpus's declaration")
    parser.add_argument("--corpus", required=True, help="name of the corpus, for messages")
    parser.add_argument("--release", required=True, type=Path, help="folder of the release")
    parser.add_argument("--manifest", required=True, type=Path, help="Parquet file to write")
    parser.add_argument("--findings", required=True, type=Path, help="JSON file to write")
    args = parser.parse_args(argv)
    reader = READERS.load_module(args.corpus_spec["reader"], where=f"workflow/corpora/{args.corpus}.yaml, reader: ")
    # whether turns may be left out is decided by the next rule, so that a broken release has its audit too
    frame, findings = reader.read(args.release, corpus=args.corpus_spec)
    manifest.write(frame, args.manifest)
    findings.write(args.findings, manifest=file_digest(args.manifest))
    print(f"{args.corpus}: {findings.summary}")
    for severity in ("fatal", "odd"):
        print(*(f"  {severity}: {group}\n" for group in findings.groups(severity)), sep="", end="")


if __name__ == "__main__":
    sys.exit(run(main))
