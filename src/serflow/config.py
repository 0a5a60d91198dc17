"""YAML files of the workflow: read; a misspelt name in them is told with its nearest neighbour."""

import difflib
import io
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from serflow.bounded import read_text
from serflow.errors import UserError

BYTES = 2_000_000  # of a YAML file; the largest here has 30,000
DEEP = 50  # mappings and lists within each other; libyaml's parser crashes at some ten thousand
NODES = 200_000  # once all references (*name) are followed: those of ten short lines may stand for millions

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


_Loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader


class _UniqueKeys(_Loader):
    """Refuses a mapping that gives a key twice; plain YAML keeps the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, times in keys.items():
            if times > 1:
                raise UserError(
                    f"{node.start_mark.name}: line {node.start_mark.line + 1}: key {key!r} stands twice; keep one"
                )
        return super().construct_mapping(node, deep)


def read_yaml(path: str | Path, *, largest: int = BYTES) -> Any:
    """The content of a YAML file; a `UserError` names the file and line where it is missing, mangled or absurd.

    `largest`: bytes that it may have; as many more values than another file's it may hold.
    """
    try:
        text = read_text(path, most=largest, what="a YAML file")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not valid YAML: {error}") from None
    return parsed_yaml(text, where=str(path), nodes=NODES * largest // BYTES)


def parsed_yaml(text: str, *, where: str, nodes: int = NODES) -> Any:
    """The value of a YAML text; a `UserError`, which begins with `where`, where it is mangled or absurd.

    Its nesting, and how much its references stand for, are bounded before anything is made of it.
    """
    try:
        _require_bounded(text, where, nodes)
        return yaml.load(_stream(text, where), Loader=_UniqueKeys)
    except UserError:
        raise
    except yaml.YAMLError as error:
        raise UserError(f"{where}: not valid YAML: {error}") from None
    except Exception as error:  # of a value with a tag that it does not fit, PyYAML raises what it happens to
        raise UserError(f"{where}: not valid YAML: a value does not fit its tag or form ({error})") from None


def _stream(text: str, where: str) -> io.StringIO:
    """A text that PyYAML's messages call by its file."""
    stream = io.StringIO(text)
    stream.name = where
    return stream


def _require_bounded(text: str, where: str, most: int) -> None:
    """Walk the parser's events, which stand for nothing yet, and count."""
    sizes: dict[str, int] = {}  # of what an anchor names, with all that it refers to
    open_nodes: list[tuple[str | None, int]] = []  # anchor, and nodes before it
    nodes = 0
    for event in yaml.parse(_stream(text, where), Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:  # none, which the parser of nodes will say, or one that is still open
                if any(anchor == event.anchor for anchor, _ in open_nodes):
                    raise UserError(f"{where}: line {event.start_mark.line + 1}: *{event.anchor} is within itself")
                continue
            nodes += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            nodes += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, nodes))
            nodes += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = nodes - before
        if len(open_nodes) > DEEP:
            raise UserError(
                f"{where}: line {event.start_mark.line + 1}: more than {DEEP} lists and mappings within each other; "
                "expected a flat file"
            )
        if nodes > most:
            raise UserError(
                f"{where}: line {event.start_mark.line + 1}: more than {most:,} values, references (*name) counted as "
                "what they stand for; expected a small file"
            )


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
