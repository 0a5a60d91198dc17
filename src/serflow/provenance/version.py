"""What a report is made by, as its first page states it: version, commit, digest of the source."""

import subprocess
import tomllib
from importlib.metadata import version as installed
from pathlib import Path

from serflow import paths, shipped
from serflow.files import digest, file_digest

__all__ = ["checkout_version", "made_by", "source_digest"]

SOURCES = ("src", "workflow")  # an untracked file in them is a change


def checkout_version(root: str | Path | None = None) -> str:
    """The version in pyproject.toml and, in brackets, what git calls the commit, "-dirty" where files have changed.

    A file under `src` or `workflow` that git does not know is a change. `root`: of the checkout; None: of the one that
    this package is in, or the version alone where it is installed.
    """
    if root is None and not (shipped.ROOT / "pyproject.toml").is_file():
        return installed("serflow")
    root = shipped.ROOT if root is None else root
    with open(Path(root) / "pyproject.toml", "rb") as file:
        version = tomllib.load(file)["project"]["version"]
    commit = _git(root, "describe", "--always", "--dirty", "--exclude=*")
    if not commit:
        return version
    unknown = _git(root, "ls-files", "--others", "--exclude-standard", "--", *SOURCES)
    return f"{version} ({commit}{'-dirty' if unknown and not commit.endswith('-dirty') else ''})"


def _git(root: str | Path, *words: str) -> str:
    """What git says; nothing where it is not there, or knows no such repository."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def source_digest(root: str | Path = ".") -> str:
    """SHA-256 over names and contents of package, of what is shipped, and of a user's own `workflow` and modules."""
    package = Path(__file__).resolve().parents[1]
    files = {f"serflow/{path.relative_to(package).as_posix()}": path for path in package.rglob("*.py")}
    for folder in dict.fromkeys([Path(shipped.ROOT).resolve(), Path(root).resolve()]):
        templates = (paths.TEMPLATE, paths.FINDINGS_TEMPLATE, paths.WEB_TEMPLATE)
        own = [path for kind in ("models", "extractors") for path in folder.glob(f"{kind}/*.py")]
        found = [*folder.glob("workflow/**/*"), folder / "Snakefile", *(folder / name for name in templates), *own]
        files |= {path.relative_to(folder).as_posix(): path for path in found if path.is_file()}
    return digest({name: file_digest(path) for name, path in files.items()})


def made_by(root: str | Path = ".") -> dict[str, str]:
    """`version`, with the commit, and the digest of the `source`."""
    return {"version": checkout_version(), "source": source_digest(root)}
