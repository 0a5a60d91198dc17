"""Checkpoints: one an epoch, named by the digest of all that decides the run, gone when the run is done.

Torch is loaded where a checkpoint is written or read, by learners that have loaded it already; the others start more
than a second faster without it.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from safetensors import safe_open

from serflow.errors import MAKE, UserError
from serflow.files import atomic_path, file_digest, put_aside
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


class _DamagedError(Exception):
    """Why a checkpoint is not what was written."""


class Checkpoint:
    """The state of one run after its last whole epoch: learner, record, and the models of the best epochs.

    `folder` is named by the run's digest, so that a run never meets the checkpoint of another spec, data or code. The
    state holds the SHA-256 of itself and of the models' files. What differs from it is put aside, never gone on from.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.file = folder / "state.safetensors"
        self._models: dict[str, dict[str, str]] = {}  # epoch -> file -> SHA-256

    def _model(self, epoch: int | str) -> Path:
        """Folder of the model after an epoch that is the best so far of some fold."""
        return self.folder / f"epoch{epoch}"

    def save_model(self, learner: Any, epoch: int) -> None:
        """Keep the learner as it is after an epoch, whole or not at all."""
        with atomic_path(self._model(epoch)) as temporary:
            temporary.mkdir()
            learner.save(temporary)
        self._models[str(epoch)] = _digests(self._model(epoch))

    def forget_models(self, but: Iterable[int]) -> None:
        """Delete the models of epochs that are the best of no fold any more."""
        kept = {self._model(epoch) for epoch in but}
        for folder in self.folder.glob("epoch*"):
            if folder not in kept:
                shutil.rmtree(folder)
        self._models = {epoch: files for epoch, files in self._models.items() if self._model(epoch) in kept}

    def copy_model(self, epoch: int, place: Path) -> None:
        """Copy the model after an epoch to `place`.

        Raises
        ------
        UserError
            If it is not the one that was kept; the checkpoint is put aside, so that the next job begins anew.
        """
        shutil.copytree(self._model(epoch), place)
        if _digests(place) != self._models[str(epoch)]:
            raise UserError(
                f"{self._model(epoch)}: these weights changed on the disk after they were written; put aside as "
                f"{put_aside(self.folder)}: {MAKE}, and the training begins anew"
            )

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
            "models": {str(epoch): self._models[str(epoch)] for epoch in record.best.values() if self._models},
        }
        text = json.dumps(kept)
        with atomic_path(self.file) as temporary:
            save_file(tensors, temporary, metadata={"state": text, "sha256": _digest(text, tensors)})

    def resume(self, learner: Resumable, record: TrainingRecord) -> int:
        """Restore learner and record where a checkpoint is there; the epochs that are done (0: none).

        One that cannot be read, or is not what was written, is said and renamed: the run begins anew.

        Raises
        ------
        UserError
            If the checkpoint is of another format.
        """
        if not self.file.exists():
            return 0
        try:
            kept, tensors = self._read()
        except _DamagedError as damage:
            print(f"{self.file}: {damage}; put aside as {put_aside(self.folder)}", file=sys.stderr)
            return 0
        self._models = kept["models"]
        for part in record.probabilities:
            if f"record.{part}" in tensors:
                record.probabilities[part] = list(tensors.pop(f"record.{part}").numpy())
        record.history, record.scored, record.best = kept["history"], kept["scored"], kept["best"]
        learner.restore({name.removeprefix("learner."): value for name, value in tensors.items()}, kept["learner"])
        return len(record.history)

    def _read(self) -> tuple[dict[str, Any], dict[str, "Tensor"]]:
        """State and tensors, where they and the models' files are what was written."""
        try:
            with safe_open(self.file, framework="pt") as file:
                text, recorded = file.metadata()["state"], file.metadata().get("sha256")
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
            kept = json.loads(text)
        except Exception as error:  # of whatever kind: a torn file may be anything
            raise _DamagedError(f"this checkpoint cannot be read ({type(error).__name__}: {error})") from error
        whole = recorded == _digest(text, tensors)
        if recorded is None or whole:
            check_format(self.file, kept, CHECKPOINT)
        if not whole:
            raise _DamagedError("this checkpoint is not what was written (its SHA-256 differs)")
        for epoch, files in kept["models"].items():
            if _digests(self._model(epoch)) != files:
                raise _DamagedError(f"the weights of epoch {epoch} beside this checkpoint are not what was written")
        return kept, tensors

    def remove(self) -> None:
        """Forget the run; it is done."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _digest(text: str, tensors: Mapping[str, "Tensor"]) -> str:
    """SHA-256 over a state in words and its tensors: names, types, shapes and bytes."""
    import torch

    found = hashlib.sha256(text.encode())
    for name, value in sorted(tensors.items()):
        found.update(f"\n{name}\t{value.dtype}\t{tuple(value.shape)}\n".encode())
        found.update(value.contiguous().reshape(-1).view(torch.uint8).numpy())
    return found.hexdigest()


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder, by its name relative to it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}
