"""The demo workflow of two papers through the profile, on a real SLURM of this machine: `make slurm-test`.

Predictions must be those of a local run, byte for byte; so must they after each fault of `slurm.faults`.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tabulate import tabulate

from slurm.costs import measured_tables, write_page
from slurm.faults import FAULTS, survived
from slurm.project import LOCAL, SLURM, SUBMITTED, Snakemake, end_all, predicted, slurm_project

CLUSTER = Path(__file__).with_name("cluster.sh")
SECONDS = 1800  # a whole run may take, on a busy machine


def main() -> int:
    """Run everything; the exit status."""
    parser = argparse.ArgumentParser(prog="make slurm-test", description=__doc__)
    parser.add_argument("--page", type=Path, help="measure instead what jobs cost, and write it into this page")
    page = parser.parse_args().page
    if reason := _missing():
        print(f"slurm-test: skipped: {reason}")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="serflow-slurm-"))
    signal.signal(signal.SIGTERM, lambda *_: (end_all(folder), sys.exit(143)))  # the cluster goes down with us
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # which Snakemake would inherit as ignored from a shell's `&`
    folder.chmod(0o755)
    print(f"slurm-test: in {folder}", flush=True)
    started, rows = time.monotonic(), []
    try:
        if not _timed(rows, "SLURM up: 4 nodes, one with a fake GPU", lambda: _cluster("up", folder / "slurm")):
            print(f"slurm-test: skipped: SLURM is installed and cannot be started here; its logs: {folder}")
            return 0
        if page:
            _timed(rows, f"costs, into {page}", lambda: write_page(page, measured_tables(folder)) or "")
        else:
            _cases(folder, rows)
    finally:
        subprocess.run([CLUSTER, "down", folder / "slurm"], timeout=300)
        end_all(folder)
    passed, failed = (sum(row[1] == outcome for row in rows) for outcome in ("passed", "failed"))
    print(tabulate(rows, ["case", "outcome", "s", "seen"], floatfmt=".0f"))
    print(f"slurm-test: {passed} passed, {failed} failed in {time.monotonic() - started:.0f} s")
    if failed:
        print(f"slurm-test: everything is left in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return int(failed > 0)


def _missing() -> str | None:
    """Why this machine cannot have a SLURM; None where it can."""
    if os.geteuid() != 0:
        return "not root: the daemons of SLURM cannot be installed and started"
    if not shutil.which("apt-get"):
        return "no Debian: there is no apt-get to install slurmctld and slurmd with"
    if not shutil.which("slurmctld") and subprocess.run([CLUSTER, "install"]).returncode:
        return "Debian's packages of SLURM could not be installed"
    return None


def _cluster(command: str, *arguments: Path) -> str:
    subprocess.run([CLUSTER, command, *arguments], check=True, timeout=300)
    return ""


def _cases(folder: Path, rows: list[list]) -> None:
    """The whole workflow here and, beside it, through SLURM; then the faults, each on a copy of what was made here."""
    local, sent = slurm_project(folder / "local"), slurm_project(folder / "slurm-run")
    with ThreadPoolExecutor(2 + len(FAULTS)) as pool:
        through = pool.submit(_case, lambda: _whole(sent, SLURM))
        here = _case(lambda: _whole(local, LOCAL))
        rows.append(["whole workflow, local", *here])
        faults: dict[str, Future] = {}
        if here[0] == "passed":
            for number, (name, fault) in enumerate(FAULTS.items()):
                place = folder / f"fault{number}"
                faults[name] = pool.submit(_case, lambda place=place, fault=fault: survived(local, place, fault))
        rows.append(["whole workflow, SLURM", *through.result()])
        rows.append(
            ["predictions, maps and scores, local and SLURM", *_case(lambda: _same(predicted(local), predicted(sent)))]
        )
        rows += [[name, *future.result()] for name, future in faults.items()]


def _whole(project, options: list[str]) -> str:
    printed = Snakemake(project, *options, "reports/all_tables.pdf").wait(SECONDS)
    sent = len(SUBMITTED.findall(printed))
    again = Snakemake(project, *options, "reports/all_tables.pdf").wait(SECONDS)
    assert "Nothing to be done" in again, f"a second call found something to do:\n{again[-2000:]}"
    assert not list((project.folder / "results/checkpoints").glob("*")), "checkpoints are left"
    return f"{sent} SLURM jobs" if sent else ""


def _same(one: dict[str, str], other: dict[str, str]) -> str:
    assert one and set(one) == set(other), f"not the same files: {sorted(set(one) ^ set(other))}"
    differing = [name for name in one if one[name] != other[name]]
    assert not differing, f"other bytes: {', '.join(differing)}"
    return f"{len(one)} files, byte for byte"


def _case(act: Callable[[], str]) -> list:
    """Outcome, seconds, what was seen; a failure is printed whole."""
    started = time.monotonic()
    try:
        seen, outcome = act(), "passed"
    except Exception as error:
        print(f"slurm-test: FAILED: {error}", flush=True)
        seen, outcome = (str(error).splitlines() or [type(error).__name__])[0][:100], "failed"
    return [outcome, time.monotonic() - started, seen]


def _timed(rows: list[list], name: str, act: Callable[[], str]) -> bool:
    """Add a case, and whether it passed."""
    rows.append([name, *_case(act)])
    return rows[-1][1] == "passed"


if __name__ == "__main__":
    sys.exit(main())
