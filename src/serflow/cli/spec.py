"""`serflow spec`: what decides the result of a system or teacher, each value with the place that it comes from."""

import argparse
import itertools
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from serflow.cli import run
from serflow.config import nearest
from serflow.errors import UserError
from serflow.plan.configuration import changed_configuration
from serflow.plan.origins import Origins, SystemOrigins, TeacherOrigins
from serflow.plan.systems import Systems
from serflow.plan.workflow import Workflow, read_workflow

__all__ = ["described", "main"]

WIDEST = 60  # columns of values; a longer one shifts its place alone
LONGEST = 100  # columns of a list; of a longer one the first items are shown, and the last
SHOWN = 4
PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*")
WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")  # what YAML takes for something else


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and print the spec as YAML, its places as comments."""
    parser = argparse.ArgumentParser(prog="serflow spec", description=__doc__)
    parser.add_argument("paper", metavar="PAPER", help="a file of workflow/papers, without .yaml")
    parser.add_argument("system", metavar="SYSTEM", help="one of its systems, as serflow systems names them")
    parser.add_argument("--teacher", action="store_true", help="SYSTEM is the name of a teacher")
    parser.add_argument("--preset", help="in place of config.yaml's")
    parser.add_argument("--corpus", help="in place of config.yaml's")
    parser.add_argument("--experiment", help="one of the paper's; without it, the first that shows the system")
    args = parser.parse_args(argv)
    changes = {"papers": [args.paper], "preset": args.preset, "corpus": args.corpus, "sweeps": True}
    changes = {key: value for key, value in changes.items() if value is not None}
    workflow = read_workflow(changed_configuration(changes))
    print(described(_origins(Systems(workflow, args.paper), args)))


def described(origins: Origins) -> str:
    """A spec as YAML, what it is of and the place of each value as comments; long lists are shortened."""
    lines = list(_lines(origins.spec, origins, ()))
    width = max(len(line) for line, _ in lines if len(line) <= WIDEST)
    shown = (f"{line:{width}}  # {place}" if place else line for line, place in lines)
    return "\n".join([f"# {origins.title}", *shown])


def _origins(systems: Systems, args: argparse.Namespace) -> Origins:
    """The spec that the command line names, and its places."""
    if args.teacher:
        _require(args.system, list(systems.teachers), f"{args.paper}: teacher")
        return TeacherOrigins(systems, args.system)
    _require(args.system, [*systems.named, *systems.sweep_points], f"{args.paper}: system")
    experiment = args.experiment or _first_shown(systems.workflow, args.paper, args.system)
    _require(experiment, list(systems.workflow.papers[args.paper]["experiments"]), f"{args.paper}: experiment")
    return SystemOrigins(systems, args.system, experiment)


def _require(name: str, known: list[str], what: str) -> None:
    if name not in known:
        raise UserError(f"{what} {name!r} is not declared{nearest(name, known)}")


def _first_shown(workflow: Workflow, paper: str, system: str) -> str:
    """The experiment of the first row of a table that shows the system; the paper's first one, where none does."""
    data = workflow.papers[paper]
    shown = (
        row.get("experiment", table["experiment"])
        for table in data["tables"].values()
        for row in table.get("rows", [])
        if row.get("system") == system
    )
    return next(itertools.chain(shown, data["experiments"]))


def _lines(value: dict[str, Any], origins: Origins, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Lines of YAML, and the place of each that holds a value."""
    for key, item in value.items():
        here, indent = (*path, key), "  " * len(path)
        if isinstance(item, dict) and item:
            yield f"{indent}{key}:", origins.block(here)
            yield from _lines(item, origins, here)
        elif here == ("teacher", "teacher"):  # a teacher learns from none
            continue
        else:
            line, place = f"{indent}{key}: {_text(item)}", origins.place(here)
            if isinstance(item, list) and len(line) > LONGEST:
                first, last = ", ".join(map(_text, item[:SHOWN])), _text(item[-1])
                line, place = f"{indent}{key}: [{first}, ..., {last}]", f"{place} ({len(item)} in all)"
            yield line, place


def _text(value: Any) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("e", ".0e") if isinstance(value, float) and "e" in text and "." not in text else text


if __name__ == "__main__":
    sys.exit(run(main))
