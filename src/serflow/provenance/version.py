"""Version and commit of a checkout, as the report's first page states them."""

import subprocess
import tomllib
from pathlib import Path

__all__ = ["checkout_version"]


def checkout_version(root: str | Path = ".") -> str:
    """The version in pyproject.toml and, in brackets, what git calls the commit, "-dirty" where files have changed."""
    with open(Path(root) / "pyproject.toml", "rb") as file:
        version = tomllib.load(file)["project"]["version"]
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        git = subprocess.run(command, cwd=root, capture_output=True, text=True)
    except OSError:  # no git here
        return version
    return f"{version} ({git.stdout.strip()})" if git.returncode == 0 else version
