"""The recipe "A metric" of docs/extending.md, followed to the letter in a copy of the project."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from helpers import ROOT

pytestmark = pytest.mark.slow

COPIED = ("src", "workflow", "tests/helpers", "config.yaml", "pyproject.toml")
COPIED += ("tests/unit/metrics/test_rates.py", "tests/unit/audit/test_recompute.py")
# A block of code that says in its first line which file it belongs to, and where
BLOCK = re.compile(
    r"```\w+\n# (?P<file>\S+), (?P<where>before|after|in place of|at the end)( `(?P<line>[^\n]*)`)?\n(?P<code>.*?)```",
    re.S,
)


def follow(block, root):
    """Do what a block says."""
    path = root / block["file"]
    text, line = path.read_text(encoding="utf-8"), f"{block['line']}\n"
    if block["where"] != "at the end":
        assert f"\n{text}".count(f"\n{line}") == 1, f"{block['file']}: expected the line {block['line']!r} once"
    code = {
        "before": block["code"] + line,
        "after": line + block["code"],
        "in place of": block["code"],
        "at the end": block["code"],
    }[block["where"]]
    changed = text + code if block["where"] == "at the end" else f"\n{text}".replace(f"\n{line}", f"\n{code}")[1:]
    path.write_text(changed, encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project in which the recipe has been followed."""
    root = tmp_path_factory.mktemp("recipe")
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, root / name)
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    recipe = page.split("\n## A metric\n")[1].split("\n## ")[0]
    blocks = list(BLOCK.finditer(recipe))
    assert len(blocks) == recipe.count("```") // 2
    for block in blocks:
        follow(block, root)
    return root


def run(project, *command):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env={"PYTHONPATH": f"{project / 'src'}:{project / 'tests'}", "PATH": "", "HOME": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_table_has_the_metric_with_its_interval_and_the_audit_agrees(project):
    found = json.loads(run(project, "-m", "helpers.new_metric", "kappa"))
    line = found["line"]
    assert -1 <= float(line["low"]) <= float(line["reproduced"]) <= float(line["high"]) <= 1
    assert line["p"] and line["seeds"] == "2" and line["folds"] == "6"
    assert [(step["name"], step["ok"]) for step in found["steps"]] == [
        ("table", True),
        ("scores", True),
        ("epochs", True),
    ]
    assert "κ" in [one["metric"] for one in found["printed"]]


def test_the_tests_of_the_recipe_pass(project):
    said = run(
        project,
        "-m",
        "pytest",
        "tests/unit",
        "-k",
        "kappa",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-o",
        "addopts=",
    )
    assert "9 passed" in said
