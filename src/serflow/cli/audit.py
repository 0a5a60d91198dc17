"""`serflow audit`: numbers of the report walked back to the release, every step compared with what is on disk.

Without an item: every cell of every table, every figure, the page of findings and the PDF of the present
configuration. An item is an id of a table's CSV, as xu2020/table2/acnn/ua, with @strict for one protocol alone, a
figure, as xu2020/fig5, findings, pdf, or the beginning of an id: a paper, a table, a row. Items stand before --config,
which takes all that follows it.
It prints what does not agree, and what was not checked; -v prints every step.
Exit status: 0 nothing disagrees, 1 something does, 2 an unknown item.
"""

import argparse
import os
import secrets
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serflow.audit.beneath import FEW, Beneath, Options
from serflow.audit.chain import Audit
from serflow.audit.data import Sample
from serflow.audit.findings import Link, Node
from serflow.audit.items import Drawn, Item, TableCell, UnknownItem, all_items, chosen_items
from serflow.audit.retrained import Retrained
from serflow.audit.summary import all_unchecked, last_line, unchecked_lines
from serflow.audit.trained_for import places_of, trained_for
from serflow.cli.audit_crate import audit_crate
from serflow.errors import UserError
from serflow.files import write_json
from serflow.plan.configuration import UNNAMED, add_changes, changed_configuration, parsed_changes
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.version import checkout_version
from serflow.repetition import drawn
from serflow.reporting.wording import count

SHOWN = 12  # items up to which a line is printed of each, though it agrees
DRAWN = 5  # utterances of a view whose features are extracted anew, by default


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments, audit item by item, print what is at odds."""
    args = _parse(argv)
    if args.json:
        _require_writable(args.json)
    if args.crate:
        audit_crate(args.crate, args.items, root=args.root, release=args.release, whole=args.verbose, output=args.json)
        return
    report = _report(args.config)
    try:
        items = chosen_items(all_items(report), args.items)
    except UnknownItem as error:
        print(f"serflow: error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    seed = secrets.randbelow(2**32) if args.seed is None else args.seed
    size = None if args.features == "all" else args.features
    options = Options(args.weights, Sample(size, seed, deep=args.deep))
    again = _drawn(report, options, items, args.retrain)
    print(_said(report, options, len(again)), flush=True)
    audit = Audit(Beneath(report, options, Retrained(report, again, at_once=len(os.sched_getaffinity(0)))))
    audit.beneath.foresee(place for item in items for place in places_of(audit.beneath, item))
    nodes: list[Node] = []
    try:
        for item in items:
            nodes.append(audit.item(item))
            lines = nodes[-1].lines() if args.verbose else _in_short(nodes[-1], told=len(items) <= SHOWN)
            if lines:
                print("\n".join(lines), flush=True)
    finally:
        audit.beneath.close()
    links = all_unchecked(nodes)
    print(*unchecked_lines(links), last_line(items, nodes, len(links)), sep="\n", flush=True)
    mismatches = sum(node.mismatches for node in nodes)
    if args.json:
        write_json(args.json, _as_json(report, options, again, items, nodes, links))
    if mismatches:
        raise SystemExit(1)


def _in_short(node: Node, *, told: bool) -> list[str]:
    """What of a node is at odds; where it agrees, a line or none, and what of it was not checked."""
    if lines := node.lines_at_odds():
        return lines
    if not told:
        return []
    again = "" if node.ok else "; at odds where it was checked above"
    return [f"{node.title}{again}", *(f"  {step.line}" for step in node.steps if step.unchecked or step.ok is None)]


def _drawn(report: Report, options: Options, items: list[Item], wanted: int | str) -> list:
    """The trainings that are repeated."""
    if not wanted:
        return []
    known = trained_for(Beneath(report, options, Retrained(report, [], at_once=1)), items)
    return drawn(known, None if wanted == "all" else wanted, seed=options.sample.seed)


def _number(text: str) -> int | str:
    """Argparse's type of N or all."""
    if text == "all":
        return text
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="serflow audit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "items", nargs="*", metavar="REPORT_ITEM", help="id of a cell or a figure, or its beginning; findings; pdf"
    )
    add_changes(parser)
    parser.add_argument(
        "--weights",
        choices=["auto", "none", "one", "all"],
        default="auto",
        help="of which runs weights are loaded and test utterances predicted anew: none, one a cell, all; "
        f"auto (the default): all of up to {FEW} runs, else one",
    )
    parser.add_argument(
        "--features",
        type=_number,
        default=DRAWN,
        metavar="N|all",
        help="of how many utterances of each view, trained on or tested, features and attention maps are made anew "
        f"(default: {DRAWN})",
    )
    parser.add_argument(
        "--retrain",
        type=_number,
        default=0,
        metavar="N|all",
        help="train so many of the runs again, in a temporary folder, and compare the bytes (default: none)",
    )
    parser.add_argument(
        "--seed", type=int, help="that draws utterances and runs; one that was printed (default: a new one)"
    )
    parser.add_argument("--deep", action="store_true", help="hash all files anew, those too that look unchanged")
    parser.add_argument(
        "--crate", type=Path, metavar="ZIP", help="audit a report that left the machine (serflow export), in any folder"
    )
    parser.add_argument("--root", metavar="DIGEST", help="with --crate: its root digest, as a printed page bears it")
    parser.add_argument(
        "--release", type=Path, metavar="FOLDER", help="with --crate: the corpus, where the crate withholds its labels"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="print every step, those too that agree")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every step as JSON, too")
    args = parser.parse_args(argv)
    if args.crate is None and (args.root or args.release):
        parser.error("--root and --release go with --crate")
    if args.crate and args.config:
        parser.error("--config does not go with --crate, which has a configuration of its own")
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
    config = changed_configuration(parsed_changes(changes))
    if config["release"] == UNNAMED:
        raise UserError(
            f"release: missing; name the folder of corpus {config['corpus']!r}: --config release=/path/to/its/release"
        )
    return Report(Plan(read_workflow(config)))


