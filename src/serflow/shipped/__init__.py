"""What comes with the package beside its code: YAML of papers and corpora, rules, the report's template.

In a checkout it stands at the top, beside `src`. In a wheel the same files stand in this folder. A user's folder may
hold YAML of its own in `workflow`, which is read beside what is shipped.
"""

import os
from pathlib import Path
from typing import Any

from serflow.config import read_yaml
from serflow.errors import UserError

__all__ = ["ROOT", "SNAKEFILE", "declared", "from_here", "layers", "located", "shared"]

_HERE = Path(__file__).resolve().parent
ROOT = _HERE if (_HERE / "workflow").is_dir() else _HERE.parents[2]
SNAKEFILE = str(ROOT / "workflow/Snakefile")  # for the Snakefile of a user's folder
WHOLE = "workflow/rules"  # who has these has all the rest, too: a checkout


def located(name: str) -> str:
    """Where a shipped file is, such as `reports/template.typ`: relative to the working folder if it is in there."""
    return from_here(ROOT / name)


def from_here(path: Path) -> str:
    """A path as rules have it for an input: relative to the working folder if it is in there, else absolute."""
    path, here = Path(os.path.abspath(path)), Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def declared(kind: str, *, root: str | Path) -> dict[str, Path]:
    """Name -> YAML file of everything of a kind, `corpora` or `papers`: shipped, or in a user's folder; sorted.

    Parameters
    ----------
    kind : a folder of ``workflow``.
    root : the user's folder; a checkout has all of its own, and nothing else is looked at.

    Raises
    ------
    UserError
        If a name stands twice.
    """
    files = {}
    for layer in layers(root):
        for path in (layer / "workflow" / kind).glob("*.yaml"):
            if path.stem in files:
                raise UserError(
                    f"{path}: {path.stem!r} stands twice, here and in {files[path.stem]}; that one wins, since it is "
                    "serflow's own and results bear its name: rename this file"
                )
            files[path.stem] = path
    return dict(sorted(files.items()))


def shared(name: str, *, root: str | Path, parts: tuple[str, ...] = ()) -> dict[str, Any]:
    """What papers share, such as `workflow/features.yaml`: the shipped mapping, and in it what a user's folder adds.

    Parameters
    ----------
    name : file of ``workflow``.
    root : as of `declared`.
    parts : keys whose mappings are joined; without any, the file's own one is.

    Raises
    ------
    UserError
        If a key stands twice, or a user's file is no mapping of mappings.
    """
    shipped_at, *added = layers(root)
    content = read_yaml(shipped_at / "workflow" / name)
    for layer in added:
        if (path := layer / "workflow" / name).is_file():
            content = _joined(content, read_yaml(path), path, parts)
    return content


def layers(root: str | Path) -> list[Path]:
    """The folders that YAML is read from, what is shipped first: a checkout alone, or ours and then a user's."""
    root = Path(root)
    if (root / WHOLE).is_dir():
        return [root]
    return [ROOT, root]


def _joined(shipped: dict, own: Any, path: Path, parts: tuple[str, ...]) -> dict:
    """A shipped mapping with the keys of a user's file."""
    if not isinstance(own, dict):
        raise UserError(f"{path}: expected a mapping of names to what they are")
    if parts:
        unknown = own.keys() - set(parts)
        if unknown:
            raise UserError(f"{path}: unknown key {min(map(str, unknown))!r}; expected {', '.join(parts)}")
        return shipped | {part: _joined(shipped[part], own[part], path, ()) for part in parts if part in own}
    twice = sorted(map(str, shipped.keys() & own.keys()))
    if twice:
        first = ROOT / "workflow" / path.name
        raise UserError(
            f"{path}: {twice[0]!r} stands twice, here and in {first}; that one wins, since it is serflow's own and "
            "results bear its name: choose another name here"
        )
    return shipped | own
