"""The project's own YAML under a preset, and a copy of the project to run Snakemake in."""

from pathlib import Path
from typing import Any

from bench.processes import ROOT
from helpers.projects import copy_project
from serflow.config import read_yaml
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

__all__ = ["copy_of_project", "features", "paper_plan", "paper_report"]


def paper_plan(*papers: str, preset: str = "paper") -> Plan:
    """What config.yaml asks for, or these papers, under a preset; the stand-in is the corpus: it needs no release."""
    change = {"preset": preset, "corpus": "demo", "release": None, "seeds": None, "folds": None, "sweeps": True}
    change |= {"papers": list(papers)} if papers else {}
    return Plan(read_workflow(read_yaml(ROOT / "config.yaml") | change, root=ROOT))


def paper_report() -> Report:
    """The report of `paper_plan`."""
    return Report(paper_plan())


def features(name: str) -> dict[str, Any]:
    """An entry of workflow/features.yaml."""
    return read_yaml(ROOT / "workflow/features.yaml")[name]


def copy_of_project(folder: Path) -> Any:
    """A copy without results, as the tests of the workflow make and run it (their `Project`)."""
    folder.mkdir()
    return copy_project(folder)
