"""`serflow audit --crate ZIP`: the numbers of a report that left the machine, made anew from what is in the file."""

import contextlib
import sys
from pathlib import Path

from serflow.audit.crate import CrateAudit
from serflow.audit.crate_digests import digest_steps
from serflow.audit.crate_release import restore
from serflow.audit.findings import Node, gathered
from serflow.audit.items import Document, FindingsPage, TableCell, UnknownItem, all_items, chosen_items
from serflow.config import read_yaml
from serflow.crate.archive import unpack
from serflow.crate.layout import WITHHELD
from serflow.files import read_json, temporary_folder, write_json
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.reporting.wording import count

__all__ = ["audit_crate"]


def audit_crate(
    crate: Path, items: list[str], *, root: str | None, release: Path | None, whole: bool, output: Path | None
) -> None:
    """Audit a crate, print what is at odds and a summary, and exit with 1 where something is.

    Parameters
    ----------
    items : as of `serflow audit`; empty: all.
    root : the beginning of the root digest as it is known from elsewhere, as a printed page.
    release : folder of the corpus's release, where the crate withholds its labels.
    whole : whether to print what agrees, too.
    output : a JSON file to write the findings to.
    """
    release = release and release.expanduser().absolute()
    with temporary_folder() as folder:
        unpack(crate, folder)
        nodes = [gathered(str(crate), digest_steps(folder, root))]
        untold: list[str] = []
        said = []
        if nodes[0].ok:  # else it is refused: nothing in it is what it says it is
            with contextlib.chdir(folder):
                found, said, untold = _numbers(items, release)
            nodes += found
    lines = [line for node in nodes for line in (node.lines() if whole else node.lines_at_odds())]
    print("\n".join(lines), end="\n" if lines else "")
    mismatches, comparisons = (sum(getattr(node, what) for node in nodes) for what in ("mismatches", "comparisons"))
    agreed = f"{mismatches} MISMATCH" if mismatches else "all that is in the crate agrees"
    print(f"{', '.join([*said, count(comparisons, 'comparison')])}: {agreed}")
    if untold:
        print("not checked, as the crate does not hold it:", *untold, sep="\n  ")
    if output:
        findings = [node.as_json() for node in nodes]
        write_json(output, {"mismatches": mismatches, "not_checked": untold, "crate": findings})
    if mismatches:
        raise SystemExit(1)


def _numbers(items: list[str], release: Path | None) -> tuple[list[Node], list[str], list[str]]:
    """In an unpacked crate: nodes of the items, of how many things they are, and what was not checked."""
    report = Report(Plan(read_workflow(read_yaml("config.yaml"))))
    withheld = read_json(WITHHELD)["files"]
    if release:
        restore(report, release)
    audit = CrateAudit(report, withheld)
    try:
        chosen = chosen_items([item for item in all_items(report) if not isinstance(item, Document)], items)
    except UnknownItem as error:
        print(f"serflow: error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    nodes = [audit.records(), *map(audit.item, chosen)]
    cells = [item for item in chosen if isinstance(item, TableCell)]
    made = sum(cell.reason is None and cell.name not in audit.unmade for cell in cells)
    pages = sum(isinstance(item, FindingsPage) for item in chosen)
    said = ["the page of findings"] if pages else []
    said += [count(len(chosen) - len(cells) - pages, "figure"), count(len(cells), "cell")]
    return nodes, [*said, f"{made:,} of them made anew"], audit.told()
