"""The repository's own YAML files, read under a changed configuration."""

import shutil
from types import SimpleNamespace

import yaml

from helpers import ROOT
from serflow.config import read_yaml
from serflow.plan.inputs import JobInputs
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

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


def declare_teachers(content, style="any", **teachers):
    """Let a paper's content declare teachers by their names in print, and their view `spoken`."""
    full = next(view for view in content["experiments"].values() if view["style"] == "any")
    content["experiments"]["spoken"] = full | {"style": style}
    content["teacher"] = {"experiment": "spoken", "split": "session_parts", "features": "logmel120", "seed": 1}
    content["teacher"]["parameters"] = read_yaml(ROOT / "workflow/papers/zhao2021.yaml")["teacher"]["parameters"]
    content["teachers"] = {teacher: {"name": name} for teacher, name in teachers.items()}


def make_inputs(report, *, fingerprint=None, group=lambda run: None):
    """What rules ask the plan for, outside Snakemake: a fingerprint is "checkpoint wildcards", ancient a mark."""

    def named(checkpoint, **wildcards):
        return " ".join([checkpoint, *map(str, wildcards.values())])

    return JobInputs(report, fingerprint=fingerprint or named, ancient=lambda path: f"ancient {path}", group=group)


def wildcards(text, **others):
    """A job's wildcards from `paper/experiment/system/split/fold/seed`, or as many of them as there are."""
    names = ("paper", "experiment", "system", "split", "fold", "seed")
    return SimpleNamespace(**dict(zip(names, text.split("/"), strict=False)) | others)
