"""A trained learner out of a run's folder, whatever its kind."""

from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from serflow.errors import UserError, remade
from serflow.files import read_json
from serflow.registry import LEARNERS

__all__ = ["kept_epochs", "load_learner"]


def kept_epochs(run: Path) -> dict[str, int]:
    """Folders of `model/` that hold weights ("last", "epoch7") and the epoch of each.

    An epoch that some fold's validation chose has a folder, unless it is the last one.

    Raises
    ------
    UserError
        If the run's folder has no model/epochs.json.
    """
    said = read_json(run / "model/epochs.json")
    if not said["kept"]:
        return {}
    chosen = sorted(set(said["best"].values()) - {said["last"]})
    return {"last": said["last"]} | {f"epoch{epoch}": epoch for epoch in chosen}


def load_learner(folder: Path, *, device: str) -> Any:
    """The learner that `save` wrote into `folder`; its model.json names the kind.

    Raises
    ------
    UserError
        If a file is missing or does not fit the others.
    """
    described = read_json(folder / "model.json")
    again = remade(folder.parents[1])  # the run, of whose epochs this is one
    name = str(described.get("spec", {}).get("learner"))
    learner = LEARNERS.load(name, where=f"{folder / 'model.json'}: {again}: ")
    try:
        return learner.load(folder, device=device)
    except FileNotFoundError as error:
        raise UserError(f"{error.filename or folder}: this file is missing; {again}") from None
    except (SafetensorError, KeyError, RuntimeError, ValueError) as error:
        first = str(error).strip().splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{folder}: the weights cannot be loaded ({first}); {again}") from error
