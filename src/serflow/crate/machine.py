"""What of the machine that makes a crate must not stand in it: its name, its user, and its folders."""

import getpass
import os
import re
from collections.abc import Iterable
from pathlib import Path

from serflow.plan.workflow import Workflow

__all__ = ["Machine"]

SHORT = 4  # a name of fewer letters may be any word
ORDINARY = {"localhost", "root", "user"}  # names that say nothing and are words besides


class Machine:
    """Finds its own traces in bytes."""

    def __init__(self, workflow: Workflow):
        folders = {Path.cwd(), Path.home(), *_named(workflow)}
        wanted = {str(folder) for folder in folders if len(folder.parts) > 1}
        names = {os.uname().nodename, os.uname().nodename.split(".")[0], _user()}
        words = {name for name in names if len(name) >= SHORT and name not in ORDINARY}
        patterns = [rf"{re.escape(folder)}(?![\w-])" for folder in sorted(wanted)]
        patterns += [rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in sorted(words, reverse=True)]
        self._pattern = re.compile("|".join(patterns).encode()) if patterns else None

    def trace(self, data: bytes) -> str | None:
        """The first thing in `data` that tells the machine, its user or a folder; None where nothing does."""
        found = self._pattern.search(data) if self._pattern else None
        return found and found.group().decode(errors="replace")


def _named(workflow: Workflow) -> Iterable[Path]:
    """Folders and files that the configuration names."""
    config = workflow.config
    named = [config["release"], *(config.get("releases") or {}).values(), *config["lexical"].values()]
    paths = (Path(name).expanduser() for name in named if name)
    return [path for path in paths if path.is_absolute()]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id without a name
        return ""
