"""`serflow audit`: numbers of the report walked back to the audio, every step compared with what is on disk.

Without an item: every cell of every table, every figure and the page of findings of the present configuration. An item
is an id of a table's CSV, as xu2020/table2/acnn/ua, with @strict for one protocol alone, a figure, as xu2020/fig5, the
page, findings, or the beginning of an id: a paper, a table, a row. Items stand before --config, which takes all that
follows it.
Exit status: 0 all agrees, 1 something does not, 2 an unknown item.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from serflow.audit.chain import FEW, Audit, Options
from serflow.audit.data import Sample
from serflow.audit.findings import Node
from serflow.audit.items import Drawn, Item, TableCell, UnknownItem, all_items, chosen_items
from serflow.cli.audit_crate import audit_crate
from serflow.errors import UserError
from serflow.files import write_json
from serflow.plan.configuration import UNNAMED, add_changes, changed_configuration, parsed_changes
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.reporting.wording import count


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments, audit item by item, print the tree."""
    args = _parse(argv)
    if args.json:
        _require_writable(args.json)
    if args.crate:
        audit_crate(args.crate, args.items, root=args.root, release=args.release, whole=False, output=args.json)
        return
    report = _report(args.config)
    try:
        items = chosen_items(all_items(report), args.items)
    except UnknownItem as error:
        print(f"serflow: error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    options = Options(args.weights, Sample(args.audio, args.sample, args.seed))
    audit = Audit(report, options)
    print(_said(report, options))
    nodes: dict[str, list[Node]] = {"cells": [], "figures": [], "pages": []}
    for item in items:
        if isinstance(item, TableCell):
            kind, node = "cells", audit.cell(item)
        elif isinstance(item, Drawn):
            kind, node = "figures", audit.figure(item)
        else:
            kind, node = "pages", audit.page()
        nodes[kind].append(node)
        print("\n".join(node.lines()), flush=True)
    mismatches = sum(node.mismatches for some in nodes.values() for node in some)
    print(_ended(items, nodes, mismatches), flush=True)
    if args.json:
        write_json(args.json, _as_json(report, options, mismatches, nodes))
    if mismatches:
        raise SystemExit(1)


def _ended(items: list[Item], nodes: dict[str, list[Node]], mismatches: int) -> str:
    """How many of what agree."""
    cells, reproduced = nodes["cells"], sum(isinstance(item, TableCell) and item.reason is None for item in items)
    comparisons = sum(node.comparisons for some in nodes.values() for node in some)
    agreed = "all agrees" if comparisons else "nothing compared"
    said = ["the page of findings"] if nodes["pages"] else []
    said += [count(len(nodes["figures"]), "figure")] if nodes["figures"] else []
    said += [count(len(cells), "cell"), f"{reproduced} of them reproduced", count(comparisons, "comparison")]
    return f"{', '.join(said)}: {f'{mismatches} MISMATCH' if mismatches else agreed}"


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="serflow audit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "items", nargs="*", metavar="REPORT_ITEM", help="id of a cell or a figure, or its beginning; or findings"
    )
    add_changes(parser)
    parser.add_argument(
        "--weights",
        choices=["auto", "none", "one", "all"],
        default="auto",
        help="of which runs weights are loaded and test utterances predicted anew: none, one a cell, all; "
        f"auto (the default): all of up to {FEW} runs, else one",
    )
    parser.add_argument("--audio", action="store_true", help="checksums of all recordings of the test folds")
    parser.add_argument("--sample", type=int, default=5, metavar="N", help="else of so many (default: 5)")
    parser.add_argument("--seed", type=int, default=1, help="that draws them, and the one run (default: 1)")
    parser.add_argument(
        "--crate", type=Path, metavar="ZIP", help="audit a report that left the machine (serflow export), in any folder"
    )
    parser.add_argument("--root", metavar="DIGEST", help="with --crate: its root digest, as a printed page bears it")
    parser.add_argument(
        "--release", type=Path, metavar="FOLDER", help="with --crate: the corpus, where the crate withholds its labels"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings as JSON, too")
    args = parser.parse_args(argv)
    if args.sample < 1:
        parser.error("--sample: expected 1 or more")
    return args


def _require_writable(file: Path) -> None:
    """Refuse a place for the findings before the hours that an audit may take, not after."""
    expected = "expected a file that can be written; name another with --json"
    if file.is_dir():
        raise UserError(f"--json {file}: is a folder; {expected}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        raise UserError(f"--json {file}: cannot be written ({error.strerror}); {expected}") from None


def _report(changes: list[str]) -> Report:
    if not Path("config.yaml").is_file():
        raise UserError("config.yaml: no such file here; run serflow audit in the project's folder, as snakemake")
    config = changed_configuration(parsed_changes(changes))
    if config["release"] == UNNAMED:
        raise UserError(
            f"release: missing; name the folder of corpus {config['corpus']!r}: --config release=/path/to/its/release"
        )
    return Report(Plan(read_workflow(config)))


def _said(report: Report, options: Options) -> str:
    config, sample = report.workflow.config, options.sample
    weights = {
        "none": "no weights are loaded",
        "one": f"weights: of one run a cell, drawn by seed {sample.seed}",
        "all": "weights: of all runs",
        "auto": f"weights: of all of up to {FEW} runs a cell, else of one",
    }[options.weights]
    audio = "all recordings" if sample.whole else f"{sample.size} recordings (--audio: all)"
    return f"corpus {config['corpus']}, preset {config['preset']}; {weights}; audio: {audio} of the test folds"


def _as_json(report: Report, options: Options, mismatches: int, nodes: dict[str, list[Node]]) -> dict:
    sample = options.sample
    return {
        "config": report.workflow.config,
        "weights": options.weights,
        "audio": "all" if sample.whole else sample.size,
        "seed": sample.seed,
        "mismatches": mismatches,
    } | {kind: [node.as_json() for node in some] for kind, some in nodes.items()}


if __name__ == "__main__":
    from serflow.cli import run

    sys.exit(run(main))
