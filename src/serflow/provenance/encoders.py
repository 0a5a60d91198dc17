"""The trained network that something starts from or shows: which of a run's folders it stands in."""

from pathlib import Path

from serflow.files import digest, read_json
from serflow.provenance.run_record import check_written

__all__ = ["encoder_digest", "intact_network", "network_folder"]


def network_folder(run: Path, weights: str, fold: str) -> Path:
    """Folder of a training's network (the training by its run.json).

    `weights`: "best", of the epoch that the validation part of `fold` ("speaker/fold2") chose where it has one, or
    "last".
    """
    epochs = read_json(run.parent / "model/epochs.json")
    best = epochs["best"].get(fold, epochs["last"])
    return run.parent / "model" / ("last" if weights == "last" or best == epochs["last"] else f"epoch{best}")


def intact_network(run: Path, weights: str, fold: str) -> Path:
    """That folder, once its files are seen to be those that the run wrote.

    Raises
    ------
    UserError
        If one is not.
    """
    folder = network_folder(run, weights, fold)
    check_written(run.parent, read_json(run), under=folder.relative_to(run.parent).as_posix())
    return folder


def encoder_digest(run: Path, weights: str, fold: str) -> str:
    """Digest of that network's files, as its run.json records them."""
    under = network_folder(run, weights, fold).relative_to(run.parent).as_posix() + "/"
    return digest({name: sha for name, sha in read_json(run)["outputs"].items() if name.startswith(under)})
