"""Version of the package, of a checkout with its commit, as the report's first page states them."""

import subprocess
import tomllib
from importlib.metadata import version as installed
from pathlib import Path

from serflow import shipped

__all__ = ["checkout_version"]


def checkout_version(root: str | Path = shipped.ROOT) -> str:
    """The version in pyproject.toml and, in brackets, what git calls the commit, "-dirty" where files have changed.

    Of an installed package, its version alone.
    """
    if root == shipped.ROOT and not (shipped.ROOT / "pyproject.toml").is_file():
        return installed("serflow")
    with open(Path(root) / "pyproject.toml", "rb") as file:
        version = tomllib.load(file)["project"]["version"]
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        git = subprocess.run(command, cwd=root, capture_output=True, text=True)
    except OSError:  # no git here
        return version
    return f"{version} ({git.stdout.strip()})" if git.returncode == 0 else version
