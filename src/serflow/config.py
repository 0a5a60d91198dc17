"""YAML files of the workflow: read; a misspelt name in them is told with its nearest neighbour."""

import difflib
from pathlib import Path
from typing import Any

import yaml

from serflow.errors import UserError

# names that the YAML files had once, and what they are now; a dotted one lies in a mapping beside the old place
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
    "filters": "groups.filters",
    "kernels": "groups.kernels",
    "convolutions": "groups.convolutions",
    "strides": "groups.strides",
    "dilations": "groups.dilations",
    "residual": "groups.residual",
    "heads": "groups.heads",
    "attention_ratio": "groups.attention_ratio",
    "attention_dropout": "groups.attention_dropout",
    "schedule": "budget",
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
    renamed = _renamed(key, names)
    if renamed is not None:
        return renamed.split(".")[0]
    folded = {name.casefold(): name for name in reversed(names)}  # HAPPY is as near to happy as can be
    close = difflib.get_close_matches(str(key).casefold(), folded, n=1, cutoff=0.5)
    return folded[close[0]] if close else None


def nearest(key: Any, known: list) -> str:
    """The tail of a message about an unknown name: its nearest known neighbour, and all that are known."""
    close, renamed = closest(key, known), _renamed(key, list(map(str, known)))
    names = ", ".join(map(str, known))
    if renamed is not None:
        return f": it is called {renamed!r} now. Known: {names}"
    return f"{f'; did you mean {close!r}?' if close else '.'} Known: {names}"


def _renamed(key: Any, names: list[str]) -> str | None:
    """What an old name is called now, where that is known; None of other names."""
    now = RENAMED.get(str(key))
    return now if now is not None and now.split(".")[0] in names else None
