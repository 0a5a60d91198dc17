"""A small project before each stage of its making, and the bytes that it must come to."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from helpers.projects import Project, no_sweeps, small_project
from serflow.crate.members import HAPPENED
from serflow.files import file_digest

UNTIL = {  # stage -> the rule that Snakemake ends after; the last one makes the whole report
    "extraction": "fingerprint",
    "training": "train",
    "scoring": "score_runs",
    "reporting": None,
}
MEMORY = {"inventory.tsv", "prepared.json", "audited.json"}  # of what was looked at, and when


@dataclass(frozen=True)
class Stages:
    """`before`: stage -> a project in which everything before it is made; `whole`: the finished one."""

    before: dict[str, Project]
    whole: Project

    def start(self, stage: str, folder: Path) -> Project:
        """A copy to spoil, in which everything before a stage is made."""
        return copied(self.before[stage], folder)


def build(folder: Path) -> Stages:
    """Make the project once, and keep it as it is before each stage."""
    project = small_project(_made(folder / "project"), xu2020=_shrink)
    project.snakemake("--until", "protocols")
    before = {}
    for stage in UNTIL:
        before[stage] = copied(project, folder / f"before_{stage}")
        project.snakemake(*until(stage))
    return Stages(before, project)


def until(stage: str) -> tuple[str, ...]:
    """Arguments of Snakemake that end a run after a stage."""
    return ("--until", rule) if (rule := UNTIL[stage]) else ()


def copied(project: Project, folder: Path) -> Project:
    """A copy with the time stamps of the original, as a backup has them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(project.folder, folder, symlinks=True)
    return Project(folder)


def contents(project: Project) -> dict[str, str]:
    """Path -> digest of everything that was made, but for what says when, how long and by whom it was interrupted."""
    files = [path for name in ("data", "results", "reports") for path in (project.folder / name).rglob("*")]
    return {
        path.relative_to(project.folder).as_posix(): _digest(path)
        for path in sorted(files)
        if path.is_file() and path.name not in MEMORY
    }


def differences(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """What is missing, of other bytes, or there without reason; a line each."""
    return [
        f"{path}: {'missing' if path not in found else 'left over' if path not in expected else 'other bytes'}"
        for path in sorted(found.keys() | expected.keys())
        if found.get(path) != expected.get(path)
    ]


def _digest(path: Path) -> str:
    if path.name != "run.json":
        return file_digest(path)
    kept = {key: value for key, value in json.loads(path.read_text()).items() if key not in HAPPENED}
    return json.dumps(kept, sort_keys=True)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _shrink(data: dict) -> None:
    """A network with three epochs and a majority class, one table, one figure."""
    rows = {row["id"]: row for row in data["tables"]["table3"]["rows"]}
    kept = ["acnn_improvised", "majority_improvised", "tarantino_full"]
    data["tables"] = {"table3": data["tables"]["table3"] | {"rows": [rows[name] for name in kept]}}
    data["figures"] = {name: data["figures"][name] for name in ("confusion", "attention_sad")}
    no_sweeps(data)
    model = {"parallel": 2, "channels": [2, 2, 2, 2], "n_head": 2, "n_size": 4}
    data["presets"]["demo"]["system"] = {"parameters": {"model": model, "train": {"epochs": 3}}}