def _said(report: Report, options: Options, again: int) -> str:
    config, sample = report.workflow.config, options.sample
    weights = {
        "none": "no weights are loaded",
        "one": "weights: of one run a cell",
        "all": "weights: of all runs",
        "auto": f"weights: of all of up to {FEW} runs a cell, else of one",
    }[options.weights]
    features = "all utterances" if sample.size is None else f"{sample.size} utterances a view"
    said = [f"corpus {config['corpus']}, preset {config['preset']}", weights, f"features: of {features}"]
    said += [f"{count(again, 'training')} repeated"] if again else []
    return f"serflow {checkout_version()}: {'; '.join(said)}; drawn by --seed {sample.seed}"


def _as_json(
    report: Report, options: Options, again: list, items: list[Item], nodes: list[Node], links: dict[Link, str]
) -> dict[str, Any]:
    sample = options.sample
    kinds: dict[str, list[dict[str, Any]]] = {"cells": [], "figures": [], "pages": []}
    for item, node in zip(items, nodes, strict=True):
        kind = "cells" if isinstance(item, TableCell) else "figures" if isinstance(item, Drawn) else "pages"
        kinds[kind].append(node.as_json())
    not_checked: dict[str, list[str]] = {}
    for link in links:
        not_checked.setdefault(link.kind, []).append(link.of)
    return {
        "version": checkout_version(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "config": report.workflow.config,
        "weights": options.weights,
        "features": sample.size or "all",
        "retrained": [run.folder for run in again],
        "deep": sample.deep,
        "seed": sample.seed,
        "mismatches": sum(node.mismatches for node in nodes),
        "not_checked": not_checked,
    } | kinds


if __name__ == "__main__":
    from serflow.cli import run

    sys.exit(run(main))
