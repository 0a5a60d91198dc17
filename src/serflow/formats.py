"""Formats of what outlasts an upgrade: run.json, store.json and checkpoints say which one they are written in.

A file that says none is of format 1: such files were written before there was a second one to tell it from. A change
that present code cannot read, or would read as something else, counts the number up.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from serflow.errors import UserError, remade

__all__ = ["CHECKPOINT", "RUN", "STORE", "Format", "check_format"]


class Format(NamedTuple):
    """A kind of file, the format that this version writes and reads, and what is lost with a file of another one."""

    what: str
    number: int
    again: str


RUN = Format("a run", 1, "the run is trained again, and what was scored from it is scored again")
STORE = Format("a feature store", 1, "its features are extracted again, and runs are trained again where those differ")
CHECKPOINT = Format("a checkpoint", 1, "the training begins again at its first epoch")


def check_format(path: str | Path, content: Mapping[str, Any], expected: Format) -> None:
    """Refuse a file that another version of serflow wrote in a format that this one does not read.

    Parameters
    ----------
    path : what is named in the error, and with its folder deleted.
    content : what the file holds.
    expected : of this kind of file.

    Raises
    ------
    UserError
        If it is of another format: which, whether a newer or an older serflow wrote it, and what is made again.
    """
    found = content.get("format", 1) if isinstance(content, Mapping) else 1  # what else it may be, its reader refuses
    if found == expected.number and type(found) is int:
        return
    if type(found) is not int or found < 1:
        said, other = f"format {found!r}, which is no whole number from 1 on", "the file is mangled"
    elif found > expected.number:
        said, other = f"format {found}", "a newer serflow wrote it: install that one to go on with it"
    else:
        said, other = f"format {found}", "an older serflow wrote it: install that one to go on with it"
    raise UserError(
        f"{path}: {expected.what} of {said}; this serflow reads format {expected.number}; {other}, or "
        f"{remade(Path(path).parent)}: {expected.again}"
    )
