"""Rule `manifest`: read a corpus's release, write its manifest and what was found on the way."""

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

from serflow.cli import run
from serflow.corpora import manifest
from serflow.corpora.findings import NAMED, FatalFindings
from serflow.errors import UserError
from serflow.files import digest, file_digest, write_json


def main(argv: list[str] | None = None) -> None:
    """Read the release named on the command line; findings are written even where they are fatal."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.manifest", description=main.__doc__)
    parser.add_argument("--corpus-spec", required=True, type=json.loads, help="JSON: the corpus's declaration")
    parser.add_argument("--corpus", required=True, help="name of the corpus, for messages")
    parser.add_argument("--release", required=True, type=Path, help="folder of the release")
    parser.add_argument("--skip-broken", action="store_true", help="leave out the utterances of fatal findings")
    parser.add_argument("--manifest", required=True, type=Path, help="Parquet file to write")
    parser.add_argument("--findings", required=True, type=Path, help="JSON file to write")
    parser.add_argument("--audio", required=True, type=Path, help="JSON file to write: digest of all audio")
    args = parser.parse_args(argv)

    reader = _reader(args.corpus_spec["reader"], args.corpus)
    try:
        frame, findings = reader.read(args.release, corpus=args.corpus_spec, skip_broken=args.skip_broken)
    except FatalFindings as error:
        error.findings.write(args.findings, skip_broken=False)
        fatal = error.findings.fatal
        if len(fatal) > NAMED:  # the file is gone where Snakemake deletes what a failed job wrote
            print("all fatal findings:", *fatal, sep="\n", file=sys.stderr)
        raise UserError(f"{error}\nall findings, unless snakemake deleted them: {args.findings}") from None
    manifest.write(frame, args.manifest)
    findings.write(args.findings, skip_broken=args.skip_broken)
    # small files that stand for the large ones in the workflow, where they are compared by content
    write_json(args.manifest.with_suffix(".json"), {"digest": file_digest(args.manifest), "utterances": len(frame)})
    audio = frame[["utterance", "path", "sha256", "offset", "samples"]].to_numpy().tolist()
    write_json(args.audio, {"digest": digest(audio), "utterances": len(frame)})


def _reader(name: str, corpus: str) -> ModuleType:
    """Import a reader; its file name is the registry."""
    module = f"serflow.corpora.{name}"
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        found = None
    if not hasattr(found, "read"):
        path = f"workflow/corpora/{corpus}.yaml"
        raise UserError(f"{path}, reader: {name!r} is no reader; expected a module of serflow.corpora with `read`")
    return found


if __name__ == "__main__":
    sys.exit(run(main))
