import sys
import tomllib
from importlib.metadata import PackageNotFoundError

import pytest

from helpers import ROOT
from serflow.cli import serflow
from serflow.cli.serflow import entry


def call(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["serflow", *arguments])
    with pytest.raises(SystemExit) as ended:
        entry()
    printed = capsys.readouterr()
    return ended.value.code, printed.out, printed.err


def test_without_a_command_it_says_what_there_is(monkeypatch, capsys):
    status, said, _ = call(monkeypatch, capsys)
    assert status == 0
    assert "demo-release" in said


def test_the_version_is_that_of_the_package(monkeypatch, capsys):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert call(monkeypatch, capsys, "--version") == (0, f"serflow {project['version']}\n", "")


def test_the_version_of_a_source_that_is_not_installed_is_not_guessed(monkeypatch, capsys):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(serflow, "version", absent)
    status, said, _ = call(monkeypatch, capsys, "--version")
    assert status == 0
    assert "not installed as a package" in said


def test_an_unknown_command_is_named_and_fails(monkeypatch, capsys):
    status, _, said = call(monkeypatch, capsys, "demo-relase")
    assert status == 2
    assert "'demo-relase' is no command" in said


def test_an_error_of_the_user_is_one_message_and_status_1(monkeypatch, capsys, tmp_path):
    (tmp_path / "there").write_text("something")
    status, _, said = call(monkeypatch, capsys, "demo-release", str(tmp_path), "--turns", "75", "--floor", "1")
    assert status == 1
    assert said.startswith("serflow: error: ")
    assert str(tmp_path) in said
