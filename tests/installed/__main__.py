"""A wheel of this checkout in a fresh environment: `make wheel-test`.

In an empty folder: serflow init, the first table of a paper's demo, and then another wheel, in which a caption and the
version are others: only reporting may run. Where this checkout has finished the same runs (`make report`), they must be
those of the wheel, byte for byte. Nothing is downloaded: the fresh environment borrows the packages of this one.
"""

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path

import yaml

from serflow.config import read_yaml
from serflow.files import read_json

ROOT = Path(__file__).resolve().parents[2]
TABLE, RUNS = "reports/demo-demo/xu2020/table2.csv", "results/demo/demo/xu2020/improvised"
OWN_TABLE = "reports/demo-demo/ours/table_ours.csv"
CONFIG = ["folds=1", "seeds=[1]", "protocols=[as_published]", "sweeps=false"]
CAPTION = ("Comparison with previous research, improvised part", "A caption of the next version")
MODEL = '''
"""A mean over time, and a layer."""

from torch import Tensor, nn

__all__ = ["Mean"]


class Mean(nn.Module):
    """Mean over time, then `units`."""

    shortest = 1

    def __init__(self, *, dims: int, classes: int, units: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(dims, units), nn.ReLU(), nn.Linear(units, classes))

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes)."""
        return self.layers(frames.sum(1) / lengths[:, None].to(frames))
'''
SECONDS = 1800  # a command may take, on a busy machine


class Installed:
    """A fresh environment in `folder`, and the folder `lab` that serflow runs in."""

    def __init__(self, folder: Path):
        self.folder, self.lab, self.environment = folder, folder / "lab", folder / "environment"
        venv.create(self.environment, symlinks=True)
        self.python = self.environment / "bin/python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        borrowed = self.environment / f"lib/{version}/site-packages/borrowed.pth"
        borrowed.write_text(sysconfig.get_path("purelib") + "\n")

    def install(self, source: Path) -> None:
        """Build a wheel of a checkout and install it, in place of one that is there."""
        wheels = self.folder / "wheels"
        shutil.rmtree(wheels, ignore_errors=True)
        said([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", wheels], source)
        (wheel,) = wheels.iterdir()
        pip = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet", "--no-deps"]
        said([*pip, "--disable-pip-version-check", "--force-reinstall", wheel], self.folder)

    def serflow(self, *words: str) -> str:
        """Run the installed command in the lab, or beside it where that is still to be made; what it printed."""
        return said([self.environment / "bin/serflow", *words], self.lab if self.lab.is_dir() else self.folder)

    def snakemake(self, *options: str, paper: str = "xu2020", table: str = TABLE) -> str:
        """Make a table of a paper."""
        config = [f"papers=[{paper}]", *CONFIG]
        return self.serflow("run", "--cores", str(cores()), *options, "--config", *config, "--", table)


def main() -> int:
    """Run everything; the exit status."""
    parser = argparse.ArgumentParser(prog="make wheel-test", description=__doc__)
    parser.parse_args()
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="serflow-wheel-"))
    print(f"wheel-test: in {folder}", flush=True)
    source = folder / "source"
    copied(source)
    there = Installed(folder)
    there.install(source)
    passed("a wheel is built and installed")
    there.serflow("init", str(there.lab))
    expect(sorted(path.name for path in there.lab.iterdir()) == ["Snakefile", "config.yaml"], "init makes two files")
    there.snakemake()
    lines = (there.lab / TABLE).read_text().splitlines()
    expect(len(lines) > 6, f"{TABLE} of the demo, {len(lines)} lines")
    expect("Nothing to be done" in there.snakemake(), "a second run finds nothing to do")
    compare(there.lab)
    own(there, source)
    upgrade(there, source)
    print(f"wheel-test: all passed in {time.monotonic() - started:.0f} s")
    shutil.rmtree(folder)
    return 0


