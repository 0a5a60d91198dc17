"""Checkpoints: one an epoch, named by the digest of all that decides the run, gone when the run is done.

Torch is loaded where a checkpoint is written or read, by learners that have loaded it already; the others start more
than a second faster without it.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from safetensors import safe_open

from serflow.files import atomic_path
from serflow.formats import CHECKPOINT, check_format
from serflow.jobs.record import TrainingRecord

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Checkpoint", "Resumable"]


@runtime_checkable
class Resumable(Protocol):
    """A learner that trains in epochs and can go on from where it was."""

    def state(self) -> tuple[dict[str, "Tensor"], dict[str, Any]]:
        """Tensors and values that `restore` needs."""

    def restore(self, tensors: dict[str, "Tensor"], state: dict[str, Any]) -> None:
        """Go on from `state()`."""


class Checkpoint:
    """The state of one run after its last whole epoch: learner, record, and the models of the best epochs.

    `folder` is named by the run's digest, so that a run never meets the checkpoint of another spec, data or code.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.file = folder / "state.safetensors"

    def model(self, epoch: int) -> Path:
        """Folder of the model after an epoch that is the best so far of some fold."""
        return self.folder / f"epoch{epoch}"

    def forget_models(self, but: Iterable[int]) -> None:
        """Delete the models of epochs that are the best of no fold any more."""
        kept = {self.model(epoch) for epoch in but}
        for folder in self.folder.glob("epoch*"):
            if folder not in kept:
                shutil.rmtree(folder)

    def save(self, learner: Resumable, record: TrainingRecord) -> None:
        """Write the state after an epoch, atomically."""
        import torch
        from safetensors.torch import save_file

        tensors, state = learner.state()
        tensors = {f"learner.{name}": value for name, value in tensors.items()}
        for part, blocks in record.probabilities.items():
            if blocks:
                tensors[f"record.{part}"] = torch.from_numpy(np.stack(blocks))
        kept = {
            "format": CHECKPOINT.number,
            "learner": state,
            "history": record.history,
            "scored": record.scored,
            "best": record.best,
        }
        with atomic_path(self.file) as temporary:
            save_file(tensors, temporary, metadata={"state": json.dumps(kept)})

    def resume(self, learner: Resumable, record: TrainingRecord) -> int:
        """Restore learner and record where a checkpoint is there; the epochs that are done (0: none).

        Raises
        ------
        UserError
            If the checkpoint is of another format.
        """
        if not self.file.exists():
            return 0
        with safe_open(self.file, framework="pt") as file:
            kept = json.loads(file.metadata()["state"])
            check_format(self.file, kept, CHECKPOINT)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        for part in record.probabilities:
            if f"record.{part}" in tensors:
                record.probabilities[part] = list(tensors.pop(f"record.{part}").numpy())
        record.history, record.scored, record.best = kept["history"], kept["scored"], kept["best"]
        learner.restore({name.removeprefix("learner."): value for name, value in tensors.items()}, kept["learner"])
        return len(record.history)

    def remove(self) -> None:
        """Forget the run; it is done."""
        shutil.rmtree(self.folder, ignore_errors=True)
