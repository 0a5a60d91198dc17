"""Paths as tables write them, and as the manifest has them: relative to the release."""

import os
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

DRIVE = re.compile(r"[A-Za-z]:[\\/]")  # of Windows


def roots(release: Path) -> set[str]:
    """The absolute names of a release."""
    return {os.path.abspath(release), os.path.realpath(release)}


def inside(text: str, folder: str, roots: Iterable[str]) -> str | None:
    """A path as the manifest has it, relative to the release (its absolute names: `roots`); None where it leaves it.

    `folder` is what a relative path is relative to, itself within the release.
    """
    if DRIVE.match(text):
        return None
    path = posixpath.normpath(posixpath.join(folder, text.replace("\\", "/")))
    for root in roots:
        if path.startswith(f"{root}/"):
            path = path[len(root) + 1 :]
    return None if path.startswith(("/", "../")) or path in (".", "..") else path


def folder_of_paths(table: str, roots: Iterable[str]) -> str:
    """What a table's relative paths are relative to, within the release: its folder; "" where it lies elsewhere."""
    return posixpath.dirname(inside(table, "", roots) or "")
