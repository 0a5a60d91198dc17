"""Small copies of the project, which Snakemake is run in."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from helpers import ROOT
from helpers.dry_runs import dry_run

RULE = re.compile(r"^(?:local)?(?:rule|checkpoint) (\w+):\n((?:    .*\n)+)", re.MULTILINE)
OUTPUT = re.compile(r"^    output: (.*)$", re.MULTILINE)


class Project:
    """A copy of the project that Snakemake can be run in."""

    def __init__(self, folder: Path):
        self.folder = folder

    def snakemake(self, *arguments: str, check: bool = True) -> str:
        """Run Snakemake; what it printed."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if check and done.returncode:
            logs = "\n".join(path.read_text() for path in self.folder.glob("logs/**/*.log") if path.stat().st_size)
            raise AssertionError(f"{done.stdout[-3000:]}\n{logs[-3000:]}")
        return done.stdout

    def planned(self, *arguments: str) -> dict[str, set[str]]:
        """Rule -> first outputs of its jobs, as a dry run plans them."""
        status, printed = dry_run(self.folder, *arguments)
        assert status == 0, printed[-3000:]
        return jobs(printed)

    def done(self, *arguments: str) -> dict[str, set[str]]:
        """Rule -> first outputs of its jobs, as a real run does them."""
        return jobs(self.snakemake(*arguments))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text in a file of the project; the text must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def configure(self, **values) -> None:
        """Set keys of config.yaml."""
        path = self.folder / "config.yaml"
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert set(values) <= set(data), f"config.yaml has no {sorted(set(values) - set(data))}"
        path.write_text(yaml.safe_dump(data | values, sort_keys=False, default_flow_style=None), encoding="utf-8")

    def paper(self, change, name: str = "xu2020") -> None:
        """Change a paper's YAML by a function of its content."""
        path = self.folder / f"workflow/papers/{name}.yaml"
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(data)
        path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def jobs(printed: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule, body in RULE.findall(printed):
        output = OUTPUT.search(body)
        if output:
            found.setdefault(rule, set()).add(output.group(1).split(", ")[0])
    return found


def copy_project(folder: Path) -> Project:
    for name in ("Snakefile", "config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("workflow", "src", "envs", "config"):
        shutil.copytree(ROOT / name, folder / name, ignore=skip)
    (folder / "reports").mkdir()
    for template in [*(ROOT / "reports").glob("*.typ"), *(ROOT / "reports").glob("*.html")]:
        shutil.copy(template, folder / "reports")
    return Project(folder)


def small_project(folder: Path, **shrinks) -> Project:
    """A project of few turns, one protocol and the papers that are named, each made small by its function."""
    project = copy_project(folder)
    project.edit("workflow/corpora/demo.yaml", "turns: 400", "turns: 225")
    project.configure(papers=list(shrinks), protocols=["as_published"])
    for paper, shrink in shrinks.items():
        project.paper(shrink, paper)
        project.paper(without_claims, paper)
    return project


def without_claims(data) -> None:
    """Take a paper's claims away, which are of systems that a small copy does not run; nor is it asked for findings."""
    data.pop("claims", None)
    data["tables"] = {name: table for name, table in data["tables"].items() if table.get("kind") != "claims"}


def small_report(folder: Path, paper: str, shrink) -> Project:
    """A small project whose report of one paper is made."""
    project = small_project(folder, **{paper: shrink})
    project.snakemake()
    return project


def finished_once(tmp_path_factory, name: str, make) -> Project:
    """The project that `make(folder)` makes, made by whichever of pytest's processes asks first; the others wait."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # a folder for every process, in one of the run
    folder = base / name
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / f"{name}.made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (base / f"{name}.made").touch()
    return Project(folder)


def copy_of(project: Project, folder: Path) -> Project:
    """A copy of a finished project, elsewhere, with new time stamps."""
    shutil.copytree(project.folder, folder, copy_function=shutil.copyfile)
    return Project(folder)


def linked_copy_of(project: Project, folder: Path) -> Project:
    """A copy of what a finished project holds, for readers: the release and the sources are hard links.

    Who edits one of the linked files takes it `apart` first.
    """
    links = shutil.ignore_patterns("release", "src", "workflow", ".snakemake")
    shutil.copytree(project.folder, folder, copy_function=shutil.copyfile, ignore=links)
    for name in ("data/demo/release", "src", "workflow"):
        shutil.copytree(project.folder / name, folder / name, copy_function=os.link)
    return Project(folder)


def apart(path: Path) -> Path:
    """`path` itself, from now on a file of its own and no hard link."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    return path


def no_sweeps(data) -> None:
    """Take a paper's sweeps away."""
    data["sweeps"] = {}
    for preset in data["presets"].values():
        preset["sweeps"] = {}


def one_student(data) -> None:
    """Of Zhao et al.: a system, the same with transfer, and their one teacher; one epoch, the narrowest networks."""
    data["systems"] = {name: data["systems"][name] for name in ("tcn_self", "tcn_self_at")}
    data["teachers"] = {"tcn_self": data["teachers"]["tcn_self"]}
    table, error_rates = data["tables"]["table_parts"], data["tables"]["table_asr"]
    del table["protocols"], error_rates["ablation"]  # of two teachers
    rows = [row for row in error_rates["rows"] if row["id"] == "tcn_self"]
    data["tables"] = {"table_parts": table, "table_asr": error_rates | {"rows": rows}}
    kinds = ("attention_maps", "asr_curves")
    data["figures"] = {name: figure for name, figure in data["figures"].items() if figure["kind"] in kinds}
    for figure in data["figures"].values():
        figure |= {"teachers": ["tcn_self"]} if figure["kind"] == "asr_curves" else {}
    del data["protocols"]
    no_sweeps(data)
    for preset in data["presets"].values():
        preset["runs"] = {"as_published": "all"}
    demo = data["presets"]["demo"]
    for part in ("system", "teacher"):
        demo[part]["parameters"]["model"]["width_multiplier"] = 0.03
        demo[part]["parameters"]["train"]["epochs"] = 1
    demo["teacher"]["parameters"]["spans"] = {"each": 1, "words": 2}
