"""Put every fault into a small project, and say what came of it: `make faults-test`.

Exit status 1 where a number came out otherwise, or where no message said what is wrong.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tabulate import tabulate

from fault_injection import faults
from fault_injection.page import write_page
from fault_injection.stages import UNTIL, build

VIEW = "data/demo/xu2020/improvised"
RUN = "results/demo/demo/xu2020/improvised/acnn/random5/fold1"
FILES = [  # stage that reads it, the file, what was made of it
    ("extraction", "data/demo/manifest.parquet", "data/demo/features"),
    ("extraction", f"{VIEW}/view.parquet", "data/demo/features"),
    ("training", f"{VIEW}/splits/random5.parquet", RUN),
    ("training", "data/demo/features/mfcc13/frames.npy", RUN),
    ("training", "data/demo/features/mfcc13/index.parquet", RUN),
    ("scoring", f"{RUN}/seed1/predictions.parquet", "results/demo/demo/xu2020/improvised/scores"),
    ("scoring", f"{RUN}/seed1/run.json", "results/demo/demo/xu2020/improvised/scores"),
    ("reporting", "results/demo/demo/xu2020/improvised/scores/random5/scores.csv", "reports/demo-demo/xu2020"),
    ("reporting", "reports/demo-demo/xu2020/table3.csv", "reports/all_tables.pdf"),
]
EXPORT = ("serflow.cli.serflow", "export", "--crate", "report.zip")
AUDIT = ("serflow.cli.serflow", "audit")


def all_faults() -> list[faults.Fault]:
    """Every fault, in the order of the page."""
    made = [faults.interrupted(kind)(stage) for kind in ("kill", "orphan", "interrupt") for stage in UNTIL]
    made.append(faults.interrupted("interrupt twice")("training"))
    made += [faults.killed_command("export", "serflow export", EXPORT, "report.zip")]
    made += [faults.killed_command("audit", "serflow audit", AUDIT, None)]
    made += [
        faults.spoiled(stage, pattern, again, how)
        for how in ("flipped bit", "truncated", "emptied")
        for stage, pattern, again in FILES
    ]
    made += [
        faults.full_disk("extraction", "data", 200_000),
        faults.full_disk("training", "results", 150_000),
        faults.full_disk("scoring", "results", 0),
        faults.full_disk("reporting", "reports", 60_000),
    ]
    made += [faults.little_memory(stage, megabytes) for stage, megabytes in (("extraction", 700), ("training", 900))]
    made += [faults.two_at_once(stage) for stage in ("training", "reporting")]
    made += [faults.no_rights(stage, of) for stage, of in (("training", "results"), ("reporting", "reports"))]
    made += [
        faults.elsewhere("one core", {}, cores=1),
        faults.elsewhere("in Turkish, east of the date line", {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"}),
    ]
    return made


def skipped(fault: faults.Fault) -> str:
    """Why a fault cannot be had on this machine; empty where it can."""
    if fault.kind == "full disk":
        return faults.can_mount()
    if fault.kind == "no rights" and os.geteuid() == 0:
        return "root may write everywhere"
    return ""


def main() -> int:
    """Run everything; the exit status."""
    parser = argparse.ArgumentParser(prog="make faults-test", description=__doc__)
    parser.add_argument("--only", action="append", help="a kind or a stage, as printed; may be given again")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every N-th fault alone")
    parser.add_argument("--seed", type=int, help="of the random moments and bits; one of its own each time")
    parser.add_argument("--page", type=Path, help="write the counts into this page")
    args = parser.parse_args()
    seed = int.from_bytes(os.urandom(4), "big") if args.seed is None else args.seed
    folder = Path(tempfile.mkdtemp(prefix="serflow-faults-"))
    chosen = [one for one in all_faults() if not args.only or {one.kind, one.stage} & set(args.only)][:: args.every]
    print(f"faults-test: {len(chosen)} faults, --seed {seed}, in {folder}", flush=True)
    started, rows = time.monotonic(), []
    stages = build(folder)
    print(f"faults-test: made once without faults in {time.monotonic() - started:.0f} s", flush=True)
    for place, fault in enumerate(chosen):
        before, target = time.monotonic(), folder / f"fault{place}"
        if reason := skipped(fault):
            outcome, seen = "skipped", reason
        else:
            try:
                outcome, seen = (
                    "passed",
                    fault.strike(stages, target, Random(f"{seed} {fault.kind} {fault.stage} {fault.what}")),
                )
                shutil.rmtree(target)
            except faults.Lost as lost:
                outcome, seen = "FAILED", str(lost)
        rows.append([fault.kind, fault.stage, fault.what, outcome, time.monotonic() - before, seen])
        print(f"{outcome}: {fault.kind}, {fault.stage}, {fault.what}: {seen}", flush=True)
    print(
        tabulate(
            rows, ["fault", "stage", "what", "outcome", "s", "seen"], floatfmt=".0f", maxcolwidths=[None] * 5 + [90]
        )
    )
    failed = sum(row[3] == "FAILED" for row in rows)
    print(f"faults-test: {len(rows) - failed} without loss, {failed} failed in {time.monotonic() - started:.0f} s")
    if args.page and not failed:
        write_page(args.page, rows)
    if not failed:
        shutil.rmtree(folder)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
