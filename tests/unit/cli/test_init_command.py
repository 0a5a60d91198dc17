"""`serflow init` makes a folder to run in; `serflow run` is snakemake with a profile."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.dry_runs import dry_run
from serflow.cli import init, start
from serflow.cli.serflow import COMMANDS, USAGE, _command
from serflow.errors import UserError

PROFILE = str(ROOT / "workflow/profiles/local")


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "a lab"


def test_it_makes_two_files_and_nothing_else(lab, capsys):
    init.main(["a lab"])
    assert sorted(path.name for path in lab.iterdir()) == ["Snakefile", "config.yaml"]
    assert (lab / "config.yaml").read_bytes() == (ROOT / "config.yaml").read_bytes()
    assert len((lab / "Snakefile").read_text().splitlines()) == 3
    assert "cd 'a lab'" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Snakefile", "config.yaml"])
def test_it_overwrites_nothing(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(UserError, match=f"{name}: is there already, and nothing is overwritten"):
        init.main([str(tmp_path)])
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_with_other_files_in_it_is_taken_and_a_file_is_not(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    init.main([str(tmp_path)])
    assert len(list(tmp_path.iterdir())) == 3
    with pytest.raises(UserError, match="a file stands there"):
        init.main([str(tmp_path / "notes.txt")])


@pytest.mark.slow
def test_the_main_job_is_planned_there_and_a_paper_of_ones_own_is_found(lab):
    """The folder has no source: rules and jobs go with the package that is imported."""
    init.main(["a lab"])
    (lab / "workflow/papers").mkdir(parents=True)
    (lab / "workflow/papers/ours.yaml").write_text((ROOT / "workflow/papers/xu2020.yaml").read_text())
    status, printed = dry_run(lab, "--quiet", "rules", "--config", "papers=[ours]", "folds=1", "sweeps=false")
    assert status == 0, printed
    assert {"train", "table", "pdf", "all"} <= set(printed.split())


def test_run_is_snakemake_with_the_shipped_profile(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    command, environment = start.snakemake(["-n", "--", "reports/all_tables.pdf"])
    assert command[1:] == ["-m", "snakemake", "--workflow-profile", PROFILE, "-n", "--", "reports/all_tables.pdf"]
    assert (Path(PROFILE) / "config.yaml").is_file()
    assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


@pytest.mark.parametrize("option", [["--workflow-profile", "mine"], ["--workflow-profile=mine"]])
def test_a_profile_of_ones_own_takes_its_place(option):
    assert start.snakemake(option)[0][3:] == option


def test_where_nothing_can_be_run_it_is_said_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="or make one: serflow init DIR"):
        start.main(["-n"])


@pytest.mark.slow
def test_what_follows_run_is_snakemakes_own():
    done = subprocess.run(
        [sys.executable, "-m", "serflow.cli.serflow", "run", "--version"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("9.")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_listed_and_has_a_module(name):
    assert f"  {name} " in USAGE
    assert callable(_command(name).main)
