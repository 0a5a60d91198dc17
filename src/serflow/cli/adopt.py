"""`serflow adopt`: runs that serflow's code before trained, taken over where the present code gives the same bytes.

One run of each system is drawn and trained anew; where all its files come out equal, the system's other runs count
again, and run.json says so. Else they stay stale, and snakemake trains them anew.
"""

import argparse
import os
import secrets

from serflow.adoption import adopt, old_runs, repeated
from serflow.cli.reports import changed_report
from serflow.errors import UserError
from serflow.plan.configuration import add_changes, parsed_changes
from serflow.reporting.wording import count, listing


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments, train the drawn runs anew, take over what is equal."""
    parser = argparse.ArgumentParser(
        prog="serflow adopt", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_changes(parser)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)), metavar="N", help="default: all")
    parser.add_argument(
        "--draw", type=int, default=None, metavar="SEED", help="that draws the runs (default: by chance)"
    )
    args = parser.parse_args(argv)
    if args.cores < 1:
        parser.error("--cores: expected 1 or more")
    report = changed_report(parsed_changes(args.config))
    old = old_runs(report)
    if not old:
        print("nothing to take over: no run differs from the present in its code alone")
        return
    seed = secrets.randbelow(2**32) if args.draw is None else args.draw
    runs = count(sum(len(one.runs) for one in old), "run")
    print(f"{runs} of {count(len(old), 'system')} by other code; one of each is trained anew, drawn by seed {seed}")
    differing = []
    for found in repeated(report, old, seed=seed, at_once=args.cores):
        if found.differing:
            differing.append(found.old.name)
            print(
                f"{found.old.name}: {found.run.folder} comes out otherwise: {listing(list(found.differing))}",
                flush=True,
            )
        else:
            adopt(report, found)
            print(
                f"{found.old.name}: {found.run.folder} is equal; {count(len(found.old.runs), 'run')} taken over",
                flush=True,
            )
    if differing:
        raise UserError(
            f"{listing(differing)}: the present code trains otherwise than the code that made these runs; they stay "
            "stale, and snakemake trains them anew"
        )
