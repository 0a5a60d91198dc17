"""What is printed: one line for any exception, nothing that a terminal obeys, nothing without end."""

import os
from pathlib import Path

import pytest

from serflow.cli import run
from serflow.corpora.findings import Findings
from serflow.errors import UserError, printable


def failing(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    "raw", ["\x1b[31m", "\r", "\x07", "\x85", "\u202e", "\u2028", "\u2066", "\x00", "\udcff", "\ud800"]
)
def test_what_a_terminal_obeys_is_written_out(raw, capsys):
    said = printable(f"a{raw}b")
    assert said.startswith("a\\")
    assert said.isprintable()
    findings = Findings()
    findings.add("bom", f"file{raw}", f"message{raw}", quote=f"quote\n{raw}")
    assert all(
        text.isprintable() for text in (findings.items[0].file, findings.items[0].message, findings.items[0].quote)
    )
    assert run(failing(UserError(f"a{raw}b"))) == 1
    assert capsys.readouterr().err == f"serflow: error: {said}\n"


def test_letters_of_all_the_world_stay_as_they_are():
    said = "größe 感情 رو π\tend\nnext"
    assert printable(said) == said


def test_long_lines_and_many_are_cut_in_the_middle():
    said = str(UserError(f"file.yaml: {'x' * 30_000_000}; expected less"))
    assert len(said) < 2_100
    assert said.startswith("file.yaml: xxx")
    assert said.endswith("xxx; expected less")
    said = str(UserError("\n".join(f"line {number}" for number in range(10_000))))
    assert len(said.splitlines()) == 201
    assert "... 9,800 more lines ..." in said
    assert said.endswith("line 9999")


@pytest.mark.parametrize(
    "error", [KeyError("run"), RecursionError("deep\nand on"), MemoryError(), BaseException("panic")]
)
def test_any_exception_is_a_line_that_names_a_file_with_all_of_it(error, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("SERFLOW_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    assert run(failing(error)) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"serflow: error: {type(error).__name__}")
    assert said.count("\n") == 1
    log = Path(said.split("all of it is in ")[1].strip())
    assert log.parent == Path("logs/errors")
    assert "Traceback (most recent call last)" in log.read_text()


def test_where_there_is_no_project_the_file_is_a_temporary_one(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("SERFLOW_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert run(failing(ValueError("x"))) == 1
    log = Path(capsys.readouterr().err.split("all of it is in ")[1].strip())
    assert "ValueError: x" in log.read_text()
    assert os.listdir(tmp_path) == []
    log.unlink()


def test_tracebacks_are_shown_where_they_are_asked_for(monkeypatch):
    monkeypatch.setenv("SERFLOW_DEBUG", "1")
    with pytest.raises(ValueError, match="x"):
        run(failing(ValueError("x")))


def test_an_interrupt_is_no_fault(capsys):
    assert run(failing(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "serflow: interrupted\n"
