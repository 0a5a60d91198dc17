"""YAML files of the workflow: read; a misspelt name in them is told with its nearest neighbour."""

import difflib
from pathlib import Path
from typing import Any

import yaml

from serflow.errors import UserError

# names that the YAML files had once, and what they are now
RENAMED = {
    "pieces": "segments",
    "rule": "select",
    "test": "best_test",
    "validation": "best_validation",
    "components": "ablation",
    "grid": "sweep",
    "grids": "sweeps",
    "named": "runs",
    "recognition": "asr",
    "recognition_curves": "asr_curves",
}


class _UniqueKeys(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """Refuses a mapping that gives a key twice; plain YAML keeps the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1:
                raise UserError(
                    f"{node.start_mark.name}: line {node.start_mark.line + 1}: key {key!r} stands twice; keep one"
                )
        return super().construct_mapping(node, deep)


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file; a `UserError` names the file and line where it is missing or mangled."""
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.load(file, Loader=_UniqueKeys)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid YAML: {error}") from None


def closest(key: Any, known: list) -> str | None:
    """The nearest of the known names to a misspelt or an old one; None where none is near."""
    names = list(map(str, known))
    if RENAMED.get(str(key)) in names:
        return RENAMED[str(key)]
    return next(iter(difflib.get_close_matches(str(key), names, n=1, cutoff=0.5)), None)


def nearest(key: Any, known: list) -> str:
    """The tail of a message about an unknown name: its nearest known neighbour, and all that are known."""
    close, names = closest(key, known), ", ".join(map(str, known))
    if close is not None and RENAMED.get(str(key)) == close:
        return f": it is called {close!r} now. Known: {names}"
    return f"{f'; did you mean {close!r}?' if close else '.'} Known: {names}"
