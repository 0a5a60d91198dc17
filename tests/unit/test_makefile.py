"""`make report` in a folder that a killed Snakemake left locked says what to do, and that works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import ROOT

SNAKEFILE = """\
rule all:
    input:
        "reports/all_tables.pdf",
        "reports/report.html",

rule one:
    output:
        "reports/{name}",
    shell:
        "touch {output}"
"""
ADVICE = "If none does: make unlock, then make report"


def make(folder: Path, target: str) -> subprocess.CompletedProcess:
    """Call make with this environment's programs in place of .venv's."""
    programs = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = ["make", target, "READY=", "DEV_READY=", "RUN=", "CORES=1", f"PYTHON={sys.executable}"]
    return subprocess.run(
        command, cwd=folder, env=programs, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.mark.slow
def test_a_locked_folder_is_told_and_unlocked_as_it_says(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    locks = tmp_path / ".snakemake/locks"
    locks.mkdir(parents=True)
    (locks / "0.output.lock").write_text("reports/all_tables.pdf\n")
    told = make(tmp_path, "report")
    assert told.returncode
    assert ADVICE in told.stdout, told.stdout
    for target in ("unlock", "report"):
        done = make(tmp_path, target)
        assert done.returncode == 0, done.stdout
        assert ADVICE not in done.stdout
    assert (tmp_path / "reports/all_tables.pdf").is_file()
