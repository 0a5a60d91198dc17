"""The contracts on imports in pyproject.toml: they hold, and what breaks one is named."""

import os
import shutil
import subprocess
import sys

import pytest

from helpers import ROOT

BREACHES = {  # file, a line added to it, and the contract that this breaks
    "a_model_imports_a_learner": ("models/dnn.py", "from serflow.learners import network", "floors BROKEN"),
    "an_extractor_imports_a_model": ("features/extractors/mfcc.py", "from serflow.models import dnn", "floors BROKEN"),
    "a_room_without_a_floor": ("attic/__init__.py", "", "attic"),
    "a_circle": ("plan/runs.py", "from serflow.plan import scoring", "no circle of files or of packages BROKEN"),
    "the_audit_scores_by_metrics": ("audit/cells.py", "from serflow.metrics import rates", "names alone BROKEN"),
    "a_plan_of_torch": ("plan/groups.py", "import torch", "in every job BROKEN"),
    "a_figure_of_a_figure": (
        "reporting/figures/sweep.py",
        "from serflow.reporting.figures import confusion",
        "no other BROKEN",
    ),
}


def lint(root):
    """Exit status and words of import-linter on the package under `root`."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    # no cache: a mutation must not be told by what was read before
    done = subprocess.run(
        [*command, "--no-cache"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout


@pytest.fixture
def house(tmp_path):
    """A copy of the package, to be changed."""
    shutil.copytree(ROOT / "src/serflow", tmp_path / "src/serflow", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_contracts_hold():
    status, said = lint(ROOT)
    assert status == 0, said


@pytest.mark.parametrize(("file", "line", "broken"), BREACHES.values(), ids=BREACHES)
def test_what_breaks_a_contract_is_refused(house, file, line, broken):
    path = house / "src/serflow" / file
    path.parent.mkdir(exist_ok=True)
    with open(path, "a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    status, said = lint(house)
    assert status != 0
    assert broken in said
