"""docs/architecture.md shows the floors as pyproject.toml has them, and every package stands on one."""

import runpy

from helpers import ROOT

DRAW = runpy.run_path(str(ROOT / "docs/architecture.py"))


def test_the_picture_and_the_list_are_those_of_the_layers():
    text = DRAW["PAGE"].read_text()
    assert text == DRAW["page"](text), "run make architecture"
    assert DRAW["PICTURE"].read_text() == DRAW["drawn"](), "run make architecture"


def test_every_package_and_module_stands_on_a_floor():
    named = {name.split(".")[0] for names in DRAW["floors"]() for name in names}
    source = ROOT / "src/serflow"
    there = {path.parent.name for path in source.glob("*/__init__.py")} | {path.stem for path in source.glob("*.py")}
    assert named == there - {"__init__"}
