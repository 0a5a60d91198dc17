"""A trained learner out of a run's folder, whatever its kind."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from serflow.bounded import require_file
from serflow.errors import UserError, remade
from serflow.files import read_json
from serflow.registry import LEARNERS
from serflow.validation import Count, Strict, validate

__all__ = ["kept_epochs", "load_learner", "read_epochs"]

LARGEST = 1 << 40  # bytes of a file of weights


class _Epochs(Strict):
    """model/epochs.json."""

    last: Annotated[Count, Field(description="the last epoch")]
    best: Annotated[dict[str, Count], Field(description="fold -> the best epoch on its validation part")]
    kept: Annotated[bool, Field(description="whether there are weights")]


def read_epochs(run: Path) -> dict[str, Any]:
    """What model/epochs.json of a run's folder says: `last`, `best` of each fold with a validation part, `kept`.

    Raises
    ------
    UserError
        If there is none, or it says something else.
    """
    path = run / "model/epochs.json"
    said = read_json(path)
    validate(said, _Epochs, where=f"{path}: {remade(run)}")
    return said


def kept_epochs(run: Path) -> dict[str, int]:
    """Folders of `model/` that hold weights ("last", "epoch7") and the epoch of each.

    An epoch that some fold's validation chose has a folder, unless it is the last one.

    Raises
    ------
    UserError
        As of `read_epochs`.
    """
    said = read_epochs(run)
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
    spec = described.get("spec") if isinstance(described, dict) else None
    name = spec.get("learner") if isinstance(spec, dict) else None
    learner = LEARNERS.load(name, where=f"{folder / 'model.json'}: {again}: ")
    try:
        for path in folder.rglob("*"):  # a pipe would be waited for without end
            if not path.is_dir():
                require_file(path, most=LARGEST, what="a file of a network's weights")
        return learner.load(folder, device=device)
    except UserError:
        raise
    except FileNotFoundError as error:
        raise UserError(f"{error.filename or folder}: this file is missing; {again}") from None
    except Exception as error:  # whatever a library says of weights and sizes that are not those of a run
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(f"{folder}: the weights cannot be loaded ({first}); {again}") from error