def own(there: Installed, source: Path) -> None:
    """A paper and a model of one's own in the lab: found, trained, scored and printed beside a shipped yardstick."""
    paper = read_yaml(source / "workflow/papers/xu2020.yaml")
    paper["system"]["parameters"]["model"] = {"name": "mean", "units": 8}
    paper |= {"systems": {"ours": {}}, "figures": {}, "sweeps": {}}
    del paper["claims"]
    rows = [{"id": name, "name": name, "system": name} for name in ("ours", "majority")]
    kept = {key: paper["tables"]["table2"][key] for key in ("title", "source", "experiment", "columns")}
    paper["tables"] = {"table_ours": kept | {"rows": rows}}
    changed = {"system": {"parameters": {"train": {"epochs": 1}}}, "runs": {"as_published": "all"}, "sweeps": {}}
    paper["presets"] = {name: preset | changed for name, preset in paper["presets"].items()}
    for name, text in {"models/mean.py": MODEL, "workflow/papers/ours.yaml": yaml.safe_dump(paper)}.items():
        (there.lab / name).parent.mkdir(parents=True)
        (there.lab / name).write_text(text)
    there.snakemake(paper="ours", table=OWN_TABLE)
    (run,) = there.lab.glob("results/demo/demo/ours/improvised/ours/*/fold1/seed1/run.json")
    (code,) = there.lab.glob("data/code/cli.train+*models.mean.json")
    named = read_json(code)
    expect("models/mean.py" in named and "src/serflow/jobs/train.py" in named, "a model of one's own is a run's source")
    with open(there.lab / OWN_TABLE, newline="", encoding="utf-8") as file:
        shown = {line["row"] for line in csv.DictReader(file)}
    expect(shown == {"ours", "majority"}, f"a paper of one's own has its table, and {run.relative_to(there.lab)}")


def upgrade(there: Installed, source: Path) -> None:
    """Install a wheel with another caption and version: the table is made anew, and nothing before it."""
    paper, project = source / "workflow/papers/xu2020.yaml", source / "pyproject.toml"
    paper.write_text(replaced(paper.read_text(), *CAPTION))
    project.write_text(re.sub(r'^version = "(.*)"$', r'version = "\1.post1"', project.read_text(), flags=re.M))
    there.install(source)
    expect(".post1" in there.serflow("--version"), "another version is installed over it")
    runs = sorted((there.lab / RUNS).rglob("run.json"))
    before = {path: path.stat().st_mtime_ns for path in runs}
    planned = set(re.findall(r"^ ?([a-z_]+) +\d+ *$", there.snakemake("-n", "--quiet", "rules"), flags=re.M))
    expect(planned - {"total"} == {"table"}, f"of the other version's rules, only reporting runs: {sorted(planned)}")
    there.snakemake()
    expect(before == {path: path.stat().st_mtime_ns for path in runs}, f"{len(runs)} trainings are as they were")


def compare(lab: Path) -> None:
    """Runs that this checkout has finished are those of the wheel: the same identity, source included, and bytes."""
    made = [path.relative_to(lab) for path in sorted((lab / RUNS).rglob("run.json"))]
    both = [path for path in made if (ROOT / path).is_file()]
    if not both:
        print("wheel-test: not compared with the checkout's runs: it has none; `make report` makes them")
        return
    for path in both:
        for key in ("digest", "outputs"):
            expect(read_json(lab / path)[key] == read_json(ROOT / path)[key], None, otherwise=f"{path}: another {key}")
    passed(f"{len(both)} runs have the digests and files of the checkout's")


def copied(source: Path) -> None:
    """What git knows of this checkout, as it is now."""
    listed = said(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT)
    for name in filter(None, listed.split("\0")):
        if not (ROOT / name).is_file():  # deleted, and git does not know yet
            continue
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name, follow_symlinks=False)


def replaced(text: str, old: str, new: str) -> str:
    """`text` with `new` for `old`, which must be there."""
    assert old in text, f"no {old!r} to replace"
    return text.replace(old, new)


def said(command: list[str | Path], folder: Path) -> str:
    """Run a command in a folder, without what this environment tells Python; what it printed, also where it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    if command[0] == sys.executable:
        environment["PYTHONPATH"] = os.environ.get("PYTHONPATH", "")  # of the builder alone
    done = subprocess.run(
        command, cwd=folder, env=environment, timeout=SECONDS, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-6000:], file=sys.stderr)
        raise SystemExit(f"wheel-test: failed: {' '.join(map(str, command[:3]))} ...; its folder is left")
    return done.stdout


def expect(true: bool, what: str | None, *, otherwise: str | None = None) -> None:
    """Say what is so, or stop with what is not."""
    if not true:
        raise SystemExit(f"wheel-test: failed: {otherwise or what}")
    if what:
        passed(what)


def passed(what: str) -> None:
    """A line for what is so."""
    print(f"wheel-test: passed: {what}", flush=True)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
