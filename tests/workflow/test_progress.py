"""What `make report` says while it works: the Makefile's own flags on a small workflow, on a terminal and elsewhere."""

import os
import pty
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from helpers import ROOT

SNAKEFILE = """\
rule total:
    input:
        expand("made/{i}.txt", i=range(int(config["jobs"]))),
    output:
        "total.txt",
    log:
        "logs/total.log",
    shell:
        "cat {input} > {output} 2> {log}"

rule part:
    output:
        "made/{i}.txt",
    log:
        "logs/part/{i}.log",
    shell:
        "echo begins > {log}; test {wildcards.i} != {config[failing]} || {{ echo 'the disk is full' >> {log}; false; }}"
        " && touch {output}"
"""


@pytest.fixture(scope="module")
def flags():
    said = subprocess.run(
        ["make", "--dry-run", "report"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ).stdout
    (command,) = re.findall(r"snakemake (--cores .*) -- reports/all_tables.pdf reports/report.html", said)
    return shlex.split(command)


def command(folder: Path, flags: list[str], *, jobs: int, failing: int = -1) -> list[str]:
    (folder / "Snakefile").write_text(SNAKEFILE)
    return ["snakemake", *flags, "--config", f"jobs={jobs}", f"failing={failing}", "--", "total.txt"]


def off_a_terminal(folder: Path, flags: list[str], **config) -> tuple[int, str]:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        command(folder, flags, **config), cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode, done.stdout


def named_log(printed: str) -> str:
    (path,) = re.findall(r"Complete Log: (\S+\.snakemake\.log)", printed)
    return Path(path).read_text()


def test_off_a_terminal_a_job_is_a_line_at_most(tmp_path, flags):
    (one, few), (other, many) = (off_a_terminal(tmp_path / f"{jobs}", flags, jobs=jobs) for jobs in (2, 12))
    assert (one, other) == (0, 0)
    assert len(many.splitlines()) <= len(few.splitlines()) + 10
    assert "\x1b" not in many
    assert re.search(r"part +12\b", many)
    assert re.search(r"total +13\b", many)


def test_the_log_that_is_named_at_the_end_tells_every_job(tmp_path, flags):
    log = named_log(off_a_terminal(tmp_path, flags, jobs=3)[1])
    assert all(f"output: made/{i}.txt" in log for i in range(3))
    assert "4 of 4 steps (100%) done" in log


def test_of_a_failed_job_its_own_last_lines_are_shown(tmp_path, flags):
    status, printed = off_a_terminal(tmp_path, flags, jobs=3, failing=1)
    assert status == 1
    assert re.search(r"^begins\nthe disk is full$", printed, re.MULTILINE)
    assert "logs/part/1.log" in printed
    assert "Error in rule part" in named_log(printed)


def test_a_second_call_says_that_there_is_nothing_to_do(tmp_path, flags):
    off_a_terminal(tmp_path, flags, jobs=1)
    assert "Nothing to be done" in off_a_terminal(tmp_path, flags, jobs=1)[1]  # the CI looks for these words


def test_on_a_terminal_each_rule_has_a_bar_and_all_together_one(tmp_path, flags):
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
    running = subprocess.Popen(
        command(tmp_path, flags, jobs=3), cwd=tmp_path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    printed = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", read_all(ours))
    assert running.wait() == 0
    for bar in ("Total Progress", "part", "total"):
        assert re.search(rf"│.* {bar} .*━.* \d+% ", printed)


def read_all(terminal: int) -> str:
    """Until the other side closes, which Linux tells by an error."""
    parts = []
    try:
        while part := os.read(terminal, 4096):
            parts.append(part)
    except OSError:
        pass
    os.close(terminal)
    return b"".join(parts).decode()
