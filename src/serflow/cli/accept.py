"""Rule `accept`: let a reading of the release into the workflow, or stop and name every fatal finding."""

import argparse
import sys
from pathlib import Path

import pandas as pd

from serflow.cli import run
from serflow.corpora.findings import FatalFindings, Findings
from serflow.errors import UserError, remade
from serflow.files import digest, file_digest, read_json, write_json


def main(argv: list[str] | None = None) -> None:
    """Weigh the findings; write the small files that stand for manifest and audio in the workflow."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.accept", description=main.__doc__)
    parser.add_argument("--release", required=True, type=Path, help="folder of the release, for messages")
    parser.add_argument("--manifest", required=True, type=Path, help="Parquet file of the reading")
    parser.add_argument("--findings", required=True, type=Path, help="JSON file of the reading")
    parser.add_argument("--skip-broken", action="store_true", help="leave out the utterances of fatal findings")
    parser.add_argument("--fingerprint", required=True, type=Path, help="JSON file to write: digest of the manifest")
    parser.add_argument("--audio", required=True, type=Path, help="JSON file to write: digest of all audio")
    args = parser.parse_args(argv)
    findings = Findings.read(args.findings)
    if findings.fatal and not (args.skip_broken and findings.utterances):
        raise UserError(f"{FatalFindings(findings, release=args.release)}\nall findings: {args.findings}")
    print(findings.summary)
    if findings.fatal:
        lost = len(findings.left_out) + findings.absent
        print(f"skip_broken: {lost:,} utterances are left out", *findings.groups("fatal"), sep="\n  ")
    found = file_digest(args.manifest)
    if read_json(args.findings).get("manifest", found) != found:  # readings of before did not say it
        raise UserError(
            f"{args.manifest}: not the manifest that the reading of the release wrote (its SHA-256 is not the one in "
            f"{args.findings.name}); {remade(args.manifest, args.findings)}"
        )
    frame = pd.read_parquet(args.manifest, columns=["utterance", "path", "sha256", "mixdown", "offset", "samples"])
    write_json(args.fingerprint, {"digest": found, "utterances": len(frame)})
    write_json(args.audio, {"digest": digest(frame.to_numpy().tolist()), "utterances": len(frame)})


if __name__ == "__main__":
    sys.exit(run(main))
