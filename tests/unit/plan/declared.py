"""The repository's own YAML files, read under a changed configuration."""

import shutil
from pathlib import Path

import yaml

from serflow.config import read_yaml
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

ROOT = Path(__file__).resolve().parents[3]
CONFIG = read_yaml(ROOT / "config.yaml")
PAPERS = sorted(path.stem for path in (ROOT / "workflow/papers").glob("*.yaml"))


def make_plan(*, root=ROOT, **change):
    """The plan of config.yaml with some keys changed."""
    return Plan(read_workflow(CONFIG | change, root=root))


def make_report(**change):
    return Report(make_plan(**change))


def iemocap(**change):
    """What changes config.yaml to the paper preset on IEMOCAP."""
    return {"corpus": "iemocap", "release": "some/folder", "preset": "paper"} | change


def emodb(**change):
    """What changes config.yaml to EmoDB."""
    return {"corpus": "emodb", "release": "some/folder"} | change


def copy_of_workflow(folder):
    """A root with a copy of workflow/, to be changed."""
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    return folder


def rewrite(root, change, paper="xu2020", new=None):
    """Let `change` alter the content of a copied paper's YAML; `new`: write it under another id."""
    folder = root / "workflow/papers"
    content = read_yaml(folder / f"{paper}.yaml")
    change(content)
    (folder / f"{new or paper}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
