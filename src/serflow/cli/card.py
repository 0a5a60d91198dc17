"""`serflow card RUN`: the model card of a trained run, as Markdown with a head of YAML (Hugging Face's style).

System, corpus, split, numbers with intervals, training data, limits, licence, versions and digests, all of them read
from what is on disk. RUN is the folder that holds its run.json.
"""

import argparse
import sys
from pathlib import Path

from serflow.cli import run
from serflow.cli.reports import changed_report
from serflow.crate.card import card
from serflow.errors import UserError
from serflow.files import atomic_path, read_json
from serflow.plan.configuration import add_changes, parsed_changes
from serflow.provenance.version import checkout_version

OF_RUN = ("corpus", "preset")


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments; print the card or write it."""
    parser = argparse.ArgumentParser(
        prog="serflow card", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run: .../fold1/seed1")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there (README.md) and print nothing")
    add_changes(parser)
    args = parser.parse_args(argv)
    key = _key(args.run)
    changes = {name: key[name] for name in OF_RUN} | {"papers": [key["paper"]]} | parsed_changes(args.config)
    report = changed_report(changes)
    text = card(report, args.run, version=checkout_version())
    if args.output is None:
        print(text, end="")
        return
    with atomic_path(args.output) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _key(folder: Path) -> dict[str, str]:
    if not (folder / "run.json").is_file():
        raise UserError(f"{folder}: no run.json in it; expected the folder of a run, as .../fold1/seed1")
    key = read_json(folder / "run.json").get("run")
    if not isinstance(key, dict) or not {"corpus", "preset", "paper"} <= key.keys():
        raise UserError(f"{folder}/run.json: no `run` with corpus, preset and paper in it; expected a run of serflow")
    return key


if __name__ == "__main__":
    sys.exit(run(main))
