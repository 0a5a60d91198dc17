"""The trained network that a run starts from: of another system, on the same fold with the same seed."""

from pathlib import Path

from serflow.files import digest, read_json

__all__ = ["encoder_digest", "encoder_folder"]


def encoder_folder(run: Path, weights: str) -> Path:
    """Folder of a run's network (the run by its run.json) that another run starts from.

    `weights`: "best", of the best epoch on validation where the run keeps one, or "last".
    """
    best = run.parent / "model/best"
    return best if weights == "best" and best.is_dir() else run.parent / "model/last"


def encoder_digest(run: Path, weights: str) -> str:
    """Digest of that network's files, as its run.json records them."""
    under = encoder_folder(run, weights).relative_to(run.parent).as_posix() + "/"
    return digest({name: sha for name, sha in read_json(run)["outputs"].items() if name.startswith(under)})
