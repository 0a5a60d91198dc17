"""What holds for every rule, and that a job's inputs are what it reads."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from helpers import ROOT

# opens a file through Python, or a Parquet file through Arrow, which needs no Python `open`
WATCH = """
import runpy, sys
seen = open(sys.argv[1], "w")
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        seen.write(arguments[0] + "\\n")
        seen.flush()
sys.addaudithook(hook)
sys.argv = sys.argv[2:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def test_the_linter_and_the_formatter_have_nothing_to_say():
    lint = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint"], cwd=ROOT, text=True, capture_output=True, check=False
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr
    style = subprocess.run(
        [sys.executable, "-m", "snakefmt", "--check", "Snakefile", "workflow"],
        cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert style.returncode == 0, style.stderr


def test_every_rule_has_log_benchmark_environment_and_a_command_of_its_name():
    rules = re.split(r"^\s*(?:rule|checkpoint) ", "\n".join(p.read_text() for p in _rule_files()), flags=re.M)[1:]
    assert len(rules) >= 12
    for text in rules:
        name = re.match(r"\w+", text).group()
        for directive in ("log:", "benchmark:", "conda:", "code="):
            assert directive in text, f"rule {name} has no {directive}"
        assert f"-m serflow.cli.{name} " in text, f"rule {name} does not call serflow.cli.{name}"


def test_every_word_of_a_rules_command_is_quoted():
    """Also what is quoted for no reason today: a name, a path or a folder may hold anything tomorrow."""
    words = {}
    for path in [*_rule_files(), ROOT / "workflow/Snakefile"]:
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"(?<!\{)\{((?:input|output|params|log|wildcards|threads|resources)[^{}]*)\}", text)
        words |= {f"{path.name}: {word}": word for word in found}
    assert len(words) > 80
    assert [place for place, word in words.items() if not word.endswith(":q")] == []


def test_no_rule_names_a_paper_a_system_or_a_corpus():
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*_rule_files(), ROOT / "workflow/Snakefile"])
    for name in ("xu2020", "acnn", "iemocap", "emodb", "improvised"):
        assert name not in text.replace("# ", ""), name


def test_a_swept_value_may_be_a_fraction(project):
    """A point's name holds its values, and is a folder."""

    def change(data):
        data["sweeps"] = {"rates": {"system": "acnn", "experiment": "improvised"}}
        for preset in data["presets"].values():
            preset["sweeps"] = {"rates": {"train.optimizer.lr": [0.0025]}}

    project.paper(change)
    runs = {f"results/demo/demo/xu2020/improvised/acnn_lr0.0025/random5/fold{fold}/runs.json" for fold in (1, 2)}
    assert runs <= project.planned()["train"]


def test_a_run_reads_its_inputs_and_no_other_source_file(project, tmp_path):
    runs = "results/demo/demo/xu2020/improvised/acnn/random5/fold1/runs.json"
    printed = project.snakemake("-n", "-p", "--forcerun", "train", "--", runs)
    declared = set(re.search(r"^rule train:\n    input: (.*)$", printed, re.M).group(1).split(", "))
    (code,) = (path for path in declared if path.startswith("data/code/"))
    declared |= set(json.loads((project.folder / code).read_text()))  # source files enter by their fingerprint
    declared.remove(code)
    spec = json.loads((project.folder / runs).with_name("seed1").joinpath("run.json").read_text())
    run = {name: value for name, value in spec["run"].items() if name != "seed"}
    job = {"run": run, "spec": spec["spec"], "modules": ["serflow.learners.network", "serflow.models.acnn"]}
    view = "data/demo/xu2020/improvised"
    command = [
        sys.executable, "-X", f"pycache_prefix={tmp_path / 'no_bytecode'}", "-c", WATCH, str(tmp_path / "seen"),
        "serflow.cli.train", "--job", json.dumps(job), "--split", f"{view}/splits/random5.json",
        "--features", f"{view}/features/mfcc13.json", "--store", "data/demo/features/mfcc13/store.json",
        "--seeds", "1", "--output", "again/runs.json",
    ]  # fmt: skip
    environment = {"PYTHONPATH": "src", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    subprocess.run(command, cwd=project.folder, env=environment, check=True, capture_output=True)
    opened = {_relative(line, project.folder) for line in (tmp_path / "seen").read_text().splitlines()}
    read = {
        path for path in opened if path and (path.endswith(".py") or path.endswith(".json")) and "again" not in path
    }
    read -= {path for path in read if path.startswith("results/checkpoints")}
    assert read == declared
    shutil.rmtree(project.folder / "again")


def _rule_files() -> list[Path]:
    return sorted((ROOT / "workflow/rules").glob("*.smk"))


def _relative(path: str, folder: Path) -> str | None:
    full = (folder / path).resolve()
    return full.relative_to(folder.resolve()).as_posix() if full.is_relative_to(folder.resolve()) else None
