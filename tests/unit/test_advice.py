"""What messages advise: one command for whatever is to be made again, and no `serflow` command that is not there.

That the advice works is seen in tests/workflow/test_repair.py.
"""

import ast
import re

import pytest

from helpers import ROOT
from serflow.cli.serflow import COMMANDS
from serflow.errors import MAKE, remade

USAGE = "cli/serflow.py"  # says how commands are called, and is none
SOURCES = sorted((ROOT / "src/serflow").rglob("*.py"))
COMMAND = re.compile(r"(?:\brun |\(|; ?)serflow ([a-z-]+)")


def texts(path):
    """Strings of a module, an f-string without what is put into it, but for docstrings and comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    first = [node.body[0] for node in ast.walk(tree) if isinstance(node, documented) and node.body]
    docstrings = {id(node.value) for node in first if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in constants if id(node) not in docstrings]


@pytest.fixture(scope="module")
def said():
    """Path of a module -> its strings."""
    return {path.relative_to(ROOT / "src/serflow").as_posix(): texts(path) for path in SOURCES}


def test_advice_names_what_to_delete_and_one_command():
    assert remade("results/a", "results/b") == f"delete results/a and results/b and {MAKE}"
    assert MAKE == "run snakemake --cores all"


def test_no_message_has_a_wording_of_its_own_for_that_command(said):
    own = {name for name, strings in said.items() for text in strings if "run snakemake" in text}
    assert own == set(), "expected serflow.errors.MAKE, or remade"


def test_commands_of_ours_that_messages_name_are_there(said):
    named = {
        (name, command)
        for name, strings in said.items()
        if name != USAGE
        for text in strings
        for command in COMMAND.findall(text)
    }
    assert len(named) > 3
    assert [pair for pair in sorted(named) if pair[1] not in COMMANDS] == []
